"""Which customer writes: a table of senders and texts, on both databases."""

from datetime import date

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer, an_invoice
from factories.mails import a_mail
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Address, Attachment, Mail
from inbox_agent.ledger.database import DatabaseLedger
from inbox_agent.ledger.tables import InvoiceRow, PaymentRow
from inbox_agent.ledger.tokens import MOST, tokens


@pytest.fixture
def source(engine: sa.Engine) -> DatabaseLedger:
    """Two companies. Boer: jan, the accountant. Zon: the accountant. Wit: two addresses of one domain. Export: its own."""
    with db.writing(engine) as session:
        techniek, export, foreign = (
            a_company(session),
            a_company(session, "HMX", r"EX-26-\d{5}"),
            a_company(session, "OTHER"),
        )
        a_customer(session, techniek, "10014", "jan@boer.example", "acc@x.example", invoices=("26700001",), name="Boer")
        a_customer(session, techniek, "10027", "acc@x.example", "piet@gmail.com", invoices=("26700002",), name="Zon")
        wit = a_customer(
            session, techniek, "10033", "a@wit.example", "b@wit.example", invoices=("26700003",), name="Wit"
        )
        an_invoice(session, wit, "26600001", 0, date(2025, 1, 1))
        an_invoice(session, wit, "26700030", 0, date(2026, 1, 1))
        a_customer(session, export, "20104", "ann@ex.example", invoices=("EX-26-00218",), name="Ex")
        a_customer(session, foreign, "30001", "far@far.example", invoices=("26799999",), name="Far")
        return DatabaseLedger(engine, (techniek.id or 0, export.id or 0))


def shown(ledger: Ledger) -> tuple[str | None, str, set[str]]:
    return ledger.customer.name if ledger.customer else None, ledger.why, {one.name for one in ledger.candidates}


@pytest.mark.parametrize(
    ("sender", "subject", "text", "expected"),
    [
        ("Jan@Boer.example", "", "Hallo", ("Boer", "contact address", set())),
        ("jan@boer.example", "", "26700002 klopt niet", ("Boer", "contact address", {"Zon"})),
        ("acc@x.example", "", "Hallo", (None, "contact address of 2 customers", {"Boer", "Zon"})),
        ("acc@x.example", "Factuur 26700002", "Hallo", ("Zon", "invoice number 26700002", set())),
        ("acc@x.example", "", "Debiteur 10014", ("Boer", "customer number 10014", set())),
        ("acc@x.example", "", "26700001 en 26700002", (None, "contact address of 2 customers", {"Boer", "Zon"})),
        ("nieuw@wit.example", "", "Hallo", ("Wit", "sender's domain", set())),
        ("nieuw@gmail.com", "", "Hallo", (None, "", set())),
        ("nieuw@gmail.com", "", "Betreft F26700003.", ("Wit", "invoice number 26700003", set())),
        ("nieuw@gmail.com", "", "Betreft ex-26-00218", ("Ex", "invoice number EX-26-00218", set())),
        ("nieuw@gmail.com", "", "26700001/26700003", (None, "invoice numbers of 2 customers", {"Boer", "Wit"})),
        ("nieuw@gmail.com", "", "Klantnummer 10014", (None, "", set())),
        ("nieuw@x.example", "", "Hallo", (None, "sender's domain of 2 customers", {"Boer", "Zon"})),
        ("nieuw@x.example", "", "26700001", ("Boer", "invoice number 26700001", set())),
        ("nieuw@wit.example", "", "26700001", ("Boer", "invoice number 26700001", {"Wit"})),
        ("far@far.example", "", "26799999", (None, "", set())),
        ("", "", "", (None, "", set())),
    ],
)
def test_who_writes(
    source: DatabaseLedger, sender: str, subject: str, text: str, expected: tuple[str | None, str, set[str]]
) -> None:
    assert shown(source.for_mail(a_mail(sender=Address(sender), subject=subject, text=text))) == expected


def test_a_number_alone_does_not_make_a_sender_known(source: DatabaseLedger) -> None:
    """An address or domain of the customer does; anybody can name a number."""
    known = {
        sender: source.for_mail(a_mail(sender=Address(sender), subject="", text="Betreft 26700001")).sender_known
        for sender in ("jan@boer.example", "collega@boer.example", "nieuw@gmail.com")
    }
    assert known == {"jan@boer.example": True, "collega@boer.example": True, "nieuw@gmail.com": False}


def test_numbers_of_other_customers_are_told(source: DatabaseLedger) -> None:
    """Jan of Boer names his own invoice, one of Zon, one of the other company, and one that nobody has."""
    text = "26700001, F26700002 en EX-26-00218, 26708888"
    ledger = source.for_mail(a_mail(sender=Address("jan@boer.example"), subject="", text=text))
    assert {one.number: one.customer.name for one in ledger.others} == {"26700002": "Zon", "EX-26-00218": "Ex"}
    unknown = source.for_mail(a_mail(sender=Address("acc@x.example"), subject="", text="26700001 en 26700002"))
    assert {one.customer.name for one in unknown.others} == {"Boer", "Zon"}
    assert source.for_mail(a_mail(sender=Address("jan@boer.example"))).others == ()


def test_the_day_of_the_last_payment(source: DatabaseLedger, engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        paid = session.exec(select(InvoiceRow).where(InvoiceRow.number == "26700030")).one()
        part = session.exec(select(InvoiceRow).where(InvoiceRow.number == "26700003")).one()
        for number, row, on in (("B1", paid, 3), ("B2", paid, 9), ("B3", part, 10)):
            session.add(
                PaymentRow(company_id=row.company_id, customer_id=row.customer_id, invoice_id=row.id, reference=number,
                           paid_on=date(2026, 2, on), amount_minor=100, currency="EUR", imported_at=row.imported_at)
            )  # fmt: skip
    ledger = source.for_mail(a_mail(sender=Address("a@wit.example"), subject="", text="Hallo"))
    assert [(one.number, one.paid_on) for one in ledger.invoices] == [
        ("26700030", date(2026, 2, 9)),
        ("26700003", None),
    ]


def test_reply_to_bounces_and_attachments_count(source: DatabaseLedger) -> None:
    robot = Address("robot@portal.example")
    answered = a_mail(sender=robot, subject="", text="", reply_to=(Address("jan@boer.example"),))
    bounced = a_mail(sender=robot, subject="", text="", failed_recipients=("Ann@ex.example",))
    attached = a_mail(
        sender=robot, subject="", text="", attachments=(Attachment("a.pdf", "x/y", 1, 1, "Nr. 26700003"),)
    )
    assert [shown(source.for_mail(mail))[0] for mail in (answered, bounced, attached)] == ["Boer", "Ex", "Wit"]


def test_which_items_belong_to_the_picture(source: DatabaseLedger) -> None:
    sender = Address("a@wit.example")
    ledger = source.for_mail(a_mail(sender=sender, subject="", text="Hallo"))
    assert [one.number for one in ledger.invoices] == ["26700030", "26700003"]
    ledger = source.for_mail(a_mail(sender=sender, subject="", text="Wat was 26600001?"))
    assert [one.number for one in ledger.invoices] == ["26600001", "26700030", "26700003"]
    assert ledger.company is not None
    assert (ledger.company.code, ledger.company.number_series) == ("HMT", (("invoice", r"2670\d{4}"),))


def test_the_first_company_stands_for_the_house(source: DatabaseLedger, engine: sa.Engine) -> None:
    unknown = a_mail(sender=Address("x@y.example"), text="", subject="")
    company = source.for_mail(unknown).company
    assert company is not None
    assert company.code == "HMT"
    assert DatabaseLedger(engine, ()).for_mail(unknown) == Ledger()


def test_the_number_of_queries_is_fixed(source: DatabaseLedger, engine: sa.Engine) -> None:
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *found: sent.append(found[2]))
    source.for_mail(a_mail(text="26700001 " + " ".join(str(number) for number in range(100, 9000))))
    assert len([statement for statement in sent if not statement.startswith("BEGIN")]) <= 8


def test_tokens_are_bounded_and_series_come_first() -> None:
    def of(text: str) -> tuple[str, ...]:
        return tokens(Mail(a_mail().received_at, date(2026, 1, 1), Address("a@b"), text=text), (r"2670\d{4}",))

    assert of("bedrag 1.250,00 van factuur 26700001; tel 0541-000700")[0] == "26700001"
    many = of(" ".join(str(number) for number in range(1000, 2000)) + " 26700001")
    assert (len(many), many[0]) == (MOST, "26700001")
    assert of("geen getal 12 hier") == ()
    assert of("x" * 500_000 + "1" * 500_000) == ()
    assert of("a/" * 200_000) == ()
