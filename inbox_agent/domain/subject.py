"""What a subject says beside the marks of mail programs, to find the same case again."""

import re

LONGEST = 200
"""Characters of a key that are kept."""

_MARKS = re.compile(
    r"\s*(?:"
    r"(?:re|r|aw|antw|antwoord|antwort|sv|vs|rép|rep|réf|ref|odp|fw|fwd|wg|tr|rv|doorst|doorgestuurd|weitergeleitet|i|enc|vb)"
    r"\s*(?:\[\d{1,3}\]|\(\d{1,3}\))?\s*[:：]"
    r"|\[(?:ext|extern|external|externe|spam|sec=[^\]]{1,20})\]"
    r"|\((?:ext|extern|external|externe)\)"
    r")",
    re.IGNORECASE,
)
"""What programs put before a subject when it is answered or passed on, in the languages of Europe's offices, and the tags that
gateways add."""

_GENERIC = frozenset(
    [
        "factuur",
        "facturen",
        "factuurkopie",
        "kopie",
        "vraag",
        "vragen",
        "betaling",
        "betalingen",
        "herinnering",
        "betalingsherinnering",
        "aanmaning",
        "openstaande",
        "openstaand",
        "saldo",
        "rekening",
        "rekeningoverzicht",
        "overzicht",
        "mail",
        "bericht",
        "graag",
        "spoed",
        "dringend",
        "over",
        "van",
        "uw",
        "onze",
        "mijn",
        "een",
        "de",
        "het",
        "en",
        "bij",
        "invoice",
        "invoices",
        "copy",
        "question",
        "query",
        "payment",
        "payments",
        "reminder",
        "statement",
        "account",
        "outstanding",
        "open",
        "overdue",
        "urgent",
        "about",
        "your",
        "our",
        "my",
        "the",
        "a",
        "of",
        "for",
        "rechnung",
        "rechnungen",
        "rechnungskopie",
        "frage",
        "zahlung",
        "zahlungen",
        "mahnung",
        "zahlungserinnerung",
        "offene",
        "offen",
        "kontoauszug",
        "dringend",
        "ihre",
        "unsere",
        "zu",
        "der",
        "die",
        "das",
        "eine",
        "facture",
        "factures",
        "copie",
        "paiement",
        "paiements",
        "règlement",
        "rappel",
        "relance",
        "relevé",
        "compte",
        "impayée",
        "impayées",
        "question",
        "urgent",
        "votre",
        "notre",
        "la",
        "le",
        "les",
        "de",
        "du",
        "des",
        "une",
    ]
)
"""Words that half of an AR mailbox has for a subject: alone they tell no case from another."""


def subject_key(subject: str) -> str:
    """The subject in lower case on one line, without reply marks and tags; "" when nothing is left that tells cases apart."""
    rest = " ".join(subject.split())[: 5 * LONGEST]
    while found := _MARKS.match(rest):
        rest = rest[found.end() :]
    words = re.findall(r"\w+", rest.casefold())
    if all(word in _GENERIC for word in words):
        return ""
    return " ".join(rest.casefold().split())[:LONGEST].strip()
