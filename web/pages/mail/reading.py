"""What the page of one mail shows, computed from `Detail`: acts with their records and ledger rows, sums, warnings. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from drafting.guard import check
from drafting.subject import reply_subject
from drafting.vouchers import ledger_vouchers, mail_text
from inbox_agent.domain.act import Act, Evidence, Source
from inbox_agent.domain.ledger import Invoice
from inbox_agent.domain.mail import Attachment
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Language, RecordType
from inbox_agent.domain.text import MailText, PartKind, TextPart
from inbox_agent.domain.triage import IntentScore
from inbox_agent.domain.verdict import Verdict, VerdictField
from inbox_agent.review.states import MailState, ProposalState
from inbox_agent.review.views import Detail, ProposedRecord
from web.pages.mail.highlight import PartView, Segment, Span, parts, segments
from web.translation import N_


@dataclass(frozen=True, slots=True)
class LedgerRow:
    """An invoice that an act is about, as the ledger has it now; `invoice` None: the ledger does not have it."""

    number: str
    why: str
    mention: str
    invoice: Invoice | None
    is_overdue: bool
    verdicts: tuple[Verdict, ...]


@dataclass(frozen=True, slots=True)
class ActRow:
    """An act, numbered from 1 as in the text, with the record proposed from it and the verdicts on its amount and date."""

    number: int
    act: Act
    record: ProposedRecord | None
    rows: tuple[LedgerRow, ...]
    amount: tuple[Verdict, ...]
    date: tuple[Verdict, ...]

    @property
    def key(self) -> str:
        """Value of the record's checkbox, "dispute:12"; "" without record."""
        return f"{self.record.record_type.value}:{self.record.record_id}" if self.record else ""

    @property
    def currency(self) -> str:
        """In which an amount of the record is given: its own, else that of its first invoice."""
        amounts = [self.record.amount] if self.record and self.record.amount else []
        amounts += [row.invoice.open for row in self.rows if row.invoice]
        return amounts[0].currency if amounts else "EUR"

    @property
    def corrected(self) -> bool:
        """Whether the controller confirmed something else than was read."""
        record, act = self.record, self.act
        if record is None or record.state is not ProposalState.CONFIRMED:
            return False
        reads = (sorted(row.number for row in self.rows), act.amount, act.date)
        keeps = (sorted(record.invoices), record.amount, record.on_date)
        if record.record_type is RecordType.DISPUTE:
            return reads[:2] != keeps[:2] or record.reason is not (act.reason or DisputeReason.OTHER)
        return reads != keeps

    @property
    def accepted(self) -> bool:
        """Whether its box is ticked: confirmed, or proposed and not yet decided."""
        return self.record is not None and self.record.state is not ProposalState.REJECTED


@dataclass(frozen=True, slots=True)
class IntentRow:
    """An intent as read. `quotes` is its evidence when no act shows it already; empty for a controller's own correction.

    `score` is the classifier's, with its threshold and the mails it learnt the intent from; None for a correction.
    """

    intent: Intent
    probability: float | None
    quotes: tuple[str, ...]
    score: IntentScore | None


@dataclass(frozen=True, slots=True)
class AttachmentRow:
    """An attachment with its place in the mail and its text, evidence marked."""

    index: int
    attachment: Attachment
    segments: tuple[Segment, ...]


@dataclass(frozen=True, slots=True)
class MailPage:
    """Everything that the templates need beside `Detail` itself."""

    detail: Detail
    subject: tuple[Segment, ...]
    parts: tuple[PartView, ...]
    acts: tuple[ActRow, ...]
    intents: tuple[IntentRow, ...]
    attachments: tuple[AttachmentRow, ...]
    numbers: tuple[Verdict, ...]
    open_items: tuple[Invoice, ...]
    totals: tuple[Money, ...]
    draft_subject: str
    draft_body: str
    warnings: tuple[str, ...]

    @property
    def is_open(self) -> bool:
        """Whether it still waits for a decision that can be made now."""
        return (
            self.detail.decision is None and self.detail.triage is not None and self.detail.state is MailState.TRIAGED
        )

    @property
    def by_hand(self) -> tuple[ProposedRecord, ...]:
        """Records that no act proposed."""
        return tuple(record for record in self.detail.records if record.act_index < 0)

    @property
    def addable(self) -> tuple[RecordType, ...]:
        """What can be added by hand; a task follows from an intent."""
        return RecordType.DISPUTE, RecordType.PROMISE

    @property
    def currency(self) -> str:
        """In which an added record's amount is given: that of most open items."""
        return max(self.totals, key=lambda total: abs(total.minor)).currency if self.totals else "EUR"

    @property
    def reasons(self) -> tuple[DisputeReason, ...]:
        """What a dispute may be about, to choose from."""
        return tuple(DisputeReason)

    @property
    def has_reply(self) -> bool:
        """Whether the machine proposed a reply."""
        return bool(self.draft_body)


def mail_page(detail: Detail, today: date) -> MailPage:
    """The page of one mail; `today` decides what is overdue."""
    mail, triage = detail.mail, detail.triage
    spans = _spans(detail)
    draft = triage.draft if triage and detail.answer is None else None
    open_items = tuple(
        sorted((row for row in detail.invoices if row.is_open), key=lambda row: (row.due_on, row.number))
    )
    subject = mail.subject if mail else ""
    return MailPage(
        detail=detail,
        subject=segments(subject, spans.get((Source.SUBJECT, -1), ())),
        parts=parts(_text_of(detail), spans.get((Source.BODY, -1), ())),
        acts=tuple(_act_row(number, act, detail, today) for number, act in enumerate(detail.acts, 1)),
        intents=_intents(detail),
        attachments=tuple(
            AttachmentRow(index, attachment, segments(attachment.text, spans.get((Source.ATTACHMENT, index), ())))
            for index, attachment in enumerate(mail.attachments if mail else ())
        ),
        numbers=detail.verdicts.numbers,
        open_items=open_items,
        totals=_totals(open_items),
        draft_subject=draft.subject
        if draft
        else reply_subject(subject, detail.language)
        if detail.language
        else subject,
        draft_body=draft.body if draft else "",
        warnings=(*_own_warnings(detail), *(draft.warnings if draft else ())),
    )


def figure_warnings(detail: Detail, body: str) -> tuple[str, ...]:
    """What the guard says about the figures in an edited reply."""
    if detail.mail is None or detail.triage is None:
        return ()
    ledger = detail.triage.ledger
    values = [fact.value for fact in ledger_vouchers(ledger, detail.triage.text.language)]
    values += [fact.value for fact in detail.triage.draft.facts] if detail.triage.draft else []
    return check(body, values, ledger.company.ibans if ledger.company else (), mail_text(detail.mail))


def _text_of(detail: Detail) -> MailText:
    """The read text; before that, the whole body as new text."""
    if detail.triage is not None:
        return detail.triage.text
    source = detail.mail.text if detail.mail else ""
    return MailText(source, (TextPart(PartKind.NEW, 0, len(source)),), detail.language or Language.NL)


def _spans(detail: Detail) -> dict[tuple[Source, int], tuple[Span, ...]]:
    found: dict[tuple[Source, int], list[Span]] = {}

    def add(number: int, evidence: Evidence) -> None:
        place = evidence.attachment if evidence.source is Source.ATTACHMENT else -1
        found.setdefault((evidence.source, place), []).append(Span(number, evidence.start, evidence.end))

    for number, act in enumerate(detail.acts, 1):
        add(number, act.evidence)
    said = {act.intent for act in detail.acts}
    for score in detail.triage.classification.intents if detail.triage else ():
        for evidence in score.evidence if score.intent not in said else ():
            add(0, evidence)
    return {place: tuple(spans) for place, spans in found.items()}


def _act_row(number: int, act: Act, detail: Detail, today: date) -> ActRow:
    ledger = {invoice.number: invoice for invoice in detail.invoices}
    verdicts = detail.verdicts.acts[number - 1]
    rows = []
    for link in act.invoices:
        invoice = ledger.get(link.number)
        overdue = invoice is not None and invoice.is_overdue(today)
        found = (one for one in verdicts if one.field is VerdictField.INVOICE and one.number == link.number)
        rows.append(LedgerRow(link.number, link.reason, link.mention, invoice, overdue, tuple(dict.fromkeys(found))))
    return ActRow(
        number,
        act,
        next((record for record in detail.records if record.act_index == number - 1), None),
        tuple(rows),
        amount=tuple(one for one in verdicts if one.field is VerdictField.AMOUNT),
        date=tuple(one for one in verdicts if one.field is VerdictField.DATE),
    )


def _intents(detail: Detail) -> tuple[IntentRow, ...]:
    if detail.triage is None:
        return ()
    said = {act.intent for act in detail.acts}
    scores = {score.intent: score for score in detail.triage.classification.intents}
    rows = []
    for intent in detail.intents or detail.triage.classification.labels:
        score = scores.get(intent)
        quotes = score.evidence if score and intent not in said else ()
        rows.append(
            IntentRow(intent, score.probability if score else None, tuple(quote.text for quote in quotes), score)
        )
    return tuple(rows)


def _totals(invoices: tuple[Invoice, ...]) -> tuple[Money, ...]:
    """The sum of open amounts, one for each currency."""
    sums: dict[str, int] = {}
    for invoice in invoices:
        sums[invoice.open.currency] = sums.get(invoice.open.currency, 0) + invoice.open.minor
    return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()))


def _own_warnings(detail: Detail) -> Iterator[str]:
    """What this page knows and the drafter could not."""
    mail = detail.mail
    if mail is None or detail.decision is not None:
        return
    if any(entry.at > detail.received_at and not entry.ours for entry in detail.case.entries):
        yield NEWER
    if any(entry.at > detail.received_at and entry.ours for entry in detail.case.entries):
        yield ANSWERED


NEWER = N_("A newer mail arrived in this thread. Read it before you answer this one.")
ANSWERED = N_("Somebody already answered in this thread after this mail.")
