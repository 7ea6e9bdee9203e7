"""A CSV file as rows of our fields. Whatever is wrong with the file becomes a refusal, never an exception."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from inbox_agent.ledger.layout import FIELDS, Layout
from inbox_agent.ledger.refusal import Refusal

LARGEST_FILE = 200 * 1024 * 1024
"""Bytes. An AR ledger of a million invoices has about 100 MB."""
_MOST_REFUSALS = 10_000


@dataclass(frozen=True, slots=True)
class Row:
    """One row: our field -> the text as written. A field whose column is not there is ""."""

    line: int
    fields: dict[str, str]

    def __getitem__(self, name: str) -> str:
        return self.fields.get(name, "")


@dataclass
class CsvTable:
    """One file of an export, read once by `rows`; what was refused so far is in `refusals`."""

    folder: Path
    name: str
    layout: Layout
    largest: int = LARGEST_FILE
    refusals: list[Refusal] = field(default_factory=list)
    columns: frozenset[str] = frozenset()
    """Our fields that the file has; known once `rows` has begun."""

    @property
    def file(self) -> str:
        """The file's name, as refusals show it."""
        return f"{self.name}.csv"

    def refuse(self, line: int, reason: str) -> None:
        """Notes a refusal."""
        self.refusals.append(Refusal(self.file, line, reason))

    def rows(self) -> Iterator[Row]:
        """Every row that can be read; stops when the file as a whole cannot be, or after ten thousand refusals."""
        text = self._text()
        if text is None:
            return
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=self.layout.delimiter, strict=True)
        try:
            header = next(reader, [])
            places = self._places([name.strip() for name in header])
            if places is None:
                return
            self.columns = frozenset(places)
            for values in reader:
                if not any(values):
                    continue
                if len(values) != len(header):
                    self.refuse(reader.line_num, f"it has {len(values)} fields, the header has {len(header)}")
                else:
                    yield Row(reader.line_num, {name: values[place] for name, place in places.items()})
                if len(self.refusals) >= _MOST_REFUSALS:
                    self.refuse(reader.line_num, "too many refused rows; the rest of the file was not read")
                    return
        except csv.Error as error:
            self.refuse(reader.line_num, f"it is not CSV with the delimiter {self.layout.delimiter!r} ({error})")

    def _text(self) -> str | None:
        path = self.folder / self.file
        try:
            size = path.stat().st_size
            if size > self.largest:
                self.refuse(0, f"it has {size} bytes, at most {self.largest} are read")
                return None
            raw = path.read_bytes()
        except OSError as error:
            self.refuse(0, f"it cannot be read ({error.strerror})")
            return None
        try:
            text = raw.decode(self.layout.encoding)
        except UnicodeError as error:
            start = getattr(error, "start", 0)
            self.refuse(raw.count(b"\n", 0, start) + 1, f"it is not {self.layout.encoding} text")
            return None
        if "\x00" in text:
            self.refuse(text.count("\n", 0, text.index("\x00")) + 1, "it has a NUL character; it is no text file")
            return None
        return text.removeprefix("\ufeff")

    def _places(self, header: list[str]) -> dict[str, int] | None:
        """Our field -> its place in a row; None when the header is not usable."""
        mapped = self.layout.columns.get(self.name)
        wanted = mapped if mapped is not None else {name: name for name in FIELDS[self.name]}
        if len(set(header)) < len(header):
            twice = next(name for name in header if header.count(name) > 1)
            self.refuse(1, f"the column {twice!r} is there twice")
            return None
        places = {name: header.index(title) for name, title in wanted.items() if title in header}
        needed = [name for name in wanted if mapped is not None or FIELDS[self.name][name]]
        for name in needed:
            if name not in places:
                self.refuse(1, f"the column {wanted[name]!r} is missing ({name})")
        return None if self.refusals else places
