"""The room that the user looks at, told to the server: his next device begins there, and so does his nc.

It is told by /here, and only for a name of his own, which alone is known again. A /join of a room that he is in would do,
too, but it brings the last of what was said there each time. The others hear nothing of it.
"""

from __future__ import annotations

from typing import Final

from chat_server import wire
from chat_server.text import fold
from chat_tui.model.changes import Change
from chat_tui.model.session import Session

LOOK_SECONDS: Final = 3.0
"""So long a room is looked at before it is told: who goes through his rooms by a key is in none of them."""

AGAIN_SECONDS: Final = 60.0
"""Who writes is told to be there again after so long: meanwhile he may have looked elsewhere on another device, and not
every terminal tells whether it is looked at."""

REFUSED_SECONDS: Final = 10.0
"""So long nothing is told to a server that was not up to it."""


class Whereabouts:
    """Says /here. What was told once is not told again by a new connection: on another device the user may be
    elsewhere by now."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._room = ""
        """The room that is looked at, "" for none that could be told."""
        self._since = 0.0
        self._told = ""
        """The one that the server knows of (folded), as far as this device can tell; "" if it is to be told."""
        self._told_at = 0.0
        self._not_before = 0.0
        self._is_known = True
        """Whether the server knows /here."""

    def tell(self, now: float, *, is_kept: bool) -> list[Change]:
        """Call it about once a second with Unix seconds. `is_kept`: the server keeps something for this user."""
        if not self._session.rooms.is_looking:
            # Until he looks here again he may look elsewhere.
            self._told = ""
        room = self._shown(is_kept)
        if room != self._room:
            self._room, self._since = room, now
        return self._say(room) if now - self._since >= LOOK_SECONDS else []

    def tell_last(self, *, is_kept: bool) -> list[Change]:
        """The same at once: the user is about to leave."""
        return self._say(self._shown(is_kept))

    def renew(self) -> None:
        """The user does something in the room that is shown."""
        if self._session.clock() - self._told_at >= AGAIN_SECONDS:
            self._told = ""

    def hear(self, room: str) -> None:
        """The server has said where the user was last."""
        if not self._told:
            self._told = fold(room)

    def refuse(self, code: str) -> None:
        """The server has not taken it."""
        self._told = ""
        if code == "unknown-command":
            self._is_known = False
        self._not_before = self._session.clock() + REFUSED_SECONDS

    def lose(self) -> None:
        """The connection is gone."""
        if self._session.asked.find("here") is not None:
            self._told = ""
        self._room = ""
        self._is_known = True
        self._not_before = 0.0

    def _shown(self, is_kept: bool) -> str:
        session = self._session
        rooms = session.rooms
        state = rooms.states[rooms.current]
        is_there = rooms.is_looking and state.is_joined and not state.is_direct
        return state.name if is_kept and session.is_online and is_there and not rooms.is_arriving else ""

    def _say(self, room: str) -> list[Change]:
        session = self._session
        now = session.clock()
        if not room or not self._is_known or fold(room) == self._told or now < self._not_before:
            return []
        self._told, self._told_at = fold(room), now
        # Until it is answered: an older server does not know it.
        session.server_room = ""
        return [session.ask("here", room, room)]

    def take(self, line: wire.Here) -> None:
        """The server's current room for what names none."""
        if not self._session.server_room:
            self._session.server_room = fold(line.room)
