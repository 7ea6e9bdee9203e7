"""What can be read from attachments, and what is said when it cannot."""

import base64
import io
import struct
import zipfile
from datetime import UTC, date, datetime

import openpyxl
import pypdf
import pytest
from fpdf import FPDF

from inbox_agent.domain.mail import Attachment, Mail
from inbox_agent.domain.mime_part import part_bytes
from inbox_agent.domain.wrapped import signed_content, tnef_content
from inbox_agent.mailbox.limits import LIMITS
from inbox_agent.mailbox.mime import parse


def raw_with(content_type: str, data: bytes) -> bytes:
    head = "Content-Type: multipart/mixed; boundary=x\n\n--x\n\nzie bijlage\n--x\nContent-Type: {}\n"
    encoded = base64.encodebytes(data)
    return head.format(content_type).encode() + b"Content-Transfer-Encoding: base64\n\n" + encoded + b"--x--\n"


def read(raw: bytes) -> Mail:
    return parse(raw, received_at=datetime(2026, 3, 3, tzinfo=UTC))


def attached(content_type: str, data: bytes) -> Attachment:
    (file,) = read(raw_with(content_type, data)).attachments
    return file


def pdf(pages: int = 1, password: str = "") -> bytes:
    document = FPDF()
    document.set_font("helvetica")
    for number in range(pages):
        document.add_page()
        document.cell(text=f"Factuur 20261234 blad {number + 1}")
    if password:
        document.set_encryption(owner_password="x", user_password=password)
    return bytes(document.output())


def workbook(rows: int) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    for number in range(rows):
        sheet.append([f"2026{number}", None, 12.5, date(2026, 3, 1)])
        sheet.cell(number + 1, 3).number_format = "#,##0.00"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def test_pdf() -> None:
    assert attached("application/pdf; name=a.pdf", pdf()).text == "Factuur 20261234 blad 1"
    long = attached("application/octet-stream; name=a.PDF", pdf(LIMITS.pages + 5))
    assert long.text.endswith(f"blad {LIMITS.pages}")
    assert long.note == f"only {LIMITS.pages} of {LIMITS.pages + 5} pages were read"
    assert attached("application/pdf; name=a.pdf", pdf(password="geheim")).note == "encrypted"


def test_workbook() -> None:
    assert (
        attached("application/x; name=a.xlsx", workbook(2)).text
        == "20260\t\t12.50\t2026-03-01\n20261\t\t12.50\t2026-03-01"
    )
    assert attached("application/x; name=a.xlsx", workbook(LIMITS.cells)).note == "only the first rows were read"


def pdf_bomb() -> bytes:
    """A page whose content unfolds to 400 MB."""
    writer = pypdf.PdfWriter()
    page = writer.add_blank_page(100, 100)
    stream = pypdf.generic.DecodedStreamObject()
    stream.set_data(b" " * 400_000_000)
    page[pypdf.generic.NameObject("/Contents")] = writer._add_object(stream.flate_encode())
    target = io.BytesIO()
    writer.write(target)
    return target.getvalue()


def zip_bomb() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", b" " * (LIMITS.unpacked + 1))
    return target.getvalue()


@pytest.mark.parametrize(
    ("content_type", "data"),
    [
        ("application/pdf; name=a.pdf", b"%PDF-1.4 rommel"),
        ("application/pdf; name=a.pdf", pdf()[:400]),
        ("application/pdf; name=a.pdf", pdf_bomb()),
        ("application/x; name=a.xlsx", b"PK rommel"),
        ("application/x; name=a.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + b"x" * 100),
        ("application/x; name=a.xlsx", zip_bomb()),
        ("application/ms-tnef; name=winmail.dat", b"rommel"),
        ("application/pkcs7-mime; name=smime.p7m", b"rommel"),
        ("application/zip; name=a.zip", b"PK"),
        ("application/pdf; name=leeg.pdf", b""),
        ("application/pdf; name=groot.pdf", b"x" * (LIMITS.attachment + 3)),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_what_cannot_be_read_gets_a_note(content_type: str, data: bytes) -> None:
    file = attached(content_type, data)
    assert file.text == ""
    assert file.note


def test_text_files() -> None:
    assert attached("text/csv; charset=windows-1252; name=a.csv", "één;€".encode("cp1252")).text == "één;€"
    assert attached("application/octet-stream; name=a.xml", b"<a>\r\n1</a>").text == "<a>\n1</a>"
    assert len(attached("text/plain; name=a.txt", b"x" * 300_000).text) == LIMITS.attachment_text
    assert attached("text/plain; name=../../etc/passwd", b"x").name == "passwd"


def test_an_invitation_is_legible() -> None:
    invitation = (
        b"BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nSUMMARY:Overleg\\, open\r\n  posten\r\n"
        b"DTSTART;TZID=Europe/Amsterdam:20260305T100000\r\nDTEND:20260305T100000Z\r\n"
        b'ORGANIZER;CN="Jan":mailto:jan@x.nl\r\nEND:VEVENT\r\n'
    )
    assert attached("text/calendar; name=a.ics", invitation).text == (
        "Method: REQUEST\n\nSummary: Overleg, open posten\nStart: 2026-03-05 10:00 (Europe/Amsterdam)\n"
        "End: 2026-03-05 10:00 UTC\nOrganizer: Jan <jan@x.nl>"
    )


def test_a_forwarded_mail_is_one_attachment_with_its_text() -> None:
    inner = b"From: piet@x.nl\nDate: Mon, 2 Mar 2026 10:00 +0100\nSubject: Oud bericht\n\nBinnenin"
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\nzie\n--x\nContent-Type: message/rfc822\n\n"
        + inner
        + b"\n--x--\n"
    )
    mail = read(raw)
    (file,) = mail.attachments
    assert mail.text == "zie"
    assert file.name == "Oud bericht.eml"
    assert file.text == "From: piet@x.nl\nDate: Mon, 2 Mar 2026 10:00 +0100\nSubject: Oud bericht\n\nBinnenin"
    assert part_bytes(raw, file.position) == inner


def der(tag: int, content: bytes) -> bytes:
    return bytes([tag, 0x84]) + len(content).to_bytes(4, "big") + content


def signed(mail: bytes, *, in_pieces: bool = False) -> bytes:
    """CMS signed-data around a mail, without signers; `in_pieces` as Outlook writes it, in octet strings of 10 bytes."""
    pieces = b"".join(der(4, mail[at : at + 10]) for at in range(0, len(mail), 10))
    octets = b"\x24\x80" + pieces + b"\0\0" if in_pieces else der(4, mail)
    content = der(0x30, bytes.fromhex("06092a864886f70d010701") + der(0xA0, octets))
    data = der(0x30, b"\x02\x01\x01\x31\x00" + content)
    return der(0x30, bytes.fromhex("06092a864886f70d010702") + der(0xA0, data))


@pytest.mark.parametrize("in_pieces", [False, True])
def test_an_opaque_signed_mail_is_read_and_its_files_are_found(in_pieces: bool) -> None:
    inner = raw_with("text/csv; name=a.csv", b"1234;5")
    raw = (
        b"Content-Type: application/pkcs7-mime; smime-type=signed-data; name=smime.p7m\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(signed(inner, in_pieces=in_pieces))
    )
    mail = read(raw)
    assert mail.text == "zie bijlage"
    assert [file.name for file in mail.attachments] == ["smime.p7m", "a.csv"]
    assert part_bytes(raw, mail.attachments[1].position) == b"1234;5"


def test_an_encrypted_mail_is_noted() -> None:
    enveloped = der(0x30, bytes.fromhex("06092a864886f70d010703") + der(0xA0, b"geheim"))
    raw = b"Content-Type: application/pkcs7-mime\nContent-Transfer-Encoding: base64\n\n" + base64.encodebytes(enveloped)
    mail = read(raw)
    assert mail.attachments[0].note == "encrypted"
    assert "the mail is encrypted: only its headers were read" in mail.problems


def tnef(*attributes: tuple[int, bytes]) -> bytes:
    stream = struct.pack("<IH", 0x223E9F78, 1)
    for attribute, value in attributes:
        stream += struct.pack("<BHHI", 1, attribute, 6, len(value)) + value + b"\0\0"
    return stream


def test_winmail_dat_gives_its_body_and_its_files() -> None:
    data = tnef((0x800C, b"Uit Outlook\0"), (0x9002, b""), (0x8010, b"bon.csv\0"), (0x800F, b"1;2"))
    raw = (
        b"Content-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: application/ms-tnef; name=winmail.dat\n"
        b"Content-Transfer-Encoding: base64\n\n" + base64.encodebytes(data) + b"--x--\n"
    )
    mail = read(raw)
    assert mail.text == "Uit Outlook"
    assert [(file.name, file.text) for file in mail.attachments] == [("winmail.dat", ""), ("bon.csv", "1;2")]
    assert part_bytes(raw, mail.attachments[1].position) == b"1;2"


def test_broken_wrappers_never_raise() -> None:
    data = tnef(
        (0x9002, b""), (0x800F, b"1;2"), (0x9005, b"\xff" * 40), (0x9003, struct.pack("<IHHI", 9, 0x1F, 0x9000, 1))
    )
    for cut in range(len(data)):
        tnef_content(data[:cut])
    cms = signed(b"Subject: x\n\ny", in_pieces=True)
    for cut in range(len(cms)):
        signed_content(cms[:cut])


def test_a_part_that_is_not_there() -> None:
    for position in (-1, 7, 10_001, 70_002):
        with pytest.raises(LookupError):
            part_bytes(raw_with("text/csv", b"1"), position)
