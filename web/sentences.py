"""Sentences that other packages write in English and that a page shows in the reader's language.

Each is a msgid with `{}` where a value stands. A sentence that is not in the list is shown as it was written.
"""

import re

from web.translation import N_, Interface

SENTENCES: tuple[str, ...] = (
    # drafting: figures that nothing vouches for
    N_("STOP: IBAN {} comes from the mail and is not one of our own accounts. Verify it by phone first."),
    N_("STOP: IBAN {} is not one of our own accounts. Do not send before a second person has checked it."),
    N_("Amount {} stands neither in the ledger nor in the mail."),
    N_("Date {} stands neither in the ledger nor in the mail."),
    N_("Number {} stands neither in the ledger nor in the mail."),
    # drafting: what to look at before sending
    N_("STOP: the mail names IBAN {}, which is not one of our own accounts. Never confirm it by mail."),
    N_("About a bank account: call a number you already had before you change or confirm anything."),
    N_("No bank account of our own company is known here, so the reply names none."),
    N_("Insolvency or legal matter: have the team lead read this reply, and check the reminders of this customer."),
    N_("The customer is not known: the reply asks for it and states no ledger figures."),
    N_("The mail may be from another customer: check before you send ledger figures."),
    N_("Invoice {} is in the mail but not in this customer's ledger."),
    N_("The invoice is not known: the reply asks for its number."),
    N_("The open items have no single positive sum (currencies or credit notes): the reply states none."),
    N_("The promised date {} lies before the mail."),
    N_("The payment date {} lies after the mail."),
    N_("Copies to attach: {}."),
    N_("The reply grants no payment plan: decide on the request."),
    N_("The mail asks something that no template answers: complete the reply."),
    N_("The mail speaks of {}, the ledger of another currency."),
    N_("The amount in the mail ({}) is more than what is open ({})."),
    # why a customer was recognised
    N_("contact address"),
    N_("sender's domain"),
    N_("invoice number {}"),
    N_("customer number {}"),
    # the database
    N_("The database is locked by another program. Close it, or wait and try again; nothing was changed."),
    N_("The disk is full. Free some space and try again; nothing was half-written."),
    N_("The original mail was erased and can no longer be shown."),
)


def translated(sentence: str, interface: Interface) -> str:
    """The sentence in the interface language, its values kept."""
    for msgid, pattern in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found:
            return interface._(msgid).format(*found.groups())
    return sentence


def _pattern(msgid: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(piece) for piece in msgid.split("{}")), re.DOTALL)


_PATTERNS = tuple((msgid, _pattern(msgid)) for msgid in SENTENCES)
