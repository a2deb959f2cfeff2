"""Answers of the server as rows of the log."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from chat_server.text import fold
from chat_server.wire import LINE_BREAK, Entry, RoomLine, Unread, WhoName, format_time

_PAGE: Final = re.compile(r"before:\d+", re.IGNORECASE)
"""What asks for older results."""

NAMED: Final = 200
"""Names of a typed /who that are written out; the panel at the right has them all."""


def who_text(room: str, names: Sequence[WhoName], reasons: Mapping[str, str]) -> str:
    """The answer to /who: "3 people in #lobby: ann (operator), bob, carol (away: lunch)"; or "bob is here". `reasons`:
    why they are away, by folded nick."""
    if room.startswith("@"):
        return _one(names[0], reasons) if names else f"{room[1:]} is not here now"
    count = f"{len(names)} {'person' if len(names) == 1 else 'people'} in {room}"
    listed = ", ".join(_named(name, reasons) for name in names[:NAMED])
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f"{count}: {listed}{more}" if names else f"Nobody is in {room}"


def _one(name: WhoName, reasons: Mapping[str, str]) -> str:
    return f"{name.nick} is {_away(name, reasons) if name.is_away else 'here'}"


def _named(name: WhoName, reasons: Mapping[str, str]) -> str:
    marks = ["operator"] * name.is_operator + [_away(name, reasons)] * name.is_away
    return f"{name.nick} ({', '.join(marks)})" if marks else name.nick


def _away(name: WhoName, reasons: Mapping[str, str]) -> str:
    reason = reasons.get(fold(name.nick), "")
    return f"away: {reason}" if reason else "away"


def rooms_text(rooms: Iterable[RoomLine], now: float) -> str:
    """The answer to /rooms, a line for each room. `now` is in Unix seconds by the server's clock."""
    lines = [_room(room, now) for room in rooms]
    return LINE_BREAK.join(lines) if lines else "There are no rooms yet; /join #NAME makes one"


def _room(room: RoomLine, now: float) -> str:
    people = f"{room.count} {'person' if room.count == 1 else 'people'}" if room.count else "nobody now"
    spoke = "" if room.last is None else f", last word {_ago(now - room.last)}"
    topic = f"  {room.topic}" if room.topic else ""
    return f"{room.room}  {people}{spoke}{topic}"


def search_text(words: Sequence[str], entries: Sequence[Entry], has_more: bool) -> str:
    """The answer to /search: what was found, oldest first, each with its day, id and place."""
    sought = " ".join(word for word in words if not _PAGE.fullmatch(word))
    if not entries:
        return f"Nothing was found for {sought}"
    more = f"; older ones: /search {sought} before:{entries[0].id}" if has_more else ""
    lines = [
        f"{format_time(entry.at)[:10]}  {entry.id}  {entry.target} {entry.nick}: {entry.text}"
        for entry in entries
    ]
    return LINE_BREAK.join([f"Found for {sought}{more}", *lines])


def unread_text(rooms: Sequence[Unread]) -> str:
    """The answer to /unread: a line for each room or person."""
    lines = [f"{room.target}  {room.count} unread, {room.mentions} for you" for room in rooms if room.count]
    return LINE_BREAK.join(lines) if lines else "You have read everything"


def _ago(seconds: float) -> str:
    for size, unit in ((86_400, "day"), (3_600, "hour"), (60, "minute")):
        count = int(seconds // size)
        if count > 0:
            return f"{count} {unit}{'s' * (count > 1)} ago"
    return "just now"
