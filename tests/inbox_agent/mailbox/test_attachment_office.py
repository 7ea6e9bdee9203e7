"""Office files, PDF tables and archives as text, and what is said of files that are made to do harm."""

import io
import zipfile
from collections.abc import Callable
from datetime import date

import openpyxl
import pytest
from fpdf import FPDF

from inbox_agent.mailbox.attachment_text import Budget, Reading, attachment_text
from inbox_agent.mailbox.limits import LIMITS

WORD = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
ROWS = (
    ("Uw factuur", "Datum", "Bruto", "Inhouding", "Netto EUR"),
    ("LP251188", "04-07-2025", "2.420,00", "", "2.420,00"),
    ("LP251240", "15-07-2025", "1.210,00", "181,50-", "1.028,50"),
)


def read(name: str, data: bytes) -> Reading:
    return attachment_text(data, "application/octet-stream", name, "", Budget())


def packed(**files: str) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/").replace("_xml", ".xml"), content)
    return target.getvalue()


def word(body: str, head: str = "") -> bytes:
    return packed(word__document_xml=f"{head}<w:document {WORD}><w:body>{body}</w:body></w:document>")


def workbook(*rows: tuple[object, ...], change: Callable[[openpyxl.Workbook], None] | None = None) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.worksheets[0].append(row)
    if change:
        change(book)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def pdf_table(*rows: tuple[str, ...]) -> bytes:
    document = FPDF()
    document.set_font("helvetica", size=10)
    document.add_page()
    for row in rows:
        for index, cell in enumerate(row):
            document.cell(w=35, h=6, text=cell, align="L" if index < 2 else "R")
        document.ln()
    return bytes(document.output())


def test_rows_of_a_pdf_table_stay_rows_with_their_columns_apart() -> None:
    head, first, second = read("a.pdf", pdf_table(*ROWS)).text.splitlines()
    assert head.split() == ["Uw", "factuur", "Datum", "Bruto", "Inhouding", "Netto", "EUR"]
    assert second.split() == list(ROWS[2])
    assert abs(first.rindex("2.420,00") - head.index("Netto EUR")) < 4


def test_a_workbook_shows_amounts_as_a_person_sees_them() -> None:
    found = read("a.xlsx", workbook(("2026-0117", 4900.5, 4900, 0.1 + 0.2, date(2026, 3, 1), None, "x"), (None,)))
    assert found.text == "2026-0117\t4900.50\t4900\t0.30\t2026-03-01\t\tx"


def test_sheets_are_named_where_there_are_several() -> None:
    def second(book: openpyxl.Workbook) -> None:
        book.create_sheet("Betalingen").append(["1", "2"])

    assert read("a.xlsx", workbook(("a",), change=second)).text == "[Sheet]\na\n[Betalingen]\n1\t2"


def test_a_word_document_gives_paragraphs_and_rows_without_what_was_struck_out() -> None:
    body = (
        "<w:p><w:r><w:t>Beste,</w:t></w:r><w:r><w:br/><w:t>wij betaalden</w:t></w:r></w:p>"
        "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>2026-0117</w:t></w:r></w:p></w:tc>"
        "<w:tc><w:p><w:r><w:t>121,00</w:t></w:r><w:del><w:r><w:delText>99,00</w:delText></w:r></w:del></w:p></w:tc></w:tr></w:tbl>"
    )
    assert read("a.docx", word(body)).text == "Beste,\nwij betaalden\n2026-0117\t121,00"


def test_an_archive_is_listed_and_not_opened() -> None:
    found = read("a.zip", packed(a_xml="<a/>", map__b_xml="<b/>"))
    assert found == Reading("", "an archive with 2 files (a.xml, b.xml); what is in it was not read")


def test_files_behind_a_password_are_called_encrypted() -> None:
    ole = bytes.fromhex("d0cf11e0a1b11ae1") + "EncryptedPackage".encode("utf-16-le")
    assert {read(name, ole).note for name in ("a.xlsx", "a.docx")} == {"encrypted"}
    document = FPDF()
    document.add_page()
    document.set_encryption(owner_password="x", user_password="y")
    assert read("a.pdf", bytes(document.output())).note == "encrypted"


def endless_pdf() -> bytes:
    """A page tree that has itself as its child."""
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Count 9999 /Kids [2 0 R 2 0 R] >>",
    ]
    data, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(data))
        data += b"%d 0 obj\n%s\nendobj\n" % (number, content)
    start = len(data)
    data += b"xref\n0 3\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return data + b"trailer << /Size 3 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % start


def laughs(depth: int = 9) -> str:
    entities = "".join(
        f'<!ENTITY y{number} "{f"&y{number - 1};" * 10 if number else "ha"}">' for number in range(depth)
    )
    return f"<!DOCTYPE a [{entities}]>"


def bombed_workbook() -> bytes:
    """A workbook whose sheet unfolds entities."""
    target = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook(("x",)))) as old, zipfile.ZipFile(target, "w") as new:
        for entry in old.infolist():
            content = old.read(entry).decode()
            if entry.filename.startswith("xl/worksheets/"):
                content = content.replace("<worksheet", laughs() + "<worksheet", 1)
                content = content.replace("</sheetData>", '<row><c t="str"><v>&y8;</v></c></row></sheetData>')
            new.writestr(entry.filename, content)
    return target.getvalue()


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("loop.pdf", endless_pdf()),
        ("a.docx", packed(word__document_xml=" " * (LIMITS.unpacked + 1))),
        ("a.docx", packed(other_xml="<a/>")),
        ("a.docx", word("&y8;", laughs())),
        ("a.docx", word("<w:p>" * 50_000)),
        ("a.xlsx", workbook(("x",))[:-200]),
        ("a.zip", b"PK\3\4"),
        ("a.doc", b"x"),
        ("a.msg", b"x"),
    ],
    ids=lambda value: value if isinstance(value, str) else f"{len(value)} bytes",
)
def test_hostile_and_unknown_files_get_a_note_and_no_text(name: str, data: bytes) -> None:
    found = read(name, data)
    assert found.text == ""
    assert found.note


def test_entities_in_a_workbook_never_unfold() -> None:
    found = read("a.xlsx", bombed_workbook())
    assert found.note or "ha" * 100 not in found.text


def test_a_long_list_is_read_to_its_end() -> None:
    found = read("a.xlsx", workbook(*[(f"2026{number}", None, number) for number in range(1_000)]))
    assert len(found.text.splitlines()) == 1_000
    assert found.note == ""


def test_a_sheet_that_claims_a_million_rows_ends_where_its_cells_end() -> None:
    def far(book: openpyxl.Workbook) -> None:
        book.worksheets[0]["A300"] = "onder"
        book.worksheets[0]["A1048576"] = "zoek"

    assert read("a.xlsx", workbook(("boven",), change=far)).text == "boven\nonder"
