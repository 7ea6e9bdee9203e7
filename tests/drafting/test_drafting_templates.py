"""Completeness: every language answers every intent, with full, missing and many facts, without a gap or a loose figure."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from drafting.facts import ORDER
from drafting.language import TEMPLATES, wording
from inbox_agent.domain.ledger import Company, Invoice, Ledger
from inbox_agent.domain.mail import Address
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, EntityKind, Intent, Language, Tone

ANSWERED = [intent for intent, rule in INTENTS.items() if not rule.stands_alone]
EVERY = [(language, intent) for language in Language for intent in ANSWERED]
EMPTY = Ledger()


def flaws(draft):
    """What no letter may have; list rows may be padded."""
    prose = "\n".join(line for line in draft.body.splitlines() if not line.startswith("- "))
    found = [mark for mark in ("None", "Undefined", "  ", " ,", " .", "..", "()", "{", "}") if mark in prose]
    found += ["blank lines"] if "\n\n\n" in draft.body else []
    found += [line for line in draft.body.splitlines() if line != line.rstrip()]
    return found + [w for w in draft.warnings if "neither" in w or w.startswith("STOP")]


def test_order_has_every_answered_intent():
    assert set(ORDER) == set(ANSWERED)


@pytest.mark.parametrize("language", Language)
def test_each_language_has_its_files(language):
    names = {path.name for path in (TEMPLATES / language.value).iterdir()}
    assert names == {"_language.toml", "_frame.txt", "_missing.txt", "_parts.txt"} | {
        f"{i.value}.txt" for i in ANSWERED
    }
    assert wording(language).closings


@pytest.mark.parametrize("language", Language)
def test_no_template_states_a_figure_of_its_own(language):
    for path in (TEMPLATES / language.value).glob("*.txt"):
        text = re.sub(r"\{\{.*?\}\}|\{%.*?%\}", "", path.read_text(encoding="utf-8"), flags=re.S)
        assert not re.search(r"\d", text), path


@pytest.mark.parametrize(("language", "intent"), EVERY)
def test_full_facts(draft, act, language, intent):
    made = draft(
        intent,
        acts=(act(intent, "2026-0314", amount=40000, on=date(2026, 11, 12), reason=DisputeReason.PRICE),),
        language=language,
        tone=Tone.ANGRY,
    )
    assert not flaws(made)
    assert "Kees van de Wal" in made.body
    assert "Betonwaren Zuid B.V." in made.body


@pytest.mark.parametrize(("language", "intent"), EVERY)
def test_no_facts(draft, language, intent):
    made = draft(intent, language=language, ledger=EMPTY, subject="", sender=Address("info@x.nl"))
    assert not flaws(made)
    assert not re.search(r"\d", made.body)
    assert any("customer is not known" in warning for warning in made.warnings)


@pytest.mark.parametrize(("language", "intent"), EVERY)
def test_several_invoices(draft, act, language, intent):
    made = draft(
        intent,
        acts=(
            act(intent, "2026-0314", "2026-0298", amount=50000),
            act(intent, "2026-0355", "CN-12", on=date(2026, 12, 1), reason=DisputeReason.DUPLICATE),
        ),
        language=language,
    )
    assert not flaws(made)


@pytest.mark.parametrize(("language", "intent"), EVERY)
def test_thirty_invoices_in_two_currencies(draft, act, language, intent, ledger):
    rows = tuple(
        Invoice(f"F{n:05}", date(2026, 1, 1), date(2026, 1, 31) + timedelta(n), Money(n * 1000, c), Money(n * 1000, c))
        for n in range(1, 31)
        for c in (("EUR", "USD")[n % 2],)
    )
    made = draft(
        intent, acts=(act(intent, *(r.number for r in rows)),), language=language, ledger=replace(ledger, invoices=rows)
    )
    assert not flaws(made)


@pytest.mark.parametrize("language", Language)
@pytest.mark.parametrize("reason", DisputeReason)
def test_every_dispute_reason(draft, act, language, reason):
    some = draft(Intent.DISPUTE, acts=(act(Intent.DISPUTE, "2026-0298", reason=reason),), language=language)
    none = draft(Intent.DISPUTE, acts=(act(Intent.DISPUTE, reason=reason),), language=language)
    po = ((EntityKind.PO_NUMBER, "4500012"),)
    named = draft(
        Intent.DISPUTE, acts=(act(Intent.DISPUTE, reason=reason),), language=language, written=po, body="4500012"
    )
    assert not flaws(some)
    assert not flaws(none)
    assert not flaws(named)
    assert any("asks for its number" in warning for warning in none.warnings)


@pytest.mark.parametrize("language", Language)
def test_everything_at_once_thanks_once(draft, act, language):
    made = draft(*ANSWERED, acts=tuple(act(intent, "2026-0314") for intent in ANSWERED), language=language)
    assert not flaws(made)
    thanks = {"nl": "Dank u", "en": "Thank you", "de": "vielen Dank", "fr": "remercions"}[language.value]
    assert made.body.count(thanks) == 1


@pytest.mark.parametrize("language", Language)
def test_unknown_numbers_are_asked_for_not_passed_over(draft, language):
    for numbers in (("99887",), ("99887", "99888")):
        made = draft(
            Intent.INVOICE_COPY_REQUEST,
            language=language,
            body=" ".join(numbers),
            written=tuple((EntityKind.INVOICE_NUMBER, number) for number in numbers),
        )
        assert not flaws(made)
        assert all(number in made.body for number in numbers)
        assert "Invoice 99887 is in the mail but not in this customer's ledger." in made.warnings


@pytest.mark.parametrize("language", Language)
def test_company_without_accounts_names_none(draft, language):
    bare = Ledger(company=Company("1", "Betonwaren Zuid B.V."))
    made = draft(Intent.BANK_DETAILS, language=language, ledger=bare)
    assert not flaws(made)
    assert any("names none" in warning for warning in made.warnings)
