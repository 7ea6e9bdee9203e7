"""Which customer writes: a table of senders and texts, on both databases."""

import re
from datetime import date
from email.utils import parseaddr

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer, an_invoice
from factories.mails import NOW, a_mail, a_mailbox
from factories.people import a_viewer
from sqlmodel import select

from inbox_agent import db
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Address, Attachment, Mail
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText, PartKind, QuotedHeader, TextPart
from inbox_agent.ledger.database import DatabaseLedger
from inbox_agent.ledger.leads import House
from inbox_agent.ledger.tables import CompanyRow, CustomerRow, InvoiceRow, PaymentRow, RememberedSenderRow
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
        a_customer(
            session, techniek, "10014", "Jan de Boer <jan@boer.example>", "acc@x.example", invoices=("26700001",),
            name="Boer B.V.", vat="NL000000011B01",
        )  # fmt: skip
        a_customer(
            session, techniek, "10027", "acc@x.example", "piet@gmail.com", invoices=("26700002",),
            name="Zonnedak Installaties", ibans=("NL20INGB0001234567",),
        )  # fmt: skip
        wit = a_customer(
            session, techniek, "10033", "a@wit.example", "b@wit.example", invoices=("26700003",), name="Wit"
        )
        an_invoice(session, wit, "26600001", 0, date(2025, 1, 1))
        an_invoice(session, wit, "26700030", 0, date(2026, 1, 1))
        a_customer(session, export, "20104", "ann@ex.example", invoices=("EX-26-00218",), name="Ex")
        a_customer(session, foreign, "30001", "far@far.example", invoices=("26799999",), name="Far")
        return DatabaseLedger(
            engine, House((techniek.id or 0, export.id or 0), None, frozenset({"els@halvermaan.example"}))
        )


def parted(mail: Mail) -> MailText:
    """The body as new text, a signature after "-- ", and a forwarded mail after "Van: name <address>"."""
    cuts = [(mail.text.find("-- \n"), PartKind.SIGNATURE), (mail.text.find("Van: "), PartKind.FORWARD)]
    starts = [(0, PartKind.NEW), *sorted(cut for cut in cuts if cut[0] >= 0)]
    ends = [start for start, _ in starts[1:]] + [len(mail.text)]
    parts = []
    for (start, kind), end in zip(starts, ends, strict=True):
        origin = (
            Address(*reversed(parseaddr(mail.text[start + 5 : end].splitlines()[0])))
            if kind is PartKind.FORWARD
            else None
        )
        parts.append(TextPart(kind, start, end, QuotedHeader(origin) if origin else None))
    return MailText(mail.text, tuple(parts), Language.NL)


def asked(source: DatabaseLedger, mail: Mail, chosen: int | None = None) -> Ledger:
    return source.for_mail(mail, parted(mail), chosen)


def shown(ledger: Ledger) -> tuple[str | None, set[str], set[str]]:
    """Who writes, what speaks for it, and who else it could be."""
    best = next((one for one in ledger.considered if one.customer == ledger.customer), None)
    clues = {clue.kind.value for clue in best.clues} if best else set()
    return ledger.customer.name if ledger.customer else None, clues, {one.name for one in ledger.candidates}


@pytest.mark.parametrize(
    ("sender", "subject", "text", "expected"),
    [
        ("Jan@Boer.example", "", "Hallo", ("Boer B.V.", {"contact", "domain"}, set())),
        ("jan@boer.example", "", "26700002 klopt niet", ("Boer B.V.", {"contact", "domain"}, {"Zonnedak Installaties"})),
        ("acc@x.example", "", "Hallo", (None, set(), {"Boer B.V.", "Zonnedak Installaties"})),
        ("acc@x.example", "Factuur 26700002", "Hallo", ("Zonnedak Installaties", {"contact", "domain", "invoice_number"}, set())),
        ("acc@x.example", "", "Ons nummer bij u: 10014", ("Boer B.V.", {"contact", "domain", "bare_number"}, set())),
        ("acc@x.example", "", "26700001 en 26700002", (None, set(), {"Boer B.V.", "Zonnedak Installaties"})),
        ("nieuw@wit.example", "", "Hallo", ("Wit", {"domain"}, set())),
        ("nieuw@mail.wit.example", "", "Hallo", ("Wit", {"domain"}, set())),
        ("nieuw@gmail.com", "", "Hallo", (None, set(), set())),
        ("nieuw@gmail.com", "", "Betreft F26700003.", ("Wit", {"invoice_number"}, set())),
        ("nieuw@gmail.com", "", "Betreft ex-26-00218", ("Ex", {"invoice_number"}, set())),
        ("nieuw@gmail.com", "", "26700001/26700003", (None, set(), {"Boer B.V.", "Wit"})),
        ("nieuw@gmail.com", "", "Debiteurnummer: 10014", ("Boer B.V.", {"customer_number"}, set())),
        ("nieuw@gmail.com", "", "Postbus 10014", (None, set(), set())),
        ("nieuw@gmail.com", "", "Hallo\n-- \nBoer B.V.\nbtw NL 0000.00.011.B01 KvK 1", ("Boer B.V.", {"vat_number"}, set())),
        ("nieuw@gmail.com", "", "Hallo\n-- \nIBAN NL20 INGB 0001 2345 67", ("Zonnedak Installaties", {"iban"}, set())),
        ("nieuw@gmail.com", "", "Hallo\n-- \nZonnedak Installaties", (None, set(), {"Zonnedak Installaties"})),
        ("curator@law.example", "Faillissement Zonnedak Installaties B.V.", "Geachte", (None, set(), {"Zonnedak Installaties"})),
        ("acc@x.example", "Zonnedak Installaties", "Hallo", ("Zonnedak Installaties", {"contact", "domain", "name"}, set())),
        ("nieuw@x.example", "", "Hallo", (None, set(), {"Boer B.V.", "Zonnedak Installaties"})),
        ("nieuw@x.example", "", "26700001", ("Boer B.V.", {"domain", "invoice_number"}, set())),
        ("nieuw@wit.example", "", "26700001", (None, set(), {"Boer B.V.", "Wit"})),
        ("far@far.example", "", "26799999", (None, set(), set())),
        ("els@halvermaan.example", "", "Graag oppakken.\nVan: Jan <jan@boer.example>\nHallo", ("Boer B.V.", {"forwarded", "forwarded_domain"}, set())),
        ("els@halvermaan.example", "", "Van: Kim <kim@wit.example>\nHallo", ("Wit", {"forwarded_domain"}, set())),
        ("els@halvermaan.example", "", "Kijk jij hier even naar?", (None, set(), set())),
        ("nieuw@gmail.com", "", "Zie hieronder.\nVan: Jan <jan@boer.example>\nHallo", (None, set(), {"Boer B.V."})),
        ("", "", "", (None, set(), set())),
    ],
)  # fmt: skip
def test_who_writes(
    source: DatabaseLedger, sender: str, subject: str, text: str, expected: tuple[str | None, set[str], set[str]]
) -> None:
    """From contact, domain, numbers, signature or forwarded sender; numbers alone lead to nobody among several."""
    assert shown(asked(source, a_mail(sender=Address(sender), subject=subject, text=text))) == expected


def test_a_number_alone_does_not_make_a_sender_known(source: DatabaseLedger) -> None:
    """An address or domain of the customer does; anybody can name a number."""
    known = {
        sender: asked(source, a_mail(sender=Address(sender), subject="", text="Betreft 26700001")).sender_known
        for sender in ("jan@boer.example", "collega@boer.example", "nieuw@gmail.com")
    }
    assert known == {"jan@boer.example": True, "collega@boer.example": True, "nieuw@gmail.com": False}


def test_numbers_of_other_customers_are_told(source: DatabaseLedger) -> None:
    """Jan of Boer names his own invoice, one of Zon, one of the other company, and one that nobody has."""
    text = "26700001, F26700002 en EX-26-00218, 26708888"
    ledger = asked(source, a_mail(sender=Address("jan@boer.example"), subject="", text=text))
    assert {one.number: one.customer.name for one in ledger.others} == {
        "26700002": "Zonnedak Installaties",
        "EX-26-00218": "Ex",
    }
    unknown = asked(source, a_mail(sender=Address("acc@x.example"), subject="", text="26700001 en 26700002"))
    assert {one.customer.name for one in unknown.others} == {"Boer B.V.", "Zonnedak Installaties"}
    assert asked(source, a_mail(sender=Address("jan@boer.example"))).others == ()


def test_the_day_of_the_last_payment(source: DatabaseLedger, engine: sa.Engine) -> None:
    with db.writing(engine) as session:
        paid = session.exec(select(InvoiceRow).where(InvoiceRow.number == "26700030")).one()
        part = session.exec(select(InvoiceRow).where(InvoiceRow.number == "26700003")).one()
        for number, row, on in (("B1", paid, 3), ("B2", paid, 9), ("B3", part, 10)):
            session.add(
                PaymentRow(company_id=row.company_id, customer_id=row.customer_id, invoice_id=row.id, reference=number,
                           paid_on=date(2026, 2, on), amount_minor=100, currency="EUR", imported_at=row.imported_at)
            )  # fmt: skip
    ledger = asked(source, a_mail(sender=Address("a@wit.example"), subject="", text="Hallo"))
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
    assert [shown(asked(source, mail))[0] for mail in (answered, bounced, attached)] == ["Boer B.V.", "Ex", "Wit"]


def test_which_items_belong_to_the_picture(source: DatabaseLedger) -> None:
    sender = Address("a@wit.example")
    ledger = asked(source, a_mail(sender=sender, subject="", text="Hallo"))
    assert [one.number for one in ledger.invoices] == ["26700030", "26700003"]
    ledger = asked(source, a_mail(sender=sender, subject="", text="Wat was 26600001?"))
    assert [one.number for one in ledger.invoices] == ["26600001", "26700030", "26700003"]
    assert ledger.company is not None
    assert (ledger.company.code, ledger.company.number_series) == ("HMT", (("invoice", r"2670\d{4}"),))


def test_the_first_company_stands_for_the_house(source: DatabaseLedger, engine: sa.Engine) -> None:
    unknown = a_mail(sender=Address("x@y.example"), text="", subject="")
    company = asked(source, unknown).company
    assert company is not None
    assert company.code == "HMT"
    assert asked(DatabaseLedger(engine, House(())), unknown) == Ledger()


def test_the_number_of_queries_is_fixed(source: DatabaseLedger, engine: sa.Engine) -> None:
    sent: list[str] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *found: sent.append(found[2]))
    asked(source, a_mail(text="26700001 " + " ".join(str(number) for number in range(100, 9000))))
    assert len([statement for statement in sent if not statement.startswith("BEGIN")]) <= 10


def test_tokens_are_bounded_and_series_come_first() -> None:
    def of(text: str) -> tuple[str, ...]:
        return tokens(Mail(a_mail().received_at, date(2026, 1, 1), Address("a@b"), text=text), (r"2670\d{4}",))

    assert of("bedrag 1.250,00 van factuur 26700001; tel 0541-000700")[0] == "26700001"
    many = of(" ".join(str(number) for number in range(1000, 2000)) + " 26700001")
    assert (len(many), many[0]) == (MOST, "26700001")
    assert of("geen getal 12 hier") == ()
    assert of("x" * 500_000 + "1" * 500_000) == ()
    assert of("a/" * 200_000) == ()


def remember(engine: sa.Engine, sender: str, customer_number: str) -> int:
    """A person of the mailbox said once that this sender's mail is the customer's; gives the mailbox's id."""
    with db.writing(engine) as session:
        mailbox = a_mailbox(session)
        viewer = a_viewer(session, "Sanne", "A", mailbox.id or 0)
        customer = session.exec(select(CustomerRow).where(CustomerRow.number == customer_number)).one()
        session.add(
            RememberedSenderRow(
                mailbox_id=mailbox.id or 0, sender=sender, customer_id=customer.id or 0,
                remembered_by=viewer.controller_id, remembered_at=NOW,
            )
        )  # fmt: skip
        return mailbox.id or 0


def test_a_remembered_sender_goes_straight_there_unless_numbers_say_otherwise(
    source: DatabaseLedger, engine: sa.Engine
) -> None:
    """For the mailbox where it was said; by address or domain; what a person chose for this mail settles it."""
    mailbox_id = remember(engine, "acc@x.example", "10014")
    with db.reading(engine) as session:
        companies = tuple(session.exec(select(CompanyRow.id).order_by(CompanyRow.id)).all())[:2]
        zon = session.exec(select(CustomerRow.id).where(CustomerRow.number == "10027")).one()
    here, elsewhere = (DatabaseLedger(engine, House(companies, mailbox)) for mailbox in (mailbox_id, mailbox_id + 1))
    plain, numbered = (a_mail(sender=Address("acc@x.example"), subject="", text=text) for text in ("Hallo", "26700002"))
    assert shown(asked(here, plain))[:2] == ("Boer B.V.", {"remembered", "contact", "domain"})
    assert shown(asked(elsewhere, plain))[0] is None
    assert shown(asked(here, numbered))[:2] == ("Zonnedak Installaties", {"contact", "domain", "invoice_number"})
    assert shown(asked(here, plain, zon))[:2] == ("Zonnedak Installaties", {"chosen", "contact", "domain"})
    assert asked(here, plain, zon).candidates == ()


def test_a_remembered_domain(source: DatabaseLedger, engine: sa.Engine) -> None:
    mailbox_id = remember(engine, "kantoor.example", "10033")
    with db.reading(engine) as session:
        companies = tuple(session.exec(select(CompanyRow.id)).all())
    ledger = asked(
        DatabaseLedger(engine, House(companies, mailbox_id)),
        a_mail(sender=Address("wie@kantoor.example"), subject="", text="Hallo"),
    )
    assert shown(ledger) == ("Wit", {"remembered"}, set())


@pytest.mark.parametrize(
    ("sender", "name", "expected"),
    [
        ("jan@boer.example", "Jan de Boer", (True, [], ())),
        ("ann@mail.wit.example", "", (True, [], ())),
        ("jan@b0er.example", "", (False, ["boer.example"], ())),
        ("jan@boer.com", "Jan de Boer", (False, ["boer.example"], ("jan@boer.example",))),
        ("x@gmail.com", "JAN DE BOER", (False, [], ("jan@boer.example",))),
        ("els@ha1vermaan.example", "", (False, ["halvermaan.example"], ())),
        ("x@gmail.com", "Jan", (False, [], ())),
        ("wie@nergens.example", "", (False, [], ())),
    ],
)
def test_what_is_known_of_the_sender(
    source: DatabaseLedger, sender: str, name: str, expected: tuple[bool, list[str], tuple[str, ...]]
) -> None:
    """Known by address or domain; domains that look like a known one; contacts of exactly that name."""
    known = asked(source, a_mail(sender=Address(sender, name), subject="", text="Hallo")).acquaintance
    assert (known.is_known, [one.known for one in known.alike], known.namesakes) == expected


def test_the_customers_own_domains_and_accounts_are_known(source: DatabaseLedger) -> None:
    known = asked(source, a_mail(sender=Address("piet@gmail.com"), subject="", text="Hallo")).acquaintance
    assert known.ibans == ("NL20INGB0001234567",)
    assert known.domains == ("gmail.com", "x.example")
    assert known.freemail == ("gmail.com",)
    assert (known.writer, known.own_domains) == ("piet@gmail.com", ("halvermaan.example",))


def test_twenty_thousand_customers_are_asked_by_index(source: DatabaseLedger, engine: sa.Engine) -> None:
    """No look-up reads a table, or a company's customers, as a whole: the plan of each names an index (SQLite tells)."""
    if engine.dialect.name != "sqlite":
        pytest.skip("the plan is read as SQLite writes it")
    with db.reading(engine) as session:
        ledger = DatabaseLedger(engine, House(tuple(session.exec(select(CompanyRow.id)).all()), 1))
    sent: list[tuple[str, object]] = []
    sa.event.listen(engine, "before_cursor_execute", lambda *found: sent.append((found[2], found[3])))
    asked(ledger, a_mail(sender=Address("jan@veenkampen.example", "Jan de Boer"), text="26700001 NL20INGB0001234567"))
    with engine.connect() as connection:
        for statement, values in sent:
            if statement.startswith("SELECT"):
                plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
                slow = r"SCAN (customer|contact|invoice|remembered)|.*ix_(customer|contact|invoice)_company_id"
                scans = [row[3] for row in plan if re.match(slow, row[3])]
                assert scans == [], statement
