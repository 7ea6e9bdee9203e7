"""Checks that every figure of a reply is vouched for. Pure: runs on the drafter's own text and on a controller's edits.

The rule is ARCHITECTURE's sixth: the ledger decides facts. Account numbers are held to a stricter one (MARKET, item 6):
the own company's master data alone vouches for an IBAN, never the mail, since a changed account is how fraud looks.
"""

from collections.abc import Iterable

from drafting.cleaning import grouped
from drafting.figures import Amount, Day, Figures, figures, plain

_TAIL = 3
"""So many last digits of a known number stand for it ("298" for 2025-0298)."""


def check(body: str, values: Iterable[str] = (), ibans: Iterable[str] = (), mail_text: str = "") -> tuple[str, ...]:
    """Warnings for the figures in `body` that nothing vouches for; empty when all are.

    `values`: what ledger and company state, as strings in any usual form ("20261234", "1250.00", "€ 1.250,00",
    "2026-11-12", "Bakkerij 1893 BV"). `ibans`: the own company's accounts. `mail_text`: all text of the mail answered.
    A date without a year is vouched for by the same day of any year, an amount without currency by the same value.
    """
    known = tuple(values)
    own = {"".join(plain(iban).upper().split()) for iban in ibans}
    stated, vouched, said = figures(body, known), figures("\n".join(known)), figures(mail_text)
    return (
        *(_about_iban(iban, said) for iban in stated.ibans if iban not in own),
        *(
            f"Amount {written} stands neither in the ledger nor in the mail."
            for amount, written in stated.amounts.items()
            if not _has_amount(amount, vouched, said)
        ),
        *(
            f"Date {written} stands neither in the ledger nor in the mail."
            for day, written in stated.days.items()
            if not any(_same_day(day, other) for other in (*vouched.days, *said.days))
        ),
        *(
            f"Number {written} stands neither in the ledger nor in the mail."
            for number, written in stated.numbers.items()
            if not _has_number(number, vouched, said)
        ),
    )


def _about_iban(iban: str, said: Figures) -> str:
    shown = grouped(iban)
    if iban in said.ibans:
        return f"STOP: IBAN {shown} comes from the mail and is not one of our own accounts. Verify it by phone first."
    return f"STOP: IBAN {shown} is not one of our own accounts. Do not send before a second person has checked it."


def _has_amount(amount: Amount, vouched: Figures, said: Figures) -> bool:
    for known in (*vouched.amounts, *said.amounts):
        if known.value == amount.value and (
            known.currency == amount.currency or not (known.currency and amount.currency)
        ):
            return True
    return f"{amount.value:f}".removesuffix(".00") in said.numbers


def _same_day(one: Day, other: Day) -> bool:
    return one[1:] == other[1:] and (one[0] is None or other[0] is None or one[0] == other[0])


def _has_number(number: str, vouched: Figures, said: Figures) -> bool:
    if number in vouched.numbers or number in said.numbers:
        return True
    if number.endswith("%"):
        return False
    if number in {str(day[0]) for day in (*vouched.days, *said.days)}:
        return True
    digits = "".join(character for character in number if character.isdigit())
    known = ("".join(filter(str.isdigit, other)) for other in (*vouched.numbers, *said.numbers) if other[-1] != "%")
    return len(digits) >= _TAIL and any(other.endswith(digits) for other in known)
