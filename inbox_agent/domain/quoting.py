"""The mail that a reply answers, quoted below it: a line that says whose it is, then its text with ">" before each line.

Plain text only: nothing of the mail's HTML, and so no picture from anywhere, goes out again.
"""

import re
from datetime import datetime

from inbox_agent.domain.mail import Address, Mail
from inbox_agent.domain.taxonomy import Language

_LONGEST = 50_000
"""Bytes of a quoted mail; what is longer is cut, and says so."""

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_LINE_END = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")

_MONTHS = {
    Language.NL: "januari februari maart april mei juni juli augustus september oktober november december",
    Language.EN: "January February March April May June July August September October November December",
    Language.DE: "Januar Februar März April Mai Juni Juli August September Oktober November Dezember",
    Language.FR: "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
}
_INTRODUCTIONS = {
    Language.NL: "Op {day} {month} {year} om {time} schreef {who}:",
    Language.EN: "On {day} {month} {year} at {time}, {who} wrote:",
    Language.DE: "Am {day}. {month} {year} um {time} schrieb {who}:",
    Language.FR: "Le {day} {month} {year} à {time}, {who} a écrit :",
}
_SHORTENED = {Language.NL: "[ingekort]", Language.EN: "[shortened]", Language.DE: "[gekürzt]", Language.FR: "[abrégé]"}


def quoted(mail: Mail, language: Language, written_at: datetime) -> str:
    """The mail as it stands below a reply in `language`; "" for a mail without text.

    `written_at` is when it was written, in the time zone in which the reader is told.
    """
    text = _clean(mail.text)
    if not text:
        return ""
    lines = [f"> {line}" if line else ">" for line in _bounded(text, _SHORTENED[language]).split("\n")]
    return "\n".join((_introduction(mail.sender, language, written_at), *lines))


def parts(quote: str) -> tuple[str, tuple[str, ...]]:
    """What `quoted` gave, taken apart again: the line above, and the mail's lines without their ">"."""
    introduction, *lines = quote.split("\n")
    return introduction, tuple(line.removeprefix(">").removeprefix(" ") for line in lines)


def _introduction(sender: Address, language: Language, written_at: datetime) -> str:
    who = " ".join(_CONTROL.sub("", str(sender)).split())[:300]
    return _INTRODUCTIONS[language].format(
        day=written_at.day,
        month=_MONTHS[language].split()[written_at.month - 1],
        year=written_at.year,
        time=f"{written_at:%H:%M}",
        who=who,
    )


def _clean(text: str) -> str:
    """With one kind of line end, without characters that a database or a mail program refuses."""
    unbroken = _CONTROL.sub("", _LINE_END.sub("\n", text)).encode("utf-8", "replace").decode("utf-8")
    return "\n".join(line.rstrip() for line in unbroken.split("\n")).strip("\n")


def _bounded(text: str, note: str) -> str:
    encoded = text.encode("utf-8")
    if len(encoded) <= _LONGEST:
        return text
    return f"{encoded[:_LONGEST].decode('utf-8', 'ignore').rstrip()}\n{note}"
