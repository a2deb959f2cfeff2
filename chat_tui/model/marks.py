"""How far the user has read: kept by the server for a name of his own, the same on all his devices.

What he had in sight is told by /read, which only goes forward; what he marked as unread by /unread, which also goes
back. What was not told when a connection broke is told on the next: first what he marked, since that was his own wish;
then what he has read, but not where another device has marked something meanwhile.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from chat_server import wire
from chat_server.text import fold
from chat_tui.model.asked import Question
from chat_tui.model.changes import Change, RoomsChanged, Send
from chat_tui.model.message import Message
from chat_tui.model.room import RoomState
from chat_tui.model.session import Session

MOST_COUNTED: Final = 999
"""Where there are more, the server says so many."""

READ_SECONDS: Final = 2.0
"""The server is told at most so often that something was read: in a busy room each message would be a line."""

REFUSED_SECONDS: Final = 10.0
"""So long nothing is told to a server that was not up to it."""


class Marks:
    """Says /read and /unread, and takes the counts of the server."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._not_before = 0.0
        self._is_listed = False
        """Whether the server was asked what is unread, on this connection."""
        self._was_listed = False
        """Whether it was ever answered."""
        self._left: dict[str, tuple[int, int]] | None = {}
        """By folded room what was unread and for the user when the last connection was lost; None when it was told what
        came since."""
        self.is_kept = False
        """Whether the server keeps marks for the user: his name is his own."""

    # -- what the user does

    def mark_unread_from(self, key: str) -> list[Change]:
        """Counts everything from a row on as unread, until the user leaves the room; nothing if nobody else has said
        anything from there on."""
        session = self._session
        for state in session.rooms.states.values():
            index = state.find(key)
            id = None if index is None else state.messages[index].id
            if id is None:
                continue
            rows = state.news_from(id)
            if not rows and state.islands.has_all_from(id):
                # A line with nothing below would be drawn, and the server count nothing.
                return []
            state.unread, state.mentions = len(rows), _named(state, rows)
            state.unread_from = rows[0].key if rows else key
            state.is_held = state.name == session.rooms.current
            state.marked, state.seen_upto, state.read_upto = id, id - 1, id - 1
            changes: list[Change] = [RoomsChanged()]
            if self.is_kept and session.is_online:
                changes.append(self._mark(state))
            return changes
        return []

    # -- what the server is told

    def lose(self) -> None:
        """The connection is gone, and with it who the user is; what was not told is told on the next."""
        self.see()
        self.is_kept = self._is_listed = False
        self._not_before = 0.0
        if self._left is None:
            rooms = self._session.rooms.states.values()
            self._left = {fold(room.name): (room.unread, room.mentions) for room in rooms}

    def prove(self) -> list[Change]:
        """The name is proved to be the user's: tells what he marked, and asks for what he has not read."""
        self.is_kept = True
        if self._was_listed:
            self.see()
        marked = [state for state in self._session.rooms.states.values() if state.marked]
        return [*map(self._mark, marked), self._list()]

    def tell(self, now: float) -> list[Change]:
        """Says what was read since the last time, if it is time to."""
        self.see()
        return self._tell() if now >= self._not_before else []

    def tell_last(self) -> list[Change]:
        """The same at once: the user is about to leave."""
        self.see()
        return self._tell()

    def see(self) -> None:
        """What is in sight is read; but of the room in which the app opens it must be known first how far it was."""
        asked = self._session.asked
        nick = asked.find("nick")
        is_coming = asked.find("unread", "") is not None or (
            nick is not None and nick.arguments[1] is not None
        )
        if self._was_listed or not is_coming:
            self._session.rooms.see()

    def _tell(self) -> list[Change]:
        session = self._session
        # Before it is known what other devices marked, nothing that was merely seen is read.
        if not (self.is_kept and session.is_online) or session.asked.find("unread", ""):
            return []
        changes: list[Change] = [] if self._is_listed else [self._list()]
        for state in session.rooms.states.values():
            if state.marked and not self._is_marking(state.name):
                changes.append(self._mark(state))
            elif self._is_listed and state.seen_upto > state.read_upto:
                state.read_upto = state.seen_upto
                changes.append(session.ask("read", state.name, state.name, str(state.seen_upto)))
        if changes:
            self._not_before = session.clock() + READ_SECONDS
        return changes

    def _list(self) -> Send:
        self._is_listed = True
        return self._session.ask("unread", "")

    def _mark(self, state: RoomState) -> Send:
        return self._session.ask("unread", state.name, state.name, str(state.marked))

    def _is_marking(self, name: str) -> bool:
        return self._session.asked.find("unread", name, is_typed=False) is not None

    def confirm(self, question: Question) -> None:
        """The server has taken a mark."""
        state = self._session.rooms.find(question.argument)
        if state is not None and question.arguments[1] == str(state.marked):
            state.marked = 0

    def refuse(self, question: Question, code: str) -> None:
        """The server has not: for now, or because it keeps no marks for us after all, or not of that room."""
        state = self._session.rooms.find(question.argument)
        id = question.arguments[1]
        if code == "not-allowed":
            self.is_kept = False
        elif code in ("slow-down", "storage-full", "storage-unavailable", "internal"):
            self._not_before = self._session.clock() + REFUSED_SECONDS
            if id is None:
                self._is_listed = False
            elif state is not None and question.name == "read":
                state.read_upto = min(state.read_upto, int(id) - 1)
        elif state is not None and id == str(state.marked):
            state.marked = 0

    # -- what the server tells

    def take(self, line: wire.Unread, *, opens: bool = False) -> list[Change]:
        """The server's count of one room or conversation; it opens a conversation that has something unread, and
        with `opens` any."""
        session = self._session
        state = session.rooms.find(line.target)
        changes: list[Change] = []
        if state is None:
            if not line.target.startswith("@") or not (line.count or opens):
                return []
            state, changes = session.rooms.open(line.target)
        if self._is_marking(line.target):
            # The answer to the mark that was just made, or to what was before it.
            return changes
        is_back = line.first <= state.read_upto and session.asked.find("read", line.target) is None
        if line.count and is_back:
            # Marked as unread, on another device or by a typed line.
            state.seen_upto = state.read_upto = line.first - 1
            state.is_held = state.name == session.rooms.current
        else:
            state.is_held = state.is_held and line.count > 0
            is_shown_first = not self._was_listed and state.name == session.rooms.current
            state.is_unseen = line.count > 0 and (
                state.is_unseen or (is_shown_first and line.first > state.seen_upto)
            )
            is_to_tell = line.count > 0 and line.first <= state.seen_upto
            state.read_upto = max(state.read_upto, line.first - 1)
            if is_to_tell or session.rooms.is_seen(state):
                # It is told in a moment that this is read.
                return changes + session.rooms.look_again()
        rows = state.news_from(line.first)
        named = _named(state, rows)
        if state.islands.has_all_from(line.first):
            # Nothing is counted twice then that is on its way, and an answer to the user names him, too.
            state.unread, state.unread_from = len(rows), rows[0].key if rows else None
        else:
            state.unread, state.unread_from = line.count, f"e{line.first}" if line.count else None
        state.mentions = min(state.unread, max(line.mentions, named))
        return [*changes, RoomsChanged()]

    def take_all(self, lines: Sequence[wire.Unread], target: str = "") -> list[Change]:
        """The server's count of everything, or of one target: what is not in it is read."""
        session = self._session
        changes = [] if target else self._sum_up(lines)
        listed = set()
        for line in lines:
            # At the start the conversations of before are listed; one that is closed later stays closed.
            changes += self.take(line, opens=not self._was_listed)
            state = session.rooms.find(line.target)
            listed.add(None if state is None else state.name)
        for state in session.rooms.states.values():
            is_meant = not target or fold(target) == fold(state.name)
            if not is_meant or state.name in listed or self._is_marking(state.name):
                continue
            state.read_upto = max(state.read_upto, state.last_said)
            state.is_held = state.is_unseen = False
            if state.unread:
                state.unread = state.mentions = 0
                state.unread_from = None
                changes.append(RoomsChanged())
        self._was_listed = self._was_listed or not target
        return changes

    def _sum_up(self, lines: Sequence[wire.Unread]) -> list[Change]:
        """One row at the start, of what there is in other rooms: in this one a line shows where it begins. On a later
        connection one of what came since the last, if anything did."""
        left, self._left = self._left, None
        here = fold(self._session.rooms.current)
        elsewhere = [line for line in lines if line.count and fold(line.target) != here]
        if left is None:
            return []
        came = [
            (line.count - count, max(0, line.mentions - mentions))
            for line in elsewhere
            for count, mentions in (left.get(fold(line.target), (0, 0)),)
            if line.count > count
        ]
        if not came:
            return []
        count, mentions = (sum(numbers) for numbers in zip(*came, strict=True))
        for_you = f", {_most(mentions)} for you" if mentions else ""
        if self._was_listed:
            return self._session.note(f"{_most(count)} more elsewhere{for_you}: Alt-A")
        since = self._since(min(line.at for line in elsewhere))
        # In one row also at 80 columns.
        return self._session.note(f"{_most(count)} unread since {since}{for_you}: Alt-A")

    def _since(self, at: int) -> str:
        """Unix seconds as one says them: the time of today, the day before that, with its year if it is another."""
        session = self._session
        then, now = (datetime.fromtimestamp(one, session.zone) for one in (at, session.clock()))
        if then.date() == now.date():
            return f"{then:%H:%M}"
        return f"{then:%d %b}" if then.year == now.year else f"{then:%d %b %Y}"


def _most(number: int) -> str:
    return str(number) if number < MOST_COUNTED else f"{MOST_COUNTED}+"


def _named(state: RoomState, rows: Sequence[Message]) -> int:
    """How many rows name the user, answer him or are for him alone."""
    return sum(row.mentions_me or state.is_direct for row in rows)
