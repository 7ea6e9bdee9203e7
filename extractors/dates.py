"""Dates in mail, resolved by the guide's table ("Resolving dates") against the day the mail was received.

What a language says stands in `lang/<code>/dates.toml`; what it means stands in `sayings.py`. One scan finds all; a day that
needs its neighbour ("op 1 en op 4 december", "in April, the 10th", "the day after") is settled from it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from extractors.calendar_days import calendar_day, nearest_year
from extractors.date_grammar import Grammar, Rule, fold, number_of, read_grammar
from extractors.sayings import MEANINGS, Saying
from inbox_agent.domain.taxonomy import Language

_NUMERIC = re.compile(
    r"(?<![\w.,:/+-])(?:(?P<year>(?:19|20)\d\d)(?P<iso>[-/.])(?P<month>\d{1,2})(?P=iso)(?P<day>\d{1,2})(?=t\d|(?!\w))"
    r"|(?P<first>\d{1,2})(?P<sep>[./-])(?P<blank> ?)(?P<second>\d{1,2})"
    r"(?:(?P=sep) ?(?P<last>(?:19|20)\d\d|'?\d\d)(?!\d)|(?P<dot>\.(?!\d))?)(?!\w))"
    r"(?![/-]\d|[.,:]\d| ?(?:%|[€$£]|eur\b|euros?\b|chf\b|uhr\b|uur\b|u\b|h\b|kg\b|am\b|pm\b|stuks?\b|x\b))"
)
_WORD_START = re.compile(r"(?<![\w-])(?<!\d[.,:/])[a-z\d]")
_PRECISE = frozenset({"day_month", "numeric", "day_only", "feast", "day_this_month", "day_next_month"})
_NOT_REFINED = _PRECISE | {"due_date", "each_day", "just_now", "same_day"}
_RELATED = 40
"""Characters between a month and a day of it ("pas in april betalen, de 10e")."""

_SOON_DAYS = 10
"""A day and month just ahead that is said to be paid is this year's, not last year's."""


@dataclass(frozen=True, slots=True)
class DatePhrase:
    """A stretch `text[start:end]` that names a day by `rule` (`sayings.MEANINGS`): `ahead` when it is to come, as promised,
    `behind` when it is past, as paid. Both None: no day by itself ("on the due date", a month alone)."""

    rule: str
    start: int
    end: int
    ahead: date | None
    behind: date | None

    def resolved(self, *, future: bool) -> date | None:
        """The day meant if it lies ahead (`future`), or behind."""
        return self.ahead if future else self.behind


@dataclass(frozen=True, slots=True)
class DateMention:
    """A stretch `text[start:end]` that names a day, and the day it resolves to."""

    day: date
    start: int
    end: int


class Dates:
    """The date phrases of all languages, loaded when made."""

    def __init__(self) -> None:
        self._grammars = {language: read_grammar(language) for language in Language}

    def find(
        self,
        text: str,
        start: int,
        end: int,
        received_on: date,
        language: Language,
        *,
        future: bool,
        month_first: bool = False,
    ) -> list[DateMention]:
        """The days named in `text[start:end]`, in order, all ahead (`future`) or all behind."""
        mentions = self.phrases(text, start, end, received_on, language, month_first=month_first)
        return [
            DateMention(day, mention.start, mention.end)
            for mention in mentions
            if (day := mention.resolved(future=future))
        ]

    def phrases(
        self,
        text: str,
        start: int,
        end: int,
        received_on: date,
        language: Language,
        *,
        month_first: bool = False,
        country: str = "",
    ) -> list[DatePhrase]:
        """The days named in `text[start:end]`, in order, of a range only the last.

        `month_first` reads 3/4 as 4 March; `country` (ISO 3166) is whose holidays count, by default the language's own.
        """
        grammar = self._grammars[language]
        folded, moves = grammar.repaired(fold(text[start:end]))
        reader = _Reader(grammar, folded, received_on, month_first, country or grammar.country)
        return [_moved(mention, moves, start) for mention in reader.phrases()]


class _Reader:
    """One stretch of folded text."""

    def __init__(self, grammar: Grammar, text: str, received_on: date, month_first: bool, country: str) -> None:
        self._grammar, self._text, self._received_on = grammar, text, received_on
        self._month_first, self._country = month_first, country

    def phrases(self) -> list[DatePhrase]:
        found: list[DatePhrase] = []
        months: list[tuple[int, int]] = []
        for start, end, rule, match in self._matches():
            mention = self._numeric(match) if rule is None else self._phrase(rule, match, start, end, found, months)
            if mention is None:
                continue
            if mention.rule == "month_alone" and (month := self._month(match)):
                months = [*(months[-11:] if months and start - months[-1][0] < _RELATED else ()), (start, month)]
            found.append(mention)
        return _last_of_ranges(self._text, found, self._grammar)

    def _matches(self) -> list[tuple[int, int, Rule | None, re.Match[str]]]:
        """All matches in order; a phrase that begins inside another is none."""
        found: list[tuple[int, int, Rule | None, re.Match[str]]] = []
        for match in _NUMERIC.finditer(self._text):
            found.append((match.start(), match.end(), None, match))
        end = 0
        for word in _WORD_START.finditer(self._text):
            if word.start() < end:
                continue
            if phrase := self._longest_at(word.start()):
                start, end = phrase[1].span()
                found.append((start, end, *phrase))
        found.sort(key=lambda item: (item[0], -item[1], item[2] is None))
        kept: list[tuple[int, int, Rule | None, re.Match[str]]] = []
        for item in found:
            if not kept or item[0] >= kept[-1][1]:
                kept.append(item)
        return kept

    def _longest_at(self, start: int) -> tuple[Rule, re.Match[str]] | None:
        """The phrase from `start`; one that begins inside it and ends behind it instead ("on | Friday next week")."""
        phrase = self._grammar.phrase_at(self._text, start)
        while phrase:
            stop = phrase[1].end()
            inner = [word.start() for word in _WORD_START.finditer(self._text, phrase[1].start() + 1, stop)]
            longer = next(
                (one for at in inner if (one := self._grammar.phrase_at(self._text, at)) and one[1].end() > stop), None
            )
            if longer is None:
                break
            phrase = longer
        return phrase

    def _numeric(self, match: re.Match[str]) -> DatePhrase | None:
        if match["year"]:
            day = calendar_day(int(match["year"]), int(match["month"]), int(match["day"]))
            return None if day is None else DatePhrase("numeric", *match.span(), day, day)
        first, second, sep = int(match["first"]), int(match["second"]), match["sep"]
        if (self._month_first and sep != "." and first <= 12) or second > 12:
            first, second = second, first
        if match["last"]:
            year = int(match["last"].lstrip("'"))
            day = calendar_day(year if year > 99 else 2000 + year, second, first)
            return None if day is None else DatePhrase("numeric", *match.span(), day, day)
        if not 1 <= second <= 12 or match["blank"] or (sep != "/" and not self._is_day_and_month(match)):
            return None
        return self._dated("numeric", match.start(), match.end() - len(match["dot"] or ""), second, first)

    def _is_day_and_month(self, match: re.Match[str]) -> bool:
        """Whether 4-10 or 4.10 is meant as a date: by its form (4.10., 04-10 with a zero) or by the words around it."""
        if match["sep"] == "." and match["dot"] and (len(match["second"]) == 2 or match["second"] != "0"):
            return True
        if match["second"].startswith("0") and len(match["second"]) == 2:
            return True
        before = self._text[max(0, match.start() - 18) : match.start()]
        return bool(
            self._grammar.numeric_before.search(before) or self._grammar.numeric_after.match(self._text, match.end())
        )

    def _dated(self, rule: str, start: int, end: int, month: int, day: int) -> DatePhrase | None:
        ahead = nearest_year(month, day, self._received_on, future=True)
        behind = nearest_year(month, day, self._received_on, future=False)
        if ahead and behind and (ahead - self._received_on).days <= _SOON_DAYS:
            behind = ahead if (self._received_on - behind).days > 300 else behind
        return DatePhrase(rule, start, end, ahead, behind) if ahead or behind else None

    def _phrase(
        self,
        rule: Rule,
        match: re.Match[str],
        start: int,
        end: int,
        found: Sequence[DatePhrase],
        months: Sequence[tuple[int, int]],
    ) -> DatePhrase | None:
        name, said = rule.name, self._said(match)
        if said.day and months and start - months[-1][0] <= _RELATED:
            if name == "each_day":
                return self._dated(name, start, end, months[0][1], said.day)
            if name == "day_only" and re.search(r"[,;(:-]", self._text[months[-1][0] : start]):
                return self._dated(name, start, end, months[-1][1], said.day)
        if name == "day_month" and said.day and said.month and said.year is None:
            return self._dated(name, start, end, said.month, said.day)
        meaning, near = MEANINGS[name], next((item for item in reversed(found) if item.ahead or item.behind), None)
        days = []
        for future in (True, False):
            try:
                days.append(
                    meaning(replace(said, future=future, anchor=None if near is None else near.resolved(future=future)))
                )
            except (OverflowError, ValueError):
                days.append(None)
        if not any(days) and name not in ("due_date", "month_alone"):
            return None
        return DatePhrase(name, start, end, *days)

    def _said(self, match: re.Match[str]) -> Saying:
        grammar, groups = self._grammar, match.groupdict()
        day, month, year = groups.get("day"), groups.get("month"), groups.get("year")
        ordinal, n, feast = groups.get("ordinal"), groups.get("n"), groups.get("feast")
        number = int(day) if day else number_of(grammar.ordinals, ordinal) if ordinal else None
        number_of_month = grammar.months[month] + 1 if month else None
        if number_of_month and number and (second := groups.get("second_day")) and int(second) < number:
            number_of_month = number_of_month - 1 or 12
        short = groups.get("short_year")
        return Saying(
            self._received_on,
            future=True,
            weekday=grammar.weekdays.get(groups.get("weekday") or ""),
            month=number_of_month,
            day=number,
            year=int(year) if year else 2000 + int(short) if short else None,
            n=number_of(grammar.numbers, n) if n else None,
            feast=grammar.feasts.get(re.sub(r"\s+", " ", feast), "") if feast else "",
            country=self._country,
        )

    def _month(self, match: re.Match[str]) -> int | None:
        month = match.groupdict().get("month")
        return self._grammar.months[month] + 1 if month else None


def _last_of_ranges(text: str, found: Sequence[DatePhrase], grammar: Grammar) -> list[DatePhrase]:
    """Without the first day of a range, and without a vague day that its neighbour makes precise ("Friday 14 March")."""
    kept: list[DatePhrase] = []
    for mention in found:
        if kept and mention.rule != "month_alone":
            last, between = kept[-1], text[kept[-1].end : mention.start]
            refined = last.rule not in _NOT_REFINED and mention.rule in _PRECISE
            if len(between) <= 14 and (
                (refined and grammar.apposition.fullmatch(between))
                or grammar.range_link.fullmatch(between)
                or (
                    grammar.and_link.fullmatch(between)
                    and grammar.between.search(text, max(0, last.start - 30), last.start)
                )
            ):
                kept.pop()
        kept.append(mention)
    return kept


def _moved(mention: DatePhrase, moves: Sequence[tuple[int, int]], by: int) -> DatePhrase:
    """The mention in the source, which begins `by` characters earlier and is longer where a name was put right."""
    start, end = (
        position + by + next((shift for at, shift in reversed(moves) if position >= at), 0)
        for position in (mention.start, mention.end)
    )
    return replace(mention, start=start, end=end)
