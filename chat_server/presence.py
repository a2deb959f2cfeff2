"""Who is in which room, and who is told of it. No sockets; everything here belongs to the hub thread."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

from chat_server.config import Limits
from chat_server.courier import Outbox
from chat_server.log import Log, Reader
from chat_server.roster import Names, Person, Room, Session
from chat_server.wire import Begin, End, Join, Nick, Part, People, ServerLine, encode


class Post(Protocol):
    """What the hub needs of a courier."""

    def put(self, box: Outbox, data: bytes) -> None: ...
    def put_all(self, boxes: Iterable[Outbox], data: bytes) -> None: ...
    def hold(self, box: Outbox) -> None: ...
    def finish(self, box: Outbox, seconds: float) -> None: ...
    def forget(self, box: Outbox) -> None: ...
    def wait_for_room(self) -> None: ...


class Presence:
    """The people and the rooms. In a big room comings and goings are counted, not told."""

    def __init__(self, limits: Limits, courier: Post, clock: Callable[[], int], messages: Log) -> None:
        self.names = Names()
        self.rooms: dict[str, Room] = {}
        self._limits = limits
        self._courier = courier
        self._clock = clock
        self._log = messages
        self._told_at = 0
        for summary in messages.rooms():
            room = self.rooms[summary.room] = Room(summary.room, limits.backlog)
            room.is_kept = True
            room.topic = summary.topic
            room.last_at = summary.last_at
            room.recent_is_loaded = False

    def room(self, name: str) -> Room:
        """The room of that name, made if need be."""
        room = self.rooms.get(name)
        if room is None:
            room = self.rooms[name] = Room(name, self._limits.backlog)
        return room

    def busy_rooms(self) -> int:
        """How many rooms have somebody in them."""
        return sum(1 for room in self.rooms.values() if room.people)

    def enter(self, session: Session, room: Room) -> None:
        """Puts a person into a room, makes it the current one of this connection, and shows what was said."""
        person = session.person
        session.current = room
        if room.name not in person.rooms:
            person.rooms[room.name] = room
            room.people[person] = None
            room.changed()
            self._tell_room(room, Join(self._clock(), room.name, person.nick), but=session)
        self._load_recent(room)
        begin, end = (
            Begin(self._clock(), "history", (room.name,)),
            End(self._clock(), "history", (room.name,)),
        )
        recent = b"".join(line for _, line in room.recent)
        self._courier.put(session.box, encode(begin) + recent + encode(end))

    def leave(self, session: Session, room: Room, reason: str = "") -> None:
        """Takes a person out of a room, on all his connections."""
        person = session.person
        part = Part(self._clock(), room.name, person.nick, reason)
        boxes = person.boxes
        self._take_out(person, room, reason)
        self._courier.put_all(boxes, encode(part))
        for other in person.sessions:
            if other.current is room:
                other.current = next(reversed(person.rooms.values()), None)

    def rename(self, person: Person, nick: str) -> None:
        """Gives a person another nick and tells everybody who shares a room with him, each once."""
        line = encode(Nick(self._clock(), person.nick, nick))
        self.names.remove(person)
        person.nick = nick
        self.names.add(person)
        told: dict[Outbox, None] = dict.fromkeys(person.boxes)
        for room in person.rooms.values():
            if len(room.people) <= self._limits.told_people:
                told.update(dict.fromkeys(room.boxes))
        self._courier.put_all(told, line)

    def leave_all(self, session: Session, reason: str) -> None:
        """A connection ends; with the last one of a person he leaves every room."""
        if session.is_gone:
            return
        session.is_gone = True
        person = session.person
        person.sessions.remove(session)
        for room in list(person.rooms.values()):
            room.changed()
            if not person.sessions:
                self._take_out(person, room, reason)
        if not person.sessions:
            self.names.remove(person)

    def _take_out(self, person: Person, room: Room, reason: str) -> None:
        del room.people[person]
        del person.rooms[room.name]
        room.changed()
        self._tell_room(room, Part(self._clock(), room.name, person.nick, reason))
        if not room.people and not room.is_kept:
            del self.rooms[room.name]

    def _tell_room(self, room: Room, line: ServerLine, but: Session | None = None) -> None:
        """Presence, unless the room is so big that it is only counted."""
        if len(room.people) <= self._limits.told_people:
            if room.told_count <= self._limits.told_people:
                room.told_count = len(room.people)
            boxes = room.boxes
            if but is not None:
                boxes = [box for box in boxes if box is not but.box]
            if boxes:
                self._courier.put_all(boxes, encode(line))

    def tell_counts(self) -> None:
        """Tells big rooms, and those that just were, how many they are; at most every `people_seconds`."""
        now = self._clock()
        if now - self._told_at < self._limits.people_seconds:
            return
        self._told_at = now
        for room in self.rooms.values():
            count = len(room.people)
            is_big = max(count, room.told_count) > self._limits.told_people
            if is_big and count != room.told_count:
                room.told_count = count
                self._courier.put_all(room.boxes, encode(People(now, room.name, count)))

    def _load_recent(self, room: Room) -> None:
        """Reads the last entries of a room when first somebody comes; from then on the hub keeps them itself."""
        if not room.recent_is_loaded:
            room.recent_is_loaded = True
            page = self._log.before(None, room.name, Reader("", frozenset({room.name})), self._limits.backlog)
            room.recent.extend((entry.id, encode(entry)) for entry in page.entries)
