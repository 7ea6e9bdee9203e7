"""What holds for any bytes. Tests call the reading without its safety net, so that a fault shows as itself."""

from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_agent.domain.mail import Mail
from inbox_agent.domain.mime_part import MAX_DEPTH, MAX_PARTS, mime_tree, part_bytes
from inbox_agent.mailbox.mime import _read

NOTED = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)
REAL = [path.read_bytes() for path in sorted(Path(__file__).parents[3].glob("fixtures/mails/*/*.eml"))]
REAL = [raw for raw in REAL if b"application/" not in raw] or [b"From: a@b\n\nx"]
"""Without workbooks and PDFs: each costs a process, and what is mutated here is the mail."""

PIECES = st.sampled_from(
    (
        *(
            b"\n",
            b"\r\n",
            b"\r",
            b"--x",
            b"--x--",
            b"--y",
            b"a: b",
            b" ",
            b"\0",
            b"\xff",
            b"x\xe2\x82\xac",
            b"=3D",
            b"aGFsbG8",
        ),
        *(b"From: ", b"Date: 1", b"=?utf-8?Q?=E2?=", b"<p>", b"<table><tr><td>"),
        b"Content-Type: multipart/mixed; boundary=x",
        b"Content-Type: multipart/report; boundary=y",
        b"Content-Type: text/html",
        b"Content-Type: text/plain; charset=utf-7; format=flowed",
        b"Content-Type: text/calendar",
        b"Content-Type: message/rfc822",
        b"Content-Type: message/delivery-status",
        b"Content-Type: application/ms-tnef",
        b"Content-Type: application/pkcs7-mime",
        b"Content-Transfer-Encoding: base64",
        b"Content-Transfer-Encoding: quoted-printable",
        b"Content-Disposition: attachment; filename*0*=''%00",
    )
)
FEW = settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))


def check(raw: bytes) -> Mail:
    before = bytes(bytearray(raw))
    mail = _read(raw, NOTED)
    assert raw == before
    strings = [mail.text, mail.html, mail.subject, mail.message_id, mail.sender.email, mail.sender.name, *mail.problems]
    strings += [text for file in mail.attachments for text in (file.name, file.text, file.note, file.content_id)]
    strings += [text for address in (*mail.to, *mail.cc, *mail.reply_to) for text in (address.name, address.email)]
    for text in strings:
        text.encode("utf-8")
        assert "\0" not in text
        assert "\r" not in text
    assert "\n" not in mail.subject
    assert mail.received_at.tzinfo is UTC
    for file in mail.attachments:
        assert len(part_bytes(raw, file.position)) >= 0
    return mail


@FEW
@given(st.binary(max_size=2_000))
def test_any_bytes(raw: bytes) -> None:
    check(raw)


@FEW
@given(st.lists(PIECES, max_size=60))
def test_pieces_of_mail_in_any_order(pieces: list[bytes]) -> None:
    check(b"".join(pieces))
    check(b"\n".join(pieces))


@FEW
@given(st.sampled_from(REAL), st.data())
def test_real_mail_with_holes_and_noise(raw: bytes, data: st.DataObject) -> None:
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, len(raw)))
        until = data.draw(st.integers(at, min(len(raw), at + 200)))
        raw = raw[:at] + data.draw(st.binary(max_size=20) | PIECES) + raw[until:]
    check(raw)


def message(parts: list[object] | str) -> EmailMessage:
    mail = EmailMessage()
    if isinstance(parts, str):
        mail.set_content(parts)
        return mail
    mail.make_mixed()
    for part in parts:
        mail.attach(message(part))  # type: ignore[arg-type]
    return mail


TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=30)
TREES = st.recursive(TEXTS, lambda inner: st.lists(inner, min_size=1, max_size=4), max_leaves=20)


def leaves(parts: object) -> list[str]:
    return [parts] if isinstance(parts, str) else [leaf for part in parts for leaf in leaves(part)]  # type: ignore[attr-defined]


@FEW
@given(TREES)
def test_every_text_of_a_well_formed_tree_is_read_once_and_in_order(tree: object) -> None:
    raw = message(tree).as_bytes()  # type: ignore[arg-type]
    mail = check(raw)
    assert "".join(mail.text.split()) == "".join("".join(leaves(tree)).split())


@FEW
@given(TREES)
def test_positions_follow_walk_where_no_mail_is_forwarded(tree: object) -> None:
    mail = message(tree)  # type: ignore[arg-type]
    raw = mail.as_bytes()
    walked = [part.get_content_type() for part in mail.walk()]
    assert [part.content_type for part in mime_tree(raw).parts] == walked
    for position, part in enumerate(mail.walk()):
        if not part.is_multipart():
            assert part_bytes(raw, position).rstrip(b"\n") == part.get_payload(decode=True).rstrip(b"\n")  # type: ignore[union-attr]


@FEW
@given(st.lists(PIECES, max_size=60))
def test_work_is_bounded_by_the_bytes(pieces: list[bytes]) -> None:
    """Parts never overlap unless one contains the other, and are never more or deeper than the limits."""
    raw = b"\n".join(pieces)
    parts = mime_tree(raw).parts
    assert len(parts) <= MAX_PARTS
    leaf_bytes = [(part.start, part.end) for part in parts if not part.is_multipart]
    assert all(end <= start for (_, end), (start, _) in pairwise(leaf_bytes))
    assert all(part.depth <= MAX_DEPTH and 0 <= part.start <= part.end <= len(raw) for part in parts)
