"""Figures that nothing vouches for are named, others pass."""

import pytest

from drafting.guard import check
from drafting.vouchers import ledger_vouchers
from inbox_agent.domain.taxonomy import Language

VALUES = ("2026-0314", "1486.20 EUR", "2026-11-12", "4500012", "Bakkerij 1893 BV")
OWN = ("NL91ABNA0417164300",)


@pytest.mark.parametrize(
    "body",
    [
        "Factuur 2026-0314 van € 1.486,20 vervalt op 12 november 2026.",
        "Invoice 2026-0314: €1,486.20, due November 12th, 2026.",
        "Rechnung 2026-0314 über 1.486,20 € (Fälligkeit 12.11.2026)",
        "La facture 2026/0314 de 1\u202f486,20\u00a0€, échéance le 12 novembre",
        "EUR 1486.20 op 12-11-2026 of 12/11/26",
        "Factuur 314 en 0314, order 4500012, Bakkerij 1893 BV, in 2026",
        "Binnen 14 dagen, 2 facturen, om 14:30",
        "NL91 ABNA 0417 1643 00 en NL91ABNA0417164300",
        "Geen cijfers.",
        "",
    ],
)
def test_vouched(body):
    assert check(body, VALUES, OWN) == ()


@pytest.mark.parametrize(
    ("body", "named"),
    [
        ("€ 1.486,21", "Amount € 1.486,21"),
        ("$1,486.20", "Amount $1,486.20"),
        ("wij crediteren 500,00", "Amount 500,00"),
        ("€ 500,-", "Amount € 500"),
        ("500 euro", "Amount 500 euro"),
        ("op 13 november 2026", "Date 13 november 2026"),
        ("le 1er mars 2027", "Date 1er mars 2027"),
        ("am 12.11.2027", "Date 12.11.2027"),
        ("factuur 2026-0315", "Number 2026-0315"),
        ("met 5 % korting", "Number 5 %"),
        ("met 5% korting", "Number 5%"),
        ("１４８７", "Number 1487"),
    ],
)
def test_unvouched(body, named):
    (warning,) = check(body, VALUES, OWN)
    assert warning.startswith(named + " ")


@pytest.mark.parametrize(
    "iban",
    [
        "DE89 3704 0044 0532 0130 00",
        "DE89370400440532013000",
        "de89370400440532013000",
        "NL91 ABNA 0417 1643 01",
        "GB-82-WEST-1234-5698-7654-32",
    ],
)
def test_foreign_iban_stops(iban):
    (warning,) = check(f"Betaal op {iban} ten name van ons.", VALUES, OWN)
    assert warning.startswith("STOP: IBAN ")
    assert "second person" in warning


def test_the_mail_vouches_for_amounts_but_never_for_an_iban():
    mail = "Ik betaal 1250 op 3 december, mijn IBAN is DE89370400440532013000."
    assert check("€ 1.250,00 op 3 december 2026", (), OWN, mail) == ()
    (warning,) = check("DE89 3704 0044 0532 0130 00", (), OWN, mail)
    assert "comes from the mail" in warning


def test_what_follows_an_iban_is_still_read():
    assert check("NL91 ABNA 0417 1643 00 9999 EUR", VALUES, OWN) == (
        "Amount 9999 EUR stands neither in the ledger nor in the mail.",
    )


def test_a_sentence_that_spells_like_an_iban_is_none():
    assert check("KZ10-557B by 13 March 2025", ("KZ10-557B", "2025-03-13"), OWN) == ()


def test_hidden_marks_do_not_hide_a_figure():
    assert check("DE89\u200b3704\u200b0044\u200b0532\u200b0130\u200b00", VALUES, OWN)[0].startswith("STOP")


def test_a_known_number_does_not_vouch_for_a_longer_one():
    assert check("€ 1.500,00 en factuur 5001", ("500",), OWN) == (
        "Amount € 1.500,00 stands neither in the ledger nor in the mail.",
        "Number 5001 stands neither in the ledger nor in the mail.",
    )


def test_ledger_vouches_for_all_its_rows(ledger):
    values = [fact.value for fact in ledger_vouchers(ledger, Language.NL)]
    text = "2026-0298: € 612,40, vervallen 12-09-2026; samen € 2.048,60; klant 31877"
    assert check(text, values, ledger.company.ibans) == ()
