"""Broken exports: every kind of damage becomes a refusal with file, line and reason, never a crash."""

from datetime import date
from pathlib import Path

import pytest
from factories.exports import FILES, LAYOUT, with_row, write_export
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inbox_agent.domain.errors import LedgerError
from inbox_agent.domain.ledger import InvoiceKind
from inbox_agent.domain.money import Money
from inbox_agent.ledger.export import read_export
from inbox_agent.ledger.fields import amount

HEADER = FILES["invoices"].split("\n")[0]
FIXTURES = Path(__file__).parents[3] / "fixtures" / "ledgers"


def test_a_valid_export(tmp_path: Path) -> None:
    export = read_export(write_export(tmp_path))
    assert export.refusals == ()
    assert export.company.ibans == ("NL91VBNK0417883218",)
    assert [one.language for one in export.customers] == ["nl", None]
    assert export.contacts[0].email == "jan@boer.example"
    assert export.invoices[0].amount == Money(125000)
    assert export.invoices[0].due_on == date(2026, 10, 31)
    assert [one.kind for one in export.invoices] == [InvoiceKind.INVOICE, InvoiceKind.INVOICE, InvoiceKind.CREDIT_NOTE]


INVOICE = "26700009;Factuur;10014;01-10-2026;31-10-2026;"


@pytest.mark.parametrize(
    ("files", "line", "words"),
    [
        (with_row("invoices", INVOICE + "twelve;0,00"), 5, "amount 'twelve' is not an amount"),
        (with_row("invoices", INVOICE + "1250.00;0,00"), 5, "is not an amount"),
        (with_row("invoices", INVOICE + "NaN;0,00"), 5, "is not an amount"),
        (with_row("invoices", INVOICE + "1e9;0,00"), 5, "is not an amount"),
        (with_row("invoices", INVOICE + "999999999999999999;0,00"), 5, "too large"),
        (with_row("invoices", INVOICE + "10,005;0,00"), 5, "more decimals than EUR"),
        (with_row("invoices", INVOICE + "10,00;10,01"), 5, "open amount 10.01"),
        (with_row("invoices", INVOICE + "10,00;-1,00"), 5, "open amount -1.00"),
        (with_row("invoices", INVOICE + "-10,00;0,00"), 5, "negative amount"),
        (with_row("invoices", "26700009;Factuur;99999;01-10-2026;31-10-2026;1,00;0,00"), 5, "customer '99999'"),
        (with_row("invoices", "26700001;Factuur;10014;01-10-2026;31-10-2026;1,00;0,00"), 5, "26700001 is there twice"),
        (with_row("invoices", "26700009;Factuur;10014;2026-10-01;31-10-2026;1,00;0,00"), 5, "issued_on '2026-10-01'"),
        (with_row("invoices", "26700009;Factuur;10014;01-10-2026;31-02-2026;1,00;0,00"), 5, "due_on '31-02-2026'"),
        (with_row("invoices", "26700009;Factuur;10014;01-10-0026;31-10-2026;1,00;0,00"), 5, "year"),
        (with_row("invoices", "26700009;Bon;10014;01-10-2026;31-10-2026;1,00;0,00"), 5, "kind 'Bon'"),
        (with_row("invoices", ";Factuur;10014;01-10-2026;31-10-2026;1,00;0,00"), 5, "number is empty"),
        (with_row("invoices", f"{'9' * 65};Factuur;10014;01-10-2026;31-10-2026;1,00;0,00"), 5, "65 characters"),
        (with_row("invoices", "26700009;Factuur"), 5, "2 fields, the header has 7"),
        (with_row("invoices", INVOICE + '"1,00;0,00'), 5, "not CSV"),
        (with_row("invoices", "\n\n\n" + INVOICE + "x;0,00"), 8, "not an amount"),
        ({"invoices": FILES["invoices"].replace(";amount;", ";bedrag;")}, 1, "column 'amount' is missing"),
        ({"invoices": FILES["invoices"].replace(";due_on;", ";issued_on;")}, 1, "'issued_on' is there twice"),
        ({"invoices": ""}, 1, "column 'number' is missing"),
        ({"invoices": None}, 0, "cannot be read"),
        ({"invoices": FILES["invoices"].encode() + b"\n26\x0001"}, 6, "NUL"),
        ({"invoices": FILES["invoices"].encode() + b"\xe9\xe8"}, 5, "not utf-8-sig text"),
        ({"customers": FILES["customers"].encode("utf-16")}, 1, "not utf-8-sig text"),
        (with_row("customers", "10014;Again;nl;NL"), 4, "10014 is there twice"),
        (with_row("customers", "10099;Name;dutch;NL"), 4, "language 'dutch'"),
        (with_row("customers", "10099;Name;nl;Nederland"), 4, "country"),
        (with_row("contacts", "10014;jan at boer;Jan"), 4, "e-mail address"),
        (with_row("contacts", "77777;jan@boer.example;Jan"), 4, "customer '77777'"),
        (with_row("payments", "BNK1;10027;26700002;20-10-2026;1,00"), 3, "BNK1 / 26700002 is there twice"),
        (with_row("payments", "BNK2;10027;26700002;20-10-2026;x"), 3, "not an amount"),
    ],
)
def test_refusals(tmp_path: Path, files: dict[str, str | bytes | None], line: int, words: str) -> None:
    refusals = read_export(write_export(tmp_path, **files)).refusals
    first = next(one for one in refusals if one.file == f"{next(iter(files))}.csv")
    assert (first.line, words in first.reason) == (line, True), str(first)


def test_all_refusals_are_collected(tmp_path: Path) -> None:
    rows = "\n".join(INVOICE.replace("26700009", str(number)) + "x;y" for number in range(200))
    assert len(read_export(write_export(tmp_path, **with_row("invoices", rows))).refusals) == 200


def test_a_file_that_is_too_large_is_refused(tmp_path: Path) -> None:
    refusals = read_export(write_export(tmp_path), largest=150).refusals
    assert "at most 150 are read" in refusals[0].reason


def test_a_flood_of_refusals_is_cut(tmp_path: Path) -> None:
    flood = HEADER + "\n" + "x;y\n" * 30_000
    assert len(read_export(write_export(tmp_path, invoices=flood, payments=None)).refusals) == 10_001


def test_repeated_and_empty_contacts_are_left_out(tmp_path: Path) -> None:
    export = read_export(
        write_export(tmp_path, **with_row("contacts", "10014;JAN@boer.example;J\n10014;;Only a phone"))
    )
    assert export.refusals == ()
    assert [one.name for one in export.contacts] == ["Jan", "Piet"]


def test_a_positive_credit_note_becomes_negative(tmp_path: Path) -> None:
    row = "C260009;Creditnota;10014;01-10-2026;01-10-2026;30,00;10,00"
    found = read_export(write_export(tmp_path, **with_row("invoices", row))).invoices[-1]
    assert (found.amount, found.open) == (Money(-3000), Money(-1000))


def test_their_headers_and_words(tmp_path: Path) -> None:
    layout = LAYOUT.replace('delimiter = ";"', 'delimiter = "\\t"').replace('"utf-8-sig"', '"windows-1252"') + (
        '[columns.customers]\nnumber = "Nr"\nname = "Naam"\nlanguage = "Taal"\n[values.customers.language]\nNederlands = "nl"\n'
    )
    files = {name: text.replace(";", "\t") for name, text in FILES.items()}
    files["customers"] = "Naam\tNr\tTaal\tRest\nDe Boér\t10014\tNederlands\t?\nZon\t10027\t\t?\n"
    export = read_export(
        write_export(tmp_path, layout, **{name: text.encode("windows-1252") for name, text in files.items()})
    )
    assert export.refusals == ()
    assert (export.customers[0].name, export.customers[0].language) == ("De Boér", "nl")


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("NL91 VBNK", "NL92 VBNK", "IBAN NL92"),
        ('code = "HMT"', "", "needs a code"),
        ('";"', '";;"', "one character"),
        ('","', '"x"', "decimal"),
        ("%d-%m-%Y", "%d-%m", "does not hold day, month and year"),
        ("utf-8-sig", "klingon", "encoding"),
        ("utf-8-sig", "zip", "encoding"),
        ("2670\\\\d{4}", "2670(", "regular expression"),
        ("2670\\\\d{4}", "", "must not match nothing"),
        ("invoice = ", "bill = ", "'bill'"),
        ("[format]", "[format", "TOML"),
        ("[values.invoices.kind]", "[values.bills.kind]", "values.bills"),
        ("[values.invoices.kind]", '[columns.invoices]\nfoo = "x"\n[values.invoices.kind]', "unknown field 'foo'"),
        (
            "[values.invoices.kind]",
            '[columns.customers]\nnumber = "x"\n[values.invoices.kind]',
            "lacks the field 'name'",
        ),
    ],
)
def test_a_wrong_layout_is_one_sentence(tmp_path: Path, old: str, new: str, words: str) -> None:
    assert old in LAYOUT
    with pytest.raises(LedgerError, match=r"ledger\.toml") as raised:
        read_export(write_export(tmp_path, LAYOUT.replace(old, new)))
    assert words in raised.value.sentence


def test_no_layout_at_all(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match="cannot be read"):
        read_export(tmp_path / "nowhere")


@pytest.mark.parametrize(
    ("written", "decimal", "minor"),
    [
        ("1.250,00", ",", 125000),
        ("1250", ",", 125000),
        ("1 250,5", ",", 125050),
        ("1’250.00", ".", 125000),
        ("-1,250.00", ".", -125000),
        ("100,00-", ",", -10000),
        ("+0,010", ",", 1),
        ("1.250", ",", 125000),
    ],
)
def test_amounts(written: str, decimal: str, minor: int) -> None:
    assert amount(written, "amount", decimal, "EUR").minor == minor


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(tmp_path: Path, junk: bytes) -> None:
    read_export(write_export(tmp_path, invoices=FILES["invoices"].encode() + junk, customers=junk))


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in FIXTURES.glob("*/ledger.toml")), ids=lambda path: path.name
)
def test_the_sample_ledgers_are_clean(folder: Path) -> None:
    export = read_export(folder)
    assert export.refusals == ()
    assert len(export.invoices) > 50


def test_vat_numbers_and_accounts_are_kept_as_they_are_compared(tmp_path: Path) -> None:
    """Several accounts in one field; an export without the column says so, one with a monster of a number is refused."""
    written = '"NL20 INGB 0001 2345 67, nl20ingb0001234567 ; 20-00-00 55779911"'
    customers = f"number;name;vat_number;ibans\n10014;De Boer & Zn.;nl 0000.00.011.B01;{written}\n10027;Zonneschijn;;\n"
    export = read_export(write_export(tmp_path / "with", customers=customers))
    assert export.refusals == ()
    assert export.customers[0].vat_number == "NL000000011B01"
    assert [one.ibans for one in export.customers] == [("NL20INGB0001234567", "20000055779911"), ()]
    assert export.has_ibans
    assert not read_export(write_export(tmp_path / "without")).has_ibans
    long = read_export(write_export(tmp_path / "long", customers=customers.replace(written, "N" * 40)))
    assert "longer than an account number" in long.refusals[0].reason
