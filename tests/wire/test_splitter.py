"""Bytes become the same lines in whatever pieces they arrive, and nobody fills the memory."""

from __future__ import annotations

import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from chat_server.wire import LINE_BYTES, BadBytes, LineSplitter
from tests.wire.strategies import MODEST

LIMIT = 8
TOO_LONG = BadBytes("line-too-long")
NOT_UTF8 = BadBytes("bad-utf8")

# Around the limit, with every kind of end, and with bytes that are no UTF-8.
streams = st.lists(
    st.one_of(
        st.binary(max_size=12),
        st.text("aé田\r", max_size=10).map(str.encode),
        st.sampled_from([b"\n", b"\r\n", b"\r", b"a" * 7, b"a" * 8, b"a" * 9, b"a" * 8 + b"\r", b"\xff"]),
    ),
    max_size=12,
).map(b"".join)


def cut(stream: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place % (len(stream) + 1) for place in places), len(stream)]
    return [stream[start:end] for start, end in pairwise(edges)]


def split(chunks: list[bytes], limit: int = LIMIT) -> list[str | BadBytes]:
    splitter = LineSplitter(limit)
    lines = []
    for chunk in chunks:
        lines += splitter.feed(chunk)
        assert splitter.unfinished <= limit + 1
    return lines


def read_one(raw: bytes) -> str | BadBytes:
    """What one line is, said in the plainest way."""
    raw = raw.removesuffix(b"\r")
    if len(raw) > LIMIT:
        return TOO_LONG
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return NOT_UTF8


@MODEST
@given(streams, st.lists(st.integers(0, 200), max_size=20))
@example(b"a" * 8 + b"\r\n", [9])
@example(b"a" * 8 + b"\rb\n", [9])
@example(b"a" * 8 + b"\r\r\n", [9, 10])
@example(b"a" * 30 + b"\nhi\n", [12, 13, 30, 31])
@example("田\n".encode(), [1, 2])
def test_any_chunking_gives_the_same_lines(stream: bytes, places: list[int]) -> None:
    *whole, tail = stream.split(b"\n")
    expected = [read_one(raw) for raw in whole]
    # A line whose sender never ends it is told to be too long once it is so whatever comes.
    if len(tail) > LIMIT + 1 or (len(tail) == LIMIT + 1 and not tail.endswith(b"\r")):
        expected.append(TOO_LONG)
    assert split([stream]) == expected
    assert split(cut(stream, places)) == expected
    assert split([stream[at : at + 1] for at in range(len(stream))]) == expected


def test_the_longest_line_is_taken_and_one_byte_more_is_not() -> None:
    longest = b"x" * LINE_BYTES
    assert LineSplitter().feed(longest + b"\n") == [longest.decode()]
    assert LineSplitter().feed(longest + b"\r\n") == [longest.decode()]
    assert LineSplitter().feed(longest + b"x\n") == [TOO_LONG]


def test_only_one_cr_before_the_lf_is_dropped() -> None:
    assert LineSplitter().feed(b"a\r\nb\r\r\nc\rd\n") == ["a", "b\r", "c\rd"]


def test_a_line_too_long_is_told_before_its_end_and_only_once() -> None:
    splitter = LineSplitter(LIMIT)
    assert splitter.feed(b"123456789") == [TOO_LONG]
    assert splitter.feed(b"still the same line") == []
    assert splitter.feed(b"its end\nnext\n") == ["next"]


def test_bytes_that_are_not_utf8_are_an_error_and_never_replaced() -> None:
    # Latin-1, an overlong form, a surrogate written as three bytes, a character cut off.
    for raw in (b"caf\xe9", b"\xc0\x80", b"\xed\xa0\x80", b"\xe7\x94"):
        assert LineSplitter().feed(raw + b"\nnext\n") == [NOT_UTF8, "next"]


def test_an_unfinished_tail_is_kept_until_its_end_comes() -> None:
    splitter = LineSplitter()
    assert splitter.feed(b"hel") == []
    assert splitter.unfinished == 3
    assert splitter.feed(b"lo\n") == ["hello"]
    assert splitter.unfinished == 0


@pytest.mark.parametrize("piece", [1000, 65536])
def test_ten_megabytes_without_an_end_cost_no_memory_and_one_error(piece: int) -> None:
    splitter = LineSplitter()
    chunk = b"x" * piece
    lines = []
    tracemalloc.start()
    for _ in range(10_000_000 // piece):
        lines += splitter.feed(chunk)
        assert splitter.unfinished <= LINE_BYTES + 1
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert lines == [TOO_LONG]
    assert peak < 4 * 65536
    assert splitter.feed(b"\nand on\n") == ["and on"]
