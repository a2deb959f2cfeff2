"""The index of texts: for each gram the entries that have it, 4,096 entries at a time.

    block   4,096 ids in a row: block 0 has 1 … 4096. It is indexed as a whole, when it is full, by a thread of its
            own; what is not indexed is read through (4,096 entries: some 10 ms).
            With it is kept in which conversation each entry was said: only of those is searched that one may read.
    gram    block and hash of a gram -> which of the block's entries have it. Nicks and rooms are grams, too: that
            a common word was not said in a room costs one more list, not a look at each place where it was said.

A block is written once, in one place, and goes as a whole when retention has passed it. The hashes hide the text,
and two grams that share one only cost a look at a text. When an entry is deleted, its block becomes stale: it is
made anew soon; until then its text, which is gone, tells that it is not meant.

SQLite's own FTS5 was tried (trigram, detail=none): 119 bytes a message where this takes 112, and it is about as
fast. But before SQLite 3.42 it leaves what was deleted in its pages until they happen to be merged, it forgets old
entries only if told their text, and it does not find one or two Chinese characters.
"""

from __future__ import annotations

import struct
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from functools import lru_cache
from itertools import accumulate, compress
from typing import Final
from zlib import crc32

from chat_server import text
from chat_server.log.grams import fold, grams

BLOCK: Final = 4096
"""Entries of a block. With twice as many the index has 5 % fewer bytes, but twice as many entries are read
through in every search, since the last block is not indexed yet."""

_HASH_BITS: Final = 20
"""A block has some 10,000 different grams: 1 % of them share a row."""

_ODD, _OTHER = 0x9E3779B1, 0x85EBCA6B
"""Two odd numbers without a pattern, to spread over the high bits (Knuth, The Art of Computer Programming 6.4)."""

_LIST, _STEPS, _BITS = b"\0", b"\1", b"\2"

_ONES: Final = [[bit for bit in range(8) if byte >> bit & 1] for byte in range(256)]

Row = tuple[int, str, str, str]
"""An entry to index: id, conversation, nick, text."""


def block_of(id: int) -> int:
    """The block that an id is in."""
    return (id - 1) // BLOCK


def first_id(block: int) -> int:
    """The first id of a block."""
    return block * BLOCK + 1


def hash_of(gram: str) -> int:
    """What a gram is known by."""
    return crc32(gram.encode())


def gram_id(block: int, hash: int) -> int:
    """The row of a gram in a block. Which grams share one is another matter in each block: if it were the same in all,
    who looks for a rare gram would sometimes have to look at all texts that have a common one."""
    mixed = hash * (block * _ODD | 1) * _OTHER & 0xFFFFFFFF
    return block << _HASH_BITS | mixed >> 32 - _HASH_BITS


def gram_ids(block: int) -> tuple[int, int]:
    """The first row of a block, and the first of the next one."""
    return block << _HASH_BITS, block + 1 << _HASH_BITS


def nick_gram(folded: str) -> str:
    """The gram of all that was said under a nick, given as text.fold() gives it."""
    return f"\1{folded}"


def room_gram(room: str) -> str:
    """The gram of all that was said in a room."""
    return f"\2{room}"


def place_hash(conversation: str) -> int:
    """What a conversation is known by. Two that share one cost a look at an entry, where its own is asked for."""
    return crc32(conversation.encode())


class Postings:
    """One block in the making."""

    def __init__(self, block: int) -> None:
        self.block = block
        self.count = 0
        self._offsets: defaultdict[str, list[int]] = defaultdict(list)
        # 0 is for an entry that is not indexed.
        self._places: dict[str, int] = {}
        self._place_of = [0] * BLOCK

    def add(self, rows: Sequence[Row]) -> None:
        """Takes in entries of the block, in the order of their ids."""
        self.count += len(rows)
        offsets = self._offsets
        for id, conversation, nick, said in rows:
            offset = (id - 1) % BLOCK
            self._place_of[offset] = self._places.setdefault(conversation, len(self._places) + 1)
            for gram in grams(fold(said)):
                offsets[gram].append(offset)
            offsets[nick_gram(_fold_nick(nick))].append(offset)
            if conversation.startswith("#"):
                offsets[room_gram(conversation)].append(offset)

    @property
    def conversations(self) -> set[str]:
        """Where the entries of the block were said."""
        return set(self._places)

    @property
    def places(self) -> bytes:
        """The conversations of the block, packed: 4 bytes each."""
        return struct.pack(f"<{len(self._places)}I", *map(place_hash, self._places))

    @property
    def place_of(self) -> bytes:
        """For each entry the number of its conversation in `places`, from 1 on."""
        return pack_places(self._place_of)

    def rows(self, at_once: int) -> Iterator[list[tuple[int, bytes]]]:
        """The rows of the index, rising, so many at once."""
        shared: dict[int, list[int]] = {}
        for gram, offsets in self._offsets.items():
            row = gram_id(self.block, hash_of(gram))
            shared[row] = sorted({*shared[row], *offsets}) if row in shared else offsets
        rows = sorted(shared)
        for start in range(0, len(rows), at_once):
            yield [(row, pack(shared[row])) for row in rows[start : start + at_once]]


@lru_cache(4096)
def _fold_nick(nick: str) -> str:
    return text.fold(nick)


def pack(offsets: Sequence[int]) -> bytes:
    """Rising offsets in a block, in the shortest of three ways: two bytes each, one byte for each step, or bits."""
    if len(offsets) * 8 > BLOCK:
        bits = bytearray(BLOCK // 8)
        for offset in offsets:
            bits[offset >> 3] |= 1 << (offset & 7)
        return _BITS + bytes(bits)
    last = 0
    steps = []
    for offset in offsets:
        steps.append(offset - last)
        last = offset
    if max(steps) < 256:
        return _STEPS + bytes(steps)
    return _LIST + struct.pack(f"<{len(offsets)}H", *offsets)


def unpack(packed: bytes) -> Iterable[int]:
    """The offsets that pack() was given."""
    kind, rest = packed[:1], packed[1:]
    if kind == _STEPS:
        return accumulate(rest)
    if kind == _LIST:
        return struct.unpack(f"<{len(rest) // 2}H", rest)
    return [
        start + bit
        for start, byte in zip(range(0, BLOCK, 8), rest, strict=True)
        if byte
        for bit in _ONES[byte]
    ]


def common(packed: Sequence[bytes]) -> set[int]:
    """The offsets that are in all of some packed lists (at least one)."""
    every = -1
    for one in packed:
        if one[:1] == _BITS:
            every &= int.from_bytes(one[1:], "little")
    bits = (every & (1 << BLOCK) - 1).to_bytes(BLOCK // 8, "little")
    # Rare grams first: often nothing is left after two of them.
    # The grams of a rare word often have all the same.
    lists = sorted({one for one in packed if one[:1] != _BITS}, key=len)
    if not lists:
        return set(unpack(_BITS + bits))
    found = set(unpack(lists[0]))
    for one in lists[1:]:
        if found:
            found.intersection_update(unpack(one))
    if every == -1:
        return found
    return {offset for offset in found if bits[offset >> 3] >> (offset & 7) & 1}


def pack_places(numbers: Sequence[int]) -> bytes:
    """For each entry of a block the number of its conversation, in one byte if that is enough, or in two."""
    return bytes(numbers) if max(numbers) < 256 else struct.pack(f"<{BLOCK}H", *numbers)


def unpack_places(packed: bytes) -> Sequence[int]:
    """The numbers that pack_places() was given."""
    return packed if len(packed) == BLOCK else struct.unpack(f"<{BLOCK}H", packed)


def said_in(
    wanted: AbstractSet[int], places: bytes, place_of: bytes, offsets: Iterable[int]
) -> Iterator[int]:
    """Those of the offsets that were said in conversations whose place_hash is wanted."""
    hashes = struct.unpack(f"<{len(places) // 4}I", places)
    if wanted.isdisjoint(hashes):
        return iter(())
    is_wanted = [False, *map(wanted.__contains__, hashes)]
    numbers = unpack_places(place_of)
    offsets = list(offsets)
    return compress(offsets, map(is_wanted.__getitem__, map(numbers.__getitem__, offsets)))
