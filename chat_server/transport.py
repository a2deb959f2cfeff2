"""One client's socket as a pipe: bytes in, bytes out, no lines; plain or TLS on the same port.

A pipe is used by two threads at once. `recv` is the reader's; `send`, `finish` and `close` are the courier's;
`cut` is anybody's. The socket stays blocking: with a timeout set, CPython's `send(..., MSG_DONTWAIT)` waits for
the whole timeout. Only `shutdown` wakes a blocked `recv`, `close` does not.
"""

from __future__ import annotations

import select
import socket
import ssl
import threading
from time import monotonic
from typing import Final

from chat_server.config import Limits

TLS_HELLO: Final = b"\x16"
"""First byte of a TLS client: a handshake record. No line of a client can begin with a control character."""

_RECORD_BYTES: Final = 16 * 1024
"""Plaintext that is encrypted at a time, the largest TLS record: what is encrypted has to be sent."""


_ANSWER_BYTES: Final = 64 * 1024
"""Of what OpenSSL itself has to say (a key was changed, a fault) so much waits for the next line to him. Who changes
keys again and again is answered each time: 22 bytes, 47,000 times a second, and nothing else would end it."""

_LAST_BYTES: Final = 64 * 1024
"""Room beyond SO_SNDBUF for the last words: a record of TLS that is half sent, a line, a bye. The kernel counts
its own overhead too: with 8 KiB a line of 4 KiB was refused."""


class PlainPipe:
    """A TCP connection without TLS."""

    __slots__ = ("_sock", "is_private")

    is_tls = False
    is_flushed = True
    """Whether everything that `send` accepted has gone to the kernel."""

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

    def send(self, data: bytes) -> int:
        """Sends what the socket takes now, perhaps 0. OSError if the connection is gone.  Courier only."""
        try:
            return self._sock.send(data, socket.MSG_DONTWAIT)
        except (BlockingIOError, InterruptedError):
            return 0

    def send_past_limit(self, data: bytes, sndbuf_bytes: int) -> None:
        """Last words to a peer that took nothing for long: a few KiB more go to the kernel, which keeps them
        for him for `user_timeout_seconds`. If they cannot be had, never mind.  Courier only."""
        try:
            self._sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, sndbuf_bytes + _LAST_BYTES)
            self.send(data)
        except OSError:
            pass

    def finish(self) -> None:
        """Tells the peer that nothing more comes; what he sends is still read.  Courier only."""
        _shutdown(self._sock, socket.SHUT_WR)

    def cut(self) -> None:
        """Ends both directions at once and wakes the reader.  Any thread."""
        _shutdown(self._sock, socket.SHUT_RDWR)

    def close(self) -> None:
        """Gives the descriptor back.  Courier only, after the reader is through."""
        self._sock.close()


class TlsPipe(PlainPipe):
    """A TLS connection.

    Never one `SSLSocket` for two threads: receiving in one and sending in another crashed CPython 3.11 in 2 of 14
    runs. Here OpenSSL works on two memory buffers behind one short lock, and the raw socket does the I/O.
    """

    __slots__ = ("_cipher", "_incoming", "_lock", "_outgoing", "_tls")

    is_tls = True

    def __init__(self, sock: socket.socket, context: ssl.SSLContext) -> None:
        super().__init__(sock, is_loopback=True)
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._lock = threading.Lock()
        self._cipher = b""
        """Encrypted and not yet taken by the socket. Courier thread only."""

    @property
    def is_flushed(self) -> bool:  # type: ignore[override]
        """Whether everything that `send` accepted has gone to the kernel.  Courier only."""
        return not self._cipher

    def shake_hands(self, seconds: float) -> bool:
        """The handshake, before anything else, in the client's own thread. False if it failed or took too long."""
        ends_at = monotonic() + seconds
        while True:
            try:
                self._tls.do_handshake()
            except ssl.SSLWantReadError:
                is_done = False
            except ssl.SSLError:
                return False
            else:
                is_done = True
            try:
                if reply := self._outgoing.read():
                    self._sock.sendall(reply)
                if is_done:
                    return True
                if not _is_readable(self._sock, ends_at - monotonic()):
                    return False
                data = self._sock.recv(_RECORD_BYTES)
            except OSError:
                return False
            if not data:
                return False
            self._incoming.write(data)

    def recv(self, size: int) -> bytes:
        """As PlainPipe.recv; b"" also at a broken record, and from who has TLS itself answer without end."""
        while True:
            try:
                with self._lock:
                    if self._outgoing.pending > _ANSWER_BYTES:
                        return b""
                    return self._tls.read(size)
            except ssl.SSLWantReadError:
                pass
            except ssl.SSLError:
                return b""
            data = super().recv(_RECORD_BYTES)
            if not data:
                return b""
            with self._lock:
                self._incoming.write(data)

    def send(self, data: bytes) -> int:
        """As PlainPipe.send; what is accepted may still wait here, encrypted, until the socket takes it."""
        accepted = 0
        while True:
            if self._cipher:
                sent = super().send(self._cipher)
                self._cipher = self._cipher[sent:]
                if self._cipher:
                    return accepted
            if accepted == len(data):
                return accepted
            try:
                with self._lock:
                    accepted += self._tls.write(data[accepted : accepted + _RECORD_BYTES])
                    self._cipher = self._outgoing.read()
            except ssl.SSLError as error:
                raise ConnectionError(str(error)) from error

    def finish(self) -> None:
        """Says so in TLS too, for a peer that would take a bare end for an attack."""
        try:
            with self._lock:
                self._tls.unwrap()
        except ssl.SSLError:
            pass
        try:
            super().send(self._outgoing.read())
        except OSError:
            pass
        super().finish()


Pipe = PlainPipe


def open_pipe(
    sock: socket.socket, is_loopback: bool, tls: ssl.SSLContext | None, limits: Limits
) -> Pipe | None:
    """The pipe of a new connection: TLS if its first byte says so, plain else. None if the handshake failed.

    Runs in the client's own thread: it waits a moment for the first byte, since a person in nc says nothing
    before he was welcomed.
    """
    if tls is not None and _is_readable(sock, limits.hello_seconds):
        try:
            first = sock.recv(1, socket.MSG_PEEK)
        except OSError:
            return None
        if first == TLS_HELLO:
            pipe = TlsPipe(sock, tls)
            return pipe if pipe.shake_hands(limits.handshake_seconds) else None
    return PlainPipe(sock, is_loopback)


def prepare(sock: socket.socket, limits: Limits) -> None:
    """Sets the options of a client's socket. OSError if it is gone already."""
    sock.setblocking(True)
    sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.sndbuf_bytes)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (
        ("TCP_KEEPIDLE", limits.keepalive_seconds),
        ("TCP_KEEPINTVL", limits.keepalive_pause_seconds),
        ("TCP_KEEPCNT", limits.keepalive_times),
        ("TCP_USER_TIMEOUT", int(limits.user_timeout_seconds * 1000)),
    ):
        # Not every system has all of them (macOS calls the first TCP_KEEPALIVE and lacks the last).
        option = getattr(socket, name, None)
        if option is not None:
            sock.setsockopt(socket.IPPROTO_TCP, option, value)


def _is_readable(sock: socket.socket, seconds: float) -> bool:
    # Not select.select: it fails for descriptors above 1023.
    poll = select.poll()
    poll.register(sock, select.POLLIN)
    return bool(poll.poll(max(0, int(seconds * 1000))))


def _shutdown(sock: socket.socket, how: int) -> None:
    try:
        sock.shutdown(how)
    except OSError:
        pass
