"""Reads one PDF or workbook from standard input and prints its text: `attachment_reader.py KIND LIMITS-AS-JSON`.

Run as a file in a process of its own (see attachment_text.py): those formats can unfold to any size or never end, and only
a process can be held to a limit and ended. Prints JSON: {"text": ..., "note": ...}. Imports nothing of this product.
"""

import io
import json
import sys
import zipfile
from collections.abc import Iterator
from typing import Any


def pdf_text(data: bytes, limits: dict[str, int]) -> tuple[str, str]:
    """Text of the first pages, and a note when it is not all or when there is none."""
    import pypdf
    from pypdf.errors import DependencyError, FileNotDecryptedError

    document = pypdf.PdfReader(io.BytesIO(data))
    try:
        if document.is_encrypted and not document.decrypt(""):
            return "", "encrypted"
        count = len(document.pages)
        pages: list[str] = []
        for number in range(min(count, limits["pages"])):
            pages.append(document.pages[number].extract_text())
            if sum(map(len, pages)) > limits["attachment_text"]:
                break
    except (FileNotDecryptedError, DependencyError):
        return "", "encrypted"
    text = "\n\n".join(page.strip() for page in pages if page.strip())
    if not text:
        return "", "no text in it, probably a scan"
    return text, f"only {len(pages)} of {count} pages were read" if len(pages) < count else ""


def workbook_text(data: bytes, limits: dict[str, int]) -> tuple[str, str]:
    """Rows of every sheet, a tab between cells, under a line with the sheet's name where there is more than one."""
    if data.startswith(bytes.fromhex("d0cf11e0a1b11ae1")):
        return "", "encrypted, or an old Excel file; it was not read"
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        if sum(entry.file_size for entry in archive.infolist()) > limits["unpacked"]:
            return "", "unfolds to too much; it was not read"
    import openpyxl

    workbook = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    lines: list[str] = []
    cells = length = 0
    for sheet in workbook.worksheets:
        if len(workbook.worksheets) > 1:
            lines.append(f"[{sheet.title}]")
        for row in _rows(sheet):
            values = [_cell(cell.value, cell.number_format or "") for cell in row]
            while values and not values[-1]:
                values.pop()
            cells += len(row)
            if any(values):
                lines.append("\t".join(values))
                length += len(lines[-1])
            if cells > limits["cells"] or length > limits["attachment_text"]:
                return "\n".join(lines), "only the first rows were read"
    return "\n".join(lines), ""


def _rows(sheet: Any) -> Iterator[tuple[Any, ...]]:
    """Rows as far as there are cells; the size that the file claims is not believed."""
    if hasattr(sheet, "reset_dimensions"):
        sheet.reset_dimensions()
    return iter(sheet.iter_rows(max_col=200))


def _cell(value: object, number_format: str) -> str:
    """A value as the sheet shows it as far as that matters: amounts with the decimals of their format, dates as ISO."""
    if value is None:
        return ""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        decimals = number_format.partition(";")[0].partition(".")[2]
        places = len(decimals) - len(decimals.lstrip("0"))
        return f"{value:.{places}f}" if places and "E" not in number_format else str(value)
    text = str(value)
    return " ".join(text.removesuffix(" 00:00:00").split()) if hasattr(value, "isoformat") else " ".join(text.split())


READERS = {"pdf": pdf_text, "workbook": workbook_text}


def main(kind: str, limits: dict[str, int]) -> None:
    """Reads, within the limits of memory and processor time that the operating system enforces where it can."""
    try:
        import resource
    except ImportError:  # Windows: the caller's time limit still holds
        pass
    else:
        resource.setrlimit(resource.RLIMIT_AS, (limits["reader_memory"],) * 2)
        resource.setrlimit(resource.RLIMIT_CPU, (limits["reader_time"],) * 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    try:
        text, note = READERS[kind](sys.stdin.buffer.read(), limits)
    except MemoryError:
        text, note = "", "unfolds to too much; it was not read"
    except Exception as error:  # whatever a library makes of a broken file is the file's fault, and said to a person
        text, note = "", f"damaged, or not what its name says ({type(error).__name__})"
    answer = {"text": text[: limits["attachment_text"]], "note": note}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
