"""A connection as a pipe: bytes in, bytes out, encrypted or not. No thread of its own: the client's selector drives it.

TLS 1.2 and newer by an SSLObject over two memory buffers; the raw, non-blocking socket does the I/O. Nobody signs
the certificate of a Talkline server, so no name is checked here: who it is, its fingerprint tells (chat_tui.kept).
"""

from __future__ import annotations

import selectors
import socket
import ssl
from hashlib import sha256
from typing import Final

CHUNK_BYTES: Final = 64 * 1024

RECORD_BYTES: Final = 16 * 1024
"""Plaintext that is encrypted at a time, the largest record of TLS: what is encrypted has to be sent."""

_RECORDS: Final = (b"\x15", b"\x16")
"""The first byte of a TLS server: an alert, or its part of the handshake."""


class NotTls(Exception):
    """The server answered, and not in TLS."""


class PlainPipe:
    """A TCP connection, `sock`, that does not block."""

    is_tls = False
    is_due = False
    """Whether recv() has something to tell although the socket may have nothing."""
    is_flushed = True
    """Whether everything that send() accepted has gone to the kernel."""

    def __init__(self, sock: socket.socket, is_private: bool) -> None:
        self.sock = sock
        self.is_private = is_private
        """Whether a secret may be said on it: it is encrypted, or never leaves this machine."""

    def recv(self) -> bytes | None:
        """What has come; None if nothing has, b"" at the end. OSError if the connection is gone."""
        try:
            return self.sock.recv(CHUNK_BYTES)
        except BlockingIOError:
            return None

    def send(self, data: bytes) -> int:
        """Sends what the socket takes now; how much was accepted. OSError if the connection is gone."""
        try:
            return self.sock.send(data) if data else 0
        except BlockingIOError:
            return 0

    def finish(self) -> None:
        """Tells the server that nothing more comes; what it still says can be read with the raw socket."""
        self.sock.shutdown(socket.SHUT_WR)


class TlsPipe(PlainPipe):
    """A TCP connection with TLS: advance() until it says that the handshake is done, then as PlainPipe."""

    is_tls = True

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock, is_private=True)
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = _context().wrap_bio(self._incoming, self._outgoing, server_side=False)
        self._cipher = b""
        """Encrypted and not yet taken by the socket."""
        self._is_answered = False
        self._is_ended = False

    @property
    def is_flushed(self) -> bool:  # type: ignore[override]
        """Whether everything that send() accepted has gone to the kernel."""
        return not self._cipher

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the server's certificate in hex, after the handshake."""
        return sha256(self._tls.getpeercert(binary_form=True) or b"").hexdigest()

    def advance(self) -> int:
        """Goes on with the handshake as far as it gets now; what to wait for (selectors.EVENT_…), 0 if it is done.

        Raises NotTls; ssl.SSLError if the handshake failed; ConnectionError if it was cut.
        """
        data = super().recv()
        if data == b"":
            raise ConnectionResetError
        if data:
            if not self._is_answered and data[:1] not in _RECORDS:
                raise NotTls
            self._is_answered = True
            self._incoming.write(data)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            is_done = False
        else:
            is_done = True
            # The first lines may have come with the end of the handshake; the socket tells of them no more.
            self.is_due = True
        self._drain()
        if is_done and not self._cipher:
            return 0
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self._cipher else 0)

    def recv(self) -> bytes | None:
        """As PlainPipe.recv; None too if not even one whole record has come."""
        self.is_due = False
        if self._is_ended:
            return b""
        data = super().recv()
        if data == b"":
            self._is_ended = True
        elif data:
            self._incoming.write(data)
        plain = bytearray()
        try:
            while chunk := self._tls.read(CHUNK_BYTES):
                plain += chunk
            self._is_ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLZeroReturnError:
            self._is_ended = True
        except ssl.SSLError as error:
            raise ConnectionAbortedError(str(error)) from error
        self._take_cipher()  # TLS has answers of its own (a new key)
        if plain:
            self.is_due = self._is_ended
            return bytes(plain)
        return b"" if self._is_ended else None

    def send(self, data: bytes) -> int:
        """As PlainPipe.send; what is accepted may still wait here, encrypted, until the socket takes it."""
        accepted = 0
        while True:
            self._drain()
            if self._cipher or accepted == len(data):
                return accepted
            try:
                accepted += self._tls.write(data[accepted : accepted + RECORD_BYTES])
            except ssl.SSLError as error:
                raise ConnectionAbortedError(str(error)) from error

    def finish(self) -> None:
        """Says so in TLS too."""
        try:
            self._tls.unwrap()
        except ssl.SSLError:
            pass
        self._drain()
        super().finish()

    def _take_cipher(self) -> None:
        if self._outgoing.pending:
            self._cipher += self._outgoing.read()

    def _drain(self) -> None:
        self._take_cipher()
        if self._cipher:
            self._cipher = self._cipher[super().send(self._cipher) :]


def _context() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
