"""Asking the index of texts: which blocks there are, and which of their entries have some grams.

A row of an answer is another wait for the GIL, and beside busy threads each wait can take milliseconds. So every
question here is answered in one row: all the postings of all the blocks, as one text.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable
from typing import Final

from chat_server.log.postings import gram_id

_BLOCKS: Final = (
    "SELECT json_group_array(json_array(block, last_at >= ? AND first_at < ?)) FROM block"
    " WHERE block BETWEEN ? AND ?"
)
_GRAMS: Final = (
    "SELECT group_concat(id || ' ' || length(ids)), CAST(group_concat(ids, '') AS BLOB)"
    " FROM gram WHERE id IN (SELECT value FROM json_each(?))"
)
_PLACES: Final = (
    "SELECT group_concat(block || ' ' || length(places) || ' ' || length(place_of)),"
    " CAST(group_concat(places, '') AS BLOB), CAST(group_concat(place_of, '') AS BLOB)"
    " FROM block WHERE block IN (SELECT value FROM json_each(?))"
)
"""As bytes one after the other and their lengths: in hexadecimal it takes ten times as long. A blob is text of the same
bytes to SQLite (lang_expr.html, 4.1), also if they are no text."""

_LAST_TIME: Final = 2**62


def read_blocks(
    conn: sqlite3.Connection, first: int, last: int, after: int = 0, before: int = _LAST_TIME
) -> dict[int, bool]:
    """The blocks from `first` to `last` that are indexed, and whether anything in them may be of this time."""
    (found,) = conn.execute(_BLOCKS, (after, before, first, last)).fetchone()
    return {block: bool(is_meant) for block, is_meant in json.loads(found)}


def read_postings(
    conn: sqlite3.Connection, blocks: Iterable[int], hashes: Collection[int]
) -> dict[int, dict[int, bytes]]:
    """What the blocks have of some grams, packed, by hash; a block that has none of them is left out."""
    rows = {block: {hash: gram_id(block, hash) for hash in hashes} for block in blocks}
    asked = json.dumps([row for of_block in rows.values() for row in of_block.values()])
    lengths, joined = conn.execute(_GRAMS, (asked,)).fetchone()
    packed: dict[int, bytes] = {}
    start = 0
    for one in lengths.split(",") if lengths else ():
        row, _, length = one.partition(" ")
        end = start + int(length)
        packed[int(row)] = joined[start:end]
        start = end
    found = {
        block: {hash: packed[row] for hash, row in of_block.items() if row in packed}
        for block, of_block in rows.items()
    }
    return {block: lists for block, lists in found.items() if lists}


def read_places(conn: sqlite3.Connection, blocks: Iterable[int]) -> dict[int, tuple[bytes, bytes]]:
    """For each of some blocks `places` and `place_of`, as said_in() takes them."""
    lengths, all_places, all_place_of = conn.execute(_PLACES, (json.dumps(list(blocks)),)).fetchone()
    found = {}
    start = start_of = 0
    for row in lengths.split(",") if lengths else ():
        block, length, length_of = map(int, row.split(" "))
        end, end_of = start + length, start_of + length_of
        found[block] = all_places[start:end], all_place_of[start_of:end_of]
        start, start_of = end, end_of
    return found
