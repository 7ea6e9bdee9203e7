"""What looks like a document number in running text, and when two spellings are the same number."""

import re

TOKEN = re.compile(
    r"(?<![\w@./+-])(?<!\d[, ])(?:(?-i:[A-Z]{1,6}) )?(?:[A-Z]{1,6}[-/.]?)?(?:[A-Z]{0,4}\d[\dA-Z]{0,19})(?:[-/._][\dA-Z]{1,12}){0,5}(?![\w@]|[.,]\d)",
    re.IGNORECASE,
)
"""A stretch of letters and digits with at least one digit; a prefix may stand before a blank when it is in capitals."""


def normal(number: str) -> str:
    """Letters and digits alone, upper case: two spellings of one number are equal."""
    return re.sub(r"[^0-9A-Z]", "", number.upper())
