"""What the rows of a remittance advice mean for the acts of its mail."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from extractors.figures import figures
from extractors.joining import ABOUT_INVOICES, CONTEXT
from extractors.remittance_amounts import DAY
from inbox_agent.domain.act import Act, InvoiceLink, LinkReason, Source
from inbox_agent.domain.money import Money
from inbox_agent.domain.remittance import RemittanceRow
from inbox_agent.domain.taxonomy import Intent

_BY_NUMBER = (LinkReason.NUMBER, LinkReason.NUMBER_VARIANT, LinkReason.PURCHASE_ORDER)


@dataclass(frozen=True, slots=True)
class Advice:
    """What a mail's remittance rows say: each row, and for each row that was paid its act."""

    rows: tuple[RemittanceRow, ...] = ()
    links: tuple[tuple[InvoiceLink, ...], ...] = ()
    acts: tuple[Act, ...] = ()
    held: tuple[Money | None, ...] = ()
    """Of each row what was kept back: as it tells, else what it leaves open of the ledger's amount."""
    lines: tuple[tuple[int, int], ...] = ()
    day: date | None = None
    """The day that the mail tells, for rows without one where no act of the mail knows it better."""
    body: str = ""
    """The mail's text, for what an act says around its evidence."""
    slip: bool = False
    """Whether it is no list but a slip of one payment, which the mail itself tells of too."""

    def joined(self, said: Sequence[Act]) -> list[Act]:
        """The acts of the mail with those of the rows: a payment that is in the rows is not said twice, and disputes learn their row."""
        if not self.rows:
            return list(said)
        if self.slip:
            return self._with_slip(said)
        covered = {link.number for act in self.acts for link in act.invoices}
        payments = [act for act in said if act.intent is Intent.PAYMENT_NOTIFICATION]
        disputed = {link.number for act in said if act.intent is Intent.DISPUTE for link in act.invoices}
        repeated = [act for act in payments if self.acts and (_repeats(act, covered, disputed) or self._on_row(act))]
        day = next((act.date for act in repeated if act.date and not self._on_row(act)), None)
        others = [self._about_row(act) for act in said if act not in repeated and not self._is_empty_promise(act)]
        return others + [act if act.date else replace(act, date=day or self.day) for act in self.acts]

    def _with_slip(self, said: Sequence[Act]) -> list[Act]:
        """Of a slip only what the mail leaves out is taken: the invoice, the amount, the day."""
        slip = self.acts[0]
        numbers = {link.number for link in slip.invoices}
        result = list(said)
        for index, act in enumerate(said):
            about = {link.number for link in act.invoices}
            if act.intent is not Intent.PAYMENT_NOTIFICATION:
                continue
            if about == numbers or _is_open_to(act, slip):
                result[index] = replace(
                    act, invoices=slip.invoices, amount=act.amount or slip.amount, date=act.date or slip.date
                )
                return result
            if numbers <= about:
                return result
        return [*result, replace(slip, date=slip.date or self.day)]

    def _on_row(self, act: Act) -> bool:
        return any(self._at(index, act) for index in range(len(self.rows)))

    def _is_empty_promise(self, act: Act) -> bool:
        """Whether a promise stands on the line of a row that was paid, and names no later day."""
        if act.intent is not Intent.PROMISE_TO_PAY:
            return False
        paid = [row for index, row in enumerate(self.rows) if row.paid.minor > 0 and self._at(index, act)]
        return len(paid) == 1 and (act.date is None or bool(paid[0].date and act.date <= paid[0].date))

    def _at(self, index: int, act: Act) -> bool:
        """Whether an act's evidence touches a row's line."""
        place, where, line = self.rows[index].evidence, act.evidence, self.lines[index]
        return (place.source, place.attachment) == (where.source, where.attachment) and (
            line[0] < where.end and where.start < line[1]
        )

    def _about_row(self, act: Act) -> Act:
        """An act with the row that it is about: the row on its line; of a dispute also the row of its amount, or the only one
        that kept something back."""
        linked = [index for index in range(len(self.rows)) if self.links[index]]
        on_line = [index for index in linked if self._at(index, act)]
        if len(on_line) > 1:
            on_line = [index for index in on_line if act.amount in (self.rows[index].paid, self.rows[index].gross)]
        if len(on_line) == 1 and act.intent in ABOUT_INVOICES:
            return self._of_row(act, on_line[0])
        if act.intent is not Intent.DISPUTE:
            return act
        named = {link.number for link in act.invoices if link.mention and link.mention in self._line(act)}
        held = [index for index in linked if self.held[index]]
        ways = [
            [index for index in held if {link.number for link in self.links[index]} == named],
            [index for index in held if act.amount and self.held[index] == act.amount],
            held if len(named) != 1 else [],
        ]
        return next((self._of_row(act, found[0]) for found in ways if len(found) == 1), act)

    def _of_row(self, act: Act, index: int) -> Act:
        """An act about a row: its invoice, and the amount that the act's own line names or the row took off, or left unpaid."""
        row, on_line = self.rows[index], self._at(index, act)
        line = self._line(act)
        days = [match.span() for match in DAY.finditer(line)]
        told = {
            figure.amount
            for figure in figures(line, 0, len(line), row.paid.currency)
            if not any(left < figure.end and figure.start < right for left, right in days)
        }
        if row.paid.minor < 0 and on_line:  # a row that only takes off
            return replace(act, invoices=self.links[index], amount=Money(-row.paid.minor, row.paid.currency))
        stated = act.amount if act.amount in told and act.amount.currency == row.paid.currency else None
        stated = stated or (self.held[index] if self.held[index] in told else None)
        left = row.gross if row.paid.minor == 0 and on_line else None
        return replace(
            act,
            invoices=self.links[index],
            amount=(row.deduction if on_line else stated) or row.withheld or stated or left,
        )

    def _line(self, act: Act) -> str:
        """The line that an act's evidence stands on, of the mail's own text; else the evidence alone."""
        place = act.evidence
        if place.source is not Source.BODY:
            return place.text
        end = self.body.find("\n", place.end)
        return self.body[self.body.rfind("\n", 0, place.start) + 1 : end if end >= 0 else len(self.body)]


def _is_open_to(act: Act, slip: Act) -> bool:
    """Whether an act names no invoice itself, so that a slip may: none, from around the mail, or by the amount alone."""
    if all(link.reason in CONTEXT for link in act.invoices):
        return True
    return act.amount == slip.amount and all(link.reason not in _BY_NUMBER for link in act.invoices)


def _repeats(act: Act, covered: set[str], disputed: set[str]) -> bool:
    """Whether a payment told beside rows is that of the rows: it names no other invoice itself, or one that is only contested."""
    other = {
        link.number
        for link in act.invoices
        if link.number not in covered and link.reason in _BY_NUMBER and link.mention in act.evidence.text
    }
    return not other or (other <= disputed and act.amount is None and act.date is None)
