"""Who a reply may go to: people, never machines, never ourselves."""

import re

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.mail import Mail

_MOST = 10
"""Recipients of one reply; a Reply-To with more is a mistake or an attack."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z0-9-]{2,63}")
"""addr-spec as it can be sent everywhere: ASCII, no quoting (RFC 5321 §4.1.2, without what nobody uses)."""

_NOBODY = (
    "noreply", "donotreply", "nepasrepondre", "nietbeantwoorden", "nietreageren", "geenantwoord", "keineantwort",
    "nichtantworten", "mailerdaemon", "postmaster", "bounce", "bounces",
)  # fmt: skip
"""Local parts that nobody reads, without separators; more may stand before or behind ("no-reply-billing", "ar.noreply")."""


def recipients(mail: Mail, mailbox_address: str) -> tuple[str, ...]:
    """The bare addresses that an answer to `mail` goes to, each once.

    Raises `NotAllowed` for automatic mail, and when no address is left that a person reads.
    """
    if mail.automatic is not None:
        raise NotAllowed("This mail was sent automatically; it never gets a reply. Decide without one.")
    own = mailbox_address.strip().lower()
    asked = {address.key: address.email.strip() for address in mail.answer_to}
    others = {key: email for key, email in asked.items() if key != own}
    if asked and not others:
        raise NotAllowed("The reply would go to this mailbox itself. Decide without a reply.")
    usable = {key: email for key, email in others.items() if _ADDRESS.fullmatch(email) and len(email) <= 320}
    if not usable:
        raise NotAllowed("This mail has no address that can be answered. Decide without a reply.")
    read = tuple(email for key, email in usable.items() if not is_nobody(key))
    if not read:
        raise NotAllowed(f"Nobody reads {next(iter(usable))}: it is a no-reply address. Decide without a reply.")
    if len(read) > _MOST:
        raise NotAllowed(f"This mail asks for answers to {len(read)} addresses; at most {_MOST} are sent to.")
    return read


def is_nobody(email: str) -> bool:
    """Whether the address says that nobody reads it ("no-reply@", "ne_pas_repondre@", "bounces+123@")."""
    pieces = re.split(r"[^a-z0-9]+", email.lower().partition("@")[0])
    beginnings = ("".join(pieces[:end]) for end in range(1, len(pieces) + 1))
    endings = ("".join(pieces[start:]) for start in range(len(pieces)))
    return any(words in _NOBODY for words in (*beginnings, *endings))
