"""How much of what the corpus holds: counts that must be reached, and how many of its mails are hard to read, by markers.

A marker is a thing that can be counted and that small encoders stumble on. A mail counts as hard when it was written to be (files
`*-hard`, `*-near`) or bears two markers at least; none of them alone says much.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from classifiers.corpus import Record
from classifiers.validation.finding import Finding, error
from classifiers.validation.words import words
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, Intent, Language

MIN_MAILS = 2000
MIN_LANGUAGE = {Language.NL: 900, Language.EN: 500, Language.DE: 300, Language.FR: 300}
MIN_INTENT = 100
MIN_REASON = 60
MIN_SEVERAL = 0.40
MIN_HARD = 0.35
HARD_FILES = ("-hard", "-near")

_SENTENCE = re.compile(r"[^\n.!?]+")


class Marker(StrEnum):
    """What makes a mail hard to read, as far as it can be counted."""

    PARTED = "acts on different invoices that differ"
    NEGATED = "payment and negation in a sentence"
    CONDITION = "payment and condition in a sentence"
    QUOTE = "quote with another intent's words"
    UNUSUAL = "no usual word of an intent it has"
    DECOY = "payment words, no payment intent"


@dataclass(frozen=True, slots=True)
class Balance:
    """Counts of mails; `hard` by files and markers, `marked` by markers alone."""

    mails: int
    languages: Counter[Language]
    intents: Counter[Intent]
    reasons: Counter[DisputeReason]
    splits: Counter[str]
    several: int
    markers: Counter[Marker]
    hard_files: int
    marked: int
    hard: int


_PAYMENT = {Intent.PROMISE_TO_PAY, Intent.PAYMENT_NOTIFICATION, Intent.PAYMENT_PLAN_REQUEST}


def count(records: Iterable[Record]) -> Balance:
    """The counts of a corpus."""
    records = list(records)
    marks = [set(markers(record)) for record in records]
    by_hand = [record.file.endswith(HARD_FILES) for record in records]
    return Balance(
        mails=len(records),
        languages=Counter(record.gold.language for record in records),
        intents=Counter(intent for record in records for intent in record.gold.intents),
        reasons=Counter(
            reason for record in records for reason in {act.reason for act in record.gold.acts if act.reason}
        ),
        splits=Counter(record.split.value for record in records),
        several=sum(len(record.gold.intents) > 1 for record in records),
        markers=Counter(mark for marked in marks for mark in marked),
        hard_files=sum(by_hand),
        marked=sum(len(marked) > 1 for marked in marks),
        hard=sum(by_file or len(marked) > 1 for by_file, marked in zip(by_hand, marks, strict=True)),
    )


def check(balance: Balance) -> Iterator[Finding]:
    """What the whole corpus lacks (issue 3, "Corpus")."""
    wanted = [("mails", balance.mails, MIN_MAILS)]
    wanted += [(f"{code} mails", balance.languages[code], least) for code, least in MIN_LANGUAGE.items()]
    wanted += [(f"mails with {intent}", balance.intents[intent], MIN_INTENT) for intent in Intent]
    wanted += [(f"mails with reason {reason}", balance.reasons[reason], MIN_REASON) for reason in DisputeReason]
    wanted += [("mails with several intents", balance.several, round(MIN_SEVERAL * balance.mails))]
    wanted += [("hard mails", balance.hard, round(MIN_HARD * balance.mails))]
    for what, there, least in wanted:
        if there < least:
            yield error("balance", "corpus", f"{there} {what}; at least {least} are wanted.")


def markers(record: Record) -> Iterator[Marker]:
    """The markers that one mail bears."""
    known, text, gold = words(record.gold.language), record.gold.reply_text, record.gold
    parts = {(act.intent, act.reason, act.date, act.amount): act.invoices for act in gold.acts if act.invoices}
    if len(set(parts.values())) > 1:
        yield Marker.PARTED
    paying = [sentence for sentence in _SENTENCE.findall(text) if known.payment.search(sentence)]
    if any(known.negation.search(sentence) for sentence in paying):
        yield Marker.NEGATED
    if any(known.condition.search(sentence) for sentence in paying):
        yield Marker.CONDITION
    if _other_intents(record):
        yield Marker.QUOTE
    said = f"{record.mail.subject}\n{text}"
    if any(INTENTS[intent].needs_act and not known.usual[intent].search(said) for intent in gold.intents):
        yield Marker.UNUSUAL
    if paying and not _PAYMENT & set(gold.intents):
        yield Marker.DECOY


def _other_intents(record: Record) -> bool:
    """Whether the history below the new text uses words of payment or dispute where the new text means neither."""
    body, new_text = record.mail.text, record.gold.reply_text
    start = body.find(new_text)
    quoted = body[start + len(new_text) :] if start >= 0 else body
    usual = words(record.gold.language).usual
    telling: Sequence[Intent] = (Intent.DISPUTE, Intent.PROMISE_TO_PAY, Intent.PAYMENT_NOTIFICATION)
    return any(intent not in record.gold.intents and usual[intent].search(quoted) for intent in telling)
