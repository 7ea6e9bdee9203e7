"""What vouches for the figures of a reply, written as the reply's language writes them."""

import re
from collections.abc import Iterator

from drafting.acts import ActFacts, open_total
from drafting.cleaning import grouped, one_line
from drafting.facts import Facts
from drafting.language import day, money
from inbox_agent.domain.draft import Fact, FactKind
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Language


def ledger_vouchers(ledger: Ledger, language: Language) -> tuple[Fact, ...]:
    """Everything the ledger and the company vouch for: what a controller may type without being asked."""
    return tuple(_ledger(ledger, language))


def vouchers(facts: Facts, ledger: Ledger) -> tuple[Fact, ...]:
    """`ledger_vouchers` with what the mail's acts say and the sums drawn from both."""
    mailed = [Fact(facts.greeting, FactKind.MAIL, "sender's name")] if facts.greeting else []
    mailed += [Fact(number, FactKind.MAIL, "invoice number as written") for number in facts.unknown_numbers]
    mailed += [Fact(number, FactKind.MAIL, "order number as written") for number in facts.po_numbers]
    said = [fact for act in facts.acts for fact in _act(act, facts.language)]
    return tuple(dict.fromkeys([*_ledger(ledger, facts.language), *said, *mailed]))


def stated(body: str, all_vouchers: tuple[Fact, ...]) -> tuple[Fact, ...]:
    """Those whose value the body states; the first origin of each value."""
    first: dict[str, Fact] = {}
    for fact in all_vouchers:
        if fact.value and re.search(rf"(?<!\w){re.escape(fact.value)}(?!\w)", body):
            first.setdefault(fact.value, fact)
    return tuple(first.values())


def mail_text(mail: Mail) -> str:
    """All text of a mail that may vouch for a figure: subject, body with its history, attachments."""
    return "\n".join([mail.subject, mail.text, *(attachment.text for attachment in mail.attachments)])


def _ledger(ledger: Ledger, language: Language) -> Iterator[Fact]:
    for row in ledger.invoices:
        number, kind = one_line(row.number), row.kind.value.replace("_", " ")
        yield Fact(number, FactKind.LEDGER, f"{kind} {number}")
        yield Fact(money(row.open, language), FactKind.LEDGER, f"{kind} {number}: open amount")
        yield Fact(money(row.amount, language), FactKind.LEDGER, f"{kind} {number}: amount")
        yield Fact(day(row.due_on, language), FactKind.LEDGER, f"{kind} {number}: due date")
        yield Fact(day(row.issued_on, language), FactKind.LEDGER, f"{kind} {number}: invoice date")
        if row.po_number:
            yield Fact(one_line(row.po_number), FactKind.LEDGER, f"{kind} {number}: order number")
    total = open_total(tuple(row for row in ledger.invoices if row.is_open))
    if total:
        yield Fact(money(total, language), FactKind.LEDGER, "all open items: sum of open amounts")
    if ledger.customer:
        yield Fact(one_line(ledger.customer.name), FactKind.LEDGER, "customer: name")
        yield Fact(one_line(ledger.customer.number), FactKind.LEDGER, "customer: number")
    if ledger.company:
        yield Fact(one_line(ledger.company.name), FactKind.COMPANY, "own company: name")
        for iban in ledger.company.ibans:
            yield Fact(grouped(iban), FactKind.COMPANY, "own company: bank account")


def _act(act: ActFacts, language: Language) -> Iterator[Fact]:
    what = act.intent.value.replace("_", " ")
    if act.amount:
        yield Fact(money(act.amount, language), FactKind.MAIL, f"{what}: amount")
    if act.date:
        yield Fact(day(act.date, language), FactKind.MAIL, f"{what}: date")
    if act.total:
        yield Fact(money(act.total, language), FactKind.LEDGER, f"{what}: sum of open amounts")
    if act.remainder:
        yield Fact(money(act.remainder, language), FactKind.LEDGER, f"{what}: open amount less the mail's amount")
