"""One client's socket as a pipe: bytes in, bytes out, no lines.

A pipe is used by two threads at once. `recv` is the reader's; `send`, `finish` and `close` are the courier's;
`cut` is anybody's. The socket stays blocking: with a timeout set, CPython's `send(..., MSG_DONTWAIT)` waits for
the whole timeout. Only `shutdown` wakes a blocked `recv`, `close` does not.
"""

from __future__ import annotations

import socket

from chat_server.config import Limits


class PlainPipe:
    """A TCP connection without TLS."""

    __slots__ = ("_sock", "is_private")

    def __init__(self, sock: socket.socket, is_loopback: bool) -> None:
        self._sock = sock
        self.is_private = is_loopback
        """Whether a secret may be said on it: TLS, or it never leaves this machine."""

    def fileno(self) -> int:
        """The descriptor, -1 once closed."""
        return self._sock.fileno()

    def recv(self, size: int) -> bytes:
        """Waits for bytes; b"" at the peer's end of file and when the connection is gone.  Reader only."""
        try:
            return self._sock.recv(size)
        except OSError:
            return b""

    def send(self, data: bytes | memoryview) -> int:
        """Sends what the socket takes now, perhaps 0. OSError if the connection is gone.  Courier only."""
        try:
            return self._sock.send(data, socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return 0

    def finish(self) -> None:
        """Tells the peer that nothing more comes; what he sends is still read.  Courier only."""
        try:
            self._sock.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def cut(self) -> None:
        """Ends both directions at once and wakes the reader.  Any thread."""
        try:
            self._sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass

    def close(self) -> None:
        """Gives the descriptor back.  Courier only, after the reader is through."""
        self._sock.close()


Pipe = PlainPipe


def prepare(sock: socket.socket, limits: Limits) -> None:
    """Sets the options of a client's socket. OSError if it is gone already."""
    sock.setblocking(True)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.sndbuf_bytes)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    idle, interval, count = limits.keepalive
    for name, value in (
        ("TCP_KEEPIDLE", idle),
        ("TCP_KEEPINTVL", interval),
        ("TCP_KEEPCNT", count),
        ("TCP_USER_TIMEOUT", int(limits.user_timeout_seconds * 1000)),
    ):
        # Not every system has all of them (macOS calls the first TCP_KEEPALIVE and lacks the last).
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)
