"""REMADV as text."""

from hypothesis import given
from hypothesis import strategies as st

from inbox_agent.mailbox.edifact_text import edifact_text

ADVICE = (
    "UNA:+.? 'UNB+UNOC:3+BOER+HALVERMAAN+260305:1000+1'UNH+1+REMADV:D:96A:UN'BGM+481+4711'DTM+203:20260305:102'"
    "CUX+2:EUR:4'DOC+380+2026-0117'MOA+9:121.00'MOA+52:2.42'MOA+12:118.58'DTM+171:20260301:102'"
    "DOC+381+CN?'9'MOA+12:10,00'UNS+S'MOA+12:108.58'UNT+12+1'"
)


def test_an_advice_is_a_table() -> None:
    assert edifact_text(ADVICE.replace("10,00", "10.00")) == (
        "Remittance advice 4711\nPayment date: 2026-03-05\nInvoice\tDate\tAmount\tDiscount\tDeduction\tPaid\n"
        "2026-0117\t2026-03-01\t121.00 EUR\t2.42 EUR\t\t118.58 EUR\nCN'9\t\t\t\t\t-10.00 EUR"
    )


def test_what_is_no_advice_is_not_read() -> None:
    assert edifact_text("UNB+x'UNH+1+INVOIC:D'") == ""
    assert edifact_text("REMADV") == ""


@given(st.integers(0, len(ADVICE)), st.integers(0, 40))
def test_a_damaged_advice_never_raises(at: int, length: int) -> None:
    assert isinstance(edifact_text(ADVICE[:at] + ADVICE[at + length :]), str)
    assert isinstance(edifact_text("UNA" + ADVICE[at:] + "REMADV"), str)
