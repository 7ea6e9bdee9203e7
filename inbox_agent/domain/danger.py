"""Danger signs: what in a mail may be fraud with bank details, as data that a page puts into words.

Signs never decide: they mark the mail, keep account numbers out of drafts, and ask for a telephone call before a reply.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from inbox_agent.domain.mail import Address, Authentication, Automatic, Mail
from inbox_agent.domain.recognition import Acquaintance


class DangerKind(StrEnum):
    """Kinds of signs, the gravest first."""

    OUR_ACCOUNT_CHANGED = "our_account_changed"
    NOT_OUR_ACCOUNT = "not_our_account"
    THEIR_ACCOUNT_CHANGED = "their_account_changed"
    UNKNOWN_ACCOUNT = "unknown_account"
    LIKE_OUR_DOMAIN = "like_our_domain"
    LIKE_KNOWN_DOMAIN = "like_known_domain"
    KNOWN_NAME = "known_name"
    REPLY_ELSEWHERE = "reply_elsewhere"
    NEW_WITH_ACCOUNT = "new_with_account"
    NOT_AUTHENTIC = "not_authentic"


ACCOUNT_KINDS = frozenset(
    {
        DangerKind.OUR_ACCOUNT_CHANGED,
        DangerKind.NOT_OUR_ACCOUNT,
        DangerKind.THEIR_ACCOUNT_CHANGED,
        DangerKind.UNKNOWN_ACCOUNT,
    }
)
"""Signs that lie in what the mail says about accounts; the others lie in who sends it."""


@dataclass(frozen=True, slots=True)
class DangerSign:
    """One sign. `value` is what bears it (an IBAN, a domain, an address, the failed checks), `other` what it is held against.

    `quote` is where the mail says it, "" for signs of the header.
    """

    kind: DangerKind
    value: str = ""
    other: str = ""
    quote: str = ""


def asks_for_a_call(signs: Iterable[DangerSign]) -> bool:
    """Whether a reply may leave only after somebody called a known number.

    Failed authentication alone marks the mail but asks for nothing: many honest senders are set up badly.
    """
    return any(sign.kind is not DangerKind.NOT_AUTHENTIC for sign in signs)


def sender_signs(mail: Mail, known: Acquaintance, authserv_id: str, about_accounts: bool) -> tuple[DangerSign, ...]:
    """The signs of the header; `authserv_id` as `trusted` has it.

    A stranger who bears a contact's name is a sign when the mail is about that contact's customer, or about accounts: two
    people may have one name.
    """
    found = [
        DangerSign(DangerKind.LIKE_OUR_DOMAIN if one.is_ours else DangerKind.LIKE_KNOWN_DOMAIN, one.domain, one.known)
        for one in known.alike
    ]
    near = (one for one in known.namesakes if about_accounts or one.rpartition("@")[2] in known.domains)
    namesake = next(near, "") if not (known.is_known or known.is_ours) else ""
    if namesake:
        found.append(DangerSign(DangerKind.KNOWN_NAME, mail.sender.email, namesake))
    named = _address_in_name(mail.sender)
    if named and not known.is_ours and not _same_organisation(Address(named).domain, mail.sender.domain):
        found.append(DangerSign(DangerKind.KNOWN_NAME, mail.sender.email, named))
    if mail.automatic not in (Automatic.BULK, Automatic.SYSTEM, Automatic.DELIVERY_FAILURE) and not known.is_ours:
        elsewhere = next((one for one in mail.reply_to if not _same_sender(one, mail.sender, known)), None)
        if elsewhere is not None:
            found.append(DangerSign(DangerKind.REPLY_ELSEWHERE, elsewhere.email, mail.sender.email))
    failed = failed_checks(trusted(mail.authentication, authserv_id))
    if failed:
        found.append(DangerSign(DangerKind.NOT_AUTHENTIC, ", ".join(failed), mail.sender.domain))
    return tuple(dict.fromkeys(found))


def trusted(headers: tuple[Authentication, ...], authserv_id: str) -> Authentication | None:
    """The topmost Authentication-Results that our own server added (RFC 8601, 5): anybody can send forged ones further down.

    `authserv_id` is the name that it writes; "" takes the topmost of all.
    """
    wanted = authserv_id.strip().lower()
    return next((one for one in headers if not wanted or one.server == wanted), None)


def failed_checks(found: Authentication | None) -> tuple[str, ...]:
    """The checks that failed, in capitals; empty when DMARC passed, or nothing tells.

    Without a word on DMARC, a failed SPF or DKIM counts only while the other did not pass: forwarding breaks one of them.
    """
    if found is None or found.dmarc == "pass":
        return ()
    if found.dmarc == "fail":
        return ("DMARC",)
    failed = [name for name, result in (("SPF", found.spf), ("DKIM", found.dkim)) if result == "fail"]
    return tuple(failed) if "pass" not in (found.spf, found.dkim) else ()


def _same_sender(one: Address, sender: Address, known: Acquaintance) -> bool:
    """Whether an address may be the sender's other one: the same organisation, a known domain of the customer, or ours.

    Among freemail addresses only the very same one is.
    """
    if not one.domain or one.key == sender.key:
        return True
    if one.domain in known.domains or one.domain in known.own_domains:
        return True
    if one.domain in known.freemail:
        return False
    return _same_organisation(one.domain, sender.domain)


def _same_organisation(one: str, other: str) -> bool:
    """Whether two domains are equal, or one is a subdomain of the other."""
    shorter, longer = sorted((one, other), key=len)
    return bool(shorter) and (longer == shorter or longer.endswith("." + shorter))


def _address_in_name(sender: Address) -> str:
    """An e-mail address that stands in the display name, or ""."""
    words = (word.strip("<>()[]'\",;:") for word in sender.name.split())
    return next((word.lower() for word in words if "@" in word.strip("@") and "." in word.rpartition("@")[2]), "")


def named_accounts(text: str) -> tuple[str, ...]:
    """What has the form of an IBAN in a text, compact, each once; also with wrong check digits, as people mistype them."""
    found = (re.sub(r"[ .-]", "", match[0]) for match in _ACCOUNT.finditer(text.upper()))
    return tuple(dict.fromkeys(found))


_ACCOUNT = re.compile(r"(?<![A-Z0-9])[A-Z]{2}\d{2}(?:[ .-]?[A-Z0-9]{4}){2,7}(?:[ .-]?[A-Z0-9]{1,3})?(?![A-Z0-9])")
