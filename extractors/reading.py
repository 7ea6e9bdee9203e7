"""Splits a body into new text, signature, disclaimer and history, and tells the language (guide, `reply_text`)."""

import re
from collections.abc import Sequence
from dataclasses import replace

from extractors.endings import Endings
from extractors.history import History
from extractors.language import LanguageProfiles
from extractors.lines import Line, split_lines
from extractors.notices import Notices
from extractors.signatures import Sender, Signatures
from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.text import MailText, PartKind, QuotedHeader, TextPart

MAX_READ = 50_000
"""Characters of a body that are read; what comes after is kept as one quoted part."""

MAX_LINES = 5_000
"""Lines of a body that are read; likewise."""

_ANSWER = re.compile(r"\[([^\[\]:]{1,40}):?\]")


class Reading:
    """The `TextReader`. Loads its data when made; keeps nothing between mails."""

    def __init__(self) -> None:
        self._history = History()
        self._notices = Notices()
        self._signatures = Signatures()
        self._endings = Endings(self._notices, self._signatures)
        self._profiles = LanguageProfiles()

    def read(self, mail: Mail) -> MailText:
        """The parts of `mail.text`, covering it from start to end. Never raises, whatever the text."""
        source, sender = mail.text, Sender.of(mail.sender)
        lines = split_lines(source, 0, min(len(source), MAX_READ))[:MAX_LINES]
        parts: list[TextPart] = []
        for stretch in self._history.stretches(lines, mail.subject):
            inside = lines[stretch.start : stretch.end]
            if stretch.kind is PartKind.NEW:
                parts.extend(_own_parts(inside, self._own_kinds(inside, sender), parts))
            elif answers := self._answers(inside, stretch.header, mail.sender, sender):
                parts.extend(
                    part if part.kind is PartKind.NEW else replace(part, header=stretch.header)
                    for part in _own_parts(inside, answers, parts)
                )
            else:
                parts.append(TextPart(stretch.kind, inside[0].start, inside[-1].end, stretch.header))
        if len(source) > (end := lines[-1].end if lines else 0):
            parts.append(TextPart(PartKind.QUOTE, end, len(source)))
        text = "\n".join(source[part.start : part.end] for part in parts if part.kind is PartKind.NEW)
        language, is_clear = self._profiles.told(text, mail.subject, source)
        return MailText(source, tuple(parts), language, is_clear)

    def _answers(
        self, lines: Sequence[Line], header: QuotedHeader | None, address: Address, sender: Sender
    ) -> list[PartKind]:
        """The kind of each line of a quoted mail into which the sender wrote answers, marked "[Jan]"; [] without any."""
        author = header.sender if header else None
        if author and (author.key == address.key or self._signatures.is_sender(author.name, sender)):
            return []
        kinds = [PartKind.NEW if self._is_answer(line.text, sender) else PartKind.QUOTE for line in lines]
        return kinds if PartKind.NEW in kinds else []

    def _is_answer(self, text: str, sender: Sender) -> bool:
        mark = _ANSWER.match(text)
        return mark is not None and self._signatures.is_sender(mark[1], sender)

    def _own_kinds(self, lines: Sequence[Line], sender: Sender) -> list[PartKind]:
        """The kind of each of the sender's own lines."""
        banner = self._notices.banner_length(lines) if lines[0].start == 0 else 0
        rest = lines[banner:]
        disclaimer = self._notices.disclaimer(rest)
        closing = self._endings.closing(rest[:disclaimer], sender)
        kinds = [PartKind.DISCLAIMER] * banner
        kinds += [PartKind.NEW] * closing
        kinds += [PartKind.SIGNATURE] * (disclaimer - closing)
        kinds += [PartKind.DISCLAIMER] * (len(rest) - disclaimer)
        if after := self._endings.postscript(rest[closing:]):
            first, end = (banner + closing + place for place in after)
            kinds[first:end] = [PartKind.NEW] * (end - first)
        return kinds


def _own_parts(lines: Sequence[Line], kinds: Sequence[PartKind], before: list[TextPart]) -> list[TextPart]:
    """Adjacent own lines of one kind as one part. Blank lines join what precedes them, in `before` at first, so that no
    part but the first is only blank.
    """
    parts: list[TextPart] = []
    for line, kind in zip(lines, kinds, strict=True):
        if parts and (parts[-1].kind is kind or line.is_blank):
            parts[-1] = replace(parts[-1], end=line.end)
        elif not parts and before and line.is_blank:
            before[-1] = replace(before[-1], end=line.end)
        else:
            parts.append(TextPart(kind, line.start, line.end))
    return parts
