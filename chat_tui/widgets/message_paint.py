"""Draws one message: its rows as strips, with colours, links and what the mouse can find out about each cell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.strip import Strip

from chat_server.text import clean
from chat_tui.model import Delivery, Message
from chat_tui.nick_colors import nick_color
from chat_tui.widgets.message_rows import (
    Columns,
    Lead,
    LocalTime,
    Row,
    body,
    cut,
    drawable,
    rows_of,
    why_not_sent,
    wrap,
)

# An address ends where no address goes on: at blanks, quotes, brackets, East Asian punctuation, invisible signs.
_LINK: Final = re.compile(
    r"(?<!\w)https?://(?=[^\s/?#.,:;!]) [^\s<>\"`{}|\\^\u00ad\u200b-\u200d\u2060\u2424\u3000-\u3002\u300c-\u300f"
    r"\uff08\uff09\uff0c\uff1a\uff1b\ufe00-\ufe0f]{1,2000}",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING: Final = {")": "(", "]": "["}

# A cell that is no character of the text stands for one all the same: a drag may begin or end there. Its
# offset is _BESIDE + character * _STRIDE + column, so it is told apart from the characters themselves and
# every column of it comes out as the same character. Texts have at most 3,500 bytes.
_BESIDE: Final = 1 << 24
_STRIDE: Final = 4096


def position_of(x: int) -> int:
    """The character that a selection's x offset stands for."""
    return (x - _BESIDE) // _STRIDE if x >= _BESIDE else x


def links_in(text: str) -> Iterator[Row]:
    """Where the http and https addresses are in a cleaned text: without the full stop or bracket after them."""
    for found in _LINK.finditer(text):
        begin, end = found.span()
        while end > begin:
            last = text[end - 1]
            opening = _CLOSING.get(last)
            is_unmatched = opening is not None and text.count(last, begin, end) > text.count(
                opening, begin, end
            )
            if not is_unmatched and last not in ".,;:!?'*_~":
                break
            end -= 1
        if end - begin > len("https://"):
            yield begin, end


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme.

    `base` is plain text on the log's background; `parts` say what is different about a part, without a
    background, so that it stands on any row; `rows` are the colours of whole rows ("mention", "cursor").
    """

    base: Style
    parts: dict[str, Style]
    rows: dict[str, Style]
    selection: Style
    is_dark: bool

    def nick(self, message: Message, row: Style) -> Style:
        """The colour of who says a message, readable on the row that it stands on."""
        if message.is_own:
            return self.parts["own"]
        color = nick_color(clean(message.nick), Color.from_rich_color(row.bgcolor), is_dark=self.is_dark)
        return Style.from_color(color.rich_color)


@dataclass(frozen=True, slots=True)
class Selected:
    """What of a message is selected: characters of its body, and whether its nick is copied with it."""

    start: int
    end: int
    has_nick: bool = False


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws messages in one width and one palette; each strip is exactly `columns.width` cells wide."""

    columns: Columns
    palette: Palette
    time: LocalTime

    def paint(
        self,
        message: Message,
        serial: int,
        lead: Lead,
        *,
        selected: Selected | None = None,
        is_cursor: bool = False,
    ) -> list[Strip]:
        """All rows of a message, those before it included.

        Each cell knows its message (`meta["key"]`) and, for the selection, its character (`meta["offset"]`,
        with `serial` as the line).
        """
        strips = []
        ink = _Ink(message, serial, self.palette.base)
        if lead.is_new_day:
            name = self.time.day_name(message.at, is_short=self.columns.width < 40)
            strips.append(self._rule(name, "day", ink, is_faint=True))
        if lead.is_unread:
            strips.append(self._rule("new", "unread", ink))
        ink = _Ink(message, serial, self._row_style(message, is_cursor))
        text = body(message)
        rows = rows_of(message, text, self.columns.text)
        if message.kind == "event":
            text = cut(text, self.columns.text)
            rows = [(0, len(text))]
        marks = [*self._marks(message, text, ink, selected)]
        for number, (start, end) in enumerate(rows):
            segments = self._before(message, ink, start, number == 0, is_cursor, selected)
            segments.extend(_text(text, start, end, marks, ink, self._text_style(message)))
            strips.append(self._fill(segments, ink, end))
        why = why_not_sent(message)
        for start, end in wrap(why, self.columns.text) if why else ():
            segments = self._before(message, ink, len(text), False, False, None)
            segments.append(ink.aside(why[start:end], self.palette.parts["failed"], len(text)))
            strips.append(self._fill(segments, ink, len(text)))
        return strips

    def hint(self, text: str) -> Strip:
        """One row of what an empty log says, in the middle."""
        style = self.palette.base + self.palette.parts["empty"]
        line = cut(drawable(text), self.columns.width)
        left = (self.columns.width - cell_len(line)) // 2
        return self._fit([Segment(" " * left, style), Segment(line, style)], style)

    def _before(
        self,
        message: Message,
        ink: _Ink,
        start: int,
        is_first: bool,
        is_cursor: bool,
        selected: Selected | None,
    ) -> list[Segment]:
        columns, parts = self.columns, self.palette.parts
        if not columns.nick:
            return []
        sign, sign_style = self._sign(message, is_first)
        if is_cursor and is_first:
            sign += "▸"
        pieces = [(sign.ljust(columns.margin)[-columns.margin :], sign_style)]
        if columns.time:
            pieces.append((f"{self.time.minute(message.at)} " if is_first else " " * 6, parts["time"]))
        name, name_style = self._name(message, ink) if is_first else ("", parts["time"])
        if is_first and selected is not None and selected.has_nick:
            name_style += self.palette.selection
        name = cut(name, columns.nick)
        pieces.append((" " * (columns.nick - cell_len(name)), parts["time"]))
        pieces.append((name, name_style))
        pieces.append((" │ ", parts["separator"]))
        return ink.asides(pieces, start)

    def _sign(self, message: Message, is_first: bool) -> tuple[str, Style]:
        """The first cell: what a row is, for those who see no colours."""
        parts = self.palette.parts
        if message.mentions_me:
            return "▌", parts["bar"]
        if is_first and message.delivery is Delivery.FAILED:
            return "✗", parts["failed"]
        if is_first and message.delivery is Delivery.PENDING:
            return "…", parts["pending"]
        return " ", parts["time"]

    def _name(self, message: Message, ink: _Ink) -> tuple[str, Style]:
        """What stands in the nick column."""
        parts = self.palette.parts
        match message.kind:
            case "msg":
                style = self.palette.nick(message, ink.row)
                return drawable(message.nick), style + Style(bold=True) if message.mentions_me else style
            case "act":
                return "*", self.palette.nick(message, ink.row)
            case "error":
                return "error", parts["error"] + Style(bold=True)
            case "notice":
                return "--", parts["notice"]
            case "event":
                return "·", parts["event"]

    def _marks(
        self, message: Message, text: str, ink: _Ink, selected: Selected | None
    ) -> Iterator[tuple[int, int, Style]]:
        """Stretches of the text that look different; later ones over earlier ones."""
        if message.kind == "act":
            name = self.palette.nick(message, ink.row)
            yield 0, len(clean(message.nick)), name
        if message.kind != "event":
            for start, end in links_in(text):
                yield start, end, self.palette.parts["link"] + Style(link=_address(text[start:end]))
        if selected is not None:
            yield selected.start, selected.end, self.palette.selection

    def _text_style(self, message: Message) -> Style:
        parts = self.palette.parts
        if message.kind in ("notice", "event", "error"):
            return parts[message.kind]
        if message.delivery is not Delivery.SENT:
            return parts["failed" if message.delivery is Delivery.FAILED else "pending"]
        return Style.null()

    def _row_style(self, message: Message, is_cursor: bool) -> Style:
        """Plain text on the background that the whole row has."""
        if is_cursor or message.mentions_me:
            return self.palette.base + self.palette.rows["cursor" if is_cursor else "mention"]
        return self.palette.base

    def _rule(self, label: str, part: str, ink: _Ink, *, is_faint: bool = False) -> Strip:
        parts, width = self.palette.parts, self.columns.width
        label = f" {cut(label, width - 6)} " if width > 8 else ""
        sides = max(0, width - 2 - cell_len(label))
        line = parts["separator"] if is_faint else parts[part]
        pieces = (
            (" " + "─" * (sides // 2), line),
            (label, parts[part]),
            ("─" * (sides - sides // 2) + " ", line),
        )
        return self._fit(ink.asides(pieces, 0), self.palette.base)

    def _fill(self, segments: list[Segment], ink: _Ink, end: int) -> Strip:
        gap = self.columns.width - sum(segment.cell_length for segment in segments)
        if gap > 0:
            segments.append(ink.aside(" " * gap, ink.row, end))
        return self._fit(segments, ink.row)

    def _fit(self, segments: list[Segment], style: Style) -> Strip:
        # Rows are measured already; this holds where a terminal is narrower than one sign.
        return Strip(segments).crop_extend(0, self.columns.width, style)


@dataclass(frozen=True, slots=True)
class _Ink:
    """Makes the segments of one message: on its row's background, and with what the mouse asks for."""

    message: Message
    serial: int
    row: Style

    def characters(self, text: str, style: Style, start: int) -> Segment:
        """Characters of the text, the first one at `start`."""
        full = self.row + style + Style.from_meta({"key": self.message.key, "offset": (start, self.serial)})
        if full.link:
            # Rich gives every style a new id, and a terminal lights up only what has one id: an address that
            # goes over two rows is to light up as one. (A style with a link is never shared, so this is ours.)
            full._link_id = f"{self.serial}.{full.link}"
        return Segment(text, full)

    def aside(self, text: str, style: Style, position: int) -> Segment:
        """Cells that are no text and stand for the character at `position`."""
        offset = (_BESIDE + position * _STRIDE, self.serial)
        return Segment(text, self.row + style + Style.from_meta({"key": self.message.key, "offset": offset}))

    def asides(self, pieces: Iterable[tuple[str, Style]], position: int) -> list[Segment]:
        """The same for several pieces; those that look alike become one."""
        joined: list[tuple[str, Style]] = []
        for text, style in pieces:
            if joined and (joined[-1][1] == style or not text.strip()):
                joined[-1] = (joined[-1][0] + text, joined[-1][1])
            elif text:
                joined.append((text, style))
        return [self.aside(text, style, position) for text, style in joined]


def _text(
    text: str, start: int, end: int, marks: list[tuple[int, int, Style]], ink: _Ink, base: Style
) -> Iterator[Segment]:
    """The characters from `start` to `end`, cut wherever a mark begins or ends."""
    edges = {edge for begin, stop, _ in marks for edge in (begin, stop) if start < edge < end}
    for left, right in pairwise(sorted({start, end, *edges})):
        style = base
        for begin, stop, mark in marks:
            if begin <= left and right <= stop:
                style += mark
        yield ink.characters(text[left:right], style, left)


def _address(text: str) -> str:
    # OSC 8 takes bytes 32 to 126 only; what is written in another script is percent-encoded, as browsers do it.
    return quote(text, safe="!#$%&'()*+,/:;=?@[]~")
