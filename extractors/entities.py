"""Numbers that a mail names, as written: invoices, purchase orders, credit notes, IBANs (guide, `entities`).

Read in new text, subject and attachments; each number once, in the fullest form written.
"""

from collections.abc import Iterator

from extractors.candidates import numbers_of
from extractors.mentions import MentionKind, ReadingOf
from extractors.nlp import Mentions
from extractors.numbers import normal
from inbox_agent.domain.act import Entity, Evidence, Source
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import EntityKind
from inbox_agent.domain.text import MailText

MAX_READ = 20_000
"""Characters read of each place."""

_SUBJECT = 0.8
"""How surely a number in a subject must be a purchase order: "order 77120 on hold" is rather one of the supplier's own."""

_KINDS = {
    MentionKind.INVOICE_NUMBER: EntityKind.INVOICE_NUMBER,
    MentionKind.PO_NUMBER: EntityKind.PO_NUMBER,
    MentionKind.CREDIT_NOTE: EntityKind.CREDIT_NOTE,
    MentionKind.IBAN: EntityKind.IBAN,
}


class Entities:
    """The finder of numbers. Loads the pipelines of all languages when made."""

    def __init__(self) -> None:
        self._mentions = Mentions()

    def find(self, mail: Mail, text: MailText, ledger: Ledger) -> tuple[Entity, ...]:
        """The entities, in the order of new text, subject, attachments."""
        reading = ReadingOf(numbers_of(ledger), mail.received_on)
        entities: list[Entity] = []
        for content, start, end, source, attachment in _places(mail, text):
            for mention in self._mentions.read(content, start, min(end, start + MAX_READ), text.language, reading):
                kind = _KINDS.get(mention.kind)
                if kind and (
                    source is not Source.SUBJECT or mention.score >= _SUBJECT or kind is not EntityKind.PO_NUMBER
                ):
                    evidence = Evidence(mention.text, mention.start, mention.end, source, attachment)
                    _keep(entities, Entity(kind, evidence))
        return tuple(entities)


def _places(mail: Mail, text: MailText) -> Iterator[tuple[str, int, int, Source, int]]:
    for part in text.new:
        yield text.source, part.start, part.end, Source.BODY, -1
    yield mail.subject, 0, len(mail.subject), Source.SUBJECT, -1
    for index, attachment in enumerate(mail.attachments):
        yield attachment.text, 0, len(attachment.text), Source.ATTACHMENT, index


def _keep(entities: list[Entity], entity: Entity) -> None:
    """Adds an entity unless the same number is there; of two forms of one number the fullest stays."""
    key = normal(entity.evidence.text)
    for index, other in enumerate(entities):
        if other.kind is entity.kind and (other_key := normal(other.evidence.text)):
            if other_key.endswith(key):
                return
            if key.endswith(other_key):
                entities[index] = entity
                return
    entities.append(entity)
