"""What the mouse has selected in the log: which characters of which messages, and how they are copied.

Textual's offsets are (x, y) with our meaning: y the message's serial, x a character of its text, or what
`position_of` knows about the cells beside it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from textual.geometry import Offset
from textual.selection import Selection

from chat_server.text import clean
from chat_tui.formatting import LINE_BREAK
from chat_tui.model import Message
from chat_tui.widgets.message_ink import position_of
from chat_tui.widgets.message_paint import Selected
from chat_tui.widgets.message_rows import formatted_of, source

_END: Final = 1 << 30
_WORD: Final = re.compile(r"[^\s\u2424]+")


@dataclass(frozen=True, slots=True)
class Span:
    """From one character up to, not with, another; both as (serial, character of the text)."""

    start: tuple[int, int]
    end: tuple[int, int]

    def within(self, serial: int) -> Selected | None:
        """What of one message is selected, if anything.

        A message that begins in a selection of several is copied with its nick: what five people said is of
        no use without who said what.
        """
        if not self.start[0] <= serial <= self.end[0]:
            return None
        start = self.start[1] if serial == self.start[0] else 0
        end = self.end[1] if serial == self.end[0] else _END
        return Selected(start, end, has_nick=start == 0 and self.start[0] != self.end[0])


def span_of(selection: Selection, first: int, last: int) -> Span:
    """The span of a selection, in a log of the serials from `first` to `last`."""
    start = _point(selection.start) or (first, 0)
    end = _point(selection.end) or (last, _END)
    if end < start:
        # Textual puts them in order before it knows what a cell beside the text stands for, and takes the
        # character under the pointer in at what it thinks is the end.
        start, end = end, (start[0], start[1] + 1)
    return Span(max(start, (first, 0)), min(end, (last, _END)))


def copied(selected: Iterable[tuple[Message, Selected]]) -> str:
    """The plain source of what is selected, with real line breaks."""
    return "\n".join(_copy(message, part) for message, part in selected)


def word_at(message: Message, position: int) -> tuple[int, int]:
    """The word around a character of a text, for a double click; an empty one between words."""
    for found in _WORD.finditer(source(message)):
        if found.start() <= position < found.end():
            return found.span()
    return position, position


def _copy(message: Message, part: Selected) -> str:
    start, end = part.start, part.end
    if message.kind != "event":
        start, end = formatted_of(message).widened(start, end)
    text = source(message)[start:end].replace(LINE_BREAK, "\n")
    if not part.has_nick:
        return text
    if message.kind == "act":
        return f"* {text}"
    return f"{clean(message.nick)}: {text}" if message.kind == "msg" else text


def _point(offset: Offset | None) -> tuple[int, int] | None:
    return None if offset is None else (offset.y, position_of(offset.x))
