"""What the decision form says about each record, read into `Amendment`. Every record sends each of its fields once."""

from datetime import date
from typing import Annotated, Literal

from babel import Locale
from babel.numbers import NumberFormatError, parse_decimal
from fastapi import Depends, Form

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, RecordType
from inbox_agent.review.views import Addition, Amendment
from web.dependencies import TheScreen
from web.errors import RequestUnreadable
from web.pages.mail.record_keys import record_key

_MOST = 200
_LONGEST_AMOUNT, _LONGEST_INVOICES = 40, 10_000
_Fields = Annotated[list[str] | None, Form()]


def amendments_of(
    screen: TheScreen,
    amended: _Fields = None,
    amended_invoices: _Fields = None,
    amended_amount: _Fields = None,
    amended_currency: _Fields = None,
    amended_date: _Fields = None,
    amended_reason: _Fields = None,
) -> tuple[Amendment, ...]:
    """One for each record of the form, changed or not. Amounts are read as the interface's language writes them.

    Raises `NotAllowed` for an amount or date that cannot be read, `RequestUnreadable` for what no page of ours sends.
    """
    columns = [amended, amended_invoices, amended_amount, amended_currency, amended_date, amended_reason]
    keys = amended or []
    if len(keys) > _MOST or any(len(column or []) != len(keys) for column in columns):
        raise RequestUnreadable
    return tuple(
        _amendment(*(str(value) for value in row), locale=screen.interface.locale)
        for row in zip(*(column or [] for column in columns), strict=True)
    )


def addition_of(
    screen: TheScreen,
    added_type: Annotated[Literal["dispute", "promise"] | None, Form()] = None,
    added_invoices: Annotated[str, Form(max_length=_LONGEST_INVOICES)] = "",
    added_amount: Annotated[str, Form(max_length=200)] = "",
    added_currency: Annotated[str, Form(max_length=3)] = "EUR",
    added_date: Annotated[str, Form(max_length=40)] = "",
    added_reason: Annotated[DisputeReason | None, Form()] = None,
) -> Addition | None:
    """The record that the controller added; None without one. Raises as `amendments_of` does."""
    if added_type is None:
        return None
    return Addition(
        record_type=RecordType(added_type),
        invoices=_numbers(added_invoices),
        amount=_amount(added_amount, added_currency, screen.interface.locale),
        on_date=_day(added_date),
        reason=added_reason,
    )


def _amendment(
    key: str, invoices: str, amount: str, currency: str, on_date: str, reason: str, *, locale: Locale
) -> Amendment:
    if reason and reason not in set(DisputeReason):
        raise RequestUnreadable
    return Amendment(
        key=record_key(key),
        invoices=_numbers(invoices),
        amount=_amount(amount, currency, locale),
        on_date=_day(on_date),
        reason=DisputeReason(reason) if reason else None,
    )


def _numbers(text: str) -> tuple[str, ...]:
    """Invoice numbers between commas, semicolons or line ends, each once."""
    numbers = text[:_LONGEST_INVOICES].replace(";", ",").replace("\n", ",").split(",")
    return tuple(dict.fromkeys(number.strip() for number in numbers if number.strip()))


def _amount(text: str, currency: str, locale: Locale) -> Money | None:
    written = text.strip()
    if not written:
        return None
    if not (currency.isascii() and currency.isalpha() and len(currency) == 3):
        raise RequestUnreadable
    try:
        if len(written) > _LONGEST_AMOUNT:
            raise NumberFormatError(written)
        return Money.parse(parse_decimal(written, locale=locale, strict=True), currency.upper())
    except NumberFormatError:
        raise NotAllowed(
            f"The amount {written[:_LONGEST_AMOUNT]} cannot be read. Write it as the amounts on this page are written."
        ) from None


def _day(text: str) -> date | None:
    if not text.strip():
        return None
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise NotAllowed(
            f"The date {text[:20]} cannot be read. Choose it in the calendar, or write 2026-03-31."
        ) from None


TheAddition = Annotated[Addition | None, Depends(addition_of)]
Amendments = Annotated[tuple[Amendment, ...], Depends(amendments_of)]
