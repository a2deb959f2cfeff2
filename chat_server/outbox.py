"""What one client has not taken yet."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator
from typing import Final

from chat_server.transport import Pipe
from chat_server.wire import ServerLine, encode

_PIECE_BYTES: Final = 16 * 1024
"""A long answer is handed to the courier in pieces, so that it never fills an outbox."""


class Outbox:
    """The bytes one client has not taken yet.

    1. Putting never blocks on the client and never reorders.            through the Courier, any thread
    2. Only the courier sends, and only what the socket takes at once.    courier thread
    3. Past the limits nothing more is taken: the client is dropped as a slow reader.
    4. While held, what is put waits behind a replay that the client's own reader is writing.
    """

    __slots__ = (
        "closes_at", "drained", "fate", "held", "is_closing", "is_dead", "is_queued", "is_stalled", "moved_at",
        "pieces", "pipe", "queued", "sent", "stalled_at", "tail",
    )  # fmt: skip

    def __init__(self, pipe: Pipe) -> None:
        self.pipe = pipe
        self.pieces: list[bytes] = []
        self.held: list[bytes] | None = None
        self.tail: bytes = b""
        """What the socket did not take of the last send. Courier thread only."""
        self.queued = 0
        """Bytes that were ever put. Changed under the lock only."""
        self.sent = 0
        """Bytes of these that the socket took. Courier thread only, and so it needs no lock for each send."""
        self.is_queued = False
        """In the courier's queue: at most once, or what is put would be sent twice."""
        self.is_stalled = False
        """Waits in the selector for room in the socket. Courier thread only."""
        self.stalled_at = 0.0
        """Since when he is behind."""
        self.moved_at = 0.0
        """When he last took anything, since he is behind."""
        self.is_closing = False
        self.closes_at = 0.0
        self.is_dead = False
        """Nothing is taken any more."""
        self.fate = ""
        """Why the courier dropped it: "slow-reader", or "" if the connection just went."""
        self.drained: threading.Event | None = None
        """Set by the courier when a waiting replay may go on; made only for who replays."""

    @property
    def unsent(self) -> int:
        """Bytes in pieces, held and tail."""
        return self.queued - self.sent


def in_pieces(lines: Iterable[ServerLine]) -> Iterator[bytes]:
    """The lines' bytes, in pieces of whole lines."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        data = encode(line)
        piece.append(data)
        size += len(data)
        if size > _PIECE_BYTES:
            yield b"".join(piece)
            piece, size = [], 0
    if piece:
        yield b"".join(piece)
