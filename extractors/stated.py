"""The days and amounts that one mail states: each of its texts is read once, then looked up by span."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import TypeVar

from extractors.amounts import AmountMention, find_amounts
from extractors.dates import DatePhrase, Dates
from extractors.ledger_values import values_of
from inbox_agent.domain.act import Evidence, Source
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText

_OVER = 1
"""Characters by which a day or amount may reach beyond the span in which it is named: the point of "3 mrt.", a sign."""

_Named = TypeVar("_Named", DatePhrase, AmountMention)

MAX_READ = 20_000
"""Characters that are read of each part of new text, and of an attachment."""

MAX_SUBJECT = 500
"""Characters of a subject that are read."""


class Stated:
    """One mail with its ledger, and what it states. 3/4 is 4 March in English mail to a ledger in US dollars."""

    def __init__(self, mail: Mail, text: MailText, ledger: Ledger, dates: Dates) -> None:
        self.mail, self.text, self.ledger, self.values = mail, text, ledger, values_of(ledger)
        self._dates = dates
        self._month_first = self.values.currencies == {"USD"} and text.language is Language.EN
        owners = (ledger.customer, ledger.company)
        self._country = next((owner.country for owner in owners if owner and owner.country), "")
        self._attached: dict[int, tuple[list[DatePhrase], list[AmountMention]]] = {}

    @cached_property
    def body_days(self) -> list[list[DatePhrase]]:
        """The days of each part of new text, in order."""
        return [self._days(self.text.source, *span) for span in self.spans()]

    @cached_property
    def subject_days(self) -> list[DatePhrase]:
        """The days of the subject, in order."""
        return self._days(self.mail.subject, 0, self.subject_end)

    @cached_property
    def body_amounts(self) -> list[AmountMention]:
        """The amounts of the new text, in order; bare numbers that may be some among them."""
        return [one for span in self.spans() for one in self._amounts(self.text.source, *span)]

    @cached_property
    def subject_amounts(self) -> list[AmountMention]:
        """The amounts of the subject, in order; bare numbers that may be some among them."""
        return self._amounts(self.mail.subject, 0, self.subject_end)

    def days_in(self, evidence: Evidence, start: int, end: int) -> Sequence[DatePhrase]:
        """The days named from `start` to `end` of the text in which the evidence stands."""
        if evidence.source is Source.BODY:
            found = self._all_body_days
        elif evidence.source is Source.SUBJECT:
            found = self.subject_days
        else:
            found = self._of_attachment(evidence.attachment)[0]
        return _within(found, start, end)

    def amounts_in(self, evidence: Evidence, start: int, end: int) -> Sequence[AmountMention]:
        """The amounts named from `start` to `end` of the text in which the evidence stands, no mere bare numbers."""
        if evidence.source is Source.BODY:
            found = self.body_amounts
        elif evidence.source is Source.SUBJECT:
            found = self.subject_amounts
        else:
            found = self._of_attachment(evidence.attachment)[1]
        return [one for one in _within(found, start, end) if not one.bare]

    def spans(self) -> Iterator[tuple[int, int]]:
        """What is read of each part of new text."""
        return ((part.start, min(part.end, part.start + MAX_READ)) for part in self.text.new)

    @property
    def subject_end(self) -> int:
        """How much of the subject is read."""
        return min(len(self.mail.subject), MAX_SUBJECT)

    @cached_property
    def _all_body_days(self) -> list[DatePhrase]:
        return [day for days in self.body_days for day in days]

    def _of_attachment(self, number: int) -> tuple[list[DatePhrase], list[AmountMention]]:
        if number not in self._attached:
            written = self.mail.attachments[number].text
            span = 0, min(len(written), MAX_READ)
            self._attached[number] = self._days(written, *span), self._amounts(written, *span)
        return self._attached[number]

    def _days(self, source: str, start: int, end: int) -> list[DatePhrase]:
        return self._dates.phrases(
            source,
            start,
            end,
            self.mail.received_on,
            self.text.language,
            month_first=self._month_first,
            country=self._country,
        )

    def _amounts(self, source: str, start: int, end: int) -> list[AmountMention]:
        return find_amounts(source, start, end, self.values.currency, self.values, bare=True)


def _within(found: Sequence[_Named], start: int, end: int) -> Sequence[_Named]:
    first = bisect_left(found, start, key=lambda one: one.start)
    last = bisect_left(found, end, first, key=lambda one: one.start)
    return [one for one in found[first:last] if one.end <= end + _OVER]
