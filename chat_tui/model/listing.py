"""The rooms that there are on the server, as /rooms told them last: where one could go, and what each is about."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chat_server.wire import RoomLine
from chat_tui.model.changes import Change, RoomsChanged
from chat_tui.model.session import Session

LISTED_SECONDS: Final = 5.0
"""So often at most the server is asked: its answer may be some hundred lines."""

REFUSED_SECONDS: Final = 30.0
"""So long it is not asked again by itself after it said that one asks too much."""


class Listing:
    """Asks /rooms once on each connection, when the user enters a room, and when he looks where he could go.

    A room's topic may have been set long before the history that is loaded: only this answer tells it then.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._is_due = True
        self._not_before = 0.0
        self.rooms: tuple[RoomLine, ...] = ()
        """In the server's order: the fullest first."""
        self.is_complete = False
        """Whether the server told all of them."""

    def lose(self) -> None:
        """The connection is gone: what there is may be something else on the next."""
        self._is_due = True
        self._not_before = 0.0

    def want(self) -> None:
        """Something is there that the last answer did not tell."""
        self._is_due = True

    def ask(self, now: float) -> list[Change]:
        """Asks, if it is wanted and not too soon."""
        session = self._session
        is_on_its_way = session.asked.find("rooms") is not None
        if not (self._is_due and session.is_online and now >= self._not_before) or is_on_its_way:
            return []
        self._is_due = False
        self._not_before = now + LISTED_SECONDS
        return [session.ask("rooms", "")]

    def refuse(self, code: str) -> None:
        """The server has not told them."""
        if code == "slow-down":
            self._is_due = True
            self._not_before = self._session.clock() + REFUSED_SECONDS

    def take(self, rooms: Sequence[RoomLine], *, is_complete: bool) -> list[Change]:
        """The server's answer; it also tells the topics of the user's own rooms."""
        self.rooms, self.is_complete = tuple(rooms), is_complete
        for line in rooms:
            state = self._session.rooms.find(line.room)
            if state is not None and not _is_cut(line.topic, state.topic):
                state.topic = line.topic
        return [RoomsChanged()]


def _is_cut(topic: str, whole: str) -> bool:
    """Whether the one is only the beginning of the other: the server may end long ones with "…"."""
    return topic.endswith("…") and len(topic) <= len(whole) and whole.startswith(topic[:-1])
