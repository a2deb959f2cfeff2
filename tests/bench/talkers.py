"""Clients that talk, in one epoll loop and a process of its own: how long until what they say is acknowledged."""

from __future__ import annotations

import multiprocessing
import random
import re
import selectors
import socket
from multiprocessing.connection import Connection
from time import perf_counter

from tests.bench.filled_store import PEOPLE, ROOMS, SECRET, Talk, nick_of

_OK = re.compile(rb" ok say-(\d+) ")
_WELCOMED_SECONDS = 60.0


class Talkers:
    """`count` clients who say `rate` messages a second between them, every fifth in the lobby where they all are.

    The first half are claimed people, in all the rooms they were in; the others are guests in three rooms.
    """

    def __init__(self, port: int, count: int, rate: int) -> None:
        """Returns when all are in their rooms and talk. Raises AssertionError if they do not get in."""
        context = multiprocessing.get_context("spawn")
        self._pipe, theirs = context.Pipe()
        self._process = context.Process(target=_talk, args=(theirs, port, count, rate), daemon=True)
        self._process.start()
        theirs.close()
        if not self._pipe.poll(_WELCOMED_SECONDS) or self._pipe.recv() != "ready":
            raise AssertionError("the talkers did not get in")

    def stop(self) -> list[float]:
        """Ends them; the seconds from each message said to its `ok`."""
        self._pipe.send("stop")
        times: list[float] = self._pipe.recv()
        self._process.join(10.0)
        return times


def _talk(pipe: Connection, port: int, count: int, rate: int) -> None:
    """The process."""
    pick = random.Random(11)
    talk = Talk(seed=2)
    stock = [talk.sentence() for _ in range(500)]
    selector = selectors.EpollSelector()
    socks: list[socket.socket] = []
    rooms: dict[socket.socket, list[str]] = {}
    tails: dict[socket.socket, bytes] = {}
    for number in range(count):
        sock = socket.create_connection(("127.0.0.1", port), timeout=_WELCOMED_SECONDS)
        if number < count // 2:
            rooms[sock] = ROOMS
            lines = [f"/nick {nick_of(PEOPLE[number])} {SECRET}"]
        else:
            rooms[sock] = pick.sample(ROOMS, 3)
            lines = [f"/nick talker{number}", *(f"/join {room}" for room in rooms[sock])]
        # Answered when all before it is, also the counting of what somebody missed.
        sock.sendall("".join(f"{line}\n" for line in [*lines, "/id in /ping"]).encode())
        socks.append(sock)
    for sock in socks:
        seen = b""
        while b" ok in" not in seen:
            chunk = sock.recv(1 << 16)
            assert chunk, seen[-300:]
            seen += chunk
        sock.setblocking(False)
        selector.register(sock, selectors.EVENT_READ)
        tails[sock] = b""
    selector.register(pipe, selectors.EVENT_READ)
    pipe.send("ready")
    said_at: list[float] = []
    times: list[float] = []
    due = perf_counter()
    while True:
        now = perf_counter()
        while due <= now:
            due += 1 / rate
            sock = pick.choice(socks)
            room = "#lobby" if pick.random() < 0.2 else pick.choice(rooms[sock])
            said_at.append(perf_counter())
            sock.send(f"/id say-{len(said_at) - 1} /msg {room} {pick.choice(stock)}\n".encode())
        for key, _ in selector.select(max(0.0, due - perf_counter())):
            if key.fileobj is pipe:
                pipe.send(times)
                return
            sock = key.fileobj  # type: ignore[assignment]
            chunk = sock.recv(1 << 18)
            now = perf_counter()
            if not chunk:
                raise ConnectionError(f"a talker was sent away: {tails[sock]!r}")
            whole, newline, tail = chunk.rpartition(b"\n")
            times += (
                [now - said_at[int(n)] for n in _OK.findall(tails[sock] + whole + newline)] if newline else []
            )
            tails[sock] = tail if newline else tails[sock] + tail
