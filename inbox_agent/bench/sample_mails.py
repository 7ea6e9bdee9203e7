"""The mails that `bench classify` reads: those of the sample mailbox, as they came or fitted to a number of tokens."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from itertools import cycle, islice
from typing import TYPE_CHECKING

from classifiers import corpus
from classifiers.corpus import Record
from inbox_agent.domain.errors import CorpusError
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText, PartKind, TextPart

if TYPE_CHECKING:
    from tokenizers import Tokenizer

ReadMail = tuple[Mail, MailText]

_FILLER = "a"
"""One token of its own, whatever stands before it."""


def records() -> list[Record]:
    """The labelled sample mails. Raises `CorpusError` when they are not there."""
    found = list(corpus.read(sorted((corpus.FOLDER.parent / "mails").glob("*/gold.jsonl"))))
    if not found:
        raise CorpusError("The sample mails are not there. Run the bench from a checkout of the repository.")
    return found


def fitted(tokenizer: "Tokenizer", labelled: Sequence[Record], tokens: int) -> list[ReadMail]:
    """Each mail's subject and new text in exactly `tokens` tokens, marks included, as the network sees them.

    A shorter text says itself again; history and attachments are left out.
    """
    return [_fitted(tokenizer, record, tokens) for record in labelled]


def plain(mail: Mail, language: Language) -> ReadMail:
    """A mail whose whole body is new text."""
    return mail, MailText(mail.text, (TextPart(PartKind.NEW, 0, len(mail.text)),), language)


def _fitted(tokenizer: "Tokenizer", record: Record, tokens: int) -> ReadMail:
    from classifiers.encoder.view import views

    words = list(islice(cycle(record.gold.reply_text.split() or [_FILLER]), tokens))

    def length(count: int) -> int:
        return len(next(views(tokenizer, record.mail.subject, " ".join(words[:count]), "")))

    count = bisect_right(range(tokens + 1), tokens, key=length) - 1
    text = " ".join([*words[:count], *[_FILLER] * (tokens - length(count))])
    return plain(replace(record.mail, text=text, html="", attachments=()), record.gold.language)
