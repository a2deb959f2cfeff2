"""Where the rows of a text break, and what of it may be drawn.

Only text and numbers, as `message_rows`, which makes rows of messages.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Final, Literal, NamedTuple

from rich.cells import cell_len, split_graphemes

from chat_server.text import clean
from chat_tui.formatting import LINE_BREAK

Row = tuple[int, int]
"""One drawn row of a text: its first character and the one after its last. Blanks where it broke are in no row."""

RowKind = Literal["text", "quote", "code"]


class DrawnRow(NamedTuple):
    """A row of a message's drawn text, and what it is a part of. `is_rest`: of a line of code that is longer than one
    row, and not its beginning."""

    start: int
    end: int
    kind: RowKind = "text"
    is_rest: bool = False


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
