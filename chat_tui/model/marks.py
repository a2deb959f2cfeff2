"""How far the user has read: kept by the server for a name of his own, the same on all his devices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chat_server import wire
from chat_tui.model.changes import Change, RoomsChanged, Send
from chat_tui.model.room import RoomState
from chat_tui.model.session import Session

READ_SECONDS: Final = 2.0
"""The server is told at most so often that something was read: in a busy room each message would be a line."""


class Marks:
    """Says /read for what is seen, and takes the counts of the server."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._not_before = 0.0
        self.is_kept = False
        """Whether the server keeps marks for the user: his name is his own."""

    def lose(self) -> None:
        """The connection is gone, and with it who the user is; what was read meanwhile is told on the next."""
        self.is_kept = False
        self._not_before = 0.0

    def prove(self) -> list[Change]:
        """The name is proved to be the user's: asks for what he has not read."""
        self.is_kept = True
        return [self._session.ask("unread", "")]

    def refuse(self) -> None:
        """The server keeps no marks for us after all."""
        self.is_kept = False

    def tell(self, now: float) -> list[Change]:
        """Says what was read since the last time, if it is time to."""
        session = self._session
        state = session.rooms.states[session.rooms.current]
        last = state.last_said
        is_due = self.is_kept and session.is_online and now >= self._not_before
        if not is_due or not session.rooms.is_seen(state) or last <= state.read_upto:
            return []
        self._not_before = now + READ_SECONDS
        return [self._read(state, last)]

    def _read(self, state: RoomState, id: int) -> Send:
        state.read_upto = id
        return self._session.ask("read", state.name, state.name, str(id))

    def mark_unread_from(self, key: str) -> list[Change]:
        """Counts everything from a row on as unread, until the user leaves the room."""
        session = self._session
        for state in session.rooms.states.values():
            index = state.find(key)
            if index is None or state.messages[index].id is None:
                continue
            id = state.messages[index].id or 0
            rows = [row for row in state.messages[index:] if row.is_of_others]
            state.unread_from = key
            state.unread = len(rows)
            state.mentions = sum(row.mentions_me or state.is_direct for row in rows)
            state.is_held = state.name == session.rooms.current
            changes: list[Change] = [RoomsChanged()]
            if self.is_kept and session.is_online:
                changes.append(self._read(state, id - 1))
            return changes
        return []

    def take(self, line: wire.Unread) -> list[Change]:
        """The server's count of one room or conversation; it opens a conversation that has something unread."""
        session = self._session
        state = session.rooms.find(line.target)
        changes: list[Change] = []
        if state is None:
            if not line.target.startswith("@") or not line.count:
                return []
            state, changes = session.rooms.open(line.target)
        is_back = line.first <= state.read_upto and session.asked.find("read", line.target) is None
        if session.rooms.is_seen(state) and not (line.count and is_back):
            # It is read in a moment.
            return changes
        if state.is_held and session.asked.find("read", line.target) is not None:
            # The answer to the mark that was just made; what is counted here includes answers to the user.
            return changes
        if is_back and state.name == session.rooms.current:
            state.is_held = bool(line.count)
        rows = [row for row in state.messages if row.is_of_others and (row.id or 0) >= line.first]
        named = sum(row.mentions_me or state.is_direct for row in rows)
        state.unread = line.count
        # An answer to the user counts here as one that names him; of what is not loaded the server knows more.
        state.mentions = min(line.count, max(line.mentions, named))
        state.unread_from = f"e{line.first}" if line.count else None
        state.read_upto = line.first - 1 if line.count else max(state.read_upto, line.first - 1)
        return [*changes, RoomsChanged()]

    def take_all(self, lines: Sequence[wire.Unread]) -> list[Change]:
        """The server's count of everything: what is not in it is read."""
        changes: list[Change] = []
        listed = set()
        for line in lines:
            changes += self.take(line)
            state = self._session.rooms.find(line.target)
            listed.add(None if state is None else state.name)
        for state in self._session.rooms.states.values():
            if state.name not in listed and state.unread and not state.is_held:
                state.unread = state.mentions = 0
                state.unread_from = None
                changes.append(RoomsChanged())
        return changes
