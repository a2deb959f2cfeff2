"""The way to a server: address after address, encrypted where that is wanted, trusted before a line is said."""

from __future__ import annotations

import errno
import selectors
import socket
from collections.abc import Callable
from typing import Literal

from chat_tui.kept import Distrusted, KnownServers, is_loopback, place_of
from chat_tui.pace import Pace
from chat_tui.reaching import Unreachable, advice_on, keep_alive, reason_of, resolve
from chat_tui.tls import NotTls, PlainPipe, TlsPipe
from chat_tui.watch import Watch

Encryption = Literal["auto", "always", "never"]
"""Whether TLS is tried: "auto" is everywhere but on this machine, where nobody else listens. Unless "never", a server
that has never spoken it is talked to in plain lines."""


class Dialing:
    """Connects when it is told to, in the thread that waits on `watch`."""

    def __init__(
        self,
        host: str,
        port: int,
        tls: Encryption,
        known: KnownServers,
        pace: Pace,
        watch: Watch,
        monotonic: Callable[[], float],
        is_closing: Callable[[], bool],
    ) -> None:
        """`is_closing` says whether nobody wants the connection any more: it is then given up at once."""
        self._host = host
        self._port = port
        self._tls = tls
        self._known = known
        self._place = place_of(host, port)
        self._pace = pace
        self._watch = watch
        self._monotonic = monotonic
        self._is_closing = is_closing

    def connect(self) -> PlainPipe:
        """A connection to one of the server's addresses; Unreachable or Distrusted if there is none."""
        addresses = resolve(self._host, self._port)
        failed: Exception = Unreachable("")
        for number, (family, address) in enumerate(addresses, start=1):
            # A first address that swallows packets (IPv6 without a route) must not cost all the patience.
            patience = self._pace.connect_within / (1 if number == len(addresses) else 5)
            try:
                return self._open(family, address, patience)
            except OSError as error:
                failed = error
        host, port = self._host, self._port
        raise Unreachable(reason_of(failed, host, port), advice_on(failed, host, port)) from failed

    def _open(self, family: int, address: tuple[object, ...], patience: float) -> PlainPipe:
        sock = self._connect_to(family, address, patience)
        is_here = is_loopback(str(address[0]))
        if self._tls == "never" or (self._tls == "auto" and is_here):
            return PlainPipe(sock, is_here)
        pipe = TlsPipe(sock)
        try:
            self._shake_hands(pipe, patience)
            # Before a single line is said.
            self._known.check(self._place, pipe.fingerprint)
        except NotTls:
            self._watch.hang_up(sock)
            self._known.check_plain(self._place)
            return PlainPipe(self._connect_to(family, address, patience), is_here)
        except (OSError, Distrusted):
            self._watch.hang_up(sock)
            raise
        return pipe

    def _shake_hands(self, pipe: TlsPipe, patience: float) -> None:
        until = self._monotonic() + patience
        while wants := pipe.advance():
            self._watch.on(pipe.sock, wants)
            if self._is_closing() or self._monotonic() >= until:
                raise TimeoutError
            self._watch.wait(min(self._pace.glance, until - self._monotonic()))

    def _connect_to(self, family: int, address: tuple[object, ...], patience: float) -> socket.socket:
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.setblocking(False)
            keep_alive(sock)
            code = sock.connect_ex(address)
            if code not in (0, errno.EINPROGRESS, errno.EWOULDBLOCK):
                raise OSError(code, "")
            self._watch.on(sock, selectors.EVENT_WRITE)
            until = self._monotonic() + patience
            while not self._watch.wait(min(self._pace.glance, until - self._monotonic())):
                if self._is_closing() or self._monotonic() >= until:
                    raise TimeoutError
            code = sock.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR)
            if code:
                raise OSError(code, "")
        except OSError:
            self._watch.hang_up(sock)
            raise
        return sock
