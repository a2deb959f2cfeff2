"""Counting what somebody has not read, and what of it names him.

How much it is an index of the database tells, which has all that is asked for. Who is named is looked up in the index of
texts where there is much to go through; a few texts, and those that are not indexed yet, are read. As in lookup.py
every question is answered in one row.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

from chat_server import text
from chat_server.log.grams import read_words
from chat_server.log.lookup import read_blocks, read_places, read_postings
from chat_server.log.postings import block_of, common, first_id, hash_of, place_hash, said_in

_READ_MOST: Final = 100
"""So many unread texts of a room are read: as fast as to ask some blocks for a name, and they may be far apart."""

_GRAMS_MOST: Final = 6
"""Grams of a name that are looked for."""

_COUNTED: Final = "author <> :me AND kind IN ('msg', 'act')"

UNREAD: Final = f"""
    SELECT json_group_array(json_array(mark.key, json((
        SELECT json_array(count, first, last, (SELECT at FROM entry WHERE id = first),
            CASE WHEN count > 0 AND mark.key NOT LIKE '#%' THEN (
                SELECT nick FROM entry INDEXED BY entry_by_conversation
                WHERE conversation = mark.key AND author <> :me ORDER BY id DESC LIMIT 1) END)
        FROM (SELECT count(*) AS count, min(id) AS first, max(id) AS last FROM (
            SELECT id FROM entry INDEXED BY entry_by_conversation
            WHERE conversation = mark.key AND id > mark.value AND {_COUNTED} AND id NOT IN (
                SELECT id FROM entry INDEXED BY entry_gone WHERE conversation IN (SELECT key FROM json_each(:after))
                AND id > :least AND text = '' AND kind IN ('msg', 'act'))
            ORDER BY id LIMIT :most))))))
    FROM json_each(:after) AS mark
"""
""":after {conversation: an id}, :least the least of them, :me who does not count, :most how many of a conversation; what
was deleted is looked up once for all. One row, in JSON: for each
conversation its name, and [their number, the first and the last of them, the time of the first, what the other is called
in a direct conversation]."""

_TEXTS: Final = (
    f"SELECT json_group_array(json_array(conversation, id, text)) FROM {{}} WHERE {_COUNTED} AND text <> ''"
)
_BY_IDS: Final = _TEXTS.format("entry") + " AND id IN (SELECT value FROM json_each(:ids))"


@dataclass(frozen=True, slots=True)
class Part:
    """What is unread of one conversation: how much, from which id to which, since when; and who the other is."""

    count: int
    first: int
    last: int
    first_at: int
    nick: str


def count_unread(conn: sqlite3.Connection, after: Mapping[str, int], me: str, most: int) -> dict[str, Part]:
    """What others than `me` said after an id, for each conversation that has any; up to `most` of each."""
    values = {"after": json.dumps(after), "least": min(after.values(), default=0), "me": me, "most": most}
    (answer,) = conn.execute(UNREAD, values).fetchone()
    return {
        place: Part(count, first, last, at, nick or "")
        for place, (count, first, last, at, nick) in json.loads(answer)
        if count
    }


def count_naming(
    conn: sqlite3.Connection, rooms: Mapping[str, Part], me: str, names: Sequence[str]
) -> Counter[str]:
    """How many of the unread messages of some rooms name somebody by one of the names."""
    names = [name for name in dict.fromkeys(map(text.fold, names)) if name]
    if not names or not rooms:
        return Counter()
    grams = [
        {hash_of(gram) for word in read_words((name,)) for gram in sorted(word.grams())[:_GRAMS_MOST]}
        for name in names
    ]
    looked_up = {room: part for room, part in rooms.items() if part.count > _READ_MOST and all(grams)}
    ranges = [(room, part.first, part.last) for room, part in rooms.items() if room not in looked_up]
    ids: list[int] = []
    if looked_up:
        oldest = block_of(min(part.first for part in looked_up.values()))
        newest = block_of(max(part.last for part in looked_up.values()))
        known = read_blocks(conn, oldest, newest)
        ids = _look_up(conn, known, looked_up, grams)
        ranges += [
            (room, max(part.first, first), min(part.last, last))
            for first, last in _gaps(known, oldest, newest)
            for room, part in looked_up.items()
            if part.first <= last and part.last >= first
        ]
    named: Counter[str] = Counter()
    for room, id, said in [*_by_ids(conn, ids, me), *_by_ranges(conn, ranges, me, names)]:
        # Two rooms may share a hash, and a block goes beyond what is unread.
        part = rooms.get(room)
        if part and part.first <= id <= part.last and any(text.names(said, name) for name in names):
            named[room] += 1
    return named


def _look_up(
    conn: sqlite3.Connection,
    known: Iterable[int],
    rooms: Mapping[str, Part],
    grams: Sequence[AbstractSet[int]],
) -> list[int]:
    """The entries in indexed blocks that may name somebody, by the grams of each of his names."""
    hashes = {room: place_hash(room) for room in rooms}
    wanted = {
        block: {hashes[room] for room, part in rooms.items() if part.first <= end and part.last >= first}
        for block in known
        for first, end in [(first_id(block), first_id(block + 1) - 1)]
    }
    blocks = [block for block, places in wanted.items() if places]
    found: dict[int, set[int]] = {}
    for block, lists in read_postings(conn, blocks, set().union(*grams)).items():
        for of_name in grams:
            if of_name <= lists.keys():
                found.setdefault(block, set()).update(common([lists[hash] for hash in of_name]))
    return [
        first_id(block) + offset
        for block, places in read_places(conn, found).items()
        for offset in said_in(wanted[block], *places, found[block])
    ]


def _gaps(known: Collection[int], oldest: int, newest: int) -> Iterator[tuple[int, int]]:
    """The ids from the block `oldest` to `newest` that are in none of the known blocks: first and last in a row."""
    first = oldest
    for block in [*sorted(known), newest + 1]:
        if first < block:
            yield first_id(first), first_id(block) - 1
        first = block + 1


def _by_ids(conn: sqlite3.Connection, ids: list[int], me: str) -> list[Any]:
    (answer,) = conn.execute(_BY_IDS, {"me": me, "ids": json.dumps(ids)}).fetchone()
    return list(json.loads(answer))


def _by_ranges(
    conn: sqlite3.Connection, ranges: Sequence[tuple[str, int, int]], me: str, names: Sequence[str]
) -> list[Any]:
    """The texts of some ranges (a room, its first and last id) that may hold one of the names."""
    values = {f"name{n}": f"%{name}%" for n, name in enumerate(names)}
    query = _ranges_query(len(names))
    (answer,) = conn.execute(query, {"me": me, "ranges": json.dumps(ranges), **values}).fetchone()
    return list(json.loads(answer))


@cache
def _ranges_query(names: int) -> str:
    # To look at every text takes as long as to fetch it, and with the GIL. SQLite knows only the letters of ASCII in both
    # cases; a text that is not ASCII has more bytes than characters.
    likes = "".join(f" OR text LIKE :name{n}" for n in range(names))
    ranges = (
        "(SELECT json_extract(value, '$[0]') AS room, json_extract(value, '$[1]') AS first,"
        " json_extract(value, '$[2]') AS last FROM json_each(:ranges))"
        " CROSS JOIN entry INDEXED BY entry_by_conversation"
        " ON conversation = room AND id BETWEEN first AND last"
    )
    return f"{_TEXTS.format(ranges)} AND (length(text) < length(CAST(text AS BLOB)){likes})"
