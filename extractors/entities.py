"""Numbers that a mail names, as written: invoices, purchase orders, credit notes, IBANs (guide, `entities`).

Read in new text, subject and attachments; each number once, in the fullest form written. What the ledger knows decides
first; an unknown number counts only after a word that announces one ("factuur", "PO", "IBAN").
"""

import re
from collections.abc import Iterator

import schwifty

from extractors.linking import Linker
from extractors.numbers import TOKEN, normal
from extractors.tables import read_lists
from inbox_agent.domain.act import Entity, Evidence, LinkReason, Source
from inbox_agent.domain.ledger import InvoiceKind, Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import EntityKind
from inbox_agent.domain.text import MailText

MAX_READ = 20_000
"""Characters read of each place."""

_IBAN = re.compile(r"\b[A-Z]{2}\d{2}(?: ?[A-Z0-9]{2,4}){3,8}(?: ?[A-Z0-9]{1,3})?\b")
_LIST = re.compile(
    r"\s*(?:,|;|&|/|\+|and|en|und|et|sowie|plus|resp\.)\s*(?:(?:von|of|de|la|le|die|the|nr\.?)\s+)?", re.IGNORECASE
)


class Entities:
    """The finder of numbers. The words that announce them are data, `lang/<code>/entities.toml`."""

    def __init__(self, linker: Linker) -> None:
        self._linker = linker
        self._announce: dict[EntityKind, re.Pattern[str]] = {
            kind: re.compile(
                r"(?<![A-Za-z])(?:"
                + "|".join(read_lists("entities", kind.value))
                + r")(?:[\s:.#-]|n[r°o]\.?|nrs\.?|num[mé]\w*|no\.)*",
                re.IGNORECASE,
            )
            for kind in EntityKind
            if kind is not EntityKind.IBAN
        }

    def find(self, mail: Mail, text: MailText, ledger: Ledger) -> tuple[Entity, ...]:
        """The entities, in the order of new text, subject, attachments."""
        entities: list[Entity] = []
        for place in _places(mail, text):
            for entity in self._read(*place, ledger):
                _keep(entities, entity)
        return tuple(entities)

    def _read(
        self, content: str, start: int, end: int, source: Source, attachment: int, ledger: Ledger
    ) -> Iterator[Entity]:
        end = min(end, start + MAX_READ)
        taken: list[tuple[int, int]] = []

        def entity(kind: EntityKind, left: int, right: int) -> Entity:
            taken.append((left, right))
            return Entity(kind, Evidence(content[left:right], left, right, source, attachment))

        for match in _IBAN.finditer(content, start, end):
            if right := _iban_end(match):  # also a mistyped one, which a person must see
                yield entity(EntityKind.IBAN, match.start(), right)
        for number, kind in _known(ledger):
            for match in re.finditer(
                rf"(?<![A-Za-z0-9]){number}(?![A-Za-z0-9]|[-/]\d)", content[start:end], re.IGNORECASE
            ):
                left, right = start + match.start(), start + match.end()
                if not any(left < b and a < right for a, b in taken):
                    yield entity(kind, left, right)
        for left, right in self._variants(content, start, end, ledger):
            if not any(left < b and a < right for a, b in taken):
                yield entity(EntityKind.INVOICE_NUMBER, left, right)
        for kind in (EntityKind.PO_NUMBER, EntityKind.CREDIT_NOTE, EntityKind.INVOICE_NUMBER):
            for left, right in self._announced(kind, content, start, end):
                if not any(left < b and a < right for a, b in taken):
                    yield entity(kind, left, right)

    def _variants(self, content: str, start: int, end: int, ledger: Ledger) -> Iterator[tuple[int, int]]:
        """Numbers that mean a ledger row in another spelling: without prefix or leading zeros, or its last digits."""
        for match in TOKEN.finditer(content, start, end):
            if not _is_number(match.group()) or content[match.end() : match.end() + 2].strip()[:1] in ("€", "%", "£"):
                continue
            if content[max(0, match.start() - 4) : match.start()].rstrip()[-1:] in ("€", "£", "$"):
                continue
            links = self._linker.explicit(content, match.start(), match.end(), ledger)
            if links and links[0].reason is LinkReason.NUMBER_VARIANT and ledger.invoice(links[0].number):
                yield match.span()

    def _announced(self, kind: EntityKind, content: str, start: int, end: int) -> Iterator[tuple[int, int]]:
        """Numbers that follow an announcing word directly, also several in a list."""
        for word in self._announce[kind].finditer(content, start, end):
            position = word.end()
            for _ in range(8):
                token = TOKEN.match(content, position, end)
                if token is None or not _is_number(token.group()):
                    break
                yield token.span()
                link = _LIST.match(content, token.end(), end)
                if link is None or link.end() == link.start():
                    break
                position = link.end()


def _is_number(token: str) -> bool:
    digits = sum(char.isdigit() for char in token)
    return digits >= 3 and not re.fullmatch(
        r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|(?:19|20)\d\d|\d{1,3}\.\d{3}|\d+\.\d\d|[a-z]+ \d+", token
    )


def _places(mail: Mail, text: MailText) -> Iterator[tuple[str, int, int, Source, int]]:
    for part in text.new:
        yield text.source, part.start, part.end, Source.BODY, -1
    yield mail.subject, 0, len(mail.subject), Source.SUBJECT, -1
    for index, attachment in enumerate(mail.attachments):
        yield attachment.text, 0, len(attachment.text), Source.ATTACHMENT, index


def _known(ledger: Ledger) -> Iterator[tuple[str, EntityKind]]:
    """Patterns of the numbers that the ledger has, the longest first; blanks may stand where the number has none."""
    rows = [
        (
            invoice.number,
            EntityKind.CREDIT_NOTE if invoice.kind is InvoiceKind.CREDIT_NOTE else EntityKind.INVOICE_NUMBER,
        )
        for invoice in ledger.invoices
    ]
    rows += [(invoice.po_number, EntityKind.PO_NUMBER) for invoice in ledger.invoices if len(invoice.po_number) >= 4]
    for number, kind in sorted(set(rows), key=lambda row: (-len(row[0]), row)):
        if number:
            yield r"[ ]?".join(re.escape(piece) for piece in re.findall(r"[A-Za-z]+|\d+|[^A-Za-z\d]", number)), kind


def _iban_end(match: re.Match[str]) -> int:
    """Where the longest valid IBAN within a match ends, 0 when there is none (ISO 13616 check digits)."""
    written = match.group()
    for length in range(len(written), 14, -1):
        piece = written[:length]
        if piece.endswith(" ") or (length < len(written) and written[length].isalnum()):
            continue
        if _checks(piece) and schwifty.IBAN(piece, allow_invalid=True).is_valid:
            return match.start() + length
    compact = written.replace(" ", "")
    return (
        match.end()
        if re.fullmatch(
            r"(?:NL\d\d[A-Z]{4}\d{10}|BE\d{14}|DE\d{20}|FR\d{12}\w{11}\d\d|AT\d{18}|CH\d{19}|LU\d{18}|ES\d{22}|IE\d\d[A-Z]{4}\d{14}|GB\d\d[A-Z]{4}\d{14}|LT\d{18})",
            compact,
        )
        else 0
    )


def _checks(written: str) -> bool:
    """Whether the check digits hold (ISO 7064 modulo 97): cheap, and asked before the form of the country."""
    compact = written.replace(" ", "")
    return int("".join(str(int(char, 36)) for char in compact[4:] + compact[:4])) % 97 == 1


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
