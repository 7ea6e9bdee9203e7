"""HTML mail as readable text: tables as rows with a tab between cells, links with their address, quoted history marked with "> ".

libxml2's event parser is linear and keeps no tree; the renderer on top keeps one small frame per open element, so
neither depth nor size can hurt. (inscriptis was ruled out: it pads layout tables into wide columns, recurses over a tree, and
knows neither quotes nor hidden text.)
"""

import re
from dataclasses import dataclass, field

from lxml import etree

from inbox_agent.mailbox.charset import storable
from inbox_agent.mailbox.html_attributes import bare, draws_rule, has_no_margin, is_hidden, is_quote, is_signature, link
from inbox_agent.mailbox.limits import LIMITS

_CHUNK = 64 * 1024
_MAX_QUOTE = 20
_MAX_TABLES = 30
"""Tables in tables that are laid out; each level copies its lines once more."""
_RULE = "_" * 32
"""What Outlook writes into its own plain text for <hr>; the reader of quoted history knows it."""

_SIGNATURE_MARK = "--"
_BLOCK_TAGS = (
    "address article aside blockquote body caption center dd details div dl dt fieldset figure footer form h1 h2 h3 h4 h5 h6"
    " header html li main nav ol p pre section table tbody tfoot thead tr ul"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
_SPACED = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "pre"})
_CELLS = frozenset({"td", "th"})
_INVISIBLE = re.compile("[\u00ad\u034f\u200b-\u200f\u2060\ufeff]")
_SPACE = re.compile("[ \t\n\r\f]+")
_TAG = re.compile("<[^<>]{0,2000}>")


def html_text(html: str) -> str:
    """Readable text of an HTML mail; "" when it shows nothing. Neither input beyond `LIMITS.html` nor
    output beyond about `LIMITS.text` is read. Never raises.

    Quoted history stays recognisable: a blockquote's lines start with "> ", and Outlook's "Van: / Verzonden:" block keeps
    its lines, with a rule before it where the mail draws one. A container that a mail program marks as signature begins
    with the line "--" (RFC 3676, 4.3), so that its end is told from the text's.
    """
    html = _INVISIBLE.sub("", html[: LIMITS.html].replace("\0", ""))
    renderer = _Renderer()
    parser = etree.HTMLParser(target=renderer, encoding="utf-8", huge_tree=True, no_network=True)
    data = html.encode("utf-8", "replace")
    try:
        for at in range(0, len(data), _CHUNK):
            parser.feed(data[at : at + _CHUNK])
        parser.close()
    except etree.LxmlError:
        if not renderer.seen:
            return storable(_TAG.sub(" ", html)).strip()
    return storable(renderer.text())


@dataclass(slots=True)
class _Frame:
    """An open element, and what has to happen when it ends."""

    tag: str
    hidden: bool = False
    quoted: bool = False
    pre: bool = False
    table: bool = False
    cell: bool = False
    link: str = ""
    link_at: tuple[int, int] = (0, 0)
    items: int = -1


@dataclass(slots=True)
class _Cell:
    """Lines of a table cell, or of the mail itself; `gap` asks for an empty line before the next text,
    `bullet` says that the next text still belongs beside a bullet."""

    lines: list[str] = field(default_factory=lambda: [""])
    gap: bool = False
    bullet: bool = False
    quote: int = 0


@dataclass(slots=True)
class _Table:
    """An open table and the cells of its open row."""

    row: list[_Cell] = field(default_factory=list)
    in_cell: bool = False


class _Renderer:
    """Target of the event parser. The parser closes what the mail left open, so frames always pair up."""

    def __init__(self) -> None:
        self.frames: list[_Frame] = []
        self.cells: list[_Cell] = [_Cell()]
        self.tables: list[_Table] = []
        self.hidden = self.quote = self.pre = self.tags = 0
        self.left = LIMITS.text
        self.seen = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.seen = True
        self.tags += 1
        frame = _Frame(tag, hidden=self.tags > LIMITS.html_tags or is_hidden(tag, attributes))
        self.frames.append(frame)
        self.hidden += frame.hidden
        if self.hidden:
            return
        if tag == "br":
            self._break()
        elif tag == "hr":
            self._block()
            self._write(_RULE)
            self._block()
        elif tag in _BLOCKS or tag in _CELLS:
            self._open_block(frame, attributes)
            if not self.quote and is_signature(attributes):
                self._mark_signature()
        elif tag == "a":
            frame.link = link(attributes.get("href", ""))
            frame.link_at = self._place()

    def end(self, tag: str) -> None:
        if not self.frames:
            return
        frame = self.frames.pop()
        if self.hidden:
            self.hidden -= frame.hidden
            return
        if frame.link:
            self._write_link(frame)
        if frame.cell:
            self.tables[-1].row.append(self.cells.pop())
            self.tables[-1].in_cell = False
        elif tag == "tr" and self.tables and not self.tables[-1].in_cell:
            self._end_row()
        elif frame.table:
            self._end_row()
            self.tables.pop()
            self._block()
        elif tag in _BLOCKS or tag in _CELLS:
            self._block()
            self.quote -= frame.quoted
            self.pre -= frame.pre
            self.cells[-1].gap |= tag in _SPACED and not self._in_list(-1)

    def data(self, text: str) -> None:
        self.seen = True
        if self.hidden:
            return
        if self.pre:
            for place, line in enumerate(text.splitlines() or [text]):
                if place:
                    self._break()
                self._write(line)
            if text.endswith("\n"):
                self._break()
            return
        self._write(_SPACE.sub(" ", text))

    def comment(self, text: str) -> None:
        """Comments, Outlook's conditional ones among them, are not shown."""

    def close(self) -> None:
        while self.frames:
            self.end(self.frames[-1].tag)

    def text(self) -> str:
        """Everything written so far, at most one empty line in a row."""
        while self.tables:
            if self.tables[-1].in_cell:
                self.tables[-1].row.append(self.cells.pop())
            self._end_row()
            self.tables.pop()
        lines: list[str] = []
        for line in self.cells[0].lines:
            line = line.rstrip()
            if line.strip("> ") or (lines and lines[-1].strip("> ")):
                lines.append(line)
        return "\n".join(lines).strip("\n")

    def _open_block(self, frame: _Frame, attributes: dict[str, str]) -> None:
        tag = frame.tag
        if tag in _CELLS and self.tables and not self.tables[-1].in_cell:
            self.tables[-1].in_cell = frame.cell = True
            self.cells.append(_Cell(quote=self.quote))
            return
        self._block()
        if tag == "table" and len(self.tables) < _MAX_TABLES:
            frame.table = True
            self.tables.append(_Table())
        elif tag == "blockquote":
            frame.quoted = self.quote < _MAX_QUOTE and is_quote(attributes)
            self.quote += frame.quoted
        elif tag == "pre":
            frame.pre = True
            self.pre += 1
        elif tag in ("ul", "ol"):
            frame.items = 0
        elif tag == "li":
            self._write(self._bullet())
            self.cells[-1].bullet = True
        elif draws_rule(attributes):
            self._write(_RULE)
            self._block()
        if tag in _SPACED and not self._in_list(-2) and not has_no_margin(attributes):
            self.cells[-1].gap |= bool(self.cells[-1].lines[-1] or len(self.cells[-1].lines) > 1)

    def _mark_signature(self) -> None:
        before = [line.strip() for line in self.cells[-1].lines[-3:] if line.strip()]
        if before[-1:] != [_SIGNATURE_MARK]:
            self._write(_SIGNATURE_MARK)
            self._block()

    def _in_list(self, place: int) -> bool:
        return len(self.frames) > 1 and self.frames[place].tag in ("ul", "ol", "li")

    def _bullet(self) -> str:
        parent = self.frames[-2] if len(self.frames) > 1 else None
        if parent is None or parent.tag != "ol":
            return "- "
        parent.items += 1
        return f"{parent.items}. "

    def _place(self) -> tuple[int, int]:
        lines = self.cells[-1].lines
        return len(lines), len(lines[-1])

    def _write(self, text: str) -> None:
        cell = self.cells[-1]
        if not self.pre and cell.lines[-1].strip("> ") == "":
            text = text.lstrip(" ")
        if not text or self.left < 0:
            return
        cell.bullet = cell.bullet and not text.strip()
        mark = "> " * (self.quote - cell.quote)
        if cell.gap:
            cell.lines[-1:] = [*(cell.lines[-1:] if cell.lines[-1] else []), mark.rstrip(), ""]
            cell.gap = False
        if not cell.lines[-1]:
            cell.lines[-1] = mark
        if not self.pre and cell.lines[-1].endswith(" ") and text.startswith(" "):
            text = text[1:]
        cell.lines[-1] += text
        self.left -= len(text) + 2 * len(mark)  # an empty line before it bears the mark too

    def _break(self) -> None:
        """A line end that the mail asked for; an empty line stays one."""
        if not self.cells[-1].lines[-1]:
            self.cells[-1].lines[-1] = ("> " * (self.quote - self.cells[-1].quote)).rstrip()
        self.cells[-1].lines.append("")

    def _block(self) -> None:
        """The next text starts a line of its own."""
        if self.cells[-1].lines[-1] and not self.cells[-1].bullet:
            self.cells[-1].lines.append("")

    def _write_link(self, frame: _Frame) -> None:
        count, offset = frame.link_at
        lines = self.cells[-1].lines
        if len(lines) < count:
            return
        shown = " ".join([lines[count - 1][offset:], *lines[count:]]).strip("> ")
        if shown and bare(frame.link) not in bare(shown):
            self._write(f" <{frame.link}>")

    def _end_row(self) -> None:
        """Writes the open row: one line where every cell is one line, else the cells below each other."""
        table = self.tables[-1]
        row, table.row = [_stripped(cell.lines) for cell in table.row], []
        if not any(row):
            return
        self._block()
        if all(len(lines) <= 1 for lines in row):
            self._write("\t".join(lines[0] if lines else "" for lines in _filled(row)))
            self._block()
            return
        mark = "> " * (self.quote - self.cells[-1].quote)
        for lines in row:
            self.cells[-1].lines[-1:] = [*(mark + line for line in lines), ""]


def _stripped(lines: list[str]) -> list[str]:
    """Lines without empty ones at both ends."""
    lines = [line.rstrip() for line in lines]
    first = next((place for place, line in enumerate(lines) if line), len(lines))
    last = next((place for place in range(len(lines), first, -1) if lines[place - 1]), first)
    return lines[first:last]


def _filled(row: list[list[str]]) -> list[list[str]]:
    """A row without empty cells at both ends; those in between keep the columns in place."""
    first = next(place for place, lines in enumerate(row) if lines)
    last = next(place for place in range(len(row), first, -1) if row[place - 1])
    return row[first:last]
