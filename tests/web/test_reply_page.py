"""The reply's form and what becomes of a reply on the pages: refused, held, taken back, returned; files; the signature."""

import re
from datetime import timedelta

import pytest
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.mail import Address
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.records.people import Controller
from inbox_agent.records.reply import OutgoingReply, ReplyAttachment
from inbox_agent.records.triage import Review
from inbox_agent.review.states import ReplyState

SANNE = "sanne@office.example"
HTMX = {"hx-request": "true"}


@pytest.fixture
def mail(office) -> int:
    return office.mail(draft="Beste Piet,\n\nWij zoeken het uit.")


def sent(browser, mail: int, headers: dict[str, str] | None = None, files: object = None, **fields: object):
    data = {"csrf_token": browser.csrf, "version": 1, "action": "send", "subject": "Re: Factuur", "body": "Dag Piet"}
    return browser.post(f"/mails/{mail}/approve", data={**data, **fields}, headers=headers, files=files)


def replies(office) -> list[OutgoingReply]:
    with db.reading(office.engine) as session:
        return list(session.exec(select(OutgoingReply).order_by(OutgoingReply.id)))


def test_an_approved_reply_waits_and_can_be_taken_back(browse, office, mail) -> None:
    browser = browse(SANNE)
    gone = sent(browser, mail).headers["location"]
    page = browser.get(gone).text
    assert "Het antwoord aan ap@veenkamp.example vertrekt over 10 seconden." in page
    assert 'id="undo"' in page
    office.now += timedelta(seconds=9)
    piece = browser.get(f"/mails/{mail}/hold", headers={**HTMX, "hx-target": "hold"})
    assert piece.template.name == "pages/mail/_hold.html"
    assert "vertrekt over 1 seconde." in piece.text
    (reply,) = replies(office)
    back = browser.post(f"/mails/{mail}/replies/{reply.id}/withdraw", data={"csrf_token": browser.csrf})
    assert (back.status_code, back.headers["location"]) == (303, f"/mails/{mail}")
    page = browser.get(f"/mails/{mail}")
    assert "Antwoord teruggehaald, niet verzonden" in page.text
    assert ">\nDag Piet</textarea>" in page.text
    assert office.stored(mail).decided_at is None
    assert 'id="undo"' not in browser.get(f"/mails/{mail}/hold", headers={**HTMX, "hx-target": "hold"}).text


def test_too_late_is_a_plain_sentence(browse, office, mail) -> None:
    browser = browse(SANNE)
    sent(browser, mail)
    with db.writing(office.engine) as session:
        session.exec(select(OutgoingReply)).one().state = ReplyState.DELIVERED
    answer = browser.post(f"/mails/{mail}/replies/1/withdraw", data={"csrf_token": browser.csrf}, headers=HTMX)
    assert answer.status_code == 409
    assert "Het is te laat om dit antwoord terug te halen" in answer.text


def test_without_a_hold_a_reply_goes_at_once(browse, office, mail) -> None:
    browser = browse(SANNE, hold_seconds=0)
    sent(browser, mail)
    assert replies(office)[0].send_after == office.now


def test_a_refused_reply_is_shown_again_as_it_was_typed(browse, office, mail) -> None:
    """Without JavaScript the page comes anew; nothing of what was typed is lost, and nothing is half-decided."""
    browser = browse(SANNE)
    answer = sent(
        browser, mail, body="Mijn lange tekst", subject="Eigen onderwerp", to="ap@veenkamp.example", cc="boek@kantoor.example",
        files=[("files", ("a.pdf", b"%PDF", "application/pdf"))],
    )  # fmt: skip
    assert answer.status_code == 403
    assert answer.template.name == "pages/mail/mail.html"
    for words in ("Mijn lange tekst</textarea>", 'value="Eigen onderwerp"', 'value="boek@kantoor.example"',
                  "Niemand in deze zaak schreef eerder", "Kies de bestanden opnieuw"):  # fmt: skip
        assert words in answer.text
    assert office.stored(mail).decided_at is None
    assert replies(office) == []
    assert sent(browser, mail, cc="boek@kantoor.example", headers=HTMX).template.name == "layout/_toast.html"
    tick = re.search(r'name="checked" value="([^"]*)"', answer.text)
    assert tick is not None
    assert sent(browser, mail, cc="boek@kantoor.example", checked=tick[1]).status_code == 303
    assert (replies(office)[0].recipients, replies(office)[0].cc) == (["ap@veenkamp.example"], ["boek@kantoor.example"])
    with db.reading(office.engine) as session:
        assert session.exec(select(Review)).one().changes["checked"] == ["boek@kantoor.example"]


def test_addresses_are_looked_at_while_they_are_typed(browse, mail) -> None:
    browser = browse(SANNE)

    def check(to: str, cc: str = "") -> str:
        data = {"csrf_token": browser.csrf, "to": to, "cc": cc}
        answer = browser.post(f"/mails/{mail}/recipients", data=data, headers={**HTMX, "hx-target": "to-check"})
        assert answer.template.name == "pages/mail/_to_check.html"
        return answer.text

    assert "checked" not in check("ap@veenkamp.example")
    assert 'value="x@elders.example"' in check("ap@veenkamp.example", "X <x@elders.example>")
    assert "no-reply-adres" in check("noreply@veenkamp.example")


def test_a_first_seen_domain_asks_on_the_page(browse, office) -> None:
    mail = office.mail(sender=Address("ap@veenkanp.example"), draft="Dag", intents=(Intent.OTHER_QUERY,))
    browser = browse(SANNE)
    assert 'name="checked" value="ap@veenkanp.example"' in browser.get(f"/mails/{mail}").text
    assert sent(browser, mail, headers=HTMX).status_code == 403
    assert sent(browser, mail, checked="ap@veenkanp.example").status_code == 303


def test_files_go_along(browse, office, mail) -> None:
    browser = browse(SANNE)
    assert sent(browser, mail, files=[("files", ("Kopie 1.pdf", b"%PDF" * 400_000, "text/html"))]).status_code == 303
    with db.reading(office.engine) as session:
        (row,) = session.exec(select(ReplyAttachment)).all()
        assert (row.name, row.content_type, row.size) == ("Kopie 1.pdf", "application/pdf", 1_600_000)
    assert "Kopie 1.pdf" in browser.get(f"/mails/{mail}").text


def test_a_field_without_a_chosen_file_is_no_file(browse, office, mail) -> None:
    """As browsers send it: a part with an empty name."""
    browser = browse(SANNE)
    fields = {"csrf_token": browser.csrf, "version": "1", "action": "send", "body": "Dag Piet"}
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}' for name, value in fields.items()]
    parts.append(
        'Content-Disposition: form-data; name="files"; filename=""\r\nContent-Type: application/octet-stream\r\n\r\n'
    )
    body = "".join(f"--x\r\n{part}\r\n" for part in parts) + "--x--\r\n"
    headers = {"content-type": "multipart/form-data; boundary=x"}
    assert browser.post(f"/mails/{mail}/approve", content=body, headers=headers).status_code == 303
    assert len(replies(office)) == 1


def test_too_much_is_refused_with_what_to_do(browse, mail) -> None:
    browser = browse(SANNE)
    answer = sent(browser, mail, files=[("files", ("groot.bin", b"x" * (23 * 1024 * 1024), ""))], headers=HTMX)
    assert answer.status_code == 413
    assert "mogen samen 20 MB zijn" in answer.text


def test_a_returned_reply_waits_with_its_reason(browse, office, mail) -> None:
    office.reply(mail, ReplyState.RETURNED, "Invoice 20261001 was paid or settled after the reply was approved. "
                 "Read the reply again, then approve or dismiss.")  # fmt: skip
    with db.writing(office.engine) as session:
        row = session.get_one(type(office.stored(mail)), mail)
        row.decided_at, row.decided_by = None, None
    browser = browse(SANNE)
    page = browser.get(f"/mails/{mail}").text
    assert "Factuur 20261001 werd na de goedkeuring betaald of verrekend." in page
    assert ">\nDank u.</textarea>" in page
    assert f'id="unsettled-{mail}"' in browser.get("/queue").text
    sent(browser, mail)
    assert f'id="unsettled-{mail}"' not in browser.get("/queue").text


def test_signature_and_quoted_mail_are_shown_below_the_text(browse, office, mail) -> None:
    browser = browse(SANNE)
    assert (
        browser.post("/profile", data={"csrf_token": browser.csrf, "signature": " Sanne\r\n<b>06</b> "}).status_code
        == 303
    )
    with db.reading(office.engine) as session:
        assert session.get_one(Controller, 1).signature == "Sanne\n<b>06</b>"
    assert "Sanne\n&lt;b&gt;06&lt;/b&gt;</textarea>" in browser.get("/profile?kept=1").text
    page = browser.get(f"/mails/{mail}").text
    assert "Sanne\n&lt;b&gt;06&lt;/b&gt;</div>" in page
    assert "schreef Piet Veenkamp &lt;ap@veenkamp.example&gt;:\n&gt; Goedemorgen," in page
    too_long = browser.post("/profile", data={"csrf_token": browser.csrf, "signature": "x" * 2001})
    assert too_long.status_code == 403
