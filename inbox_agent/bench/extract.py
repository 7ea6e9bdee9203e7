"""Extract bench: reading and extracting sample mails of 300 words, with ledgers of several sizes, in this process, one by one."""

import random
import re
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import cycle, islice

from classifiers.corpus import Record
from inbox_agent.bench import sample_mails
from inbox_agent.domain.ledger import Invoice, Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.triage import Classification

WORDS = 300
SIZES = (5, 50, 500, 5000)
LIMITS = {50: (15.0, 8.0), 5000: (40.0, 15.0)}
"""Milliseconds that must be kept and that are wanted (p50), by rows of the ledger."""

_SEED = 3


@dataclass(frozen=True, slots=True)
class Speed:
    """Milliseconds of one mail with a ledger of `rows` open invoices: the new text found, and the facts extracted."""

    rows: int
    p50: float
    p95: float
    reading_p50: float


def run(passes: int, progress: Callable[[str], None] = lambda line: None) -> list[Speed]:
    """Each sample mail `passes` times per size of ledger, after one that warms up. Raises `CorpusError` without samples.

    Every mail comes with a ledger of its own, as in a worker: what is kept per ledger must be made anew. Intents and their
    evidence are the shipped classifier's and are not timed.
    """
    from classifiers import registry
    from extractors import registry as extractors

    reader, extractor, classifier = extractors.load_reader(), extractors.load_extractor(), registry.load("fine-tuned")
    mails: list[tuple[Record, Mail, Classification]] = []
    for record in sample_mails.records():
        mail = _long(record)
        mails.append((record, mail, classifier.classify(mail, reader.read(mail))))
    found = []
    for size in SIZES:
        progress(f"{size} invoices …")
        taken = []
        for turn in range(passes + 1):
            for record, mail, classification in mails:
                ledger = _filled(record.ledger, size)
                began = time.perf_counter()
                text = reader.read(mail)
                read = time.perf_counter()
                extractor.extract(mail, text, classification, ledger)
                if turn:
                    taken.append((1000 * (time.perf_counter() - began), 1000 * (read - began)))
        whole = sorted(one for one, _ in taken)
        reading = statistics.median(one for _, one in taken)
        found.append(Speed(size, statistics.median(whole), whole[int(len(whole) * 0.95)], reading))
    return found


def _long(record: Record) -> Mail:
    """The mail with a new text of `WORDS` words (a shorter one says itself again), whatever stood below it."""
    words = record.gold.reply_text.split() or ["-"]
    lines = [" ".join(line) for line in _lines(list(islice(cycle(words), WORDS)))]
    return replace(record.mail, text="\n".join(lines), html="")


def _lines(words: Sequence[str], length: int = 14) -> Iterator[Sequence[str]]:
    for start in range(0, len(words), length):
        yield words[start : start + length]


def _filled(ledger: Ledger, size: int) -> Ledger:
    """The ledger with as many rows as asked for: own ones first, then others whose numbers look like theirs."""
    own = ledger.invoices[:size]
    choose = random.Random(_SEED)
    rows = {row.number: row for row in own}
    for place in range(size - len(own)) if own else ():
        like = own[place % len(own)]
        amount = replace(like.amount, minor=like.amount.minor + choose.randrange(1, 10**6))
        number = f"{re.sub(r'[0-9]', lambda _: str(choose.randrange(10)), like.number)}{place:04}"
        rows[number] = replace(like, number=number, amount=amount, open=amount, po_number=_order(like, place))
    return replace(ledger, invoices=tuple(rows.values()))


def _order(row: Invoice, place: int) -> str:
    return f"{row.po_number}{place:04}" if row.po_number else ""
