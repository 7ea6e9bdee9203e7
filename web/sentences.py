"""Sentences that other packages write in English and that a page shows in the reader's language.

Each is a msgid with `{}` where a value stands. A sentence that is not in the list is shown as it was written.
"""

import re

from inbox_agent.domain.taxonomy import Intent
from web.labels import label
from web.mailbox_sentences import PARTS
from web.mailbox_sentences import SENTENCES as MAILBOX_SENTENCES
from web.translation import N_, Interface

SENTENCES: tuple[str, ...] = (
    # a record that was corrected
    N_("A record that you corrected no longer waits for a decision. Reload the mail, then decide again."),
    N_("A record names at most {} invoices. Take some away."),
    N_("The customer's ledger has no invoice {}. Correct the number, or leave it out."),
    N_("An amount of a record is more than zero. Correct it, or leave it empty."),
    N_("The amount {} cannot be read. Write it as the amounts on this page are written."),
    N_("The date {} cannot be read. Choose it in the calendar, or write 2026-03-31."),
    # drafting: figures that nothing vouches for
    N_("STOP: IBAN {} comes from the mail and is not one of our own accounts. Verify it by phone first."),
    N_("STOP: IBAN {} is not one of our own accounts. Do not send before a second person has checked it."),
    N_("Amount {} stands neither in the ledger nor in the mail."),
    N_("Date {} stands neither in the ledger nor in the mail."),
    N_("Number {} stands neither in the ledger nor in the mail."),
    # drafting: what to look at before sending
    N_(
        "The mail bears danger signs: the reply names no bank account. Call a number you already had before you answer."
    ),
    N_("STOP: the mail names IBAN {}, which is not one of our own accounts. Never confirm it by mail."),
    N_("About a bank account: call a number you already had before you change or confirm anything."),
    N_("No bank account of our own company is known here, so the reply names none."),
    N_("Insolvency or legal matter: have the team lead read this reply, and check the reminders of this customer."),
    N_("The customer is not known: the reply asks for it and states no ledger figures."),
    N_("The mail may be from another customer: check before you send ledger figures."),
    N_("The sender is no known contact of this customer: check who writes before you send ledger figures."),
    N_("Invoice {} is in the mail but not in this customer's ledger."),
    N_("The invoice is not known: the reply asks for its number."),
    N_("The open items have no single positive sum (currencies or credit notes): the reply states none."),
    N_("The promised date {} lies before the mail."),
    N_("The payment date {} lies after the mail."),
    N_("Copies to attach: {}."),
    N_("The reply grants no payment plan: decide on the request."),
    N_("The mail asks something that no template answers: complete the reply."),
    N_("The mail speaks of {}, the ledger of another currency."),
    N_("The amount in the mail ({}) differs by {} from the ledger's ({})."),
    N_("The date {} lies before the day on which invoice {} was issued."),
    N_("The promised date {} lies {} days after the mail; the policy allows {}."),
    N_("Invoice {} was overpaid by {}, yet the mail has a {} on it."),
    N_("Credit note {} has nothing left, yet the mail has a {} on it."),
    N_("Invoice {} in the mail is another customer's: the reply must tell nothing about it."),
    N_("The amount in the mail ({}) is more than what is open ({})."),
    N_("Invoice {} has nothing open, yet the mail has a {} on it."),
    # signing in
    N_("E-mail address or password is not right."),
    N_("Too many refused attempts for this e-mail address. Wait 15 minutes, then try again."),
    # deciding
    N_("A mail has at least one intent. Choose one."),
    N_("An intent was chosen twice."),
    N_("The intent {} stands alone: take the others away, or this one."),
    N_("One of the chosen records no longer exists. Reload the mail, then decide again."),
    N_("This mail is open already. Reload it."),
    N_("A reply to this mail was approved, so the decision stands. Answer the next mail of the thread."),
    N_("This mail was not read by the machine, so it belongs to no thread that could be assigned."),
    N_("This person does not share the mailbox. Choose somebody of its teams."),
    N_("This mail was not read by the machine, so there is nothing to correct."),
    N_("This mail is not parked any more. Reload it."),
    N_("This mail could not be decoded, so it cannot be read again. Download the original instead."),
    N_("This reply is being sent, or was sent already. Reload the mail."),
    N_("The text of this reply was erased, so it cannot be sent again."),
    N_("It is known by now what became of this reply. Reload the mail."),
    N_("You decided on this mail already; reload to see it."),
    N_("A colleague decided on this mail first; reload to see it."),
    N_("This mail is still being read. Wait a moment, then reload it."),
    N_("This mail was ignored, with the reason shown; there is nothing to decide."),
    N_("This mail changed while you looked at it; reload it, then decide again."),
    N_("Only a team lead may {} a mail. Ask yours."),
    N_("The reply is empty. Write a text, or approve without a reply."),
    N_("The reply has {} characters; at most {} can be sent. Shorten it."),
    N_(
        "The reply names the bank account {}, which is not ours, and this mail bears danger signs. Take it out of the text."
    ),
    N_(
        "This mail bears danger signs. Call a number that you already had, not one from this mail, and tick that you did; "
        "or approve without a reply."
    ),
    N_("This mail was not read, so it cannot be filed under a customer. Read it again first."),
    N_("Anybody can have an address of this domain, so it tells no customer. Remember the address alone."),
    N_("This customer does not exist, or is of a company that this mailbox does not serve."),
    N_("Nothing of the kind is remembered. Reload the mail."),
    N_("A colleague undid this already. Reload the mail."),
    # threads moved by a person
    N_("These mails are in one thread already. Reload the mail."),
    N_("A colleague moved this mail just now. Reload it."),
    N_("Threads of two mailboxes cannot be joined: each is answered from its own address."),
    N_("These threads are of two customers. Tick that they are one case all the same, or leave them apart."),
    N_("This is the first mail of its thread, so there is nothing to split it from."),
    N_("There is no such change of threads, or it belongs to another team's mailbox."),
    N_("A colleague took this back already. Reload the mail."),
    N_("These mails were moved again since. Take that back first, then this."),
    N_("This mail was not read yet, so it belongs to no thread. Wait a moment, then reload it."),
    # who can be answered
    N_("This mail was sent automatically; it never gets a reply. Decide without one."),
    N_("The reply would go to this mailbox itself. Decide without a reply."),
    N_("This mail has no address that can be answered. Decide without a reply."),
    N_("Nobody reads {}: it is a no-reply address. Decide without a reply."),
    N_("This mail asks for answers to {} addresses; at most {} are sent to."),
    N_("{} is no mail address that can be sent to. Correct it."),
    N_("The reply would go to this mailbox itself. Take its address out."),
    N_("Nobody reads {}: it is a no-reply address or a mailing list's. Take it out."),
    N_("The reply has no recipient. Write an address, or approve without a reply."),
    N_("A reply goes to at most {} addresses; this one has {}. Take some out."),
    N_(
        "Nobody of this case has written from or to {} before, or the domain is new for this customer. Check the address, "
        "then tick that you did."
    ),
    N_("{} replies went to {} within an hour. Wait, or look whether a machine answers there."),
    # files and signatures
    N_("A reply takes at most {} files. Take some out."),
    N_("The file {} is empty. Choose another one, or leave it out."),
    N_("Mail servers refuse files like {}. Leave it out."),
    N_("The files of a reply may have {} MB together. Take some out."),
    N_("A file of the earlier reply is no longer there. Choose it again."),
    N_("A signature has at most {} characters; this one has {}. Shorten it."),
    # what brings a reply back
    N_("It is too late to take this reply back: it is being sent, or was sent already. Reload the mail."),
    N_("A newer mail arrived in this case after the reply was approved. Read it, then approve or dismiss."),
    N_(
        "A colleague answered this mail in the mail program after the reply was approved. Read that answer, then dismiss the "
        "mail or approve again."
    ),
    N_("Invoice {} is no longer in this customer's ledger. Read the reply again, then approve or dismiss."),
    N_("Invoice {} was disputed after the reply was approved. Read the reply again, then approve or dismiss."),
    N_("Invoice {} was paid or settled after the reply was approved. Read the reply again, then approve or dismiss."),
    N_(
        "The open amount of invoice {} changed after the reply was approved. Read the reply again, then approve or dismiss."
    ),
    N_("The ledger no longer names {} as a contact of this customer. Read the reply again, then approve or dismiss."),
    N_(
        "The reply could not be handed over through a fault of the program. Nothing was sent; tell your administrator. ({})"
    ),
    # what is not there
    N_("This mail does not exist, or belongs to another team's mailbox."),
    N_("This reply does not exist, or belongs to another team's mailbox."),
    N_("This mail has no such attachment, or it was erased."),
    N_("This attachment cannot be found in the original mail. Download the original instead."),
    N_("The original mail was erased and can no longer be shown."),
    # what the worker left on a mail, a reply or a mailbox
    N_("This mail could not be read by the machine ({}). Read it yourself, or retry."),
    N_("This mail could not be decoded ({}). Open the original instead."),
    N_("This mail is larger than {} MB. Read it in the mailbox itself."),
    N_("This mail is {} MB; mails over {} MB are not read. Open it in the mail program."),
    N_("Sent by this mailbox itself."),
    N_("The same message as mail {}, byte for byte."),
    N_("The same message as mail {}, delivered once more."),
    N_("The same message as mail {}, which came to {}."),
    N_("Moved to {}, where it is mail {}."),
    N_("Sent from this mailbox in the mail program."),
    N_("Our own reply, found among the sent mail."),
    N_(
        "It is not known whether this reply left: the program stopped, or the connection broke, while it was being "
        "sent. Look in the sent mail of the mailbox, then mark it as sent or send it again."
    ),
    N_("The mailbox stopped unexpectedly ({}); it is tried again."),
    N_("The connection with the {} (mailbox {}) was lost. It is made again at the next attempt."),
    N_("The {} (port {}) of mailbox {} did not answer in time. Check host, port and firewall; it is tried again."),
    N_("The {} (port {}) of mailbox {} cannot be reached ({}). Check host, port and network."),
    N_("Nothing listens on port {} of {} (mailbox {}). Check host and port, and whether the {} runs."),
    N_("There is no host {} (mailbox {}). Check the spelling of the host and the name server."),
    # attachments
    N_("too large"),
    N_("encrypted"),
    N_("empty"),
    N_("digital signature"),
    N_("takes too long to read"),
    N_("too large to read (over {} MB)"),
    N_("damaged, or not what its name says"),
    N_("damaged, or not what its name says ({})"),
    N_("damaged, or unfolds to too much; it was not read"),
    N_("unfolds to too much; it was not read"),
    N_("no text in it"),
    N_("no text in it, probably a scan"),
    N_("only {} of {} pages were read"),
    N_("only the first rows were read"),
    N_("only the first {} characters were read"),
    N_("encrypted, or an old Excel file; it was not read"),
    N_("an old Excel file; it was not read"),
    N_("an old Word file; it was not read"),
    N_("an Outlook .msg file; it was not read"),
    N_("an archive; what is in it was not read"),
    N_("an archive with {} files ({}); what is in it was not read"),
    N_("has a document type, which may unfold to anything; it was not read"),
    N_("not read: the mail has too much attached"),
    N_("only a reference; the file is not in the mail"),
    N_("a piece of a mail that was sent in several; it was not read"),
    N_("Outlook's own format"),
    N_("Outlook's own format; the {} files in it are listed by themselves"),
    N_("signed in a way that was not read"),
    N_("digitally signed; its content was read"),
    # the database
    N_("The database is locked by another program. Close it, or wait and try again; nothing was changed."),
    N_("The disk is full. Free some space and try again; nothing was half-written."),
    N_("The database does not answer ({}). Check that it runs and that INBOX_AGENT_DATABASE_URL is right."),
    # the pages' own errors and warnings are marked where they are written
    *MAILBOX_SENTENCES,
)


def translated(sentence: str, interface: Interface) -> str:
    """The sentence in the interface language. Its values are kept, but for what is no name: a sentence within it (such a value
    ends in a full stop), one of `PARTS`, an intent."""
    if len(sentence) > _LONGEST:
        return sentence
    for msgid, pattern in _PATTERNS:
        found = pattern.fullmatch(sentence)
        if found:
            return interface._(msgid).format(*(_value(value, interface) for value in found.groups()))
    return interface._(sentence) if sentence else ""


def _value(value: str, interface: Interface) -> str:
    if value in _INTENTS:
        return interface._(_INTENTS[value]).lower()
    if value.endswith("."):
        return translated(value, interface)
    for msgid, pattern in _PART_PATTERNS:
        if found := pattern.fullmatch(value):
            return interface._(msgid).format(*found.groups())
    return value


def _pattern(msgid: str) -> re.Pattern[str]:
    return re.compile("(.+?)".join(re.escape(piece) for piece in msgid.split("{}")), re.DOTALL)


_LONGEST = 1000
_INTENTS = {intent.value.replace("_", " "): label(intent) for intent in Intent}
_PATTERNS = tuple((msgid, _pattern(msgid)) for msgid in sorted(SENTENCES, key=lambda msgid: msgid.startswith("{}")))
"""Those that begin with a value last: most others would fit them."""
_PART_PATTERNS = tuple((msgid, _pattern(msgid)) for msgid in PARTS)
