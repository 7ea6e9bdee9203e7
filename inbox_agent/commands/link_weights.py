"""`python -m inbox_agent.commands.link_weights`: learns which cues lead to which invoices, from the corpus's training mail.

Writes `extractors/linking/weights.json` and prints how often the right rows are chosen on the development mail, places and
intents given. The second look is taught with first looks at mail that they were not learned from. Takes a few minutes.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from classifiers import corpus
from classifiers.corpus import TRAIN_ONLY, Record, Split
from extractors.dates import Dates
from extractors.linking.choice import Asked, Described, hypotheses
from extractors.linking.learning import Example, learn
from extractors.linking.links import WEIGHTS, Linking, Weights
from extractors.linking.rows import Rows
from extractors.linking.teaching import Change, lessons, to_clause, to_head, to_sentence, to_tail
from extractors.linking.together import Looked, seen_together
from extractors.nlp import Sentences
from extractors.registry import load_reader
from extractors.segments import Said, new_sentences
from extractors.stated import Stated

FOLDS = 2
CHANGES: tuple[Change, ...] = (to_clause, to_sentence, to_head, to_tail)


@dataclass(frozen=True, slots=True)
class Taught:
    """One mail with its places, what is asked of each, and the rows that are right."""

    places: tuple[Said, ...]
    asked: tuple[Asked, ...]
    rows: Rows
    right: tuple[int, ...]
    hard: bool
    exact: bool


def main(arguments: Sequence[str]) -> int:
    """Learns and writes the weights; with `--check`, also measures on folds of the training mail. Exit code 0."""
    train, dev = list(taught(Split.TRAIN)), list(taught(Split.DEV))
    weights = teach(train, check="--check" in arguments)
    WEIGHTS.write_text(json.dumps({"alone": weights.alone, "together": weights.together}, indent=0, sort_keys=True))
    print(f"{len(weights.alone)} + {len(weights.together)} weights")
    for exact in (True, False):
        measured = [mail for mail in dev if mail.exact is exact]
        print(f"dev, {'places as labelled' if exact else 'places changed'}: {_right(measured, weights):.4f}")
    return 0


def taught(split: Split) -> Iterator[Taught]:
    """The mail of a split: each as labelled, and with one of the changes by turns."""
    reader, sentences, dates, linking = load_reader(), Sentences(), Dates(), Linking(Weights({}, {}))
    records: list[Record] = [record for record in corpus.shipped() if record.split is split]
    for turn, record in enumerate(records):
        text = reader.read(record.mail)
        stated = Stated(record.mail, text, record.ledger, dates)
        spans = new_sentences(text, sentences, text.language)
        change = CHANGES[turn % len(CHANGES)]
        for n, lesson in enumerate(lessons(record.mail, text, record.gold.acts, spans, [change])):
            if lesson.places:
                context, asked = linking.ask(stated, spans, lesson.places, lesson.reasons)
                right = tuple(context.rows.numbered(numbers) for numbers in lesson.right)
                yield Taught(lesson.places, tuple(asked), context.rows, right, record.file not in TRAIN_ONLY, n == 0)


def teach(mails: Sequence[Taught], *, check: bool = False) -> Weights:
    """The weights of both looks."""
    first: dict[int, list[Looked]] = {}
    for fold, kept, rest in _folds(mails):
        weights = Weights(learn([example for mail in kept for example in _alone(mail)]), {})
        linking = Linking(weights)
        for n, mail in rest:
            first[n] = linking.look(mail.places, mail.asked, mail.rows)
        if check:
            held = [mail for _, mail in rest if mail.hard and mail.exact]
            print(f"fold {fold}, first look: {_right(held, Weights(weights.alone, weights.alone)):.4f}", flush=True)
    looked = [first[n] for n in range(len(mails))]
    if check:
        for fold, kept, rest in _folds(mails):
            inside = {id(mail) for mail in kept}
            shown = [(mail, looks) for mail, looks in zip(mails, looked, strict=True) if id(mail) in inside]
            together = learn([example for mail, looks in shown for example in _together(mail, looks)])
            alone = learn([example for mail in kept for example in _alone(mail)])
            held = [mail for _, mail in rest if mail.hard and mail.exact]
            print(f"fold {fold}, second look: {_right(held, Weights(alone, together)):.4f}", flush=True)
    alone = learn([example for mail in mails for example in _alone(mail)])
    pairs = zip(mails, looked, strict=True)
    return Weights(alone, learn([example for mail, looks in pairs for example in _together(mail, looks)]))


def _folds(mails: Sequence[Taught]) -> Iterator[tuple[int, list[Taught], list[tuple[int, Taught]]]]:
    """Each fold: what is learned from, and what is held back. A mail's two forms are neighbours, and stay together."""
    for fold in range(FOLDS):
        kept = [mail for n, mail in enumerate(mails) if n // 40 % FOLDS != fold]
        yield fold, kept, [(n, mail) for n, mail in enumerate(mails) if n // 40 % FOLDS == fold]


def _alone(mail: Taught) -> Iterator[Example]:
    for asked, sets, right in _answered(mail):
        described = Described(asked, mail.rows)
        yield Example([[(bundle, 1.0) for bundle in described.bundles(marks)] for marks in sets], sets.index(right))


def _together(mail: Taught, looked: Sequence[Looked]) -> Iterator[Example]:
    if len(looked) < 2:
        return
    for n, (place, right) in enumerate(zip(looked, mail.right, strict=True)):
        if right in place.sets:
            described = Described(place.asked, mail.rows)
            held = seen_together(looked, n, mail.rows)
            sets = [
                [*((bundle, 1.0) for bundle in described.bundles(marks)), *beside.items()]
                for marks, beside in zip(place.sets, held, strict=True)
            ]
            yield Example(sets, place.sets.index(right))


def _answered(mail: Taught) -> Iterator[tuple[Asked, list[int], int]]:
    for asked, right in zip(mail.asked, mail.right, strict=True):
        sets = hypotheses(asked, mail.rows)
        if right in sets:
            yield asked, sets, right


def _right(mails: Sequence[Taught], weights: Weights) -> float:
    """The share of places whose rows are chosen exactly."""
    linking = Linking(weights)
    chosen = [
        rows == right
        for mail in mails
        for rows, right in zip(linking.choose(mail.places, mail.asked, mail.rows), mail.right, strict=True)
    ]
    return sum(chosen) / max(len(chosen), 1)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
