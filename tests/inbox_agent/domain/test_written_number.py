"""Numbers as people write them beside those of the ledger."""

import pytest

from inbox_agent.domain.written_number import spellings, unlinked


@pytest.mark.parametrize(
    ("written", "ledger"),
    [
        ("F26700002", "26700002"),
        ("ex-26-00218", "EX-26-00218"),
        ("2670 0002", "26700002"),
        ("nr. 26700002", "26700002"),
    ],
)
def test_spellings_hold_the_ledgers(written: str, ledger: str) -> None:
    assert ledger in spellings(written)


def test_what_is_too_short_is_looked_up_nowhere() -> None:
    assert spellings("298") == ()


def test_unlinked() -> None:
    numbers = ["2026-0298", "26700001"]
    assert unlinked(["298", "0298", "2026 0298", "F26700001", "0", "-"], [], numbers) == ("0",)
    assert unlinked(["26700091", "2670 0091", "777"], ["nr 26700091"], numbers) == ("777",)
