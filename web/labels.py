"""The words for the product's closed lists, as English msgids. A completeness test names a member without a word."""

from enum import StrEnum

from inbox_agent.domain.act import LinkReason
from inbox_agent.domain.ledger import InvoiceKind
from inbox_agent.domain.mail import Automatic
from inbox_agent.domain.taxonomy import DisputeReason, Intent, Language, RecordType, Tone
from inbox_agent.domain.text import PartKind
from inbox_agent.domain.verdict import Severity
from inbox_agent.review.states import MailState, ProposalState, ReplyState, Role
from inbox_agent.review.views import DecisionKind, QueueView
from web.translation import N_

LABELS: tuple[tuple[StrEnum, str], ...] = (
    (Intent.DISPUTE, N_("Dispute")),
    (Intent.PROMISE_TO_PAY, N_("Promise to pay")),
    (Intent.PAYMENT_NOTIFICATION, N_("Payment notification")),
    (Intent.PAYMENT_PLAN_REQUEST, N_("Payment plan request")),
    (Intent.INVOICE_COPY_REQUEST, N_("Invoice copy request")),
    (Intent.STATEMENT_REQUEST, N_("Statement request")),
    (Intent.ACCOUNT_UPDATE, N_("Account update")),
    (Intent.BANK_DETAILS, N_("Bank details")),
    (Intent.INSOLVENCY_LEGAL, N_("Insolvency or legal")),
    (Intent.OUT_OF_OFFICE, N_("Out of office")),
    (Intent.DELIVERY_FAILURE, N_("Delivery failure")),
    (Intent.ACKNOWLEDGEMENT, N_("Acknowledgement")),
    (Intent.OTHER_QUERY, N_("Other query")),
    (Intent.UNRELATED, N_("Unrelated")),
    (DisputeReason.PRICE, N_("Price")),
    (DisputeReason.NOT_DELIVERED, N_("Not delivered")),
    (DisputeReason.QUALITY, N_("Quality")),
    (DisputeReason.INVOICE_INCORRECT, N_("Invoice incorrect")),
    (DisputeReason.PO_MISSING, N_("Purchase order missing")),
    (DisputeReason.DUPLICATE, N_("Duplicate invoice")),
    (DisputeReason.CONTRACT_TERMINATED, N_("Contract terminated")),
    (DisputeReason.CREDIT_EXPECTED, N_("Credit note expected")),
    (DisputeReason.OTHER, N_("Other reason")),
    (Tone.FRIENDLY, N_("Friendly")),
    (Tone.NEUTRAL, N_("Neutral")),
    (Tone.ANNOYED, N_("Annoyed")),
    (Tone.ANGRY, N_("Angry")),
    (Language.NL, N_("Dutch")),
    (Language.EN, N_("English")),
    (Language.DE, N_("German")),
    (Language.FR, N_("French")),
    (RecordType.DISPUTE, N_("Record a dispute")),
    (RecordType.PROMISE, N_("Record a promise to pay")),
    (RecordType.TASK, N_("Record a task")),
    (ProposalState.PROPOSED, N_("proposed")),
    (ProposalState.CONFIRMED, N_("recorded")),
    (ProposalState.REJECTED, N_("rejected")),
    (PartKind.NEW, N_("New text")),
    (PartKind.SIGNATURE, N_("Signature")),
    (PartKind.DISCLAIMER, N_("Disclaimer")),
    (PartKind.QUOTE, N_("Quoted history")),
    (PartKind.FORWARD, N_("Forwarded mail")),
    (MailState.FETCHED, N_("Being read")),
    (MailState.TRIAGED, N_("Triaged")),
    (MailState.PARKED, N_("Parked")),
    (MailState.IGNORED, N_("Ignored")),
    (ReplyState.APPROVED, N_("Reply approved, waiting to be sent")),
    (ReplyState.DELIVERING, N_("Reply is being sent")),
    (ReplyState.DELIVERED, N_("Reply sent")),
    (ReplyState.UNCERTAIN, N_("Unsure whether the reply was sent")),
    (ReplyState.FAILED, N_("Reply not sent")),
    (QueueView.OPEN, N_("Open")),
    (QueueView.MINE, N_("Mine")),
    (QueueView.PARKED, N_("Parked")),
    (QueueView.DONE, N_("Done")),
    (DecisionKind.APPROVED, N_("Approved")),
    (DecisionKind.DISMISSED, N_("Dismissed")),
    (Role.CONTROLLER, N_("Controller")),
    (Role.TEAM_LEAD, N_("Team lead")),
    (InvoiceKind.INVOICE, N_("Invoice")),
    (InvoiceKind.CREDIT_NOTE, N_("Credit note")),
    (LinkReason.NUMBER, N_("number in the mail")),
    (LinkReason.NUMBER_VARIANT, N_("number in the mail, written differently")),
    (LinkReason.AMOUNT, N_("by its amount")),
    (LinkReason.PURCHASE_ORDER, N_("by its purchase order")),
    (LinkReason.PERIOD, N_("by its period")),
    (LinkReason.QUOTED, N_("from the quoted history")),
    (LinkReason.SUBJECT, N_("from the subject")),
    (LinkReason.ALL_OPEN, N_("all open items")),
    (LinkReason.ONLY_OPEN, N_("the only open item")),
    (LinkReason.NEARBY, N_("from a number nearby in the mail")),
    (LinkReason.ATTACHED, N_("from an attachment")),
    (LinkReason.DATE, N_("by its date")),
    (LinkReason.SUM, N_("by amounts together")),
    (LinkReason.DESCRIPTION, N_("by its description")),
    (LinkReason.POSITION, N_("by its place among others")),
    (LinkReason.OTHERS, N_("what the mail leaves over")),
    (LinkReason.OVERDUE, N_("what is overdue")),
    (LinkReason.CREDIT, N_("the credit note")),
    (Severity.OK, N_("Agrees")),
    (Severity.INFO, N_("Note")),
    (Severity.PROBLEM, N_("Problem")),
    (Automatic.OUT_OF_OFFICE, N_("Automatic reply")),
    (Automatic.DELIVERY_FAILURE, N_("Delivery report")),
    (Automatic.SYSTEM, N_("System mail")),
    (Automatic.BULK, N_("Bulk mail")),
)
"""Pairs, not a dict: members of different lists may be equal as strings."""

_BY_TYPE = {(type(member), member.value): msgid for member, msgid in LABELS}


def label(member: StrEnum) -> str:
    """The msgid of a member. Raises `KeyError` for a member without a word."""
    return _BY_TYPE[type(member), member.value]
