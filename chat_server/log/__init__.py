"""The log of everything said: an interface, so that several servers can share one later.

An engine gives out ids 1, 2, 3 … without a hole, in commit order, and never one twice. What `append` returned
is durable. A server broadcasts only what `follow` delivers, its own entries included.

    sqlite.py       the embedded engine: one file, one process
    statements.py   its SQL    schema.py  its tables    folder.py  the data folder: lock, connections
    copies.py       backup, restore, check
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from chat_server.wire import Entry, EntryKind


@dataclass(frozen=True, slots=True)
class Draft:
    """An entry before it has an id.

    `author` and `peer` are identities ("p12" a claimed person, "g…" one guest's connection), never nicks: a
    direct message belongs to these two, whoever holds the names later. `peer` is None in a room. `label`
    makes a resend harmless: the same author and label give the entry that is already there.
    """

    at: int
    kind: EntryKind
    target: str
    nick: str
    text: str
    author: str
    ref: int | None = None
    peer: str | None = None
    label: str | None = None


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry with the identities behind it. `is_new` is False where a known label found the old entry."""

    entry: Entry
    author: str
    peer: str | None
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks, and so what may be answered: these rooms, and direct messages from or to this identity."""

    identity: str
    rooms: frozenset[str]


@dataclass(frozen=True, slots=True)
class Page:
    """Some entries in rising order. `has_more`: ask again after the last one (or before the first).

    `gaps` are (first, last) ids that retention removed within what was asked for.
    """

    entries: list[Entry]
    has_more: bool
    gaps: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Position:
    """Where the log stands. `epoch` changes when it is not the same log any more (a restored backup).

    `oldest` is the lowest id still kept, 0 in an empty log; `last` the highest ever given, 0 at the start.
    """

    epoch: str
    oldest: int
    last: int


@dataclass(frozen=True, slots=True)
class RoomSummary:
    """A room that something was said in: when last (Unix seconds), and its topic ("" for none)."""

    room: str
    last_at: int
    topic: str


class LogFailed(Exception):
    """The store is in doubt after an I/O error: nothing was acknowledged, the server must end (exit 1)."""


class StorageFull(Exception):
    """No room on the disk: nothing of this batch was stored, the log itself is whole."""


class CannotOpen(Exception):
    """The log cannot be opened; str() is one sentence for the person who starts the server."""


Deliver = Callable[[list[Stored]], None]


class Log(Protocol):
    """What an engine offers. `append` is for one thread; the reading methods are for any thread.

    `after` and `before` raise LogFailed when the store cannot be read.
    """

    def append(self, drafts: Sequence[Draft]) -> list[Stored]:
        """Stores a batch in one commit; durable on return, one Stored for each draft, in their order.

        Raises StorageFull (nothing was stored) or LogFailed (it is unknown what was).
        """
        ...

    def follow(self, deliver: Deliver) -> None:
        """From now on calls `deliver` with every batch of new entries: rising, gapless, each once."""
        ...

    def after(self, id: int, reader: Reader, limit: int) -> Page:
        """The first `limit` entries after an id that the reader may see."""
        ...

    def before(self, id: int | None, target: str, reader: Reader, limit: int) -> Page:
        """The last `limit` entries of one room or direct conversation, before an id or up to the end.

        `target` is a room, or "@" and the other one's identity.
        """
        ...

    def position(self) -> Position:
        """Epoch, oldest id kept, last id given."""
        ...

    def rooms(self) -> list[RoomSummary]:
        """Every room of the log, in no particular order."""
        ...

    def forget_before(self, at: int, limit: int) -> int:
        """Removes up to `limit` of the oldest entries, as long as they were said before `at`; how many it were.

        Only ever the old end goes: an entry stays as long as an older one does. Ids are never given again,
        rooms keep their topic, labels go on finding their id. Raises StorageFull or LogFailed.
        """
        ...

    def close(self) -> None:
        """Checkpoints and closes. Nothing may be called afterwards."""
        ...
