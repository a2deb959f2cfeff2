"""What is read from the embedded log: any thread, beside the one that writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from itertools import starmap
from pathlib import Path
from queue import Empty, LifoQueue
from time import monotonic
from typing import Any, Final

from chat_server import text
from chat_server.config import Limits
from chat_server.log import LogFailed, Page, Query, Reader, Stored, UnreadCount
from chat_server.log.folder import connect_reader
from chat_server.log.search import search
from chat_server.log.statements import (
    BEFORE,
    BRANCHES,
    CALLED,
    ENTRY,
    FIRST_OF_PAGE,
    GONE,
    LABELLED,
    LAST_SAID,
    after_query,
    pair,
    read_forgotten,
)
from chat_server.log.unread import count_naming, count_unread
from chat_server.wire import Entry

_LOOK_STEPS: Final = 100_000
"""Steps of SQLite's machine between two looks at the clock: about a millisecond."""

_LAST_ID: Final = 2**63 - 1


class LogReader:
    """The reading half of the embedded log. Any thread; nothing here waits for a commit."""

    def __init__(self, folder: Path, limits: Limits, undo: ExitStack) -> None:
        """Connects to the log in a folder; `undo` closes the connections. Raises sqlite3.Error."""
        self.folder = folder
        self.search_seconds = limits.search_seconds
        self._limits = limits

        def connect(count: int) -> LifoQueue[sqlite3.Connection]:
            pool: LifoQueue[sqlite3.Connection] = LifoQueue()
            for _ in range(count):
                conn = connect_reader(folder)
                undo.callback(conn.close)
                pool.put(conn)
            return pool

        self._readers = connect(limits.readers)
        self._searchers = connect(limits.searchers)
        self._counters = connect(limits.counters)
        self._is_over = False

    def end_reading(self) -> None:
        """Waits until nobody reads, and lets nobody begin: to close a connection under its reader is a crash."""
        if self._is_over:
            return
        self._is_over = True
        ends_at = monotonic() + self.search_seconds + 1.0
        for pool, count in (
            (self._readers, self._limits.readers),
            (self._searchers, self._limits.searchers),
            (self._counters, self._limits.counters),
        ):
            for _ in range(count):
                with suppress(Empty):
                    pool.get(timeout=max(0.0, ends_at - monotonic()))

    def after(self, id: int, reader: Reader, limit: int) -> Page:
        """See Log.after."""
        # A room without its # could be the name of a direct conversation.
        rooms = [room for room in reader.rooms if room.startswith("#")]
        rows: list[Any] = []
        with self._snapshot() as conn:
            forgotten = read_forgotten(conn)
            for start in range(0, len(rooms) or 1, BRANCHES):
                some = rooms[start : start + BRANCHES]
                query = after_query(len(some), with_direct=start == 0)
                rows += conn.execute(query, (id, limit + 1, reader.identity, *some)).fetchall()
        if len(rooms) > BRANCHES:
            rows.sort(key=lambda row: row[2])
        gaps = [(max(id, 0) + 1, forgotten)] if id < forgotten else []
        return Page(list(starmap(Entry, rows[:limit])), len(rows) > limit, gaps)

    def before(self, id: int | None, target: str, reader: Reader, limit: int) -> Page:
        """See Log.before."""
        if target.startswith("@"):
            conversation = pair(reader.identity, target[1:])
        elif target.startswith("#") and target in reader.rooms:
            conversation = target
        else:
            return Page([], has_more=False, gaps=[])
        end = _LAST_ID if id is None else id
        with self._snapshot() as conn:
            forgotten = read_forgotten(conn)
            found = conn.execute(FIRST_OF_PAGE, (conversation, end, limit - 1)).fetchall()
            has_more = len(found) > 1
            first = found[0][0] if has_more else 0
            rows = conn.execute(BEFORE, (conversation, first, end)).fetchall()
        gone = min(forgotten, end - 1)
        gaps = [(1, gone)] if gone > 0 and not has_more else []
        return Page(list(starmap(Entry, rows)), has_more, gaps)

    def find(self, id: int) -> Stored | None:
        """See Log.find."""
        with self._snapshot() as conn:
            row = conn.execute(
                f"SELECT {ENTRY}, author, peer FROM entry WHERE id = ? AND NOT ({GONE})", (id,)
            ).fetchone()
        return None if row is None else Stored(Entry(*row[:7]), row[7], row[8])

    def labelled(self, author: str, label: str) -> int | None:
        """See Log.labelled."""
        with self._snapshot() as conn:
            row = conn.execute(LABELLED, (author, label)).fetchone()
        return None if row is None else int(row[0])

    def partners(self, identity: str, nick: str) -> list[str]:
        """See Log.partners."""
        wanted = text.fold(nick)
        with self._snapshot() as conn:
            named = [
                (other.removeprefix("@"), conn.execute(CALLED, (place, other[1:])).fetchone())
                for place, other in _places(conn, Reader(identity, frozenset()), None).items()
            ]
        return [other for other, row in named if row is not None and text.fold(row[0]) == wanted]

    def directs(self, identity: str, limit: int) -> list[tuple[str, int]]:
        """See Log.directs."""
        with self._snapshot() as conn:
            places = _places(conn, Reader(identity, frozenset()), None)
            last = [
                (conn.execute(LAST_SAID, (place,)).fetchone()[0] or 0, place, other)
                for place, other in places.items()
            ]
            newest = sorted(last, reverse=True)[:limit]
            return [
                (conn.execute(CALLED, (place, other[1:])).fetchone()[0], id)
                for id, place, other in newest
                if id
            ]

    def has_reacted(self, id: int, author: str, emoji: str) -> bool:
        """See Log.has_reacted."""
        with self._snapshot() as conn:
            row = conn.execute(
                "SELECT kind FROM entry INDEXED BY entry_by_ref WHERE ref = ? AND author = ? AND text = ?"
                " AND kind IN ('react', 'unreact') ORDER BY id DESC LIMIT 1",
                (id, author, emoji),
            ).fetchone()
        return bool(row == ("react",))

    def search(self, query: Query, reader: Reader, limit: int, before: int | None = None) -> Page:
        """See Log.search. At most `search_seconds`."""
        with self._snapshot(self._searchers) as conn:
            end = monotonic() + self.search_seconds

            def is_over() -> bool:
                return monotonic() > end

            conn.set_progress_handler(is_over, _LOOK_STEPS)
            try:
                return search(conn, query, reader, limit, before, is_over)
            finally:
                conn.set_progress_handler(None, 0)

    def unread(
        self,
        reader: Reader,
        marks: Mapping[str, int],
        me: str,
        names: Sequence[str],
        only: str | None = None,
    ) -> list[UnreadCount]:
        """See Log.unread."""
        with self._snapshot(self._counters) as conn:
            places = _places(conn, reader, only)
            after = {
                place: marks.get(target, marks.get("@", 0) if target.startswith("@") else 0)
                for place, target in places.items()
            }
            counted = count_unread(conn, after, me, self._limits.unread_most)
            rooms = {place: part for place, part in counted.items() if place.startswith("#")}
            named = count_naming(conn, rooms, me, names)
        return [
            UnreadCount(
                places[place],
                part.nick,
                part.count,
                named[place] if place in rooms else part.count,
                part.first,
                part.first_at,
            )
            for place, part in counted.items()
        ]

    @contextmanager
    def _snapshot(self, pool: LifoQueue[sqlite3.Connection] | None = None) -> Iterator[sqlite3.Connection]:
        """A connection of a pool, in a read transaction: what is read is of one moment."""
        pool = pool or self._readers
        conn = pool.get()
        try:
            conn.execute("BEGIN")
            yield conn
        except sqlite3.Error as error:
            raise LogFailed(f"Reading the log in {self.folder} failed: {error}") from error
        finally:
            try:
                conn.rollback()
            finally:
                pool.put(conn)


def _places(conn: sqlite3.Connection, reader: Reader, only: str | None) -> dict[str, str]:
    """The conversations of a reader as the log names them, each with its name as a mark has it."""
    if only is not None and only.startswith("@"):
        return {pair(reader.identity, only[1:]): only}
    places = {room: room for room in reader.rooms if room.startswith("#") and only in (None, room)}
    if only is None:
        for (conversation,) in conn.execute(
            "SELECT conversation FROM direct WHERE identity = ?", (reader.identity,)
        ).fetchall():
            one, other = conversation.split(" ")
            places[conversation] = "@" + (other if one == reader.identity else one)
    return places
