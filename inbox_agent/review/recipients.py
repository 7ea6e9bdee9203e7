"""Who a reply may go to: people, never machines, never ourselves."""

import re
from email.utils import getaddresses

from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.mail import Address, Mail

_MOST = 10
"""Recipients of one reply; a Reply-To with more is a mistake or an attack."""

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9-]*\.)+[A-Za-z0-9-]{2,63}")
"""addr-spec as it can be sent everywhere: ASCII, no quoting (RFC 5321 §4.1.2, without what nobody uses)."""

_NOBODY = (
    "noreply", "donotreply", "nepasrepondre", "nietbeantwoorden", "nietreageren", "geenantwoord", "keineantwort",
    "nichtantworten", "mailerdaemon", "postmaster", "bounce", "bounces", "autoreply", "autoresponder", "unsubscribe",
    "newsletter", "nieuwsbrief", "listserv", "majordomo", "mailman",
)  # fmt: skip
"""Local parts that nobody reads, or a list's machine does, without separators; more may stand before or behind
("no-reply-billing", "ar.noreply")."""


def recipients(mail: Mail, mailbox_address: str, forwarded_from: Address | None = None) -> tuple[str, ...]:
    """The bare addresses that an answer to `mail` goes to, each once. `forwarded_from`: who wrote what a colleague passed on.

    Raises `NotAllowed` for automatic mail, and when no address is left that a person reads.
    """
    check_answerable(mail)
    own = mailbox_address.strip().lower()
    asked = {one.key: one.email.strip() for one in ((forwarded_from,) if forwarded_from else mail.answer_to)}
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


def forwarded_by_us(mail: Mail, mailbox_address: str) -> bool:
    """Whether a colleague sent it: somebody of the mailbox's own domain, who asks for no answer elsewhere."""
    own = mailbox_address.strip().lower()
    return mail.sender.domain == own.rpartition("@")[2] and mail.sender.key != own and not mail.reply_to


def check_answerable(mail: Mail) -> None:
    """Raises `NotAllowed` for mail that a machine or a mailing list sent: it never gets a reply (RFC 3834 §2)."""
    if mail.automatic is not None:
        raise NotAllowed("This mail was sent automatically; it never gets a reply. Decide without one.")


def chosen(to: tuple[str, ...], cc: tuple[str, ...], mailbox_address: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Recipients as a controller wrote them: each once, To before Cc. Raises `NotAllowed` for what cannot be sent to."""
    written = {address.lower(): address for address in (*to, *cc)}
    for key, address in written.items():
        if not _ADDRESS.fullmatch(address) or len(address) > 320:
            raise NotAllowed(f"{address[:100]} is no mail address that can be sent to. Correct it.")
        if key == mailbox_address.strip().lower():
            raise NotAllowed("The reply would go to this mailbox itself. Take its address out.")
        if is_nobody(key):
            raise NotAllowed(f"Nobody reads {address}: it is a no-reply address or a mailing list's. Take it out.")
    if not to:
        raise NotAllowed("The reply has no recipient. Write an address, or approve without a reply.")
    if len(written) > _MOST:
        raise NotAllowed(f"A reply goes to at most {_MOST} addresses; this one has {len(written)}. Take some out.")
    first = tuple({address.lower(): address for address in to}.values())
    return first, tuple(address for key, address in written.items() if key not in {one.lower() for one in first})


def addresses_in(text: str) -> tuple[str, ...]:
    """The bare addresses of a line as people write it ("Jan <jan@boer.example>; piet@boer.example"). What cannot be taken
    apart is given back as it is, for `chosen` to refuse by name."""
    line = " ".join(text.replace("\x00", "").replace(";", ",").split())
    if not line:
        return ()
    found = [address.strip() for _, address in getaddresses([line])]
    return tuple(found) if found and all(found) else (line[:320],)


def is_nobody(email: str) -> bool:
    """Whether the address says that nobody reads it ("no-reply@", "ne_pas_repondre@", "bounces+123@")."""
    pieces = re.split(r"[^a-z0-9]+", email.lower().partition("@")[0])
    beginnings = ("".join(pieces[:end]) for end in range(1, len(pieces) + 1))
    endings = ("".join(pieces[start:]) for start in range(len(pieces)))
    return any(words in _NOBODY for words in (*beginnings, *endings))
