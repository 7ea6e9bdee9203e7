"""What a reply may say: the mail's acts beside the ledger's figures, cleaned, in the order a letter takes them up."""

import datetime
import re
from dataclasses import dataclass, replace

from drafting.acts import ActFacts, act_facts, in_order, merged, open_total
from drafting.cleaning import grouped, one_line
from drafting.names import sender_name
from inbox_agent.domain.act import Act, Entity
from inbox_agent.domain.danger import DangerSign
from inbox_agent.domain.ledger import Company, Invoice, Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.money import Money
from inbox_agent.domain.taxonomy import EntityKind, Intent, Language, Tone
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, Extraction
from inbox_agent.domain.verdict import Policy, Severity, Verdict, VerdictKind, Verdicts
from inbox_agent.domain.verdict_rules import judge
from inbox_agent.domain.written_number import bare, unlinked

ORDER = (
    Intent.INSOLVENCY_LEGAL,
    Intent.DISPUTE,
    Intent.PAYMENT_NOTIFICATION,
    Intent.PROMISE_TO_PAY,
    Intent.PAYMENT_PLAN_REQUEST,
    Intent.INVOICE_COPY_REQUEST,
    Intent.STATEMENT_REQUEST,
    Intent.ACCOUNT_UPDATE,
    Intent.BANK_DETAILS,
    Intent.OTHER_QUERY,
)
"""The natural order of a letter: what weighs most first, money next, papers and data last."""

_NEEDS_INVOICE = {
    Intent.DISPUTE,
    Intent.PAYMENT_NOTIFICATION,
    Intent.PROMISE_TO_PAY,
    Intent.INVOICE_COPY_REQUEST,
}
"""Intents that a controller cannot work on without knowing the invoice."""

_NUMBER = re.compile(r"(?=.*\d)[\w./ #:-]+")
_WORDY = re.compile(r"[^\W\d_]{9}|\.[^\W\d_]{2}|//")
"""Long words, and anything like an internet address."""


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything that templates, cautions and vouchers draw on. Strings are one clean line each.

    `greeting` is the person's name to greet with, or "". `ibans` are the own company's, nothing else's; none where
    `is_dangerous`: the mail bears danger signs.
    `unknown_numbers` are invoice numbers that the mail writes and the ledger does not have.
    `foreign_numbers` are those of them that another customer owns; the letter says of them what it says of any unknown one.
    `foreign_ibans` are IBANs that the mail writes and that are not the company's. `checked`: what the ledger says of each act.
    """

    language: Language
    tone: Tone
    received_on: datetime.date
    intents: tuple[Intent, ...]
    acts: tuple[ActFacts, ...]
    greeting: str = ""
    customer: str = ""
    customer_uncertain: bool = False
    stranger: bool = False
    company: str = ""
    ibans: tuple[str, ...] = ()
    open_items: tuple[Invoice, ...] = ()
    unknown_numbers: tuple[str, ...] = ()
    foreign_numbers: tuple[str, ...] = ()
    po_numbers: tuple[str, ...] = ()
    foreign_ibans: tuple[str, ...] = ()
    has_attachments: bool = False
    is_dangerous: bool = False
    checked: tuple[tuple[Act, tuple[Verdict, ...]], ...] = ()

    def about(self, intent: Intent) -> tuple[ActFacts, ...]:
        """The acts of one intent; never empty, so that a template always has something to say."""
        return tuple(act for act in self.acts if act.intent is intent) or (ActFacts(intent),)

    @property
    def total(self) -> Money | None:
        """What the customer owes on all open items; None when nothing or when currencies differ."""
        return open_total(self.open_items)

    @property
    def asks_invoice(self) -> bool:
        """Whether the letter must ask which invoice is meant."""
        return any(
            not act.invoices for intent in self.intents if intent in _NEEDS_INVOICE for act in self.about(intent)
        )

    @property
    def upset(self) -> bool:
        """Whether the sender shows displeasure."""
        return self.tone in {Tone.ANNOYED, Tone.ANGRY}


def gather(
    mail: Mail, text: MailText, classification: Classification, extraction: Extraction, ledger: Ledger, policy: Policy,
    dangers: tuple[DangerSign, ...] = (),
) -> Facts:  # fmt: skip
    """The facts for a reply to `mail`. Pure: uses only its arguments. With `dangers` no account may be stated, ours neither."""
    verdicts = judge(extraction, ledger, mail.received_on, policy)
    ledger = _cleaned(ledger)
    company = ledger.company or Company(code="", name="")
    customer = ledger.customer.name if ledger.customer else ""
    intents = tuple(intent for intent in ORDER if intent in classification.labels)
    return Facts(
        language=text.language,
        tone=classification.tone,
        received_on=mail.received_on,
        intents=intents,
        acts=in_order(merged(tuple(act_facts(act, ledger, mail.received_on) for act in extraction.acts)), intents),
        greeting=sender_name(mail.sender, text, customer),
        customer=customer,
        customer_uncertain=bool(ledger.candidates),
        stranger=not ledger.sender_known,
        company=company.name,
        ibans=() if dangers else company.ibans,
        is_dangerous=bool(dangers),
        open_items=tuple(
            sorted((row for row in ledger.invoices if row.is_open), key=lambda row: (row.due_on, row.number))
        ),
        unknown_numbers=_unknown_numbers(extraction, ledger),
        foreign_numbers=_foreign_numbers(verdicts),
        po_numbers=_written(extraction.entities, EntityKind.PO_NUMBER),
        foreign_ibans=tuple(
            iban
            for iban in _written(extraction.entities, EntityKind.IBAN)
            if bare(iban) not in {bare(own) for own in company.ibans}
        ),
        has_attachments=any(not attachment.inline for attachment in mail.attachments),
        checked=tuple(zip(extraction.acts, verdicts.acts, strict=True)),
    )


def _unknown_numbers(extraction: Extraction, ledger: Ledger) -> tuple[str, ...]:
    """Invoice numbers as written, and those of links, that led to no ledger row."""
    links = [link for act in extraction.acts for link in act.invoices]
    written = [*_written(extraction.entities, EntityKind.INVOICE_NUMBER), *(one_line(link.number) for link in links)]
    mentions = (link.mention for link in links if ledger.invoice(one_line(link.number)))
    return unlinked(written, mentions, (invoice.number for invoice in ledger.invoices))


def _foreign_numbers(verdicts: Verdicts) -> tuple[str, ...]:
    every = (verdict for found in (*verdicts.acts, verdicts.numbers) for verdict in found)
    foreign = [one for one in every if one.kind is VerdictKind.OTHER_CUSTOMER and one.severity is Severity.PROBLEM]
    return tuple(dict.fromkeys(one_line(one.written or one.number) for one in foreign))


def _written(entities: tuple[Entity, ...], kind: EntityKind) -> tuple[str, ...]:
    """Numbers as written, each once. What looks like no number is left out: a letter must not carry the sender's words."""
    texts = (one_line(entity.evidence.text, 40) for entity in entities if entity.kind is kind)
    return tuple(dict.fromkeys(text for text in texts if _NUMBER.fullmatch(text) and not _WORDY.search(text)))


def _cleaned(ledger: Ledger) -> Ledger:
    """The ledger with every text that a letter may show as one clean line."""
    company, customer = ledger.company, ledger.customer
    return replace(
        ledger,
        customer=customer and replace(customer, name=one_line(customer.name), number=one_line(customer.number)),
        company=company and replace(company, name=one_line(company.name), ibans=tuple(map(grouped, company.ibans))),
        invoices=tuple(
            replace(row, number=one_line(row.number), po_number=one_line(row.po_number)) for row in ledger.invoices
        ),
    )
