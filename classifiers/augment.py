"""The same mail in other furniture, made anew in each epoch, so that the network learns language and not decoration.

Numbers, greeting, closing, subject, what stands below, case, accents and typing errors change; what is said does not. Two
changes alter what is said, and the labels with it: a sentence that alone carries an intent is taken out, or one is
borrowed from another mail. Spans move with their words.
"""

import random
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

from classifiers import furniture
from classifiers.patterns import sentences
from classifiers.sample import Sample, Span
from inbox_agent.domain.taxonomy import INTENTS, DisputeReason, Intent

Edit = tuple[int, int, str]
"""Characters `start` to `end` of the text become this."""

Change = Callable[[Sample, Sequence[Sample], random.Random], Sample]

_NUMBER = re.compile(r"\d{2,}")
_YEAR = re.compile(r"(?:19|20)\d\d$")
_WORD = re.compile(r"[^\W\d_]{4,}")
_GREETING = re.compile(
    r"\A(?:\W{0,2}(?:beste|geachte|dag|hallo|hoi|hi|hello|hey|dear|goede?(?:n|r)?(?:morgen|middag|dag|avond)|good (?:morning|afternoon|day)"
    r"|sehr geehrte[rs]?|liebe[rs]?|guten (?:tag|morgen)|bonjour|madame|monsieur|chère?|l\.?s\.?)\b[^\n.!?]{0,60}\n+)",
    re.IGNORECASE,
)
_UMLAUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def varied(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """The sample altered by some of the changes, each by its own chance."""
    for chance, change in _CHANGES:
        if rng.random() < chance:
            sample = change(sample, others, rng)
    return sample


def edited(sample: Sample, edits: Iterable[Edit]) -> Sample:
    """The sample with its text edited. Edits do not overlap; spans keep covering what became of their words."""
    pieces, moves, at, moved = [], [], 0, 0
    for start, end, new in sorted(edits):
        pieces += [sample.text[at:start], new]
        moves.append((start, end, moved, len(new)))
        moved += len(new) - (end - start)
        at = end
    text = "".join([*pieces, sample.text[at:]])

    def place(position: int, last: bool) -> int:
        shift = 0
        for start, end, before, length in moves:
            if position < start or (position == start and not last):
                break
            if position < end:
                return start + before + (length if last else 0)
            shift = before + length - (end - start)
        return position + shift

    spans = tuple(
        span
        if span.in_subject
        else replace(span, start=place(span.start, False), end=max(place(span.start, False) + 1, place(span.end, True)))
        for span in sample.spans
    )
    return replace(sample, text=text, spans=spans)


def _numbers(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """Other digits, the same for the same number everywhere; years stay years and days stay days."""
    known: dict[str, str] = {}

    def other(number: str) -> str:
        if _YEAR.match(number):
            return str(rng.randint(2019, 2027))
        if len(number) == 2 and int(number) <= 31:
            return str(rng.randint(10, 28))
        return known.setdefault(
            number, "".join(rng.choice("123456789" if n == 0 else "0123456789") for n in range(len(number)))
        )

    edits = [(match.start(), match.end(), other(match.group())) for match in _NUMBER.finditer(sample.text)]
    subject = _NUMBER.sub(lambda match: other(match.group()), sample.subject)
    return replace(edited(sample, edits), subject=subject)


def _greeting(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    found = _GREETING.match(sample.text)
    if found and any(not span.in_subject and span.start < found.end() for span in sample.spans):
        return sample
    return edited(sample, [(0, found.end() if found else 0, rng.choice(["", *furniture.GREETINGS[sample.language]]))])


def _closing(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """A closing that the reader of mails took for new text."""
    return edited(sample, [(len(sample.text), len(sample.text), "\n\n" + furniture.closing(sample.language, rng))])


def _subject(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """No subject, or one that says nothing; not where it is evidence."""
    if any(span.in_subject for span in sample.spans):
        return sample
    return replace(sample, subject=rng.choice(["", "", *furniture.SUBJECTS]))


def _context(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """Nothing below, or what stands below another mail: it must not count."""
    return replace(sample, context="" if rng.random() < 0.5 else rng.choice(others).context)


def _quoted_text(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """Another mail's new text quoted below."""
    other = rng.choice(others)
    return replace(sample, context=f"{rng.choice(furniture.QUOTE_HEADS)} {' '.join(other.text.split())}"[:400])


def _lower(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    return replace(_same_length(sample, str.lower), subject=sample.subject.lower())


def _plain_letters(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """Without accents, as phones and old systems write; German sometimes with ae, oe, ue."""
    if sample.language == "de" and rng.random() < 0.5:
        return edited(
            sample,
            [(n, n + 1, letter.translate(_UMLAUT)) for n, letter in enumerate(sample.text) if letter in "äöüßÄÖÜ"],
        )
    return _same_length(sample, lambda letter: unicodedata.normalize("NFD", letter)[0])


def _no_marks(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """Without full stops and commas between words, as some people type."""
    return edited(sample, [(m.start(), m.end(), "") for m in re.finditer(r"(?<=[^\W\d_])[.,](?=\s)", sample.text)])


def _typing(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """A few typing errors: letters left out, doubled or swapped inside longer words."""
    words = list(_WORD.finditer(sample.text))
    edits = []
    for word in rng.sample(words, min(len(words), 1 + len(words) // 25)):
        at = rng.randrange(word.start() + 1, word.end() - 1)
        two = sample.text[at : at + 2]
        edits.append((at, at + 2, rng.choice([two[0], two[1] + two[0], two[0] + two])))
    return edited(sample, edits)


def _wrapped(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """Line breaks where there were none, or one long line."""
    if rng.random() < 0.5:
        return _same_length(sample, lambda letter: " " if letter == "\n" else letter)
    blanks = [match.start() for match in re.finditer(" ", sample.text)]
    return edited(sample, [(at, at + 1, "\n") for at in blanks if rng.random() < 0.08])


def _without_one(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """Takes out the sentences that carry one of several intents, and the intent with them."""
    if len(sample.intents) < 2 or any(span.in_subject for span in sample.spans):
        return sample
    intent = rng.choice(sorted(sample.intents))
    own = [span for span in sample.spans if span.intent is intent]
    cut = [(start, end) for start, end in _sentences(sample.text) if any(_meets(span, start, end) for span in own)]
    rest = [span for span in sample.spans if span.intent is not intent]
    if not own or not rest or any(_meets(span, start, end) for span in rest for start, end in cut):
        return sample
    kept = edited(replace(sample, spans=tuple(rest)), [(start, end, "") for start, end in cut])
    return replace(kept, intents=sample.intents - {intent}, reasons=_reasons(rest, intent, sample.reasons))


def _excerpt(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """A few neighbouring sentences that say something by themselves, and only what they say."""
    if any(INTENTS[intent].stands_alone for intent in sample.intents):
        return sample
    parts = _sentences(sample.text)
    if len(parts) < 4:
        return sample
    first = rng.randrange(len(parts) - 1)
    start, end = parts[first][0], parts[min(len(parts), first + rng.randint(2, 3)) - 1][1]
    if not _whole(sample, start, end):
        return sample
    inside = [span for span in sample.spans if _meets(span, start, end)]
    moved = tuple(replace(span, start=span.start - start, end=span.end - start) for span in inside)
    return replace(
        sample,
        subject="",
        context="",
        text=sample.text[start:end],
        spans=moved,
        intents=frozenset(span.intent for span in inside),
        reasons=frozenset(span.reason for span in inside if span.reason),
    )


def _borrowed(sample: Sample, others: Sequence[Sample], rng: random.Random) -> Sample:
    """Adds a sentence of another mail in the same language that says something by itself."""
    if any(INTENTS[intent].stands_alone for intent in sample.intents):
        return sample
    for other in rng.choices(others, k=12):
        if other.language is not sample.language or any(INTENTS[intent].stands_alone for intent in other.intents):
            continue
        said = [(start, end) for start, end in _sentences(other.text) if _whole(other, start, end)]
        if not said:
            continue
        start, end = rng.choice(said)
        lent = [span for span in other.spans if _meets(span, start, end)]
        at = rng.choice([stop for _, stop in _sentences(sample.text)] or [len(sample.text)])
        wider = edited(sample, [(at, at, " " + other.text[start:end])])
        moved = [replace(span, start=span.start - start + at + 1, end=span.end - start + at + 1) for span in lent]
        return replace(
            wider,
            spans=(*wider.spans, *moved),
            intents=sample.intents | {span.intent for span in lent},
            reasons=sample.reasons | {span.reason for span in lent if span.reason},
            requires_reply=sample.requires_reply or other.requires_reply,
        )
    return sample


def _whole(sample: Sample, start: int, end: int) -> bool:
    """Whether the sentence holds the whole evidence of at least one act, and cuts none."""
    met = [span for span in sample.spans if not span.in_subject and _meets(span, start, end)]
    return bool(met) and all(start <= span.start and span.end <= end for span in met)


def _reasons(rest: Iterable[Span], removed: Intent, reasons: frozenset[DisputeReason]) -> frozenset[DisputeReason]:
    return reasons if removed is not Intent.DISPUTE else frozenset(span.reason for span in rest if span.reason)


def _sentences(text: str) -> list[tuple[int, int]]:
    return list(sentences(text, 0, len(text)))


def _meets(span: Span, start: int, end: int) -> bool:
    return not span.in_subject and span.start < end and start < span.end


def _same_length(sample: Sample, change: Callable[[str], str]) -> Sample:
    """Each letter changed by itself; what would change the length stays."""
    text = "".join(new if len(new := change(letter)) == 1 else letter for letter in sample.text)
    return replace(sample, text=text)


_CHANGES: tuple[tuple[float, Change], ...] = (
    (0.15, _excerpt),
    (0.15, _without_one),
    (0.12, _borrowed),
    (0.7, _numbers),
    (0.4, _greeting),
    (0.2, _closing),
    (0.25, _subject),
    (0.3, _context),
    (0.15, _quoted_text),
    (0.1, _lower),
    (0.1, _plain_letters),
    (0.06, _no_marks),
    (0.2, _typing),
    (0.15, _wrapped),
)
