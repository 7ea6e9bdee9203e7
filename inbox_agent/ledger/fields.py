"""Single fields of an export's row, from text to value. Each raises `ValueError` with what is wrong, for a person."""

import re
from datetime import date, datetime

from inbox_agent.domain.money import Money
from inbox_agent.ledger.keys import number_key

_LARGEST_MINOR = 10**15
_YEARS = range(1970, 2201)
_EMAIL = re.compile(r"[^\s@<>,;\"]{1,64}@[^\s@<>,;\"]{1,255}")


def text(value: str, name: str, longest: int, *, required: bool = False) -> str:
    """The text without blank space around."""
    stripped = value.strip()
    if required and not stripped:
        raise ValueError(f"{name} is empty")
    if len(stripped) > longest:
        raise ValueError(f"{name} has {len(stripped)} characters, at most {longest} are kept")
    return stripped


def amount(value: str, name: str, decimal: str, currency: str) -> Money:
    """An amount such as "1.250,00", "-1250", "1 250.00" or "100,00-"; `decimal` is the export's decimal sign.

    Groups of three may be set apart by the other sign, a space or an apostrophe. More decimals than the currency has are
    refused unless they are zeros.
    """
    written = value.strip()
    group = "." if decimal == "," else ","
    pattern = rf"([+-]?)(\d{{1,3}}(?:[{group} '’\u00a0\u202f]\d{{3}})+|\d{{1,18}})(?:[{decimal}](\d{{1,6}}))?(-?)"
    found = re.fullmatch(pattern, written, re.ASCII)
    if found is None or (found[1] and found[4]):
        raise ValueError(f"{name} {written[:40]!r} is not an amount")
    sign = "-" if "-" in (found[1], found[4]) else ""
    plain = f"{sign}{re.sub(r'[^0-9]', '', found[2])}.{found[3] or '0'}"
    money = Money.parse(plain, currency)
    if not -_LARGEST_MINOR < money.minor < _LARGEST_MINOR:
        raise ValueError(f"{name} {written[:40]!r} is too large")
    if money.decimal != Money.parse(plain, "BHD").decimal:
        raise ValueError(f"{name} {written[:40]!r} has more decimals than {currency}")
    return money


def day(value: str, name: str, date_format: str) -> date:
    """A date in the export's format."""
    written = value.strip()
    try:
        found = datetime.strptime(written, date_format).date()  # noqa: DTZ007 - a ledger's dates have no zone
    except ValueError as error:
        raise ValueError(f"{name} {written[:40]!r} is not a date as {date_format}") from error
    if found.year not in _YEARS:
        raise ValueError(f"{name} {written[:40]!r} is not in a year that can be meant")
    return found


def currency(value: str, default: str = "EUR") -> str:
    """ISO 4217 code in capitals."""
    written = value.strip().upper() or default
    if not re.fullmatch("[A-Z]{3}", written):
        raise ValueError(f"currency {written[:40]!r} is not a code of three letters")
    return written


def country(value: str) -> str:
    """ISO 3166 code in capitals, or ""."""
    written = value.strip().upper()
    if written and not re.fullmatch("[A-Z]{2}", written):
        raise ValueError(f"country {written[:40]!r} is not a code of two letters")
    return written


def accounts(value: str) -> tuple[str, ...]:
    """Bank accounts, several parted by a comma, semicolon, bar or line break; letters and digits only, each once.

    They only help to tell who writes, so one with wrong check digits, or a national number, is kept as it is.
    """
    found = tuple(dict.fromkeys(filter(None, map(number_key, re.split(r"[,;|\n]", value)))))
    for one in found:
        if len(one) > 34:
            raise ValueError(f"ibans has {one[:40]!r}, which is longer than an account number")
    return found


def email(value: str) -> str:
    """A lower-cased address, or "" when there is none."""
    written = value.strip().lower()
    if written and (not _EMAIL.fullmatch(written) or len(written) > 320):
        raise ValueError(f"e-mail address {written[:60]!r} is not one")
    return written
