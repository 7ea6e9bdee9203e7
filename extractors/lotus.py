"""Headers of quoted mails as Lotus Notes writes them: a drawn box, or labels without a colon."""

import re
from collections.abc import Sequence

from extractors.headers import DATE, TIME, Headers, Intro, address
from extractors.lines import Line
from inbox_agent.domain.text import QuotedHeader

_TABLE = re.compile(r"\|[-+]{5,}")


def read_box(headers: Headers, lines: Sequence[Line], index: int) -> Intro | None:
    """The drawn box of Lotus Notes 6, with sender and date in it, and the header lines below it."""
    if not _TABLE.match(lines[index].content):
        return None
    cells: list[str] = []
    end = index
    for place in range(index + 1, min(len(lines), index + 8)):
        if _TABLE.match(lines[place].content):
            end = place
            break
        cells.append(lines[place].content.strip("| \t>"))
    if end == index:
        return None
    sent = next((cell for cell in cells if DATE.search(cell)), "")
    sender = address(" ".join(cell for cell in cells if cell and cell != sent))
    subject = ""
    while end + 1 < len(lines) and (named := headers.named(lines[end + 1].content)):
        subject = named[1] if named[0] == "subject" else subject
        end += 1
    return Intro(end - index + 1, QuotedHeader(sender, sent, subject))


def read_labels(headers: Headers, lines: Sequence[Line], index: int) -> Intro | None:
    """Lotus Notes: sender and date on one line or two, then "To" and "Subject" without a colon, each alone on a line."""
    window = lines[index : index + 10]
    if not (
        DATE.search(" ".join(line.content for line in window[:2]))
        and TIME.search(" ".join(line.content for line in window[:2]))
    ):
        return None
    labels = [place for place, line in enumerate(window) if place and headers.is_label(line.content)]
    if len(labels) < 2 or labels[0] > 4 or any(headers.named(line.content) for line in window[: labels[0]]):
        return None
    head = " ".join(line.content for line in window[: labels[0]])
    date = DATE.search(head)
    sender = address(head[: date.start()] if date else head)
    last = index + labels[-1]
    named = headers.named(lines[last].content)
    value = named[1] if named else lines[last].content.partition("\t")[2].strip()
    if not value and last + 1 < len(lines) and lines[last + 1].content:
        last, value = last + 1, lines[last + 1].content
    return Intro(last - index + 1, QuotedHeader(sender, head[date.start() :][:100] if date else "", value[:300]))
