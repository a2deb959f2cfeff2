"""How a message becomes rows: its drawn text, where the rows break, which columns there are, which day it is.

Only text and numbers: no colours (message_paint.py) and no widget (message_log.py).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Final, NamedTuple

from chat_server.text import clean
from chat_tui.formatting import LINE_BREAK, Block, Formatted, Look, format_text, links_only
from chat_tui.model import Delivery, Message
from chat_tui.widgets.wrapping import DrawnRow, RowKind, drawable, wrap, wrap_code

EDITED: Final = "(edited)"
"""What stands after a text that is not the first one."""

DELETING: Final = "(deleting)"
"""What stands after one of one's own that the server has not deleted yet."""


class Layout(NamedTuple):
    """A message as it is drawn: its text, the rows of it, and how many rows stand above and below those."""

    formatted: Formatted
    rows: list[DrawnRow]
    above: int = 0
    below: int = 0

    @property
    def height(self) -> int:
        """All its rows."""
        return self.above + len(self.rows) + self.below


def source(message: Message) -> str:
    """The text of a message as it is copied, cleaned; of an act with the nick before it.

    Positions in it are what selections and wrapped rows speak of.
    """
    text = clean(message.text)
    return f"{clean(message.nick)} {text}" if message.kind == "act" else text


def body(message: Message) -> str:
    """The same as it is drawn."""
    return drawable(source(message))


def why_not_sent(message: Message) -> str:
    """What is said below a line of one's own that was refused, or a message where something of one's own was; "" below
    every other message."""
    how = "perhaps sent" if message.delivery is Delivery.UNSURE else "not sent"
    return f"{how}: {drawable(message.reason)}" if message.reason else ""


def layout(message: Message, width: int) -> Layout:
    """How a message is drawn in `width` cells. A gap is one row, however long: it is cut where it is drawn."""
    if message.is_rule:
        text = body(message)
        return Layout(Formatted(text, len(text)), [DrawnRow(0, len(text))])
    formatted = formatted_of(message)
    text = formatted.text
    if not formatted.blocks:
        return Layout(formatted, [DrawnRow(*row) for row in wrap(text, width)], *_beside(message, width))
    rows: list[DrawnRow] = []
    for start, end, kind, *_ in formatted.blocks:
        inner = inner_width(kind, width)
        if kind != "code":
            rows += (
                DrawnRow(start + first, start + last, kind) for first, last in wrap(text[start:end], inner)
            )
            continue
        if rows and rows[-1].kind == "code":
            # One blank row between them; an empty last line of the first has the same place, and gives way.
            if rows[-1].start == start - 1:
                del rows[-1]
            rows.append(DrawnRow(start - 1, start - 1))
        rows += wrap_code(text, start, end, inner)
    return Layout(formatted, rows, *_beside(message, width))


def height_of(message: Message, width: int) -> int:
    """How many rows a message takes, without a day line or the like before it: those of its layout, counted in half
    the time. 100,000 messages are counted when a window gets another width."""
    if message.is_rule:
        return 1
    formatted = formatted_of(message)
    if formatted.blocks:
        return layout(message, width).height
    return len(wrap(formatted.text, width)) + sum(_beside(message, width))


def _beside(message: Message, width: int) -> tuple[int, int]:
    """How many rows stand above the text, and below it."""
    above = 1 if message.reply is not None else 0
    below = 1 if message.reactions else 0
    why = why_not_sent(message)
    return above, below + (len(wrap(why, width)) if why else 0)


def inner_width(kind: RowKind, width: int) -> int:
    """Cells for the text of a row: a quote has a bar and a blank before it, code a blank at either side."""
    return width if kind == "text" or width < 6 else width - 2


def has_spoilers(message: Message) -> bool:
    """Whether a part of it is covered until somebody wants to see it."""
    is_said = message.kind in ("msg", "act")
    return is_said and any(look.part == "spoiler" for look in formatted_of(message).looks)


def formatted_of(message: Message) -> Formatted:
    """The text of a message with its signs hidden; of what the server or this app says only the addresses."""
    text = body(message)
    match message.kind:
        case "msg":
            formatted = format_text(text)
        case "act":
            formatted = format_text(text, len(clean(message.nick)) + 1)
        case _:
            formatted = links_only(text)
    if message.is_leaving:
        return _with(DELETING, formatted)
    return _with(EDITED, formatted) if message.is_edited else formatted


def _with(note: str, formatted: Formatted) -> Formatted:
    """The same with "(edited)" or the like after it: behind its last word, or below code or a quotation."""
    blocks, start = formatted.blocks, len(formatted.text) + 1
    end = start + len(note)
    is_below = bool(blocks) and blocks[-1].kind != "text"
    if is_below:
        blocks = (*blocks, Block(start, end, "text"))
    elif blocks:
        blocks = (*blocks[:-1], blocks[-1]._replace(end=end))
    mark = (LINE_BREAK if is_below else " ") + note
    sources = formatted.sources
    if sources is not None:
        sources += (formatted.size,) * len(mark)
    looks = (*formatted.looks, Look(start, end, "edited"))
    return replace(formatted, text=formatted.text + mark, looks=looks, blocks=blocks, sources=sources)


@dataclass(frozen=True, slots=True)
class Lead:
    """The rows before a message: it is the first of its day, it is the first that was not read."""

    is_new_day: bool = False
    is_unread: bool = False

    @property
    def rows(self) -> int:
        """How many there are."""
        return self.is_new_day + self.is_unread


@dataclass(frozen=True, slots=True)
class Columns:
    """What a row of `width` cells is divided into: a sign, the time, the nick, a line, the text, a blank.

    On a narrow screen the nick gives way first, then the time; on one of a few cells only the text is left.
    """

    width: int
    margin: int
    time: int
    nick: int

    @classmethod
    def fit(cls, width: int, nick: int) -> Columns:
        """The columns for a width, with a nick column of `nick` cells if there is room: 6 to 14, 8 under 60."""
        if width < 16:
            return cls(width, 0, 0, 0)
        nick = 6 if width < 32 else max(6, min(nick, 14 if width >= 60 else 8))
        return cls(width, 2 if width >= 60 else 1, 6 if width >= 28 else 0, nick)

    @property
    def text_start(self) -> int:
        """The column where the text begins: wrapped rows hang under it."""
        return self.margin + self.time + self.nick + 3 if self.nick else 0

    @property
    def text(self) -> int:
        """Cells for the text. One at the right stays free, so that it does not touch the scroll bar."""
        return max(1, self.width - self.text_start - (1 if self.nick else 0))


class LocalTime:
    """Unix seconds in the reader's zone; `zone` None is that of the machine."""

    def __init__(self, zone: tzinfo | None = None) -> None:
        self._zone = zone
        self._day = 0
        self._begin = self._end = 0.0

    def minute(self, at: int) -> str:
        """HH:MM."""
        return self._moment(at).strftime("%H:%M")

    def day(self, at: int) -> int:
        """The number of the day (as date.toordinal): two messages of one day have the same."""
        # Messages come in order: nearly every one is of the day of the one before. 0.1 µs instead of 2.
        if not self._begin <= at < self._end:
            today = self._moment(at).date()
            self._day = today.toordinal()
            self._begin = datetime.combine(today, time(), self._zone).timestamp()
            self._end = datetime.combine(today + timedelta(1), time(), self._zone).timestamp()
        return self._day

    def day_name(self, at: int, *, is_short: bool = False) -> str:
        """Sunday, 22 November 2026; or 22 Nov 2026."""
        day = date.fromordinal(self.day(at))
        return f"{day.day} {day:%b} {day.year}" if is_short else f"{day:%A}, {day.day} {day:%B} {day.year}"

    def _moment(self, at: int) -> datetime:
        # A server can send any year; the calendar of Python ends with 9999, and some zones before 1970.
        return datetime.fromtimestamp(max(86_400, min(at, 253_370_000_000)), self._zone)
