"""How a message becomes rows: its drawn text, where the rows break, which columns there are, which day it is.

Only text and numbers: no colours (message_paint.py) and no widget (message_log.py).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from rich.cells import cell_len, split_graphemes

from chat_server.text import clean
from chat_tui.formatting import LINE_BREAK, Block, Formatted, Look, format_text, links_only
from chat_tui.model import Delivery, Message

Row = tuple[int, int]
"""One drawn row of a text: its first character and the one after its last. Blanks where it broke are in no row."""

EDITED: Final = "(edited)"
"""What stands after a text that is not the first one."""

DELETING: Final = "(deleting)"
"""What stands after one of one's own that the server has not deleted yet."""

RowKind = Literal["text", "quote", "code"]


class DrawnRow(NamedTuple):
    """A row of a message's drawn text, and what it is a part of. `is_rest`: of a line of code that is longer than one
    row, and not its beginning."""

    start: int
    end: int
    kind: RowKind = "text"
    is_rest: bool = False


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


# Every character of these ranges is one cell wide and joins nothing, so cells are characters; of the next ones
# each is two cells wide (a test holds both against rich's table). Looking for what is drawn as one sign takes 60
# µs a message, these ways take 1 and 10: and nearly everything said goes one of them.
_NARROW_SIGNS: Final = (
    "\u0020-\u007e\u00a0-\u00ac\u00ae-\u02ff\u0370-\u0377\u037a-\u037f\u0384-\u038a\u038e-\u03a1\u03a3-\u0482"
    "\u048a-\u052f\u2010-\u2027\u2030-\u203b\u2500-\u257f"
)
_WIDE_SIGNS: Final = (
    "\u3000-\u3029\u3041-\u3096\u309b-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uff01-\uff60"
    "\U0001f300-\U0001f320\U0001f337-\U0001f37c\U0001f37e-\U0001f393\U0001f3a0-\U0001f3ca"
    "\U0001f400-\U0001f43e\U0001f442-\U0001f4fc\U0001f600-\U0001f64f\U0001f680-\U0001f6c5\U0001f910-\U0001f93a"
)
_NARROW: Final = re.compile(f"[{_NARROW_SIGNS}]*")
_PLAIN: Final = re.compile(f"[{_NARROW_SIGNS}{_WIDE_SIGNS}]*")

_NOT_FIRST: Final = frozenset("、。，．・：；？！）」』】〉》〕］｝ー…‥,.:;?!)]}'\"%")
"""What does not begin a row where East Asian text breaks between two characters."""

_NOT_LAST: Final = frozenset("（「『【〈《〔［｛([{'\"")
"""What does not end one."""


_NEAR: Final = 12
"""Characters before its edge within which a row of code rather ends at a blank."""

# Rich takes whatever follows a ZERO WIDTH JOINER for a part of the sign before it: a row of 1,000 letters joined
# so is one cell to it, and a mess on the screen. Only emoji are joined, and no known sign joins more than four.
_EMOJI: Final = "\u2190-\u2bff\U0001f000-\U0001faff"
_STRAY_JOINER: Final = re.compile(f"(?<![{_EMOJI}\ufe0f])\u200d|\u200d(?![{_EMOJI}])")
_ENDLESS_SIGN: Final = re.compile(f"(?:[{_EMOJI}][\ufe0f\U0001f3fb-\U0001f3ff]*\u200d){{4,}}")


def drawable(text: str) -> str:
    """A text as it may be drawn: cleaned, and as wide as rich thinks. Characters keep their positions."""
    text = clean(text)
    if "\u200d" in text:
        text = _STRAY_JOINER.sub("\u200c", text)
        text = _ENDLESS_SIGN.sub(lambda found: found[0].replace("\u200d", "\u200c"), text)
    return text


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


def wrap(text: str, width: int) -> list[Row]:
    """Breaks a text into rows of at most `width` cells, at least one row.

    At blanks, at line breaks, and between East Asian characters or emoji; a word wider than a row is broken at
    its edge, never inside of what is drawn as one sign. Only a sign that is itself wider than `width` stands out.
    """
    if len(text) <= width and LINE_BREAK not in text and _NARROW.fullmatch(text):
        return [(0, len(text))]
    rows: list[Row] = []
    start = 0
    for line in text.split(LINE_BREAK):
        end = start + len(line)
        if _NARROW.fullmatch(line):
            _wrap_narrow(text, start, end, width, rows)
        else:
            _wrap_wide(line, start, width, rows)
        start = end + 1
    return rows


def _wrap_narrow(text: str, start: int, end: int, width: int, rows: list[Row]) -> None:
    line_start = start
    while end - start > width:
        cut = text.rfind(" ", start, start + width + 1)
        row_end = cut
        while row_end > start and text[row_end - 1] == " ":
            row_end -= 1
        if row_end <= start:
            rows.append((start, start + width))
            start += width
            continue
        rows.append((start, row_end))
        start = cut + 1
        while start < end and text[start] == " ":
            start += 1
    if start < end or start == line_start:
        rows.append((start, end))


def _wrap_wide(line: str, offset: int, width: int, rows: list[Row]) -> None:
    signs: Sequence[str]
    starts: Sequence[int]
    if _PLAIN.fullmatch(line):
        signs, starts = line, range(len(line) + 1)
        sizes = [1 if sign < "\u3000" else 2 for sign in line]
    else:
        spans, _ = split_graphemes(line)
        signs = [line[begin:end] for begin, end, _ in spans]
        starts = [*(begin for begin, _, _ in spans), len(line)]
        sizes = [size for _, _, size in spans]
    cells = [*accumulate(sizes, initial=0)]
    first, count = 0, len(signs)
    while cells[count] - cells[first] > width:
        full = bisect_right(cells, cells[first] + width) - 1
        if full <= first:
            # Not even one sign fits: it stands alone, and is cut where it is drawn.
            full = first + 1
            if full == count:
                break
        cut = next((at for at in range(full, first, -1) if _may_break(signs, sizes, at)), full)
        last = cut
        while last > first and signs[last - 1] == " ":
            last -= 1
        if last == first:
            cut = last = full
        rows.append((offset + starts[first], offset + starts[last]))
        first = cut
        while first < count and signs[first] == " ":
            first += 1
    if first < count:
        rows.append((offset + starts[first], offset + len(line)))


def wrap_code(text: str, start: int, end: int, width: int) -> Iterator[DrawnRow]:
    """Breaks lines of code into rows of at most `width` cells, at their edge, so that columns stay columns; at a blank
    if there is one near."""
    while start <= end:
        line_end = text.find(LINE_BREAK, start, end)
        line_end = end if line_end < 0 else line_end
        stop = start + len(text[start:line_end].rstrip(" "))
        is_rest = False
        while stop - start > width or cell_len(text[start:stop]) > width:
            row_end = _code_row_end(text, start, stop, width)
            if row_end >= stop:
                break
            yield DrawnRow(start, row_end, "code", is_rest)
            start, is_rest = row_end, True
        yield DrawnRow(start, stop, "code", is_rest)
        start = line_end + 1


def _code_row_end(text: str, start: int, stop: int, width: int) -> int:
    # A sign takes a cell or more, or joins what is before it; nothing that fits is longer than this.
    piece = text[start : min(stop, start + 8 * width)]
    if _NARROW.fullmatch(piece[: width + 1]):
        row_end = start + width
    else:
        row_end, room = start, width
        for _, last, size in split_graphemes(piece)[0]:
            room -= size
            if room < 0 and row_end > start:
                break
            row_end = start + last
    blank = text.rfind(" ", max(start + 1, row_end - _NEAR), row_end)
    return row_end if blank < 0 or not text[start:blank].strip(" ") else blank + 1


def _may_break(signs: Sequence[str], sizes: list[int], at: int) -> bool:
    before, after = signs[at - 1], signs[at]
    if before == " " or after == " ":
        return True
    return (sizes[at - 1] == 2 or sizes[at] == 2) and after not in _NOT_FIRST and before not in _NOT_LAST


def cut(text: str, width: int) -> str:
    """A text of one line in at most `width` cells, with "…" in place of what is too much."""
    if cell_len(text) <= width:
        return text
    if width < 1:
        return ""
    room, kept = width - 1, 0
    for _, end, size in split_graphemes(text)[0]:
        room -= size
        if room < 0:
            break
        kept = end
    return text[:kept] + "…"


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
