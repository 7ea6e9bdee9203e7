"""The date of an act: which of the days that a mail names is the one promised, paid on, asked for, or first back (guide, "Acts").

Every day that the new text or the subject names is weighed for each place by where it stands, what it is the date of
(`date_roles.py`), how it is said and what the ledger knows of it. The weights are learned from the training split:
`python -m inbox_agent.commands.date_weights` writes `date_weights.json`.
"""

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from extractors.calendar_days import add_weekdays
from extractors.date_roles import DateRole, DateRoles, RoledDate
from extractors.dates import DatePhrase
from extractors.segments import Said
from extractors.stated import Stated
from inbox_agent.domain.act import InvoiceLink, Source
from inbox_agent.domain.ledger import Invoice
from inbox_agent.domain.taxonomy import Intent

WEIGHTS = Path(__file__).with_name("date_weights.json")
LIES_AHEAD = {
    Intent.PROMISE_TO_PAY: True,
    Intent.PAYMENT_PLAN_REQUEST: True,
    Intent.OUT_OF_OFFICE: True,
    Intent.PAYMENT_NOTIFICATION: False,
}
"""Intents whose act has a date, and whether it lies ahead (guide, `date`)."""

Weights = Mapping[Intent, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A day that an act may have, where it is said, and what is known of it."""

    day: date
    roled: RoledDate
    cues: tuple[str, ...]


class ActDates:
    """The roles of dates and the weights, loaded when made."""

    def __init__(self, weights: Weights | None = None) -> None:
        self._roles = DateRoles()
        self._weights = read_weights() if weights is None else weights

    def of(self, stated: Stated, places: Sequence[Said]) -> "MailDates":
        """The dates of one mail in which `places` say something."""
        return MailDates(self, stated, places)

    def weight(self, intent: Intent, cues: Iterable[str]) -> float:
        """How surely a candidate with these cues is the act's date: the logarithm of the odds."""
        weights = self._weights.get(intent, {})
        return math.fsum(weights.get(cue, 0.0) for cue in cues)


class MailDates:
    """What one mail says of days."""

    def __init__(self, tools: ActDates, stated: Stated, places: Sequence[Said]) -> None:
        self._tools, self._stated, self._places = tools, stated, places
        self._mail, self._text, self._values = stated.mail, stated.text, stated.values

    @cached_property
    def body(self) -> list[RoledDate]:
        """The dates of the new text with their roles, in order."""
        return [
            roled
            for span, days in zip(self._stated.spans(), self._stated.body_days, strict=True)
            for roled in self._roled(self._text.source, *span, days)
        ]

    @cached_property
    def subject(self) -> list[RoledDate]:
        """The dates of the subject with their roles, in order."""
        return self._roled(self._mail.subject, 0, self._stated.subject_end, self._stated.subject_days)

    def day_of(self, place: Said, links: Sequence[InvoiceLink] = ()) -> date | None:
        """The date of the act said at `place` about the rows `links`; None when it has none or none is likely."""
        found = self.candidates(place, links)
        weighed = [(self._tools.weight(place.intent, candidate.cues), -index) for index, candidate in enumerate(found)]
        if not weighed or max(weighed)[0] <= 0:
            return None
        return found[-max(weighed)[1]].day

    def candidates(self, place: Said, links: Sequence[InvoiceLink] = ()) -> list[Candidate]:
        """The days that the act may have, those in its own text first. Empty for an intent whose act has no date."""
        if place.intent not in LIES_AHEAD or place.evidence.source is Source.ATTACHMENT:
            return []
        in_body = place.evidence.source is Source.BODY
        near, other = (self.body, self.subject) if in_body else (self.subject, self.body)
        found = [
            Candidate(day, roled, ())
            for roled in [*near, *other]
            if (day := self._day(roled, place.intent, links)) is not None
        ]
        spans = [self._span(candidate.roled, place, foreign=candidate.roled in other) for candidate in found]
        return [
            Candidate(candidate.day, candidate.roled, tuple(self._cues(index, found, spans, place, links)))
            for index, candidate in enumerate(found)
        ]

    def _roled(self, source: str, start: int, end: int, days: Sequence[DatePhrase]) -> list[RoledDate]:
        return self._tools._roles.roles(source, start, end, days, self._text.language)

    def _day(self, roled: RoledDate, intent: Intent, links: Sequence[InvoiceLink]) -> date | None:
        if roled.role is DateRole.INSTEAD:
            return None
        if roled.phrase.rule == "due_date":
            due = {row.due_on for row in self._rows(links)}
            return due.pop() if len(due) == 1 else None
        day = roled.phrase.resolved(future=LIES_AHEAD[intent])
        if day and intent is Intent.OUT_OF_OFFICE and "including" in roled.before:
            return add_weekdays(day, 1)
        return day

    def _rows(self, links: Sequence[InvoiceLink]) -> list[Invoice]:
        return self._values.rows(link.number for link in links)

    def _span(self, roled: RoledDate, place: Said, *, foreign: bool) -> str:
        start, end = roled.phrase.start, roled.phrase.end
        if foreign:
            return "foreign"
        for name, (begin, stop) in (
            ("evidence", (place.evidence.start, place.evidence.end)),
            ("clause", place.clause),
            ("sentence", place.sentence),
        ):
            if start < stop and begin < end:
                return name
        return "before" if start < place.evidence.start else "after"

    def _cues(
        self, index: int, found: Sequence[Candidate], spans: Sequence[str], place: Said, links: Sequence[InvoiceLink]
    ) -> Iterable[str]:
        candidate, span = found[index], spans[index]
        roled, phrase, day = candidate.roled, candidate.roled.phrase, candidate.day
        received = self._mail.received_on
        near = span in ("evidence", "clause", "sentence")
        yield "any"
        yield f"span:{span}"
        if span != "foreign":
            yield f"apart:{_apart(phrase.start, phrase.end, place)}:{span}"
        alike = [other for other, where in enumerate(spans) if where == span]
        yield f"alone:{span}:{len(alike) == 1}"
        yield f"order:{'only' if len(alike) == 1 else 'first' if alike[0] == index else 'last' if alike[-1] == index else 'inner'}:{near}"
        if not near and any(where in ("evidence", "clause") for where in spans):
            yield "others_nearer"
        yield f"rule:{phrase.rule}"
        yield f"rule:{phrase.rule}:{near}"
        yield f"role:{roled.role}"
        yield f"role:{roled.role}:{span if near else 'far'}"
        for kind in roled.before:
            yield f"before:{kind}"
            yield f"before:{kind}:{near}"
        for side, kinds in (("left", roled.left), ("right", roled.right)):
            yield f"{side}:nearest:{kinds[0] if kinds else 'none'}"
            yield from (f"{side}:{kind}" for kind in dict.fromkeys(kinds))
        yield from _when(day, received)
        rows = self._rows(links)
        if phrase.rule != "due_date":
            if day in self._values.issued:
                yield "issued" + (":own" if any(day == row.issued_on for row in rows) else "")
            if day in self._values.due:
                yield "due" + (":own" if any(day == row.due_on for row in rows) else "")
        yield from self._belongings(phrase.start, phrase.end, place, span)
        if span != "foreign" and _is_row(self._text.source, phrase.start, phrase.end):
            yield f"row:{span}"

    def _belongings(self, start: int, end: int, place: Said, span: str) -> Iterable[str]:
        """Whether the date is said by another place, or stands nearer to one."""
        own = _gap(start, end, place)
        for other in self._places:
            if other.evidence == place.evidence or other.evidence.source is not place.evidence.source:
                continue
            kind = "same" if other.intent is place.intent else "dated" if other.intent in LIES_AHEAD else "other"
            gap = _gap(start, end, other)
            if gap == 0 and own > 0:
                yield f"of:{kind}"
            elif gap < own:
                yield f"nearer:{kind}"
        if span == "foreign":
            yield "foreign:alone" if len(self._places) == 1 else "foreign:many"


def _when(day: date, received: date) -> Iterable[str]:
    days = (day - received).days
    yield "when:today" if days == 0 else "when:ahead" if days > 0 else "when:past"
    if abs(days) > 300:
        yield "when:year"
    elif abs(days) > 100:
        yield "when:far"
    elif days > 10:
        yield "when:weeks"


def _gap(start: int, end: int, place: Said) -> int:
    return max(start - place.evidence.end, place.evidence.start - end, 0)


def _apart(start: int, end: int, place: Said) -> str:
    gap = _gap(start, end, place)
    return next((str(limit) for limit in (0, 10, 40, 120, 400) if gap <= limit), "more")


def _is_row(source: str, start: int, end: int) -> bool:
    """Whether the date stands in a table's line, among columns."""
    line = source[source.rfind("\n", 0, start) + 1 : (source.find("\n", end) + 1 or len(source) + 1) - 1]
    return "   " in line.strip() or "|" in line or "\t" in line.strip()


def read_weights(path: Path = WEIGHTS) -> dict[Intent, dict[str, float]]:
    """The learned weights. Raises `OSError` or `ValueError` when the file is missing or broken."""
    table = json.loads(path.read_text("utf-8"))
    return {Intent(intent): weights for intent, weights in table.items()}
