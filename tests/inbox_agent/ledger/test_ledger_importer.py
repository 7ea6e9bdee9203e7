"""Importing an export: idempotent, all or nothing, on both databases."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.exports import FILES, LAYOUT, with_row, write_export
from factories.mails import NOW
from sqlmodel import col, select

from inbox_agent import db
from inbox_agent.domain.errors import LedgerError
from inbox_agent.ledger.importer import ImportReport, import_folder, import_tree
from inbox_agent.ledger.refusal import RowsRefused
from inbox_agent.ledger.tables import (
    CompanyIbanRow,
    ContactRow,
    CustomerContactRow,
    CustomerIbanRow,
    CustomerRow,
    InvoiceRow,
    PaymentRow,
)

FIXTURES = Path(__file__).parents[3] / "fixtures" / "ledgers"


def take(engine: sa.Engine, folder: Path) -> ImportReport:
    with db.writing(engine) as session:
        return import_folder(session, folder, NOW)


def open_amounts(engine: sa.Engine) -> dict[str, int]:
    with db.reading(engine) as session:
        return dict(session.exec(select(InvoiceRow.number, InvoiceRow.open_minor)).all())


def count(engine: sa.Engine, table: type) -> int:
    with db.reading(engine) as session:
        return len(session.exec(select(table)).all())


def test_importing_twice_changes_nothing(engine: sa.Engine, tmp_path: Path) -> None:
    folder = write_export(tmp_path)
    assert take(engine, folder) == ImportReport("HMT", inserted=8, updated=0, unchanged=0, settled=0, removed=0)
    assert take(engine, folder) == ImportReport("HMT", inserted=0, updated=0, unchanged=8, settled=0, removed=0)
    assert open_amounts(engine) == {"26700001": 125000, "26700002": 0, "C260001": -5000}
    assert (count(engine, CompanyIbanRow), count(engine, CustomerContactRow)) == (1, 2)


def test_a_changed_row_is_updated(engine: sa.Engine, tmp_path: Path) -> None:
    take(engine, write_export(tmp_path))
    changed = FILES["invoices"].replace("1.250,00;1.250,00", "1.250,00;250,00")
    report = take(engine, write_export(tmp_path, invoices=changed))
    assert (report.inserted, report.updated, report.unchanged) == (0, 1, 7)
    assert open_amounts(engine)["26700001"] == 25000


def test_accounts_of_customers_follow_the_export(engine: sa.Engine, tmp_path: Path) -> None:
    """Another company's stay; an export without the column changes nothing."""

    def accounts() -> set[str]:
        with db.reading(engine) as session:
            return {row.iban for row in session.exec(select(CustomerIbanRow))}

    def customers(*ibans: str) -> str:
        return "number;name;ibans\n" + "".join(
            f"{number};Klant;{iban}\n" for number, iban in zip(("10014", "10027"), ibans, strict=True)
        )

    take(engine, write_export(tmp_path, customers=customers("NL20INGB0001234567", "BE71096123456769")))
    assert accounts() == {"NL20INGB0001234567", "BE71096123456769"}
    other = write_export(
        tmp_path / "other", LAYOUT.replace('"HMT"', '"HMX"'), customers=customers("FR1420041010050500013M02606", "")
    )
    take(engine, other)
    take(engine, write_export(tmp_path, customers=customers("NL20INGB0001234567", "")))
    assert accounts() == {"NL20INGB0001234567", "FR1420041010050500013M02606"}
    assert take(engine, write_export(tmp_path)).unchanged >= 6
    assert accounts() == {"NL20INGB0001234567", "FR1420041010050500013M02606"}


def test_a_vanished_invoice_is_settled_once_and_stays(engine: sa.Engine, tmp_path: Path) -> None:
    take(engine, write_export(tmp_path))
    rest = "\n".join(line for line in FILES["invoices"].splitlines() if not line.startswith("26700001")) + "\n"
    assert take(engine, write_export(tmp_path, invoices=rest)).settled == 1
    assert open_amounts(engine)["26700001"] == 0
    assert take(engine, tmp_path).settled == 0
    assert take(engine, write_export(tmp_path)).updated == 1
    assert open_amounts(engine)["26700001"] == 125000


def test_an_empty_invoice_file_settles_nothing(engine: sa.Engine, tmp_path: Path) -> None:
    take(engine, write_export(tmp_path))
    with pytest.raises(LedgerError, match="has no invoice"):
        take(engine, write_export(tmp_path, invoices=FILES["invoices"].splitlines()[0], payments=None))
    assert open_amounts(engine)["26700001"] == 125000


def test_one_refused_row_refuses_everything(engine: sa.Engine, tmp_path: Path) -> None:
    rows = "\n".join(f"9{number};Factuur;10014;01-10-2026;31-10-2026;x;y" for number in range(80))
    with pytest.raises(RowsRefused) as raised:
        take(engine, write_export(tmp_path, **with_row("invoices", rows)))
    assert (raised.value.count, len(raised.value.refusals)) == (80, 50)
    assert str(raised.value.refusals[0]).startswith("invoices.csv, line 5: amount 'x'")
    assert count(engine, CustomerRow) == 0


def test_a_payment_of_an_earlier_invoice_is_known_of_an_unknown_one_refused(engine: sa.Engine, tmp_path: Path) -> None:
    take(engine, write_export(tmp_path))
    rest = "\n".join(line for line in FILES["invoices"].splitlines() if not line.startswith("26700002")) + "\n"
    assert take(engine, write_export(tmp_path, invoices=rest)).unchanged == 7
    with pytest.raises(RowsRefused) as raised:
        take(engine, write_export(tmp_path, **with_row("payments", "BNK9;10027;404;20-10-2026;1,00")))
    assert str(raised.value.refusals[0]) == "payments.csv, line 3: invoice 404 is not known"
    assert count(engine, PaymentRow) == 1


def test_a_contact_is_shared_by_companies_and_goes_with_its_last_customer(engine: sa.Engine, tmp_path: Path) -> None:
    other = LAYOUT.replace('"HMT"', '"HMX"')
    contacts = FILES["contacts"].replace("Piet", "P. de Accountant")
    write_export(tmp_path / "a"), write_export(tmp_path / "b", other, contacts=contacts)
    with db.writing(engine) as session:
        import_tree(session, tmp_path, NOW)
    assert (count(engine, ContactRow), count(engine, CustomerContactRow)) == (2, 4)
    with db.writing(engine) as session:
        assert [(one.company, one.unchanged, one.updated) for one in import_tree(session, tmp_path, NOW)] == [
            ("HMT", 8, 0),
            ("HMX", 8, 0),
        ]
    only_jan = "customer_number;email;name\n10014;jan@boer.example;Jan\n"
    assert take(engine, write_export(tmp_path / "a", contacts=only_jan)).removed == 1
    assert count(engine, ContactRow) == 2
    assert take(engine, write_export(tmp_path / "b", other, contacts=only_jan)).removed == 1
    with db.reading(engine) as session:
        assert session.exec(select(ContactRow.email)).all() == ["jan@boer.example"]
    assert take(engine, write_export(tmp_path / "a", contacts=None)).removed == 0
    assert count(engine, CustomerContactRow) == 2


def test_a_folder_of_exports_is_all_or_nothing(engine: sa.Engine, tmp_path: Path) -> None:
    write_export(tmp_path / "a")
    broken = with_row("customers", "10014;Again;nl;NL")
    write_export(tmp_path / "b", LAYOUT.replace('"HMT"', '"HMX"'), **broken)
    with pytest.raises(RowsRefused) as raised, db.writing(engine) as session:
        import_tree(session, tmp_path, NOW)
    assert str(raised.value.refusals[0]) == "b/customers.csv, line 4: 10014 is there twice"
    assert count(engine, CustomerRow) == 0


def test_folders_that_cannot_be_meant(engine: sa.Engine, tmp_path: Path) -> None:
    with db.writing(engine) as session:
        with pytest.raises(LedgerError, match="There is no"):
            import_tree(session, tmp_path, NOW)
        with pytest.raises(LedgerError, match="There is no"):
            import_tree(session, tmp_path / "nowhere", NOW)
        write_export(tmp_path / "a"), write_export(tmp_path / "b")
        with pytest.raises(LedgerError, match="are of the company HMT"):
            import_tree(session, tmp_path, NOW)


def test_the_number_of_statements_does_not_grow(engine: sa.Engine, tmp_path: Path) -> None:
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *found: sent.append(found[2]))
    take(engine, write_export(tmp_path))
    few = len(sent)
    sent.clear()
    rows = "\n".join(f"9{number};Factuur;10014;01-10-2026;31-10-2026;1,00;1,00" for number in range(500))
    take(engine, write_export(tmp_path, **with_row("invoices", rows)))
    assert len(sent) <= few
    with db.reading(engine) as session:
        assert len(session.exec(select(InvoiceRow).where(col(InvoiceRow.number).like("9%"))).all()) == 500


@pytest.mark.skipif(not FIXTURES.exists(), reason="the sample ledgers are not there")
def test_the_sample_ledgers_import_twice(engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        first = import_tree(session, FIXTURES, NOW)
    with db.writing(engine) as session:
        again = import_tree(session, FIXTURES, NOW)
    assert [one.company for one in first] == ["HMX", "HMT"]
    assert [(one.inserted, one.updated, one.settled, one.removed) for one in again] == [(0, 0, 0, 0)] * 2
    assert [one.unchanged for one in again] == [one.inserted for one in first]
