"""The words of a danger sign, as English msgids with places for what bears it; `web.rendering` fills them in."""

from inbox_agent.domain.danger import ACCOUNT_KINDS, DangerKind, DangerSign
from web.translation import N_

_WORDS: dict[DangerKind, str] = {
    DangerKind.OUR_ACCOUNT_CHANGED: N_("It says that our bank account changed, to %(value)s. That is not ours."),
    DangerKind.NOT_OUR_ACCOUNT: N_("It takes bank account %(value)s for ours. It is not."),
    DangerKind.THEIR_ACCOUNT_CHANGED: N_("It says that their bank account changed, to %(value)s."),
    DangerKind.UNKNOWN_ACCOUNT: N_(
        "It names bank account %(value)s, which is neither ours nor known for this customer."
    ),
    DangerKind.LIKE_OUR_DOMAIN: N_("The domain %(value)s looks like our own %(other)s, but is not."),
    DangerKind.LIKE_KNOWN_DOMAIN: N_("The domain %(value)s looks like the known %(other)s, but is another one."),
    DangerKind.KNOWN_NAME: N_(
        "The sender's name is known with the address %(other)s, but the mail comes from %(value)s."
    ),
    DangerKind.REPLY_ELSEWHERE: N_("A reply would go to %(value)s, not to the sender %(other)s."),
    DangerKind.NEW_WITH_ACCOUNT: N_(
        "%(value)s never wrote before, is no known contact, and writes about a bank account."
    ),
    DangerKind.NOT_AUTHENTIC: N_("Our mail server could not confirm that it comes from %(other)s (%(value)s failed)."),
}
_WITHOUT_NUMBER: dict[DangerKind, str] = {
    DangerKind.OUR_ACCOUNT_CHANGED: N_("It says that our bank account changed. Ask who told them."),
    DangerKind.THEIR_ACCOUNT_CHANGED: N_("It says that their bank account changed."),
}


def shown(sign: DangerSign) -> str:
    """What bears the sign; an account in groups of four."""
    if sign.kind not in ACCOUNT_KINDS:
        return sign.value
    return " ".join(sign.value[start : start + 4] for start in range(0, len(sign.value), 4))


def msgid(sign: DangerSign) -> str:
    """The sentence of a sign, by its kind and by whether it names what bears it."""
    return _WORDS[sign.kind] if sign.value else _WITHOUT_NUMBER.get(sign.kind, _WORDS[sign.kind])
