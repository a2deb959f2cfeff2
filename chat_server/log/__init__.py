"""The log of everything said: an interface, so that several servers can share one later.

An engine gives out ids 1, 2, 3 … without a hole, in commit order, and never one twice. What `append` returned
is durable. A server broadcasts only what `follow` delivers, its own entries included.

An edit, a delete or a reaction is an entry of its own that names the entry it is about (`ref`). A message that
was deleted keeps its id; its text, that of its edits and its reactions are gone from the store.

    sqlite.py       the embedded engine, one file, one process: what writes    reading.py  what reads
    statements.py   its SQL    schema.py  its tables    folder.py  the data folder: lock, connections
    known.py        what of a batch is there already    adopting.py  what of a guest becomes a person's
    search.py       searching    unread.py  counting    grams.py  what a text is found by
    postings.py     the index of that    index.py  how it is kept    lookup.py  how it is asked
    copies.py       backup, restore, check
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
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
    """An entry with the identities behind it. `is_new` is False where it was there before."""

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


@dataclass(frozen=True, slots=True)
class Query:
    """What a search is for: all the words, each a part of the text, and all the phrases; who said it, where, and when.

    `author` is a folded nick, `after` and `before` are Unix seconds; `others` are identities: only what was said between
    the reader and one of them alone. None is no condition; with none at all nothing is found.
    """

    words: tuple[str, ...]
    author: str | None = None
    room: str | None = None
    after: int | None = None
    before: int | None = None
    phrases: tuple[str, ...] = ()
    others: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class UnreadCount:
    """What one has not read of a room, or of a direct conversation ("@" and the other's identity).

    `nick` is the other's latest nick, "" for a room. `first` and `first_at` are the first unread entry.
    """

    target: str
    nick: str
    count: int
    mentions: int
    first: int
    first_at: int


class LogFailed(Exception):
    """The store is in doubt after an I/O error: nothing was acknowledged, the server must end (exit 1)."""


class StorageFull(Exception):
    """No room on the disk: nothing of this batch was stored, the log itself is whole."""


class CannotOpen(Exception):
    """The log cannot be opened; str() is one sentence for the person who starts the server."""


Deliver = Callable[[list[Stored]], None]


class Log(Protocol):
    """What an engine offers. `append` is for one thread; the reading methods are for any thread.

    The reading methods raise LogFailed when the store cannot be read.
    """

    def append(self, drafts: Sequence[Draft]) -> list[Stored]:
        """Stores a batch in one commit; durable on return, one Stored for each draft, in their order.

        A delete takes the texts of the message or topic that it is about, of its edits and its reactions out of the
        store in the same commit; a deleted topic is a deleted message from then on. An edit or a reaction that comes
        too late, after the delete, is stored without its text.

        What is so already is not stored again: a reaction (author, emoji) that is in force, one that is taken back, a
        delete of what was deleted. Such a draft gets the entry that said it first, and so does its label.

        Raises StorageFull (nothing was stored) or LogFailed (it is unknown what was).
        """
        ...

    def follow(self, deliver: Deliver) -> None:
        """From now on calls `deliver` with every batch of new entries: rising, gapless, each once."""
        ...

    def after(self, id: int, reader: Reader, limit: int) -> Page:
        """The first `limit` entries after an id that the reader may see, without what was deleted."""
        ...

    def before(self, id: int | None, target: str, reader: Reader, limit: int) -> Page:
        """The last `limit` messages of one room or direct conversation, before an id or up to the end.

        `target` is a room, or "@" and the other one's identity. Messages are what was said (msg, act, topic)
        and not deleted; with them comes, from wherever it is in the log, what holds of them: the newest edit
        of each, the reactions in force, and the deletes of those that are missing between them.
        """
        ...

    def find(self, id: int) -> Stored | None:
        """An entry that is still there: None if it never was, was removed by retention, or was deleted."""
        ...

    def labelled(self, author: str, label: str) -> int | None:
        """The id of what this identity said under a label, also when it was removed since; None if nothing."""
        ...

    def partners(self, identity: str, nick: str) -> list[str]:
        """The other identities of the direct conversations of this one that were last called `nick` there, in
        whatever case: a guest who left, and who had the name before. In no order."""
        ...

    def directs(self, identity: str, limit: int) -> list[tuple[str, int]]:
        """The last direct conversations of an identity, newest first: what the other was last called, the last id."""
        ...

    def has_reacted(self, id: int, author: str, emoji: str) -> bool:
        """Whether a reaction of this identity with this emoji to an entry is in force."""
        ...

    def search(self, query: Query, reader: Reader, limit: int, before: int | None = None) -> Page:
        """The last `limit` entries (before an id) that the reader may see and that hold all the words.

        A word is found wherever it occurs, also inside another one; of one or two letters it must be a whole
        word, but for writing without spaces (Chinese, Thai, emoji). A phrase is found where its words follow one
        another; the first one may be the end of a longer word, the last one the beginning. Case and accents do
        not matter. A message that was edited is found by its newest text and given as that edit; its `ref` is the
        message.

        A search that takes too long gives what it found until then, with `has_more`.
        """
        ...

    def unread(
        self,
        reader: Reader,
        marks: Mapping[str, int],
        me: str,
        names: Sequence[str],
        only: str | None = None,
    ) -> list[UnreadCount]:
        """What others than `me` said after the marks, for each conversation that has any, in no order.

        A mark is an id, by room or by "@" and the other's identity; "@" alone is for direct conversations that
        have none, else a missing one is 0. Only messages (msg, act) count, up to Limits.unread_most of a conversation.
        One of them mentions me if one of the names occurs in it as a word, or if it is direct. With `only`, named
        as a mark is, no other conversation is looked at.
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

    def index_some(self, wait: Callable[[], bool]) -> int:
        """Makes some more entries fast to search, beside everything else; how many, 0 if all are.

        Any thread, but one at a time. `wait` is called after each millisecond or so of work, for others to get
        on; with True it ends the call. Raises StorageFull or LogFailed.
        """
        ...

    def close(self) -> None:
        """Checkpoints and closes. Nothing may be called afterwards."""
        ...
