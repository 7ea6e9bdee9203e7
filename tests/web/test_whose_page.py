"""Whose mail it is, on the pages: candidates with their clues, one press to choose, what is remembered, and undoing it."""

import re

import pytest
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.ledger import Customer
from inbox_agent.domain.mail import Address
from inbox_agent.domain.recognition import Acquaintance
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.ledger.tables import RememberedSenderRow
from inbox_agent.records.mail import MailState, StoredMail, Thread
from inbox_agent.records.task import Task
from inbox_agent.records.triage import Review

SANNE, LENA, ELDERS = "sanne@office.example", "lena@office.example", "elders@office.example"
KANTOOR = Address("info@kantoor.example", "Kantoor Pieters")
WRITER = Acquaintance(is_known=True, writer=KANTOOR.key)


@pytest.fixture
def unclear(office) -> int:
    """A mail of a bookkeeper who writes for two customers."""
    with db.writing(office.engine) as session:
        office.customer(session, 2, "D20001", "Ter Beek Vastgoed BV")
    both = (Customer("D10001", "Bakkerij Veenkamp BV"), Customer("D20001", "Ter Beek Vastgoed BV"))
    return office.mail(sender=KANTOOR, customer=None, candidates=both, acquaintance=WRITER)


def held(office) -> list[tuple[str, int]]:
    with db.reading(office.engine) as session:
        rows = session.exec(select(RememberedSenderRow).where(RememberedSenderRow.ended_at.is_(None)))
        return [(row.sender, row.customer_id) for row in rows]


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (SANNE, ("Van welke klant is deze mail? Kies de klant.", "factuurnummer", "voor iedereen bij kantoor.example")),
        (LENA, ("Whose mail is this? Choose the customer.", "invoice number", "for everybody at kantoor.example")),
    ],
)
def test_an_unclear_mail_asks_whose_it_is(browse, unclear, who, words) -> None:
    page = browse(who).get(f"/mails/{unclear}")
    assert all(word in page.text for word in words)
    assert [one.customer.number for one in page.context["whose"].possible] == ["D10001", "D20001"]
    chip = {SANNE: "Welke klant?", LENA: "Which customer?"}[who]
    assert chip in page.text


def test_one_press_files_the_mail_and_remembers_the_sender(browse, office, unclear) -> None:
    """It is read again, its old proposals go, its thread keeps its person; another unclear mail of the sender goes along."""
    other = office.mail(sender=KANTOOR, customer=None, acquaintance=WRITER)
    clear = office.mail(sender=KANTOOR, customer=1, acquaintance=WRITER)
    browser = browse(SANNE)
    answer = browser.post(f"/mails/{unclear}/customer", data={"csrf_token": browser.csrf, "version": 1, "customer": 2})
    assert (answer.status_code, answer.headers["location"]) == (303, f"/mails/{unclear}")
    row = office.stored(unclear)
    assert (row.state, row.chosen_customer_id, row.version) == (MailState.FETCHED, 2, 2)
    assert (office.stored(other).state, office.stored(clear).state) == (MailState.FETCHED, MailState.TRIAGED)
    assert held(office) == [(KANTOOR.key, 2)]
    with db.reading(office.engine) as session:
        assert session.exec(select(Task).where(Task.mail_id == unclear)).all() == []
        assert session.get_one(Thread, row.thread_id).customer_id == 2
        review = session.exec(select(Review).where(Review.mail_id == unclear)).one()
    assert (review.decision, review.changes["customer"]) == ("customer_chosen", {"before": None, "after": 2})


@pytest.mark.parametrize(("remember", "expected"), [("domain", "kantoor.example"), ("nothing", "")])
def test_for_whom_it_is_remembered(browse, office, unclear, remember, expected) -> None:
    browser = browse(SANNE)
    data = {"csrf_token": browser.csrf, "version": 1, "customer": 1, "remember": remember}
    assert browser.post(f"/mails/{unclear}/customer", data=data).status_code == 303
    assert [sender for sender, _ in held(office)] == ([expected] if expected else [])


def test_what_is_remembered_is_shown_with_who_said_it_and_can_be_undone(browse, office, unclear) -> None:
    browser = browse(SANNE)
    browser.post(f"/mails/{unclear}/customer", data={"csrf_token": browser.csrf, "version": 1, "customer": 2})
    later = office.mail(sender=KANTOOR, customer=2, acquaintance=WRITER)
    page = browser.get(f"/mails/{later}").text
    assert "Mail van info@kantoor.example hoort bij Ter Beek Vastgoed BV: dat gaf Sanne de Wit aan" in page
    remembered = re.search(r'name="remembered" value="(\d+)"', page)[1]
    data = {"csrf_token": browser.csrf, "remembered": remembered}
    assert browser.post(f"/mails/{later}/forget", data=data).status_code == 303
    assert held(office) == []
    assert browser.post(f"/mails/{later}/forget", data=data).status_code == 409
    with db.reading(office.engine) as session:
        row = session.exec(select(RememberedSenderRow)).one()
    assert (row.remembered_by, row.ended_by is not None) == (1, True)


def test_choosing_another_customer_replaces_what_was_remembered(browse, office, unclear) -> None:
    browser = browse(SANNE)
    browser.post(f"/mails/{unclear}/customer", data={"csrf_token": browser.csrf, "version": 1, "customer": 2})
    later = office.mail(sender=KANTOOR, customer=2, acquaintance=WRITER)
    browser.post(f"/mails/{later}/customer", data={"csrf_token": browser.csrf, "version": 1, "customer": 1})
    assert held(office) == [(KANTOOR.key, 1)]


def test_any_customer_can_be_found(browse, office, unclear) -> None:
    browser = browse(SANNE)
    headers = {"hx-request": "true", "hx-target": "found"}
    found = browser.get(f"/mails/{unclear}/customers", params={"find": "beek D2"}, headers=headers)
    assert 'value="2"' in found.text
    assert "Veenkamp" not in found.text
    none = browser.get(f"/mails/{unclear}/customers", params={"find": "nergens"}, headers=headers)
    assert "Geen klant heeft die naam of dat nummer." in none.text
    page = browser.get(f"/mails/{unclear}/customers", params={"find": "veenkamp"})
    assert 'name="csrf_token"' in page.text
    assert 'value="1"' in page.text


def test_what_is_refused(browse, office, unclear) -> None:
    """Another team's mail, a customer that is not there, a stale page, a freemail domain, a decided mail."""
    stranger, browser = browse(ELDERS), browse(SANNE)
    data = {"csrf_token": stranger.csrf, "version": 1, "customer": 1}
    assert stranger.post(f"/mails/{unclear}/customer", data=data).status_code == 404
    assert stranger.get(f"/mails/{unclear}/customers", params={"find": "veenkamp"}).status_code == 404

    def post(mail: int, **fields: object) -> int:
        sent = {"csrf_token": browser.csrf, "version": 1, "customer": 1, **fields}
        return browser.post(f"/mails/{mail}/customer", data=sent).status_code

    assert post(unclear, customer=99) == 404
    assert post(unclear, version=7) == 409
    assert post(unclear, remember="everybody") == 422
    gmail = Acquaintance(writer="piet@gmail.com", freemail=("gmail.com",))
    free = office.mail(sender=Address("piet@gmail.com"), customer=None, acquaintance=gmail)
    assert post(free, remember="domain") == 403
    assert "gmail.com</label>" not in browser.get(f"/mails/{free}").text.replace("piet@gmail.com", "")
    with db.writing(office.engine) as session:
        row = session.get_one(StoredMail, unclear)
        row.decided_at, row.decided_by = office.now, 1
    assert post(unclear) == 409
    assert held(office) == []


def test_a_mail_that_says_nothing_for_an_account_is_not_asked_about(browse, office) -> None:
    office.mail(customer=None, intents=[Intent.UNRELATED], subject="Reclame")
    office.mail(customer=None, intents=[Intent.OTHER_QUERY], subject="Vraag")
    rows = browse(SANNE).get("/queue").context["listing"].page.rows
    assert {row.subject: row.asks_whose for row in rows} == {"Reclame": False, "Vraag": True}
