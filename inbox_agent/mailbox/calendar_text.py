"""An invitation (RFC 5545) as a few readable lines: what, when, where, who."""

import re

from inbox_agent.mailbox.charset import storable

_LABELS = {
    "METHOD": "Method",
    "SUMMARY": "Summary",
    "DTSTART": "Start",
    "DTEND": "End",
    "LOCATION": "Location",
    "ORGANIZER": "Organizer",
    "DESCRIPTION": "Description",
}
_FOLD = re.compile(r"\n[ \t]")
_LINE = re.compile(r'([A-Z-]{1,40})((?:;[^":;\n]*(?:"[^"\n]*"[^":;\n]*)*)*):(.*)')
_MOMENT = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?")
_ESCAPE = re.compile(r"\\([\\;,nN])")
_COMMON_NAME = re.compile(r'CN="?([^";:]*)')
_ZONE = re.compile(r'TZID="?([^";:]*)')
_MAX_EVENTS = 20


def calendar_text(text: str) -> str:
    """The events of a calendar, one labelled line per property, in the order of the file. Times stay in their own zone."""
    lines: list[str] = []
    events, outside = 0, 0
    for line in _FOLD.sub("", storable(text)).split("\n"):
        upper = line.strip().upper()
        if upper == "BEGIN:VEVENT":
            events += 1
            if events > _MAX_EVENTS:
                break
            lines.extend([""] if lines else [])
        elif upper in ("BEGIN:VTIMEZONE", "BEGIN:VALARM"):
            outside += 1
        elif upper in ("END:VTIMEZONE", "END:VALARM"):
            outside -= 1
        elif outside <= 0:
            found = _LINE.match(line[:10_000])
            if found and found.group(1) in _LABELS and found.group(3).strip():
                lines.append(f"{_LABELS[found.group(1)]}: {_value(*found.groups())}")
    return "\n".join(lines).strip()


def _value(name: str, parameters: str, value: str) -> str:
    if name.startswith("DT"):
        moment = _MOMENT.match(value.strip())
        if moment is None:
            return value.strip()
        year, month, day, hour, minute, _, utc = moment.groups()
        zone = _ZONE.search(parameters)
        label = " UTC" if utc else f" ({zone.group(1)})" if zone and hour else ""
        return f"{year}-{month}-{day}" + (f" {hour}:{minute}{label}" if hour else "")
    if name == "ORGANIZER":
        email = re.sub("^mailto:", "", value.strip(), flags=re.IGNORECASE)
        common = _COMMON_NAME.search(parameters)
        return f"{common.group(1)} <{email}>" if common and common.group(1) else email
    return _ESCAPE.sub(lambda escape: "\n" if escape.group(1) in "nN" else escape.group(1), value).strip()
