"""Money as integer minor units with its currency; never a float, never a bare number."""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

_DIGITS = {"JPY": 0, "ISK": 0, "KRW": 0, "HUF": 2, "BHD": 3, "KWD": 3, "TND": 3}
"""ISO 4217 minor units where they differ from two."""


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount. `minor` counts cents (or the currency's own minor unit); `currency` is ISO 4217."""

    minor: int
    currency: str = "EUR"

    @classmethod
    def parse(cls, decimal: str | Decimal, currency: str = "EUR") -> "Money":
        """From a decimal string with a point ("1250.00"). Raises `decimal.InvalidOperation` on anything else."""
        digits = _DIGITS.get(currency, 2)
        scaled = Decimal(decimal).scaleb(digits).quantize(Decimal(1), rounding=ROUND_HALF_UP)
        return cls(int(scaled), currency)

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, with the currency's own number of decimals."""
        return Decimal(self.minor).scaleb(-_DIGITS.get(self.currency, 2))

    def __str__(self) -> str:
        """Decimal string with a point, as the guide writes amounts: "1250.00"."""
        return f"{self.decimal:f}"
