"""One evaluation: the same mails read by several readers, what they learned from, and everything as JSON."""

import datetime
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import PurePath
from typing import Any, Protocol, runtime_checkable

from classifiers import sample
from classifiers.corpus import Record, Split
from classifiers.evaluation import facts
from classifiers.evaluation.facts import Count
from classifiers.evaluation.pairs import Pair, Reading, labels_of_gold, reading_of
from classifiers.evaluation.scores import RESAMPLES, Measure, Scores, evaluate
from classifiers.sample import Sample
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.steps import ActExtractor, IntentClassifier
from inbox_agent.domain.taxonomy import Intent
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, IntentScore

MAX_SHOWN = 4_000
"""Characters of a mail that the report shows."""


@dataclass(frozen=True, slots=True)
class Reader:
    """Who read the mails: `baseline` when only there to be beaten. `readings` has one for each record of the run.

    `facts` are those read with its own intents, `facts_told` those read when it was told the labelled intents: what is
    wrong there too is not the classifier's fault. Empty for one that reads no facts.
    """

    name: str
    version: str
    readings: tuple[Reading, ...]
    scores: Scores
    baseline: bool = False
    facts: dict[str, Measure] = field(default_factory=dict)
    facts_told: dict[str, Measure] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The name; of a model file without its folders."""
        return PurePath(self.name).name


@dataclass(frozen=True, slots=True)
class Mishap:
    """A mail whose set of intents was read wrongly, for people to look at. `text` is shortened."""

    record: Record
    reading: Reading

    @property
    def text(self) -> str:
        """The mail's text, at most `MAX_SHOWN` characters."""
        text = self.record.mail.text
        return text if len(text) <= MAX_SHOWN else text[:MAX_SHOWN] + " …"


@dataclass(frozen=True, slots=True)
class Run:
    """An evaluation that is done. `warnings` are sentences that a reader of the figures must know.

    `split`: only the mails of this split were taken from the files.
    `known` counts the records that are in the corpus the readers may have learned from, by its splits.
    """

    files: tuple[str, ...]
    made_on: datetime.date
    records: tuple[Record, ...]
    readers: tuple[Reader, ...]
    known: dict[Split, int]
    warnings: tuple[str, ...] = ()
    split: Split | None = None

    def worst(self, reader: Reader) -> tuple[Mishap, ...]:
        """The wrong sets read with most confidence."""
        return tuple(Mishap(self.records[place], reader.readings[place]) for place in reader.scores.worst)

    def as_json(self) -> dict[str, Any]:
        """The run as JSON values."""
        return {
            "files": list(self.files),
            "split": self.split,
            "made_on": self.made_on.isoformat(),
            "mails": len(self.records),
            "in_corpus": {split.value: self.known.get(split, 0) for split in Split},
            "warnings": list(self.warnings),
            "readers": [
                {
                    "name": reader.name,
                    "version": reader.version,
                    "baseline": reader.baseline,
                    "scores": reader.scores.as_json(),
                    "facts": {name: asdict(one) for name, one in reader.facts.items()},
                    "facts_told": {name: asdict(one) for name, one in reader.facts_told.items()},
                    "worst": [_mishap(one) for one in self.worst(reader)],
                }
                for reader in self.readers
            ],
        }


@runtime_checkable
class Pointing(Protocol):
    """A classifier that can be told what a mail says, and then tells where, and the rest."""

    def told(self, mail: Mail, text: MailText, intents: Sequence[Intent]) -> Classification: ...


@dataclass(frozen=True, slots=True)
class Chain:
    """What the chain read in the mails, and what each counts for the facts: with its own intents, and with those told."""

    readings: tuple[Reading, ...]
    own: tuple[dict[str, Count], ...]
    told: tuple[dict[str, Count], ...]


def read_by_chain(
    records: Sequence[Record],
    texts: Sequence[MailText],
    classifier: IntentClassifier,
    extractor: ActExtractor,
    progress: Callable[[], None] = lambda: None,
) -> Chain:
    """What the chain reads in each record's mail, given its text as read; the readings are never shown the labels."""
    readings, own, told = [], [], []
    for record, text in zip(records, texts, strict=True):
        classification = classifier.classify(record.mail, text)
        extraction = extractor.extract(record.mail, text, classification, record.ledger)
        readings.append(reading_of(text, classification, extraction))
        own.append(facts.counts(record.gold, text, extraction))
        extraction = extractor.extract(
            record.mail, text, _told(classifier, classification, record, text), record.ledger
        )
        told.append(facts.counts(record.gold, text, extraction))
        progress()
    return Chain(tuple(readings), tuple(own), tuple(told))


def _told(
    classifier: IntentClassifier, classification: Classification, record: Record, text: MailText
) -> Classification:
    intents = record.gold.intents
    if isinstance(classifier, Pointing):
        return classifier.told(record.mail, text, intents)
    return replace(classification, intents=tuple(IntentScore(intent, 1.0) for intent in intents))


def scored(
    name: str,
    version: str,
    records: Sequence[Record],
    readings: Sequence[Reading] | Chain,
    *,
    baseline: bool = False,
    resamples: int = RESAMPLES,
) -> Reader:
    """The reader with its figures. Raises `ValueError` when there are no records."""
    chain = readings if isinstance(readings, Chain) else Chain(tuple(readings), (), ())
    pairs = [Pair(labels_of_gold(record.gold), one) for record, one in zip(records, chain.readings, strict=True)]
    own, told = (facts.figures(counts, resamples) if counts else {} for counts in (chain.own, chain.told))
    return Reader(name, version, chain.readings, evaluate(pairs, resamples), baseline, own, told)


def unseen_samples(records: Iterable[Record], texts: Iterable[MailText]) -> list[Sample]:
    """Samples for a baseline to read: with the text as read and nothing that only the labels know."""
    return [
        replace(
            sample.of(record),
            text=text.reply_text,
            context="",
            spans=(),
            intents=frozenset(),
            reasons=frozenset(),
            language=text.language,
        )
        for record, text in zip(records, texts, strict=True)
    ]


def training_records(corpus: Iterable[Record], evaluated: Iterable[Record]) -> list[Record]:
    """The corpus' train split without the mails evaluated and whatever belongs to the same conversations."""
    evaluated = list(evaluated)
    conversations = {record.conversation for record in evaluated}
    mails = {_same_mail(record) for record in evaluated}
    return [
        record
        for record in corpus
        if record.split is Split.TRAIN and record.conversation not in conversations and _same_mail(record) not in mails
    ]


def known_in(corpus: Iterable[Record], evaluated: Iterable[Record]) -> dict[Split, int]:
    """How many of the evaluated mails stand in the corpus, by split; labels and layout of the lines may differ."""
    splits = {_same_mail(record): record.split for record in corpus}
    return dict(Counter(splits[mail] for mail in map(_same_mail, evaluated) if mail in splits))


def warnings_about(known: dict[Split, int], mails: int) -> tuple[str, ...]:
    """What a reader of the figures must know about mails that the classifiers may have seen."""
    sentences = {
        Split.TRAIN: "{} of the {} mails are in the corpus' train split: a classifier trained on it has seen them, and its "
        "figures here are too good.",
        Split.DEV: "{} of the {} mails are in the corpus' dev split: models are chosen and calibrated on it, so that their "
        "figures here are somewhat too good.",
    }
    return tuple(text.format(known[split], mails) for split, text in sentences.items() if known.get(split))


def _same_mail(record: Record) -> str:
    return " ".join(f"{record.mail.subject}\n{record.mail.text}".split()).casefold()


def _mishap(one: Mishap) -> dict[str, Any]:
    return {
        "id": one.record.id,
        "file": one.record.file,
        "language": one.record.gold.language.value,
        "gold": sorted(one.record.gold.intents),
        "read": sorted(one.reading.intents),
        "confidence": one.reading.confidence,
        "subject": one.record.mail.subject,
        "text": one.text,
    }
