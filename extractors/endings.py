"""Where the sender's own words end: closing formula, name, signature block; and the postscript below them."""

import re
from collections.abc import Sequence

from extractors.lines import Line
from extractors.notices import Notices
from extractors.signatures import Sender, Signatures
from extractors.tables import alternatives

_MAX_SIGNATURE = 25
"""Non-blank lines that may follow a closing formula; longer, and the formula was part of the text."""

_MAX_NAMED = 12
"""Non-blank lines that may follow where a signature begins without a formula."""

_DASHES = re.compile(r"(?:--|---|—|———|__)$")
_ENDS = (".", "!", "?", ")", ":", "…", '"', "”")


class Endings:
    """Recognises endings in all languages."""

    def __init__(self, notices: Notices, signatures: Signatures) -> None:
        flags = re.IGNORECASE
        self._notices, self._signatures = notices, signatures
        self._closing = re.compile(rf"(?:{alternatives('reading', 'closings')})", flags)
        self._wish = re.compile(rf"(?:{alternatives('reading', 'wishes')})[^.?:;]{{0,40}}$", flags)
        self._thanks = re.compile(rf"(?:{alternatives('reading', 'thanks')})[ ,.!]*$", flags)
        self._team = re.compile(rf"(?:{alternatives('reading', 'signature_starts')})", flags)
        self._courtesy = re.compile(rf"(?:{alternatives('reading', 'courtesies')})", flags)
        self._greeting = re.compile(rf"(?:{alternatives('reading', 'greetings')})[^.!?]{{0,60}}[,!:]?$", flags)
        self._postscript = re.compile(rf"(?:{alternatives('reading', 'postscripts')})", flags)

    def closing(self, lines: Sequence[Line], sender: Sender) -> int:
        """Index of the line where closing formula, name or signature begins, `len(lines)` when the text just stops."""
        filled = [index for index, line in enumerate(lines) if not line.is_blank]
        texts = [lines[index].text for index in filled]
        end = self._from_below(lines, filled, texts, sender)
        for position in range(end):
            if self._ends_here(lines, filled, texts, position, sender):
                end = position
                break
        while 1 < end < len(texts) and self._is_own_name(texts[end - 1], sender):
            end -= 1
        while 0 < end < len(texts) and texts[end - 1].endswith(":") and not self._closes_by_itself(texts[end]):
            end = self._announced_end(filled, texts, end)
        return filled[end] if end < len(filled) else len(lines)

    def postscript(self, lines: Sequence[Line]) -> tuple[int, int] | None:
        """First line and end of a postscript within a signature: up to the next empty line or name."""
        for index, line in enumerate(lines):
            if index and self._postscript.match(line.text):
                end = index + 1
                while end < len(lines) and len(lines[end].text) > 40:
                    end += 1
                return index, end
        return None

    def is_formula(self, text: str) -> bool:
        """Whether a line is a closing formula, perhaps with a name or a short wish beside it."""
        match = self._closing.match(text.lstrip("-–*~ "))
        if match is None or len(text) > 220:
            return False
        rest = text.lstrip("-–*~ ")[match.end() :].strip(" ,.!-–/|")
        return (
            len(rest.split()) <= 7 and not re.search(r"(?<!\b\w)(?<!\bSt)[.!?:;]\s+\w", rest) and not text.endswith("?")
        )

    def _closes_by_itself(self, text: str) -> bool:
        return self.is_formula(text) or bool(_DASHES.match(text) or self._thanks.match(text))

    def _announced_end(self, filled: Sequence[int], texts: Sequence[str], start: int) -> int:
        """End of the address or contact that the line before announces ("our new address:"): its paragraph."""
        end = start + 1
        while end < len(texts) and filled[end] == filled[end - 1] + 1 and not self._closes_by_itself(texts[end]):
            end += 1
        return end

    def _is_own_name(self, text: str, sender: Sender) -> bool:
        return self._signatures.is_sender(text, sender) or (
            self._signatures.is_name(text, sender) and self._signatures.is_identity(text, sender)
        )

    def _from_below(self, lines: Sequence[Line], filled: Sequence[int], texts: Sequence[str], sender: Sender) -> int:
        """Position of the first line of those that, from the last one up, only say who writes."""
        end = len(texts)
        least = 0 if len(texts) > 1 and self._signatures.is_sender(texts[0], sender) else 1
        while end > least and self._notices.is_sign_off(texts[end - 1]):
            end -= 1
        if end > least and self._signatures.is_nickname(texts[end - 1]):
            end -= 1
        while end > least and self._says_who(lines, filled, texts, end - 1, sender):
            end -= 1
        return end

    def _says_who(
        self, lines: Sequence[Line], filled: Sequence[int], texts: Sequence[str], position: int, sender: Sender
    ) -> bool:
        """Whether a line with nothing but a signature below it belongs to that."""
        text, last = texts[position], position + 1 == len(texts)
        anew = self._starts_anew(lines, filled, position)
        if (
            self._signatures.is_name(text, sender)
            or self._signatures.is_identity(text, sender)
            or self._notices.is_sign_off(text)
        ):
            return True
        if self._is_thanks_with_name(text, sender):
            return True
        if anew and (self._notices.is_disclaimer(text) or (self._wish.match(text) and len(text.split()) <= 3)):
            return True
        return not last and (bool(self._thanks.match(text)) or self._is_valediction(lines, filled, texts, position))

    def _is_thanks_with_name(self, text: str, sender: Sender) -> bool:
        thanks, _, name = text.replace("/", ",", 1).partition(",")
        return bool(name) and bool(self._thanks.match(thanks)) and self._signatures.is_name(name.strip(), sender)

    def _ends_here(
        self, lines: Sequence[Line], filled: Sequence[int], texts: Sequence[str], position: int, sender: Sender
    ) -> bool:
        """Whether the signature begins at this line, whatever stands in it further down."""
        text, following = texts[position], texts[position + 1 : position + 2 + _MAX_SIGNATURE]
        if self._notices.is_sign_off(text):
            return len(following) <= _MAX_SIGNATURE and (position > 0 or len(texts) <= 3)
        if position == 0 or len(following) > _MAX_SIGNATURE:
            return False
        if _DASHES.match(text):
            return True
        if self.is_formula(text):
            return self._closes(texts, position, sender)
        if len(following) > _MAX_NAMED or any(
            self.is_formula(line) or self._greeting.match(line) for line in following
        ):
            return False
        if self._team.match(text) and len(text) < 60 and not text.endswith((".", "?", ":")):
            return len(following) <= 8
        if not following:
            return False
        if self._signs(texts[position:], sender) and (
            self._signatures.is_sender(text, sender) or self._starts_anew(lines, filled, position)
        ):
            return True
        closes = bool(self._thanks.match(text)) or self._is_valediction(lines, filled, texts, position)
        return closes and self._signs(following, sender)

    def _signs(self, texts: Sequence[str], sender: Sender) -> bool:
        """Whether a signature begins with this line: the sender's name, or another's with nothing but short lines below."""
        first, following = texts[0], texts[1:]
        if self._signatures.is_sender(first, sender):
            below = following[0] if following else ""
            return not _is_sentence(below) or " | " in below or self._notices.is_disclaimer(below)
        return (
            self._signatures.is_name(first, sender)
            and len(following) <= 8
            and not any(_is_sentence(line) and not self._notices.is_disclaimer(line) for line in following)
        )

    def _closes(self, texts: Sequence[str], position: int, sender: Sender) -> bool:
        """Whether a formula ends the text: no sentences follow that are closed by a formula of their own."""
        following = texts[position + 1 :]
        for index, text in enumerate(following):
            if index and self.is_formula(text) and any(len(line) > 60 for line in following[:index]):
                return bool(index > 1 and self._signatures.is_name(following[0], sender))
        return True

    def _is_valediction(
        self, lines: Sequence[Line], filled: Sequence[int], texts: Sequence[str], position: int
    ) -> bool:
        """Whether a line is a closing by its place alone: a few words below a finished sentence, above a name."""
        text = texts[position]
        if position + 1 >= len(texts) or not 1 <= len(text.split()) <= 5 or any(char.isdigit() for char in text):
            return False
        if text.endswith((".", "?", ":", ";", ")")) or not self._starts_anew(lines, filled, position):
            return False
        if self._courtesy.match(text) or self._postscript.match(text):
            return False
        return text.endswith((",", "!")) or (text[:1].isupper() and not self._signatures.is_said(text))

    @staticmethod
    def _starts_anew(lines: Sequence[Line], filled: Sequence[int], position: int) -> bool:
        """Whether a line follows an empty one or a finished sentence."""
        before = lines[filled[position] - 1] if filled[position] else None
        return before is None or before.is_blank or before.text.endswith(_ENDS)


def _is_sentence(text: str) -> bool:
    return len(text) > 110 or (len(text.split()) > 8 and text.endswith((".", "?", "!"))) or text.endswith("?")
