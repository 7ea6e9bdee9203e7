"""Header blocks above quoted mails ("From: / Sent: / Subject:"), in any order, and what they say.

As Outlook, Exchange, Zimbra, Samsung and ticket systems write them, in the product's languages and in others.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.lines import Line
from extractors.tables import alternatives
from inbox_agent.domain.mail import Address
from inbox_agent.domain.text import QuotedHeader

MAX_LINE = 400
"""Characters of a line beyond which it is no header and no introduction."""

_BLOCK_LINES = 14
"""Lines of a header block; a list of recipients may be wrapped over several."""

EMAIL = re.compile(r"[\w.+'&=/-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,6}|[\w.+'-]{1,64}@[\w-]{1,63}")
TIME = re.compile(
    r"(?<![\d./-])\d{1,2}\s?[:.h]\s?\d{2}(?::\d{2})?(?![\d/-]|\.\d)"
    r"(?:\s?(?:[ap]\.?m\.?|uhr|u\.?|h|gmt|utc|[a-z]{3,4})?(?=[ ,:)]|$))?(?: ?(?:gmt|utc)?[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
DATE = re.compile(
    r"(?<!\d)\d{1,4}[./-]\d{1,2}[./-]\d{2,4}(?!\d)|(?<!\d)(?:19|20)\d\d(?!\d)|\d{1,2}[./]\w{3,9}[./]\d{2,4}"
)

_ANY_HEADER = re.compile(r"[^\W\d_]{1,14}(?: [^\W\d_]{1,14}){0,2}\s?:\s")
_RULE = re.compile(r"[-_=*#~—–]{3,}$")
JUNK = " \t\"'“”„«»<>[]|,;:-–—"
"""What may stand around a name, an address or a date."""


@dataclass(frozen=True, slots=True)
class Intro:
    """`length` lines that introduce a quoted mail, and what they say of it."""

    length: int
    header: QuotedHeader
    inline: bool = False
    """The quoted words themselves follow on the same line."""


class Headers:
    """Reads header blocks of all languages."""

    def __init__(self) -> None:
        names = {key: alternatives("reading", f"header_{key}") for key in ("from", "sent", "to", "subject")}
        flags = re.IGNORECASE
        groups = "|".join(f"(?P<{key}_>{words})" for key, words in names.items())
        self._header = re.compile(rf"(?:{groups})(?: \([^()]{{1,20}}\))?\s?:\*{{0,2}}(?:\s+|(?=[\w<\"])|$)", flags)
        self._label = re.compile(rf"(?:{names['to']}|{names['subject']})$", flags)

    def block(self, lines: Sequence[Line], index: int) -> Intro | None:
        """The header block that begins at this line: a sender with one more header, or three others with a date."""
        first = self.named(lines[index].content)
        if first is None:
            return _foreign(lines, index)
        found: dict[str, str] = {}
        last, depth = index, lines[index].depth
        for place in range(index, min(len(lines), index + _BLOCK_LINES)):
            line = lines[place]
            named = self.named(line.content) if line.depth == depth else None
            if named:
                found.setdefault(*named)
                last = place
            elif (
                line.depth != depth
                or (line.is_blank and found.keys() >= {"from", "subject"})
                or place > last + 3
                or (not line.content and not (place + 1 < len(lines) and self.named(lines[place + 1].content)))
            ):
                break
            elif line.content and place == last + 1 and found:
                key = next(reversed(found))
                found[key] = found[key] or line.content
        if found.keys() == {"from"} and self._opens(lines, index, found["from"]):
            return Intro(1, QuotedHeader(address(found["from"])))
        dated = bool(DATE.search(found.get("sent", "")) or TIME.search(found.get("sent", "")))
        told = found.keys() > {"from"} and (found.keys() & {"sent", "subject"} or any("@" in v for v in found.values()))
        if told or (dated and found.keys() >= {"to", "subject"}):
            header = QuotedHeader(
                address(found.get("from", "")), found.get("sent", "")[:100], found.get("subject", "")[:300]
            )
            return Intro(last - index + 1, header)
        return None

    def named(self, text: str) -> tuple[str, str] | None:
        """Which header a line is, and its value."""
        match = self._header.match(text) if len(text) <= 2_000 else None
        if match is None or match.lastgroup is None:
            return None
        return match.lastgroup.rstrip("_"), text[match.end() :].strip(" \t*\xa0")

    def is_label(self, text: str) -> bool:
        """Whether a line names recipients or subject, with a colon or as Lotus Notes does without one."""
        named = self.named(text)
        return named[0] in ("to", "subject") if named else bool(self._label.match(text.partition("\t")[0].strip()))

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


def _foreign(lines: Sequence[Line], index: int) -> Intro | None:
    """A header block in a language that has no data: four headers in a row, an address first and a date second."""
    rows = [line.content for line in lines[index : index + 4] if _ANY_HEADER.match(line.content)]
    if len(rows) < 4 or "@" not in rows[0] or not any(char.isdigit() for char in rows[1]):
        return None
    values = [row.partition(":")[2].strip() for row in rows]
    return Intro(4, QuotedHeader(address(values[0]), values[1][:100], values[3][:300]))


def address(written: str) -> Address | None:
    """The sender of a quoted mail out of `Name <address>`, `Name [mailto:address]`, an address, or a name alone."""
    written = written[:300].replace("mailto:", " ")
    match = EMAIL.search(written)
    name = (written[: match.start()] if match else written).strip(JUNK)
    name = name if name.count("(") == name.count(")") else name.strip("() ")
    if match and not name:
        rest = written[match.end() :].strip(JUNK)
        name = rest if rest and "@" not in rest else ""
    return Address(match.group() if match else "", name[:100]) if match or name else None


def is_rule(text: str) -> bool:
    """Whether a line is only drawn, as Outlook's `____` above a header block."""
    return bool(_RULE.match(text))
