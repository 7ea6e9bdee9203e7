"""Introductions of quoted mails ("On … X wrote:"), in the order of any language.

As Gmail, Apple Mail, Thunderbird, Yahoo, Zoho and GroupWise write them, also wrapped over lines; of languages without data
those that name an address and a date above quoted lines.
"""

import re
from collections.abc import Sequence

from extractors.headers import DATE, EMAIL, JUNK, MAX_LINE, TIME, Intro, address
from extractors.lines import Line
from extractors.tables import alternatives
from inbox_agent.domain.text import QuotedHeader

_WROTE_LINES = 4
"""Lines over which "On … wrote:" may be wrapped."""

_DATE_NAME = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{2,4},? \d{1,2}[:.]\d{2}[^<>]{1,120}<[^<>\s]{3,120}>\s?:$")
_GROUPWISE = re.compile(
    r">>>\s?(?P<sender>.{1,200}?)\s(?P<sent>\d{1,4}[-./]\d{1,2}[-./]\d{2,4}\D{0,4}\d{1,2}[:.]\d{2}.{0,12}?)\s?>>>$"
)


class Introductions:
    """Reads introductions of all languages."""

    def __init__(self) -> None:
        flags = re.IGNORECASE
        start, wrote = alternatives("reading", "wrote_start"), alternatives("reading", "wrote")
        self._start = re.compile(rf"(?:-{{2,}} ?)?(?:{start})\b", flags)
        self._wrote = re.compile(rf"(?<!\w)(?:{wrote})(?!\w)", flags)
        self._has = re.compile(rf"(?<!\w)(?:{alternatives('reading', 'wrote_helpers')})(?!\w)", flags)
        self._on = re.compile(rf"(?:{start}|{alternatives('reading', 'wrote_date')})\s", flags)

    def read(self, lines: Sequence[Line], index: int) -> Intro | None:
        """The introduction "On … X wrote:" that begins at this line, in the order of any language."""
        groupwise = _GROUPWISE.match(lines[index].text)
        if groupwise:
            return Intro(1, QuotedHeader(address(groupwise["sender"]), groupwise["sent"]))
        first = lines[index]
        joined = ""
        for length, line in enumerate(lines[index : index + _WROTE_LINES], start=1):
            if not line.content or line.depth != first.depth:
                return None
            joined = f"{joined} {line.content}".strip()
            if len(joined) > MAX_LINE:
                return None
            verb = self._wrote.search(joined)
            if joined.rstrip("- ").endswith(":") or (verb and joined.endswith("--")):
                follows = next((other for other in lines[index + length : index + length + 3] if other.content), None)
                if self._is_intro(joined, verb, quoted=follows is not None and follows.depth > first.depth):
                    return Intro(length, self._said(joined, verb))
                return None
            if (
                length == 1
                and verb is None
                and not self._start.match(joined)
                and not EMAIL.search(joined)
                and not DATE.search(joined)
            ):
                return None
        return self._inline(lines, index)

    def _is_intro(self, text: str, verb: re.Match[str] | None, *, quoted: bool) -> bool:
        written = bool(DATE.search(text) or TIME.search(text))
        addressed = bool(EMAIL.search(text))
        if verb is None:
            return addressed and written and (quoted or bool(_DATE_NAME.match(text)))
        if quoted or addressed:
            return written or addressed
        return written and (bool(self._start.match(text)) or verb.start() > 0)

    def _inline(self, lines: Sequence[Line], index: int) -> Intro | None:
        """An introduction whose quoted words follow on its line; it starts a paragraph and names date and sender."""
        text = lines[index].content
        if index and lines[index - 1].content:
            return None
        verb = self._wrote.search(text[:160])
        colon = text.find(":", verb.end()) if verb else -1
        while 0 < colon < len(text) - 1 and text[colon + 1] != " ":
            colon = text.find(":", colon + 1)
        if verb is None or not 0 < colon < 200:
            return None
        intro = text[: colon + 1]
        header = self._said(intro, verb)
        named = header.sender is not None and (header.sender.email or header.sender.name[:1].isupper())
        return (
            Intro(1, header, inline=True) if named and header.sent and any(c.isdigit() for c in header.sent) else None
        )

    def _said(self, text: str, verb: re.Match[str] | None) -> QuotedHeader:
        """Sender and date out of an introduction; the sender stands before or after the date."""
        text = text.strip("- ").removesuffix(":").rstrip()
        if verb is None:
            before, after = text, ""
        else:
            before, after = text[: verb.start()], text[verb.end() :]
        start = self._start.match(before)
        if start:
            before = before[start.end() :]
            before, sender = _after_date(before)
            sender = f"{sender} {after}" if not sender.strip(JUNK + "()") else sender
            helper = self._has.match(sender.strip(" ,"))
            sender = sender.strip(" ,")[helper.end() :] if helper else sender
            return QuotedHeader(address(sender), before.strip(JUNK + "()")[:100])
        if verb is not None:
            return QuotedHeader(address(before), self._on.sub("", after.strip(" ,("), count=1).strip(JUNK + "()")[:100])
        sent, sender = _after_date(text)
        return QuotedHeader(address(sender or text), sent.strip(JUNK + "()")[:100])


def _after_date(text: str) -> tuple[str, str]:
    """A date with its time at the start of a text, and what follows it."""
    ends = [match.end() for match in TIME.finditer(text)] or [match.end() for match in DATE.finditer(text)]
    mail = EMAIL.search(text)
    ends = [end for end in ends if mail is None or end <= mail.start()]
    return (text[: ends[-1]], text[ends[-1] :]) if ends else ("", text)
