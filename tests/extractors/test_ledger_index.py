"""What a written number means in a ledger: which row, and by what variation."""

from datetime import date

import pytest

from extractors.ledger_index import LedgerIndex, Variation
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.money import Money

DAY = date(2025, 1, 1)


def index(*numbers: str, po: str = "") -> LedgerIndex:
    return LedgerIndex(
        Ledger(invoices=tuple(Invoice(number, DAY, DAY, Money(1), Money(1), po_number=po) for number in numbers))
    )


@pytest.mark.parametrize(
    ("numbers", "written", "row", "how"),
    [
        (["AR-25-1878"], "AR-25-1878", "AR-25-1878", Variation.EXACT),
        (["AR-25-1878"], "ar 25 1878", "AR-25-1878", Variation.SPACING),
        (["E/25/0993", "E/25/1120"], "E25-993", "E/25/0993", Variation.ZEROS),
        (["2024121", "2024103"], "2024 0121", "2024121", Variation.ZEROS),
        (["INV-2023-7718"], "2023-7718", "INV-2023-7718", Variation.PREFIX),
        (["20250931", "20250932"], "0931", "20250931", Variation.ENDING),
        (["25-0931", "25-0932"], "931", "25-0931", Variation.ENDING),
        (["FL/244/2023", "FL/251/2023"], "FL/244", "FL/244/2023", Variation.BEGINNING),
        (["FL/244/2023", "FL/251/2023"], "244", "FL/244/2023", Variation.ENDING),
        (["FS/APP8", "FS/APP9"], "App 9", "FS/APP9", Variation.ENDING),
        (["26-3319"], "KV 3319", "26-3319", Variation.ENDING),
        (["AR-25-1878"], "AR-25-1788", "AR-25-1878", Variation.EXCHANGED),
        (["251877", "251902"], "25902", "251902", Variation.ONE_WRONG),
    ],
)
def test_variations(numbers: list[str], written: str, row: str, how: Variation) -> None:
    match = index(*numbers).match(written)
    assert match is not None
    assert ([found.number for found in match.rows], match.how) == ([row], how)


@pytest.mark.parametrize(
    ("numbers", "written"),
    [
        (["25-0931", "24-0931"], "0931"),  # two rows end so
        (["FL/244/2023"], "2023"),  # a year
        (["FL/131/2023"], "1/2023"),  # half of a group
        (["AR-25-1878"], "MC-25"),
        (["MC8813"], "DN8813"),  # other letters
    ],
)
def test_no_match(numbers: list[str], written: str) -> None:
    match = index(*numbers).match(written)
    assert match is None or not match.rows


def test_a_typing_error_that_fits_two_rows_is_none() -> None:
    match = index("25-0771", "25-0772").match("25-0773")
    assert match is not None
    assert (match.rows, match.how) == ((), Variation.UNKNOWN)


def test_unknown_number_of_the_shape() -> None:
    match = index("SG-24-0911", "SG-24-0917").match("SG-24-7718")
    assert match is not None
    assert (match.rows, match.how) == ((), Variation.UNKNOWN)


def test_purchase_order_of_several_rows() -> None:
    match = index("1001", "1002", po="45-00218837").match("4500218837")
    assert match is not None
    assert ([row.number for row in match.rows], match.how) == (["1001", "1002"], Variation.ORDER)


def test_rows_between() -> None:
    found = index("SG-24-0911", "SG-24-0912", "SG-24-0914", "SG-24-0919").between("SG-24-0911", "SG-24-0918")
    assert [row.number for row in found] == ["SG-24-0912", "SG-24-0914"]
