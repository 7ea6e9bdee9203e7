"""Rows of an export that cannot be what they say they are. One such row refuses the whole import."""

from dataclasses import dataclass

from inbox_agent.domain.errors import LedgerError

_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Refusal:
    """A refused row. `line` counts from 1, the header included; 0 when the whole file is meant."""

    file: str
    line: int
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        return f"{where}: {self.reason}"


class RowsRefused(LedgerError):
    """Rows were refused, so nothing is imported. `refusals` are the first 50 of `count`."""

    def __init__(self, refusals: tuple[Refusal, ...]) -> None:
        self.refusals = refusals[:_SHOWN]
        self.count = len(refusals)
        rows = "1 row was" if self.count == 1 else f"{self.count} rows were"
        super().__init__(f"{rows} refused, so nothing was imported. Correct the export and import it again.")
