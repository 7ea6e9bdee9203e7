"""The date of each act against the date words near its evidence. Warnings only: words can be about something else."""

import datetime as dt
import re
from collections.abc import Iterator

from classifiers.corpus import Record
from classifiers.validation.finding import Finding, warning
from classifiers.validation.said_dates import Said, said
from classifiers.validation.words import words
from inbox_agent.domain.guide import GoldAct
from inbox_agent.domain.taxonomy import Intent

VALUE_DATE_DAYS = 7
"""Days by which the value date of a payment that was ordered may lie ahead."""

_SENTENCE = re.compile(r"(?:[^\n.!?]|[.!?](?!\s)|(?<=\d)\.(?= ?\w)|\.(?=\s+[a-zäöüé]))+[.!?]*")


def check(record: Record) -> Iterator[Finding]:
    """Acts whose date contradicts the words, and promises whose words give a date that the label leaves out."""
    for act in record.gold.acts:
        if act.date:
            yield from _contradicted(act, act.date, record)
            yield from _untimely(act, act.date, record)
        elif act.intent is Intent.PROMISE_TO_PAY and (days := _days(act.evidence, record, act)):
            yield warning("date", record.id, f"No date, but {act.evidence!r} says {_listed(days)}.")


def _contradicted(act: GoldAct, date: dt.date, record: Record) -> Iterator[Finding]:
    if _is_row(act.evidence):
        return
    for text in (act.evidence, _sentence(act.evidence, record)):
        if any(one.vague for one in _said(text, record, act)):
            return
        if days := _days(text, record, act):
            if date not in days | _implied(days, act, record) and not _pieced_together(date, text, record):
                yield warning(
                    "date", record.id, f"{act.intent} on {date} (mail of {record.mail.received_on:%a} {record.mail.received_on}), "
                    f"but {text.strip()!r} says {_listed(days)}."
                )  # fmt: skip
            return


def _untimely(act: GoldAct, date: dt.date, record: Record) -> Iterator[Finding]:
    """Promises in the past, payments in a future that no bank run explains, an absence that is over."""
    days = (date - record.mail.received_on).days
    early = (act.intent is Intent.PROMISE_TO_PAY and days < 0) or (act.intent is Intent.OUT_OF_OFFICE and days < 1)
    if early or (act.intent is Intent.PAYMENT_NOTIFICATION and days > VALUE_DATE_DAYS):
        yield warning("date", record.id, f"{act.intent} on {date} in a mail of {record.mail.received_on}.")


def _said(text: str, record: Record, act: GoldAct) -> list[Said]:
    past = act.intent is Intent.PAYMENT_NOTIFICATION
    return said(text, record.gold.language, record.mail.received_on, past=past)


def _days(text: str, record: Record, act: GoldAct) -> set[dt.date]:
    return {day for one in _said(text, record, act) for day in one.days}


def _is_row(evidence: str) -> bool:
    """Whether evidence is a row of a list (mostly figures): its dates are those of invoices, not of the payment."""
    signs = [sign for sign in evidence if not sign.isspace()]
    return sum(sign.isalpha() for sign in signs) < len(signs) / 2


def _pieced_together(date: dt.date, text: str, record: Record) -> bool:
    """Whether day and month of a date stand apart ("in June, say the 12th"; "on 7 and 14 October")."""
    months = words(record.gold.language).months
    names = [name for name, month in months.items() if month == date.month]
    return bool(
        re.search(rf"(?<![\d.,]){date.day}(?!\d|[.,]\d)", text)
        and re.search(rf"(?<!\w)(?:{'|'.join(names)})(?!\w)", text, re.IGNORECASE)
    )


def _implied(days: set[dt.date], act: GoldAct, record: Record) -> set[dt.date]:
    """What else words may stand for: the day after an absence, a due date, a value date some days ahead without its year."""
    implied = {invoice.due_on for invoice in record.ledger.invoices if invoice.number in act.invoices}
    if act.intent is Intent.OUT_OF_OFFICE:
        for day in days:
            following = [day + dt.timedelta(days=step) for step in range(1, 5)]
            implied |= {following[0], next(one for one in following if one.isoweekday() <= 5)}
    if act.intent is Intent.PAYMENT_NOTIFICATION:
        value_dates = (record.mail.received_on + dt.timedelta(days=step) for step in range(1, VALUE_DATE_DAYS + 1))
        said_to_be = {(day.month, day.day) for day in days}
        implied |= {day for day in value_dates if (day.month, day.day) in said_to_be}
    return implied


def _sentence(evidence: str, record: Record) -> str:
    """The sentences that evidence stands in, wherever it stands."""
    mail = record.mail
    for place in (record.gold.reply_text, mail.subject, *(attachment.text for attachment in mail.attachments)):
        start = place.find(evidence)
        if start >= 0:
            end = start + len(evidence)
            return " ".join(m.group() for m in _SENTENCE.finditer(place) if m.start() < end and start < m.end())
    return evidence


def _listed(days: set[dt.date]) -> str:
    return ", ".join(map(str, sorted(days)))
