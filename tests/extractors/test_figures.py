"""Signed amounts."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractors.figures import cell_figure, figures


@pytest.mark.parametrize(
    ("written", "amounts"),
    [
        ("1.210,00", ["1210.00"]),
        ("-121,00", ["-121.00"]),
        ("181,50-  1.028,50", ["-181.50", "1028.50"]),
        ("(121.00)", ["-121.00"]),
        ("(part, 121.00)", ["121.00"]),
        ("GBP 146.00 CR", ["-146.00"]),
        ("€ -60,00", ["-60.00"]),
        ("EUR -310.00", ["-310.00"]),
        ("1.689,-", ["1689.00"]),
        ("5,100.00     -         5,100.00", ["5100.00", "5100.00"]),
    ],
)
def test_signs(written: str, amounts: list[str]) -> None:
    assert [str(figure.amount) for figure in figures(written, 0, len(written), "EUR")] == amounts


@pytest.mark.parametrize(
    ("cell", "amount"),
    [("4900", "4900.00"), ("4900.5", "4900.50"), ("-4900,5", "-4900.50"), ("-", "0.00"), ("(12.10)", "-12.10"), ("", None), ("2 stuks", None), ("2026-01-10", None)],
)  # fmt: skip
def test_a_cell_is_all_amount_or_none(cell: str, amount: str | None) -> None:
    found = cell_figure(cell, 0, len(cell), "EUR")
    assert (str(found.amount) if found else None) == amount


@given(st.text(alphabet="0123456789.,-–() €EURCR'\t", max_size=60))
def test_any_text_gives_figures_that_lie_in_it(written: str) -> None:
    for figure in figures(written, 0, len(written), "EUR"):
        assert 0 <= figure.start < figure.end <= len(written)
        assert any(char.isdigit() for char in written[figure.start : figure.end])
    cell_figure(written, 0, len(written), "EUR")
