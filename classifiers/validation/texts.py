"""The texts of one record: what the sender wrote, the numbers in it, when and from whom it came, and in which language."""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from classifiers.corpus import Record
from classifiers.validation.finding import Finding, error, warning
from classifiers.validation.words import words
from inbox_agent.domain.taxonomy import INTENTS, Language

YEARS = range(2015, 2031)
"""Years in which a mail may have arrived."""

MIN_STOP_WORDS = 4
"""Stop words of another language from which a mail's language is doubted."""

FIRMS = Path(__file__).parent / "firms.txt"

_WORD = re.compile(r"[^\W\d_]+")
_INVENTED = (".example", ".invalid", ".test")


def check(record: Record) -> Iterator[Finding]:
    """What is wrong with the texts of one record."""
    yield from _reply_text(record)
    yield from _entities(record)
    if record.mail.received_on.year not in YEARS:
        yield error("received", record.id, f"Received in {record.mail.received_on.year}.")
    yield from _names(record)
    yield from _language(record)


def _reply_text(record: Record) -> Iterator[Finding]:
    text, body = record.gold.reply_text, record.mail.text
    own = text.split("\n")
    alone = any(
        INTENTS[intent].stands_alone for intent in record.gold.intents
    )  # machines write ">" for a link or a step
    if not alone and any(line.startswith(">") for line in own):
        yield error(
            "reply_text", record.id, "The reply text holds quoted lines; keep the own lines, joined by newlines."
        )
    elif text not in body and not in_order(own, body.split("\n")):
        yield error("reply_text", record.id, "The reply text is no part of the body, nor its own lines in order.")
    if text != text.strip("\n"):
        yield warning("reply_text", record.id, "The reply text has empty lines around it.")
    last = own[-1].strip().rstrip(",. ")
    if len(own) > 1 and words(record.gold.language).furniture.fullmatch(last) and len(last) < 40 and last in body:
        yield warning("reply_text", record.id, f"The reply text ends in what looks like a closing: {last!r}.")


def in_order(own: list[str], lines: list[str]) -> bool:
    """Whether the lines of `own` stand among `lines` in the same order."""
    rest = iter(lines)
    return all(any(line.strip() == other.strip() for other in rest) for line in own)


def _entities(record: Record) -> Iterator[Finding]:
    mail = record.mail
    places = [record.gold.reply_text, mail.subject]
    places += [text for attachment in mail.attachments for text in (attachment.name, attachment.text)]
    seen: set[str] = set()
    for kind, numbers in record.gold.entities.items():
        for number in numbers:
            if not any(number in place for place in places):
                yield error("entities", record.id, f"{number} ({kind}) is not in new text, subject or attachments.")
            if number in seen:
                yield error("entities", record.id, f"{number} ({kind}) is listed twice.")
            seen.add(number)
        for number in numbers:
            if any(number != other and other.endswith(number) for other in numbers):
                yield warning("entities", record.id, f"{number} ({kind}) is listed beside its fuller form.")


def _names(record: Record) -> Iterator[Finding]:
    domain = record.mail.sender.domain
    customer = record.ledger.customer.name if record.ledger.customer else ""
    text = f"{record.mail.subject}\n{record.mail.text}\n{customer}\n{record.mail.sender}"
    for firm in sorted(set(firms().findall(text))):
        yield warning("real-name", record.id, f"The name of a real firm: {firm}.")
    if record.mail.sender.email.count("@") != 1 or " " in record.mail.sender.email:
        yield error("sender", record.id, f"{record.mail.sender.email!r} is no address.")
    elif not domain.endswith(_INVENTED) and firms().search(domain.split(".")[0].capitalize()):
        yield warning("sender", record.id, f"An address at a real firm: {domain}.")


@cache
def firms() -> re.Pattern[str]:
    """Names of well-known firms, as whole words in their usual spelling."""
    names = [line for line in FIRMS.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")


def _language(record: Record) -> Iterator[Finding]:
    said = [word.lower() for word in _WORD.findall(record.gold.reply_text)]
    count = {language: sum(word in words(language).stop_words for word in said) for language in Language}
    likely = max(count, key=lambda language: count[language])
    if count[likely] >= MIN_STOP_WORDS and count[likely] > 1.5 * count[record.gold.language]:
        yield warning("language", record.id, f"Labelled {record.gold.language}, but it reads like {likely}.")
