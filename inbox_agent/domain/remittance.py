"""Remittance advice: what one row of it says was paid (guide, "Acts": one `payment_notification` per row)."""

import datetime
from dataclasses import dataclass

from inbox_agent.domain.act import Evidence
from inbox_agent.domain.money import Money


@dataclass(frozen=True, slots=True)
class RemittanceRow:
    """One row of an advice, in its own words and figures; whether the ledger knows `number` is not asked here.

    `number` is the invoice as written. `paid` is negative for a credit note that is set off and zero for a row that is only
    mentioned. `discount` and `deduction` are never negative and None when the row tells none; `gross` is None when only
    what was paid is told. `date` is the day that this row alone was paid.
    """

    number: str
    paid: Money
    evidence: Evidence
    gross: Money | None = None
    discount: Money | None = None
    deduction: Money | None = None
    date: datetime.date | None = None

    @property
    def withheld(self) -> Money | None:
        """What was kept back, discount apart: the deduction told, else what gross and paid leave open; None when nothing is."""
        if self.deduction:
            return self.deduction if self.deduction.minor else None
        if self.gross is None or self.gross.currency != self.paid.currency:
            return None
        left = self.gross.minor - self.paid.minor - (self.discount.minor if self.discount else 0)
        return Money(left, self.gross.currency) if left > 0 and self.paid.minor > 0 else None
