"""What the pipeline needs of a ledger."""

from typing import Protocol

from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail


class LedgerSource(Protocol):
    """An ERP's ledger, as far as one mail needs it."""

    def for_mail(self, mail: Mail) -> Ledger:
        """The customer that most likely writes, why, and that customer's items; `Ledger.customer` None when unknown."""
        ...
