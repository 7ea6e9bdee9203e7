"""An approved reply as bytes, as mail programs read them."""

import email
import email.policy

import pytest
from factories.pipeline import NOW

from inbox_agent.domain.errors import ReplyRefused
from inbox_agent.pipeline.outgoing import reply_bytes
from inbox_agent.records.mailbox import Mailbox, MailboxKind
from inbox_agent.records.reply import OutgoingReply

LONG = "<AM0PR04MB6193F1A2B3C4D5E6F7A8B9C0D1E2F34567890@AM0PR04MB6193.eurprd04.prod.outlook.com>"


def the_bytes(**columns: object) -> bytes:
    reply = OutgoingReply(
        mail_id=1, mailbox_id=1, review_id=1, message_id="<r@h.example>", subject="Re: x", body="Beste Jan", approved_by=1,
        approved_at=NOW, send_after=NOW, changed_at=NOW, **{"recipients": ["jan@boer.example"], **columns},
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
