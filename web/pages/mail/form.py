"""What the decision form sends, read into `Approval`. A value that no page of ours sends is refused."""

import re
from typing import Annotated, Literal

from fastapi import Depends, File, Form, UploadFile

from inbox_agent.domain.taxonomy import Intent, RecordType
from inbox_agent.review.recipients import addresses_in
from inbox_agent.review.views import Approval, UploadedFile
from web.errors import RequestUnreadable
from web.pages.mail.amendments import Amendments, TheAddition
from web.pages.mail.record_keys import record_key

_LONGEST = 50_000
_KEPT = re.compile(r"(\d{1,9}):(\d{1,2})", re.ASCII)


def records_of(record: Annotated[list[str] | None, Form()] = None) -> tuple[tuple[RecordType, int], ...]:
    """The ticked records, "dispute:12". Raises `RequestUnreadable`."""
    return tuple(dict.fromkeys(record_key(key) for key in record or []))


def intents_of(intent: Annotated[list[str] | None, Form()] = None) -> tuple[Intent, ...]:
    """The ticked intents, in the order of the taxonomy. Raises `RequestUnreadable`."""
    chosen = set(intent or [])
    if not chosen <= {member.value for member in Intent}:
        raise RequestUnreadable
    return tuple(member for member in Intent if member.value in chosen)


def files_of(files: Annotated[list[UploadFile] | None, File()] = None) -> tuple[UploadedFile, ...]:
    """The chosen files. A browser sends one without name when none was chosen. `BodyLimit` bounds them all together."""
    return tuple(UploadedFile(file.filename, file.file.read()) for file in files or () if file.filename)


def kept_files_of(kept_file: Annotated[list[str] | None, Form()] = None) -> tuple[tuple[int, int], ...]:
    """The ticked files of an earlier reply, "12:0". Raises `RequestUnreadable`."""
    found = [_KEPT.fullmatch(value) for value in kept_file or ()]
    if not all(found):
        raise RequestUnreadable
    return tuple((int(one[1]), int(one[2])) for one in found if one)


Files = Annotated[tuple[UploadedFile, ...], Depends(files_of)]
KeptFiles = Annotated[tuple[tuple[int, int], ...], Depends(kept_files_of)]
Records = Annotated[tuple[tuple[RecordType, int], ...], Depends(records_of)]
Intents = Annotated[tuple[Intent, ...], Depends(intents_of)]


def approval_of(
    accepted: Records,
    intents: Intents,
    amendments: Amendments,
    addition: TheAddition,
    files: Files,
    kept_files: KeptFiles,
    version: Annotated[int, Form()],
    action: Annotated[Literal["send", "quiet"], Form()],
    subject: Annotated[str, Form(max_length=2000)] = "",
    body: Annotated[str, Form(max_length=_LONGEST)] = "",
    intents_shown: Annotated[bool, Form()] = False,
    called: Annotated[bool, Form()] = False,
    to: Annotated[str | None, Form(max_length=4000)] = None,
    cc: Annotated[str, Form(max_length=4000)] = "",
    checked: Annotated[list[str] | None, Form()] = None,
) -> Approval:
    """What was approved: `action` "send" with the reply, "quiet" without; never guessed. `intents_shown`: none ticked means none.

    `called`: a known number was called, as danger signs ask. `to` None: whom it is proposed to go to. `checked`: each tick names
    the addresses that it is for.
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
        to=None if to is None else addresses_in(to),
        cc=addresses_in(cc),
        checked=tuple(address for tick in checked or () for address in tick.split(",")),
        files=files,
        kept_files=kept_files,
    )


TheApproval = Annotated[Approval, Depends(approval_of)]
