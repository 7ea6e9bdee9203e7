"""An approved reply as bytes, as mail programs read them."""

import email
import email.policy
import re
from email.message import EmailMessage

import pytest
from factories.pipeline import NOW

from inbox_agent.domain.errors import ReplyRefused
from inbox_agent.domain.mail import Automatic
from inbox_agent.mailbox.mime import parse
from inbox_agent.pipeline.outgoing import OutgoingFile, reply_bytes
from inbox_agent.records.mailbox import Mailbox, MailboxKind
from inbox_agent.records.reply import OutgoingReply

LONG = "<AM0PR04MB6193F1A2B3C4D5E6F7A8B9C0D1E2F34567890@AM0PR04MB6193.eurprd04.prod.outlook.com>"


def the_bytes(**columns: object) -> bytes:
    reply = OutgoingReply(
        mail_id=1, mailbox_id=1, review_id=1, message_id="<r@h.example>", subject="Re: x", approved_by=1,
        approved_at=NOW, send_after=NOW, changed_at=NOW, **{"recipients": ["jan@boer.example"], "body": "Beste Jan", **columns},
    )  # fmt: skip
    mailbox = Mailbox(name="d", address="d@h.example", kind=MailboxKind.FOLDER, options={}, created_at=NOW)
    return reply_bytes(reply, mailbox)


def test_long_message_ids_stay_as_they_are() -> None:
    """Outlook's are longer than a line; as encoded words they would tie the reply to nothing."""
    raw = the_bytes(in_reply_to=LONG, references=["<1@boer.example>", LONG])
    assert f"In-Reply-To: {LONG}\r\n".encode() in raw
    assert f"References: <1@boer.example>\r\n {LONG}\r\n".encode() in raw
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert read["References"].split() == ["<1@boer.example>", LONG]


@pytest.mark.parametrize(
    ("recipient", "header"),
    [
        ("Jan de Boer <jan@boer.example>", b"To: Jan de Boer <jan@boer.example>"),
        ("jan@müller.example", b"To: jan@xn--mller-kva.example"),
        ("jan..b@boer.example", b"To: jan..b@boer.example"),
    ],
)
def test_addresses_are_written_as_servers_take_them(recipient: str, header: bytes) -> None:
    assert header in the_bytes(recipients=[recipient]).split(b"\r\n")


@pytest.mark.parametrize("recipient", ["jörg@boer.example", "jan", "@boer.example", "jan@" + "b" * 70 + ".example"])
def test_what_is_no_address_is_refused(recipient: str) -> None:
    with pytest.raises(ReplyRefused, match="Nothing was sent"):
        the_bytes(recipients=[recipient])


def read(raw: bytes) -> EmailMessage:
    return email.message_from_bytes(raw, _class=EmailMessage, policy=email.policy.default)


WHOLE = {
    "body": "Beste Jan,\n\n5 < 6 & 7",
    "signature": "Sanne\nDebiteuren",
    "quoted": "Op 3 maart 2026 om 09:05 schreef Jan <jan@boer.example>:\n> <img src=http://x.example/t.gif>\n>\n> Groet",
}


def test_text_and_html_say_the_same_with_signature_and_quoted_mail_below() -> None:
    sent = read(the_bytes(**WHOLE))
    assert sent.get_content_type() == "multipart/alternative"
    plain, html = sent.get_body(("plain",)), sent.get_body(("html",))
    assert plain.get_content().replace("\r\n", "\n") == "\n\n".join(WHOLE.values()) + "\n"
    text = html.get_content()
    assert "5 &lt; 6 &amp; 7" in text
    assert "Sanne<br>" in text
    assert "&lt;img src=http://x.example/t.gif&gt;<br>" in text
    assert text.index("Debiteuren") < text.index("Op 3 maart") < text.index("<blockquote") < text.index("Groet")
    assert not re.search(r"<img|<link|<script|src=\"|href=|&gt; Groet", text)


def test_a_reply_that_a_person_approved_is_not_automatic() -> None:
    """RFC 3834 §5: `Auto-Submitted` is for what no person sent; with it, absence notices would not come any more."""
    sent = read(the_bytes())
    assert sent["Auto-Submitted"] is None
    assert sent["Precedence"] is None
    assert sent["X-Inbox-Agent"] == sent["Message-ID"] == "<r@h.example>"


def test_our_own_reply_that_comes_back_is_a_machines() -> None:
    """An alias or a rule that redirects: nobody is to answer it, whatever stands in From."""
    assert parse(the_bytes(), received_at=NOW).automatic is Automatic.SYSTEM


def test_the_same_row_gives_the_same_bytes_files_included() -> None:
    files = (OutgoingFile("a.txt", "text/plain", "é".encode()), OutgoingFile("b", "application/octet-stream", b"\x00"))
    mailbox = Mailbox(name="d", address="d@h.example", kind=MailboxKind.FOLDER, options={}, created_at=NOW)
    reply = OutgoingReply(
        mail_id=1, mailbox_id=1, review_id=1, message_id="<r@h.example>", subject="Re: x", recipients=["jan@boer.example"],
        cc=["piet@boer.example"], approved_by=1, approved_at=NOW, send_after=NOW, changed_at=NOW, **WHOLE,
    )  # fmt: skip
    raw = reply_bytes(reply, mailbox, files)
    assert raw == reply_bytes(reply, mailbox, files)
    sent = read(raw)
    assert (sent["Cc"], sent.get_content_type()) == ("piet@boer.example", "multipart/mixed")
    assert [part.get_filename() for part in sent.iter_attachments()] == ["a.txt", "b"]
    assert all(len(line) <= 998 for line in raw.split(b"\r\n"))
