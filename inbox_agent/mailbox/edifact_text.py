"""An EDIFACT remittance advice (REMADV, UN/EDIFACT D.96A and later) as a table a person can read."""

import re

TABLE = "Invoice\tDate\tAmount\tDiscount\tDeduction\tPaid"
MAX_SEGMENTS = 20_000

_SERVICE = re.compile(r"UNA(.)(.)(.)(.)(.)(.)", re.DOTALL)
_REFERENCE_DATES = ("3", "137", "171")
_PAYMENT_DATES = ("203", "209", "138", "140")
_CREDIT_NOTES = ("381", "384")
_AMOUNTS = {"9": "amount", "77": "amount", "38": "amount", "52": "discount", "21": "discount", "165": "deduction"}
_PAID = ("12", "11", "86")
"""Qualifiers (code lists 1001, 2005, 5025): document, date and amount."""


def edifact_text(text: str) -> str:
    """The advice in `text`, "" when it is no REMADV. Segments that cannot be understood are left out."""
    start = re.search(r"UN[AB](?=[^A-Za-z0-9])", text[:200])
    if start is None or "REMADV" not in text[:2_000]:
        return ""
    marks = _SERVICE.match(text, start.start())
    part, element, decimal, escape, end = marks.group(1, 2, 3, 4, 6) if marks else (":", "+", ".", "?", "'")
    body = text[marks.end() if marks else start.start() :]
    lines: list[str] = []
    rows: list[dict[str, str]] = []
    currency = ""
    for segment in _split(body, end, escape)[:MAX_SEGMENTS]:
        data = [
            [re.sub(re.escape(escape) + "(.)", r"\1", value) for value in _split(piece, part, escape)]
            for piece in _split(segment.strip(), element, escape)
        ]
        tag, values = data[0][0], [*data[1:], [""], [""]]
        first = [*values[0], "", ""]
        if tag == "BGM":
            lines.append(f"Remittance advice {values[1][0]}".rstrip())
        elif tag == "CUX" and len(first) > 1:
            currency = first[1]
        elif tag == "UNS":  # what follows sums up
            break
        elif tag == "DOC":
            rows.append({"number": values[1][0], "kind": first[0]})
        elif tag == "DTM" and rows and first[0] in _REFERENCE_DATES:
            rows[-1].setdefault("date", _day(first[1]))
        elif tag == "DTM" and not rows and first[0] in _PAYMENT_DATES:
            lines.append(f"Payment date: {_day(first[1])}")
        elif tag == "MOA" and rows:
            name = "paid" if first[0] in _PAID else _AMOUNTS.get(first[0], "")
            value = first[1].replace(decimal, ".")
            if name and re.fullmatch(r"-?\d{1,12}(\.\d{1,3})?", value):
                rows[-1].setdefault(name, f"{value} {first[2] or currency}".strip())
    return "\n".join([*lines, TABLE, *(_row(row) for row in rows)]) if rows else ""


def _row(row: dict[str, str]) -> str:
    paid = row.get("paid") or row.get("amount", "")
    if row["kind"] in _CREDIT_NOTES and paid and not paid.startswith("-"):
        paid = f"-{paid}"
    return "\t".join(
        (row["number"], *(row.get(name, "") for name in ("date", "amount", "discount", "deduction")), paid)
    )


def _split(text: str, mark: str, escape: str) -> list[str]:
    """The pieces between the marks; a mark after the release character is text, and that character stays for now."""
    return re.split(rf"(?<!{re.escape(escape)}){re.escape(mark)}", text)


def _day(digits: str) -> str:
    found = re.match(r"(\d{4})(\d\d)(\d\d)", digits)
    return "-".join(found.groups()) if found else digits
