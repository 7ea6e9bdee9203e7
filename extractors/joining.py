"""Places that say the same become one act; differing invoices, amounts or dates stay separate (guide, "Acts")."""

from inbox_agent.domain.act import Act, LinkReason
from inbox_agent.domain.taxonomy import Intent

CONTEXT = (LinkReason.SUBJECT, LinkReason.QUOTED, LinkReason.ONLY_OPEN)
"""Reasons that rest on what stands around the new text."""

ABOUT_INVOICES = frozenset(
    {
        Intent.DISPUTE,
        Intent.PROMISE_TO_PAY,
        Intent.PAYMENT_NOTIFICATION,
        Intent.PAYMENT_PLAN_REQUEST,
        Intent.INVOICE_COPY_REQUEST,
    }
)
"""Intents that are about some invoice even when the clause names none."""


def tidy(acts: list[Act]) -> list[Act]:
    """Acts that say the same as one; an absence without its end is none."""
    result: list[Act] = []
    for act in acts:
        if act.intent is Intent.OUT_OF_OFFICE and act.date is None:
            continue
        for index, other in enumerate(result):
            if joined := _join(other, act):
                result[index] = joined
                break
        else:
            result.append(act)
    return result


def _join(first: Act, second: Act) -> Act | None:
    """Both as one act when nothing that is stated differs, else None."""
    if first.intent is not second.intent:
        return None
    one, two = {link.number for link in first.invoices}, {link.number for link in second.invoices}
    if one != two and one and two:
        return None
    if first.date and second.date and first.date != second.date and first.intent is not Intent.OUT_OF_OFFICE:
        return None
    if first.amount and second.amount and first.amount != second.amount:
        return None
    if first.reason and second.reason and first.reason is not second.reason:
        return None
    day = (
        max(filter(None, (first.date, second.date)), default=None)
        if first.intent is Intent.OUT_OF_OFFICE
        else first.date or second.date
    )
    evidence = second.evidence if second.date and not first.date else first.evidence
    return Act(
        first.intent,
        evidence,
        first.invoices or second.invoices,
        first.reason or second.reason,
        first.amount or second.amount,
        day,
    )
