"""Who is in which room, and who is told of it. No sockets; everything here belongs to the hub thread."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Protocol

from chat_server.config import Limits
from chat_server.log import Log, LogFailed, Reader
from chat_server.names import Names
from chat_server.outbox import Outbox
from chat_server.roster import Person, Room, Session
from chat_server.sight import Sight
from chat_server.wire import Away, Begin, End, Join, Nick, Part, People, ServerLine, encode

if TYPE_CHECKING:
    from chat_server.people import Claim


log = logging.getLogger(__name__)


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

    def __init__(
        self, limits: Limits, courier: Post, clock: Callable[[], int], messages: Log, names: Names
    ) -> None:
        self.names = names
        self.rooms: dict[str, Room] = {}
        self._limits = limits
        self._courier = courier
        self._clock = clock
        self._log = messages
        self._told_at = 0
        self.heard = messages.position().last
        """Id of the last entry that was broadcast: what the log has beyond it is still to come."""
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

    def join(self, session: Session, room: Room, among: int = 1) -> None:
        """As `enter`, and the connection itself is told, which is how it knows."""
        self._courier.put(session.box, encode(Join(self._clock(), room.name, session.person.nick)))
        self.enter(session, room, among)

    def enter(self, session: Session, room: Room, among: int = 1) -> None:
        """Puts a person into a room, makes it the current one of this connection, and shows what was said.

        `among`: how many rooms he comes into at once; the more, the less is shown of each.
        """
        person = session.person
        session.current = room
        if room.name not in person.rooms:
            person.rooms[room.name] = room
            room.people[person] = None
            room.changed()
            line = Join(self._clock(), room.name, person.nick)
            if len(room.people) > self._limits.told_people:
                # His other devices must know, also where nobody is told.
                others = [other.box for other in person.sessions if other is not session]
                self._courier.put_all(others, encode(line))
            self._tell_room(room, line, but=session)
        self._load_recent(room)
        begin, end = (
            Begin(self._clock(), "history", (room.name,)),
            End(self._clock(), "history", (room.name,)),
        )
        recent = room.recent.within(min(1.0, 4 / among) * self._limits.backlog_bytes)
        self._courier.put(session.box, encode(begin) + recent + encode(end))
        # The id stands behind the time and the word.
        session.sight.extend(room.name, int(recent.split(b" ", 3)[2]) if recent else self.heard + 1)

    def leave(self, session: Session, room: Room, reason: str = "") -> None:
        """Takes a person out of a room, on all his connections."""
        person = session.person
        part = Part(self._clock(), room.name, person.nick, reason)
        boxes = person.boxes
        self._take_out(person, room, reason)
        self._courier.put_all(boxes, encode(part))
        for other in person.sessions:
            other.sight.forget(room.name)
            if other.current is room:
                other.current = next(reversed(person.rooms.values()), None)

    def rename(self, person: Person, nick: str) -> None:
        """Gives a person another nick and tells everybody who shares a room with him, each once."""
        line = Nick(self._clock(), person.nick, nick)
        if nick == person.nick:
            self._courier.put_all(person.boxes, encode(line))
            return
        self.names.remove(person)
        person.nick = nick
        self.names.add(person)
        self._tell_company(person, line)

    def identify(self, session: Session, claim: Claim, rooms: Sequence[str], current: str) -> bool:
        """This connection is proved to be the person who made a claim; whether that takes it where he is or was.

        He may be here already on another device: then this is one connection more of his, in his rooms. Else he
        gets his nick and goes back to the rooms he was in last, if any are known.
        """
        person, nick = session.person, claim.nick
        if person.claim is not None and person.identity != claim.identity:
            person = self._become_guest(session)
        here = self.names.by_identity.get(claim.identity)
        if here is not None and here is not person:
            self._move(session, here, current)
            return True
        holder = self.names.holder(nick)
        if holder is not None and holder is not person:
            # Whoever slipped in between the proof and now keeps everything but the name.
            self.rename(holder, self.free_guest())
        if here is person:
            # Said again: he is in his rooms already.
            self.rename(person, nick)
            return False
        self.names.identify(person, claim)
        if person.nick == nick:
            # The same name, but now his own: who shows a mark for that must know.
            self._tell_company(person, Nick(self._clock(), nick, nick))
        else:
            self.rename(person, nick)
        # Without any he has claimed it just now, or left them all, and everything stays as it is.
        if rooms:
            self._return_to(session, rooms, current)
        return bool(rooms)

    def _become_guest(self, session: Session) -> Person:
        """A connection parts from its person, as if it had just come."""
        old = session.person
        guest = Person(self.free_guest(), session.visitor)
        self.names.add(guest)
        self._courier.put(session.box, encode(Nick(self._clock(), old.nick, guest.nick)))
        current = session.current
        old.sessions.remove(session)
        for room in list(old.rooms.values()):
            room.changed()
            if not old.sessions:
                self._take_out(old, room, "")
        if not old.sessions:
            self.names.remove(old)
        guest.sessions.append(session)
        session.person = guest
        session.sight = Sight()
        if current is not None:
            self.enter(session, self.room(current.name))
        return guest

    def _move(self, session: Session, here: Person, current: str) -> None:
        """A connection joins a person who is here already, where he talked last."""
        guest = session.person
        old_rooms = list(guest.rooms.values())
        self._courier.put(session.box, encode(Nick(self._clock(), guest.nick, here.nick)))
        guest.sessions.remove(session)
        if not guest.sessions:
            for room in old_rooms:
                self._take_out(guest, room, f"is {here.nick}")
            self.names.remove(guest)
        session.person = here
        here.sessions.append(session)
        for room in old_rooms:
            if room.name not in here.rooms:
                session.sight.forget(room.name)
                self._courier.put(session.box, encode(Part(self._clock(), room.name, here.nick)))
        for room in here.rooms.values():
            room.changed()
            if room not in old_rooms:
                self.join(session, room, among=len(here.rooms))
        session.current = here.rooms.get(current) or next(iter(here.rooms.values()), None)

    def _return_to(self, session: Session, rooms: Sequence[str], current: str) -> None:
        """Back to the rooms of the last time."""
        person = session.person
        for name in rooms:
            if name not in person.rooms:
                self.join(session, self.room(name), among=len(rooms))
        for room in [room for room in person.rooms.values() if room.name not in rooms]:
            self.leave(session, room)
        session.current = person.rooms.get(current, session.current)

    def free_guest(self) -> str:
        """A guest's nick that nobody has."""
        while self.names.holder(guest := self.names.guest()):
            pass
        return guest

    def set_away(self, person: Person, reason: str | None) -> None:
        """Marks a person away (None: back) and tells everybody who shares a room with him, each once."""
        person.away = reason
        self._tell_company(person, Away(self._clock(), person.nick, reason or ""))

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
        if not room.people:
            if not room.is_kept:
                del self.rooms[room.name]
            else:
                # Nobody reads it now: the log has it, for whoever comes next.
                room.recent.clear()
                room.recent_is_loaded = False

    def _tell_company(self, person: Person, line: ServerLine) -> None:
        """Everybody who shares a room with a person, each once, and himself; big rooms are not told."""
        told: dict[Outbox, None] = dict.fromkeys(person.boxes)
        for room in person.rooms.values():
            if len(room.people) <= self._limits.told_people:
                told.update(dict.fromkeys(room.boxes))
        self._courier.put_all(told, encode(line))

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

    def forget_before(self, id: int) -> None:
        """Retention removed everything before an id: nobody who joins is shown it any more."""
        for room in self.rooms.values():
            room.recent.forget_before(id)

    def _load_recent(self, room: Room) -> None:
        """Reads the last entries of a room when first somebody comes; from then on the hub keeps them itself."""
        if room.recent_is_loaded:
            return
        try:
            page = self._log.before(
                self.heard + 1, room.name, Reader("", frozenset({room.name})), self._limits.backlog
            )
        except LogFailed as error:
            # Who comes is let in without it: a page that the disk has spoiled is no reason to end the server.
            log.error("nobody can be shown what was said in %s: %s", room.name, error)
            return
        room.recent_is_loaded = True
        for entry in page.entries:
            if entry.id <= self.heard:
                room.recent.keep(entry, encode(entry))
