"""Many quiet people in one room, and how long it takes until all of them have what one of them said."""

from __future__ import annotations

import selectors
import socket
import statistics
from collections.abc import Callable
from time import perf_counter, sleep

from tests.servers import SECONDS, Server, TimedOut

_NOTHING = 0.005
"""Seconds."""


class Crowd:
    """`count` people in the lobby. One thread serves them all, and they speak in turn, so that nobody is too fast."""

    def __init__(self, server: Server, count: int) -> None:
        self._selector = selectors.DefaultSelector()
        self._socks: list[socket.socket] = []
        self.said = 0
        for _ in range(count):
            sock = socket.create_connection((server.host, server.port), timeout=SECONDS)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            sock.setblocking(False)
            self._selector.register(sock, selectors.EVENT_READ)
            self._socks.append(sock)
        # Who comes into the room after this is said finds it in the history.
        self.say("all here?")

    def say(self, text: str) -> list[float]:
        """One of them says something; the seconds until each had it, his own echo among them."""
        self.said += 1
        mark = f"«{self.said}»\n".encode()
        self._socks[self.said % len(self._socks)].sendall(text.encode() + mark)
        return self._hear(mark)

    def p99(self, text: str, count: int, pause: float = 0.0) -> float:
        """The seconds within which 99 of 100 had what was said, of `count` messages one after the other."""
        times: list[float] = []
        for _ in range(count):
            times += self.say(text)
            sleep(pause)
        return statistics.quantiles(times, n=100)[98]

    def move(self, room: str) -> None:
        """All go to another room and leave the lobby."""
        for sock in self._socks:
            sock.sendall(f"/join {room}\n/part #lobby\n".encode())
        self.say("all here?")

    def close(self) -> None:
        """All hang up."""
        self._selector.close()
        for sock in self._socks:
            sock.close()

    def _hear(self, mark: bytes) -> list[float]:
        started = perf_counter()
        waiting = dict.fromkeys(self._socks, b"")
        times: list[float] = []
        while waiting:
            if perf_counter() - started > SECONDS:
                raise TimedOut(f"{len(waiting)} people never heard it")
            for key, _ in self._selector.select(1.0):
                sock = key.fileobj
                assert isinstance(sock, socket.socket)
                data = sock.recv(1 << 18)
                if not data:
                    raise EOFError("somebody who listens was thrown out")
                if sock in waiting:
                    # The mark may come in two parts.
                    heard = waiting[sock] + data
                    if mark in heard:
                        del waiting[sock]
                        times.append(perf_counter() - started)
                    else:
                        waiting[sock] = heard[-len(mark) :]
        return times


def assert_at_most_doubles(calm: Callable[[], float], abused: Callable[[], float], rounds: int = 6) -> None:
    """Measures two times in turn, and holds the abused one to at most twice the calm one.

    The machine may be busy with something else in any one round, so one round that is right will do: what really
    slows the others down does so in every round. What is below 10 ms nobody notices, and it is as much the machine's
    as the server's.
    """
    found: list[str] = []
    for _ in range(rounds):
        before, during = calm(), abused()
        found.append(f"calm {before * 1000:.1f} ms, abused {during * 1000:.1f} ms")
        if during <= 2 * max(before, _NOTHING):
            return
    raise AssertionError("; ".join(found))
