"""What reading a mail may cost: every limit of this package, in one frozen place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Sizes are bytes, times seconds, the rest counts.

    `text` bounds the readable body and `html` the HTML kept; what lies beyond is left out with a line in `Mail.problems`.
    `attachment` is the largest attachment that is opened; `attachment_text` the text kept of one.
    `unpacked` bounds what one compressed file may unfold to; `reader_memory` and `reader_time` hold for the process that
    reads one PDF or workbook, `reading_time` for all attachments of one mail together.
    """

    mail: int = 60 * 1024 * 1024
    text: int = 500_000
    html: int = 1_000_000
    html_tags: int = 100_000
    attachment: int = 10 * 1024 * 1024
    attachment_text: int = 100_000
    attachments_read: int = 25
    pages: int = 20
    cells: int = 5_000
    unpacked: int = 50 * 1024 * 1024
    reader_memory: int = 1024 * 1024 * 1024
    reader_time: int = 20
    reading_time: int = 60
    nested_mails: int = 3
    subject: int = 1_000
    addresses: int = 500
    references: int = 100


LIMITS = Limits()
