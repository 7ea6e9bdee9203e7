"""The words around the rows of a remittance advice, of all languages together: `lang/<code>/remittance.toml`."""

import re

from extractors.tables import read_lists

_BRACKETS = re.compile(r"\([^()]*\)")


class AdviceWords:
    """What an advice says about its lines. Loaded when made."""

    def __init__(self) -> None:
        self.total, self.paid, self.value_day, self.parts, self._refused, self._rejected, self._bill = (
            _words(name) for name in ("total", "paid", "value_day", "parts", "refused", "rejected", "invoice_itself")
        )

    def is_payment(self, text: str) -> bool:
        """Whether a text tells of a payment, and is not itself the bill or the reminder."""
        told, bill = self.paid.search(text), self._bill.search(text)
        return told is not None and (bill is None or told.start() < bill.start())

    def is_heading(self, line: str) -> bool:
        """A short line without figures that says what the lines under it are ("Not included:")."""
        if len(line) > 60 or any(char.isdigit() for char in line):
            return False
        return line.endswith(":") or line.isupper() or len(line.split()) <= 3

    def is_refused(self, line: str) -> bool:
        """Whether a line says that it was not paid, or not yet; what stands in brackets only explains."""
        return bool(self._refused.search(_BRACKETS.sub(" ", line)))

    def is_rejected(self, line: str) -> bool:
        """Whether a line says that it will not be paid as it is."""
        return bool(self._rejected.search(_BRACKETS.sub(" ", line)))


def _words(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w)(?:{'|'.join(read_lists('remittance', name))})(?!\w)", re.IGNORECASE)
