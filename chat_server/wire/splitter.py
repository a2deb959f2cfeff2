"""Bytes -> lines, whatever the chunks they came in, with a bounded buffer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from chat_server.wire.grammar import LINE_BYTES

Fault = Literal["line-too-long", "bad-utf8"]


@dataclass(frozen=True, slots=True)
class BadBytes:
    """A line that could not be read, and the code of the error that says why."""

    code: Fault


class LineSplitter:
    """Takes chunks of bytes, gives whole lines.

    1. LF ends a line; one CR before it is dropped; an unfinished tail is kept for the next chunk.
    2. Never holds more than `limit` bytes: a longer line is thrown away as it arrives and answered
       by exactly one BadBytes, at the moment the limit is passed (its sender may never send an LF).
    3. The same bytes give the same lines in whatever chunks they arrive.
    """

    __slots__ = ("_limit", "_skipping", "_tail")

    def __init__(self, limit: int = LINE_BYTES) -> None:
        self._limit = limit
        self._tail = b""
        self._skipping = False

    def feed(self, chunk: bytes) -> list[str | BadBytes]:
        """The lines that are complete with this chunk, in order; each a str or why it is none."""
        lines: list[str | BadBytes] = []
        if self._skipping:
            end = chunk.find(b"\n")
            if end < 0:
                return lines
            self._skipping = False
            chunk = chunk[end + 1 :]
        *whole, tail = (self._tail + chunk if self._tail else chunk).split(b"\n")
        for raw in whole:
            lines.append(self._read(raw))
        # One byte more than the limit is kept, for it may be the CR that is dropped.
        over = len(tail) - self._limit
        if over > 1 or (over == 1 and not tail.endswith(b"\r")):
            lines.append(BadBytes("line-too-long"))
            self._skipping = True
            tail = b""
        self._tail = tail
        return lines

    @property
    def unfinished(self) -> int:
        """Bytes kept of a line that has no end yet."""
        return len(self._tail)

    def _read(self, raw: bytes) -> str | BadBytes:
        if raw.endswith(b"\r"):
            raw = raw[:-1]
        if len(raw) > self._limit:
            return BadBytes("line-too-long")
        try:
            return raw.decode()
        except UnicodeDecodeError:
            return BadBytes("bad-utf8")
