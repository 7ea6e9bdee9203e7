"""Which stretches of a body are quoted or forwarded mails, each on its own, and which are the sender's.

Forms seen: Outlook (desktop, web, mobile), Exchange, Gmail, Apple Mail, Thunderbird, Lotus Notes, GroupWise, Zimbra, Zoho, Yahoo,
Samsung, ticket systems, and the copy that a mail server returns; answers may stand between `>` quotes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from extractors.headers import MAX_LINE, Headers, Intro, is_rule
from extractors.introductions import Introductions
from extractors.lines import Line
from extractors.lotus import read_box, read_labels
from extractors.tables import alternatives
from inbox_agent.domain.text import PartKind, QuotedHeader

MAX_QUOTED = 100
"""Quoted mails that are told apart in one stretch of history; what follows stays with the last."""

_GAP = 3
"""Lines between a separator and the header block below it."""

_NOTHING = QuotedHeader()
_TRANSCRIPT = re.compile(r">>> ?(?:[A-Z]{4}\b|\.$)")
_BUTTON_WORDS = 9
_DRAWN = r"(?:[-_=*#~+<\[]{2}|[—–])[-_=*#~—–+<\[ ]{0,60}"


@dataclass(frozen=True, slots=True)
class Stretch:
    """Lines `start` to `end`: own (`NEW`, still with its signature), or one quoted or forwarded mail with its header."""

    kind: PartKind
    start: int
    end: int
    header: QuotedHeader | None = None


@dataclass(frozen=True, slots=True)
class _Opening:
    kind: PartKind
    intro: Intro


class History:
    """Recognises history in all languages."""

    def __init__(self) -> None:
        flags = re.IGNORECASE
        self._headers, self._introductions = Headers(), Introductions()
        original, forwarded = alternatives("reading", "original"), alternatives("reading", "forwarded")
        self._original = re.compile(
            rf"{_DRAWN}.{{0,60}}?\b(?:{original})\b|\W{{0,4}}(?:{original})\b(?:[^.?!:]{{0,30}}:|\W*)$", flags
        )
        self._forwarded = re.compile(
            rf"{_DRAWN}.{{0,40}}?\b(?:{forwarded})\b|\W{{0,4}}(?:{forwarded})\b(?:[^.?!:]{{0,20}}:|\W*)$", flags
        )
        self._returned = re.compile(rf"\W{{0,12}}(?:{alternatives('reading', 'returned')})\b", flags)
        self._reply_subject = re.compile(
            rf"\s*(?:{alternatives('reading', 'reply_prefixes')}|{alternatives('reading', 'forward_prefixes')})\s?(?:\[\d+\])?\s?:",
            flags,
        )
        self._forward_subject = re.compile(
            rf"(?:(?:{alternatives('reading', 'reply_prefixes')})\s?:\s*){{0,3}}(?:{alternatives('reading', 'forward_prefixes')})\s?:",
            flags,
        )
        self._bulk = re.compile(rf"(?<!\w)(?:{alternatives('reading', 'bulk')})(?!\w)", flags)

    def stretches(self, lines: Sequence[Line], subject: str) -> Iterator[Stretch]:
        """The lines in order, without gaps. `subject` tells a mail that was passed on from one that was answered."""
        forwards = bool(self._forward_subject.match(subject.strip()[:100]))
        answers = bool(self._reply_subject.match(subject[:100]))
        quotes = self._has_quotes(lines, answers=answers)
        own_from = index = 0
        while index < len(lines):
            opening = None if lines[index].is_blank else self._opening(lines, index)
            if opening is None and not (lines[index].is_quoted and quotes and not _TRANSCRIPT.match(lines[index].text)):
                index += 1
                continue
            if own_from < index:
                yield Stretch(PartKind.NEW, own_from, index)
            body = index + (opening.intro.length if opening else 0)
            if opening and not answers and not forwards and self._is_frame(lines, index, opening):
                yield Stretch(PartKind.DISCLAIMER, index, body, opening.intro.header)
                own_from = index = body
                continue
            end = _quote_end(lines, body) if _next_is_quoted(lines, body) else len(lines)
            if opening and opening.kind is PartKind.QUOTE and forwards:
                opening = replace(opening, kind=PartKind.FORWARD)
            yield from self._mails(lines, index, end, opening)
            forwards = False
            own_from = index = end
        if own_from < len(lines):
            yield Stretch(PartKind.NEW, own_from, len(lines))

    @staticmethod
    def _is_frame(lines: Sequence[Line], index: int, opening: _Opening) -> bool:
        """Whether a header block above the whole body says who filled in a form or called, and quotes no mail."""
        return (
            opening.kind is PartKind.QUOTE
            and opening.intro.length > 1
            and not lines[index].is_quoted
            and all(line.is_blank for line in lines[:index])
            and not _next_is_quoted(lines, index + opening.intro.length)
            and any(line.content for line in lines[index + opening.intro.length :])
            and opening.intro.header.sender is not None
        )

    def _mails(self, lines: Sequence[Line], start: int, end: int, opening: _Opening | None) -> Iterator[Stretch]:
        """Each mail of a stretch of history. A mail goes on where its depth of quoting returns after a deeper one."""
        headers: dict[int, QuotedHeader | None] = {}
        kind, begin, index, count = (opening.kind if opening else PartKind.QUOTE), start, start, 0
        depth = lines[start].depth
        current: QuotedHeader | None = None
        while index < end:
            line = lines[index]
            found = (
                opening
                if index == start
                else self._opening(lines, index)
                if line.content and count < MAX_QUOTED
                else None
            )
            if found:
                after = index + found.intro.length
                if begin < index:
                    yield Stretch(kind, begin, index, current)
                    kind, begin, count = PartKind.QUOTE, index, count + 1
                current = found.intro.header
                depth = next((lines[at].depth for at in range(after, end) if lines[at].content), line.depth)
                headers = {key: value for key, value in headers.items() if key < depth} | {depth: current}
                index = after
                continue
            if line.content and line.depth != depth and count < MAX_QUOTED and not _is_wrapped(lines, index, depth):
                if begin < index:
                    yield Stretch(kind, begin, index, current)
                    kind, begin, count = PartKind.QUOTE, index, count + 1
                depth, current = line.depth, headers.get(line.depth)
                headers = {key: value for key, value in headers.items() if key <= depth}
            index += 1
        if begin < end:
            yield Stretch(kind, begin, end, current)

    def _opening(self, lines: Sequence[Line], index: int) -> _Opening | None:
        """The start of a quoted or forwarded mail at this line: separator, header block, introduction, or several of them."""
        text = lines[index].content
        if not text or len(text) > MAX_LINE:
            return None
        forwarded = len(text) <= 150 and bool(self._forwarded.match(text))
        original = len(text) <= 150 and not forwarded and bool(self._original.match(text) or self._returned.match(text))
        if not (forwarded or original or is_rule(text)):
            intro = self._intro(lines, index)
            return _Opening(PartKind.QUOTE, intro) if intro else None
        place = next((at for at in range(index + 1, min(len(lines), index + 1 + _GAP)) if lines[at].content), None)
        intro = None if place is None else self._intro(lines, place)
        if intro is None or place is None:
            intro = Intro(1, _NOTHING) if forwarded or original else None
            if intro is None and place is not None and is_rule(text) and not is_rule(lines[place].content):
                below = self._opening(lines, place)
                intro = replace(below.intro, length=place - index + below.intro.length) if below else None
                forwarded = below is not None and below.kind is PartKind.FORWARD
        else:
            intro = replace(intro, length=place - index + intro.length)
        if intro is None:
            return None
        after = index + intro.length
        if forwarded and after < len(lines) and intro.length > 1 and self._forwarded.match(lines[after].content[:150]):
            intro = replace(intro, length=intro.length + 1)
        return _Opening(PartKind.FORWARD if forwarded else PartKind.QUOTE, intro)

    def _intro(self, lines: Sequence[Line], index: int) -> Intro | None:
        return (
            self._headers.block(lines, index)
            or self._introductions.read(lines, index)
            or read_box(self._headers, lines, index)
            or read_labels(self._headers, lines, index)
        )

    def _has_quotes(self, lines: Sequence[Line], *, answers: bool) -> bool:
        """Whether `>` marks quotes here; in newsletters and lures it draws buttons and lists."""
        runs = [(start, end) for start, end in _runs(lines) if not _TRANSCRIPT.match(lines[start].text)]
        if answers or not runs:
            return True
        if all(_is_button(lines, start, end) for start, end in runs):
            return False
        return not any(self._bulk.search(line.text[:500]) for line in lines if not line.is_quoted) or any(
            line.depth and not line.content for line in lines
        )


def _runs(lines: Sequence[Line]) -> list[tuple[int, int]]:
    """First line and end of each run of quoted lines."""
    runs: list[tuple[int, int]] = []
    for index, line in enumerate(lines):
        if line.is_quoted and runs and runs[-1][1] == index:
            runs[-1] = (runs[-1][0], index + 1)
        elif line.is_quoted:
            runs.append((index, index + 1))
    return runs


def _is_button(lines: Sequence[Line], start: int, end: int) -> bool:
    """Whether a run of quoted lines is something to click: alone between empty lines, short, no sentence."""
    content = lines[start].content
    if lines[start].text.endswith("<"):
        return True
    if end - start > 1 or len(content.split()) > _BUTTON_WORDS or content.endswith((".", "?", "!")):
        return False
    between = (start == 0 or lines[start - 1].is_blank) and end < len(lines) and lines[end].is_blank
    return between and any(line.content for line in lines[end : end + 5])


def _next_is_quoted(lines: Sequence[Line], index: int) -> bool:
    return next((lines[at].is_quoted for at in range(index, len(lines)) if not lines[at].is_blank), False)


def _quote_end(lines: Sequence[Line], index: int) -> int:
    """End of the quoted lines from here, blank lines between them included."""
    end = index
    for position in range(index, len(lines)):
        if lines[position].is_quoted:
            end = position + 1
        elif not lines[position].is_blank:
            break
    return end


def _is_wrapped(lines: Sequence[Line], index: int, depth: int) -> bool:
    """Whether a shallower line is only the rest of a quoted one that was wrapped: short, deeper lines around it."""
    if lines[index].depth >= depth or len(lines[index].content) > 40 or index + 1 >= len(lines):
        return False
    return lines[index - 1].depth == depth == lines[index + 1].depth and len(lines[index - 1].content) > 50
