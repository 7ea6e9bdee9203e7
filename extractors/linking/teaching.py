"""Labelled mail as lessons: its acts as places, with the rows that each is about; also with evidence less exact than a person's.

A network points to more or fewer words than a person would. Each mail is therefore taught several times: as labelled, and with
every evidence widened to its clause, to its sentence, or cut at an end.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from extractors.linking.links import LINKED
from extractors.segments import Said, said
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.guide import GoldAct
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import DisputeReason, Intent
from inbox_agent.domain.text import MailText

Change = Callable[[Evidence, Said, str], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Lesson:
    """The places of one mail with the ledger numbers that each is about, and why it disputes."""

    places: tuple[Said, ...]
    reasons: tuple[DisputeReason | None, ...]
    right: tuple[frozenset[str], ...]


def lessons(
    mail: Mail, text: MailText, acts: Sequence[GoldAct], sentences: Sequence[tuple[int, int]], changes: Sequence[Change]
) -> Iterator[Lesson]:
    """The mail as labelled, then once for each change of its evidence."""
    labelled = list(_located(mail, text, acts))
    exact = _lesson(mail, labelled, sentences)
    yield exact
    for change in changes:
        moved = []
        for place, reason, right in zip(exact.places, exact.reasons, exact.right, strict=True):
            if place.evidence.source is not Source.BODY:
                moved.append((place.intent, place.evidence, reason, right))
                continue
            start, end = change(place.evidence, place, mail.text)
            moved.append((place.intent, Evidence(mail.text[start:end], start, end), reason, right))
        yield _lesson(mail, moved, sentences)


def to_clause(evidence: Evidence, place: Said, text: str) -> tuple[int, int]:
    """The whole clause."""
    return place.clause


def to_sentence(evidence: Evidence, place: Said, text: str) -> tuple[int, int]:
    """The whole sentence."""
    return place.sentence


def to_head(evidence: Evidence, place: Said, text: str) -> tuple[int, int]:
    """The first half, to a whole word."""
    middle = text.find(" ", evidence.start + len(evidence.text) // 2, evidence.end)
    return evidence.start, middle if middle > 0 else evidence.end


def to_tail(evidence: Evidence, place: Said, text: str) -> tuple[int, int]:
    """The second half, from a whole word."""
    middle = text.rfind(" ", evidence.start, evidence.start + len(evidence.text) // 2 + 1)
    return middle + 1 if middle > 0 else evidence.start, evidence.end


Labelled = tuple[Intent, Evidence, DisputeReason | None, frozenset[str]]


def _lesson(mail: Mail, labelled: Sequence[Labelled], sentences: Sequence[tuple[int, int]]) -> Lesson:
    known = {(intent, evidence): (reason, right) for intent, evidence, reason, right in labelled}
    places = [place for place in said(mail, list(known), sentences) if (place.intent, place.evidence) in known]
    found = [known[place.intent, place.evidence] for place in places]
    return Lesson(tuple(places), tuple(reason for reason, _ in found), tuple(right for _, right in found))


def _located(mail: Mail, text: MailText, acts: Sequence[GoldAct]) -> Iterator[Labelled]:
    """The labelled acts where their evidence stands in new text or subject; several at one place are one."""
    found: dict[tuple[Intent, int, Source], Labelled] = {}
    for act in acts:
        evidence = _find(mail, text, act.evidence) if act.intent in LINKED else None
        if evidence is None:
            continue
        key = (act.intent, evidence.start, evidence.source)
        before = found[key][3] if key in found else frozenset()
        found[key] = (act.intent, evidence, act.reason, before | frozenset(act.invoices))
    yield from found.values()


def _find(mail: Mail, text: MailText, words: str) -> Evidence | None:
    for part in text.new:
        start = mail.text.find(words, part.start, part.end)
        if start >= 0:
            return Evidence(words, start, start + len(words))
    start = mail.subject.find(words)
    return Evidence(words, start, start + len(words), Source.SUBJECT) if start >= 0 else None
