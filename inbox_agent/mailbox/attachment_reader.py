"""Reads one file from standard input and prints its text: `attachment_reader.py KIND LIMITS-AS-JSON`.

Run as a file in a process of its own (see attachment_text.py): PDF, Office and XML files can unfold to any size or never
end, and only a process can be held to a limit and ended. Prints JSON: {"text": ..., "note": ...}. Imports nothing of this
product but the two files of readers beside it.
"""

import importlib.util
import io
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

READERS = {
    "pdf": "attachment_reader.pdf_text",
    "workbook": "attachment_office.workbook_text",
    "document": "attachment_office.document_text",
    "archive": "attachment_office.archive_text",
    "xml": "attachment_xml.xml_text",
}
"""What reads each kind: a function of (bytes, limits) to (text, note), in a file of this folder."""


def pdf_text(data: bytes, limits: dict[str, int]) -> tuple[str, str]:
    """Text of the first pages with its columns kept apart by blanks, and a note when it is not all or when there is none."""
    import pypdf
    from pypdf.errors import DependencyError, FileNotDecryptedError

    document = pypdf.PdfReader(io.BytesIO(data))
    try:
        if document.is_encrypted and not document.decrypt(""):
            return "", "encrypted"
        count = len(document.pages)
        pages: list[str] = []
        for number in range(min(count, limits["pages"])):
            pages.append(_page_text(document.pages[number]))
            if sum(map(len, pages)) > limits["attachment_text"]:
                break
    except (FileNotDecryptedError, DependencyError):
        return "", "encrypted"
    text = "\n\n".join(page.strip() for page in pages if page.strip())
    if not text:
        return "", "no text in it, probably a scan"
    return text, f"only {len(pages)} of {count} pages were read" if len(pages) < count else ""


def _page_text(page: Any) -> str:
    """As laid out, so that a table's rows stay rows; in the order of the file where that fails or finds nothing."""
    try:
        laid_out = page.extract_text(extraction_mode="layout", layout_mode_space_vertically=False)
    except Exception:  # the layout mode of pypdf knows fewer files than its plain mode, which is tried next
        laid_out = ""
    return str(laid_out if laid_out.strip() else page.extract_text())


def _beside(name: str) -> ModuleType:
    """A file of this folder as a module; this process knows no packages of the product."""
    if name == "attachment_reader":
        return sys.modules[__name__]
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


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
    module, _, reader = READERS[kind].partition(".")
    try:
        text, note = getattr(_beside(module), reader)(sys.stdin.buffer.read(), limits)
    except MemoryError:
        text, note = "", "unfolds to too much; it was not read"
    except Exception as error:  # whatever a library makes of a broken file is the file's fault, and said to a person
        text, note = "", f"damaged, or not what its name says ({type(error).__name__})"
    answer = {"text": text[: limits["attachment_text"]], "note": note}
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main(sys.argv[1], json.loads(sys.argv[2]))
