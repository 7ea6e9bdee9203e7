"""Where the sender's own words end: closing formula, name, signature block, disclaimer; and banners above them."""

import re
from collections.abc import Sequence

from extractors.lines import Line
from extractors.tables import read_lists
from inbox_agent.domain.mail import Address

_MAX_SIGNATURE = 25
"""Non-blank lines that may follow a closing formula; longer, and the formula was part of the text."""

_DASHES = re.compile(r"(?:--|---|—|———)$")
_RULE = re.compile(r"[-_=*]{5,}$")
_NAME = re.compile(
    r"(?:[A-ZÀ-Ž][\w.'’-]{0,20}|van|de|der|den|von|le|la|&)(?: (?:[A-ZÀ-Ž][\w.'’-]{0,20}|van|de|der|den|von|le|la|&)){0,3}(?: x+)?$"
)
_TOKEN = re.compile(r"[^\W\d_]{2,}")


def _start(entries: Sequence[str]) -> re.Pattern[str]:
    return re.compile("(?:" + "|".join(entries) + ")", re.IGNORECASE)


class Endings:
    """Recognises endings in all languages."""

    def __init__(self) -> None:
        self._closing = _start(read_lists("reading", "closings"))
        self._thanks = re.compile("(?:" + "|".join(read_lists("reading", "thanks")) + r")[ ,.!]*$", re.IGNORECASE)
        self._sign_off = _start(read_lists("reading", "sign_offs"))
        self._signature = _start(read_lists("reading", "signature_starts"))
        self._disclaimer = _start(read_lists("reading", "disclaimers"))
        self._banner = _start(read_lists("reading", "banners"))
        self._ticket = _start(read_lists("reading", "ticket_markers"))

    def banner_length(self, lines: Sequence[Line]) -> int:
        """Lines at the top that a mail gateway or a ticket system wrote, not the sender."""
        for index, line in enumerate(lines[:4]):
            if self._ticket.match(line.text):
                for skip in range(index + 1, min(index + 7, len(lines))):
                    if lines[skip].text.endswith(":"):
                        return skip + 1
                return index + 1
            if self._banner.match(line.text) and len(line.text) < 300:
                return index + 1
        return 0

    def disclaimer(self, lines: Sequence[Line]) -> int:
        """Index of the first line of the disclaimer, `len(lines)` when there is none."""
        for index, line in enumerate(lines):
            if index < len(lines) * 0.4:
                continue
            alone = index == 0 or lines[index - 1].is_blank or bool(_RULE.match(lines[index - 1].text))
            if index and not line.is_blank and (alone or index >= len(lines) - 2) and self._disclaimer.match(line.text):
                return index - 1 if _RULE.match(lines[index - 1].text) else index
        return len(lines)

    def closing(self, lines: Sequence[Line], sender: Address) -> int:
        """Index of the line where closing formula, name or signature begins, `len(lines)` when the text just stops."""
        words = self._name_words(sender)
        filled = [index for index, line in enumerate(lines) if not line.is_blank]
        for position, index in enumerate(filled):
            if position == 0 and len(filled) > 1 and not self._sign_off.match(lines[index].text):
                continue
            if position and self._ends_here(lines, filled, position, words):
                return index
            if position and self._is_valediction(lines, filled, position, words):
                return index
        return len(lines)

    def _ends_here(self, lines: Sequence[Line], filled: Sequence[int], position: int, words: frozenset[str]) -> bool:
        text = lines[filled[position]].text
        after = len(filled) - position - 1
        if after > _MAX_SIGNATURE:
            return False
        if _DASHES.match(text) or self._sign_off.match(text):
            return True
        if self._is_formula(text) or (
            self._signature.match(text) and len(text) < 60 and not text.endswith((".", "?", ":"))
        ):
            return True
        following = [lines[index].text for index in filled[position + 1 :]]
        if self._thanks.match(text) and after <= 6 and (not following or self._is_name(following[0], words)):
            return bool(following)
        return self._is_name(text, words) and all(len(line) < 110 for line in following) and after <= 8

    def _is_formula(self, text: str) -> bool:
        match = self._closing.match(text)
        if match is None or len(text) > 220:
            return False
        rest = text[match.end() :].strip(" ,.!-–/|")
        return len(rest.split()) <= 7 and not re.search(r"[.!?:;]\s+\w", rest) and not rest.endswith("?")

    def _is_valediction(
        self, lines: Sequence[Line], filled: Sequence[int], position: int, words: frozenset[str]
    ) -> bool:
        """Whether a line is a closing formula by its place alone: a few words, a comma, then nothing but a name."""
        text, after = lines[filled[position]].text, len(filled) - position - 1
        if not 1 <= after <= 8 or not text.endswith(",") or len(text.split()) > 5:
            return False
        before = lines[filled[position] - 1]
        return (before.is_blank or before.text.endswith((".", "!", "?"))) and self._is_name(
            lines[filled[position + 1]].text, words
        )

    def _is_name(self, text: str, words: frozenset[str]) -> bool:
        """Whether a line is just a name: of the sender as the header says, or one to three capitalised words."""
        if len(text) > 60 or (
            text.endswith((".", "!", "?", ":", ",", ";"))
            and not text.endswith(("B.V.", "N.V.", "Inc.", "S.", "V.", "P."))
        ):
            return False
        tokens = [token.lower() for token in _TOKEN.findall(text)]
        if (
            tokens
            and len(tokens) <= 6
            and any(token in words for token in tokens)
            and not any(c.isdigit() for c in text[:3])
        ):
            return len(tokens) <= 3 or sum(token in words for token in tokens) >= 2
        return bool(_NAME.match(text)) or (len(text) == 1 and text.isalpha())

    @staticmethod
    def _name_words(sender: Address) -> frozenset[str]:
        local = sender.email.partition("@")[0]
        return frozenset(word.lower() for word in _TOKEN.findall(f"{sender.name} {local}") if len(word) >= 3)
