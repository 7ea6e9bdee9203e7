"""A mail's body, split by who wrote what. Offsets always refer to `Mail.text`."""

from dataclasses import dataclass
from enum import StrEnum

from inbox_agent.domain.taxonomy import Language


class PartKind(StrEnum):
    """What a stretch of a body is."""

    NEW = "new"
    SIGNATURE = "signature"
    DISCLAIMER = "disclaimer"
    QUOTE = "quote"
    FORWARD = "forward"


@dataclass(frozen=True, slots=True)
class TextPart:
    """A stretch `source[start:end]`."""

    kind: PartKind
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MailText:
    """The read body: parts in order, without gaps or overlaps, covering `source` from 0 to its end.

    `language` is that of the sender's new text (guide, "Language").
    """

    source: str
    parts: tuple[TextPart, ...]
    language: Language

    @property
    def new(self) -> tuple[TextPart, ...]:
        """The sender's own new text, usually one part; several when answers stand between quotes."""
        return tuple(part for part in self.parts if part.kind is PartKind.NEW)

    @property
    def reply_text(self) -> str:
        """The sender's own new text as one string (guide, `reply_text`)."""
        return "\n".join(self.source[part.start : part.end].strip("\r\n ") for part in self.new).strip("\r\n ")
