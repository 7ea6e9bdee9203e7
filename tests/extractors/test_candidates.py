"""Numbers of ledger rows in running text: lists, ranges, several words; amounts and quantities left out."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from extractors.candidates import LedgerNumbers
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.money import Money

DAY = date(2025, 1, 1)


def numbers(*rows: str) -> LedgerNumbers:
    return LedgerNumbers(Ledger(invoices=tuple(Invoice(row, DAY, DAY, Money(1), Money(1)) for row in rows)))


@pytest.mark.parametrize(
    ("rows", "text", "found"),
    [
        (["DW-311", "DW-312", "DW-313"], "DW 311, 312 en 313", [("DW 311", 311), ("312", 312), ("313", 313)]),
        (["DW-311", "DW-312"], "DW 311 and 312", [("DW 311", 311), ("312", 312)]),
        (["DW-123", "DW-124"], "voor 123/124 geldt", [("123", 123), ("124", 124)]),
        (["KA-2201", "KA-2202"], "KA-2201/02", [("KA-2201", 2201), ("02", 2202)]),
        (["LH-88103", "LH-88130"], "LH 88 103 staat klaar", [("LH 88 103", 88103)]),
        (["KW-0311", "KW-0312"], "'KW 0311 0312'", [("KW 0311", 311), ("0312", 312)]),
        (["AO-90388"], "le prélèvement d'AO-90388 peut", [("AO-90388", 90388)]),
        (["KO-240612"], "bijlage KO240612.pdf", [("KO240612", 240612)]),
        (["RD-240996"], "RD‑240996", [("RD‑240996", 240996)]),
        (["F-0931"], "de …0931 graag", [("0931", 931)]),
    ],
)
def test_found(rows: list[str], text: str, found: list[tuple[str, int]]) -> None:
    read = numbers(*rows).candidates(text, 0, len(text))
    assert [(one.text, int(one.row.number.split("-")[1])) for one in read if one.row] == found
    assert all(text[one.start : one.end] == one.text for one in read)


@pytest.mark.parametrize("text", ["€ 1250", "1250 EUR", "1250,00", "1250 kg", "+311250", "1250@post.example"])
def test_left_out(text: str) -> None:
    assert numbers("F-1250").candidates(text, 0, len(text)) == []


def test_range_adds_the_rows_between() -> None:
    text = "SG-24-0911 t/m SG-24-0913"
    read = numbers("SG-24-0911", "SG-24-0912", "SG-24-0913").candidates(text, 0, len(text))
    assert [(one.row.number, one.how.value) for one in read if one.row] == [
        ("SG-24-0911", "exact"),
        ("SG-24-0912", "range"),
        ("SG-24-0913", "exact"),
    ]


@settings(deadline=None)
@given(st.text(alphabet="0123456789AB-/., &en€\n", max_size=200))
def test_any_text(text: str) -> None:
    for one in numbers("AB-12", "AB-13", "2024/001", "7").candidates(text, 0, len(text)):
        assert text[one.start : one.end] == one.text


@pytest.mark.parametrize("piece", ["1234 ", "12345/", "F25-0001, ", "f25 ", "a-1", "1 2 3 ", "99999 ", "1/ "])
def test_long_texts_end(piece: str) -> None:
    text = (piece * 20_000)[:20_000]
    found = numbers(*(f"F25-{count:04}" for count in range(300))).candidates(text, 0, len(text))
    assert all(one.end <= len(text) for one in found)
