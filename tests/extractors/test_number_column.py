"""A ledger's numbers as one column finds the same rows as looking at each number."""

from hypothesis import given
from hypothesis import strategies as st

from extractors.number_column import Column
from extractors.numbers import normal

NUMBERS = st.lists(st.text("AB019-/ \né", max_size=6), min_size=1, max_size=12)


@given(NUMBERS, st.text("AB019", min_size=1, max_size=4))
def test_every_look_up_finds_what_a_walk_over_all_rows_finds(numbers: list[str], key: str) -> None:
    column = Column.of(numbers).alphanumeric()
    plain = [normal(number) for number in numbers]
    same = [row for row, number in enumerate(plain) if number == key]
    assert list(column.all(key)) == same
    assert column.only(key) == (same[0] if len(same) == 1 else None)
    assert list(column.ending(key)) == [row for row, number in enumerate(plain) if number.endswith(key)]
    assert list(column.beginning(key)) == [row for row, number in enumerate(plain) if number.startswith(key)]
    assert set(column.having(key)) == {row for row, number in enumerate(plain) if key in number}


def test_digits_alone() -> None:
    assert Column.of(["FA-25/0711", "—", "é7"]).numeric().text == "250711\n\n7"
