"""Whose names are asked for again, and when: in a crowd who comes and goes is only counted, and marks are not told."""

from __future__ import annotations

from typing import Final

from chat_tui.model.changes import Send
from chat_tui.model.room import RoomState
from chat_tui.model.session import Session

MARKS_SECONDS: Final = 10.0
"""So often at most the marks of the people in the room that is shown are asked for again: where many come and go, each
answer to /who is as long as all their names."""

CROWD_SECONDS: Final = 60.0
COUNT_SECONDS: Final = 10.0
NAMED_CROWD: Final = 1000
"""The names of a crowd of at most so many are asked for anew every CROWD_SECONDS, while they are shown: ten
thousand would be a hundred kilobytes a minute. In a room whose count does not fit its names: COUNT_SECONDS."""


class Census:
    """Says /who."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._counted_at: dict[str, float] = {}

    def ask(self, now: float) -> list[Send]:
        """Asks for the names of each room for which it is time to (Unix seconds)."""
        asked = []
        for room in self._session.rooms.states.values():
            if self._needs_names(room, now):
                self._counted_at[room.name] = now
                asked.append(self._session.ask("who", room.name, room.name))
        return asked

    def _needs_names(self, room: RoomState, now: float) -> bool:
        if room.is_direct or not room.is_joined:
            return False
        is_shown = room.name == self._session.rooms.current
        if len(room.people) == room.people_count:
            if not is_shown or room.name not in self._session.presence.doubtful:
                return False
            return (
                not room.is_crowd and now - self._counted_at.get(room.name, -MARKS_SECONDS) >= MARKS_SECONDS
            )
        if room.is_crowd and (not is_shown or room.people_count > NAMED_CROWD):
            return False
        wait = CROWD_SECONDS if room.is_crowd else COUNT_SECONDS
        return now - self._counted_at.get(room.name, -wait) >= wait
