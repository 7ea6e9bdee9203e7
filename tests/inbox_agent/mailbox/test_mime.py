"""Raw mail to a `Mail`. The mail stands in each test; line ends are \\n unless the test is about them."""

import base64
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.mime_part import part_bytes
from inbox_agent.mailbox.limits import LIMITS
from inbox_agent.mailbox.mime import UnreadableMail, parse

NOTED = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
FIXTURES = sorted(Path(__file__).parents[3].glob("fixtures/mails/*/*.eml"))


def read(raw: str | bytes, noted: datetime = NOTED) -> Mail:
    return parse(raw if isinstance(raw, bytes) else raw.encode(), received_at=noted)


def test_a_plain_mail() -> None:
    mail = read(
        """\
Received: from mx by imap; Tue, 3 Mar 2026 10:00:05 +0100
From: =?utf-8?Q?J=C3=B6rg?= Maier <j.maier@klant.example>
To: debiteuren@ons.example, "Blok, Marit" <marit@ons.example>
Subject: =?utf-8?B?UmVjaG51bmcgMjAyNjEyMzQg4oKs?= =?utf-8?B?IDEuMjUw?=
Date: Tue, 3 Mar 2026 10:00:00 +0100
Message-ID: <een@klant.example>
In-Reply-To: <nul@ons.example>
References: <a@x> <nul@ons.example>
Content-Type: text/plain; charset=utf-8

Wir zahlen am Freitag € 1.250.
"""
    )
    assert mail.sender == Address("j.maier@klant.example", "Jörg Maier")
    assert mail.to[1] == Address("marit@ons.example", "Blok, Marit")
    assert mail.subject == "Rechnung 20261234 € 1.250"
    assert mail.text == "Wir zahlen am Freitag € 1.250."
    assert (mail.message_id, mail.in_reply_to) == ("<een@klant.example>", "<nul@ons.example>")
    assert mail.references == ("<a@x>", "<nul@ons.example>")
    assert mail.received_at == datetime(2026, 3, 3, 9, 0, 5, tzinfo=UTC)
    assert mail.received_on == date(2026, 3, 3)
    assert mail.problems == ()


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r", b"\r\r\n"])
def test_line_ends_do_not_matter(ending: bytes) -> None:
    raw = b"From: a@b.nl\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\neen\n\ntwee\n--x--\n"
    assert read(raw.replace(b"\n", ending)).text == "een\n\ntwee"


def test_nothing_is_needed_but_bytes() -> None:
    mail = read(b"zomaar wat tekst zonder kop")
    assert mail.sender == Address("")
    assert mail.text == "zomaar wat tekst zonder kop"
    assert mail.received_at == NOTED
    assert mail.problems == ("no Date that can be read", "no Message-ID", "no sender address")


@pytest.mark.parametrize("raw", [b"", b" \r\n\r\n", b"x" * (LIMITS.mail + 1)], ids=["empty", "blank", "huge"])
def test_what_cannot_be_a_mail_is_said_in_a_sentence(raw: bytes) -> None:
    with pytest.raises(UnreadableMail, match=r"^This mail is"):
        read(raw)


@pytest.mark.parametrize(
    ("header", "body", "text", "problem"),
    [
        ("utf-8", "één €".encode(), "één €", ""),
        ("iso-8859-1", "één €".encode("cp1252"), "één €", ""),
        ("iso-8859-1", "één".encode(), "één", "charset iso-8859-1 is wrong, read as UTF-8"),
        ("utf-8", "één".encode("cp1252"), "één", "charset utf-8 is wrong or unknown, read as windows-1252"),
        ("x-foo", "één".encode("cp1252"), "één", "charset x-foo is wrong or unknown, read as windows-1252"),
        ("", "één".encode(), "één", ""),
        ("", "één".encode("cp1252"), "één", "no charset named, read as windows-1252"),
        ("rot13", b"abc", "abc", "unknown charset rot13, read as ASCII"),
        ("idna", b"abc", "abc", "unknown charset idna, read as ASCII"),
        ("utf-16-le", "één".encode("utf-16-le"), "één", ""),
        ("utf-7", b"+2AA-x", "\ufffdx", ""),
        ("utf-8", b"a\x00b\x07c", "abc", ""),
    ],
)
def test_charsets(header: str, body: bytes, text: str, problem: str) -> None:
    raw = f"From: a@b.nl\nDate: {NOTED:%d %b %Y} 10:00 +0100\nMessage-ID: <a@b>\nContent-Type: text/plain; charset={header}"
    mail = read(raw.encode() + b"\n\n" + body)
    assert mail.text == text
    assert mail.problems == ((problem,) if problem else ())


@pytest.mark.parametrize(
    ("value", "subject"),
    [
        (b"=?utf-8?Q?a=E2=82?= =?utf-8?Q?=AC_b?=", "a€ b"),
        (b"=?utf-8?B?4oKs", "=?utf-8?B?4oKs"),
        (b"=?utf-8?B?4oKsIQ?=", "€!"),
        (b"=?foo?Q?x?= y", "x y"),
        (b"Re: =?us-ascii?Q?a b?=", "Re: a b"),
        ("Factuur één".encode(), "Factuur één"),
        ("Factuur één".encode("latin-1"), "Factuur één"),
        (b"twee\n regels\x00\x07", "twee regels"),
        ("10\u00a0dagen".encode(), "10\u00a0dagen"),
    ],
)
def test_subjects(value: bytes, subject: str) -> None:
    assert read(b"Subject: " + value + b"\n\nx").subject == subject


@pytest.mark.parametrize(
    ("value", "sender"),
    [
        (b"Jan <jan@x.nl>", Address("jan@x.nl", "Jan")),
        (b"jan@x.nl (Jan (de eerste))", Address("jan@x.nl", "Jan (de eerste)")),
        (b"'jan@x.nl' <jan@x.nl>", Address("jan@x.nl", "jan@x.nl")),
        (b'"=?iso-8859-1?Q?Andr=E9?=" <a@b.nl>', Address("a@b.nl", "André")),
        (b'"Jan <jan@x.nl>', Address("jan@x.nl", "Jan")),
        (b"Mailer", Address("", "Mailer")),
        (b"(" * 10_000, Address("")),
        (b"groep: jan@x.nl, piet@x.nl;", Address("jan@x.nl")),
    ],
)
def test_senders(value: bytes, sender: Address) -> None:
    assert read(b"From: " + value + b"\n\nx").sender == sender


@pytest.mark.parametrize(
    ("received", "written", "at", "on"),
    [
        ("Tue, 3 Mar 2026 10:00 +0100", "Mon, 2 Mar 2026 23:50 -0500", "2026-03-03T09:00", "2026-03-02"),
        ("Sun, 1 Mar 2020 10:00 +0100", "Sun, 1 Mar 2020 10:00 +0100", "2020-03-01T09:00", "2020-03-01"),
        ("Tue, 3 Mar 2036 10:00 +0100", "", "2026-03-03T09:30", "2026-03-03"),
        ("Thu, 1 Jan 1970 00:00 +0000", "Thu, 1 Jan 1970 00:00 +0000", "2026-03-03T09:30", "2026-03-03"),
        ("Mon, 2 Mar 2026 23:30 +0000", "Mon, 2 Mar 2026 23:29 -0000", "2026-03-02T23:30", "2026-03-03"),
        ("rommel", "31 Feb 99999 77:88", "2026-03-03T09:30", "2026-03-03"),
    ],
)
def test_when_it_was_received(received: str, written: str, at: str, on: str) -> None:
    mail = read(f"Received: by x; {received}\nDate: {written}\n\nx")
    assert mail.received_at == datetime.fromisoformat(at).replace(tzinfo=UTC)
    assert mail.received_on == date.fromisoformat(on)


def test_plain_text_goes_before_html_unless_it_only_points_there() -> None:
    raw = """\
Content-Type: multipart/alternative; boundary=x

--x

{}
--x
Content-Type: text/html

<p>Uit <b>HTML</b></p>
--x--
"""
    assert read(raw.format("Uit tekst")).text == "Uit tekst"
    assert read(raw.format("This message requires HTML to view.")).text == "Uit HTML"
    assert read(raw.format("  \n")).text == "Uit HTML"
    assert read(raw.format("Uit tekst")).html.strip() == "<p>Uit <b>HTML</b></p>"


def test_text_between_attachments_stays_in_order() -> None:
    mail = read(
        """\
Content-Type: multipart/mixed; boundary=x

--x
Content-Type: text/plain

Zie hier:
--x
Content-Type: text/csv; name*0*=utf-8''Betaling%20%E2%82; name*1*=%AC; name*2=.csv
Content-Transfer-Encoding: base64

ZmFjdHV1cjsxMjM0
--x
Content-Type: text/plain

Groet, Jan
"""
    )
    assert mail.text == "Zie hier:\n\nGroet, Jan"
    assert [(file.name, file.text, file.size, file.position) for file in mail.attachments] == [
        ("Betaling €.csv", "factuur;1234", 12, 2)
    ]


def test_flowed_text_is_joined() -> None:
    raw = "Content-Type: text/plain; format=flowed{}\n\n> een \n> twee\nDrie \nvier\n-- \nJan\n"
    assert read(raw.format("")).text == "> een twee\nDrie vier\n-- \nJan"
    assert read(raw.format("; delsp=yes")).text == "> eentwee\nDrievier\n-- \nJan"


def test_a_wrong_boundary_leaves_the_text_readable() -> None:
    assert "Hallo" in read("Content-Type: multipart/mixed; boundary=x\n\n--y\n\nHallo\n--y--\n").text


def test_the_conversation_is_the_root_of_the_thread_index() -> None:
    root = bytes(range(22))
    index = base64.b64encode(root + b"later").decode()
    assert read(f"Thread-Index: {index}\n\nx").conversation == root.hex()
    assert read("Thread-Index: AAAA\n\nx").conversation == ""


def test_long_text_is_cut_and_says_so() -> None:
    mail = read(b"Content-Type: text/plain\n\n" + b"regel\n" * LIMITS.text)
    assert len(mail.text) <= LIMITS.text
    assert "the text is very long; only its beginning was read" in mail.problems


def test_too_many_and_too_deep_parts_are_noted() -> None:
    many = b"Content-Type: multipart/mixed; boundary=x\n\n" + b"--x\n\nhoi\n" * 3000
    assert "more than 1000 parts, or lines like them: the rest was not read" in read(many).problems
    deep = b"".join(b"Content-Type: multipart/mixed; boundary=x%d\n\n--x%d\n" % (level, level) for level in range(500))
    assert "parts nested deeper than 50: those were not read apart" in read(deep + b"\nhoi").problems


@pytest.mark.parametrize("path", FIXTURES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_every_fixture_is_read_and_its_attachments_are_found_again(path: Path) -> None:
    raw = path.read_bytes()
    mail = parse(raw, received_at=datetime(2026, 11, 24, tzinfo=UTC))
    assert mail.text.strip()
    assert mail.sender.email
    for file in mail.attachments:
        assert len(part_bytes(raw, file.position)) == file.size
