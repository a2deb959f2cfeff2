"""A bad network in a box: a TCP proxy that delays, cuts, half-closes, dribbles and swallows, by the numbers of a seed.

Every connection gets a fate of its own when it is made. What a proxy cannot do is lose or double bytes within a
connection: TCP does not either. All its trouble lies in when bytes come, in which pieces, and where they end.
"""

from __future__ import annotations

import asyncio
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

Ending = Literal["none", "cut", "reset", "half-close", "black hole"]


@dataclass(frozen=True)
class Fate:
    """What happens to a connection. `after` counts the bytes of one direction, `delay` is in seconds."""

    ending: Ending
    side: Literal["client", "server"]
    """Whose bytes are counted, and for "half-close" who seems to be silent from then on."""
    after: int
    delay: float
    is_dribbled: bool
    """Bytes go on one by one."""


def calm(chance: random.Random) -> Fate:
    """A network without faults."""
    return Fate("none", "client", 0, 0.0, is_dribbled=False)


def rough(chance: random.Random) -> Fate:
    """A network that only now and then lets a connection live."""
    ending = chance.choice(["none", "cut", "cut", "reset", "half-close", "black hole"])
    return Fate(
        ending,  # type: ignore[arg-type]
        chance.choice(["client", "server"]),
        # Many in the midst of the first lines, some in the midst of talk.
        int(chance.lognormvariate(6.0, 1.5)),
        chance.choice([0.0, 0.0, 0.001, 0.01]),
        is_dribbled=chance.random() < 0.2,
    )


class Proxy:
    """Between clients and the server on a port of this machine. One thread; `close` ends it.

    `fate` may be changed at any time, and is asked for each new connection. `fates` counts what was dealt out.
    """

    def __init__(
        self, to_port: int, fate: Callable[[random.Random], Fate], seed: int, hole_seconds: float = 0.3
    ) -> None:
        self.fate = fate
        self.fates: Counter[Ending] = Counter()
        self._to_port = to_port
        self._chance = random.Random(seed)
        self._hole_seconds = hole_seconds
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port: int = self._listener.getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="proxy", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Cuts everything."""
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._listener.close()

    def _run(self) -> None:
        self._listener.setblocking(False)
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._serve, sock=self._listener))
        self._loop.run_forever()
        server.close()
        tasks = asyncio.all_tasks(self._loop)
        for task in tasks:
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))
        self._loop.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        # The loop itself holds tasks only weakly.
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        fate = self.fate(self._chance)
        self.fates[fate.ending] += 1
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._to_port)
        except OSError:
            _reset(writer)
            return
        ways = [
            asyncio.ensure_future(self._forward(reader, far_writer, fate, fate.side == "client")),
            asyncio.ensure_future(self._forward(far_reader, writer, fate, fate.side == "server")),
        ]
        try:
            done, _ = await asyncio.wait(ways, return_when=asyncio.FIRST_EXCEPTION)
            if any(way.exception() for way in done) and fate.ending == "reset":
                _reset(writer)
                _reset(far_writer)
        except asyncio.CancelledError:
            pass  # the proxy closes; asyncio's own callback makes a complaint of it else
        finally:
            for way in ways:
                way.cancel()
            for end in (writer, far_writer):
                end.close()

    async def _forward(
        self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, fate: Fate, is_struck: bool
    ) -> None:
        """One direction, up to its end. Raises ConnectionError when the whole connection ends."""
        left = fate.after if is_struck and fate.ending != "none" else None
        while chunk := await source.read(4096):
            if fate.delay:
                await asyncio.sleep(fate.delay)
            if left is not None:
                chunk, left = chunk[:left], left - len(chunk)
            for piece in _pieces(chunk) if fate.is_dribbled else [chunk]:
                sink.write(piece)
                await sink.drain()
                if fate.is_dribbled:
                    # Without this the kernel makes one packet of them again.
                    await asyncio.sleep(0)
            if left is not None and left <= 0:
                break
        else:
            sink.write_eof()
            return
        if fate.ending == "half-close":
            sink.write_eof()
            while await source.read(4096):
                pass
            return
        if fate.ending == "black hole":
            # Both still believe in the connection. Only a ping that is not answered, or time, tells them.
            await asyncio.sleep(self._hole_seconds)
        raise ConnectionAbortedError(fate.ending)


def _pieces(chunk: bytes) -> list[bytes]:
    # Not all of a long one, or a page of history would take minutes.
    return [chunk[at : at + 1] for at in range(min(len(chunk), 200))] + [chunk[200:]]


def _reset(writer: asyncio.StreamWriter) -> None:
    """Closes with a reset, as a firewall does that has forgotten the connection."""
    sock = writer.get_extra_info("socket")
    with suppress(OSError):  # the other side was faster
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
