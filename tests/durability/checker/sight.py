"""What one client has seen, of which stretches of the log it must have seen all, and what it must not see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from chat_server.wire import Entry
from tests.durability.checker.standing import MESSAGES, gone_among

DIRECT: Final = "@"
"""Stands for all direct conversations of a person, as a room's name does for the room."""


def place_of(entry: Entry) -> str:
    """Its room, or DIRECT."""
    return entry.target if entry.target[0] == "#" else DIRECT


@dataclass(frozen=True, slots=True)
class Span:
    """Of a place everything after one id, up to another, was to be seen; on which connection (guests only)."""

    place: str
    after: int
    upto: int
    connection: int


@dataclass(slots=True)
class Backlog:
    """What was shown on joining a room, and what came after it: right by itself from its first message on."""

    first: int
    entries: dict[int, Entry]


@dataclass
class Sight:
    """Follows the lines of one client, connection after connection.

    The stream is what /since brought and what came live behind it; backlogs are kept apart. Between two known
    ids the stream says in which rooms the client was, since `join` and `part` stand in it at their places.
    """

    is_guest: bool
    me: str = ""
    connection: int = 0
    rooms: set[str] = field(default_factory=set)
    heard: int = 0
    """Everything up to this id that was to be seen was seen: the cursor."""
    is_current: bool = False
    """Nothing lies between `heard` and now: live lines count."""
    seen: list[int] = field(default_factory=list)
    entries: dict[int, Entry] = field(default_factory=dict)
    """The newest of what was seen, from the id `kept_from` on."""
    kept_from: int = 1
    gone: set[int] = field(default_factory=set)
    """What was seen to be deleted."""
    spans: list[Span] = field(default_factory=list)
    open: dict[str, int] = field(default_factory=dict)
    """Place -> the id after which everything was seen, up to `heard`."""
    backlogs: dict[str, list[Backlog]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    _coming: set[str] = field(default_factory=set)
    """Rooms joined while everything before was seen; after which id is known when the next one comes."""

    def connect(self, nick: str, room: str) -> None:
        """A new connection, as `welcome` says."""
        if self.is_guest:
            # The identity ended, and what was said to it alone.
            self._close(DIRECT)
            self.entries = {id: entry for id, entry in self.entries.items() if entry.target[0] == "#"}
        self.connection += 1
        self.me = nick
        self.rooms = {room}
        self.is_current = False
        self._coming.clear()

    def join(self, room: str) -> None:
        """The client itself came into a room."""
        if room not in self.rooms:
            self.rooms.add(room)
            if self.is_current:
                self._coming.add(room)

    def part(self, room: str) -> None:
        """The client itself is out of a room."""
        self.rooms.discard(room)
        self._coming.discard(room)
        self._close(room)

    def page(self, after: int, entries: Sequence[Entry], upto: int, *, has_more: bool) -> None:
        """An answer to /since."""
        if self.is_current:
            self._audit(entries, upto)
            return
        if after != self.heard:
            self.faults.append(f"asked for what is after {self.heard} and got what is after {after}")
        if gone := gone_among(entries):
            self.faults.append(f"was shown {gone} after their deletes")
        here = {*self.rooms, DIRECT}
        for place in (self.open.keys() | self.backlogs.keys()) - here:
            self._close(place)
        for place in here:
            self.open.setdefault(place, after)
        for entry in entries:
            self._take(entry)
        self.heard = max(self.heard, upto)
        self.is_current = not has_more

    def hear(self, entry: Entry) -> None:
        """An entry that came live. Before the client is up to date it counts for nothing: /since brings it again."""
        if not self.is_current:
            return
        for room in self._coming:
            self.open[room] = entry.id - (entry.target == room)
        self._coming.clear()
        self._take(entry)

    def backlog(self, room: str, entries: Sequence[Entry]) -> None:
        """What was shown on joining a room."""
        if room not in self.rooms:
            self.faults.append(f"was shown {room} without being in it")
        if [entry.id for entry in entries] != sorted({entry.id for entry in entries}):
            self.faults.append(f"what was shown of {room} is not in order")
        if any(entry.target != room for entry in entries):
            self.faults.append(f"was shown something else with {room}")
        if gone := gone_among(entries):
            self.faults.append(f"was shown {gone} of {room} after their deletes")
        # If it shows no message there is none, and all that there will be comes now.
        first = next((entry.id for entry in entries if entry.kind in MESSAGES), 1)
        kept = self.backlogs.setdefault(room, [])
        # The first of this stay and the last one.
        del kept[1:]
        kept.append(Backlog(first, {entry.id: entry for entry in entries}))

    def forget(self, before: int) -> None:
        """Drops entries that are not compared any more."""
        self.kept_from = max(1, before)
        self.entries = {id: entry for id, entry in self.entries.items() if id >= before}
        self.gone = {id for id in self.gone if id >= before}
        self.backlogs.clear()

    def _audit(self, entries: Sequence[Entry], upto: int) -> None:
        """What /since brings of what was live: nothing new."""
        for entry in entries:
            place = place_of(entry)
            if entry.id not in self.entries and place in self.open and entry.id > self.open[place]:
                self.faults.append(f"{entry} did not come live")
        for room in self._coming:
            self.open[room] = upto
        self._coming.clear()
        self.heard = max(self.heard, upto)

    def _take(self, entry: Entry) -> None:
        if entry.id <= self.heard:
            self.faults.append(f"{entry.id} came after {self.heard}")
        if entry.target[0] == "#":
            if entry.target not in self.rooms:
                self.faults.append(f"saw {entry} and is not in that room")
            for backlog in self.backlogs.get(entry.target, ()):
                backlog.entries[entry.id] = entry
        elif self.me not in (entry.nick, entry.target[1:]):
            self.faults.append(f"saw {entry}, which is between others")
        self.heard = max(self.heard, entry.id)
        self.seen.append(entry.id)
        self.entries[entry.id] = entry
        if entry.kind == "delete" and entry.ref is not None:
            self.gone.add(entry.ref)

    def _close(self, place: str) -> None:
        self.backlogs.pop(place, None)
        if place in self.open:
            self.spans.append(Span(place, self.open.pop(place), self.heard, self.connection))
