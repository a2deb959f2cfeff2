"""Who is where: connections, people, rooms and their names. No I/O; everything here belongs to the hub thread."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING, TypeAlias

from chat_server import text
from chat_server.outbox import Outbox
from chat_server.recent import Recent
from chat_server.sight import Sight
from chat_server.wire import ClientLine, Entry, Refused, WhoName

if TYPE_CHECKING:
    from chat_server.about import About
    from chat_server.people import Claim

Work: TypeAlias = "ClientLine | Refused | About"
"""What a reader hands to the hub for one line."""


class Session:
    """One connection: a person may have several.

    `lines` and `unstored` belong to the hub; the reader waits at `gate`, which the hub opens when every line
    that was handed over is done and stored. One batch is under way at a time, so TCP is the queue. It opens earlier
    for a long `answer`, which the reader writes at the client's own speed before the hub goes on.
    """

    __slots__ = (
        "address", "answer", "box", "came_after", "current", "gate", "is_busy", "is_gone", "is_program", "lines",
        "person", "sight", "unstored", "visitor",
    )  # fmt: skip

    def __init__(self, box: Outbox, address: str, visitor: str) -> None:
        self.box = box
        self.address = address
        self.visitor = visitor
        """The identity of this connection as long as nobody claims a name on it."""
        self.came_after = 0
        """The last id when the connection began."""
        self.person: Person
        self.current: Room | None = None
        self.lines: deque[Work] = deque()
        self.unstored = 0
        self.answer: list[bytes] = []
        """Pieces of a long answer that wait to be written."""
        self.gate = threading.Lock()
        self.gate.acquire()
        self.is_busy = False
        """A batch of lines is under way: the reader waits at the gate."""
        self.is_gone = False
        self.is_program = False
        """It labels its lines."""
        self.sight = Sight()


class Person:
    """Somebody with a nick, on one connection or several."""

    __slots__ = ("away", "claim", "identity", "is_operator", "nick", "rooms", "sessions")

    def __init__(self, nick: str, identity: str) -> None:
        self.nick = nick
        self.identity = identity
        self.claim: Claim | None = None
        """The name he proved to own; None for a guest."""
        self.is_operator = False
        self.away: str | None = None
        self.rooms: dict[str, Room] = {}
        self.sessions: list[Session] = []

    @property
    def boxes(self) -> list[Outbox]:
        """The outboxes of all his connections."""
        return [session.box for session in self.sessions]

    @property
    def is_claimed(self) -> bool:
        """Whether he goes by a name that is his alone."""
        return self.claim is not None and text.fold(self.nick) == self.claim.fold

    def who_name(self) -> WhoName:
        """As /who shows him."""
        return WhoName(self.nick, self.is_operator, self.is_claimed, self.away is not None)


class Room:
    """A room and the people in it. It goes when the last one leaves, unless something was said in it."""

    __slots__ = (
        "_boxes",
        "is_kept",
        "last_at",
        "name",
        "people",
        "recent",
        "recent_is_loaded",
        "told_count",
        "topic",
        "topic_id",
    )

    def __init__(self, name: str, backlog: int) -> None:
        self.name = name
        self.people: dict[Person, None] = {}
        self.topic = ""
        self.topic_id: int | None = None
        """The entry that set it; None if that was before the start."""
        self.last_at: int | None = None
        self.is_kept = False
        """Something was said here: the log has it."""
        self.recent = Recent(backlog)
        """What is shown to who joins."""
        self.recent_is_loaded = True
        """False while the log has entries of this room that nobody asked for since the start."""
        self.told_count = 0
        """The count of people that a big room was last told."""
        self._boxes: list[Outbox] | None = None

    @property
    def boxes(self) -> list[Outbox]:
        """Every outbox in the room; kept until somebody comes or goes, for a broadcast walks it."""
        if self._boxes is None:
            self._boxes = [session.box for person in self.people for session in person.sessions]
        return self._boxes

    def remember(self, entry: Entry, line: bytes) -> None:
        """Something was said here."""
        self.is_kept = True
        self.last_at = entry.at
        if entry.kind == "topic":
            self.topic, self.topic_id = entry.text, entry.id
        if self.recent_is_loaded:
            self.recent.keep(entry, line)

    def changed(self) -> None:
        """Somebody or a connection of his came or went."""
        self._boxes = None
