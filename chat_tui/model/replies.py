"""Answers of the server as rows of the log."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from chat_server.wire import LINE_BREAK, RoomLine, WhoName

NAMED: Final = 200
"""Names of a typed /who that are written out; the panel at the right has them all."""


def who_text(room: str, names: Sequence[WhoName]) -> str:
    """The answer to /who: "3 people in #lobby: ann (operator), bob, carol (away)"."""
    count = f"{len(names)} {'person' if len(names) == 1 else 'people'} in {room}"
    listed = ", ".join(map(_named, names[:NAMED]))
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{count}: {listed}{more}" if names else f"Nobody is in {room}"


def _named(name: WhoName) -> str:
    marks = [word for word, is_so in (("operator", name.is_operator), ("away", name.is_away)) if is_so]
    return f"{name.nick} ({', '.join(marks)})" if marks else name.nick


def rooms_text(rooms: Iterable[RoomLine], now: float) -> str:
    """The answer to /rooms, a line for each room. `now` is in Unix seconds by the server's clock."""
    lines = [_room(room, now) for room in rooms]
    return LINE_BREAK.join(lines) if lines else "There are no rooms yet; /join #NAME makes one"


def _room(room: RoomLine, now: float) -> str:
    people = f"{room.count} {'person' if room.count == 1 else 'people'}" if room.count else "nobody now"
    spoke = "" if room.last is None else f", last word {_ago(now - room.last)}"
    topic = f"  {room.topic}" if room.topic else ""
    return f"{room.room}  {people}{spoke}{topic}"


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = int(seconds // size)
        if count > 0:
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "just now"
