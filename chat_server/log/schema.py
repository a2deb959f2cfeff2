"""The tables of the embedded store, as ordered steps from an empty file to the schema of today.

A step that was released is never changed: a new one is added at the end.
"""

from __future__ import annotations

import secrets
import sqlite3
import string
from collections.abc import Callable
from pathlib import Path
from typing import Final

from chat_server.log import CannotOpen

APPLICATION_ID: Final = 0x54616C6B
"""Marks the file as ours ("Talk"), so that another program's database is left alone."""

EPOCH_LENGTH: Final = 6
"""62⁶ epochs: a restored log never has the one it had before by accident."""

_EPOCH_SIGNS: Final = string.ascii_letters + string.digits

Step = Callable[[sqlite3.Connection], None]


def new_epoch() -> str:
    """A name for one life of a log: 6 characters of [A-Za-z0-9], random."""
    return "".join(secrets.choice(_EPOCH_SIGNS) for _ in range(EPOCH_LENGTH))


def _entries_labels_rooms(conn: sqlite3.Connection) -> None:
    conn.execute(f"PRAGMA application_id = {APPLICATION_ID}")

    # One row. Ids up to `forgotten` were removed by retention; since ids are gapless and only the old end is
    # ever removed, the last id given is the highest in entry, or `forgotten`: it can not go back.
    conn.execute(
        "CREATE TABLE log (one INTEGER PRIMARY KEY CHECK (one = 1), epoch TEXT NOT NULL, forgotten INTEGER NOT NULL)"
    )
    conn.execute("INSERT INTO log VALUES (1, ?, 0)", (new_epoch(),))

    # `conversation` is the room, or the two identities of a direct message, sorted, with a space between;
    # `target` the "@NICK" that a direct message was sent to, NULL in a room. `ref` is the id it is about.
    conn.execute(
        "CREATE TABLE entry (id INTEGER PRIMARY KEY, at INTEGER NOT NULL, kind TEXT NOT NULL,"
        " conversation TEXT NOT NULL, target TEXT, nick TEXT NOT NULL, text TEXT NOT NULL,"
        " author TEXT NOT NULL, peer TEXT, ref INTEGER)"
    )
    # An index of SQLite ends with the row's id, so each of these gives one conversation in rising order.
    conn.execute("CREATE INDEX entry_by_conversation ON entry (conversation)")
    conn.execute("CREATE INDEX direct_by_author ON entry (author) WHERE peer IS NOT NULL")
    conn.execute("CREATE INDEX direct_by_peer ON entry (peer) WHERE peer IS NOT NULL")

    # Apart from entry, since a label outlives an entry that a short retention removes. The id is that of the
    # entry; ids rise with time, so the oldest labels are found without an index on `at`.
    conn.execute(
        "CREATE TABLE label (id INTEGER PRIMARY KEY, at INTEGER NOT NULL,"
        " author TEXT NOT NULL, label TEXT NOT NULL, UNIQUE (author, label))"
    )

    # `last_at` counts only what retention removed: what is still there answers for itself.
    conn.execute("CREATE TABLE room (name TEXT PRIMARY KEY, last_at INTEGER NOT NULL, topic TEXT NOT NULL)")


def _people(conn: sqlite3.Connection) -> None:
    # AUTOINCREMENT: nobody ever becomes the "p12" that direct messages of somebody else belong to.
    # `fold` and `look` are the two forms under which names are compared; `room` is the one he was last in.
    conn.execute(
        "CREATE TABLE person (id INTEGER PRIMARY KEY AUTOINCREMENT, nick TEXT NOT NULL, fold TEXT NOT NULL UNIQUE,"
        " look TEXT NOT NULL UNIQUE, secret TEXT NOT NULL, claimed_at INTEGER NOT NULL, room TEXT NOT NULL)"
    )
    conn.execute(
        "CREATE TABLE person_room (person INTEGER NOT NULL, place INTEGER NOT NULL, room TEXT NOT NULL,"
        " PRIMARY KEY (person, place)) WITHOUT ROWID"
    )


def _conversations(conn: sqlite3.Connection) -> None:
    # What is about an entry: its edits, reactions, answers, its delete.
    conn.execute("CREATE INDEX entry_by_ref ON entry (ref) WHERE ref IS NOT NULL")

    # The direct conversations of everybody, so that nobody's are looked for among all messages.
    conn.execute(
        "CREATE TABLE direct (identity TEXT NOT NULL, conversation TEXT NOT NULL,"
        " PRIMARY KEY (identity, conversation)) WITHOUT ROWID"
    )
    conn.execute(
        "INSERT INTO direct SELECT author, conversation FROM entry WHERE peer IS NOT NULL"
        " UNION SELECT peer, conversation FROM entry WHERE peer IS NOT NULL"
    )

    # How far a person has read: the id of the last entry, by room or "@" and the other's identity.
    conn.execute(
        "CREATE TABLE person_mark (person INTEGER NOT NULL, conversation TEXT NOT NULL, mark INTEGER NOT NULL,"
        " PRIMARY KEY (person, conversation)) WITHOUT ROWID"
    )


def _search(conn: sqlite3.Connection) -> None:
    # See postings.py. `id` is the block and the hash of the gram in one number: rows that come in the order of
    # their ids fill the pages whole. Blocks that are not listed are not indexed.
    conn.execute("CREATE TABLE gram (id INTEGER PRIMARY KEY, ids BLOB NOT NULL)")
    conn.execute(
        "CREATE TABLE block (block INTEGER PRIMARY KEY, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,"
        " places TEXT NOT NULL, place_of BLOB NOT NULL, is_stale INTEGER NOT NULL)"
    )


def _decided_once(conn: sqlite3.Connection) -> None:
    # Labels of reactions and deletes that made no entry, since another device of the same person had said the same a
    # moment before: `id` is that entry. There are hardly any, so they are looked through for old ones.
    conn.execute(
        "CREATE TABLE label_again (author TEXT NOT NULL, label TEXT NOT NULL, id INTEGER NOT NULL, at INTEGER NOT NULL,"
        " PRIMARY KEY (author, label)) WITHOUT ROWID"
    )

    # A deleted topic was kept as one without a text, which is what a topic looks like that was taken away.
    conn.execute(
        "UPDATE entry SET kind = 'msg' WHERE kind = 'topic' AND text = '' AND id IN"
        " (SELECT ref FROM entry INDEXED BY entry_by_ref WHERE ref IS NOT NULL AND kind = 'delete')"
    )


def _faster_counts(conn: sqlite3.Connection) -> None:
    # With these columns what is unread is counted without a look at the entries: 0.3 µs each where it were 2, and from
    # a cold disk a thousandth of the pages. What was deleted is few, and stands apart.
    conn.execute("DROP INDEX entry_by_conversation")
    conn.execute("CREATE INDEX entry_by_conversation ON entry (conversation, id, author, kind)")
    conn.execute("CREATE INDEX entry_gone ON entry (conversation) WHERE text = '' AND kind IN ('msg', 'act')")

    # What a block says of its conversations is written otherwise now: all are made anew, by and by, and with each its
    # grams. `places` are hashes, 4 bytes each.
    conn.execute("DROP TABLE block")
    conn.execute(
        "CREATE TABLE block (block INTEGER PRIMARY KEY, first_at INTEGER NOT NULL, last_at INTEGER NOT NULL,"
        " places BLOB NOT NULL, place_of BLOB NOT NULL, is_stale INTEGER NOT NULL)"
    )


def _rows_of_grams(conn: sqlite3.Connection) -> None:
    # A gram has another row in each block now: all are made anew, by and by, which drops the old rows.
    conn.execute("DELETE FROM block")


STEPS: Final[tuple[Step, ...]] = (
    _entries_labels_rooms,
    _people,
    _conversations,
    _search,
    _decided_once,
    _faster_counts,
    _rows_of_grams,
)
"""STEPS[n] leads from schema n to schema n + 1."""


def migrate(conn: sqlite3.Connection, path: Path) -> None:
    """Brings a file to the schema of today, each step in one transaction with its version number.

    Raises CannotOpen for a file of a newer version or of another program, sqlite3.Error if a step fails
    (the file is then as the step before left it).
    """
    found = check_version(conn, path)
    for version, step in enumerate(STEPS[found:], start=found + 1):
        conn.execute("BEGIN IMMEDIATE")
        try:
            step(conn)
            conn.execute(f"PRAGMA user_version = {version}")
            conn.execute("COMMIT")
        except BaseException:
            if conn.in_transaction:
                conn.execute("ROLLBACK")
            raise


def check_version(conn: sqlite3.Connection, path: Path) -> int:
    """The schema of a file, 0 for an empty one. Raises CannotOpen if this program must not touch it."""
    (found,) = conn.execute("PRAGMA user_version").fetchone()
    (owner,) = conn.execute("PRAGMA application_id").fetchone()
    (tables,) = conn.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if owner != APPLICATION_ID and (tables or found):
        raise CannotOpen(f"{path} is the database of another program, not a log of Talkline.")
    if found > len(STEPS):
        raise CannotOpen(
            f"{path} was written by a newer Talkline (schema {found}, this one knows {len(STEPS)}): install that one."
        )
    return int(found)
