"""The reply as its form shows it: proposed, or taken back, or returned, or as it was typed before it was refused."""

from collections.abc import Sequence
from dataclasses import dataclass

from inbox_agent.review.addressing import Addressing
from inbox_agent.review.composing import Below
from inbox_agent.review.views import Approval, ReplyFile, ReplyView


@dataclass(frozen=True, slots=True)
class ReplyForm:
    """`to` empty: nobody can be answered, for the reason `because`. `to_check` are addresses that want a tick first.

    `files` are those of an earlier reply that did not leave, as (value of the checkbox, file). `refusal`: why what was typed was
    not accepted; `files_lost` says that files have to be chosen again.
    """

    to: tuple[str, ...]
    cc: tuple[str, ...]
    because: str
    to_check: tuple[str, ...]
    subject: str
    body: str
    signature: str
    quoted: str
    files: tuple[tuple[str, ReplyFile], ...] = ()
    refusal: str = ""
    files_lost: bool = False

    @property
    def opens(self) -> bool:
        """Whether To and Cc are to be seen at once."""
        return bool(self.to_check or self.cc or self.refusal)


def reply_form(
    subject: str,
    body: str,
    addressing: Addressing,
    below: Below,
    earlier: ReplyView | None,
    typed: Approval | None = None,
    refusal: str = "",
) -> ReplyForm:
    """`subject` and `body` are what was drafted; `earlier` is the last reply to the mail."""
    files: Sequence[ReplyFile] = ()
    to, cc = addressing.to, tuple[str, ...]()
    if earlier is not None and earlier.came_back and earlier.body is not None and addressing.to:
        subject, body, to, cc, files = earlier.subject, earlier.body, earlier.recipients, earlier.cc, earlier.files
    if typed is not None:
        subject, body, to, cc = typed.subject, typed.reply or "", typed.to or to, typed.cc
    return ReplyForm(
        to=to,
        cc=cc,
        because=addressing.because,
        to_check=addressing.to_check,
        subject=subject,
        body=body,
        signature=below.signature,
        quoted=below.quoted,
        files=tuple((f"{earlier.reply_id}:{file.position}", file) for file in files) if earlier else (),
        refusal=refusal,
        files_lost=bool(typed and typed.files),
    )
