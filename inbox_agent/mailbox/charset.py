"""Bytes to text when the declared charset is missing, misspelt or wrong; the result can always be stored as UTF-8."""

import codecs
import re

_ALIASES = {
    "us-ascii": "cp1252",
    "ascii": "cp1252",
    "ansi": "cp1252",
    "ansi_x3.4-1968": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin1": "cp1252",
    "latin-1": "cp1252",
    "windows-1252": "cp1252",
    "x-ansi": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-8-i": "iso-8859-8",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
    "windows-31j": "cp932",
    "utf8mb4": "utf-8",
    "unicode-1-1-utf-8": "utf-8",
    "unicode-1-1-utf-7": "utf-7",
    "macintosh": "mac-roman",
    "x-mac-roman": "mac-roman",
}
"""Names as mail writes them, and the codec that reads what is meant (WHATWG Encoding Standard, section 4.2)."""

_WESTERN = frozenset({"cp1252"})
_SEVEN_BIT = frozenset({"us-ascii", "ascii", "ansi_x3.4-1968", ""})
_NOT_FOR_MAIL = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "undefined", "mbcs", "oem"})
_UNSTORABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_SPACE = re.compile("[ \t\n\x85\u2028\u2029]+")
_LINE_END = re.compile("\r{0,2}\n|\r")
_BOMS = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


def decode(data: bytes, declared: str = "") -> tuple[str, str]:
    """Text, and what had to be repaired in plain words ("" when the declared charset simply held). Never raises.

    A byte order mark decides first. UTF-8 that was declared as Western European or not at all is read as UTF-8: other text
    hardly ever happens to be valid UTF-8. UTF-8 with a few broken bytes keeps its good ones; otherwise the reading is
    windows-1252, in which every byte means something.
    """
    for mark, marked in _BOMS:
        if data.startswith(mark):
            return data[len(mark) :].decode(marked, "replace"), ""
    name = declared.strip(" \t\"'<>").lower()
    codec = _codec(name)
    if data.isascii() and codec in (None, "cp1252", "utf-8"):
        problem = f"unknown charset {name}, read as ASCII" if name and codec is None else ""
        return data.decode("ascii"), problem
    if codec is None or codec in _WESTERN:
        text = _strict(data, "utf-8")
        if text is not None:
            return text, "" if name in _SEVEN_BIT else f"charset {name} is wrong, read as UTF-8"
        problem = "" if codec and name not in _SEVEN_BIT else f"{_called(name)}, read as windows-1252"
        return data.decode("cp1252", "replace").replace("\ufffd", ""), problem
    text = _strict(data, codec)
    if text is not None:
        return text, ""
    text = data.decode(codec, "replace")
    if codec == "utf-8" and text.count("\ufffd") * 4 > sum(character > "\x7f" for character in text):
        return data.decode("cp1252", "replace").replace("\ufffd", ""), f"{_called(name)}, read as windows-1252"
    return text, f"some bytes are not valid {name}"


def storable(text: str) -> str:
    """Text with \\n as its only line end and without control characters and lone surrogates."""
    return _UNSTORABLE.sub(_replacement, _LINE_END.sub("\n", text))


def one_line(text: str) -> str:
    """Storable text on one line, white space collapsed; a no-break space is kept, since it is no place to break."""
    return _SPACE.sub(" ", storable(text)).strip()


def _replacement(found: re.Match[str]) -> str:
    return "\ufffd" if found.group() >= "\ud800" else ""


def _codec(name: str) -> str | None:
    """Python's name of the codec, or None for one that is unknown or not meant for mail."""
    if not name:
        return None
    try:
        codec = codecs.lookup(_ALIASES.get(name, name)).name
        b"a".decode(codec, "replace")
    except (LookupError, ValueError):  # unknown, or not a text encoding (rot13, hex)
        return None
    return None if codec in _NOT_FOR_MAIL else codec


def _strict(data: bytes, codec: str) -> str | None:
    try:
        return data.decode(codec)
    except (UnicodeError, LookupError, ValueError):
        return None


def _called(name: str) -> str:
    return f"charset {name} is wrong or unknown" if name else "no charset named"
