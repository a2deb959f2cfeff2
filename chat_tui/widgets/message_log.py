"""The message log: everything said in a room, drawn row by row when it is seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from rich.style import Style
from textual import events
from textual.geometry import Offset
from textual.message import Message as TextualMessage
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip

from chat_tui.model import Message
from chat_tui.widgets.log_content import LogContent, Moved
from chat_tui.widgets.log_gaps import LogGaps
from chat_tui.widgets.log_palette import CSS, PARTS, palette_of
from chat_tui.widgets.log_selection import Span, copied, span_of, word_at
from chat_tui.widgets.message_ink import position_of
from chat_tui.widgets.message_paint import Painter
from chat_tui.widgets.message_rows import Columns, body, has_spoilers
from chat_tui.widgets.named import Named
from chat_tui.widgets.painted_rows import PaintedRows
from chat_tui.widgets.wrapping import drawable, wrap

CAP: Final = 10_000
"""So many messages stay in the log if nothing else is said: weeks of a busy room, 2 MB."""

_FEW: Final = 10
"""Rows of the app's own are looked through for a message up to so many: it is done for each row of the screen."""

_STOPS: Final = frozenset({"msg", "act", "gap"})
"""Where the row cursor goes."""


class MessageLog(LogGaps, can_focus=False):
    """Messages on the line API: whatever their number, only what is seen is drawn.

    1. The text being read never moves (`LogScroll`).
    2. A change costs what it changes. Call each method once for a batch of messages, not once for each.
    3. All text is drawn as text, cleaned, and never wider than the log.
    """

    ALLOW_SELECT = True

    COMPONENT_CLASSES = {f"message-log--{part}" for part in PARTS}  # noqa: RUF012

    DEFAULT_CSS = CSS

    cursor_key: reactive[str | None] = reactive[str | None](None, init=False)
    """The message that is lit up, if any; `move_cursor` walks with it."""

    empty_text: reactive[str] = reactive(
        "Nothing has been said here yet.\nType and press Enter; F1 shows the keys.", init=False
    )
    """What an empty log says in its middle."""

    @dataclass
    class NewBelow(TextualMessage):
        """`new_below` is another one."""

        message_log: MessageLog
        count: int

        @property
        def control(self) -> MessageLog:
            """The log, for `@on` with a selector."""
            return self.message_log

    @dataclass
    class MessageClicked(TextualMessage):
        """A message was clicked, perhaps on an address in it (http or https, percent-encoded)."""

        message_log: MessageLog
        key: str
        link: str | None

        @property
        def control(self) -> MessageLog:
            """The log, for `@on` with a selector."""
            return self.message_log

    @dataclass
    class MessageAction(TextualMessage):
        """Something in a message was clicked that does something.

        `action` and `value`: "react" and the emoji; "jump" and the id of the message that is answered; "load" and
        the key of a gap.
        """

        message_log: MessageLog
        key: str
        action: str
        value: str

        @property
        def control(self) -> MessageLog:
            """The log, for `@on` with a selector."""
            return self.message_log

    def __init__(self, *, zone: tzinfo | None = None, cap: int = CAP, id: str | None = None) -> None:
        """`zone` is where the times are shown for, None for the machine's own. Of more than `cap` messages the
        oldest go, a tenth at a time (of those being read none, up to twice the cap)."""
        super().__init__(LogContent(zone, Columns.fit(80, 10)), id)
        # Lights up links by itself, and draws everything again for it; the terminal does that, and ours are OSC 8.
        self.auto_links = False
        self._cap = cap
        self._painted = PaintedRows(self._content)
        self._painter: Painter | None = None
        self._named = Named()

    # What is in it

    @property
    def messages(self) -> Sequence[Message]:
        """What is in the log, oldest first."""
        return self._content.messages

    def set_messages(self, messages: Sequence[Message]) -> None:
        """Shows these and nothing else, from the end."""
        self._content.set_unread_from(None)
        self._content.reset(messages[-self._cap :])
        self._select(None)
        self.cursor_key = None
        self.following = True
        self._settle()

    def clear(self) -> None:
        """Empties the log."""
        self.set_messages(())

    def extend(self, messages: Sequence[Message]) -> None:
        """Adds messages at the end."""
        self.insert(messages)

    def insert(self, messages: Sequence[Message], before: str | None = None) -> None:
        """Adds messages before the one with this key; at the end if it is None.

        A key that is not in the log is taken for one that was trimmed: what stood before it goes to the top.
        """
        if not messages:
            return
        content = self._content
        index = len(content) if before is None else content.find(before) or 0
        # The row of what is missing above goes unseen if nobody can scroll up to it.
        is_at_top = not (index or self.following or self.scroll_offset.y) and messages[-1].kind == "gap"
        moved = content.insert(index, messages)
        if not self.following:
            self._reader.added(index, messages)
            self.new_below = self._reader.news
        excess = len(content) - self._cap
        if excess > self._cap // 10:
            # What is being read stays, and what is below it; unless nobody ever scrolls down again.
            is_free = self.following or excess > self._cap
            content.trim(excess if is_free else max(0, min(excess, self._reader.index - self.size.height)))
        self._settle(moved)
        if is_at_top:
            self._scroll_by_hand(0)

    def insert_before(self, messages: Sequence[Message]) -> None:
        """Adds older messages at the top."""
        if self._content.messages:
            self.insert(messages, self._content.messages[0].key)
        else:
            self.insert(messages)

    def replace(self, old_key: str, message: Message) -> None:
        """Puts a message in the place of another, whose key may be a different one; nothing if there is none."""
        index = self._content.find(old_key)
        if index is not None:
            self._content.replace(index, message)
            if self.cursor_key == old_key:
                self.cursor_key = message.key
            self._settle()

    def remove_messages(self, keys: Collection[str]) -> None:
        """Takes messages out; keys that are not there do not matter."""
        moved = self._content.remove(keys)
        if self.cursor_key in keys:
            self.cursor_key = None
        self._settle(moved)
        if not self.following:
            self._reader.count_again()
            self.new_below = self._reader.news

    def set_unread_from(self, key: str | None) -> None:
        """Draws the line "new" before the message with this key; None takes it away."""
        self._content.set_unread_from(key)
        self._settle()

    @property
    def unread_line_row(self) -> int | None:
        """How many rows below the top of the page the line "new" is (negative: above it); None if there is none."""
        content = self._content
        index = None if content.unread_from is None else content.find(content.unread_from)
        if index is None or not self.size.height:
            return None
        return content.row_of(index) + content.lead(index).rows - 1 - self.scroll_offset.y

    @property
    def shows_unread_line(self) -> bool:
        """Whether the line "new" is in sight."""
        row = self.unread_line_row
        return row is not None and 0 <= row < self.size.height

    def set_people(self, own: str, people: Iterable[str]) -> None:
        """Lights up these names where they are written, and the reader's `own` in another way."""
        named = Named.of(own, people)
        if named != self._named:
            self._named = named
            self._painter = None
            self.refresh()

    def is_covered(self, message: Message) -> bool:
        """Whether it has spoilers that nobody asked to see."""
        return message.key not in self._painted.uncovered and has_spoilers(message)

    def uncover(self, key: str, *, is_shown: bool = True) -> None:
        """Shows the spoilers of a message, or covers them again."""
        if is_shown:
            self._painted.uncovered.add(key)
        else:
            self._painted.uncovered.discard(key)
        self.refresh()

    def move_cursor(self, step: int) -> None:
        """Lights up the next message said (step 1) or the one before (-1); at first the newest in sight."""
        self._is_going_up = step < 0
        messages = self._content.messages
        index = self._content.find(self.cursor_key) if self.cursor_key is not None else None
        if index is None and messages:
            height = self.scrollable_content_region.height
            index = self._content.at_row(self.scroll_offset.y + height - 1)[0] + 1
            step = -1
        while index is not None and 0 <= (index := index + step) < len(messages):
            if messages[index].kind in _STOPS:
                # In this order: the cursor is never on a message out of sight.
                self.show_message(messages[index].key)
                self.cursor_key = messages[index].key
                return

    def _look(self) -> None:
        """A cursor that went out of sight is gone: its keys would do something to a message that nobody sees."""
        super()._look()
        if self.cursor_key is not None and not self._is_in_sight(self.cursor_key):
            self.cursor_key = None

    def watch_cursor_key(self) -> None:
        """What it is on stays where it is from now on."""
        if len(self._content) and self._is_laid_out:
            self._reader.go_to(self.scroll_offset.y, self._held())

    def _held(self) -> int:
        """The message with the cursor, if there is one."""
        key, content = self.cursor_key, self._content
        index = content.find(key) if key is not None and self._is_in_sight(key) else None
        if index is None or content.messages[index].kind == "gap":
            return super()._held()
        return max(self.scroll_offset.y, content.row_of(index) + content.lead(index).rows)

    def _is_in_sight(self, key: str) -> bool:
        index = self._content.find(key)
        if index is None:
            return False
        # Not the day above it: the message.
        top = self._content.row_of(index) + self._content.lead(index).rows
        row = self.scroll_offset.y
        return top < row + self._laid_out.height and self._content.row_of(index + 1) > row

    def watch_new_below(self, count: int) -> None:
        """Tells whoever shows it."""
        self.post_message(self.NewBelow(self, count))

    def _settle(self, moved: Moved | None = None) -> None:
        """What is selected moves with its text."""
        if moved is not None and self.is_attached and (selection := self.text_selection) is not None:
            start, end = (None if point is None else Offset(point.x, moved(point.y)) for point in selection)
            self._select(Selection(start, end))
        super()._settle(moved)

    # How it looks

    def notify_style_update(self) -> None:
        """Another theme, or another background: everything is painted anew."""
        super().notify_style_update()
        self._painter = None

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        content, size = self._content, self._laid_out
        painter = self._painter
        if painter is None or painter.columns != content.columns:
            painter = self._painter = Painter(content.columns, palette_of(self), content.time, self._named)
        if not len(content):
            return self._hint(y, painter)
        # A log that does not fill its page stands at the bottom, above where one writes: it grows as it scrolls.
        row = self.scroll_offset.y + y - max(0, size.height - content.rows)
        if row < 0 and self._is_unsaid:
            return self._hint(y, painter)
        if not 0 <= row < content.rows:
            return Strip.blank(size.width, painter.palette.base)
        return self._painted.strip(row, painter, self.cursor_key, self._span())

    @property
    def _is_unsaid(self) -> bool:
        """Whether nothing stands here but what the app tells by itself, at a first start for example."""
        messages = self._content.messages
        return len(messages) <= _FEW and all(message.kind == "notice" for message in messages)

    def _hint(self, y: int, painter: Painter) -> Strip:
        """A row of what is said in the middle of an empty log, or above the few rows that are no messages."""
        width, height = self._laid_out
        taken = self._content.rows
        lines = [line for part in self.empty_text.split("\n") for line in _wrapped(part, width - 4)]
        line = y - (height - taken - len(lines)) // 2
        fits = not taken or len(lines) + 2 <= height - taken
        return painter.hint(lines[line] if fits and 0 <= line < len(lines) else "")

    # What the mouse does

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """The plain source of what is selected; of several messages also who said them."""
        content = self._content
        if not len(content):
            return None
        span = span_of(selection, content.first_serial, content.last_serial)
        chosen = range(span.start[0], span.end[0] + 1)
        parts = ((content.messages[serial - content.first_serial], span.within(serial)) for serial in chosen)
        return copied((message, part) for message, part in parts if part is not None), "\n"

    def on_click(self, event: events.Click) -> None:
        """One click tells which message it was, two take a word, three the message."""
        # Textual's own answer to two clicks is to select everything there is.
        event.prevent_default()
        widget, offset = self.screen.get_widget_and_offset_at(event.screen_x, event.screen_y)
        if widget is not self or offset is None:
            return
        message = self._content.messages[offset.y - self._content.first_serial]
        if event.chain == 1:
            if self.text_selection is None:
                self._act(message, self.screen.get_style_at(event.screen_x, event.screen_y))
            return
        start, end = word_at(message, position_of(offset.x)) if event.chain == 2 else (0, len(body(message)))
        self._select(Selection(Offset(start, offset.y), Offset(end, offset.y)))

    def _act(self, message: Message, style: Style) -> None:
        action, value = style.meta.get("action", ("", ""))
        if action == "uncover":
            self.uncover(value)
        elif action:
            self.post_message(self.MessageAction(self, message.key, action, value))
            return
        self.post_message(self.MessageClicked(self, message.key, style.link))

    def selection_updated(self, selection: Selection | None) -> None:
        """Draws it."""
        self.refresh()

    def _span(self) -> Span | None:
        selection = self.text_selection
        if selection is None:
            return None
        return span_of(selection, self._content.first_serial, self._content.last_serial)

    def _select(self, selection: Selection | None) -> None:
        if self.is_attached and (selection is not None or self.text_selection is not None):
            others = {widget: value for widget, value in self.screen.selections.items() if widget is not self}
            self.screen.selections = others if selection is None else {**others, self: selection}


def _wrapped(text: str, width: int) -> list[str]:
    text = drawable(text)
    return [text[start:end] for start, end in wrap(text, max(1, width))]
