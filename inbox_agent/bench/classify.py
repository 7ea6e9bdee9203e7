"""Classify bench: each contestant reads the same sample mails in processes of its own, one after the other, on two cores."""

import importlib.util
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from classifiers import corpus, sample
from inbox_agent.bench import sample_mails
from inbox_agent.bench.contestants import keep
from inbox_agent.bench.fresh import BATCH, TOKENS, Contestant, Job, Task
from inbox_agent.domain.errors import InboxAgentError

CORES = 2
YARDSTICK = Contestant.TRANSFORMERS
"""What the others are compared with."""

_GIVE_UP_SECONDS = 900


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure; `limit` must be kept and `aim` is wanted, of the fine-tuned classifier. None: neither."""

    name: str
    title: str
    unit: str
    limit: float | None = None
    aim: float | None = None
    more_is_better: bool = False

    def verdict(self, value: float) -> str:
        """`aim`, `limit` (kept, but not the aim) or `missed`; empty where there is no limit."""
        if self.limit is None or self.aim is None:
            return ""
        sign = -1 if self.more_is_better else 1
        if sign * value <= sign * self.aim:
            return "aim"
        return "limit" if sign * value <= sign * self.limit else "missed"


MEASURES = (
    Measure("mail_ms", f"one mail of {TOKENS} tokens, p50", "ms", 45, 30),
    Measure("batch_rate", f"batch of {BATCH} mails of {TOKENS} tokens", "mails/s", 22, 40, True),
    Measure("came_rate", f"batch of {BATCH} mails as they came", "mails/s", 22, 40, True),
    Measure("peak_mb", "worker's peak memory", "MB", 700, 400),
    Measure("bare_peak_mb", "the same where torch is not installed", "MB", 700, 400),
    Measure("ready_s", "process start to first reading", "s", 6, 3),
    Measure("bare_ready_s", "the same where torch is not installed", "s", 6, 3),
    Measure("load_s", "of that, loading the classifier", "s"),
)


@dataclass(frozen=True, slots=True)
class Result:
    """The figures of one contestant by the names of `MEASURES`, those that could be taken; or why it was not measured."""

    contestant: Contestant
    version: str = ""
    figures: dict[str, float] | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Bench:
    """A bench that is done. `notes` are sentences that a reader of the figures must know."""

    machine: str
    samples: int
    repeats: int
    passes: int
    triaged: int
    starts: int
    results: tuple[Result, ...]
    notes: tuple[str, ...] = ()

    def ratio(self, result: Result, measure: Measure) -> float | None:
        """The figure as a multiple of the yardstick's; None for the yardstick, or where it was not measured."""
        yardstick = next((one.figures for one in self.results if one.contestant is YARDSTICK), None)
        if result.contestant is YARDSTICK or not yardstick or not result.figures:
            return None
        value, other = result.figures.get(measure.name), yardstick.get(measure.name)
        return value / other if value is not None and other else None

    def as_json(self) -> dict[str, Any]:
        """The bench as JSON values."""
        return {
            "machine": self.machine,
            "notes": list(self.notes),
            "mails": {"samples": self.samples, "repeats": self.repeats, "batch": BATCH, "triaged": self.triaged},
            "passes": self.passes,
            "starts": self.starts,
            "measures": [asdict(measure) for measure in MEASURES],
            "yardstick": YARDSTICK.value,
            "results": [self._row(result) for result in self.results],
        }

    def _row(self, result: Result) -> dict[str, Any]:
        row: dict[str, Any] = {"contestant": result.contestant.value, "version": result.version}
        if result.figures is None:
            return {**row, "not_measured": result.problem}
        ratios = {measure.name: self.ratio(result, measure) for measure in MEASURES}
        row |= {"figures": result.figures, "times_yardstick": ratios}
        if result.contestant is Contestant.FINE_TUNED:
            taken = (one for one in MEASURES if one.limit and one.name in result.figures)
            row["verdicts"] = {one.name: one.verdict(result.figures[one.name]) for one in taken}
        return row


def run(
    contestants: Sequence[Contestant],
    model: str,
    corpus_folder: Path = corpus.FOLDER,
    repeats: int = 60,
    passes: int = 5,
    triaged: int = 200,
    starts: int = 3,
    progress: Callable[[str], None] = lambda line: None,
) -> Bench:
    """Measures the contestants. `model` is the fine-tuned classifier's file, or `fine-tuned` for the shipped one.

    TF-IDF learns from the corpus in that folder. Raises `InboxAgentError` when a process stops or hangs.
    """
    samples = len(sample_mails.records())
    busy = _busy()
    results = []
    with tempfile.TemporaryDirectory(prefix="inbox-agent-bench-") as name, _few_cores():
        for contestant in contestants:
            progress(f"{contestant.value} …")
            try:
                source = _source(contestant, model, corpus_folder, Path(name), progress)
                results.append(_measured(contestant, source, repeats, passes, triaged, starts))
            except _NotMeasured as reason:
                results.append(Result(contestant, problem=str(reason)))
        machine = f"{platform.machine()}, {_cores()} cores used, Python {platform.python_version()}"
    return Bench(machine, samples, repeats, passes, triaged, starts, tuple(results), (busy,) if busy else ())


class _NotMeasured(Exception):
    """A contestant cannot be measured here; the sentence says why."""


def _measured(contestant: Contestant, source: str, repeats: int, passes: int, triaged: int, starts: int) -> Result:
    """The reading first: it leaves behind what is made once per model (the graph) and warm files, as on a server."""
    reading, _ = _child(Job(Task.READ, contestant, source, repeats, passes))
    version = reading.pop("version")
    figures = {**reading, **_worker(contestant, source, triaged, starts)}
    if contestant is not YARDSTICK and importlib.util.find_spec("torch"):
        bare = _worker(contestant, source, triaged, starts, without_torch=True)
        figures |= {"bare_peak_mb": bare["peak_mb"], "bare_ready_s": bare["ready_s"]}
    return Result(contestant, version, {name: round(value, 3) for name, value in figures.items()})


def _worker(
    contestant: Contestant, source: str, triaged: int, starts: int, without_torch: bool = False
) -> dict[str, float]:
    """Several starts of a worker's steps; the first of them triages all the mails."""
    jobs = [
        Job(Task.WORK, contestant, source, triaged if n == 0 else 1, without_torch=without_torch) for n in range(starts)
    ]
    found = [_child(job) for job in jobs]
    return {
        "peak_mb": found[0][0]["peak_mb"],
        "ready_s": statistics.median(one["ready_at"] - began for one, began in found),
        "load_s": statistics.median(one["load_s"] for one, _ in found),
    }


def _source(
    contestant: Contestant, model: str, corpus_folder: Path, folder: Path, progress: Callable[[str], None]
) -> str:
    if contestant is Contestant.FINE_TUNED:
        return model
    if contestant is not Contestant.TF_IDF:
        return ""
    from classifiers.baselines import TfIdf
    from classifiers.evaluation.run import training_records

    progress("tf-idf learns from the corpus …")
    kept = folder / "tf-idf"
    try:
        training = training_records(corpus.shipped(corpus_folder), sample_mails.records())
        keep(TfIdf().fit([sample.of(record) for record in training]), kept)
    except InboxAgentError as error:
        raise _NotMeasured(error.sentence) from error
    return str(kept)


def _child(job: Job) -> tuple[dict[str, Any], float]:
    """What a fresh process found, and when it was started (`time.monotonic`)."""
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "TOKENIZERS_PARALLELISM": "false"}
    began = time.monotonic()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "inbox_agent.bench.fresh", job.as_json()],
            env=environment,
            stdout=subprocess.PIPE,
            timeout=_GIVE_UP_SECONDS,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        raise InboxAgentError(
            f"Measuring {job.contestant} stopped (exit code {error.returncode}); the reason is printed above."
        ) from error
    except subprocess.TimeoutExpired as error:
        raise InboxAgentError(
            f"Measuring {job.contestant} took more than {_GIVE_UP_SECONDS} seconds. Try again on a quieter machine."
        ) from error
    found: dict[str, Any] = json.loads(done.stdout)
    if "problem" in found:
        raise _NotMeasured(found["problem"])
    return found, began


@contextmanager
def _few_cores() -> Iterator[None]:
    """This process and those that it starts use two cores, where the system lets them choose."""
    if not hasattr(os, "sched_setaffinity"):
        yield
        return
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, sorted(before)[:CORES])
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _busy() -> str:
    """A sentence when others use the machine."""
    load = os.getloadavg()[0]
    return f"The machine is busy (load {load:.1f}): expect better figures on a quiet one." if load > 0.7 else ""
