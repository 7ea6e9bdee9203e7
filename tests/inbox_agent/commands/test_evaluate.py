"""`inbox-agent evaluate`: labelled files in; table, JSON and page out; the chain never sees the labels."""

import json
from pathlib import Path

import pytest
from factories.labelled import a_file, a_line, records
from typer.testing import CliRunner, Result

from classifiers.corpus import Split
from classifiers.evaluation.run import known_in, read_by_chain, training_records, unseen_samples, warnings_about
from extractors import registry as extractors
from inbox_agent import cli
from inbox_agent.domain.errors import CorpusError, ModelError
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Tone
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, IntentScore

SIGNED = "De factuur wordt vrijdag betaald.\n\nMet vriendelijke groet,\nJan de Boer"


def run(*arguments: object) -> Result:
    return CliRunner().invoke(cli.app, ["evaluate", *map(str, arguments)])


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A corpus whose file `de` is training mail: two of each of three kinds."""
    lines = []
    for _ in range(3):
        lines += [
            a_line("Wij betalen de factuur vrijdag."),
            a_line("De factuur klopt niet, te duur.", ["dispute"], requires_reply=True),
            a_line("Dank u wel.", ["acknowledgement"]),
        ]
    a_file(tmp_path / "corpus" / "de.jsonl", lines)
    return tmp_path / "corpus"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Two mails that are not in that corpus; the second is read wrongly."""
    return a_file(
        tmp_path / "mails.jsonl",
        [a_line(SIGNED, reply_text=SIGNED.splitlines()[0]), a_line("Dank, genoteerd.\x1b[2J", ["other_query"])],
    )


def test_json(file: Path, folder: Path) -> None:
    pytest.importorskip("sklearn", reason="scikit-learn comes with the train extra")
    result = run(file, "--classifier", "phrases", "--json", "--corpus", folder)
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["mails"], found["files"]) == (2, [str(file)])
    assert found["warnings"] == []
    assert [(one["name"], one["baseline"]) for one in found["readers"]] == [
        ("phrases", False),
        ("tf-idf", True),
        ("majority", True),
    ]
    scores = found["readers"][0]["scores"]
    assert scores["exact"]["value"] == 0.5
    assert scores["reply_text"]["value"] == 1.0
    facts, told = found["readers"][0]["facts"], found["readers"][0]["facts_told"]
    assert facts["text"] == {"value": 1.0, "low": 1.0, "high": 1.0, "count": 7}
    assert facts["invoice_numbers"]["value"] is None
    assert set(told) == set(facts)
    assert found["readers"][1]["facts"] == {}
    assert found["readers"][0]["worst"][0]["gold"] == ["other_query"]
    assert found["readers"][1]["version"] == "9 mails"


def test_table(file: Path, folder: Path) -> None:
    result = run(file, "--corpus", folder)
    assert result.exit_code == 0, result.output
    for words in (
        "2 mails of",
        "micro-F1",
        "promise_to_pay",
        "majority",
        "said other_query; read acknowledgement",
        "intents told",
    ):
        assert words in result.stdout
    assert "\x1b" not in result.stdout
    assert "genoteerd.�[2J" in result.stdout


def test_report(file: Path, folder: Path, tmp_path: Path) -> None:
    result = run(file, "--corpus", folder, "--report", tmp_path / "report")
    assert result.exit_code == 0, result.output
    assert "The report is in" in result.stderr
    assert "<svg" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert json.loads((tmp_path / "report" / "metrics.json").read_text())["mails"] == 2


def test_mails_that_were_learned_from_do_not_go_unnoticed(folder: Path) -> None:
    """Here all of them: nothing is left for the baselines, which is said too."""
    result = run(folder / "de.jsonl", "--corpus", folder, "--json")
    warnings = json.loads(result.stdout)["warnings"]
    assert warnings[0].startswith("9 of the 9 mails are in the corpus' train split")
    assert "The baseline tf-idf was not measured. There is no training mail left" in warnings[1]
    assert [reader["name"] for reader in json.loads(result.stdout)["readers"]] == ["fine-tuned", "phrases"]


def test_without_a_corpus(file: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    result = run(file, "--corpus", tmp_path / "empty", "--json")
    assert "is not known. There are no corpus files" in json.loads(result.stdout)["warnings"][0]


def test_what_cannot_be_done_is_said(file: Path, folder: Path, tmp_path: Path) -> None:
    assert isinstance(run(tmp_path / "missing.jsonl").exception, CorpusError)
    assert "no labelled mail" in str(run(folder / "de.jsonl", "--split", "test", "--corpus", folder).exception)
    unknown = run(file, "--classifier", "tea-leaves", "--corpus", folder).exception
    assert isinstance(unknown, ModelError)
    assert "tea-leaves" in str(unknown)


def test_split(folder: Path) -> None:
    result = run(folder / "de.jsonl", "--split", "train", "--corpus", folder, "--json")
    assert json.loads(result.stdout)["mails"] == 9
    assert json.loads(result.stdout)["split"] == "train"


def test_a_mail_is_known_whatever_its_labels_and_layout(tmp_path: Path) -> None:
    line = a_line("Wij betalen vrijdag.", subject="Factuur 1")
    labelled = records(tmp_path / "de.jsonl", [line, a_line()])
    again = records(
        tmp_path / "other.jsonl",
        [a_line("wij  betalen\nvrijdag.", ["dispute"], subject="Factuur 1"), a_line("Iets anders.")],
    )
    assert known_in(labelled, again) == {Split.TRAIN: 1}
    assert warnings_about({Split.TRAIN: 1, Split.DEV: 2, Split.TEST: 3}, 6)[1].startswith("2 of the 6 mails")
    assert training_records(labelled, again) == labelled[1:]


def test_baselines_do_not_learn_from_the_conversation_of_an_evaluated_mail(tmp_path: Path) -> None:
    labelled = records(tmp_path / "de.jsonl", [a_line("Een.", subject="Re: Factuur 9"), a_line("Twee.")])
    evaluated = records(tmp_path / "x.jsonl", [a_line("Drie.", subject="AW: factuur 9")])
    assert training_records(labelled, evaluated) == labelled[1:]


class Fixed:
    """Reads a dispute in every mail and notes what it was shown."""

    version = "fixed"

    def __init__(self) -> None:
        self.shown: list[tuple[Mail, MailText]] = []

    def classify(self, mail: Mail, text: MailText) -> Classification:
        self.shown.append((mail, text))
        return Classification((IntentScore(Intent.DISPUTE, 0.9),), Tone.ANGRY, True, 0.9, self.version)


def test_the_chain_reads_without_the_labels(tmp_path: Path) -> None:
    """Reasons are those of the acts where the classifier reads none."""
    mails = records(tmp_path / "x.jsonl", [a_line("Factuur 12 is dubbel in rekening gebracht.", reply_text="GOLD")])
    texts = [extractors.load_reader().read(mails[0].mail)]
    fixed = Fixed()
    (reading,) = read_by_chain(mails, texts, fixed, extractors.load_extractor()).readings
    assert reading.intents == {Intent.DISPUTE}
    assert reading.reasons == {DisputeReason.DUPLICATE}
    assert reading.reply_text == mails[0].mail.text
    assert fixed.shown == [(mails[0].mail, texts[0])]
    (sample,) = unseen_samples(mails, texts)
    assert sample.text == mails[0].mail.text
    assert (sample.intents, sample.reasons, sample.spans) == (frozenset(), frozenset(), ())
