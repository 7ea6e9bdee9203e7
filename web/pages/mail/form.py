"""What the decision form sends, read into `Approval`. A value that no page of ours sends is refused."""

from typing import Annotated, Literal

from fastapi import Depends, Form

from inbox_agent.domain.taxonomy import Intent, RecordType
from inbox_agent.review.views import Approval
from web.errors import RequestUnreadable
from web.pages.mail.amendments import Amendments, TheAddition
from web.pages.mail.record_keys import record_key

_LONGEST = 50_000


def records_of(record: Annotated[list[str] | None, Form()] = None) -> tuple[tuple[RecordType, int], ...]:
    """The ticked records, "dispute:12". Raises `RequestUnreadable`."""
    return tuple(dict.fromkeys(record_key(key) for key in record or []))


def intents_of(intent: Annotated[list[str] | None, Form()] = None) -> tuple[Intent, ...]:
    """The ticked intents, in the order of the taxonomy. Raises `RequestUnreadable`."""
    chosen = set(intent or [])
    if not chosen <= {member.value for member in Intent}:
        raise RequestUnreadable
    return tuple(member for member in Intent if member.value in chosen)


Records = Annotated[tuple[tuple[RecordType, int], ...], Depends(records_of)]
Intents = Annotated[tuple[Intent, ...], Depends(intents_of)]


def approval_of(
    accepted: Records,
    intents: Intents,
    amendments: Amendments,
    addition: TheAddition,
    version: Annotated[int, Form()],
    action: Annotated[Literal["send", "quiet"], Form()],
    subject: Annotated[str, Form(max_length=2000)] = "",
    body: Annotated[str, Form(max_length=_LONGEST)] = "",
    intents_shown: Annotated[bool, Form()] = False,
    called: Annotated[bool, Form()] = False,
) -> Approval:
    """What was approved: `action` "send" with the reply, "quiet" without; never guessed. `intents_shown`: none ticked means none.

    `called`: a known number was called, as danger signs ask.
    """
    reply = body.replace("\r\n", "\n") if action == "send" else None
    return Approval(
        version=version,
        accepted=accepted,
        subject=subject,
        reply=reply,
        intents=intents if intents_shown else None,
        called=called,
        amendments=amendments,
        addition=addition,
    )


TheApproval = Annotated[Approval, Depends(approval_of)]
