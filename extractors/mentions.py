"""What a stretch of mail mentions: numbers, amounts, percentages, phones and the like, each with its offsets and a value.

A component of the pipeline (`extractors.nlp.PIPELINE`) finds mentions of its kinds and claims them on the `Page`; what an
earlier component has claimed, a later one cannot take. To add a component: write `read(page)` in the module of its
subject, decorate it with `@component(NAME)`, and put the name in `PIPELINE` where it should come. What it must know of
the mail, such as the day received, is on the page, never global. Offsets are those of `page.text`; `nlp.Mentions` moves
them to the source.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum

from spacy.language import Language as Pipeline
from spacy.tokens import Doc

from extractors.candidates import Candidate, LedgerNumbers
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Language


class MentionKind(StrEnum):
    """What is mentioned. The first four are the entities of the guide."""

    INVOICE_NUMBER = "invoice_number"
    PO_NUMBER = "po_number"
    CREDIT_NOTE = "credit_note"
    IBAN = "iban"
    CUSTOMER_NUMBER = "customer_number"
    PAYMENT_REFERENCE = "payment_reference"
    AMOUNT = "amount"
    PERCENTAGE = "percentage"
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
    """What components may know of the mail that is read: the ledger, the local day received, the currency unless written."""

    numbers: LedgerNumbers
    received_on: date
    currency: str = "EUR"


@dataclass(slots=True)
class Page:
    """A text while it is read by the components: what is known of the mail, the numbers in it that may be
    the ledger's (`candidates`), and what has been claimed. The text is not cut
    into tokens, which no component needs and which would take as long as all of them."""

    text: str
    language: Language
    reading: ReadingOf
    candidates: tuple[Candidate, ...] = ()
    mentions: list[Mention] = field(default_factory=list)
    _claimed: bytearray = field(init=False)

    def __post_init__(self) -> None:
        self._claimed = bytearray(len(self.text))

    def is_free(self, start: int, end: int) -> bool:
        """Whether nothing of `start:end` is claimed."""
        return self._claimed.find(1, start, end) < 0

    def claim(
        self,
        kind: MentionKind,
        start: int,
        end: int,
        value: str | int | Decimal | Money | date,
        score: float = 1.0,
    ) -> bool:
        """Notes a mention unless part of it is claimed; whether it was noted."""
        if not self.is_free(start, end):
            return False
        self._claimed[start:end] = b"\x01" * (end - start)
        self.mentions.append(Mention(kind, start, end, self.text[start:end], value, score))
        return True


if not Doc.has_extension("page"):
    Doc.set_extension("page", default=None)


def component(name: str) -> Callable[[Callable[[Page], None]], Callable[[Page], None]]:
    """Registers a function as a component of the pipelines under `name`; it claims mentions and returns nothing."""

    def register(read: Callable[[Page], None]) -> Callable[[Page], None]:
        def run(doc: Doc) -> Doc:
            read(doc._.page)
            return doc

        Pipeline.component(name, func=run)
        return read

    return register
