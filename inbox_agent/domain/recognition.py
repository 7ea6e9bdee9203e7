"""Why a mail is taken to be from a customer: single clues, as data that a page puts into words."""

from dataclasses import dataclass
from enum import StrEnum


class ClueKind(StrEnum):
    """What speaks for a customer. Each has a weight in `ledger.recognition`."""

    CHOSEN = "chosen"
    REMEMBERED = "remembered"
    CONTACT = "contact"
    BOUNCED = "bounced"
    FORWARDED = "forwarded"
    REPLY_TO = "reply_to"
    DOMAIN = "domain"
    FORWARDED_DOMAIN = "forwarded_domain"
    PASSED_ON = "passed_on"
    INVOICE_NUMBER = "invoice_number"
    CUSTOMER_NUMBER = "customer_number"
    BARE_NUMBER = "bare_number"
    VAT_NUMBER = "vat_number"
    IBAN = "iban"
    NAME = "name"
    SIMILAR_NAME = "similar_name"


class Certainty(StrEnum):
    """How clear it is who writes."""

    CLEAR = "clear"
    AMBIGUOUS = "ambiguous"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Clue:
    """One thing that speaks for a customer; `value` is the address, number or name that does, as the mail has it."""

    kind: ClueKind
    value: str = ""


@dataclass(frozen=True, slots=True)
class Alike:
    """A domain of the mail that may be taken for a known one; `is_ours`: for one of our own."""

    domain: str
    known: str
    is_ours: bool = False


@dataclass(frozen=True, slots=True)
class Acquaintance:
    """What the house knows about who sent a mail, beside whose customer it is. The default knows nothing and suspects nothing.

    `is_known`: the ledger has the address or its domain. `is_ours`: a colleague passed the mail on.
    `seen_before`: an earlier mail came from this very address. `namesakes` are known addresses of somebody with exactly the
    sender's name; `domains` are all domains of the customers that the mail may be from; `ibans` their known accounts;
    `freemail` are those of the mail's domains where anybody gets an address. `writer` is the address that stands behind the
    mail, lower case: the sender's, or that of the mail that a colleague passed on; "" if none does.
    """

    is_known: bool = True
    is_ours: bool = False
    seen_before: bool = True
    alike: tuple[Alike, ...] = ()
    namesakes: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    own_domains: tuple[str, ...] = ()
    freemail: tuple[str, ...] = ()
    writer: str = ""
    ibans: tuple[str, ...] = ()
