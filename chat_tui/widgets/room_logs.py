"""One message log for each room that was looked at: every room keeps the place where it was being read."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo

from textual.containers import Container
from textual.message import Message

from chat_tui.model import MessageReplaced, MessagesAdded, MessagesRemoved, MessagesReset, RoomState
from chat_tui.widgets.message_log import MessageLog


class RoomLogs(Container):
    """Shows one of the logs; the others go on hidden, and cost nothing while nothing is drawn.

    A room that was never shown has no log: it gets one, filled from its messages, when it is.
    """

    class CursorMoved(Message):
        """The cursor of the log that is shown is elsewhere, or gone."""

    class Followed(Message):
        """The end of the log that is shown, or its unread line, came in sight, or is not any more."""

    class TopReached(Message):
        """The oldest messages that are loaded are in sight, or nearly."""

    class GapsNear(Message):
        """Rows of what is missing are in sight, or nearly."""

        def __init__(self, keys: list[str]) -> None:
            super().__init__()
            self.keys = keys

    class Short(Message):
        """The log that is shown does not fill its page: nobody can scroll up in it."""

    def __init__(self, zone: tzinfo | None, room: Callable[[str], RoomState | None]) -> None:
        super().__init__(id="logs")
        self._zone = zone
        self._room = room
        self._logs: dict[str, MessageLog] = {}
        self._unread_from: dict[str, str | None] = {}
        self._current = ""
        self._is_measuring = False

    @property
    def current(self) -> MessageLog:
        """The log that is shown; `show` comes first."""
        return self._logs[self._current]

    @property
    def shown(self) -> MessageLog | None:
        """The log that is shown, None before the first."""
        return self._logs.get(self._current)

    def show(self, name: str) -> None:
        """Shows the log of a room; the cursor of the one before is gone."""
        before = self.shown
        if before is not None and self._current != name:
            before.cursor_key = None
        log = self._logs.get(name)
        room = self._room(name)
        if log is None:
            log = self._logs[name] = MessageLog(zone=self._zone)
            log.set_messages(room.messages if room else ())
            self.mount(log)
            self.watch(log, "cursor_key", self._tell_cursor, init=False)
            self.watch(log, "following", self._tell_following, init=False)
            self.watch(log, "scroll_y", self.check_top, init=False)
        elif room is not None:
            self._catch_up(log, room)
        self._current = name
        for other in self._logs.values():
            other.display = other is log
        self.show_unread_line()
        self._measure()

    def _catch_up(self, log: MessageLog, room: RoomState) -> None:
        """Rows that came together with the room being shown are told by that alone (see model.coalesce)."""
        # The log may have given up the oldest of them.
        there = log.messages
        last = room.find(there[-1].key) if there else -1
        if (
            last is not None
            and last + 1 >= len(there)
            and room.messages[last + 1 - len(there) : last + 1] == there
        ):
            log.insert(room.messages[last + 1 :])
        else:
            log.set_messages(room.messages)
            self._unread_from.pop(room.name, None)

    def _tell_cursor(self) -> None:
        self.post_message(self.CursorMoved())

    def _tell_following(self) -> None:
        self.post_message(self.Followed())

    def check_top(self) -> None:
        """Tells if less than a page of what is loaded is above what is in sight, and the reader is not at the end."""
        log = self.shown
        if log is not None and not log.following and log.scroll_y < log.size.height:
            self.post_message(self.TopReached())
        if log is not None and log.shows_unread_line:
            self.post_message(self.Followed())
        self._check_gaps()

    def _check_gaps(self) -> None:
        log = self.shown
        if log is not None and (keys := log.gaps_near()):
            self.post_message(self.GapsNear(keys))

    def _measure(self) -> None:
        """Looks, when what came is drawn, whether the page is full."""
        if not self._is_measuring:
            self._is_measuring = True
            self.call_after_refresh(self._tell_short)

    def _tell_short(self) -> None:
        self._is_measuring = False
        log = self.shown
        if log is not None and log.size.height and not log.max_scroll_y:
            self.post_message(self.Short())
        self._check_gaps()

    def page_up(self) -> None:
        """A page back, or tells that there is none."""
        self.current.action_page_up()
        self._check_gaps()
        if not self.current.max_scroll_y:
            self.post_message(self.TopReached())

    def page_down(self) -> None:
        """A page on."""
        self.current.action_page_down()
        self._check_gaps()

    def on_mouse_scroll_up(self) -> None:
        """The wheel, when the log cannot go further."""
        if self.shown is not None and not self.shown.scroll_y:
            self.post_message(self.TopReached())

    def show_unread_line(self) -> None:
        """Draws the line where the current room's unread messages begin, or takes it away."""
        room = self._room(self._current)
        if room is not None and room.unread_from != self._unread_from.get(room.name):
            self._unread_from[room.name] = room.unread_from
            self.current.set_unread_from(room.unread_from)

    def take(self, change: MessagesAdded | MessageReplaced | MessagesRemoved | MessagesReset) -> None:
        """Changes the log of a room, if it has one."""
        log = self._logs.get(change.room)
        if log is None:
            return
        if change.room == self._current:
            self._measure()
        match change:
            case MessagesAdded(_, messages, before):
                log.insert(messages, before)
            case MessageReplaced(_, old_key, message):
                log.replace(old_key, message)
            case MessagesRemoved(_, keys):
                log.remove_messages(keys)
            case MessagesReset(name):
                room = self._room(name)
                log.set_messages(room.messages if room else ())
                self._unread_from.pop(name, None)

    def rename(self, old: str, new: str) -> None:
        """A conversation goes on under another name."""
        if old in self._logs:
            self._logs[new] = self._logs.pop(old)
            self._unread_from.pop(old, None)
        if self._current == old:
            self._current = new

    def forget_left_rooms(self) -> None:
        """Takes away the logs of rooms that are not there any more."""
        for name in [name for name in self._logs if self._room(name) is None and name != self._current]:
            self._logs.pop(name).remove()
            self._unread_from.pop(name, None)
