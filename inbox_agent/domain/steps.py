"""The steps of a triage, as protocols. Each has one method, uses only its arguments, and keeps no state between mails."""

from typing import Protocol

from inbox_agent.domain.danger import DangerSign
from inbox_agent.domain.draft import Draft
from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Classification, Extraction


class TextReader(Protocol):
    """Splits a body into new text, signature, disclaimer and history, and tells the language."""

    def read(self, mail: Mail) -> MailText: ...


class IntentClassifier(Protocol):
    """Tells what the new text says. Automatic mail (`Mail.automatic`) is decided by that alone."""

    @property
    def version(self) -> str:
        """Names the model; stored with every triage."""
        ...

    def classify(self, mail: Mail, text: MailText) -> Classification: ...


class ActExtractor(Protocol):
    """Turns intents into acts about ledger rows, with amounts, dates and evidence."""

    def extract(self, mail: Mail, text: MailText, classification: Classification, ledger: Ledger) -> Extraction: ...


class DangerWatch(Protocol):
    """Tells what in a mail may be fraud with bank details, the gravest sign first."""

    def signs(
        self, mail: Mail, text: MailText, classification: Classification, extraction: Extraction, ledger: Ledger
    ) -> tuple[DangerSign, ...]: ...


class ReplyDrafter(Protocol):
    """Proposes a reply, or None when none is wanted. Every number in it comes from the ledger or the mail's evidence.

    With danger signs it states no account number, not even one of ours: an answer must not confirm anything.
    """

    def draft(
        self,
        mail: Mail,
        text: MailText,
        classification: Classification,
        extraction: Extraction,
        ledger: Ledger,
        dangers: tuple[DangerSign, ...] = (),
    ) -> Draft | None: ...
