"""Rows that were painted once and are shown again and again: scrolling by a row paints one."""

from __future__ import annotations

from dataclasses import dataclass

from textual.cache import LRUCache
from textual.strip import Strip

from chat_tui.model import Message
from chat_tui.widgets.log_content import LogContent
from chat_tui.widgets.log_selection import Span
from chat_tui.widgets.message_paint import Painter
from chat_tui.widgets.message_rows import Lead


@dataclass(frozen=True, slots=True)
class _Painted:
    """Strips, and what they were painted from: as long as that is the same they need not be painted again."""

    message: Message
    lead: Lead
    is_cursor: bool
    is_uncovered: bool
    strips: list[Strip]


class PaintedRows:
    """The rows of a log as strips, painted when they are asked for; the last 256 messages are remembered.

    Nobody has to say that a message was replaced, moved or lit up: it is then not what was painted. Another
    painter paints everything anew.
    """

    def __init__(self, content: LogContent) -> None:
        self._content = content
        self.uncovered: set[str] = set()
        """Keys of the messages whose spoilers were asked for."""
        self._known: LRUCache[int, _Painted] = LRUCache(256)
        self._painter: Painter | None = None

    def strip(self, row: int, painter: Painter, cursor_key: str | None, span: Span | None) -> Strip:
        """One row of the content, counted from its top. IndexError if there is no such row."""
        if painter is not self._painter:
            self._painter = painter
            self._known.clear()
        content = self._content
        index, within = content.at_row(row)
        message, serial, lead = content.messages[index], content.first_serial + index, content.lead(index)
        is_cursor = message.key == cursor_key
        selected = span.within(serial) if span is not None else None
        is_uncovered = message.key in self.uncovered
        if selected is not None:
            return painter.paint(
                message, serial, lead, selected=selected, is_cursor=is_cursor, is_uncovered=is_uncovered
            )[within]
        known = self._known.get(serial)
        asked = (message, lead, is_cursor, is_uncovered)
        if known is None or (known.message, known.lead, known.is_cursor, known.is_uncovered) != asked:
            strips = painter.paint(message, serial, lead, is_cursor=is_cursor, is_uncovered=is_uncovered)
            known = _Painted(*asked, strips)
            self._known.set(serial, known)
        return known.strips[within]
