"""The closed lists of the product: what a mail can say, in which language and tone, and what holds for each intent.

Source of every name and rule: the annotation guide (sections "Intents", "Dispute reasons", "Acts"). A new intent is one
member and one row here; the completeness tests then name what is missing elsewhere.
"""

from dataclasses import dataclass
from enum import StrEnum


class Language(StrEnum):
    """Languages of mail that the product reads and answers (ISO 639-1)."""

    NL = "nl"
    EN = "en"
    DE = "de"
    FR = "fr"


class Tone(StrEnum):
    """How the sender's new text sounds."""

    FRIENDLY = "friendly"
    NEUTRAL = "neutral"
    ANNOYED = "annoyed"
    ANGRY = "angry"


class Intent(StrEnum):
    """What the sender's new text says; one mail may have several."""

    DISPUTE = "dispute"
    PROMISE_TO_PAY = "promise_to_pay"
    PAYMENT_NOTIFICATION = "payment_notification"
    PAYMENT_PLAN_REQUEST = "payment_plan_request"
    INVOICE_COPY_REQUEST = "invoice_copy_request"
    STATEMENT_REQUEST = "statement_request"
    ACCOUNT_UPDATE = "account_update"
    BANK_DETAILS = "bank_details"
    INSOLVENCY_LEGAL = "insolvency_legal"
    OUT_OF_OFFICE = "out_of_office"
    DELIVERY_FAILURE = "delivery_failure"
    ACKNOWLEDGEMENT = "acknowledgement"
    OTHER_QUERY = "other_query"
    UNRELATED = "unrelated"


class DisputeReason(StrEnum):
    """Why an invoice is contested."""

    PRICE = "price"
    NOT_DELIVERED = "not_delivered"
    QUALITY = "quality"
    INVOICE_INCORRECT = "invoice_incorrect"
    PO_MISSING = "po_missing"
    DUPLICATE = "duplicate"
    CONTRACT_TERMINATED = "contract_terminated"
    CREDIT_EXPECTED = "credit_expected"
    OTHER = "other"


class EntityKind(StrEnum):
    """Numbers that a mail names, as written. The value is the key in the guide's `entities` object."""

    INVOICE_NUMBER = "invoice_numbers"
    PO_NUMBER = "po_numbers"
    CREDIT_NOTE = "credit_notes"
    IBAN = "ibans"


class RecordType(StrEnum):
    """What the product keeps from an act, once a controller confirmed it."""

    DISPUTE = "dispute"
    PROMISE = "promise"
    TASK = "task"


@dataclass(frozen=True, slots=True)
class IntentRule:
    """What holds for one intent.

    `stands_alone`: excludes every other intent (guide, "Intents").
    `needs_act`: at least one act must say it (guide, "Acts").
    `record`: what an act of this intent is proposed as, or None.
    `wants_reply`: whether a reply is drafted for it when nothing else in the mail decides.
    """

    stands_alone: bool = False
    needs_act: bool = True
    record: RecordType | None = RecordType.TASK
    wants_reply: bool = True


_ALONE = IntentRule(stands_alone=True, needs_act=False, record=None, wants_reply=False)

INTENTS: dict[Intent, IntentRule] = {
    Intent.DISPUTE: IntentRule(record=RecordType.DISPUTE),
    Intent.PROMISE_TO_PAY: IntentRule(record=RecordType.PROMISE),
    Intent.PAYMENT_NOTIFICATION: IntentRule(wants_reply=False),
    Intent.PAYMENT_PLAN_REQUEST: IntentRule(),
    Intent.INVOICE_COPY_REQUEST: IntentRule(),
    Intent.STATEMENT_REQUEST: IntentRule(),
    Intent.ACCOUNT_UPDATE: IntentRule(),
    Intent.BANK_DETAILS: IntentRule(),
    Intent.INSOLVENCY_LEGAL: IntentRule(),
    Intent.OUT_OF_OFFICE: _ALONE,
    Intent.DELIVERY_FAILURE: IntentRule(stands_alone=True, needs_act=False, wants_reply=False),
    Intent.ACKNOWLEDGEMENT: _ALONE,
    Intent.OTHER_QUERY: IntentRule(needs_act=False),
    Intent.UNRELATED: _ALONE,
}
