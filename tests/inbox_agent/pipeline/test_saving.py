"""A reading becomes rows: triage, thread, customer, and one proposed record an act. The reading is built by hand."""

from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from factories.ledgers import a_company, a_customer
from factories.mails import NOW, a_mail, a_mailbox, store
from sqlmodel import Session, col, func, select

from inbox_agent import db
from inbox_agent.domain.act import Act, Evidence, InvoiceLink, LinkReason
from inbox_agent.domain.draft import Draft
from inbox_agent.domain.ledger import Company, Customer, Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, Intent, Language, RecordType, Tone
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import Classification, Extraction, IntentScore, Triage
from inbox_agent.ledger.tables import InvoiceRow
from inbox_agent.pipeline.saving import park, save_triage
from inbox_agent.records.dispute import Dispute, DisputeInvoice
from inbox_agent.records.mail import MailState, StoredMail, Thread
from inbox_agent.records.promise import Promise, PromiseInvoice
from inbox_agent.records.proposal import ProposalState
from inbox_agent.records.registry import RECORD_TYPES
from inbox_agent.records.task import Task, TaskInvoice
from inbox_agent.records.triage import TriageRow

LATER = NOW + timedelta(minutes=1)
KNOWN = Ledger(Customer("10014", "Klant 10014"), company=Company("HMT", "Halvermaan HMT"))
"""What the ledger step says of a mail of customer 10014."""


def an_act(intent: Intent, words: str, *numbers: str, **fields: object) -> Act:
    links = tuple(InvoiceLink(number, LinkReason.NUMBER) for number in numbers)
    return Act(intent, Evidence(words, 0, len(words)), links, **fields)  # type: ignore[arg-type]


def a_reading(mail: Mail, *acts: Act, ledger: Ledger = KNOWN, others: tuple[IntentScore, ...] = ()) -> Triage:
    """A reading whose intents are those of the acts, then the others."""
    scores = tuple(IntentScore(intent, 0.9) for intent in dict.fromkeys(act.intent for act in acts))
    return Triage(
        text=MailText(mail.text, (TextPart(PartKind.NEW, 0, len(mail.text)),), Language.NL),
        ledger=ledger,
        classification=Classification((*scores, *others), Tone.ANNOYED, True, 0.75, "by-hand-1"),
        extraction=Extraction(acts, ()),
        draft=Draft(Language.NL, "Re: Factuur", "Beste Jan,"),
    )


@pytest.fixture
def mail_id(engine: sa.Engine) -> int:
    """A mail that waits for its reading; customer 10014 of HMT owes 26700001 and 26700002."""
    with db.writing(engine) as session:
        company = a_company(session)
        a_customer(session, company, "10013", invoices=("26700009",))
        a_customer(session, company, "10014", "jan@boer.example", invoices=("26700001", "26700002"))
        elsewhere = a_company(session, "HMS", r"9670\d{4}")
        a_customer(session, elsewhere, "10014", invoices=("26700002",))
        return store(session, a_mailbox(session), MAIL).id or 0


MAIL = a_mail(text="Factuur 26700001 klopt niet.", subject="Factuur 26700001")


def save(engine: sa.Engine, mail_id: int, triage: Triage, mail: Mail = MAIL) -> bool:
    with db.writing(engine) as session:
        return save_triage(session, mail_id, mail, triage, 0.25, LATER)


def all_of(session: Session, table: type[Any]) -> list[Any]:
    return list(session.exec(select(table).order_by(col(table.id))))


def invoice_id(session: Session, number: str, company: str = "HMT") -> int:
    """The ledger row that customer 10014 of this company has by this number."""
    wanted = sa.text(
        "SELECT invoice.id FROM invoice JOIN company ON company.id = company_id WHERE number = :number AND code = :code"
    )
    return session.connection().execute(wanted, {"number": number, "code": company}).scalar_one()


def test_a_reading_becomes_triage_thread_and_customer(engine: sa.Engine, mail_id: int) -> None:
    triage = a_reading(MAIL, an_act(Intent.DISPUTE, "klopt niet", "26700001"))
    assert save(engine, mail_id, triage) is True
    with db.reading(engine) as session:
        mail = session.get_one(StoredMail, mail_id)
        kept = session.exec(select(TriageRow)).one()
        thread = session.exec(select(Thread)).one()
        owner = session.get_one(InvoiceRow, invoice_id(session, "26700001")).customer_id
    assert (mail.state, mail.state_reason, mail.version) == (MailState.TRIAGED, "", 2)
    assert (mail.triaged_at, mail.changed_at, mail.decided_at) == (LATER, LATER, None)
    assert mail.customer_id == thread.customer_id == owner
    assert (mail.thread_id, thread.subject, thread.created_at) == (thread.id, "Factuur 26700001", LATER)
    assert (kept.mail_id, kept.model_version, kept.language, kept.intents) == (
        mail_id,
        "by-hand-1",
        Language.NL,
        "dispute",
    )
    assert (kept.confidence, kept.requires_reply, kept.has_draft, kept.seconds) == (0.75, True, True, 0.25)
    assert kept.read() == triage


def test_a_dispute_keeps_reason_amount_and_words(engine: sa.Engine, mail_id: int) -> None:
    act = an_act(
        Intent.DISPUTE, "€ 40 te veel", "26700001", reason=DisputeReason.PRICE, amount=Money.parse("40.00", "USD")
    )
    save(engine, mail_id, a_reading(MAIL, act))
    with db.reading(engine) as session:
        dispute = session.exec(select(Dispute)).one()
        mail = session.get_one(StoredMail, mail_id)
        triage_id = session.exec(select(TriageRow.id)).one()
    assert (dispute.reason, dispute.amount_minor, dispute.currency) == (DisputeReason.PRICE, 4000, "USD")
    assert (dispute.evidence, dispute.act_index, dispute.state) == ("€ 40 te veel", 0, ProposalState.PROPOSED)
    assert (dispute.mail_id, dispute.triage_id, dispute.customer_id) == (mail_id, triage_id, mail.customer_id)
    assert (dispute.created_at, dispute.decided_at, dispute.decided_by) == (LATER, None, None)


def test_a_dispute_of_the_whole_invoice_for_no_stated_reason(engine: sa.Engine, mail_id: int) -> None:
    save(engine, mail_id, a_reading(MAIL, an_act(Intent.DISPUTE, "klopt niet")))
    with db.reading(engine) as session:
        dispute = session.exec(select(Dispute)).one()
    assert (dispute.reason, dispute.amount_minor) == (DisputeReason.OTHER, None)


@pytest.mark.parametrize("promised_on", [date(2026, 12, 1), None])
def test_a_promise_keeps_its_date_or_none(engine: sa.Engine, mail_id: int, promised_on: date | None) -> None:
    act = an_act(Intent.PROMISE_TO_PAY, "wordt betaald", "26700002", date=promised_on, amount=Money(100_000_000_000))
    save(engine, mail_id, a_reading(MAIL, act))
    with db.reading(engine) as session:
        promise = session.exec(select(Promise)).one()
        about = session.exec(select(PromiseInvoice)).one()
        tied = invoice_id(session, "26700002")
    assert (promise.promised_on, promise.amount_minor) == (promised_on, 100_000_000_000)
    assert (about.promise_id, about.number, about.invoice_id) == (promise.id, "26700002", tied)


@pytest.mark.parametrize("intent", Intent)
def test_each_intent_becomes_the_record_that_its_rule_names(engine: sa.Engine, mail_id: int, intent: Intent) -> None:
    save(engine, mail_id, a_reading(MAIL, an_act(intent, "dit", "26700001", date=date(2026, 12, 1))))
    with db.reading(engine) as session:
        counts = {
            kind: session.exec(select(func.count()).select_from(RECORD_TYPES[kind][0])).one() for kind in RecordType
        }
        tied = {
            kind: session.exec(select(func.count()).select_from(RECORD_TYPES[kind][1])).one() for kind in RecordType
        }
        tasks = all_of(session, Task)
    wanted = INTENTS[intent].record
    assert counts == tied == {kind: int(kind is wanted) for kind in RecordType}
    assert [(task.intent, task.on_date) for task in tasks] == (
        [(intent, date(2026, 12, 1))] if wanted is RecordType.TASK else []
    )


def test_one_record_an_act_in_the_order_of_the_reading(engine: sa.Engine, mail_id: int) -> None:
    save(
        engine,
        mail_id,
        a_reading(
            MAIL,
            an_act(Intent.DISPUTE, "de eerste is dubbel", "26700001", reason=DisputeReason.DUPLICATE),
            an_act(Intent.PROMISE_TO_PAY, "de tweede volgt", "26700002", date=date(2026, 12, 1)),
            an_act(Intent.DISPUTE, "en de derde nooit ontvangen", reason=DisputeReason.NOT_DELIVERED),
            an_act(Intent.INVOICE_COPY_REQUEST, "graag een kopie", "26700001", "26700002"),
        ),
    )
    with db.reading(engine) as session:
        disputes, promises, tasks = all_of(session, Dispute), all_of(session, Promise), all_of(session, Task)
        copies = all_of(session, TaskInvoice)
        intents = session.exec(select(TriageRow.intents)).one()
    assert [(one.act_index, one.reason) for one in disputes] == [
        (0, DisputeReason.DUPLICATE),
        (2, DisputeReason.NOT_DELIVERED),
    ]
    assert [one.act_index for one in promises] == [1]
    assert [(one.act_index, one.intent) for one in tasks] == [(3, Intent.INVOICE_COPY_REQUEST)]
    assert [(one.task_id, one.number) for one in copies] == [(tasks[0].id, "26700001"), (tasks[0].id, "26700002")]
    assert intents == "dispute,promise_to_pay,invoice_copy_request"


def test_invoices_are_tied_by_id_and_unknown_numbers_kept(engine: sa.Engine, mail_id: int) -> None:
    """One number twice is one invoice; the number of another own company's invoice is not this customer's."""
    act = an_act(Intent.DISPUTE, "deze", "26700002", "26709999", "26700002", "9" * 80)
    save(engine, mail_id, a_reading(MAIL, act))
    with db.reading(engine) as session:
        rows = [(row.number, row.invoice_id) for row in all_of(session, DisputeInvoice)]
        known = invoice_id(session, "26700002")
        assert known != invoice_id(session, "26700002", "HMS")
    assert rows == [("26700002", known), ("26709999", None), ("9" * 64, None)]


@pytest.mark.parametrize(
    "ledger",
    [
        Ledger(),
        Ledger(company=Company("HMT", "Halvermaan HMT")),
        Ledger(Customer("99999", "Gone since"), company=Company("HMT", "Halvermaan HMT")),
        Ledger(Customer("10014", "Klant 10014"), company=Company("ZZZ", "Gone since")),
    ],
)
def test_without_a_customer_in_the_ledger_the_numbers_stay(engine: sa.Engine, mail_id: int, ledger: Ledger) -> None:
    save(engine, mail_id, a_reading(MAIL, an_act(Intent.DISPUTE, "deze", "26700001"), ledger=ledger))
    with db.reading(engine) as session:
        mail = session.get_one(StoredMail, mail_id)
        dispute, about = session.exec(select(Dispute)).one(), session.exec(select(DisputeInvoice)).one()
    assert (mail.state, mail.customer_id, dispute.customer_id) == (MailState.TRIAGED, None, None)
    assert (about.number, about.invoice_id) == ("26700001", None)


def test_an_intent_without_an_act_is_a_task_all_the_same(engine: sa.Engine, mail_id: int) -> None:
    words = Evidence("wie kan ik bellen?", 0, 18)
    others = (IntentScore(Intent.OTHER_QUERY, 0.7, (words,)), IntentScore(Intent.STATEMENT_REQUEST, 0.6))
    save(engine, mail_id, a_reading(MAIL, an_act(Intent.DISPUTE, "klopt niet", "26700001"), others=others))
    with db.reading(engine) as session:
        tasks = [(one.act_index, one.intent, one.evidence) for one in all_of(session, Task)]
        disputes = [one.act_index for one in all_of(session, Dispute)]
        assert all_of(session, TaskInvoice) == []
    assert disputes == [0]
    assert tasks == [(-1, Intent.OTHER_QUERY, "wie kan ik bellen?"), (-1, Intent.STATEMENT_REQUEST, "")]


def test_a_mail_that_asks_for_nothing_gets_no_record(engine: sa.Engine, mail_id: int) -> None:
    save(engine, mail_id, a_reading(MAIL, others=(IntentScore(Intent.ACKNOWLEDGEMENT, 0.9),)))
    with db.reading(engine) as session:
        assert [all_of(session, table) for table, _, _ in RECORD_TYPES.values()] == [[], [], []]
        assert session.get_one(StoredMail, mail_id).state is MailState.TRIAGED


def test_saving_twice_keeps_the_first(engine: sa.Engine, mail_id: int) -> None:
    assert save(engine, mail_id, a_reading(MAIL, an_act(Intent.DISPUTE, "eerst", "26700001"))) is True
    assert save(engine, mail_id, a_reading(MAIL, an_act(Intent.PROMISE_TO_PAY, "later"))) is False
    with db.reading(engine) as session:
        assert session.exec(select(TriageRow.intents)).all() == ["dispute"]
        assert [one.evidence for one in all_of(session, Dispute)] == ["eerst"]
        assert all_of(session, Promise) == []
        assert len(all_of(session, Thread)) == len(all_of(session, DisputeInvoice)) == 1
        assert session.get_one(StoredMail, mail_id).version == 2


def test_a_save_whose_transaction_fails_leaves_nothing(engine: sa.Engine, mail_id: int) -> None:
    """The caller's transaction fails after the save: mail, thread, triage and records are as before."""

    def interrupted() -> None:
        with db.writing(engine) as session:
            save_triage(session, mail_id, MAIL, a_reading(MAIL, an_act(Intent.DISPUTE, "x", "26700001")), 0.1, LATER)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        interrupted()
    with db.reading(engine) as session:
        assert session.get_one(StoredMail, mail_id).state is MailState.FETCHED
        assert [all_of(session, table) for table in (TriageRow, Thread, Dispute, DisputeInvoice)] == [[], [], [], []]


@pytest.mark.parametrize("state", [MailState.PARKED, MailState.IGNORED, MailState.TRIAGED])
@pytest.mark.parametrize("decided_at", [None, NOW])
def test_a_mail_that_no_longer_waits_is_not_overwritten(
    engine: sa.Engine, mail_id: int, state: MailState, decided_at: object
) -> None:
    """Parked while it was read, or decided by a controller already: a late reading changes nothing."""
    with db.writing(engine) as session:
        mail = session.get_one(StoredMail, mail_id)
        mail.state, mail.state_reason, mail.decided_at = state, "as it was", decided_at
    with db.reading(engine) as session:
        before = session.get_one(StoredMail, mail_id).model_dump()
    assert save(engine, mail_id, a_reading(MAIL, an_act(Intent.DISPUTE, "te laat", "26700001"))) is False
    with db.reading(engine) as session:
        assert session.get_one(StoredMail, mail_id).model_dump() == before
        assert [all_of(session, table) for table in (TriageRow, Thread, Dispute)] == [[], [], []]


def test_a_parked_mail_says_why(engine: sa.Engine, mail_id: int) -> None:
    with db.writing(engine) as session:
        park(session, mail_id, "No model for this language.", LATER)
    with db.reading(engine) as session:
        mail = session.get_one(StoredMail, mail_id)
    assert (mail.state, mail.state_reason, mail.changed_at, mail.version) == (
        MailState.PARKED,
        "No model for this language.",
        LATER,
        2,
    )


@pytest.mark.parametrize("state", [one for one in MailState if one is not MailState.FETCHED])
def test_only_a_mail_that_waits_is_parked(engine: sa.Engine, mail_id: int, state: MailState) -> None:
    with db.writing(engine) as session:
        mail = session.get_one(StoredMail, mail_id)
        mail.state, mail.state_reason = state, "as it was"
    with db.reading(engine) as session:
        before = session.get_one(StoredMail, mail_id).model_dump()
    with db.writing(engine) as session:
        park(session, mail_id, "too late", LATER)
    with db.reading(engine) as session:
        assert session.get_one(StoredMail, mail_id).model_dump() == before
