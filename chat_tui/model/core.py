"""The model itself: what comes in from the client and from the user, and what changes by it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from typing import Literal

from chat_tui.client import Connecting, Event, Lag, Lost
from chat_tui.model.changes import Change, Outcome, StatusChanged
from chat_tui.model.room import RoomState

State = Literal["connecting", "online", "offline"]


class Model:
    """Rooms, people, rows and the connection's state, for the UI thread alone.

    Every method that lets something happen returns what changed, in order; nothing is called back.
    """

    def __init__(
        self,
        nick: str | None = None,
        *,
        clock: Callable[[], float] = time.time,
        token: Callable[[], str] | None = None,
        room: str = "#lobby",
    ) -> None:
        """`nick` is the one wished for (None: stay the guest that the server makes of us).

        `clock` gives Unix seconds. `token` gives the random head of this run's labels, 4 or more of
        [A-Za-z0-9]. `room` is shown until the server says where we are.
        """
        self._clock = clock
        self.wished_nick = nick
        self.nick = nick or ""
        self.server = ""
        self.state: State = "connecting"
        self.lost_reason = ""
        self.retry_at: float | None = None
        self.lag: float | None = None
        self.rooms: dict[str, RoomState] = {room: RoomState(room)}
        self.current_room = room

    @property
    def current(self) -> RoomState:
        """The room that is shown; there always is one."""
        return self.rooms[self.current_room]

    @property
    def unsent(self) -> int:
        """Own lines that are pending or failed: what quitting would lose."""
        return 0

    @property
    def unread(self) -> int:
        """Unread rows in all rooms, for the title."""
        return sum(room.unread for room in self.rooms.values())

    def apply(self, event: Event) -> list[Change]:
        """Takes one event of the client."""
        match event:
            case Connecting():
                self.state = "connecting"
            case Lost(reason, retry_in):
                self.state = "offline"
                self.lost_reason = reason
                self.retry_at = None if retry_in is None else self._clock() + retry_in
            case Lag(seconds):
                self.lag = seconds
        return [StatusChanged()]

    def apply_all(self, events: Iterable[Event]) -> list[Change]:
        """Takes a batch: rows that arrive one after the other become one MessagesAdded."""
        return [change for event in events for change in self.apply(event)]

    def tick(self, now: float) -> list[Change]:
        """Call it about once a second with Unix seconds: tries the wished nick again, refreshes a crowd."""
        return []

    def enter(self, typed: str) -> Outcome:
        """What the user typed and sent off: a command ("/who"), or a text ("//who" says "/who")."""
        return self.command(typed) if typed.startswith("/") and typed[1:2] != "/" else self.say(typed)

    def say(self, text: str) -> Outcome:
        """Says a text in the current room, whatever it begins with; a line break may be "\\n"."""
        return Outcome(False, [])

    def command(self, line: str) -> Outcome:
        """Does a slash command as nc would, in the room that is shown."""
        return Outcome(False, [])

    def switch_to(self, room: str) -> list[Change]:
        """Shows another room of `rooms`; KeyError if there is none."""
        return []

    def open_direct(self, nick: str) -> list[Change]:
        """Shows the conversation with somebody, a new one if need be."""
        return []

    def leave(self, room: str) -> list[Change]:
        """Leaves a room, or closes a direct conversation."""
        return []

    def look(self, is_looking: bool) -> list[Change]:
        """Tells whether the terminal has the focus; without it the current room gathers unread rows too."""
        return []

    def retry(self, key: str) -> list[Change]:
        """Sends a FAILED line again; nothing if the key is no such line."""
        return []

    def drop(self, key: str) -> list[Change]:
        """Forgets a FAILED line, or a PENDING one that was never sent; nothing for another key."""
        return []
