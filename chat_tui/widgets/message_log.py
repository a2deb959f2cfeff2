"""The message log: everything said in a room, drawn row by row when it is seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import tzinfo
from typing import Final

from rich.style import Style
from textual import events
from textual.geometry import Offset, Size
from textual.message import Message as TextualMessage
from textual.reactive import reactive, var
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from chat_tui.model import Message
from chat_tui.widgets.log_content import LogContent, Moved
from chat_tui.widgets.log_palette import CSS, PARTS, palette_of
from chat_tui.widgets.log_reader import LogReader
from chat_tui.widgets.log_selection import Span, copied, span_of, word_at
from chat_tui.widgets.message_ink import position_of
from chat_tui.widgets.message_paint import Painter
from chat_tui.widgets.message_rows import Columns, body, drawable, wrap
from chat_tui.widgets.named import Named
from chat_tui.widgets.painted_rows import PaintedRows

CAP: Final = 10_000
"""So many messages stay in the log if nothing else is said: weeks of a busy room, 2 MB."""

_STOPS: Final = frozenset({"msg", "act", "gap"})
"""Where the row cursor goes."""


class MessageLog(ScrollView, can_focus=False):
    """Messages on the line API: whatever their number, only what is seen is drawn.

    1. The text being read never moves: not by what comes below or above it, not by trimming, not by a resize.
       Only at the end does the log follow what comes.
    2. A change costs what it changes. Call each method once for a batch of messages, not once for each.
    3. All text is drawn as text, cleaned, and never wider than the log.
    """

    ALLOW_SELECT = True

    COMPONENT_CLASSES = {f"message-log--{part}" for part in PARTS}  # noqa: RUF012

    DEFAULT_CSS = CSS

    following: var[bool] = var(True, init=False)
    """Whether the end is in sight, and stays so. Read only; `scroll_to_end` sets it."""

    new_below: var[int] = var(0, init=False)
    """How many messages of others came below what is in sight since the reader scrolled up. Read only."""

    nick_width: var[int] = var(10, init=False)
    """Cells for the nicks: 6 to 14 count, on a narrow screen at most 8. Longer nicks end in "…"."""

    cursor_key: reactive[str | None] = reactive[str | None](None, init=False)
    """The message that is lit up, if any; `move_cursor` walks with it."""

    empty_text: reactive[str] = reactive("Nothing has been said here yet.", init=False)
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
        super().__init__(id=id)
        # Lights up links by itself, and draws everything again for it; the terminal does that, and ours are OSC 8.
        self.auto_links = False
        self._cap = cap
        self._content = LogContent(zone, Columns.fit(80, 10))
        self._painted = PaintedRows(self._content)
        self._painter: Painter | None = None
        self._named = Named()
        self._reader = LogReader(self._content)
        self._is_settling = False
        self._is_stale = True
        self._is_measuring = False
        self._laid_out = Size(0, 0)

    # What is in it

    @property
    def messages(self) -> Sequence[Message]:
        """What is in the log, oldest first."""
        return self._content.messages

    def set_messages(self, messages: Sequence[Message]) -> None:
        """Shows these and nothing else, from the end."""
        self._content.set_unread_from(None)
        self._content.reset(messages[-self._cap :])
        self._painted.forget()
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
        moved = content.insert(index, messages)
        if not self.following:
            self._reader.added(index, messages)
            self.new_below = self._reader.news
        excess = len(content) - self._cap
        if excess > self._cap // 10:
            # What is being read stays, and what is below it; unless nobody ever scrolls down again.
            is_free = self.following or excess > self._cap
            content.trim(excess if is_free else max(0, min(excess, self._reader.index)))
        self._settle(moved)

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

    def set_people(self, own: str, people: Iterable[str]) -> None:
        """Lights up these names where they are written, and the reader's `own` in another way."""
        named = Named.of(own, people)
        if named != self._named:
            self._named = named
            self._painter = None
            self._painted.forget()
            self.refresh()

    # Where it is

    def scroll_to_end(self) -> None:
        """Goes to the newest message, and follows."""
        self.following = True
        self._settle()

    def show_message(self, key: str) -> bool:
        """Scrolls as little as is needed to see a message whole; False if it is not in the log."""
        index = self._content.find(key)
        if index is None:
            return False
        if self._content.is_unmeasured:
            self._content.measure_all()
            self._settle()
        top, bottom = self._content.row_of(index), self._content.row_of(index + 1)
        height = self.scrollable_content_region.height
        row = self.scroll_offset.y
        if top < row or bottom - top > height:
            self._scroll_by_hand(top)
        elif bottom > row + height:
            self._scroll_by_hand(bottom - height)
        return True

    def move_cursor(self, step: int) -> None:
        """Lights up the next message said (step 1) or the one before (-1); at first the newest in sight."""
        messages = self._content.messages
        index = self._content.find(self.cursor_key) if self.cursor_key is not None else None
        if index is None and messages:
            height = self.scrollable_content_region.height
            index = self._content.at_row(self.scroll_offset.y + height - 1)[0] + 1
            step = -1
        while index is not None and 0 <= (index := index + step) < len(messages):
            if messages[index].kind in _STOPS:
                self.cursor_key = messages[index].key
                self.show_message(messages[index].key)
                return

    def action_page_up(self) -> None:
        """A page back, less one row: what was on top is then at the bottom."""
        self._scroll_by_hand(self.scroll_offset.y - max(1, self.scrollable_content_region.height - 1))

    def action_page_down(self) -> None:
        """A page on, less one row."""
        self._scroll_by_hand(self.scroll_offset.y + max(1, self.scrollable_content_region.height - 1))

    def action_scroll_home(self) -> None:
        """To the oldest message."""
        self._scroll_by_hand(0)

    def action_scroll_end(self) -> None:
        """To the newest."""
        self.scroll_to_end()

    def _scroll_by_hand(self, row: int) -> None:
        # Without animation: ten pictures of a whole page for one key are slow over ssh, and follow the finger.
        self.scroll_to(y=row, animate=False, force=True)

    @property
    def _is_laid_out(self) -> bool:
        # Between a new size and the Resize event that tells of it rows mean nothing: neither where one is nor the end.
        return bool(self._laid_out.width) and self.scrollable_content_region.size == self._laid_out

    def _settle(self, moved: Moved | None = None) -> None:
        """After a change: the row that was on top is on top again, or the end is in sight."""
        if moved is not None:
            self._reader.moved(moved)
            if self.is_attached and (selection := self.text_selection) is not None:
                start, end = (
                    None if point is None else Offset(point.x, moved(point.y)) for point in selection
                )
                self._select(Selection(start, end))
        self._is_stale = not self._is_laid_out
        if self._is_stale:
            return
        self._is_settling = True
        try:
            self.virtual_size = Size(self._laid_out.width, self._content.rows)
            row = self.max_scroll_y if self.following else self._content.row_at(self._reader.place)
            if row != round(self.scroll_y):
                self.scroll_to(y=row, animate=False, force=True)
        finally:
            self._is_settling = False
        self._look()
        self.refresh()
        if self._content.is_unmeasured and not self._is_measuring:
            self._is_measuring = True
            self.set_timer(0.02, self._measure_more)

    def _look(self) -> None:
        """Notes what is in sight."""
        row = self.scroll_offset.y
        self.following = row >= self.max_scroll_y
        self._reader.look(row, self._laid_out.height, is_end=self.following)
        self.new_below = self._reader.news

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The reader scrolls."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_settling or not self._is_laid_out:
            return
        content = self._content
        if len(content) and not content.is_measured(self.scroll_offset.y, self._laid_out.height):
            step = self.scroll_offset.y - content.row_at(self._reader.place)
            content.measure_all()
            self._reader.place = content.place_at(content.row_at(self._reader.place) + step)
            self.following = False
            self._settle()
        else:
            self._look()

    def watch_new_below(self, count: int) -> None:
        """Tells whoever shows it."""
        self.post_message(self.NewBelow(self, count))

    def watch_nick_width(self) -> None:
        """Another width for the nicks is another one for the texts."""
        self._fit()

    def on_resize(self) -> None:
        """Breaks the rows anew."""
        if self._is_stale or not self._is_laid_out:
            self._fit()

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        # The Resize event comes after the first picture in the new size, which would show another place, broken
        # for another width; so would one of a log that went on while it was hidden. (Private to Textual, as in
        # ScrollView; if it goes, that one picture comes back.)
        is_changed = super()._size_updated(size, virtual_size, container_size, layout)
        if self._is_stale or not self._is_laid_out:
            self._fit()
        return is_changed

    def _fit(self) -> None:
        size = self.scrollable_content_region.size
        if not size.width:
            return
        self._laid_out = size
        columns = Columns.fit(size.width, self.nick_width)
        if columns != self._content.columns:
            self._painter = None
            self._painted.forget()
            self._content.fit(
                columns, self._content.last_serial if self.following else self._reader.place.serial
            )
        self._settle()

    def _measure_more(self) -> None:
        self._is_measuring = False
        self._content.measure_some()
        self._settle()

    # How it looks

    def notify_style_update(self) -> None:
        """Another theme, or another background: everything is painted anew."""
        super().notify_style_update()
        self._painter = None
        self._painted.forget()

    def render_line(self, y: int) -> Strip:
        """One row of the screen."""
        content, size = self._content, self._laid_out
        painter = self._painter
        if painter is None:
            painter = self._painter = Painter(content.columns, palette_of(self), content.time, self._named)
        if not len(content):
            return self._hint(y, painter)
        # A log that does not fill its page stands at the bottom, above where one writes: it grows as it scrolls.
        row = self.scroll_offset.y + y - max(0, size.height - content.rows)
        if not 0 <= row < content.rows:
            return Strip.blank(size.width, painter.palette.base)
        return self._painted.strip(row, painter, self.cursor_key, self._span())

    def _hint(self, y: int, painter: Painter) -> Strip:
        width, height = self._laid_out
        lines = [line for part in self.empty_text.split("\n") for line in _wrapped(part, width - 4)]
        line = y - (height - len(lines)) // 2
        return painter.hint(lines[line] if 0 <= line < len(lines) else "")

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
            self._painted.uncovered.add(value)
            self.refresh()
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
