"""Searching: from the newest block to the oldest, each by its index or, where there is none yet, by reading it.

The first few blocks are asked for all grams of what is looked for: a common word is found there. From then on the
rarest of them do, and only where they leave much that is not meant, the others are asked for as well.
"""

from __future__ import annotations

import json
import sqlite3
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from itertools import islice, starmap
from typing import Any, Final

from chat_server import text
from chat_server.log import Page, Query, Reader
from chat_server.log.grams import fold, has_all, read_phrase, read_words
from chat_server.log.index import INDEXED
from chat_server.log.lookup import read_blocks, read_places, read_postings
from chat_server.log.postings import (
    block_of,
    common,
    first_id,
    hash_of,
    nick_gram,
    place_hash,
    room_gram,
    said_in,
)
from chat_server.log.statements import ENTRY, pair, read_forgotten
from chat_server.wire import Entry

_FEWEST, _MOST, _MORE = 4, 256, 8
"""Blocks that are looked into at once, each time so many times more: a common word is found in the first ones, a rare
one needs many."""

_READ: Final = 512
"""Entries that are read through at once."""

_CHECKED: Final = 64
"""Entries that are looked at first, of those that the index gave."""

_HELD_MOST: Final = 4
"""Words that SQLite itself looks for where there is no index yet: hardly a text that has these lacks the others."""

_GRAMS_MOST: Final = 24
"""Grams that are looked for: more hardly narrow it down, and a line of 4,000 characters has 4,000."""

_GRAMS_FIRST: Final = 2
"""Grams that all blocks but the newest are asked for: with these next to nothing is left that is not meant."""

_LAST_TIME: Final = 2**62

_VISIBLE: Final = f"""
    {INDEXED} AND at >= :after AND at < :before
    AND CASE WHEN peer IS NULL THEN conversation IN (SELECT value FROM json_each(:rooms))
        ELSE :identity IN (author, peer)
            AND (:directs IS NULL OR conversation IN (SELECT value FROM json_each(:directs))) END
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

_DIRECT: Final = "SELECT json_group_array(conversation) FROM direct WHERE identity = ?"


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


class _Search:
    """One search under way."""

    def __init__(self, conn: sqlite3.Connection, query: Query, reader: Reader) -> None:
        self._conn = conn
        phrases = dict.fromkeys(part for phrase in query.phrases for part in read_phrase(phrase))
        self._words = [*read_words(query.words), *phrases]
        self._author = query.author
        rooms = [room for room in reader.rooms if room.startswith("#") and query.room in (None, room)]
        only: list[str] | None = None
        if query.others is not None:
            rooms, only = [], [pair(reader.identity, other) for other in query.others]
        # No identity is "", so a search in a room finds no direct messages.
        identity = reader.identity if query.room is None else ""
        conditions = (query.author, query.room, query.after, query.before, query.others)
        is_for_nothing = not self._words and all(one is None for one in conditions)
        self._is_in_vain = is_for_nothing or (query.room is not None and not rooms) or only == []
        self._readable: set[int] | None = None
        if query.room is None:
            directs = only
            if directs is None:
                directs = json.loads(conn.execute(_DIRECT, (identity,)).fetchone()[0])
            self._readable = {place_hash(place) for place in (*rooms, *directs)}
        self._after = query.after or 0
        self._before = _LAST_TIME if query.before is None else query.before
        self._visible = {
            "after": self._after,
            "before": self._before,
            "rooms": json.dumps(rooms),
            "identity": identity,
            "directs": None if only is None else json.dumps(only),
        }
        held = [word.folded for word in self._words[:_HELD_MOST]]
        self._held = {f"word{n}": word for n, word in enumerate(held)}
        self._by_range = (
            _BY_RANGE + (" AND ".join(f"instr(lower(text), :{name})" for name in self._held) or "1") + "))"
        )
        # Counted as hashes: two grams may share one.
        of_words = [{hash_of(gram) for gram in word.grams()} for word in self._words]
        grams = set(sorted(set().union(*of_words))[:_GRAMS_MOST])
        self._filters = set()
        if self._author is not None:
            self._filters.add(hash_of(nick_gram(self._author)))
        if query.room is not None:
            self._filters.add(hash_of(room_gram(query.room)))
        self._of_words = [hashes & grams for hashes in of_words if hashes & grams]
        self._all = self._asked = grams | self._filters
        self._has_chosen = False

    def steps(self, before: int | None) -> Iterator[list[Entry]]:
        """What is found, falling, as it is found."""
        if self._is_in_vain:
            return
        (last,) = self._conn.execute("SELECT max(id) FROM entry").fetchone()
        end = min((last or 0) + 1, before if before is not None else (last or 0) + 1)
        newest, oldest = block_of(end - 1), block_of(read_forgotten(self._conn) + 1)
        known = read_blocks(self._conn, oldest, newest, self._after, self._before)
        waiting: list[int] = []
        size = _FEWEST
        for block in range(newest, oldest - 1, -1):
            if block not in known:
                yield from self._look_up(waiting, end)
                waiting = []
                yield from self._read_through(first_id(block), min(end, first_id(block + 1)))
            elif known[block]:
                waiting.append(block)
                if len(waiting) == size:
                    yield from self._look_up(waiting, end)
                    waiting, size = [], min(size * _MORE, _MOST)
        yield from self._look_up(waiting, end)

    def _read_through(self, first: int, end: int) -> Iterator[list[Entry]]:
        size = _READ
        while first < end:
            start = max(first, end - size)
            values = {**self._visible, **self._held, "first": start, "end": end}
            yield self._check(self._conn.execute(self._by_range, values))
            end, size = start, size * 2

    def _look_up(self, blocks: Collection[int], end: int) -> Iterator[list[Entry]]:
        if not blocks:
            return
        asked = self._asked
        postings = self._find(blocks, asked)
        # Also for nothing at all, so that the time is looked at.
        yield []
        ids = self._common_ids(postings, end)
        # A common word has its hits among the first few.
        size = _CHECKED
        while some := list(islice(ids, size)):
            values = {**self._visible, "ids": json.dumps(some)}
            meant = self._check(self._conn.execute(_BY_IDS, values))
            yield meant
            if asked is not self._all and len(some) == size and len(meant) * 4 < size:
                asked, end = self._all, some[-1]
                self._asked = asked
                rest = [block for block in postings if first_id(block) < end]
                ids = self._common_ids(self._find(rest, asked), end)
            size = min(size * 2, _READ)

    def _find(self, blocks: Collection[int], hashes: Collection[int]) -> dict[int, list[bytes]]:
        """What those of the blocks have of some grams that have all of them; falling."""
        if not hashes:
            # All that was said there may be meant.
            return {block: [] for block in sorted(blocks, reverse=True)}
        postings = read_postings(self._conn, blocks, hashes)
        if not self._has_chosen:
            self._has_chosen = True
            self._choose(postings.values())
        return {
            block: list(lists.values())
            for block, lists in sorted(postings.items(), reverse=True)
            if len(lists) == len(hashes)
        }

    def _common_ids(self, postings: dict[int, list[bytes]], end: int) -> Iterator[int]:
        """Which entries before an id have the grams and were said where the reader may read; falling. Often the first
        few are enough."""
        size, blocks = _FEWEST, iter(postings)
        while some := list(islice(blocks, size)):
            found = {block: offsets for block in some if (offsets := _offsets(block, postings[block]))}
            places = read_places(self._conn, found) if self._readable is not None and found else {}
            for block, offsets in found.items():
                first = first_id(block)
                kept = offsets if self._readable is None else said_in(self._readable, *places[block], offsets)
                yield from (first + offset for offset in sorted(kept, reverse=True) if first + offset < end)
            size *= _MORE

    def _choose(self, postings: Collection[dict[int, bytes]]) -> None:
        """Has only the rarest grams asked for from now on: one of each word, and those by which it is narrowed."""
        sizes = Counter[int]()
        for lists in postings:
            sizes.update({hash: len(packed) for hash, packed in lists.items()})
        rarest = sorted(self._all - self._filters, key=sizes.__getitem__)
        of_words = sorted(min(map(rarest.index, hashes)) for hashes in self._of_words)
        places = dict.fromkeys([*of_words, *range(len(rarest))])
        chosen = self._filters | {rarest[place] for place in islice(places, _GRAMS_FIRST)}
        if len(chosen) < len(self._all):
            self._asked = chosen

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


def _offsets(block: int, postings: Sequence[bytes]) -> Collection[int]:
    """The offsets in a block that all the lists have; every one if there are none."""
    return common(postings) if postings else range(first_id(block + 1) - first_id(block))
