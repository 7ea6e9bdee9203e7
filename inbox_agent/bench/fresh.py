"""What `bench classify` measures in a process of its own: `python -m inbox_agent.bench.fresh JOB` prints one JSON line.

Two tasks: `read` times one contestant; `work` loads the worker's steps with it and triages mails, for start and memory.
"""

import json
import re
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import partial
from importlib.abc import MetaPathFinder
from itertools import cycle, islice
from pathlib import Path
from typing import Any

TOKENS = 128
BATCH = 64
_WARM_UP = 10


class Contestant(StrEnum):
    """One way to read mail."""

    FINE_TUNED = "fine-tuned"
    PHRASES = "phrases"
    TF_IDF = "tf-idf"
    TRANSFORMERS = "transformers"


class Task(StrEnum):
    """What a process does."""

    READ = "read"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class Job:
    """`contestant` and `source` as for `contestants.load`; `count`: single readings to time, or mails to triage.

    `passes`: how often a batch is read, after once that is not counted. `without_torch`: as where torch is not installed.
    """

    task: Task
    contestant: Contestant
    source: str
    count: int
    passes: int = 0
    without_torch: bool = False

    def as_json(self) -> str:
        """For the command line."""
        return json.dumps(asdict(self))

    @classmethod
    def of_json(cls, line: str) -> "Job":
        """From the command line."""
        row = json.loads(line)
        return cls(**{**row, "task": Task(row["task"]), "contestant": Contestant(row["contestant"])})


def main() -> None:
    """Does the job in the first argument. A contestant that cannot be loaded is answered with `problem`, a sentence."""
    from inbox_agent.domain.errors import InboxAgentError

    job = Job.of_json(sys.argv[1])
    if job.without_torch:
        sys.meta_path.insert(0, _NoTorch())
    try:
        found = read(job) if job.task is Task.READ else work(job)
    except InboxAgentError as error:
        found = {"problem": error.sentence}
    except ImportError as error:
        install = "pip install -c .ci/constraints.txt -e '.[train]'"
        found = {"problem": f"The package {error.name or error} is not installed. Run: {install}"}
    print(json.dumps(found))


def read(job: Job) -> dict[str, Any]:
    """Milliseconds of one mail (median), and mails a second of batches: of fitted mails, and of mails as they came."""
    from tokenizers import Tokenizer

    from classifiers.encoder import base
    from extractors import registry as extractors
    from inbox_agent.bench import sample_mails
    from inbox_agent.bench.contestants import load

    classifier, _ = load(job.contestant, job.source)
    records = sample_mails.records()
    tokenizer = Tokenizer.from_file(str(base.folder() / "tokenizer.json"))
    fitted = sample_mails.fitted(tokenizer, records, TOKENS)
    reader = extractors.load_reader()
    came = [(record.mail, reader.read(record.mail)) for record in islice(cycle(records), BATCH)]
    for mail, text in islice(cycle(fitted), _WARM_UP):
        classifier.classify(mail, text)
    singles = [_seconds(partial(classifier.classify, *one)) for one in islice(cycle(fitted), job.count)]
    return {
        "version": classifier.version,
        "mail_ms": 1000 * statistics.median(singles),
        "batch_rate": _rate(classifier.classify_all, list(islice(cycle(fitted), BATCH)), job.passes),
        "came_rate": _rate(classifier.classify_all, came, job.passes),
    }


def work(job: Job) -> dict[str, Any]:
    """When (`time.monotonic`, one clock for all processes) the first mail was triaged, the load alone, and peak memory."""
    from inbox_agent import bootstrap, settings
    from inbox_agent.bench import sample_mails
    from inbox_agent.bench.contestants import load
    from inbox_agent.domain.ledger import Ledger
    from inbox_agent.domain.mail import Address, Mail

    classifier, seconds = load(job.contestant, job.source)
    triager = bootstrap.triager(settings.load(), classifier)
    now = datetime.now(UTC)
    first = Mail(now, now.date(), Address("check@localhost"), text="De factuur wordt vrijdag betaald.")
    triager.triage(first, Ledger())
    ready_at = time.monotonic()
    for record in islice(cycle(sample_mails.records()), job.count):
        triager.triage(record.mail, record.ledger)
    return {"ready_at": ready_at, "load_s": seconds, "peak_mb": peak_megabytes()}


class _NoTorch(MetaPathFinder):
    """Finds no torch. spaCy loads it wherever it finds it, and needs it for nothing that is done here."""

    def find_spec(self, fullname: str, path: object = None, target: object = None) -> None:
        if fullname == "torch":
            raise ModuleNotFoundError("No module named 'torch'", name=fullname)


def peak_megabytes() -> float:
    """The most memory that this process had.

    From /proc where there is one: `getrusage` counts the memory of the process that started this one as well.
    """
    status = Path("/proc/self/status")
    found = re.search(r"VmHWM:\s+(\d+) kB", status.read_text()) if status.is_file() else None
    if found:
        return int(found.group(1)) / 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 1024**2


def _seconds(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return time.perf_counter() - began


def _rate(read_all: Callable[[Sequence[Any]], object], mails: Sequence[Any], passes: int) -> float:
    read_all(mails)
    return len(mails) / statistics.median(_seconds(partial(read_all, mails)) for _ in range(passes))


if __name__ == "__main__":
    main()
