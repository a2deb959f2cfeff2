"""A server that says what a test tells it to, over a real TCP socket on a free loopback port.

    with ScriptedServer() as server:
        client = ChatClient("127.0.0.1", server.port, events)
        client.start()
        peer = server.accept()
        peer.welcome(nick="guest-1")
        peer.expect("/nick ann")
        peer.say("nick guest-1 ann")
        peer.cut()

Whatever waits does so for a condition, and fails with what came instead when PATIENCE is over.
"""

from __future__ import annotations

import re
import socket
import struct
import threading
import time
from collections.abc import Callable
from typing import Any

from chat_server import wire
from chat_tui.client import Event

PATIENCE = 10.0
"""Seconds until a test gives up on something that should have happened long ago."""

NOW = 1_795_366_380
"""The server's clock: 2026-11-22T16:53:00Z."""


class Peer:
    """One accepted connection, from the server's side."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        sock.settimeout(PATIENCE)
        self._rest = b""
        self.lines: list[str] = []
        """Every line that was read, labels and all."""

    def welcome(self, server: str = "den", /, **pairs: object) -> None:
        """Sends the welcome, as a fresh server would unless told otherwise."""
        known = {
            "epoch": "8Kd2", "last": 0, "line": 4096, "text": 3500,
            "nick": "guest-1", "room": "#lobby", "tls": "no",
        }  # fmt: skip
        told = known | pairs
        self.say(f"welcome chat/1 {server} " + " ".join(f"{key}={value}" for key, value in told.items()))

    def say(self, *lines: str, at: int = NOW) -> None:
        """Sends lines, each with the TIME in front."""
        self.send(*(f"{wire.format_time(at)} {line}\n".encode() for line in lines))

    def send(self, *pieces: bytes) -> None:
        """Sends bytes as they are."""
        self.sock.sendall(b"".join(pieces))

    def read(self) -> str:
        """The next line of the client that is not empty."""
        while True:
            while b"\n" not in self._rest:
                chunk = self.sock.recv(65536)
                if not chunk:
                    raise AssertionError(f"the client hung up after {self.lines[-5:]}")
                self._rest += chunk
            line, _, self._rest = self._rest.partition(b"\n")
            if line:
                break
        self.lines.append(line.decode())
        return self.lines[-1]

    def expect(self, pattern: str) -> str:
        """Reads on until a line ends with the text (or matches the whole regular expression); its label or ""."""
        until = time.monotonic() + PATIENCE
        read_before = len(self.lines)
        while time.monotonic() < until:
            try:
                line = self.read()
            except TimeoutError:
                break
            label, bare = split_label(line)
            if bare == pattern or re.fullmatch(pattern, bare):
                return label
        raise AssertionError(f"no {pattern!r} came, but {self.lines[read_before:]}")

    def wait_for_end(self) -> list[str]:
        """Reads until the client hangs up; the lines until then."""
        lines = []
        while True:
            try:
                lines.append(self.read())
            except (AssertionError, ConnectionError):
                return lines

    def hang_up(self) -> None:
        """An orderly end: closing over unread bytes would be a reset."""
        self.sock.shutdown(socket.SHUT_WR)
        self.wait_for_end()
        self.sock.close()

    def cut(self) -> None:
        """An end without manners: a reset."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


class ScriptedServer:
    """Listens; `accept` gives the connections one after the other."""

    def __init__(self, receive_buffer: int | None = None) -> None:
        """`receive_buffer` in bytes: a small one fills up soon when the peer does not read."""
        self._buffer = receive_buffer
        self.peers: list[Peer] = []
        self._listener = self._listen(0)
        self.port: int = self._listener.getsockname()[1]

    def _listen(self, port: int) -> socket.socket:
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if self._buffer is not None:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._buffer)
        listener.bind(("127.0.0.1", port))
        listener.listen()
        listener.settimeout(PATIENCE)
        return listener

    def accept(self) -> Peer:
        """The next connection."""
        sock, _ = self._listener.accept()
        self.peers.append(Peer(sock))
        return self.peers[-1]

    def stop_listening(self) -> None:
        """From now on connections are refused."""
        self._listener.close()

    def listen_again(self) -> None:
        """On the same port."""
        self._listener = self._listen(self.port)

    def __enter__(self) -> ScriptedServer:
        return self

    def __exit__(self, *_: object) -> None:
        self._listener.close()
        for peer in self.peers:
            peer.sock.close()


class Heard:
    """What a client told, in order; give the object itself as its `on_event`."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._more = threading.Condition()

    def __call__(self, event: Event) -> None:
        with self._more:
            self.events.append(event)
            self._more.notify_all()

    def wait_for(
        self, kind: type[Any], which: Callable[[Any], bool] = lambda event: True, number: int = 1
    ) -> Any:
        """The first (second, …) event of that kind, as soon as it is here."""

        def found() -> list[Event]:
            return [event for event in self.events if isinstance(event, kind) and which(event)]

        with self._more:
            if not self._more.wait_for(lambda: len(found()) >= number, PATIENCE):
                raise AssertionError(f"no {kind.__name__} number {number}, but {self.events}")
            return found()[number - 1]

    def of(self, kind: type[Any]) -> list[Any]:
        """All events of that kind so far."""
        with self._more:
            return [event for event in self.events if isinstance(event, kind)]


def split_label(line: str) -> tuple[str, str]:
    """("7f3c-1", "/who #lobby") of "/id 7f3c-1 /who #lobby"; ("", line) without a label."""
    if not line.startswith("/id "):
        return "", line
    _, label, bare = line.split(" ", 2)
    return label, bare
