"""The SQL of the embedded log: its statements, each where it is explained."""

from __future__ import annotations

import sqlite3
from functools import cache
from typing import Final

from chat_server.log import Position, RoomSummary

_ROWS: Final = 256
"""Most rows of one INSERT: 2,560 values, far below the 32,766 that SQLite allows."""

BRANCHES: Final = 100
"""Most rooms of one merging SELECT: SQLite allows 500 parts, and each row walks through all merges before it."""

ENTRY: Final = "at, kind, id, COALESCE(target, conversation), nick, text, ref"
"""The columns of one wire.Entry, in its order."""

GONE: Final = "text = '' AND kind NOT IN ('topic', 'delete')"
"""An entry whose text a delete took: these kinds have one otherwise."""

_SAID: Final = "kind IN ('msg', 'act', 'topic') AND (text <> '' OR kind = 'topic')"
_HERE: Final = "entry INDEXED BY entry_by_conversation"
ABOUT: Final = "entry INDEXED BY entry_by_ref"

FIRST_OF_PAGE: Final = (
    f"SELECT id FROM {_HERE} WHERE conversation = ?1 AND id < ?2 AND {_SAID}"
    " ORDER BY id DESC LIMIT 2 OFFSET ?3"
)
"""?1 conversation, ?2 before this id, ?3 one less than a page has. Two ids: the page begins at the first of
them, and there are older ones. One or none: it begins at the beginning."""

BEFORE: Final = f"""
    WITH said (id) AS (SELECT id FROM {_HERE} WHERE conversation = ?1 AND id >= ?2 AND id < ?3 AND {_SAID}),
        missing (id) AS (SELECT id FROM {_HERE} WHERE conversation = ?1 AND id >= ?2 AND id < ?3 AND {GONE})
    SELECT {ENTRY} FROM entry WHERE id IN (
        SELECT id FROM said
        UNION ALL
        SELECT (SELECT max(id) FROM {ABOUT}
            WHERE ref = said.id AND conversation = ?1 AND kind = 'edit' AND text <> '') FROM said
        UNION ALL
        SELECT (SELECT max(id) FROM {ABOUT}
            WHERE ref = missing.id AND conversation = ?1 AND kind = 'delete') FROM missing
        UNION ALL
        SELECT id FROM (SELECT max(entry.id) AS id, kind FROM said CROSS JOIN {ABOUT} ON ref = said.id
            WHERE conversation = ?1 AND kind IN ('react', 'unreact') AND text <> ''
            GROUP BY ref, author, text) WHERE kind = 'react'
    ) ORDER BY id
"""
"""?1 conversation, ?2 from this id, ?3 before that one: see Log.before. Other columns beside max() are those of
the row that has it (sqlite.org/lang_select.html, "bare columns")."""

LATEST_NICK: Final = (
    f"SELECT nick FROM {_HERE} WHERE conversation = ? AND author = ? ORDER BY id DESC LIMIT 1"
)
"""What an identity was called when it last said something in a conversation."""

LABELLED: Final = (
    "SELECT id, at FROM label WHERE author = ?1 AND label = ?2"
    " UNION ALL SELECT id, at FROM label_again WHERE author = ?1 AND label = ?2"
)
"""Which entry a label of somebody stands for, and when it was said."""

LAST_SAID: Final = f"SELECT max(id) FROM {_HERE} WHERE conversation = ?"
"""The last entry of a conversation, NULL if there is none."""

CALLED: Final = (
    f"SELECT nick FROM (SELECT * FROM ({LATEST_NICK})"
    " UNION ALL SELECT * FROM (SELECT substr(target, 2) FROM entry"
    " WHERE conversation = ?1 AND author <> ?2 ORDER BY id DESC LIMIT 1)) LIMIT 1"
)
"""The same; of who never said anything, what he was called by who last said something to him."""


def pair(one: str, other: str) -> str:
    """The conversation of two people, the same from both sides. No room is called so: they begin with "#"."""
    return f"{one} {other}" if one < other else f"{other} {one}"


@cache
def _insert_query(table: str, width: int, rows: int, then: str) -> str:
    row = f"({', '.join('?' * width)})"
    return f"INSERT INTO {table} SELECT * FROM (VALUES {', '.join([row] * rows)}) LIMIT ? {then}"


def insert(conn: sqlite3.Connection, table: str, width: int, values: list[object], then: str = "") -> None:
    """Inserts flat rows, up to 256 in one step.

    The statements are of 1, 2, 4 … rows, so that a few serve all sizes and stay prepared; LIMIT cuts off
    the rows that only fill up.
    """
    for start in range(0, len(values), _ROWS * width):
        some = values[start : start + _ROWS * width]
        rows = len(some) // width
        size = 1 << (rows - 1).bit_length()
        conn.execute(
            _insert_query(table, width, size, then), [*some, *[None] * ((size - rows) * width), rows]
        )


@cache
def after_query(rooms: int, *, with_direct: bool) -> str:
    """?1 after this id, ?2 how many, ?3 the identity, ?4 … the rooms.

    Every part comes in order out of an index and SQLite merges them row by row: the cost is that of the
    rows that are answered, however many lie between.
    """
    parts = [
        f"SELECT {ENTRY} FROM {_HERE} WHERE conversation = ?{n} AND id > ?1 AND NOT ({GONE})"
        for n in range(4, 4 + rooms)
    ]
    if with_direct:
        parts += [
            f"SELECT {ENTRY} FROM entry INDEXED BY direct_by_author"
            " WHERE peer IS NOT NULL AND author = ?3 AND id > ?1"
            f" AND NOT ({GONE})",
            f"SELECT {ENTRY} FROM entry INDEXED BY direct_by_peer"
            " WHERE peer IS NOT NULL AND peer = ?3 AND author <> ?3 AND id > ?1"
            f" AND NOT ({GONE})",
        ]
    return f"{' UNION ALL '.join(parts)} ORDER BY 3 LIMIT ?2"


def blank(conn: sqlite3.Connection, deletes: list[tuple[int, int]]) -> list[int]:
    """Takes away the texts of what some deletes (what it is about, its own id) are about.

    With it go its edits and its reactions. A delete reaches only its own conversation. The ids of messages
    and edits that had a text until now.
    """
    blanked = []
    for ref, id in deletes:
        found = conn.execute(
            "SELECT id, kind FROM entry WHERE conversation = (SELECT conversation FROM entry WHERE id = ?2)"
            " AND text <> '' AND kind IN ('msg', 'act', 'topic', 'edit', 'react', 'unreact') AND id IN (SELECT ?1"
            " UNION ALL SELECT id FROM entry INDEXED BY entry_by_ref"
            " WHERE ref = ?1 AND kind IN ('edit', 'react', 'unreact'))",
            (ref, id),
        ).fetchall()
        # A topic without a text is one that somebody took away, at that time; one that is deleted leaves nothing to show.
        conn.executemany(
            "UPDATE entry SET text = '', kind = CASE kind WHEN 'topic' THEN 'msg' ELSE kind END WHERE id = ?",
            [(id,) for id, _ in found],
        )
        blanked += [id for id, kind in found if kind in ("msg", "act", "topic", "edit")]
    return blanked


def forget_entries(conn: sqlite3.Connection, end: int) -> None:
    """Removes the entries before an id, and the direct conversations of which nothing is left then."""
    conversations = conn.execute(
        "SELECT DISTINCT conversation FROM entry NOT INDEXED WHERE id < ? AND peer IS NOT NULL", (end,)
    ).fetchall()
    conn.execute("DELETE FROM entry WHERE id < ?", (end,))
    for (conversation,) in conversations:
        conn.execute(
            "DELETE FROM direct WHERE identity IN (?2, ?3) AND conversation = ?1"
            f" AND NOT EXISTS (SELECT 1 FROM {_HERE} WHERE entry.conversation = ?1)",
            (conversation, *conversation.split(" ")),
        )


def drop_late(conn: sqlite3.Connection, changes: list[tuple[int, int]]) -> None:
    """Takes away the texts of edits and reactions (what it is about, its own id) that came after the delete."""
    conn.executemany(
        "UPDATE entry SET text = '' WHERE id = ?2"
        f" AND EXISTS (SELECT 1 FROM entry AS about WHERE about.id = ?1 AND {GONE})",
        changes,
    )


def forget_labels(conn: sqlite3.Connection, at: int, limit: int) -> None:
    """Removes those of the oldest `limit` labels that are from before a time."""
    conn.execute(
        "DELETE FROM label WHERE id IN"
        " (SELECT id FROM (SELECT id, at FROM label ORDER BY id LIMIT ?) WHERE at < ?)",
        (limit, at),
    )
    conn.execute("DELETE FROM label_again WHERE at < ?", (at,))


def read_oldest_label(conn: sqlite3.Connection) -> int | None:
    """The time of the oldest label, None if there is none."""
    row = conn.execute("SELECT at FROM label ORDER BY id LIMIT 1").fetchone()
    return None if row is None else row[0]


def read_forgotten(conn: sqlite3.Connection) -> int:
    """The last id that retention removed, 0 for none."""
    return int(conn.execute("SELECT forgotten FROM log").fetchone()[0])


def read_position(conn: sqlite3.Connection) -> Position:
    """Where the log stands, from the disk."""
    epoch, forgotten = conn.execute("SELECT epoch, forgotten FROM log").fetchone()
    # Two questions: SQLite answers min and max from the ends of the table only if asked for one of them.
    (oldest,) = conn.execute("SELECT min(id) FROM entry").fetchone()
    (last,) = conn.execute("SELECT max(id) FROM entry").fetchone()
    return Position(epoch, oldest or 0, last or forgotten)


def read_rooms(conn: sqlite3.Connection) -> dict[str, RoomSummary]:
    """Every room by its name: one look into the index for each."""
    rows = conn.execute(
        "SELECT name, COALESCE((SELECT at FROM entry INDEXED BY entry_by_conversation"
        " WHERE conversation = name ORDER BY id DESC LIMIT 1), last_at), topic FROM room"
    )
    return {name: RoomSummary(name, last_at, topic) for name, last_at, topic in rows}
