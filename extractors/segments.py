"""What belongs to one thing said: its clause within the sentence, the sentence, and what came before."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from extractors.nlp import Sentences
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Intent, Language
from inbox_agent.domain.text import MailText

MAX_READ = 20_000
"""Characters of new text that are read for acts."""

_CUT = re.compile(r"[,;:(]\s|\s[-–]\s|\n|\s(?:en|maar|and|but|und|aber|et|mais|while|terwijl)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Said:
    """An intent where it is said: the evidence, the clause around it, and its sentence (offsets of one text)."""

    intent: Intent
    evidence: Evidence
    clause: tuple[int, int]
    sentence: tuple[int, int]


def source_of(mail: Mail, evidence: Evidence) -> str:
    """The text that the evidence's offsets refer to."""
    if evidence.source is Source.BODY:
        return mail.text
    return mail.subject if evidence.source is Source.SUBJECT else mail.attachments[evidence.attachment].text


def new_sentences(text: MailText, sentences: Sentences, language: Language) -> list[tuple[int, int]]:
    """The sentences of the new text, in order, of at most `MAX_READ` characters."""
    found: list[tuple[int, int]] = []
    left = MAX_READ
    for part in text.new:
        end = min(part.end, part.start + left)
        found.extend(sentences.split(text.source, part.start, end, language))
        left -= end - part.start
    return found


def said(mail: Mail, evidences: Sequence[tuple[Intent, Evidence]], sentences: Sequence[tuple[int, int]]) -> list[Said]:
    """Each evidence with its sentence and clause. A clause runs from the cut after the previous thing said to the next."""
    result: list[Said] = []
    body = sorted((pair for pair in evidences if pair[1].source is Source.BODY), key=lambda pair: pair[1].start)
    for start, end in sentences:
        inside = [pair for pair in body if start <= pair[1].start < end]
        for index, (intent, evidence) in enumerate(inside):
            before = max((other.end for _, other in inside[:index] if other.end <= evidence.start), default=None)
            after = min((other.start for _, other in inside[index + 1 :] if other.start >= evidence.end), default=None)
            left = start if before is None else _last_cut(mail.text, before, evidence.start)
            right = end if after is None else _last_cut(mail.text, evidence.end, after)
            result.append(Said(intent, evidence, (left, right), (start, end)))
    for intent, evidence in evidences:
        if evidence.source is Source.SUBJECT:
            whole = (0, min(len(mail.subject), 500))
            result.append(Said(intent, evidence, whole, whole))
    return result


def _last_cut(text: str, start: int, end: int) -> int:
    """Where the last clause between two things said begins; the second one's start when there is no cut."""
    cuts = [match.start() for match in _CUT.finditer(text, start, end)]
    return cuts[-1] if cuts else end
