"""Splits a body into new text, signature, disclaimer and history, and tells the language (guide, `reply_text`)."""

from collections.abc import Iterator

from extractors.endings import Endings
from extractors.history import History
from extractors.language import LanguageProfiles
from extractors.lines import Line, split_lines
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.text import MailText, PartKind, TextPart

MAX_READ = 50_000
"""Characters of a body that are read; what comes after is kept as one quoted part."""


class Reading:
    """The `TextReader`. Loads its data when made; keeps nothing between mails."""

    def __init__(self) -> None:
        self._history = History()
        self._endings = Endings()
        self._profiles = LanguageProfiles()

    def read(self, mail: Mail) -> MailText:
        """The parts of `mail.text`, covering it from start to end. Never raises, whatever the text."""
        source = mail.text
        lines = split_lines(source, 0, min(len(source), MAX_READ))
        kinds: list[PartKind] = []
        for own, kind in self._blocks(lines):
            kinds.extend(self._own_kinds(own, mail) if kind is PartKind.NEW else [kind] * len(own))
        parts = _merge(source, lines, kinds)
        text = "\n".join(source[part.start : part.end] for part in parts if part.kind is PartKind.NEW)
        return MailText(source, parts, self._profiles.detect(text, mail.subject, source))

    def _blocks(self, lines: tuple[Line, ...]) -> Iterator[tuple[tuple[Line, ...], PartKind]]:
        """Runs of lines: own (as NEW, still with its signature), QUOTE or FORWARD."""
        own_from = index = 0
        while index < len(lines):
            if lines[index].is_quoted:
                kind, end = PartKind.QUOTE, self._quote_end(lines, index)
            elif start := self._history.starts(lines, index):
                kind, length = start
                end = index + length
                following = next((line for line in lines[end:] if not line.is_blank), None)
                end = self._quote_end(lines, end) if following and following.is_quoted else len(lines)
            else:
                index += 1
                continue
            if own_from < index:
                yield lines[own_from:index], PartKind.NEW
            yield lines[index:end], kind
            own_from = index = end
        if own_from < len(lines):
            yield lines[own_from:], PartKind.NEW

    @staticmethod
    def _quote_end(lines: tuple[Line, ...], index: int) -> int:
        """End of the quoted lines from here, blank lines between them included."""
        end = index
        for position in range(index, len(lines)):
            if lines[position].is_quoted:
                end = position + 1
            elif not lines[position].is_blank:
                break
        return max(end, index)

    def _own_kinds(self, lines: tuple[Line, ...], mail: Mail) -> list[PartKind]:
        """The kind of each of the sender's own lines."""
        banner = self._endings.banner_length(lines) if lines and lines[0].start == 0 else 0
        rest = lines[banner:]
        disclaimer = self._endings.disclaimer(rest)
        closing = self._endings.closing(rest[:disclaimer], mail.sender)
        return (
            [PartKind.DISCLAIMER] * banner
            + [PartKind.NEW] * closing
            + [PartKind.SIGNATURE] * (disclaimer - closing)
            + [PartKind.DISCLAIMER] * (len(rest) - disclaimer)
        )


def _merge(source: str, lines: tuple[Line, ...], kinds: list[PartKind]) -> tuple[TextPart, ...]:
    """Adjacent lines of one kind as one part; blank own stretches join what precedes, so that NEW is never only blank."""
    parts: list[TextPart] = []
    for line, kind in zip(lines, kinds, strict=True):
        if parts and parts[-1].kind is kind:
            parts[-1] = TextPart(kind, parts[-1].start, line.end)
        elif parts and line.is_blank and kind is PartKind.NEW:
            parts[-1] = TextPart(parts[-1].kind, parts[-1].start, line.end)
        else:
            parts.append(TextPart(kind, line.start, line.end))
    if len(source) > (end := lines[-1].end if lines else 0):
        parts.append(TextPart(PartKind.QUOTE, end, len(source)))
    return tuple(parts)
