"""The amount of an act: which of the amounts that a mail names is the one it is about (guide, "Acts").

Every amount of the new text and the subject is weighed for each place by where it stands, how it is written, the words
beside it and what the ledger knows of it. The weights are learned from the training split:
`python -m inbox_agent.commands.amount_weights` writes `amount_weights.json`.
"""

import json
import math
import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from extractors.amounts import AmountMention
from extractors.candidates import numbers_of
from extractors.number_words import worded_amounts
from extractors.segments import Said
from extractors.stated import Stated
from inbox_agent.domain.act import InvoiceLink, Source
from inbox_agent.domain.ledger import Invoice
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import Intent

WEIGHTS = Path(__file__).with_name("amount_weights.json")
HAS_AMOUNT = frozenset(
    {
        Intent.DISPUTE,
        Intent.PROMISE_TO_PAY,
        Intent.PAYMENT_NOTIFICATION,
        Intent.PAYMENT_PLAN_REQUEST,
        Intent.INVOICE_COPY_REQUEST,
        Intent.INSOLVENCY_LEGAL,
        Intent.OTHER_QUERY,
    }
)
"""Intents whose act may have an amount."""

_WORDS = re.compile(r"[^\W\d_]+|[=:(),.;%/x×]")
_FAR = 240
"""Characters between an amount and the place from which the amount is not considered, unless it is known to the ledger."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """An amount that an act may have, and what is known of it."""

    amount: Money
    cues: tuple[str, ...]


class ActAmounts:
    """The weights, loaded when made."""

    def __init__(self, weights: Mapping[str, float] | None = None) -> None:
        self._weights = read_weights() if weights is None else weights

    def of(self, stated: Stated, places: Sequence[Said]) -> "MailAmounts":
        """The amounts of one mail in which `places` say something."""
        return MailAmounts(self, stated, places)

    def weight(self, cues: Iterable[str]) -> float:
        """How surely a candidate with these cues is the act's amount: the logarithm of the odds."""
        return math.fsum(self._weights.get(cue, 0.0) for cue in cues)


class MailAmounts:
    """What one mail says of money."""

    def __init__(self, tools: ActAmounts, stated: Stated, places: Sequence[Said]) -> None:
        self._tools, self._stated, self._places = tools, stated, places
        self._known = stated.values

    @cached_property
    def body(self) -> list[AmountMention]:
        """The amounts of the new text, in order."""
        spans = list(self._stated.spans())
        return self._kept(self._stated.text.source, spans, self._stated.body_amounts)

    @cached_property
    def subject(self) -> list[AmountMention]:
        """The amounts of the subject, in order."""
        span = (0, self._stated.subject_end)
        return self._kept(self._stated.mail.subject, [span], self._stated.subject_amounts)

    def amount_of(self, place: Said, links: Sequence[InvoiceLink] = ()) -> Money | None:
        """The amount of the act said at `place` about the rows `links`; None when it has none or none is likely."""
        weighed = [(self._tools.weight(found.cues), found.amount) for found in self.candidates(place, links)]
        best = max(weighed, default=None, key=lambda pair: pair[0])
        return Money(abs(best[1].minor), best[1].currency) if best and best[0] > 0 else None

    def candidates(self, place: Said, links: Sequence[InvoiceLink] = ()) -> list[Candidate]:
        """The amounts that the act may have. Empty for an intent whose act has none."""
        if place.intent not in HAS_AMOUNT or place.evidence.source is Source.ATTACHMENT:
            return []
        in_body = place.evidence.source is Source.BODY
        source = self._stated.mail.text if in_body else self._stated.mail.subject
        mentions = self.body if in_body else self.subject
        rows = self._stated.values.rows(link.number for link in links)
        spans = [_span(mention, place) for mention in mentions]
        near = [
            index
            for index, mention in enumerate(mentions)
            if _gap(mention, place) <= _FAR or (mention.sure and mention.amount in self._known)
        ]
        return [
            Candidate(mentions[index].amount, tuple(self._cues(source, index, mentions, spans, place, rows)))
            for index in near
        ]

    def _kept(
        self, source: str, spans: Sequence[tuple[int, int]], stated: Sequence[AmountMention]
    ) -> list[AmountMention]:
        """The stated amounts and those in words, without numbers of documents; in the order of the spans."""
        kept: list[AmountMention] = []
        for start, end in spans:
            numbers = numbers_of(self._stated.ledger).candidates(source, start, end)
            kept += [
                mention
                for mention in [
                    *(mention for mention in stated if start <= mention.start < end),
                    *worded_amounts(source, start, end, self._stated.text.language),
                ]
                if mention.amount.minor
                and (mention.sure or not any(one.start < mention.end and mention.start < one.end for one in numbers))
            ]
        return kept

    def _cues(
        self,
        source: str,
        index: int,
        mentions: Sequence[AmountMention],
        spans: Sequence[str],
        place: Said,
        rows: Sequence[Invoice],
    ) -> Iterable[str]:
        mention, span, intent = mentions[index], spans[index], place.intent.value
        kind = "sure" if mention.sure else "known" if mention.amount in self._known else "bare"
        owned = _owned(mention.amount, rows, self._known)
        for cue in (
            "any",
            f"span:{span}",
            f"kind:{kind}:{span}",
            f"owned:{owned}:{span}",
            f"owned:{owned}:{kind}",
            f"gap:{min(5, _gap(mention, place) // 25)}",
        ):
            yield cue
            yield f"{intent}:{cue}"
        alike = [other for other, where in enumerate(spans) if where == span and mentions[other].sure >= mention.sure]
        order = (
            "only" if len(alike) == 1 else "first" if alike[0] == index else "last" if alike[-1] == index else "inner"
        )
        yield f"{intent}:order:{order}:{span}"
        largest = max(mentions[other].amount.minor for other in alike)
        if len(alike) > 1:
            yield f"{intent}:{'largest' if mention.amount.minor == largest else 'smaller'}:{span}"
        closer = min((("evidence", "clause", "sentence").index(where) for where in spans if where in _NEAR), default=3)
        yield f"closer:{closer}:{span}"
        if mention.amount.minor < 0:
            yield f"{intent}:credit"
        if any(mention.amount.minor == 2 * other.amount.minor for other in mentions):
            yield f"{intent}:twice"
        yield from self._belongings(mention, place)
        before = _WORDS.findall(source[max(0, mention.start - 30) : mention.start].lower())[-3:]
        after = _WORDS.findall(source[mention.end : mention.end + 30].lower())[:2]
        for distance, word in enumerate(reversed(before), start=1):
            yield f"before:{word}:{min(distance, 2)}"
        for distance, word in enumerate(after, start=1):
            yield f"after:{word}:{distance}"
        if before:
            yield f"{intent}:before:{before[-1]}"
        if after:
            yield f"{intent}:after:{after[0]}"

    def _belongings(self, mention: AmountMention, place: Said) -> Iterable[str]:
        """Whether the amount is said by another place, or stands nearer to one."""
        own = _gap(mention, place)
        for other in self._places:
            if other.evidence == place.evidence or other.evidence.source is not place.evidence.source:
                continue
            kind = "same" if other.intent is place.intent else "other"
            gap = _gap(mention, other)
            if gap == 0 and own > 0:
                yield f"of:{kind}"
            elif gap < own:
                yield f"nearer:{kind}"


_NEAR = ("evidence", "clause", "sentence")


def _span(mention: AmountMention, place: Said) -> str:
    for name, (begin, stop) in zip(
        _NEAR, ((place.evidence.start, place.evidence.end), place.clause, place.sentence), strict=True
    ):
        if mention.start < stop and begin < mention.end:
            return name
    return "before" if mention.start < place.evidence.start else "after"


def _gap(mention: AmountMention, place: Said) -> int:
    """Characters between an amount and the words that say the act; 0 within them."""
    return max(place.evidence.start - mention.end, mention.start - place.evidence.end, 0)


def _owned(amount: Money, rows: Sequence[Invoice], known: Container[Money]) -> str:
    """What the ledger knows of an amount: that of the rows themselves, their sum, less than theirs, another row's."""
    if rows:
        if len(rows) == 1 and amount in (rows[0].open, rows[0].amount):
            return "whole"
        if amount.minor in (sum(row.open.minor for row in rows), sum(row.amount.minor for row in rows)):
            return "sum"
        if any(amount in (row.open, row.amount) for row in rows):
            return "one"
    if amount in known:
        return "other"
    total = sum(row.amount.minor for row in rows)
    return "less" if 0 < abs(amount.minor) < total else "more" if total else "none"


def read_weights(path: Path = WEIGHTS) -> dict[str, float]:
    """The weight of each cue; empty before the first learning."""
    return json.loads(path.read_text("utf-8")) if path.exists() else {}
