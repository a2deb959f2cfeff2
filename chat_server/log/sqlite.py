"""The embedded engine: the log in one SQLite file, for one process."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Final, TypeVar

from chat_server.config import Limits
from chat_server.log import (
    CannotOpen,
    Deliver,
    Draft,
    LogFailed,
    Position,
    RoomSummary,
    StorageFull,
    Stored,
)
from chat_server.log.adopting import adopt, give, said_in_rooms
from chat_server.log.folder import BUSY_MS, DATABASE, check_whole, connect_writer, has_wal, take
from chat_server.log.index import (
    drop_block,
    finish_block,
    forget_blocks,
    mark_stale,
    next_block,
    read_rows,
    store_grams,
)
from chat_server.log.known import DECIDING, sort_out
from chat_server.log.postings import Postings, first_id
from chat_server.log.reading import LogReader
from chat_server.log.schema import migrate
from chat_server.log.statements import (
    blank,
    drop_late,
    forget_entries,
    forget_labels,
    insert,
    pair,
    read_oldest_label,
    read_position,
    read_rooms,
)
from chat_server.wire import Entry

CHECKPOINT_PAGES: Final = 1000
"""The WAL is copied into the database about every so many pages of 4 KiB, as SQLite itself would."""

INDEXED_AT_ONCE: Final = 32
"""Entries that are taken apart for the index in one piece: about a millisecond with the GIL."""

STORED_AT_ONCE: Final = 1024
"""Rows of the index that are stored in one commit: append() waits for 2 or 3 ms at most."""

_OUR_FAULT: Final = (
    sqlite3.IntegrityError,
    sqlite3.ProgrammingError,
    sqlite3.InterfaceError,
    sqlite3.DataError,
    sqlite3.NotSupportedError,
)

_INSERT_AGAIN: Final = "INSERT INTO label_again VALUES (?, ?, ?, ?)"

_LAST_ID: Final = 2**63 - 1

T = TypeVar("T")


class SqliteLog(LogReader):
    """Everything said, in FOLDER/talkline.db; who has one open has the folder to himself.

    1. append() and whatever the followers do: one thread, the log writer's.
    2. write(), forget_before(), index_some(): any thread; they wait while append() commits, and append() for them.
    3. Everything of LogReader, position(), rooms(): any thread, and they never wait for a commit.
    4. close(): once, when nobody writes; it waits for who reads.
    """

    def __init__(self, folder: Path, limits: Limits | None = None) -> None:
        """Opens the log in a folder, both made if need be. Raises CannotOpen."""
        self._writing = threading.Lock()
        self._failed: str | None = None
        self._followers: list[Deliver] = []
        self._pages = 0
        self._moves = 0
        path = folder / DATABASE
        with ExitStack() as undo:
            undo.callback(os.close, take(folder))
            try:
                was_cut_short = has_wal(folder)
                # What was deleted just before a kill is still in the WAL that it left behind.
                self._has_erased = was_cut_short
                self._writer = connect_writer(folder)
                undo.callback(self._writer.close)
                migrate(self._writer, path)
                if was_cut_short:
                    check_whole(self._writer, path)
                self._position = read_position(self._writer)
                self._rooms = read_rooms(self._writer)
                self._oldest_label = read_oldest_label(self._writer)
                super().__init__(folder, limits or Limits(), undo)
            except (sqlite3.Error, OSError) as error:
                raise CannotOpen(_why_not_open(path, error)) from error
            self._undo = undo.pop_all()

    # --- writing ---------------------------------------------------------------------------------------

    def append(self, drafts: Sequence[Draft]) -> list[Stored]:
        """See Log.append. A resent label costs a second attempt; the batch is one commit all the same."""
        with self._writing:
            try:
                if any(draft.kind in DECIDING for draft in drafts):
                    stored = self._commit_with_known(drafts, resends=False)
                else:
                    stored = self._commit(drafts)
            except sqlite3.IntegrityError:
                stored = self._commit_with_known(drafts, resends=True)
        new = [one for one in stored if one.is_new]
        if new:
            for deliver in self._followers:
                deliver(new)
        self._tidy()
        return stored

    def follow(self, deliver: Deliver) -> None:
        """See Log.follow. `deliver` is called in the thread that appends, after the commit."""
        self._followers = [*self._followers, deliver]

    def write(self, change: Callable[[sqlite3.Connection], T]) -> T:
        """What `change(connection)` returns, durable: it runs in a transaction of its own and must be short.

        An exception of `change` undoes it and is passed on. Raises StorageFull or LogFailed as append does.
        """
        with self._writing:
            self._pages += 8
            with self._transaction() as conn:
                result = change(conn)
        self._tidy()
        return result

    def forget_before(self, at: int, limit: int) -> int:
        """See Log.forget_before."""
        with self._writing:
            position = self._position
            first = position.oldest or position.last + 1
            with self._transaction() as conn:
                (kept,) = conn.execute(
                    "SELECT min(id) FROM (SELECT id, at FROM entry ORDER BY id LIMIT ?1) WHERE at >= ?2",
                    (limit, at),
                ).fetchone()
                end = min(first + limit, position.last + 1, kept or _LAST_ID)
                if end <= first:
                    return 0
                conn.execute(
                    # NOT INDEXED: the grouping would else tempt SQLite to walk the whole index.
                    "INSERT INTO room SELECT conversation, at, '' FROM entry WHERE id IN"
                    " (SELECT max(id) FROM entry NOT INDEXED WHERE id < ? AND peer IS NULL GROUP BY conversation)"
                    " ON CONFLICT (name) DO UPDATE SET last_at = excluded.last_at",
                    (end,),
                )
                forget_entries(conn, end)
                forget_blocks(conn, end - 1)
                conn.execute("UPDATE log SET forgotten = ?", (end - 1,))
            self._has_erased = True
            self._pages += 8 + (end - first)
            self._position = Position(position.epoch, end if end <= position.last else 0, position.last)
        self._tidy()
        return end - first

    def adopt(self, guest: str, identity: str, after: int) -> list[str]:
        """Gives a person all that one guest has said, his labels, and what was said to him alone, durable on return.

        The identities of the others in these direct conversations. `after`: an id from before the guest came. What he
        says or is said meanwhile stays his: call it when that has an end. Raises StorageFull or LogFailed.
        """
        if not guest.startswith("g"):
            raise ValueError(f"{guest} is no guest: what a person said is nobody else's")
        with self._snapshot() as conn:
            ids = said_in_rooms(conn, guest, after)
        for start in range(0, len(ids), STORED_AT_ONCE):
            self.write(partial(give, ids=ids[start : start + STORED_AT_ONCE], identity=identity))

        def move(conn: sqlite3.Connection) -> list[str]:
            self._moves += 1
            # A delete may reach its text only now.
            self._has_erased = True
            return adopt(conn, guest, identity)

        return self.write(move)

    def index_some(self, wait: Callable[[], bool]) -> int:
        """See Log.index_some. One block of 4,096; nearly all of the work is done beside append()."""
        self._erase()
        with self._snapshot() as conn:
            block = next_block(conn)
        if block is None:
            return 0
        moves = self._moves
        # What is there of it is stale, or of an attempt that was cut short.
        self.write(partial(drop_block, block=block))
        made = Postings(block)
        end = first_id(block + 1)
        for start in range(first_id(block), end, INDEXED_AT_ONCE):
            with self._snapshot() as conn:
                entries = read_rows(conn, start, min(start + INDEXED_AT_ONCE, end))
            made.add(entries)
            if wait():
                return 0
        for rows in made.rows(STORED_AT_ONCE):
            self.write(partial(store_grams, rows=rows))
            if wait():
                return 0
        # Entries that went to another conversation may be of this block.
        self.write(lambda conn: self._moves == moves and finish_block(conn, made))
        return end - first_id(block)

    def _commit(
        self,
        drafts: Sequence[Draft],
        again: Callable[[list[Stored]], list[tuple[str, str, int, int]]] = lambda stored: [],
    ) -> list[Stored]:
        """Stores drafts as new, and the labels that `again` has for what is there.

        sqlite3.IntegrityError, and nothing done, if one of the labels is known.
        """
        id = self._position.last
        # Flat rows, one INSERT for all: each step of a statement lets go of the GIL and has to win it back
        # from the threads that serve clients. Batches of 100 beside two busy threads: 2 to 4 times the rows
        # of executemany.
        entries: list[object] = []
        labels: list[object] = []
        stored: list[Stored] = []
        rooms: dict[str, RoomSummary] = {}
        topics: list[object] = []
        direct: set[tuple[str, str]] = set()
        deletes: list[tuple[int, int]] = []  # (what it is about, its own id)
        changes: list[tuple[int, int]] = []
        for draft in drafts:
            id += 1
            at, kind, target, nick, text = draft.at, draft.kind, draft.target, draft.nick, draft.text
            author, peer, ref = draft.author, draft.peer, draft.ref
            if peer is None:
                entries += (id, at, kind, target, None, nick, text, author, None, ref)
                known = rooms.get(target) or self._rooms.get(target)
                topic = text if kind == "topic" else known.topic if known else ""
                rooms[target] = RoomSummary(target, at, topic)
                if known is None or topic != known.topic:
                    topics += (target, 0, topic)
            else:
                conversation = pair(author, peer)
                entries += (id, at, kind, conversation, target, nick, text, author, peer, ref)
                direct |= {(author, conversation), (peer, conversation)}
            if draft.label is not None:
                labels += (id, at, author, draft.label)
            if ref is not None and kind == "delete":
                deletes.append((ref, id))
            elif ref is not None and kind in ("edit", "react", "unreact"):
                changes.append((ref, id))
            stored.append(Stored(Entry(at, kind, id, target, nick, text, ref), author, peer))
        also = again(stored)
        if not stored:
            if also:
                self._pages += 4
                with self._transaction() as conn:
                    conn.executemany(_INSERT_AGAIN, also)
            return []
        expired = at - self._limits.label_seconds
        oldest_label = self._oldest_label
        with self._transaction() as conn:
            if labels:
                insert(conn, "label", 4, labels)
            insert(conn, "entry", 10, entries)
            if also:
                conn.executemany(_INSERT_AGAIN, also)
            if direct:
                conn.executemany("INSERT INTO direct VALUES (?, ?) ON CONFLICT DO NOTHING", direct)
            if changes:
                drop_late(conn, changes)
            if deletes:
                mark_stale(conn, blank(conn, deletes))
            if topics:
                insert(conn, "room", 3, topics, "ON CONFLICT (name) DO UPDATE SET topic = excluded.topic")
            if oldest_label is not None and oldest_label < expired:
                forget_labels(conn, expired, limit=50 + len(labels) // 2)
                oldest_label = read_oldest_label(conn)
            elif oldest_label is None and labels:
                oldest_label = read_oldest_label(conn)
        self._oldest_label = oldest_label
        self._has_erased |= bool(deletes)
        self._rooms.update(rooms)
        self._position = Position(self._position.epoch, self._position.oldest or stored[0].entry.id, id)
        self._pages += 4 + len(drafts) // 2
        return stored

    def _commit_with_known(self, drafts: Sequence[Draft], *, resends: bool) -> list[Stored]:
        """As _commit, for a batch with some that may be there already: see sort_out."""
        with self._faults():
            batch = sort_out(self._writer, drafts, resends=resends)
        return batch.answers(self._commit(batch.fresh, batch.rows))

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        try:
            with self._faults():
                self._writer.execute("BEGIN IMMEDIATE")
                try:
                    yield self._writer
                    self._writer.execute("COMMIT")
                except BaseException:
                    # SQLite itself has rolled back after some faults.
                    if self._writer.in_transaction:
                        self._writer.execute("ROLLBACK")
                    raise
        except StorageFull:
            # Once it is copied, the WAL's own room serves the next attempt.
            self._copy_wal("PASSIVE")
            raise

    @contextmanager
    def _faults(self) -> Iterator[None]:
        """Turns SQLite's errors into ours; after one that leaves doubt nothing is written any more."""
        if self._failed is not None:
            raise LogFailed(self._failed)
        try:
            yield
        except _OUR_FAULT:
            raise
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
                raise StorageFull(f"No room on the disk of {self.folder}") from error
            # After a failed sync the kernel may count lost pages as written: trying again would lie.
            self._failed = f"Writing the log in {self.folder} failed: {error}"
            raise LogFailed(self._failed) from error

    def _tidy(self) -> None:
        if self._pages >= CHECKPOINT_PAGES:
            with self._writing:
                self._copy_wal("PASSIVE")

    def _erase(self) -> None:
        """Takes texts that are gone out of the WAL, where older pages stay until others are written over them."""
        with self._writing:
            if self._has_erased:
                # Without waiting for readers: if there are any, it is tried again.
                self._writer.execute("PRAGMA busy_timeout = 0").close()
                self._has_erased = not self._copy_wal("TRUNCATE")
                self._writer.execute(f"PRAGMA busy_timeout = {BUSY_MS}").close()

    def _copy_wal(self, mode: str) -> bool:
        """Copies the WAL into the database. False if somebody who reads kept it from doing all of it."""
        # On a full disk everything stays in the WAL, where it is as safe.
        with suppress(StorageFull), self._faults():
            self._pages = 0
            (is_busy, _, _) = self._writer.execute(f"PRAGMA wal_checkpoint({mode})").fetchone()
            return not is_busy
        return False

    # --- from memory -----------------------------------------------------------------------------------

    def position(self) -> Position:
        """See Log.position."""
        return self._position

    def rooms(self) -> list[RoomSummary]:
        """See Log.rooms."""
        return list(self._rooms.values())

    # --- the end ---------------------------------------------------------------------------------------

    def close(self) -> None:
        """See Log.close. Raises LogFailed if the last checkpoint fails; what was appended is safe even then."""
        try:
            with self._writing:
                try:
                    if self._failed is None:
                        self._copy_wal("TRUNCATE")
                finally:
                    # Still under the lock: a client's own thread that waits to write must not find it open.
                    self._failed = self._failed or f"The log in {self.folder} is closed"
        finally:
            self.end_reading()
            self._undo.close()


def _why_not_open(path: Path, error: Exception) -> str:
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest tells which kind of it
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return f"{path} is damaged ({error}): restore a backup, chat-server restore FILE."
    reason = error.strerror if isinstance(error, OSError) else str(error)
    return f"Cannot open {path}: {reason}."
