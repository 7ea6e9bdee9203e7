"""Drawing mail to label again, and measuring how far two labellings agree."""

import json
from collections import Counter
from pathlib import Path

import pytest
from factories.good_record import good_record

from classifiers import corpus
from classifiers.agreement.blind import blind_id, draw, main, unlabelled
from classifiers.agreement.command import differences, paired, rendered
from classifiers.agreement.command import main as agreement
from classifiers.agreement.measures import compare, kappa, matched
from inbox_agent.domain.errors import CorpusError
from inbox_agent.domain.guide import Gold, read_gold


def gold(**changes: object) -> Gold:
    return read_gold(good_record(**changes))


def test_a_tenth_of_every_file_and_language() -> None:
    records = corpus.shipped()
    chosen = draw(records, 0.1, seed=1)
    assert chosen == draw(records, 0.1, seed=1)
    assert chosen != draw(records, 0.1, seed=2)
    whole = Counter((record.file, record.gold.language) for record in records)
    drawn = Counter((record.file, record.gold.language) for record in chosen)
    assert all(drawn[group] == round(0.1 * mails) for group, mails in whole.items())


def test_a_blind_record_says_nothing_of_its_labels() -> None:
    record = corpus.shipped()[0]
    blind = unlabelled(record)
    assert blind["id"] == blind_id(record.id)
    assert "gold" not in blind
    assert record.file not in json.dumps(blind["id"])
    assert blind["body"] == record.mail.text


def test_the_commands_meet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "blind.jsonl"
    assert main(["--seed", "3", "--share", "0.02", "--out", str(out)]) == 0
    known = {blind_id(record.id): record for record in corpus.shipped()}
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    again = [row | {"gold": known[row["id"]].source["gold"]} for row in rows]
    out.write_text("\n".join(map(json.dumps, again)), encoding="utf-8")
    capsys.readouterr()
    assert agreement([str(out), "--differences"]) == 0
    assert "| exact set of intents | 1.00 |" in capsys.readouterr().out
    with pytest.raises(CorpusError, match="at most 1"):
        main(["--share", "2", "--out", str(out)])


def test_a_record_that_is_not_in_the_corpus(tmp_path: Path) -> None:
    path = tmp_path / "again.jsonl"
    path.write_text(json.dumps(good_record(id="nobody-1")), encoding="utf-8")
    with pytest.raises(CorpusError, match="nobody-1"):
        agreement([str(path)])


def test_kappa() -> None:
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert kappa(pairs) == pytest.approx(0.4)  # the textbook example
    assert kappa([(True, True)]) is None
    assert kappa([]) is None


def test_acts_are_paired_by_their_invoices() -> None:
    def act(intent: str, *invoices: str) -> dict[str, object]:
        return {"intent": intent, "invoices": list(invoices), "evidence": "betaald"}

    first = gold(acts=[act("promise_to_pay", "A"), act("promise_to_pay", "B"), act("bank_details")])
    second = gold(acts=[act("promise_to_pay", "B"), act("promise_to_pay", "C")])
    pairs = [(one.invoices, other.invoices) for one, other in matched(first, second)]
    assert pairs == [(("B",), ("B",)), (("A",), ("C",))]


def test_what_is_compared() -> None:
    first, second = gold(), gold(tone="annoyed", intents=["payment_notification", "other_query"], requires_reply=True)
    result = compare([(first, first), (first, second)])
    assert (result.mails, result.exact_set.value, result.jaccard) == (2, 0.5, 0.75)
    assert (result.tone.right, result.reply.right, result.acts.value, result.act_dates.value) == (1, 1, 1.0, 1.0)
    assert result.reasons.of == 0


def test_differences_name_the_mail() -> None:
    records = corpus.shipped()[:1]
    assert list(differences(paired(records, records))) == []
    assert "κ" in "\n".join(rendered(compare([(records[0].gold, records[0].gold)])))
