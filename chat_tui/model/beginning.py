"""How each connection begins: who the user is to be on it, in which rooms, and when his own lines may go out."""

from __future__ import annotations

from typing import Final

from chat_server import wire
from chat_server.text import fold
from chat_tui.model.changes import Change, Send
from chat_tui.model.reading import Reading
from chat_tui.model.session import Session
from chat_tui.model.unreached import Unreached

PATIENCE: Final = 60.0
"""Seconds until own lines go out although the first lines of the connection were not all answered. Long, since
a line may then be said twice; a server that is only slow answers sooner, or is found dead by a ping."""


class Beginning:
    """Of one connection after the other."""

    def __init__(self, session: Session, reading: Reading) -> None:
        self._session = session
        self._reading = reading
        self._unreached = Unreached(session)
        self._was_welcomed = False
        self._opens_at: float | None = None

    def fail(self, reason: str, advice: str, retry_in: float | None) -> list[Change]:
        """A connection is lost or did not come about. Who was never welcomed is told why, and what he may check."""
        self._opens_at = None
        return [] if self._was_welcomed else self._unreached.tell(reason, advice, retry_in)

    def give_up(self, reason: str) -> list[Change]:
        """The same for a reason that the user must read whatever was before."""
        self._opens_at = None
        return self._unreached.clear() + self._session.note(reason, "error", passes=False)

    def welcome(self, line: wire.Welcome) -> list[Change]:
        """The server has greeted: what is sent first, in one go."""
        session = self._session
        changes: list[Change] = []
        session.identity.welcome(line.get("nick"))
        wished = session.identity.wished
        if wished is not None and not wire.is_nick(wished):
            changes += session.note(f"{wished} cannot be a nick; choose another one: /nick NAME", "error")
            session.identity.wished = wished = None
        nick = None if session.identity.is_as_wished else wished
        changes += session.entries.call(session.identity.nick, nick)
        last = int(line.get("last")) if wire.is_id(line.get("last")) else 0
        if session.resume.welcome(line.get("epoch"), last):
            changes += session.entries.start_afresh(last, line.at)
        session.entries.last_id = max(session.entries.last_id, last)
        home = line.get("room")
        home = fold(home) if wire.is_room(home) else session.rooms.current
        if not self._was_welcomed:
            self._was_welcomed = True
            changes += self._unreached.clear()
            changes += self._go_home(home)
        asked = None if nick is None else session.identity.arguments(nick)
        first_lines = self._first_lines(asked, home)
        self._reading.begin(first_lines)
        changes += map(Send, first_lines)
        # A line that was sent before may be in the history that comes now, and must not be said twice.
        session.outgoing.is_open = not session.outgoing.were_sent()
        self._opens_at = None if session.outgoing.is_open else session.clock() + PATIENCE
        return changes + session.pump()

    def _first_lines(self, asked: tuple[str, str | None] | None, home: str) -> list[wire.Command]:
        session = self._session
        rooms = session.rooms
        wanted = [room.name for room in rooms.states.values() if room.is_joined and not room.is_direct]
        wanted.sort(key=lambda name: name == rooms.current)
        if home not in wanted:
            session.entries.unwanted.add(home)
        lines = session.resume.first_lines(asked, home, wanted)
        session.server_room = next((name for name in reversed(wanted) if name != home), home)
        if session.server_room == home and asked is not None and asked[1] is not None:
            # Who proves a name is taken to the room where he was last.
            session.server_room = ""
        return lines

    def _go_home(self, home: str) -> list[Change]:
        """The room where the server puts us takes the place of the one shown so far, unless that was used."""
        rooms = self._session.rooms
        shown = rooms.states[rooms.current]
        _, changes = rooms.open(home)
        if shown.name == home or shown.messages:
            return changes
        return changes + rooms.turn_to(home) + rooms.close(shown.name)

    def tick(self, now: float) -> None:
        """Lets own lines go out if the server has taken too long for the first ones."""
        if self._opens_at is not None and now >= self._opens_at:
            self._opens_at = None
            self._session.outgoing.is_open = True
