"""The index of texts in the database: which blocks there are, made anew, gone. What is in one: postings.py."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from typing import Final

from chat_server.log.postings import Postings, Row, block_of, first_id, gram_ids
from chat_server.log.statements import insert, read_forgotten

INDEXED: Final = "kind IN ('msg', 'act', 'topic', 'edit') AND text <> ''"
"""What is found by its text."""


def next_block(conn: sqlite3.Connection) -> int | None:
    """The newest block that is full and not indexed, or else a stale one; None if all is done."""
    (last,) = conn.execute("SELECT max(id) FROM entry").fetchone()
    known = dict(conn.execute("SELECT block, is_stale FROM block").fetchall())
    for block in range(block_of((last or 0) + 1) - 1, block_of(read_forgotten(conn) + 1) - 1, -1):
        if block not in known:
            return block
    return next((block for block, is_stale in known.items() if is_stale), None)


def read_rows(conn: sqlite3.Connection, start: int, end: int) -> list[Row]:
    """The entries from one id to before another that are found by their texts."""
    return conn.execute(
        f"SELECT id, conversation, nick, text FROM entry WHERE id >= ? AND id < ? AND {INDEXED}",
        (start, end),
    ).fetchall()


def drop_block(conn: sqlite3.Connection, block: int) -> None:
    """Takes a block out of the index: until it is there again, its texts are read through."""
    conn.execute("DELETE FROM block WHERE block = ?", (block,))
    conn.execute("DELETE FROM gram WHERE id >= ? AND id < ?", gram_ids(block))


def store_grams(conn: sqlite3.Connection, rows: list[tuple[int, bytes]]) -> None:
    """Some rows of a block that is in the making."""
    insert(conn, "gram", 2, [value for row in rows for value in row])


def finish_block(conn: sqlite3.Connection, made: Postings) -> bool:
    """Puts a block into the index whose grams are stored.

    False if fewer of its entries have a text now, or they belong to another conversation: something was deleted or
    given to somebody else meanwhile, the block must be made again.
    """
    block = made.block
    count, first_at, last_at, places = conn.execute(
        f"SELECT sum({INDEXED}), min(at), max(at), json_group_array(DISTINCT conversation)"
        f" FILTER (WHERE {INDEXED}) FROM entry WHERE id >= ? AND id < ?",
        (first_id(block), first_id(block + 1)),
    ).fetchone()
    if (count or 0) != made.count or set(json.loads(places)) != made.conversations:
        return False
    conn.execute(
        "INSERT INTO block VALUES (?, ?, ?, ?, ?, 0)",
        (block, first_at or 0, last_at or 0, made.places, made.place_of),
    )
    return True


def mark_stale(conn: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Has the blocks made anew in which some entries lost their texts."""
    blocks = {(block_of(id),) for id in ids}
    conn.executemany("UPDATE block SET is_stale = 1 WHERE block = ?", blocks)


def leave_out(conn: sqlite3.Connection, ids: Iterable[int]) -> None:
    """Has the blocks read through until they are made anew in which some entries changed their conversation: the index
    does not find them where they belong now."""
    conn.executemany("DELETE FROM block WHERE block = ?", {(block_of(id),) for id in ids})


def forget_blocks(conn: sqlite3.Connection, forgotten: int) -> None:
    """Drops the blocks of which retention left nothing, also what is there of those that wait to be made anew."""
    first = block_of(forgotten + 1)
    conn.execute("DELETE FROM block WHERE block < ?", (first,))
    conn.execute("DELETE FROM gram WHERE id < ?", gram_ids(first)[:1])


def wrong_blocks(conn: sqlite3.Connection) -> list[int]:
    """The blocks that do not say what the entries say. Takes every text apart again: 40 s for a million."""
    wrong = []
    # A block that retention has begun to remove still knows what was there.
    start = block_of(read_forgotten(conn)) + 1
    for block, *places in conn.execute(
        "SELECT block, places, place_of FROM block WHERE NOT is_stale AND block >= ?", (start,)
    ).fetchall():
        made = Postings(block)
        made.add(read_rows(conn, first_id(block), first_id(block + 1)))
        grams = [row for some in made.rows(1024) for row in some]
        stored = conn.execute(
            "SELECT id, ids FROM gram WHERE id >= ? AND id < ? ORDER BY id", gram_ids(block)
        )
        if stored.fetchall() != grams or places != [made.places, made.place_of]:
            wrong.append(block)
    return wrong
