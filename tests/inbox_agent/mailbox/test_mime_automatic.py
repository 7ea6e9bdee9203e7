"""Mail that no person wrote, told by headers and structure."""

from datetime import UTC, datetime

import pytest

from inbox_agent.domain.mail import Automatic, Mail
from inbox_agent.mailbox.mime import parse


def read(raw: str) -> Mail:
    return parse(raw.encode(), received_at=datetime(2026, 3, 3, tzinfo=UTC))


REPORT = """\
From: MAILER-DAEMON@mx.example
Subject: Undelivered Mail Returned to Sender
Content-Type: multipart/report; report-type=delivery-status; boundary=x

--x

It failed.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; jan@weg.example
Action: {action}
Status: {status}
--x
Content-Type: text/rfc822-headers

From: wij@ons.example
Message-ID: <origineel@ons.example>
--x--
"""


@pytest.mark.parametrize(
    ("action", "status", "automatic", "recipients"),
    [
        ("failed", "5.1.1", Automatic.DELIVERY_FAILURE, ("jan@weg.example",)),
        ("delayed", "4.2.2", Automatic.SYSTEM, ()),
        ("delayed", "5.2.2", Automatic.DELIVERY_FAILURE, ("jan@weg.example",)),
        ("delivered", "2.0.0", Automatic.SYSTEM, ()),
    ],
)
def test_delivery_reports(action: str, status: str, automatic: Automatic, recipients: tuple[str, ...]) -> None:
    mail = read(REPORT.format(action=action, status=status))
    assert (mail.automatic, mail.failed_recipients) == (automatic, recipients)
    assert mail.original_message_id == "<origineel@ons.example>"


QMAIL = """\
Return-Path: <>
From: MAILER-DAEMON@q.example
Subject: failure notice

Hi. This is the qmail-send program at q.example.

<jan@weg.example>:
No such user

--- Below this line is a copy of the message.

Message-ID: <origineel@ons.example>
"""


@pytest.mark.parametrize("raw", [QMAIL, QMAIL.replace("Subject", "X-Failed-Recipients: jan@weg.example\nSubject")])
def test_bounces_from_before_the_standard(raw: str) -> None:
    mail = read(raw)
    assert mail.automatic is Automatic.DELIVERY_FAILURE
    assert mail.failed_recipients == ("jan@weg.example",)
    assert mail.original_message_id == "<origineel@ons.example>"


RECEIPT = "Content-Type: multipart/report; boundary=x\n\n--x\n\nGelezen\n--x\nContent-Type: message/disposition-notification\n\n"


@pytest.mark.parametrize(
    ("headers", "automatic"),
    [
        ("Subject: vraag", None),
        ("Auto-Submitted: no\nSubject: vraag", None),
        ("Subject: Automatic reply: vraag", None),
        ("Subject: Undeliverable goods", None),
        ("X-Auto-Response-Suppress: All\nSubject: vraag", None),
        ("Auto-Submitted: auto-replied (vacation)", Automatic.OUT_OF_OFFICE),
        ("X-Autoreply: yes", Automatic.OUT_OF_OFFICE),
        ("Auto-Submitted: auto-generated\nSubject: Automatisch antwoord: x", Automatic.OUT_OF_OFFICE),
        ("X-Auto-Response-Suppress: All\nSubject: =?utf-8?Q?R=C3=A9ponse_automatique?= : x", Automatic.OUT_OF_OFFICE),
        ("Return-Path: <>\nSubject: Automatische Antwort: x", Automatic.OUT_OF_OFFICE),
        ("Precedence: auto_reply", Automatic.OUT_OF_OFFICE),
        ("Auto-Submitted: auto-generated\nList-Unsubscribe: <x>", Automatic.SYSTEM),
        ("Precedence: bulk", Automatic.BULK),
        ("List-Unsubscribe: <https://x>", Automatic.BULK),
        (RECEIPT, Automatic.SYSTEM),
    ],
)
def test_who_wrote_it(headers: str, automatic: Automatic | None) -> None:
    assert read(f"From: a@b.example\n{headers}\n\nx").automatic is automatic
