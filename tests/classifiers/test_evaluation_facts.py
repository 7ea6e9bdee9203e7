"""Facts are counted as multisets, acts of optional intents for nothing, and figures are what counting by hand gives."""

from datetime import date

import pytest

from classifiers.evaluation.facts import FACTS, Count, counts, figures
from inbox_agent.domain.act import Act, Entity, Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.guide import Gold, GoldAct
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, EntityKind, Intent, Language, Tone
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import Extraction

TEXT = "F-1 betalen we vrijdag,\nF-2 klopt niet."
FRIDAY = date(2026, 11, 27)


def gold(*acts: GoldAct, numbers: tuple[str, ...] = ()) -> Gold:
    intents = tuple({act.intent: None for act in acts}) or (Intent.UNRELATED,)
    return Gold(intents, acts, {EntityKind.INVOICE_NUMBER: numbers}, TEXT, Tone.NEUTRAL, True, Language.NL)


def read(*acts: Act, numbers: tuple[str, ...] = ()) -> Extraction:
    return Extraction(acts, tuple(Entity(EntityKind.INVOICE_NUMBER, Evidence(number, 0, 1)) for number in numbers))


def counted(labels: Gold, extraction: Extraction, text: str = TEXT) -> dict[str, Count]:
    return counts(labels, MailText(text, (TextPart(PartKind.NEW, 0, len(text)),), Language.NL), extraction)


def promise(number: str, day: date | None = FRIDAY, amount: Money | None = None) -> Act:
    links = (InvoiceLink(number, LinkReason.NUMBER, number),)
    return Act(Intent.PROMISE_TO_PAY, Evidence("betalen", 4, 11), links, None, amount, day)


GOLD_PROMISE = GoldAct(Intent.PROMISE_TO_PAY, "betalen", ("F-1",), None, None, FRIDAY)


def test_what_is_right_counts_for_all_three() -> None:
    found = counted(gold(GOLD_PROMISE, numbers=("F-1",)), read(promise("F-1"), numbers=("f 1",)))
    assert {found[name] for name in ("promise", "act", "whole_act", "invoice_numbers")} == {Count(1, 1, 1)}
    assert found["text_exact"] == Count(1, 1, 1)
    assert found["text"] == Count(7, 7, 7)


def test_each_part_of_an_act_counts_where_it_belongs() -> None:
    other_day = counted(gold(GOLD_PROMISE), read(promise("F-1", date(2026, 11, 28))))
    assert (other_day["promise"].right, other_day["act"].right, other_day["whole_act"].right) == (0, 1, 0)
    more = counted(gold(GOLD_PROMISE), read(promise("F-1", amount=Money(100))))
    assert (more["promise"].right, more["whole_act"].right) == (1, 0)
    reason = GoldAct(Intent.DISPUTE, "klopt niet", ("F-2",), DisputeReason.PRICE)
    links = (InvoiceLink("F-2", LinkReason.NUMBER, "F-2"),)
    dispute = Act(Intent.DISPUTE, Evidence("klopt niet", 28, 38), links, DisputeReason.QUALITY)
    found = counted(gold(reason), read(dispute))
    assert (found["act"].right, found["whole_act"].right) == (1, 0)


def test_an_act_read_twice_is_right_once() -> None:
    assert counted(gold(GOLD_PROMISE), read(promise("F-1"), promise("F-1")))["act"] == Count(1, 2, 1)


def test_optional_acts_count_for_nothing() -> None:
    thanks = Act(Intent.ACKNOWLEDGEMENT, Evidence("F-1", 0, 3))
    found = counted(gold(GoldAct(Intent.OTHER_QUERY, "klopt", ("F-2",))), read(thanks))
    assert found["act"] == Count()


def test_new_text_is_compared_by_its_words() -> None:
    found = counted(gold(), read(), TEXT.replace("\n", " ") + " Groet")
    assert found["text"] == Count(7, 8, 7)
    assert found["text_exact"] == Count(0, 1, 1)


def test_figures() -> None:
    right = counted(gold(GOLD_PROMISE), read(promise("F-1")))
    missed = counted(gold(GOLD_PROMISE), read())
    measured = figures([right, missed, right], resamples=200)
    assert set(measured) == set(FACTS)
    assert measured["act"].value == pytest.approx(2 * 2 / (2 + 3))
    assert measured["act"].count == 3
    assert measured["act"].low is not None
    assert measured["act"].high is not None
    assert measured["act"].low <= 0.8 <= measured["act"].high
    assert measured["ibans"].value is None
    assert measured == figures([right, missed, right], resamples=200)
