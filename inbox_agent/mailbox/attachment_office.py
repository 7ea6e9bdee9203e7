"""Workbooks and Word documents as text: rows with a tab between cells. Runs in the process of `attachment_reader`.

Both are zip containers of XML, which can unfold to anything: what they claim to hold is added up before they are opened,
and the process is held to a limit besides. Imports nothing of this product.
"""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

OLD_OR_ENCRYPTED = bytes.fromhex("d0cf11e0a1b11ae1")
"""The first bytes of an OLE container: Office before 2007, or a newer file behind a password."""

MAX_EMPTY = 1_000
"""Empty rows after which a sheet is believed to be over."""

TOO_MUCH = "unfolds to too much; it was not read"

_WORD = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def workbook_text(data: bytes, limits: dict[str, int]) -> tuple[str, str]:
    """Rows of every sheet, a tab between cells, under a line with the sheet's name where there is more than one."""
    if data.startswith(OLD_OR_ENCRYPTED):
        return "", _locked(data) or "encrypted, or an old Excel file; it was not read"
    if _unfolds(data) > limits["unpacked"]:
        return "", TOO_MUCH
    import openpyxl

    workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    lines: list[str] = []
    cells = length = 0
    for sheet in workbook.worksheets:
        if len(workbook.worksheets) > 1:
            lines.append(f"[{sheet.title}]")
        empty = 0
        for row in _rows(sheet):
            values = [_cell(cell.value, cell.number_format or "") for cell in row]
            while values and not values[-1]:
                values.pop()
            cells += sum(map(bool, values)) + len(row) // 100
            if any(values):
                lines.append("\t".join(values))
                length += len(lines[-1])
                empty = 0
            empty += 1
            if empty > MAX_EMPTY:
                break
            if cells > limits["cells"] or length > limits["attachment_text"]:
                return "\n".join(lines), "only the first rows were read"
    return "\n".join(lines), ""


def document_text(data: bytes, limits: dict[str, int]) -> tuple[str, str]:
    """Paragraphs and table rows of a Word document, in order; headers, footnotes and what was struck out are left out."""
    if data.startswith(OLD_OR_ENCRYPTED):
        return "", _locked(data) or "an old Word file; it was not read"
    if _unfolds(data) > limits["unpacked"]:
        return "", TOO_MUCH
    from lxml import etree

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        content = archive.read("word/document.xml")
    parser = etree.XMLParser(resolve_entities=False, load_dtd=False, no_network=True, huge_tree=False)
    body = etree.fromstring(content, parser).find(f"{_WORD}body")
    lines: list[str] = []
    for block in body if body is not None else ():
        if block.tag == f"{_WORD}tbl":
            lines += [
                "\t".join(_paragraph(cell) for cell in row.iter(f"{_WORD}tc")) for row in block.iter(f"{_WORD}tr")
            ]
        else:
            lines.append(_paragraph(block))
    text = re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in lines)).strip()
    return text, "" if text else "no text in it"


def archive_text(data: bytes, limits: dict[str, int]) -> tuple[str, str]:
    """No text, and a note with the names of the first files in a zip archive: it is listed and never unpacked."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        files = [entry for entry in archive.infolist() if not entry.is_dir()]
    names = [re.sub(r"[^\w .()&+-]", "_", entry.filename.rpartition("/")[2])[:60] for entry in files[:3]]
    more = ", …" if len(files) > len(names) else ""
    return "", f"an archive with {len(files)} files ({', '.join(names)}{more}); what is in it was not read"


def _locked(data: bytes) -> str:
    """A note when an OLE container holds an encrypted package (MS-OFFCRYPTO), else ""."""
    return "encrypted" if "EncryptedPackage".encode("utf-16-le") in data else ""


def _unfolds(data: bytes) -> int:
    """Bytes that a zip container says its files unfold to. `zipfile` reads no more of a file than that."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return sum(entry.file_size for entry in archive.infolist())


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Rows as wide as their own cells; the size that the file claims is not believed."""
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()
    return iter(sheet.iter_rows())


def _cell(value: object, number_format: str) -> str:
    """A value as the sheet shows it as far as that matters: amounts with the decimals of their format, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        decimals = number_format.partition(";")[0].partition(".")[2]
        places = len(decimals) - len(decimals.lstrip("0"))
        if places and "E" not in number_format:
            return f"{value:.{places}f}"
        return (
            f"{value:.2f}"
            if isinstance(value, float) and round(value, 2) == round(value, 6) != int(value)
            else str(value)
        )
    text = str(value)
    return " ".join(text.removesuffix(" 00:00:00").split()) if hasattr(value, "isoformat") else " ".join(text.split())


def _paragraph(block: Any) -> str:
    """The text of a paragraph or a cell, tabs and line breaks kept; deleted text (`delText`) is not in it."""
    pieces = []
    for element in block.iter():
        if element.tag == f"{_WORD}t":
            pieces.append(element.text or "")
        elif element.tag == f"{_WORD}tab":
            pieces.append("\t")
        elif element.tag in (f"{_WORD}br", f"{_WORD}cr"):
            pieces.append("\n")
    return "".join(pieces)
