"""Text from mail made harmless to look at, in a terminal and on a page."""

import re

_REORDERING = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def shown(text: str) -> str:
    """`text` without the marks that make a reader see another order; control characters, escapes too, shown as `�`."""
    return _CONTROL.sub("�", _REORDERING.sub("", text.replace("\r\n", "\n")))


def shown_line(text: str, most: int) -> str:
    """`text` on one line of at most `most` characters."""
    line = " ".join(shown(text[: 10 * most]).split())
    return line if len(line) <= most else line[: most - 1] + "…"
