"""Plain text bodies: format=flowed joined again, and stand-ins for HTML told from text."""

import re

_STAND_INS = re.compile(
    r"(?:this (?:message|e-?mail|mail)|your (?:e-?mail|mail) (?:client|program|reader)|d(?:it|eze) (?:bericht|e-?mail)|diese (?:nachricht|"
    r"e-?mail)|ce (?:message|courriel)|(?:to|om|um|pour) (?:view|dit|diese|voir))[^\n]{0,120}\bhtml\b|^\W*html(?: e-?mail)?\W*$",
    re.IGNORECASE,
)
"""What programs write into the plain part when they only made an HTML one, in the languages of the product."""

_STAND_IN_LENGTH = 300
_QUOTE = re.compile(r"(>*) ?")


def is_stand_in(text: str) -> bool:
    """Whether a plain part only says that one should look at the HTML part."""
    stripped = text.strip()
    return not stripped or (len(stripped) <= _STAND_IN_LENGTH and _STAND_INS.search(stripped) is not None)


def unflowed(text: str, *, delete_space: bool) -> str:
    """Paragraphs of format=flowed on one line each (RFC 3676): a line that ends in a space goes on in the next.

    `delete_space` is the parameter DelSp=yes: the space at the end is no part of the text. The signature separator "-- "
    never flows, nor do lines of different quote depth.
    """
    lines: list[str] = []
    paragraph: list[str] = []
    depth = 0

    def end_paragraph() -> None:
        if paragraph:
            lines.append((">" * depth + " " if depth else "") + "".join(paragraph))
            paragraph.clear()

    for line in text.split("\n"):
        found = _QUOTE.match(line)
        marks = found.group(1) if found else ""
        content = line[len(marks) :].removeprefix(" ")
        if len(marks) != depth or content == "-- ":
            end_paragraph()
        depth = len(marks)
        flows = content.endswith(" ") and content != "-- "
        paragraph.append(content[:-1] if flows and delete_space else content)
        if not flows:
            end_paragraph()
    end_paragraph()
    return "\n".join(lines)
