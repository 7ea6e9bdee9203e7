"""What a stretch of mail mentions: numbers, amounts, percentages, phones and the like, each with its offsets and a value.

A component of the pipeline (`extractors.nlp.PIPELINE`) finds mentions of its kinds and `claim`s them; what an earlier
component has claimed, a later one cannot take. To add a component: write a function `read(doc)` in the module of its
subject, decorate it with `@component("name")`, and put the name in `PIPELINE` where it should come. What it must know of
the mail, such as the day received, is in `reading_of(doc)`, never global. Offsets are those of `doc.text`; `Mentions`
moves them to the source.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from spacy.language import Language as Pipeline
from spacy.tokens import Doc

from extractors.ledger_index import LedgerIndex
from inbox_agent.domain.money import Money


class MentionKind(StrEnum):
    """What is mentioned. Only the first three and IBANs are entities of the guide."""

    INVOICE_NUMBER = "invoice_number"
    PO_NUMBER = "po_number"
    CREDIT_NOTE = "credit_note"
    IBAN = "iban"
    CUSTOMER_NUMBER = "customer_number"
    PAYMENT_REFERENCE = "payment_reference"
    AMOUNT = "amount"
    PERCENTAGE = "percentage"
    QUANTITY = "quantity"
    COUNT = "count"
    DATE = "date"
    PHONE = "phone"
    OTHER_NUMBER = "other_number"


@dataclass(frozen=True, slots=True)
class Mention:
    """`text == source[start:end]` names a `kind` of thing. `score` in 0..1 is how surely.

    `value` is what it says: a number without blanks and marks (`str`), `Money`, a share in percent (`Decimal`), a count
    (`int`), a day (`date`).
    """

    kind: MentionKind
    start: int
    end: int
    text: str
    value: str | int | Decimal | Money | date
    score: float = 1.0

    def moved(self, by: int) -> "Mention":
        """The same mention in a source that begins `by` characters earlier."""
        return replace(self, start=self.start + by, end=self.end + by)


@dataclass(frozen=True, slots=True)
class ReadingOf:
    """What components may know of the mail that is read."""

    index: LedgerIndex
    received_on: date
    currency: str = "EUR"


if not Doc.has_extension("mentions"):
    Doc.set_extension("mentions", default=None)
    Doc.set_extension("claimed", default=None)
    Doc.set_extension("reading", default=None)


def component(name: str) -> Callable[[Callable[[Doc], None]], Callable[[Doc], None]]:
    """Registers a function as a component of the pipelines under `name`; it claims mentions and returns nothing."""

    def register(read: Callable[[Doc], None]) -> Callable[[Doc], None]:
        def run(doc: Doc) -> Doc:
            read(doc)
            return doc

        Pipeline.component(name, func=run)
        return read

    return register


def begin(doc: Doc, reading: ReadingOf) -> Doc:
    """Makes a document ready for the components."""
    doc._.mentions = []
    doc._.claimed = bytearray(len(doc.text))
    doc._.reading = reading
    return doc


def mentions_of(doc: Doc) -> list[Mention]:
    """What has been claimed so far, in the order claimed."""
    mentions: list[Mention] = doc._.mentions
    return mentions


def reading_of(doc: Doc) -> ReadingOf:
    """What the components may know of the mail."""
    reading: ReadingOf = doc._.reading
    return reading


def is_free(doc: Doc, start: int, end: int) -> bool:
    """Whether nothing of `start:end` is claimed."""
    claimed: bytearray = doc._.claimed
    return claimed.find(1, start, end) < 0


def claim(
    doc: Doc,
    kind: MentionKind,
    start: int,
    end: int,
    value: str | int | Decimal | Money | date,
    score: float = 1.0,
) -> bool:
    """Notes a mention unless part of it is claimed; whether it was noted."""
    if not is_free(doc, start, end):
        return False
    doc._.claimed[start:end] = b"\x01" * (end - start)
    mentions_of(doc).append(Mention(kind, start, end, doc.text[start:end], value, score))
    return True
