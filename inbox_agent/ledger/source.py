"""What the pipeline needs of a ledger."""

from typing import Protocol

from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.text import MailText


class LedgerSource(Protocol):
    """An ERP's ledger, as far as one mail needs it."""

    def for_mail(self, mail: Mail, text: MailText, chosen: int | None = None) -> Ledger:
        """The customer that most likely writes, why, and that customer's items; `Ledger.customer` None when that is not clear.

        `text` is the read body: the signature and a forwarded mail's sender tell much. `chosen` (row id): a person said so.
        """
        ...
