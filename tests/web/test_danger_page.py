"""Danger signs on the pages: a banner with the reasons, a mark in the queue, and a reply that asks for a telephone call."""

import pytest
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.danger import DangerKind, DangerSign
from inbox_agent.records.reply import OutgoingReply
from inbox_agent.records.triage import Review

SANNE, LENA = "sanne@office.example", "lena@office.example"
CHANGED = DangerSign(DangerKind.OUR_ACCOUNT_CHANGED, "NL66RABO0123456789", quote="Klopt uw nieuwe rekeningnummer?")
FAILED = DangerSign(DangerKind.NOT_AUTHENTIC, "DMARC", "veenkamp.example")
IBAN = "NL91ABNA0417164300"
"""The office's own account."""
STRANGE = "NL66 RABO 0123 4567 89"


def approve(browser, mail: int, body: str, **fields: str):
    data = {"csrf_token": browser.csrf, "version": 1, "action": "send", "subject": "Re", "body": body, **fields}
    return browser.post(f"/mails/{mail}/approve", data=data)


@pytest.mark.parametrize(
    ("who", "words"),
    [
        (SANNE, ("Deze mail is mogelijk fraude", f"onze bankrekening is gewijzigd in {STRANGE}", "Mogelijk fraude",
                 "Onze mailserver kon niet bevestigen dat deze mail van veenkamp.example komt (DMARC mislukt).")),
        (LENA, ("This mail may be fraud", f"our bank account changed, to {STRANGE}", "May be fraud",
                "Our mail server could not confirm that it comes from veenkamp.example (DMARC failed).")),
    ],
)  # fmt: skip
def test_the_signs_are_said(browse, office, who, words) -> None:
    mail = office.mail(draft="Dank u.", dangers=[CHANGED, FAILED])
    page = browse(who).get(f"/mails/{mail}").text
    assert all(word in page for word in words)
    assert "Klopt uw nieuwe rekeningnummer?" in page
    assert 'name="called"' in page


@pytest.mark.parametrize("kind", DangerKind)
@pytest.mark.parametrize("value", ["x.example", ""])
@pytest.mark.parametrize("who", [SANNE, LENA])
def test_every_sign_has_words(browse, office, kind, value, who) -> None:
    mail = office.mail(dangers=[DangerSign(kind, value, "y.example")])
    assert '<section class="banner banner-danger' in browse(who).get(f"/mails/{mail}").text


def test_a_mail_without_signs_has_no_banner(browse, office) -> None:
    page = browse(SANNE).get(f"/mails/{office.mail(draft='Dank u.')}").text
    assert "banner-danger" not in page
    assert 'name="called"' not in page
    assert "Mogelijk fraude" not in page


def test_a_reply_needs_a_call_first(browse, office) -> None:
    """Refused with what to do; sent once the call is ticked, and the review keeps that it was."""
    mail = office.mail(draft="Dank u.", dangers=[CHANGED])
    browser = browse(SANNE)
    refused = approve(browser, mail, "Dank u.")
    assert refused.status_code == 403
    assert "Bel een nummer dat u al had" in refused.text
    assert office.stored(mail).decided_at is None
    assert approve(browser, mail, "Dank u.", called="1").status_code == 303
    with db.reading(office.engine) as session:
        assert session.exec(select(Review)).one().changes["called"] is True
        assert session.exec(select(OutgoingReply)).one().body == "Dank u."


def test_an_account_that_is_not_ours_is_never_confirmed(browse, office) -> None:
    mail = office.mail(draft="Dank u.", dangers=[CHANGED])
    browser = browse(SANNE)
    refused = approve(browser, mail, f"Ja, {STRANGE} klopt.", called="1")
    assert refused.status_code == 403
    assert "NL66RABO0123456789, die niet van ons is" in refused.text
    assert approve(browser, mail, f"Onze rekening is {IBAN}.").status_code == 403
    assert approve(browser, mail, f"Onze rekening is {IBAN}.", called="1").status_code == 303


def test_failed_authentication_alone_asks_only_where_an_account_is_named(browse, office) -> None:
    first, second = (office.mail(draft="Dank u.", dangers=[FAILED]) for _ in range(2))
    browser = browse(SANNE)
    assert approve(browser, first, f"Onze rekening is {IBAN}.").status_code == 403
    assert approve(browser, second, "Dank u.").status_code == 303


def test_without_a_reply_nothing_is_asked(browse, office) -> None:
    mail = office.mail(draft="Dank u.", dangers=[CHANGED])
    browser = browse(SANNE)
    data = {"csrf_token": browser.csrf, "version": 1, "action": "quiet"}
    assert browser.post(f"/mails/{mail}/approve", data=data).status_code == 303


def test_the_queue_marks_it(browse, office) -> None:
    office.mail(dangers=[CHANGED], subject="Bank")
    office.mail(subject="Gewoon")
    rows = browse(SANNE).get("/queue").context["listing"].page.rows
    assert {row.subject: row.is_dangerous for row in rows} == {"Bank": True, "Gewoon": False}
