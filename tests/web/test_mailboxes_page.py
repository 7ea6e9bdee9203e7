"""The mailboxes page adds up day by day, and every page tells at once what is wrong with a mailbox."""

from datetime import timedelta

import pytest

from inbox_agent import db
from inbox_agent.records.mailbox import DifferenceKind, Mailbox, MailboxDay, MailboxDifference
from inbox_agent.review.states import MailState

SANNE, LENA = "sanne@office.example", "lena@office.example"
EVERYWHERE = ("/queue", "/mailboxes", "/help")


def change(office, **fields: object) -> None:
    with db.writing(office.engine) as session:
        box = session.get_one(Mailbox, 1)
        for name, value in fields.items():
            setattr(box, name, value)


def difference(office, kind: DifferenceKind, message_id: str, mail_id: int | None = None) -> None:
    with db.writing(office.engine) as session:
        session.add(
            MailboxDifference(mailbox_id=1, day=office.now.date(), kind=kind, source_key=message_id,
                              message_id=message_id, mail_id=mail_id, noticed_at=office.now)
        )  # fmt: skip


def compared(office, on_server: int) -> None:
    with db.writing(office.engine) as session:
        session.add(MailboxDay(mailbox_id=1, day=office.now.date(), on_server=on_server, compared_at=office.now))
    change(office, audited_at=office.now)


def test_the_sum_of_a_mailbox_and_of_its_days(browse, office) -> None:
    office.mail()
    office.mail(state=MailState.PARKED)
    office.mail(state=MailState.FETCHED)
    office.mail(state=MailState.IGNORED, state_reason="The same message as mail 7, byte for byte.")
    compared(office, 4)
    page = browse(SANNE).get("/mailboxes")
    (box,) = page.context["mailboxes"]
    assert (box.fetched, box.mails.total, box.balanced) == (4, 4, True)
    (day,) = box.days
    assert (day.on_server, day.mails.triaged, day.mails.parked, day.mails.ignored, day.mails.reading) == (4, 1, 1, 1, 1)
    assert "De som klopt." in page.text
    assert "<b>4</b> op de server" in page.text
    assert "Hetzelfde bericht als mail …" in page.text


def test_before_the_first_comparison_the_page_says_so(browse, office) -> None:
    office.mail()
    text = browse(SANNE).get("/mailboxes").text
    assert "Nog niet met de server vergeleken." in text
    assert "op de server =" not in text


def test_differences_say_what_to_do(browse, office) -> None:
    waiting = office.mail(subject="Verplaatst")
    with db.writing(office.engine) as session:
        from inbox_agent.records.mail import StoredMail

        session.get_one(StoredMail, waiting).gone_at = office.now
    difference(office, DifferenceKind.DEPARTED, "<weg@boer.example>", waiting)
    difference(office, DifferenceKind.MISSING, "<zoek@boer.example>")
    compared(office, 1)
    text = browse(SANNE).get("/mailboxes").text
    for words in (
        "1 mail is niet binnengehaald", "&lt;zoek@boer.example&gt;", "Zoek het in het mailprogramma op",
        "1 mail wacht hier en is in het postvak verplaatst", f'href="/mails/{waiting}"', "Verplaatst",
        "Mail die op de server ligt ontbreekt hier", "+ 1 ontbreken hier",
    ):  # fmt: skip
        assert words in text, words


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"polled_at": -timedelta(minutes=11)}, "Er komt geen nieuwe mail binnen van debiteuren."),
        ({"problem": "There is no host imap.x (mailbox debiteuren). Check the spelling of the host and the name server."},
         "Er is geen host imap.x (postvak debiteuren)."),
        ({"sign_in_expires_at": timedelta(days=6)}, "inbox-agent mailbox sign-in debiteuren"),
        ({"sign_in_expires_at": -timedelta(days=1)}, "De aanmelding van postvak debiteuren verliep"),
    ],
)  # fmt: skip
def test_every_page_tells_what_is_wrong(browse, office, fields, words) -> None:
    change(office, **{name: office.now + one if isinstance(one, timedelta) else one for name, one in fields.items()})
    mail = office.mail()
    for path in (*EVERYWHERE, f"/mails/{mail}"):
        assert words in browse(SANNE).get(path).text, path
    assert words not in browse("elders@office.example").get("/queue").text, "another team's mailbox"


def test_a_mailbox_that_is_well_is_no_news(browse, office) -> None:
    change(office, sign_in_expires_at=office.now + timedelta(days=8))
    for path in EVERYWHERE:
        assert 'id="alarm-' not in browse(SANNE).get(path).text, path


def test_missing_mail_leads_to_the_page(browse, office) -> None:
    difference(office, DifferenceKind.MISSING, "<zoek@boer.example>")
    assert 'href="/mailboxes#mailbox-1"' in browse(SANNE).get("/queue").text


def test_the_open_queue_learns_of_it_without_a_reload(browse, office) -> None:
    office.mail()
    browser = browse(SANNE)
    stamp = browser.get("/queue").context["listing"].stamp
    office.now += timedelta(minutes=11)
    answer = browser.get("/queue/changes", params={"version": stamp}, headers={"hx-request": "true"})
    assert 'id="alarms" class="alarms" role="status" hx-swap-oob="true"' in answer.text
    assert "Er komt geen nieuwe mail binnen" in answer.text


def test_team_leads_see_how_a_mailbox_is_set_up(browse, office) -> None:
    options = {"host": "imap.halvermaan.example", "folders": ["INBOX", "Facturen"], "start_on": "2026-11-01",
               "password": "env:GEHEIME_PLEK", "marking": "read"}  # fmt: skip
    change(office, options=options, language="fr", signature="Halvermaan\nDebiteuren")
    text = browse(LENA).get("/mailboxes").text
    for words in ("imap.halvermaan.example", "INBOX, Facturen", "2026-11-01", "as read", "French", "Halvermaan\nDebiteuren",
                  "Debiteuren</dd>"):  # fmt: skip
        assert words in text, words
    assert "GEHEIME_PLEK" not in text, "where its secret lies is nobody's affair"
    assert "imap.halvermaan.example" not in browse(SANNE).get("/mailboxes").text
