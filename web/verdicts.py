"""The words of a verdict, as English msgids with places for its figures; `web.rendering` fills them in for the interface."""

from inbox_agent.domain.verdict import Severity, Verdict, VerdictField, VerdictKind
from web.translation import N_

_MOST_NAMED = 3
"""Items that are named in a sum; more of them are counted."""

_WORDS: dict[VerdictKind, str] = {
    VerdictKind.OPEN: N_("open"),
    VerdictKind.PARTLY_PAID: N_("partly paid: %(by)s"),
    VerdictKind.PAID: N_("paid"),
    VerdictKind.OVERPAID: N_("overpaid by %(by)s"),
    VerdictKind.CREDIT_NOTE: N_("open credit note"),
    VerdictKind.CREDIT_NOTE_USED: N_("credit note, used up"),
    VerdictKind.UNKNOWN: N_("unknown"),
    VerdictKind.OTHER_CUSTOMER: N_("another customer's: %(customer)s"),
    VerdictKind.AMOUNT_MATCHES_OPEN: N_("what is open"),
    VerdictKind.AMOUNT_MATCHES_TOTAL: N_("the whole amount of the invoice"),
    VerdictKind.AMOUNT_MATCHES_PAID: N_("what was paid on it already"),
    VerdictKind.AMOUNT_IS_SUM_OF: N_("the sum of %(count)s items"),
    VerdictKind.AMOUNT_IS_REST: N_("with the mail's other amounts the %(expected)s that is open"),
    VerdictKind.AMOUNT_IS_PART: N_("a part of %(expected)s"),
    VerdictKind.AMOUNT_DIFFERS: N_("%(by)s more than the %(expected)s in the ledger"),
    VerdictKind.AMOUNT_ABOVE_OPEN: N_("%(by)s more than the %(expected)s that is open"),
    VerdictKind.AMOUNT_UNMATCHED: N_("no open item comes to this"),
    VerdictKind.CURRENCY_DIFFERS: N_("another currency than in the ledger"),
    VerdictKind.DATE_BEFORE_INVOICE: N_("before invoice %(number)s of %(on)s"),
    VerdictKind.DATE_IN_PAST: N_("before the day of the mail"),
    VerdictKind.DATE_IN_FUTURE: N_("after the day of the mail"),
    VerdictKind.DATE_WEEKEND: N_("in a weekend"),
    VerdictKind.PROMISE_BEYOND_POLICY: N_("%(days)s days after the mail; at most %(limit)s"),
    VerdictKind.NOT_CHECKED: N_("not checked: no ledger items"),
    VerdictKind.FINE: N_("in order"),
}

_PAID_ON = N_("paid on %(on)s")
_NOWHERE = N_("not in the ledger")
_BELONGS = N_("belongs to %(customer)s")
_AS_WRITTEN = N_("as written (%(written)s) another customer's: %(customer)s")
_NEARLY = {
    VerdictKind.AMOUNT_MATCHES_OPEN: N_("what is open, but for %(by)s"),
    VerdictKind.AMOUNT_MATCHES_TOTAL: N_("the whole amount of the invoice, but for %(by)s"),
}
_LESS = N_("%(by)s less than the %(expected)s in the ledger")
_ON_ONE = N_("the amount of %(numbers)s")
_ON_FEW = N_("the sum of %(numbers)s")


def msgid(verdict: Verdict) -> str:
    """The sentence of a verdict, by its kind and by which figures it has."""
    kind = verdict.kind
    if kind is VerdictKind.PAID and verdict.on:
        return _PAID_ON
    if kind is VerdictKind.UNKNOWN and verdict.field is VerdictField.NUMBER:
        return _NOWHERE
    if kind is VerdictKind.OTHER_CUSTOMER and verdict.severity is Severity.INFO:
        return _BELONGS
    if kind is VerdictKind.OTHER_CUSTOMER and verdict.written:
        return _AS_WRITTEN
    if kind in _NEARLY and verdict.by:
        return _NEARLY[kind]
    if kind is VerdictKind.AMOUNT_DIFFERS and verdict.by and verdict.by.minor < 0:
        return _LESS
    if kind is VerdictKind.AMOUNT_IS_SUM_OF and len(verdict.numbers) <= _MOST_NAMED:
        return _ON_ONE if len(verdict.numbers) == 1 else _ON_FEW
    return _WORDS[kind]
