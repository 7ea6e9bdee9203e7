"""A mail's body, split by who wrote what. Offsets always refer to `Mail.text`."""

from dataclasses import dataclass, replace
from enum import StrEnum

from inbox_agent.domain.mail import Address
from inbox_agent.domain.taxonomy import Language


class PartKind(StrEnum):
    """What a stretch of a body is."""

    NEW = "new"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    QUOTE = "quote"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class QuotedHeader:
    """What stands above a quoted or forwarded mail. `sent` and `subject` as written, "" where nothing is.

    `sender` may lack the address (Outlook writes only the name) or the name; None where no sender is named.
    """

    sender: Address | None = None
    sent: str = ""
    subject: str = ""


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch `source[start:end]`. Each quoted or forwarded mail is a part of its own, with its header.

    A `DISCLAIMER` has one where it is the frame above a form or ticket that says who wrote.
    """

    kind: PartKind
    start: int
    end: int
    header: QuotedHeader | None = None


@dataclass(frozen=True, slots=True)
class MailText:
    """The read body: parts in order, without gaps or overlaps, covering `source` from 0 to its end.

    `language` is that of the sender's new text (guide, "Language"); a guess unless `language_is_clear`.
    """

    source: str
    parts: tuple[TextPart, ...]
    language: Language
    language_is_clear: bool = True

    def in_language(self, usual: Language | None) -> "MailText":
        """This text, in the usual language of its readers where its own does not show: answered in that one."""
        return self if usual is None or self.language_is_clear else replace(self, language=usual)

    @property
    def new(self) -> tuple[TextPart, ...]:
        """The sender's own new text, usually one part; several when answers stand between quotes."""
        return tuple(part for part in self.parts if part.kind is PartKind.NEW)

    @property
    def history(self) -> tuple[TextPart, ...]:
        """Each mail that was quoted or forwarded, in the order of the body."""
        return tuple(part for part in self.parts if part.kind in (PartKind.QUOTE, PartKind.FORWARD))

    @property
    def forwarded_from(self) -> Address | None:
        """Who wrote what was passed on: the forwarded mail, or the words below the frame of a form or ticket.

        None when nothing was passed on or its sender is not named.
        """
        for part in self.parts:
            if part.kind in (PartKind.FORWARD, PartKind.DISCLAIMER) and part.header and part.header.sender:
                return part.header.sender
        return None

    @property
    def reply_text(self) -> str:
        """The sender's own new text as one string (guide, `reply_text`)."""
        return "\n".join(self.source[part.start : part.end].strip("\r\n ") for part in self.new).strip("\r\n ")
