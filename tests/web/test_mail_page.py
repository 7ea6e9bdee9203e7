"""One mail: what it shows, and what can be decided. Mails are written in the test."""

from datetime import date

import pytest
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.act import Act, Entity, Evidence, InvoiceLink, LinkReason, Source
from inbox_agent.domain.ledger import Customer
from inbox_agent.domain.mail import Address, Attachment
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, EntityKind, Intent
from inbox_agent.domain.text import PartKind
from inbox_agent.records.dispute import Dispute
from inbox_agent.records.promise import Promise
from inbox_agent.records.proposal import ProposalState
from inbox_agent.records.reply import OutgoingReply
from inbox_agent.records.triage import Review
from inbox_agent.review.states import MailState, ReplyState

SANNE, LENA = "sanne@office.example", "lena@office.example"
TEXT = "Beste,\n\nDe prijs op 20261001 klopt niet. Factuur 20261002 betalen we op 27 november."


def evidence(quote: str, text: str = TEXT, source: Source = Source.BODY, attachment: int = -1) -> Evidence:
    return Evidence(quote, text.index(quote), text.index(quote) + len(quote), source, attachment)


def link(number: str) -> InvoiceLink:
    return InvoiceLink(number, LinkReason.NUMBER, number)


DISPUTE = Act(
    Intent.DISPUTE, evidence("De prijs op 20261001 klopt niet"), (link("20261001"),), DisputeReason.PRICE, Money(12_500)
)
PROMISE = Act(Intent.PROMISE_TO_PAY, evidence("Factuur 20261002 betalen we op 27 november"), (link("20261002"), link("20269999")),
              date=date(2026, 11, 27))  # fmt: skip


@pytest.fixture
def mail(office) -> int:
    return office.mail(TEXT, acts=(DISPUTE, PROMISE), draft="Beste Piet,\n\nWij zoeken het uit.",
                       warnings=("Copies to attach: 20261001.",))  # fmt: skip


def decision(browser, **more: object) -> dict[str, object]:
    return {
        "csrf_token": browser.csrf,
        "version": 1,
        "intents_shown": "1",
        "intent": ["dispute", "promise_to_pay"],
        **more,
    }


def all_rows(office, table) -> list:
    with db.reading(office.engine) as session:
        found = list(session.exec(select(table)))
        session.expunge_all()
        return found


def test_whole_page_or_only_the_mail(browse, mail) -> None:
    browser = browse(SANNE)
    page = browser.get(f"/mails/{mail}?view=mine")
    assert page.template.name == "pages/mail/mail.html"
    piece = browser.get(f"/mails/{mail}?view=mine", headers={"hx-request": "true", "hx-target": "mail"})
    assert piece.template.name == "pages/mail/_mail.html"
    assert piece.headers["hx-push-url"] == f"/mails/{mail}?view=mine"
    assert "<html" not in piece.text


def test_acts_with_their_evidence_and_the_ledgers_verdict(browse, mail) -> None:
    answer = browse(SANNE).get(f"/mails/{mail}")
    first, second = answer.context["shown"].acts
    assert (first.key, second.key) == ("dispute:1", "promise:1")
    assert [(row.number, row.invoice is not None, row.is_overdue) for row in second.rows] == [
        ("20261002", True, True),
        ("20269999", False, False),
    ]
    assert 'id="evidence-1"' in answer.text
    assert 'data-acts="2"' in answer.text
    for words in ("€\xa0125,00", "27 nov 2026", "€\xa01.248,00", "12 okt 2026", "onbekend", "Bij te voegen kopieën: 20261001.",
                  "Herkend aan: adres van een contactpersoon", "€\xa05.228,50"):  # fmt: skip
        assert words in answer.text, words


def test_numbers_that_the_ledger_does_not_know(browse, office) -> None:
    text = "Wij kennen 2026-1001 en 20267777 niet, wel 1002."
    numbers = ("2026-1001", "20267777", "1002")
    mail = office.mail(text, entities=[Entity(EntityKind.INVOICE_NUMBER, evidence(number, text)) for number in numbers])
    assert browse(SANNE).get(f"/mails/{mail}").context["shown"].numbers[0].number == "20267777"


def test_history_is_folded_and_attachments_are_marked(browse, office) -> None:
    sheet = "factuur 20261001 betaald"
    act = Act(
        Intent.PAYMENT_NOTIFICATION, evidence("20261001 betaald", sheet, Source.ATTACHMENT, 0), (link("20261001"),)
    )
    mail = office.mail(
        "Zie bijlage.", acts=(act,), parts=[(PartKind.SIGNATURE, "Piet"), (PartKind.QUOTE, "> eerder")],
        attachments=[Attachment("betaling.xlsx", "application/x", 2048, 1, sheet), Attachment("scan.pdf", "x/y", 9, 2, note="encrypted")],
    )  # fmt: skip
    answer = browse(SANNE).get(f"/mails/{mail}")
    assert [(part.kind, part.folded) for part in answer.context["shown"].parts] == [
        (PartKind.NEW, False), (PartKind.SIGNATURE, True), (PartKind.QUOTE, True),
    ]  # fmt: skip
    assert 'id="attachment-0-1"' in answer.text
    assert "#attachment-0-1" in answer.text
    assert "versleuteld" in answer.text


def test_hostile_text_is_inert(browse, office) -> None:
    text = (
        "<script>alert(1)</script> [x](javascript:alert(1)) \u202efdp.exe\u202c\n</textarea><b>x</b>\n" + "A" * 200_000
    )
    mail = office.mail(text, subject="</title><script>1</script>", draft="</textarea><script>alert(2)</script>",
                       sender=Address("piet@x.example", "</span><script>"))  # fmt: skip
    answer = browse(SANNE).get(f"/mails/{mail}")
    assert "<script>" not in answer.text
    assert "\u202e" not in answer.text
    assert answer.text.count("</textarea>") == 1
    assert "Hier ingekort" in answer.text
    assert len(answer.text) < 150_000


def test_hostile_layout_is_inert_and_boxed(browse, office) -> None:
    html = '<p onclick="x()">Dag</p><script>alert(1)</script><a href="javascript:x">y</a><img src="https://t.example/p.gif">'
    mail = office.mail(html=html)
    browser = browse(SANNE)
    page = browser.get(f"/mails/{mail}").text
    assert f'<iframe sandbox src="/mails/{mail}/html"' in page
    answer = browser.get(f"/mails/{mail}/html")
    assert "<p>Dag</p>" in answer.text
    for word in ("script", "onclick", "href", "t.example"):
        assert word not in answer.text
    assert answer.headers["content-security-policy"].endswith("sandbox")
    assert "script-src" not in answer.headers["content-security-policy"]


RAW = (
    b"Subject: x\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nx\r\n"
    b"--b\r\nContent-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw==\r\n--b--\r\n"
)


def test_downloads_never_open_as_pages(browse, office) -> None:
    name = '../..\\"evil\u202e.html\r\nX: y'
    mail = office.mail(raw=RAW, html='<img src="cid:pic">', attachments=[
        Attachment(name, "text/html", 4, 2), Attachment("p.png", "image/png", 4, 2, inline=True, content_id="<pic>")])  # fmt: skip
    browser = browse(SANNE)
    answer = browser.get(f"/mails/{mail}/attachments/0")
    assert answer.content == b"\x89PNG"
    assert answer.headers["content-type"] == "application/octet-stream"
    assert answer.headers["content-disposition"].startswith('attachment; filename="')
    assert not set("/\\\r\n") & set(answer.headers["content-disposition"])
    assert browser.get(f"/mails/{mail}/raw").content == RAW
    assert browser.get(f"/mails/{mail}/attachments/9").status_code == 404
    assert 'src="data:image/png;base64,iVBORw=="' in browser.get(f"/mails/{mail}/html").text


def test_approving_sends_what_was_approved_and_goes_on(browse, office, mail) -> None:
    other = office.mail(subject="Volgende")
    browser = browse(SANNE)
    answer = browser.post(f"/mails/{mail}/approve", data=decision(
        browser, action="send", record=["promise:1"], subject="Re: Factuur", body="Beste Piet,\r\n\r\nTot dan."))  # fmt: skip
    assert (answer.status_code, answer.headers["location"]) == (303, f"/mails/{other}?done={mail}")
    (reply,) = all_rows(office, OutgoingReply)
    assert (reply.recipients, reply.body, reply.state) == (
        ["ap@veenkamp.example"],
        "Beste Piet,\n\nTot dan.",
        ReplyState.APPROVED,
    )
    assert [row.state for row in all_rows(office, Promise)] == [ProposalState.CONFIRMED]
    assert [row.state for row in all_rows(office, Dispute)] == [ProposalState.REJECTED]
    page = browser.get(answer.headers["location"])
    assert f'href="/mails/{mail}"' in page.text
    assert "Antwoord goedgekeurd, wacht op verzending" in browser.get(f"/mails/{mail}").text


def test_approving_without_reply_sends_nothing(browse, office, mail) -> None:
    browser = browse(SANNE)
    answer = browser.post(f"/mails/{mail}/approve", data=decision(browser, action="quiet", body="vergeten tekst"))
    assert answer.headers["location"] == f"/queue?done={mail}"
    assert all_rows(office, OutgoingReply) == []
    assert "Beslist." in browser.get(answer.headers["location"]).text


def test_an_action_is_never_guessed(browse, office, mail) -> None:
    browser = browse(SANNE)
    for more in (
        {},
        {"action": "misschien"},
        {"action": "send", "record": "dispute:x"},
        {"action": "send", "record": "geld:1"},
    ):
        assert browser.post(f"/mails/{mail}/approve", data=decision(browser, body="x", **more)).status_code == 422
    assert office.stored(mail).decided_at is None


def test_two_controllers_cannot_decide_the_same_mail(browse, office, mail) -> None:
    first, second = browse(SANNE), browse(LENA)
    assert first.post(f"/mails/{mail}/approve", data=decision(first, action="quiet")).status_code == 303
    answer = second.post(
        f"/mails/{mail}/approve", data=decision(second, action="send", body="Ook"), headers={"hx-request": "true"}
    )
    assert answer.status_code == 409
    assert answer.template.name == "layout/_toast.html"
    assert answer.headers["hx-retarget"] == "#notices"
    assert "A colleague decided on this mail first" in answer.text
    whole = second.post(f"/mails/{mail}/approve", data=decision(second, action="send", body="Ook"))
    assert whole.template.name == "layout/error.html"
    assert all_rows(office, OutgoingReply) == []


def test_corrected_intents_are_kept(browse, office, mail) -> None:
    browser = browse(SANNE)
    browser.post(f"/mails/{mail}/approve", data=decision(browser, action="quiet", intent=["dispute"]))
    assert all_rows(office, Review)[0].changes["intents"]["after"] == ["dispute"]


def test_no_intent_at_all_is_refused_not_ignored(browse, office, mail) -> None:
    browser = browse(SANNE)
    data = {"csrf_token": browser.csrf, "version": 1, "intents_shown": "1", "action": "quiet"}
    answer = browser.post(f"/mails/{mail}/approve", data=data)
    assert answer.status_code == 403
    assert "ten minste één bedoeling" in answer.text


def test_dismissing_and_reopening(browse, office, mail) -> None:
    browser = browse(SANNE)
    browser.post(f"/mails/{mail}/dismiss", data=decision(browser, reason=" Spam "))
    page = browser.get(f"/mails/{mail}").text
    assert "Terzijde gelegd" in page
    assert "Spam" in page
    assert browser.post(f"/mails/{mail}/reopen", data=decision(browser, version=2)).status_code == 303
    assert office.stored(mail).decided_at is None


def test_only_a_team_lead_moves_mail(browse, office, mail) -> None:
    controller, lead = browse(SANNE), browse(LENA)
    assert 'action="/mails/1/reassign"' not in controller.get(f"/mails/{mail}").text
    assert controller.post(f"/mails/{mail}/reassign", data=decision(controller, controller="1")).status_code == 403
    assert controller.post(f"/mails/{mail}/reclassify", data=decision(controller)).status_code == 403
    assert "Sanne de Wit" in lead.get(f"/mails/{mail}").text
    assert lead.post(f"/mails/{mail}/reassign", data=decision(lead, controller="1")).status_code == 303
    assert [row.mail_id for row in controller.get("/queue?view=mine").context["listing"].page.rows] == [mail]
    assert lead.post(f"/mails/{mail}/reclassify", data=decision(lead, intent=["bank_details"])).status_code == 303
    assert [row.intent for row in lead.get(f"/mails/{mail}").context["shown"].intents] == [Intent.BANK_DETAILS]


def test_a_parked_mail_is_read_again_or_dismissed(browse, office) -> None:
    mail = office.mail(
        state=MailState.PARKED,
        state_reason="This mail could not be read by the machine (x). Read it yourself, or retry.",
    )
    browser = browse(SANNE)
    page = browser.get(f"/mails/{mail}").text
    assert "Deze mail kon niet automatisch worden gelezen (x)." in page
    assert f'action="/mails/{mail}/dismiss"' in page
    assert browser.post(f"/mails/{mail}/retry", data=decision(browser)).status_code == 303
    assert office.stored(mail).state is MailState.FETCHED
    assert "Deze mail wordt gelezen" in browser.get(f"/mails/{mail}").text


@pytest.mark.parametrize(("action", "state"), [("resend", ReplyState.APPROVED), ("delivered", ReplyState.DELIVERED)])
def test_an_uncertain_reply_waits_for_a_person(browse, office, action, state) -> None:
    mail = office.mail()
    reply = office.reply(mail, ReplyState.UNCERTAIN, "Connection reset.")
    browser = browse(SANNE)
    page = browser.get(f"/mails/{mail}").text
    assert "Opnieuw verzenden" in page
    assert "Het is verzonden: zo markeren" in page
    assert browser.post(f"/mails/{mail}/replies/{reply}/{action}", data=decision(browser)).status_code == 303
    assert all_rows(office, OutgoingReply)[0].state is state


def test_a_failed_reply_can_only_be_sent_again(browse, office) -> None:
    mail = office.mail()
    office.reply(office.mail(), ReplyState.DELIVERED)
    office.reply(mail, ReplyState.FAILED, "550 unknown")
    page = browse(SANNE).get(f"/mails/{mail}").text
    assert "Opnieuw verzenden" in page
    assert "zo markeren" not in page


def test_figures_of_an_edited_reply_are_checked(browse, office, mail) -> None:
    browser = browse(SANNE)
    good = browser.post(
        f"/mails/{mail}/check", data={"csrf_token": browser.csrf, "body": "Open staat € 1.248,00 op 20261001."}
    )
    assert good.template.name == "pages/mail/_figures.html"
    assert good.context["figures"] == ()
    bad = browser.post(
        f"/mails/{mail}/check", data={"csrf_token": browser.csrf, "body": "Betaal € 999,00 op NL02RABO0123456789."}
    )
    assert "Bedrag € 999,00 staat niet in de administratie" in bad.text
    assert "STOP: IBAN NL02" in bad.text


def test_what_to_look_at_before_answering(browse, office) -> None:
    with db.writing(office.engine) as session:
        office.customer(session, 2, "D2", "Ter Beek Vastgoed")
    mail = office.mail(customer=None, candidates=[Customer("D2", "Ter Beek Vastgoed")], draft="x",
                       reply_to=[Address("ceo@gmail.example")])  # fmt: skip
    answer = browse(SANNE).get(f"/mails/{mail}")
    assert "Ter Beek Vastgoed" in answer.text
    assert answer.context["form"].to == ("ceo@gmail.example",)
    noreply = office.mail(sender=Address("no-reply@x.example"), draft="x")
    page = browse(SANNE).get(f"/mails/{noreply}").text
    assert "no-reply-adres" in page
    assert 'value="send"' not in page


def test_an_erased_mail_still_has_a_page(browse, office, mail) -> None:
    from inbox_agent.records.mail import MailContent
    from inbox_agent.records.triage import TriageRow

    with db.writing(office.engine) as session:
        session.get_one(MailContent, mail).mail = None
        session.exec(select(TriageRow)).one().reading = None
    answer = browse(SANNE).get(f"/mails/{mail}")
    assert answer.status_code == 200
    assert "gewist" in answer.text
    assert browse(SANNE).get(f"/mails/{mail}/html").status_code == 200
