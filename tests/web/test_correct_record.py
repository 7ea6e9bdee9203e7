"""Correcting a proposed record on the page, in the way the interface's language writes amounts."""

from datetime import date
from typing import Any

import pytest

from inbox_agent import db
from inbox_agent.domain.act import Act
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, Intent
from inbox_agent.review.proposals import proposed_records

from .conftest import Office, dispute, evidence, link

TEXT = "Goedemorgen,\n\nFactuur 20261001 klopt niet. De rest betalen we nog."


@pytest.fixture
def mail(office: Office) -> int:
    promise = Act(Intent.PROMISE_TO_PAY, evidence(TEXT, "De rest betalen we nog."), (link("20261002"),))
    acts = (dispute(TEXT, "Factuur 20261001 klopt niet."), promise)
    return office.mail(TEXT, intents=(Intent.DISPUTE, Intent.PROMISE_TO_PAY), acts=acts)


def form(browser: Any, office: Office, mail: int, promise: dict[str, str]) -> dict[str, Any]:
    """What the page sends: every record with every field, the promise's as given."""
    with db.reading(office.engine) as session:
        records = proposed_records(session, mail)
    rows = []
    for one in records:
        own = promise if one.intent is Intent.PROMISE_TO_PAY else {"reason": "quality", "invoices": "20261001"}
        rows.append((f"{one.record_type}:{one.record_id}", own))
    sent = {
        f"amended_{name}": [own.get(name, "EUR" if name == "currency" else "") for _, own in rows]
        for name in ("invoices", "amount", "currency", "date", "reason")
    }
    keys = [key for key, _ in rows]
    return {"csrf_token": browser.csrf, "version": 1, "action": "quiet", "record": keys, "amended": keys, **sent}


@pytest.mark.parametrize(("who", "amount"), [("sanne", "1.250,50"), ("lena", "1,250.50")])
def test_a_promise_gets_its_date_and_amount(browse: Any, office: Office, mail: int, who: str, amount: str) -> None:
    browser = browse(f"{who}@office.example")
    page = browser.get(f"/mails/{mail}").text
    assert page.count('name="amended"') == 2
    promise = {"invoices": "20261002; 20261003", "amount": amount, "date": "2026-12-04"}
    answer = browser.post(f"/mails/{mail}/approve", data=form(browser, office, mail, promise))
    assert answer.status_code == 303
    with db.reading(office.engine) as session:
        kept = {one.intent: one for one in proposed_records(session, mail)}
    assert kept[Intent.PROMISE_TO_PAY].invoices == ("20261002", "20261003")
    assert kept[Intent.PROMISE_TO_PAY].amount == Money(125_050)
    assert kept[Intent.PROMISE_TO_PAY].on_date == date(2026, 12, 4)
    assert kept[Intent.DISPUTE].reason is DisputeReason.QUALITY
    after = browser.get(f"/mails/{mail}").text
    assert ("Zoals gecorrigeerd:" if who == "sanne" else "As corrected:") in after


@pytest.mark.parametrize(
    ("promise", "words"),
    [
        ({"invoices": "20261002", "amount": "1250.50"}, "Het bedrag 1250.50 is niet te lezen"),
        ({"invoices": "20261002", "date": "4 dec"}, "De datum 4 dec is niet te lezen"),
        ({"invoices": "99999999"}, "kent geen factuur 99999999"),
    ],
)
def test_what_cannot_be_read_is_said_and_nothing_is_decided(
    browse: Any, office: Office, mail: int, promise: dict[str, str], words: str
) -> None:
    browser = browse("sanne@office.example")
    answer = browser.post(f"/mails/{mail}/approve", data=form(browser, office, mail, promise))
    assert answer.status_code == 403
    assert words in answer.text
    assert office.stored(mail).decided_at is None


def test_columns_of_unequal_length_are_refused(browse: Any, office: Office, mail: int) -> None:
    browser = browse("sanne@office.example")
    sent = form(browser, office, mail, {})
    sent["amended_amount"] = ["1"]
    assert browser.post(f"/mails/{mail}/approve", data=sent).status_code == 422


def test_a_missed_promise_is_added_and_its_intent_with_it(browse: Any, office: Office) -> None:
    mail = office.mail(TEXT, intents=(Intent.ACKNOWLEDGEMENT,))
    browser = browse("sanne@office.example")
    assert 'id="add-record"' in browser.get(f"/mails/{mail}").text
    added = {
        "added_type": "promise",
        "added_invoices": "20261002",
        "added_amount": "880,50",
        "added_date": "2026-12-04",
    }
    sent = {"csrf_token": browser.csrf, "version": 1, "action": "quiet", **added}
    assert browser.post(f"/mails/{mail}/approve", data=sent).status_code == 303
    with db.reading(office.engine) as session:
        (kept,) = proposed_records(session, mail)
    assert (kept.invoices, kept.amount, kept.on_date) == (("20261002",), Money(88_050), date(2026, 12, 4))
    assert (kept.state.value, kept.act_index) == ("confirmed", -1)
    page = browser.get(f"/mails/{mail}").text
    assert "met de hand toegevoegd" in page
    assert "Betaalbelofte vastleggen" in page
    assert browser.post(f"/mails/{mail}/reopen", data={"csrf_token": browser.csrf, "version": 2}).status_code == 303
    assert f'value="promise:{kept.record_id}"' in browser.get(f"/mails/{mail}").text


def test_an_invoice_of_nobody_is_not_added(browse: Any, office: Office) -> None:
    mail = office.mail(TEXT)
    browser = browse("sanne@office.example")
    added = {"added_type": "dispute", "added_invoices": "1", "added_reason": "price"}
    sent = {"csrf_token": browser.csrf, "version": 1, "action": "quiet", **added}
    assert browser.post(f"/mails/{mail}/approve", data=sent).status_code == 403
    with db.reading(office.engine) as session:
        assert proposed_records(session, mail) == ()
