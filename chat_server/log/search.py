"""Searching: from the newest block to the oldest, each by its index or, where there is none yet, by reading it.

A row of an answer is another wait for the GIL, and beside busy threads each wait can take milliseconds. So every
question here is answered in one row: all the postings, or all the entries, as one text.
"""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from itertools import starmap
from typing import Any, Final

from chat_server import text
from chat_server.log import Page, Query, Reader
from chat_server.log.grams import fold, has_all, read_words
from chat_server.log.index import INDEXED
from chat_server.log.postings import (
    block_of,
    block_of_gram,
    common,
    first_id,
    gram_id,
    hash_of,
    nick_gram,
    unpack_places,
)
from chat_server.log.statements import ENTRY, read_forgotten
from chat_server.wire import Entry

_FEWEST, _MOST = 4, 64
"""Blocks that are looked into at once: a common word is found in the first ones, a rare one needs many."""

_READ: Final = 512
"""Entries that are read through at once."""

_CHECKED: Final = 64
"""Entries that are looked at first, of those that the index gave."""

_HELD_MOST: Final = 4
"""Words that SQLite itself looks for where there is no index yet: hardly a text that has these lacks the others."""

_GRAMS_MOST: Final = 32
"""Grams that are looked for: more hardly narrow it down, and a line of 4,000 characters has 4,000."""

_LAST_TIME: Final = 2**62

_VISIBLE: Final = f"""
    {INDEXED} AND at >= :after AND at < :before
    AND CASE WHEN peer IS NULL THEN conversation IN (SELECT value FROM json_each(:rooms))
        ELSE :identity IN (author, peer) END
"""

_ENTRIES: Final = f"SELECT json_group_array(json_array({ENTRY})) FROM entry WHERE {_VISIBLE} AND "
_BY_RANGE: Final = (
    f"{_ENTRIES} id >= :first AND id < :end AND (length(text) < length(CAST(text AS BLOB)) OR ("
)
"""Followed by what a text in ASCII must hold. One that is not has more bytes than characters, and is looked at here:
SQLite knows only the letters of ASCII in both cases."""

_BY_IDS: Final = f"{_ENTRIES} id IN (SELECT value FROM json_each(:ids))"

_OUTDATED: Final = """
    SELECT json_group_array(id) FROM entry AS said WHERE id IN (SELECT value FROM json_each(?)) AND EXISTS (
        SELECT 1 FROM entry INDEXED BY entry_by_ref WHERE kind = 'edit' AND text <> '' AND id > said.id
        AND conversation = said.conversation
        AND ref = CASE said.kind WHEN 'edit' THEN COALESCE(said.ref, said.id) ELSE said.id END)
"""
"""Those of some entries that there is a newer edit of."""

_GRAMS: Final = (
    "SELECT group_concat(id || ' ' || hex(ids)) FROM gram WHERE id IN (SELECT value FROM json_each(?))"
)
_PLACES: Final = (
    "SELECT json_group_array(json_array(block, places, hex(place_of))) FROM block"
    " WHERE block IN (SELECT value FROM json_each(?))"
)
_BLOCKS: Final = "SELECT block, last_at >= ? AND first_at < ? FROM block"


def search(
    conn: sqlite3.Connection,
    query: Query,
    reader: Reader,
    limit: int,
    before: int | None,
    is_over: Callable[[], bool],
) -> Page:
    """See Log.search. The connection is in a read transaction; when `is_over` says so, what was found is given."""
    one = _Search(conn, query, reader)
    hits: list[Entry] = []
    try:
        for some in one.steps(before):
            hits += some
            if len(hits) > limit:
                break
            if is_over():
                return Page(hits[::-1], has_more=True, gaps=[])
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        return Page(hits[::-1], has_more=True, gaps=[])
    return Page(hits[:limit][::-1], len(hits) > limit, [])


class _Readable(dict[str, bool]):
    """Conversation -> whether it is searched. Each is asked for in every block: of a million messages 25,000 times."""

    def __init__(self, identity: str, rooms: Sequence[str]) -> None:
        super().__init__(dict.fromkeys(rooms, True))
        self._identity = identity

    def __missing__(self, conversation: str) -> bool:
        is_own = not conversation.startswith("#") and self._identity in conversation.split(" ")
        self[conversation] = is_own
        return is_own


class _Search:
    """One search under way."""

    def __init__(self, conn: sqlite3.Connection, query: Query, reader: Reader) -> None:
        self._conn = conn
        self._words = read_words(query.words)
        self._author = query.author
        rooms = [room for room in reader.rooms if room.startswith("#") and query.room in (None, room)]
        # No identity is "", so a search in a room finds no direct messages.
        identity = reader.identity if query.room is None else ""
        self._readable = _Readable(identity, rooms)
        self._after = query.after or 0
        self._before = _LAST_TIME if query.before is None else query.before
        self._visible = {
            "after": self._after,
            "before": self._before,
            "rooms": json.dumps(rooms),
            "identity": identity,
        }
        held = [word.folded for word in self._words[:_HELD_MOST]]
        self._held = {f"word{n}": word for n, word in enumerate(held)}
        self._by_range = (
            _BY_RANGE + " AND ".join(f"instr(lower(text), :{name})" for name in self._held) + "))"
        )
        # Counted as hashes: two grams may share one.
        grams = {hash_of(gram) for word in self._words for gram in word.grams()}
        self._hashes = set(sorted(grams)[:_GRAMS_MOST])
        if self._author is not None:
            self._hashes.add(hash_of(nick_gram(self._author)))

    def steps(self, before: int | None) -> Iterator[list[Entry]]:
        """What is found, falling, as it is found."""
        if not self._words:
            return
        (last,) = self._conn.execute("SELECT max(id) FROM entry").fetchone()
        end = min((last or 0) + 1, before if before is not None else (last or 0) + 1)
        known = dict(self._conn.execute(_BLOCKS, (self._after, self._before)).fetchall())
        waiting: list[int] = []
        size = _FEWEST
        for block in range(block_of(end - 1), block_of(read_forgotten(self._conn) + 1) - 1, -1):
            if block not in known:
                yield from self._look_up(waiting, end)
                waiting = []
                yield from self._read_through(first_id(block), min(end, first_id(block + 1)))
            elif known[block]:
                waiting.append(block)
                if len(waiting) == size:
                    yield from self._look_up(waiting, end)
                    waiting, size = [], min(size * 2, _MOST)
        yield from self._look_up(waiting, end)

    def _read_through(self, first: int, end: int) -> Iterator[list[Entry]]:
        for start in range(end - 1, first - 1, -_READ):
            bounds = {"first": max(first, start - _READ + 1), "end": start + 1}
            values = {**self._visible, **self._held, **bounds}
            yield self._check(self._conn.execute(self._by_range, values))

    def _look_up(self, blocks: Sequence[int], end: int) -> Iterator[list[Entry]]:
        found = {
            block: common(rows)
            for block, rows in self._postings(blocks).items()
            if len(rows) == len(self._hashes)
        }
        ids: list[int] = []
        for block, offsets in self._visible_of({block: found[block] for block in found if found[block]}):
            ids += [first_id(block) + offset for offset in offsets]
        # Also for nothing at all, so that the time is looked at.
        yield []
        # A common word has its hits among the first few.
        start, size = 0, _CHECKED
        while start < len(ids):
            some = json.dumps([id for id in ids[start : start + size] if id < end])
            yield self._check(self._conn.execute(_BY_IDS, {**self._visible, "ids": some}))
            start, size = start + size, min(size * 2, _READ)

    def _visible_of(self, found: dict[int, set[int]]) -> Iterator[tuple[int, list[int]]]:
        """Those of the offsets in some blocks that were said where the reader may read; falling."""
        if not found:
            return
        (places,) = self._conn.execute(_PLACES, (json.dumps(list(found)),)).fetchone()
        for block, names, place_of in sorted(json.loads(places), reverse=True):
            may_read = [self._readable[name] for name in json.loads(names)]
            numbers = unpack_places(bytes.fromhex(place_of))
            yield block, sorted([o for o in found[block] if may_read[numbers[o]]], reverse=True)

    def _postings(self, blocks: Sequence[int]) -> dict[int, list[bytes]]:
        """What the blocks have of the grams of this search; a block that has none of them is left out."""
        if not blocks:
            return {}
        rows = json.dumps([gram_id(block, hash) for block in blocks for hash in self._hashes])
        (joined,) = self._conn.execute(_GRAMS, (rows,)).fetchone()
        found: defaultdict[int, list[bytes]] = defaultdict(list)
        for row in joined.split(",") if joined else ():
            id, _, packed = row.partition(" ")
            found[block_of_gram(int(id))].append(bytes.fromhex(packed))
        return found

    def _check(self, answer: sqlite3.Cursor) -> list[Entry]:
        """Those of some entries that are meant, falling."""
        rows: list[Any] = json.loads(answer.fetchone()[0])
        entries = [entry for entry in starmap(Entry, rows) if self._is_meant(entry)]
        if not entries:
            return []
        ids = json.dumps([entry.id for entry in entries])
        outdated = set(json.loads(self._conn.execute(_OUTDATED, (ids,)).fetchone()[0]))
        kept = [entry for entry in entries if entry.id not in outdated]
        return sorted(kept, key=lambda entry: -entry.id)

    def _is_meant(self, entry: Entry) -> bool:
        if self._author is not None and text.fold(entry.nick) != self._author:
            return False
        return has_all(fold(entry.text), self._words)
