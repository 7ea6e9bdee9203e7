"""Cues: everything at one place that may lead to rows, each with the rows, the reason and the words that led there.

A cue decides nothing. How far each is to be trusted, for which intent, is learned (`choice.py`).
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from extractors.linking.context import Context, union
from extractors.linking.cue import Cue
from extractors.linking.numbers import Named
from extractors.linking.rows import bits
from extractors.linking.values import Values
from extractors.segments import Said, source_of
from inbox_agent.domain.act import LinkReason, Source


class Cues:
    """Finds the cues of a place. `places` are all of the mail: what others name is a cue too."""

    def __init__(self, context: Context, places: Sequence[Said]) -> None:
        self._c, self._places, self._rows = context, places, context.rows
        self._values = Values(context)
        self._shared = list(self._of_the_mail())

    def at(self, place: Said) -> list[Cue]:
        """All cues of a place, those that rest on nothing near it too."""
        source = source_of(self._c.mail, place.evidence)
        found: list[Cue] = []
        if place.evidence.source is Source.BODY:
            found += self._numbers(place)
            found += self._order(place)
        elif place.evidence.source is Source.ATTACHMENT:
            named = [item for item in self._c.attached[place.evidence.attachment][1] if _inside(item, place.sentence)]
            found += [Cue("n.sentence", union(named), LinkReason.NUMBER, _said(named))]
        found += self._values.at(place, source)
        found += self._described(place, source)
        found += self._phrased(place, source, found)
        found += self._elsewhere(place)
        return [cue for cue in (*found, *self._shared) if cue.rows]

    def _of_the_mail(self) -> Iterator[Cue]:
        rows, context = self._rows, self._c
        yield Cue("subject", union(context.subject), LinkReason.SUBJECT, _said(context.subject))
        filled = [quote for quote in context.quotes if quote]
        if filled:
            yield Cue("quote", union(filled[0]), LinkReason.QUOTED, _said(filled[0]))
            yield Cue("quote.first", filled[0][0].rows, LinkReason.QUOTED, filled[0][0].link.mention)
            every = [item for quote in filled for item in quote]
            yield Cue("quotes", union(every), LinkReason.QUOTED, _said(every))
        attached = [item for _, items in context.attached for item in items]
        yield Cue("attached", union(attached), LinkReason.ATTACHED, _said(attached))
        yield Cue("new", union(context.new), LinkReason.NEARBY, _said(context.new))
        if rows.open:
            yield Cue("open", rows.open, LinkReason.ONLY_OPEN if rows.open.bit_count() == 1 else LinkReason.ALL_OPEN)
            if rows.open.bit_count() > 1:
                yield Cue("open.newest", 1 << rows.newest(rows.open), LinkReason.POSITION)
                yield Cue("open.oldest", 1 << rows.oldest(rows.open), LinkReason.POSITION)
                yield Cue("open.largest", 1 << rows.largest(rows.open), LinkReason.POSITION)
                yield Cue("open.smallest", 1 << rows.smallest(rows.open), LinkReason.POSITION)
            if rows.overdue != rows.open:
                yield Cue("current", rows.open & ~rows.overdue, LinkReason.POSITION)
            if same := rows.twins:
                yield Cue("twins", same, LinkReason.AMOUNT)
                yield Cue("twins.later", 1 << rows.newest(same), LinkReason.POSITION)
                yield Cue("twins.earlier", 1 << rows.oldest(same), LinkReason.POSITION)
        yield Cue("overdue", rows.overdue, LinkReason.OVERDUE)
        if rows.settled:
            yield Cue("settled", rows.settled, LinkReason.POSITION)
            yield Cue("settled.newest", 1 << rows.newest(rows.settled), LinkReason.POSITION)

    def _numbers(self, place: Said) -> Iterator[Cue]:
        context, evidence = self._c, place.evidence
        reason = LinkReason.NEARBY
        for name, span in (
            ("evidence", (evidence.start, evidence.end)),
            ("clause", place.clause),
            ("sentence", place.sentence),
            ("line", context.line_of(evidence.start)),
        ):
            named = context.named_in(*span)
            if named:
                yield Cue(f"n.{name}", union(named), named[0].link.reason, _said(named))
        for key in ("except", "compared"):
            spoken = [
                item
                for item in context.named_in(*place.sentence)
                if context.phrases.find(key, context.mail.text, max(place.sentence[0], item.start - 25), item.start)
            ]
            if spoken:
                yield Cue(f"n.{key}", union(spoken), LinkReason.NUMBER, _said(spoken))
        before = [group for group in context.groups if group[0].start < evidence.start]
        after = [group for group in context.groups if group[0].start >= evidence.end]
        inside = [group for group in before if group[0].start >= place.sentence[0]]
        if inside:
            yield Cue("n.before", union(inside[-1]), inside[-1][0].link.reason, _said(inside[-1]))
        inside = [group for group in after if group[0].start < place.sentence[1]]
        if inside:
            yield Cue("n.after", union(inside[0]), inside[0][0].link.reason, _said(inside[0]))
        here = context.sentence_index(evidence.start)
        if earlier := [group for group in before if group[0].start < place.sentence[0]]:
            apart = min(here - context.sentence_index(earlier[-1][0].start), 4)
            yield Cue(f"n.prev{apart}", union(earlier[-1]), reason, _said(earlier[-1]))
            yield Cue("n.prev", union(earlier[-1]), reason, _said(earlier[-1]))
        if later := [group for group in after if group[0].start >= place.sentence[1]]:
            apart = min(context.sentence_index(later[0][0].start) - here, 3)
            yield Cue(f"n.next{apart}", union(later[0]), reason, _said(later[0]))
        paragraph = self._paragraph(evidence.start)
        if named := context.named_in(*paragraph):
            yield Cue("n.paragraph", union(named), reason, _said(named))
            if named[0].start - paragraph[0] <= 25:
                yield Cue("n.heading", named[0].rows, reason, named[0].link.mention)
        if above := context.quoted_before(evidence.start):
            yield Cue("q.above", above[-1].rows, LinkReason.QUOTED, above[-1].link.mention)
            yield Cue("q.above.all", union(above), LinkReason.QUOTED, _said(above))

    def _paragraph(self, position: int) -> tuple[int, int]:
        text = self._c.mail.text
        part = next((part for part in self._c.text.new if part.start <= position < part.end), None)
        low, high = (part.start, part.end) if part else (position, position)
        start, end = text.rfind("\n\n", low, position), text.find("\n\n", position, high)
        return (start + 2 if start >= 0 else low, end if end >= 0 else high)

    def _order(self, place: Said) -> Iterator[Cue]:
        """Answers in the order of a list: the second answer is about the second number quoted."""
        context = self._c
        heads = list(dict.fromkeys(other.sentence[0] for other in self._body()))
        item = context.item_of(place.evidence.start)
        lines = context.lines
        line = next((n for n, span in enumerate(lines) if span[0] <= place.evidence.start < span[1]), -1)
        for name, named in (("quote", next((q for q in context.quotes if q), [])), ("subject", context.subject)):
            distinct = list(dict.fromkeys(entry.rows for entry in named))
            if len(distinct) < 2:
                continue
            if len(heads) == len(distinct):
                yield Cue(f"order.{name}", distinct[heads.index(place.sentence[0])], LinkReason.POSITION)
            if 0 < item <= len(distinct):
                yield Cue(f"item.{name}", distinct[item - 1], LinkReason.POSITION, f"{item}")
            if line >= 0 and len(lines) >= len(distinct):
                back = line - len(lines) + len(distinct)
                if back >= 0:
                    yield Cue(f"line.{name}", distinct[back], LinkReason.POSITION)

    def _body(self) -> list[Said]:
        return [place for place in self._places if place.evidence.source is Source.BODY]

    def _described(self, place: Said, source: str) -> Iterator[Cue]:
        """Rows beside whose number, elsewhere in the mail, stand the same words as here."""
        context = self._c
        around: dict[int, set[str]] = {}
        for text, named in (
            (context.mail.text, [item for item in context.new if not _inside(item, place.sentence)]),
            *((context.mail.text, quote) for quote in context.quotes),
            *context.attached,
        ):
            for item in named:
                around.setdefault(item.rows, set()).update(context.phrases.stems(text, *item.line))
        if not around:
            return
        spans = [("clause", place.clause), ("sentence", place.sentence)]
        if place.evidence.source is Source.BODY:
            spans.append(("line", self._paragraph(place.evidence.start)))
        for name, span in spans:
            stems = context.phrases.stems(source, *span)
            scores = {
                rows: sum(1 / sum(stem in other for other in around.values()) for stem in words & stems)
                for rows, words in around.items()
            }
            best = max(scores.values())
            if best > (0.5 if len(around) > 1 else 0):
                rows = 0
                for marks, score in scores.items():
                    if score >= best - 1e-9:
                        rows |= marks
                common = sorted({stem for marks, words in around.items() if marks & rows for stem in words & stems})
                yield Cue(f"words.{name}{'.more' if best >= 2 else ''}", rows, LinkReason.DESCRIPTION, " ".join(common))

    def _phrased(self, place: Said, source: str, found: Sequence[Cue]) -> Iterator[Cue]:
        """Rows meant by "both", "the others", "the older one", seen from what the mail names and what is open."""
        phrases, rows, context = self._c.phrases, self._rows, self._c
        evidence = place.evidence
        subject, new = union(context.subject), union(context.new)
        quoted = union(next((quote for quote in context.quotes if quote), []))
        before = union([item for item in context.new if item.start < evidence.start])
        lists = [marks for marks in (quoted, subject, new, rows.overdue, rows.open) if marks.bit_count() > 1]
        taken = self._taken(place) | union(
            [item for item in context.new if not _inside(item, (evidence.start, evidence.end))]
        )
        for name, span in (("evidence", (evidence.start, evidence.end)), ("sentence", place.sentence)):

            def said(key: str, span: tuple[int, int] = span) -> str:
                match = phrases.find(key, source, *span)
                return match.group() if match else ""

            if words := said("everything"):
                yield Cue(f"everything.{name}", rows.open, LinkReason.ALL_OPEN, words)
                if rows.open & ~taken != rows.open:
                    yield Cue(f"everything.{name}.rest", rows.open & ~taken, LinkReason.ALL_OPEN, words)
                for marks in lists[:1]:
                    yield Cue(f"everything.{name}.list", marks, LinkReason.ALL_OPEN, words)
            if words := said("both"):
                for label, marks in (
                    ("before", before),
                    ("subject", subject),
                    ("quote", quoted),
                    ("new", new),
                    ("open", rows.open),
                ):
                    if marks.bit_count() == 2:
                        yield Cue(f"both.{name}.{label}", marks, LinkReason.ALL_OPEN, words)
                        yield Cue(f"both.{name}", marks, LinkReason.ALL_OPEN, words)
                        break
            for key in ("others", "other_one"):
                if words := said(key):
                    for label, marks in (("open", rows.open), ("quote", quoted), ("subject", subject)):
                        if marks & ~taken and taken:
                            yield Cue(f"{key}.{name}.{label}", marks & ~taken, LinkReason.OTHERS, words)
            for key, days in (
                ("last_week", (3, 14)),
                ("this_week", (0, 7)),
                ("last_month", (20, 65)),
                ("this_month", (0, 31)),
            ):
                if words := said(key):
                    low, high = (
                        context.mail.received_on - timedelta(days[1]),
                        context.mail.received_on - timedelta(days[0]),
                    )
                    recent = rows.issued_between(low, high)
                    yield Cue(f"{key}.{name}", recent, LinkReason.PERIOD, words)
            if words := said("credit"):
                yield Cue(f"credit.{name}", rows.credit, LinkReason.CREDIT, words)
            if words := said("overdue"):
                yield Cue(f"overdue.{name}", rows.overdue, LinkReason.OVERDUE, words)
            for key, at in (("first", 0), ("second", 1), ("third", 2), ("last", -1)):
                if words := said(key):
                    for label, order in self._orders():
                        if -len(order) <= at < len(order):
                            yield Cue(f"nth.{name}.{label}", 1 << order[at], LinkReason.POSITION, words)
            for marks in lists[:1]:
                for key, chosen in (
                    ("newer", rows.newest),
                    ("older", rows.oldest),
                    ("larger", rows.largest),
                    ("smaller", rows.smallest),
                ):
                    if words := said(key):
                        yield Cue(f"{key}.{name}", 1 << chosen(marks), LinkReason.POSITION, words)
        n = phrases.count(source, *place.clause)
        if n:
            for marks in lists:
                if marks.bit_count() == n:
                    yield Cue("count", marks, LinkReason.ALL_OPEN)
                    break

    def _orders(self) -> Iterator[tuple[str, list[int]]]:
        """Lists in which "the first" is counted."""
        context = self._c
        named = [("subject", context.subject), ("quote", next((quote for quote in context.quotes if quote), []))]
        for label, items in (("new", context.new), *named):
            order = list(dict.fromkeys(n for item in items for n in bits(item.rows)))
            if len(order) > 1:
                yield label, order
                yield "named", order
                break
        if self._rows.open.bit_count() > 1:
            yield "open", self._rows.by_date(self._rows.open)

    def _taken(self, place: Said) -> int:
        """Rows that the clauses of other places name."""
        marks = 0
        for other in self._body():
            if other is not place and other.clause != place.clause:
                marks |= union(self._c.named_in(*other.clause))
        return marks

    def _elsewhere(self, place: Said) -> Iterator[Cue]:
        """What other places name, and what is then left."""
        taken = self._taken(place)
        yield Cue("taken", taken, LinkReason.NEARBY)
        if taken:
            quoted = union(next((quote for quote in self._c.quotes if quote), []))
            yield Cue("left.open", self._rows.open & ~taken, LinkReason.OTHERS)
            yield Cue("left.quote", quoted & ~taken, LinkReason.OTHERS)
            yield Cue("left.subject", union(self._c.subject) & ~taken, LinkReason.OTHERS)


def _inside(item: Named, span: tuple[int, int]) -> bool:
    return span[0] <= item.start < span[1]


def _said(named: Sequence[Named]) -> str:
    return ", ".join(dict.fromkeys(item.link.mention for item in named))
