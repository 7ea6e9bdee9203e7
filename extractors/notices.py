"""Lines that no person wrote: banners of mail gateways, frames of ticket systems, disclaimers, footers of programs."""

import re
from collections.abc import Sequence

from extractors.headers import is_rule
from extractors.lines import Line
from extractors.tables import alternatives

_TOP = 6
"""Filled lines at the top among which a banner or a ticket's frame begins."""


def _start(key: str) -> re.Pattern[str]:
    return re.compile(f"(?:{alternatives('reading', key)})", re.IGNORECASE)


class Notices:
    """Recognises notices in all languages."""

    def __init__(self) -> None:
        self._disclaimer = _start("disclaimers")
        self._banner = _start("banners")
        self._ticket = _start("ticket_markers")
        self._intro = _start("ticket_intros")
        self._field = _start("ticket_fields")
        self._sign_off = _start("sign_offs")

    def is_sign_off(self, text: str) -> bool:
        """Whether a line is what a phone or a program adds ("Sent from my iPhone")."""
        return len(text) < 120 and bool(self._sign_off.match(text.lstrip("-– ")))

    def is_disclaimer(self, text: str) -> bool:
        """Whether a line begins a disclaimer or a program's footer."""
        return bool(self._disclaimer.match(text.lstrip("-–*!#[(<> ")))

    def banner_length(self, lines: Sequence[Line]) -> int:
        """Lines at the top that a mail gateway or a ticket system wrote, not the sender."""
        end = index = filled = 0
        framed = False
        while index < min(len(lines), 12) and filled < _TOP:
            text = lines[index].text
            index += 1
            if not text:
                continue
            filled += 1
            if is_rule(text):
                continue
            if self._ticket.match(text) or self._intro.match(text):
                framed = True
            elif not (self._banner.match(text) and len(text) < 400) and not (framed and self._field.match(text)):
                break
            end = index
        if not end:
            return 0
        while end < len(lines) and (not lines[end].text or is_rule(lines[end].text)):
            end += 1
        return end

    def disclaimer(self, lines: Sequence[Line]) -> int:
        """Index of the first line of the disclaimer, `len(lines)` when there is none."""
        for index in range(1, len(lines)):
            line = lines[index]
            if line.is_blank or index < len(lines) * 0.4 or not self.is_disclaimer(line.text):
                continue
            before = lines[index - 1].text
            if not before or is_rule(before) or index >= len(lines) - 2:
                return index - 1 if is_rule(before) else index
        return len(lines)
