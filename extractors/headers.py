"""What stands above a quoted mail: header blocks ("From: / Sent: / Subject:") and introductions ("On … X wrote:").

Header blocks as Outlook, Exchange, Zimbra, Samsung, Lotus Notes and ticket systems write them, in any order and over tabs;
introductions as Gmail, Apple Mail, Thunderbird, Yahoo, Zoho and GroupWise write them, also wrapped over lines.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.lines import Line
from extractors.tables import read_lists
from inbox_agent.domain.mail import Address
from inbox_agent.domain.text import QuotedHeader

MAX_LINE = 400
"""Characters of a line beyond which it is no header and no introduction."""

_BLOCK_LINES = 14
"""Lines of a header block; a list of recipients may be wrapped over several."""

_WROTE_LINES = 4
"""Lines over which "On … wrote:" may be wrapped."""

_ANY_HEADER = re.compile(r"[^\W\d_]{1,14}(?: [^\W\d_]{1,14}){0,2}\s?:\s")
_EMAIL = re.compile(r"[\w.+'&=/-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}|[\w.+'-]{1,64}@[\w-]{1,63}")
_TIME = re.compile(
    r"(?<![\d./-])\d{1,2}\s?[:.h]\s?\d{2}(?::\d{2})?(?![\d/-]|\.\d)"
    r"(?:\s?(?:[ap]\.?m\.?|uhr|u\.?|h|gmt|utc|[a-z]{3,4})?(?=[ ,:)]|$))?(?: ?(?:gmt|utc)?[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?!\d)|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./]\w{3,9}[./]\d{2,4}"
)
_GROUPWISE = re.compile(
    r">>>\s?(?P<sender>.{1,200}?)\s(?P<sent>\d{1,4}[-./]\d{1,2}[-./]\d{2,4}\D{0,4}\d{1,2}[:.]\d{2}.{0,12}?)\s?>>>$"
)
_TABLE = re.compile(r"\|[-+]{5,}")
_RULE = re.compile(r"[-_=*#~—–]{3,}$")
_JUNK = " \t\"'“”„«»<>[]()|,;:-–—"


@dataclass(frozen=True, slots=True)
class Intro:
    """`length` lines that introduce a quoted mail, and what they say of it."""

    length: int
    header: QuotedHeader
    inline: bool = False
    """The quoted words themselves follow on the same line."""


def _alternatives(key: str) -> str:
    return "|".join(read_lists("reading", key))


class Headers:
    """Reads header blocks and introductions of all languages."""

    def __init__(self) -> None:
        names = {key: _alternatives(f"header_{key}") for key in ("from", "sent", "to", "subject")}
        flags = re.IGNORECASE
        groups = "|".join(f"(?P<{key}_>{words})" for key, words in names.items())
        self._header = re.compile(rf"(?:{groups})(?: \([^()]{{1,20}}\))?\s?:\*{{0,2}}(?:\s+|(?=[\w<\"])|$)", flags)
        self._label = re.compile(rf"(?:{names['to']}|{names['subject']})$", flags)
        start, wrote = _alternatives("wrote_start"), _alternatives("wrote")
        self._start = re.compile(rf"(?:-{{2,}} ?)?(?:{start})\b", flags)
        self._wrote = re.compile(rf"(?<!\w)(?:{wrote})(?!\w)", flags)
        self._has = re.compile(rf"(?<!\w)(?:{_alternatives('wrote_helpers')})(?!\w)", flags)
        self._on = re.compile(rf"(?:{start}|{_alternatives('wrote_date')})\s", flags)

    def block(self, lines: Sequence[Line], index: int) -> Intro | None:
        """The header block that begins at this line: a sender with one more header, or three others with a date."""
        first = self._named(lines[index].content)
        if first is None:
            return self._table(lines, index) or self._notes(lines, index) or _foreign(lines, index)
        found: dict[str, str] = {}
        last, depth = index, lines[index].depth
        for place in range(index, min(len(lines), index + _BLOCK_LINES)):
            line = lines[place]
            named = self._named(line.content) if line.depth == depth else None
            if named:
                found.setdefault(*named)
                last = place
            elif (
                line.depth != depth
                or (line.is_blank and found.keys() >= {"from", "subject"})
                or place > last + 3
                or (not line.content and not (place + 1 < len(lines) and self._named(lines[place + 1].content)))
            ):
                break
            elif line.content and place == last + 1 and found:
                key = next(reversed(found))
                found[key] = found[key] or line.content
        if found.keys() == {"from"} and self._opens(lines, index, found["from"]):
            return Intro(1, QuotedHeader(address(found["from"])))
        dated = bool(_DATE.search(found.get("sent", "")) or _TIME.search(found.get("sent", "")))
        if ("from" in found and len(found) > 1) or (dated and found.keys() >= {"to", "subject"}):
            header = QuotedHeader(
                address(found.get("from", "")), found.get("sent", "")[:100], found.get("subject", "")[:300]
            )
            return Intro(last - index + 1, header)
        return None

    def _opens(self, lines: Sequence[Line], index: int, sender: str) -> bool:
        """Whether a sender alone is a whole header: a name below an empty line, the mail's words right below it."""
        following = lines[index + 1].content if index + 1 < len(lines) else ""
        return (
            index > 1
            and lines[index - 1].is_blank
            and bool(following)
            and not _ANY_HEADER.match(following)
            and len(sender.split()) <= 6
            and (sender[:1].isupper() or "@" in sender)
        )

    def wrote(self, lines: Sequence[Line], index: int) -> Intro | None:
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
            if joined.rstrip("- ").endswith(":") or (verb and joined.endswith("----")):
                follows = next((other for other in lines[index + length : index + length + 3] if other.content), None)
                if self._is_intro(joined, verb, quoted=follows is not None and follows.depth > first.depth):
                    return Intro(length, self._said(joined, verb))
                return None
            if (
                length == 1
                and verb is None
                and not self._start.match(joined)
                and not _EMAIL.search(joined)
                and not _DATE.search(joined)
            ):
                return None
        return self._inline(lines, index)

    def _is_label(self, text: str) -> bool:
        named = self._named(text)
        return named[0] in ("to", "subject") if named else bool(self._label.match(text.partition("\t")[0].strip()))

    def _named(self, text: str) -> tuple[str, str] | None:
        """Which header a line is, and its value."""
        match = self._header.match(text) if len(text) <= 2_000 else None
        if match is None or match.lastgroup is None:
            return None
        return match.lastgroup.rstrip("_"), text[match.end() :].strip(" \t*\xa0")

    def _is_intro(self, text: str, verb: re.Match[str] | None, *, quoted: bool) -> bool:
        written = bool(_DATE.search(text) or _TIME.search(text))
        addressed = bool(_EMAIL.search(text))
        if verb is None:
            return quoted and addressed and written
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
            sender = f"{sender} {after}" if not sender.strip(_JUNK) else sender
            helper = self._has.match(sender.strip(" ,"))
            sender = sender.strip(" ,")[helper.end() :] if helper else sender
            return QuotedHeader(address(sender), before.strip(_JUNK)[:100])
        if verb is not None:
            return QuotedHeader(address(before), self._on.sub("", after.strip(" ,("), count=1).strip(_JUNK)[:100])
        sent, sender = _after_date(text)
        return QuotedHeader(address(sender or text), sent.strip(_JUNK)[:100])

    def _table(self, lines: Sequence[Line], index: int) -> Intro | None:
        """The drawn box of Lotus Notes 6, with sender and date in it, and the header lines below it."""
        if not _TABLE.match(lines[index].content):
            return None
        cells: list[str] = []
        end = index
        for place in range(index + 1, min(len(lines), index + 8)):
            if _TABLE.match(lines[place].content):
                end = place
                break
            cells.append(lines[place].content.strip("| \t>"))
        if end == index:
            return None
        sent = next((cell for cell in cells if _DATE.search(cell)), "")
        sender = address(" ".join(cell for cell in cells if cell and cell != sent))
        subject = ""
        while end + 1 < len(lines) and (named := self._named(lines[end + 1].content)):
            subject = named[1] if named[0] == "subject" else subject
            end += 1
        return Intro(end - index + 1, QuotedHeader(sender, sent, subject))

    def _notes(self, lines: Sequence[Line], index: int) -> Intro | None:
        """Lotus Notes: sender and date on one line or two, then "To" and "Subject" without a colon, each alone on a line."""
        window = lines[index : index + 10]
        if not (
            _DATE.search(" ".join(line.content for line in window[:2]))
            and _TIME.search(" ".join(line.content for line in window[:2]))
        ):
            return None
        labels = [place for place, line in enumerate(window) if place and self._is_label(line.content)]
        if len(labels) < 2 or labels[0] > 4:
            return None
        head = " ".join(line.content for line in window[: labels[0]])
        date = _DATE.search(head)
        sender = address(head[: date.start()] if date else head)
        last = index + labels[-1]
        named = self._named(lines[last].content)
        value = named[1] if named else lines[last].content.partition("\t")[2].strip()
        if not value and last + 1 < len(lines) and lines[last + 1].content:
            last, value = last + 1, lines[last + 1].content
        return Intro(last - index + 1, QuotedHeader(sender, head[date.start() :][:100] if date else "", value[:300]))


def _foreign(lines: Sequence[Line], index: int) -> Intro | None:
    """A header block in a language that has no data: four headers in a row, an address first and a date second."""
    rows = [line.content for line in lines[index : index + 4] if _ANY_HEADER.match(line.content)]
    if len(rows) < 4 or "@" not in rows[0] or not any(char.isdigit() for char in rows[1]):
        return None
    values = [row.partition(":")[2].strip() for row in rows]
    return Intro(4, QuotedHeader(address(values[0]), values[1][:100], values[3][:300]))


def _after_date(text: str) -> tuple[str, str]:
    """A date with its time at the start of a text, and what follows it."""
    ends = [match.end() for match in _TIME.finditer(text)] or [match.end() for match in _DATE.finditer(text)]
    mail = _EMAIL.search(text)
    ends = [end for end in ends if mail is None or end <= mail.start()]
    return (text[: ends[-1]], text[ends[-1] :]) if ends else ("", text)


def address(written: str) -> Address | None:
    """The sender of a quoted mail out of `Name <address>`, `Name [mailto:address]`, an address, or a name alone."""
    written = written[:300].replace("mailto:", " ")
    match = _EMAIL.search(written)
    name = (written[: match.start()] if match else written).strip(_JUNK)
    if match and not name:
        rest = written[match.end() :].strip(_JUNK)
        name = rest if rest and "@" not in rest else ""
    return Address(match.group() if match else "", name[:100]) if match or name else None


def _ends_in_address(text: str) -> bool:
    """Whether an introduction ends in the sender's address, its colon lost."""
    found = list(_EMAIL.finditer(text[-120:]))
    return bool(found) and bool(_TIME.search(text)) and found[-1].end() >= len(text[-120:].rstrip(">) "))


def is_rule(text: str) -> bool:
    """Whether a line is only drawn, as Outlook's `____` above a header block."""
    return bool(_RULE.match(text))
