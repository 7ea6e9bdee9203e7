"""What a reply to a mail with danger signs needs before it may leave. Pure."""

from inbox_agent.domain.danger import asks_for_a_call, named_accounts
from inbox_agent.domain.errors import NotAllowed
from inbox_agent.domain.triage import Triage


def check_reply(reading: Triage, reply: str, called: bool) -> None:
    """Raises `NotAllowed` for a reply that a mail with danger signs must not get.

    One that names an account which is not ours never leaves. Any other needs a telephone call first (`called`) when the
    signs ask for one, or when it names an account at all: nobody confirms bank details to a stranger.
    """
    if not reading.dangers:
        return
    own = {_bare(iban) for iban in reading.ledger.company.ibans} if reading.ledger.company else set()
    named = named_accounts(reply)
    foreign = next((account for account in named if account not in own), None)
    if foreign is not None:
        raise NotAllowed(
            f"The reply names the bank account {foreign}, which is not ours, and this mail bears danger signs. "
            "Take it out of the text."
        )
    if (asks_for_a_call(reading.dangers) or named) and not called:
        raise NotAllowed(
            "This mail bears danger signs. Call a number that you already had, not one from this mail, and tick that you "
            "did; or approve without a reply."
        )


def _bare(iban: str) -> str:
    return "".join(iban.upper().split())
