"""Verdicts of a mail's page: from the ledger as it is when the page is made, in a fixed number of queries."""

from dataclasses import replace
from datetime import date

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mail, a_mailbox, a_triage, a_triaged_mail
from factories.people import a_viewer
from sqlmodel import Session, select

from inbox_agent import db
from inbox_agent.domain.act import Entity, Evidence
from inbox_agent.domain.taxonomy import EntityKind, Intent
from inbox_agent.domain.triage import Extraction
from inbox_agent.domain.verdict import Policy, Severity, VerdictKind, Verdicts
from inbox_agent.ledger.tables import InvoiceRow, PaymentRow
from inbox_agent.records.mailbox import MailboxCompany
from inbox_agent.records.triage import TriageRow
from inbox_agent.review import detail
from inbox_agent.review.views import Viewer


class Case:
    """A promise of 121,00 euro on 26700001 of Boer; the mail also writes the other `numbers`."""

    def __init__(self, engine: sa.Engine, *numbers: str) -> None:
        self.engine = engine
        with db.writing(engine) as session:
            mailbox = a_mailbox(session)
            self.viewer: Viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
            ours, theirs = a_company(session), a_company(session, "ELDERS")
            session.add(MailboxCompany(mailbox_id=mailbox.id or 0, company_id=ours.id or 0))
            boer = a_customer(session, ours, "10014", invoices=("26700001",), name="Boer")
            a_customer(session, ours, "10027", invoices=("26700002",), name="Zon")
            a_customer(session, theirs, "30001", invoices=("26700003",), name="Ver")
            row = a_triaged_mail(session, mailbox, Intent.PROMISE_TO_PAY, customer=boer)
            self.mail_id, self.customer_id = row.id or 0, boer.id or 0
            self.read(session, *numbers)

    def read(self, session: Session, *numbers: str, on: date | None = None) -> None:
        """Reads the mail again, with other numbers in it and another promised day."""
        triage = a_triage(Intent.PROMISE_TO_PAY, mail=a_mail())
        entities = tuple(Entity(EntityKind.INVOICE_NUMBER, Evidence(one, 0, len(one))) for one in numbers)
        acts = tuple(replace(act, date=on) for act in triage.extraction.acts)
        session.add(TriageRow.of(self.mail_id, replace(triage, extraction=Extraction(acts, entities)), 0.1, NOW))

    def verdicts(self, policy: Policy = Policy()) -> Verdicts:  # noqa: B008
        with db.reading(self.engine) as session:
            return detail.detail(session, self.viewer, self.mail_id, policy).verdicts

    def kinds(self) -> list[VerdictKind]:
        return [one.kind for one in self.verdicts().acts[0]]


def test_the_verdict_follows_the_ledger(engine: sa.Engine) -> None:
    """Open while the mail is read; paid in part, then in full; renumbered by the ERP at last."""
    case = Case(engine)
    assert case.kinds() == [VerdictKind.OPEN, VerdictKind.AMOUNT_MATCHES_OPEN]
    with db.writing(engine) as session:
        invoice = session.exec(select(InvoiceRow).where(InvoiceRow.number == "26700001")).one()
        invoice.open_minor = 2_100
    assert case.kinds() == [VerdictKind.PARTLY_PAID, VerdictKind.AMOUNT_MATCHES_TOTAL]
    with db.writing(engine) as session:
        invoice = session.exec(select(InvoiceRow).where(InvoiceRow.number == "26700001")).one()
        invoice.open_minor = 0
        session.add(
            PaymentRow(company_id=invoice.company_id, customer_id=invoice.customer_id, invoice_id=invoice.id,
                       reference="B1", paid_on=date(2026, 11, 20), amount_minor=12_100, currency="EUR", imported_at=NOW)
        )  # fmt: skip
    found = case.verdicts().acts[0][0]
    assert (found.kind, found.severity, found.on) == (VerdictKind.PAID, Severity.PROBLEM, date(2026, 11, 20))
    with db.writing(engine) as session:
        session.exec(select(InvoiceRow).where(InvoiceRow.number == "26700001")).one().number = "26709999"
    assert case.kinds() == [VerdictKind.UNKNOWN, VerdictKind.NOT_CHECKED]


def test_numbers_of_others_are_told_within_the_companies_of_the_mailbox(engine: sa.Engine) -> None:
    """26700002 is Zon's; 26700003 belongs to a company that this mailbox does not serve, so it is simply unknown."""
    found = Case(engine, "F26700002", "26700003", "26700001", "0001").verdicts().numbers
    assert [(one.number, one.kind, one.customer.name if one.customer else "") for one in found] == [
        ("F26700002", VerdictKind.OTHER_CUSTOMER, "Zon"),
        ("26700003", VerdictKind.UNKNOWN, ""),
    ]


def test_a_mailbox_without_companies_serves_all(engine: sa.Engine) -> None:
    case = Case(engine, "26700003")
    with db.writing(engine) as session:
        session.execute(sa.delete(MailboxCompany))
    assert [one.customer.name for one in case.verdicts().numbers if one.customer] == ["Ver"]


def test_an_old_item_among_many_is_found(engine: sa.Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page shows so many items at most, yet never calls one unknown that the mail names."""
    monkeypatch.setattr(detail, "_MOST_INVOICES", 10)
    case = Case(engine, "26700001", "B-007")
    with db.writing(engine) as session:
        invoice = session.exec(select(InvoiceRow).where(InvoiceRow.number == "26700001")).one()
        invoice.due_on, invoice.open_minor = date(2020, 1, 1), 0
        for number in range(30):
            session.add(InvoiceRow(**invoice.model_dump(exclude={"id", "number", "due_on"}), number=f"B-{number:03}",
                                   due_on=date(2026, 12, 1)))  # fmt: skip
    assert case.kinds()[0] is VerdictKind.PAID
    assert case.verdicts().numbers == ()


def test_the_policy_is_the_callers(engine: sa.Engine) -> None:
    case = Case(engine)
    with db.writing(engine) as session:
        case.read(session, on=date(2026, 12, 2))
    assert case.kinds()[-1] is VerdictKind.FINE
    found = case.verdicts(Policy(promise_days=7)).acts[0][-1]
    assert (found.kind, found.days, found.limit) == (VerdictKind.PROMISE_BEYOND_POLICY, 8, 7)


def test_the_number_of_queries_does_not_grow(engine: sa.Engine) -> None:
    case = Case(engine, "26700002")
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *found: sent.append(found[2]))
    case.verdicts()
    few = len(sent)
    with db.writing(engine) as session:
        boer = session.exec(select(InvoiceRow).where(InvoiceRow.number == "26700001")).one()
        case.read(session, *(f"2670{number:04}" for number in range(2, 60)), "x" * 5_000)
        session.add_all(
            InvoiceRow(**boer.model_dump(exclude={"id", "number"}), number=f"2670{number:04}")
            for number in range(10, 40)
        )
    sent.clear()
    assert len(case.verdicts().numbers) > 20
    assert len(sent) == few
