"""What every place of one mail shares: the ledger's rows, where the mail names them, and its lines and sentences."""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from extractors.linking.numbers import Named, find_named, groups
from extractors.linking.phrases import NamedMonth, Phrases
from extractors.linking.rows import rows_of
from extractors.segments import MAX_READ, source_of
from extractors.stated import Stated
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.text import PartKind

MAX_QUOTED = 6_000
"""Characters of quoted history that are read for numbers."""

MAX_SUBJECT = 500
"""Characters of a subject that are read for numbers."""

MAX_ATTACHED = 6_000
"""Characters of attachments that are read for numbers."""

_ITEM = re.compile(
    r"\s*(?:[-*•]\s*)?(?:(?:zu|re|ad|punt|point|punkt|nr\.?|no\.?)\s*)?\(?(\d{1,2})\s*[.):]?\s*[-–:]?\s+\S",
    re.IGNORECASE,
)


class Context:
    """One mail and its customer's ledger, read for links once."""

    def __init__(
        self,
        stated: Stated,
        sentences: Sequence[tuple[int, int]],
        phrases: Phrases,
    ) -> None:
        mail, text = stated.mail, stated.text
        self.stated, self.mail, self.text, self.sentences, self.phrases = stated, mail, text, list(sentences), phrases
        self._months: dict[tuple[Source, int], list[NamedMonth]] = {}
        self.rows = rows_of(stated.ledger, mail.received_on)
        self.new: list[Named] = []
        for part in text.new:
            self.new += self._named(mail.text, part.start, min(part.end, part.start + MAX_READ))
        self.groups = groups(self.new, mail.text)
        self._starts = [item.start for item in self.new]
        self.subject = self._named(mail.subject, 0, min(len(mail.subject), MAX_SUBJECT))
        self.quotes: list[list[Named]] = []
        left = MAX_QUOTED
        for part in text.parts:
            if part.kind in (PartKind.QUOTE, PartKind.FORWARD):
                end = min(part.end, part.start + max(left, 0))
                left -= end - part.start
                self.quotes.append(self._named(mail.text, part.start, end))
        self.attached = [
            (attachment.text, self._named(attachment.text, 0, min(len(attachment.text), MAX_ATTACHED)))
            for attachment in mail.attachments
        ]
        quoted = [item for quote in self.quotes for item in quote]
        self.everywhere = [*self.new, *self.subject, *quoted, *(item for _, named in self.attached for item in named)]
        self.lines = [
            (start, end)
            for part in text.new
            for start, end in _lines(mail.text, part.start, min(part.end, part.start + MAX_READ))
        ]

    def _named(self, source: str, start: int, end: int) -> list[Named]:
        return find_named(source, start, end, self.rows)

    def named_in(self, start: int, end: int) -> list[Named]:
        """The numbers that stand in the new text from `start` to `end`."""
        first = bisect_left(self._starts, start)
        return self.new[first : bisect_left(self._starts, end)]

    def months_in(self, evidence: Evidence, start: int, end: int) -> list[NamedMonth]:
        """The months that the text in which the evidence stands names from `start` to `end`."""
        found = self._months.get((evidence.source, evidence.attachment))
        if found is None:
            found = self._months[evidence.source, evidence.attachment] = list(self._months_of(evidence))
        return [one for one in found if start <= one.start and one.end <= end]

    def _months_of(self, evidence: Evidence) -> Iterator[NamedMonth]:
        text = source_of(self.mail, evidence)
        whole = (0, min(len(text), MAX_ATTACHED))
        for span in self.stated.spans() if evidence.source is Source.BODY else [whole]:
            yield from self.phrases.months(text, *span)

    def line_of(self, position: int) -> tuple[int, int]:
        """The line of the new text around a position."""
        return next((line for line in self.lines if line[0] <= position < line[1]), (position, position))

    def item_of(self, position: int) -> int:
        """The number of the list item ("2)") in whose lines a position stands, 0 when in none."""
        for start, end in reversed(self.lines):
            if start <= position and (match := _ITEM.match(self.mail.text, start, end)):
                return int(match.group(1))
        return 0

    def sentence_index(self, start: int) -> int:
        """Which sentence begins there; -1 for none."""
        return next((n for n, span in enumerate(self.sentences) if span[0] <= start < span[1]), -1)

    def quoted_before(self, position: int) -> list[Named]:
        """The numbers of the quoted stretch directly above the new text at a position; an answer between the lines."""
        above: list[Named] = []
        quote = -1
        for part in self.text.parts:
            if part.kind in (PartKind.QUOTE, PartKind.FORWARD):
                quote += 1
                above = self.quotes[quote] or above
            elif part.kind is PartKind.NEW and part.start <= position < part.end:
                return above
        return []


def union(named: Sequence[Named]) -> int:
    """All rows that these numbers mean."""
    rows = 0
    for item in named:
        rows |= item.rows
    return rows


def _lines(text: str, start: int, end: int) -> list[tuple[int, int]]:
    found, position = [], start
    for line in text[start:end].split("\n"):
        if line.strip():
            found.append((position, position + len(line)))
        position += len(line) + 1
    return found
