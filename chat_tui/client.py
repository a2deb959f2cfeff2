"""The connection to a server: one thread that connects, reads, writes and comes back by itself.

No Textual in here. What happens is told by calling `on_event` with one of chat_tui.events.
"""

from __future__ import annotations

import random
import selectors
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final, Literal

from chat_server import wire
from chat_server.text import clean
from chat_tui.dialing import Dialing, Encryption
from chat_tui.events import Connected, Connecting, Event, Lag, Lost, Received
from chat_tui.kept import Distrusted, KnownServers
from chat_tui.pace import Pace, Talk
from chat_tui.reaching import Unreachable, join_host, reason_of
from chat_tui.tls import CHUNK_BYTES, PlainPipe
from chat_tui.watch import Watch

OUT_BYTES: Final = 256 * 1024
"""Most that waits to be sent. The model keeps few lines in flight, so only a server that stopped reading,
with the kernel's own buffers full already, gets there."""

GREETING: Final = b"\n"
"""An empty line, which asks for nothing. A server on which plain text and TLS share a port waits a moment (300 ms)
for the first byte to tell them apart before it welcomes anybody; with this it need not."""

__all__ = [
    "ChatClient",
    "Connected",
    "Connecting",
    "Encryption",
    "Event",
    "Lag",
    "Lost",
    "Pace",
    "Received",
]


class ChatClient:
    """A connection that comes back by itself until it is closed.

    1. send(), retry_now(), close() may be called from any thread; none of them waits for the server.
    2. on_event is called from the client's own daemon thread, in order, and never after close() returned.
    3. A line that is not of chat/1 is dropped and counted in `dropped_lines`; nothing the server sends ends
       the thread or makes it keep more than one line's bytes.
    """

    def __init__(
        self,
        host: str,
        port: int,
        on_event: Callable[[Event], None],
        *,
        tls: Encryption = "auto",
        known: KnownServers | None = None,
        pace: Pace | None = None,
        chance: Callable[[], float] = random.random,
        monotonic: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        """`known` are the certificates met before; None remembers them for this run. `chance` gives numbers from
        0 to below 1. ValueError for a port outside 1..65535.
        """
        if not 0 < port < 65536:
            raise ValueError(f"{port} is not a port")
        self.host = host
        self.port = port
        self.dropped_lines = 0
        self._on_event = on_event
        self._pace = pace or Pace()
        self._chance = chance
        self._monotonic = monotonic
        self._wall = wall
        self._slept_behind = wall() - monotonic()
        self._pings = 0
        self._ping_head = f"{int(chance() * 16**6):06x}"
        self._thread = threading.Thread(target=self._run, name="chat-client", daemon=True)
        self._watch = Watch()
        self._dialing = Dialing(
            host,
            port,
            tls,
            known or KnownServers(),
            self._pace,
            self._watch,
            monotonic,
            lambda: self._is_closing,
        )
        # Shared with the callers' threads, under the lock.
        self._lock = threading.Lock()
        self._out = bytearray()
        self._is_online = False
        self._is_stalled = False
        self._is_closing = False
        self._is_impatient = False

    # -- any thread

    def start(self) -> None:
        """Starts the thread and returns at once. RuntimeError if it was started before."""
        self._thread.start()

    def send(self, line: wire.ClientLine) -> bool:
        """Queues a line; never waits. False: there is no connection, and a Lost has come or will come.

        ValueError for a line that no server would take (`wire.format_client`).
        """
        data = wire.format_client(line).encode() + b"\n"
        with self._lock:
            if not self._is_online or self._is_closing:
                return False
            if len(self._out) + len(data) > OUT_BYTES:
                self._is_online, self._is_stalled = False, True
                taken = False
            else:
                self._out += data
                taken = True
        self._watch.wake()
        return taken

    def retry_now(self) -> None:
        """Ends the wait for the next attempt; without one it does nothing."""
        with self._lock:
            self._is_impatient = True
        self._watch.wake()

    def close(self) -> None:
        """Offers the socket what is still queued (a /quit), and ends everything within a second."""
        with self._lock:
            self._is_closing = True
        self._watch.wake()
        if self._thread.ident is None:
            self._watch.close()
        elif self._thread is not threading.current_thread():
            # A resolver that hangs cannot be interrupted; its thread is a daemon and says nothing more.
            self._thread.join(1.0)

    # -- the client's own thread

    def _run(self) -> None:
        attempt = waits = 0
        try:
            while not self._is_closing:
                attempt += 1
                self._is_impatient = False
                self._emit(Connecting(attempt))
                end = self._attempt()
                if end.was_stable:
                    attempt = waits = 0
                wait = self._wait(waits, end)
                waits += 1
                self._emit(Lost(end.reason, wait, end.is_alarm, end.advice))
                if self._rest(wait):
                    attempt = waits = 0
        except Exception:
            self._emit(Lost("The connection broke by a fault of this app", None))
            raise
        finally:
            self._watch.close()

    def _emit(self, event: Event) -> None:
        if not self._is_closing:
            self._on_event(event)

    def _wait(self, waits: int, end: _End) -> float | None:
        if end.then == "stay away":
            return None
        pace = self._pace
        wait = pace.longest_retry if end.then == "wait" else pace.first_retry * 2.0 ** min(waits, 16)
        return min(wait, pace.longest_retry) * (1 + pace.jitter * (2 * self._chance() - 1))

    def _rest(self, seconds: float | None) -> bool:
        """Waits; True if it was cut short because the user asked or the machine woke up."""
        until = None if seconds is None else self._monotonic() + seconds
        while not self._is_closing:
            if self._is_impatient or (until is not None and self._has_slept()):
                return True
            left = self._pace.glance if until is None else until - self._monotonic()
            if left <= 0:
                return False
            self._watch.wait(min(left, self._pace.glance))
        return False

    def _has_slept(self) -> bool:
        behind = self._wall() - self._monotonic()
        jumped = behind - self._slept_behind > self._pace.jump
        self._slept_behind = behind
        return jumped

    def _attempt(self) -> _End:
        try:
            pipe = self._dialing.connect()
        except Unreachable as unreachable:
            return _End(str(unreachable), advice=unreachable.advice)
        except Distrusted as distrusted:
            return _End(str(distrusted), "stay away", is_alarm=True)
        talk = Talk(self._monotonic(), self._pace)
        try:
            with self._lock:
                self._out[:] = GREETING
                self._is_online, self._is_stalled = True, False
            self._emit(Connected(pipe.is_private))
            end = self._talk(pipe, talk)
        except OSError as error:
            end = _End(reason_of(error, self.host, self.port))
        finally:
            with self._lock:
                self._is_online = False
            self._watch.hang_up(pipe.sock)
        return replace(end, was_stable=talk.is_stable(self._monotonic()))

    def _talk(self, pipe: PlainPipe, talk: Talk) -> _End:
        splitter = wire.LineSplitter(wire.SERVER_LINE_BYTES)
        while True:
            with self._lock:
                has_more = bool(self._out) or not pipe.is_flushed
            self._watch.on(pipe.sock, selectors.EVENT_READ | (selectors.EVENT_WRITE if has_more else 0))
            ready = self._watch.wait(
                0 if pipe.is_due else min(self._pace.glance, talk.next_at() - self._monotonic())
            )
            if self._is_closing:
                self._part(pipe)
                return _End("")
            if self._is_stalled:
                return _End("The server takes no lines any more")
            if ready & selectors.EVENT_READ or pipe.is_due:
                chunk = pipe.recv()
                if chunk == b"":
                    return _End("The server closed the connection")
                for raw in splitter.feed(chunk or b""):
                    end = self._take(raw, talk)
                    if end is not None:
                        return end
            # After reading: on a broken connection a send raises, and the server's bye may be there to be read.
            if ready & selectors.EVENT_WRITE:
                self._flush(pipe)
            end = self._look_at_clocks(talk)
            if end is not None:
                return end

    def _flush(self, pipe: PlainPipe) -> bool:
        """Sends what the socket takes now; True when nothing is left."""
        with self._lock:
            chunk = bytes(self._out[:CHUNK_BYTES])
        sent = pipe.send(chunk)
        with self._lock:
            del self._out[:sent]
            return not self._out and pipe.is_flushed

    def _part(self, pipe: PlainPipe) -> None:
        """Sends the last lines and lets the server hang up first: closing over unread bytes is a reset, which
        can take the last line from the server's hands."""
        until = self._monotonic() + self._pace.parting
        is_said = False
        while self._monotonic() < until:
            if not is_said and self._flush(pipe):
                pipe.finish()
                is_said = True
            self._watch.on(pipe.sock, selectors.EVENT_READ | (0 if is_said else selectors.EVENT_WRITE))
            ready = self._watch.wait(until - self._monotonic())
            # What is still said is for nobody: the raw bytes will do.
            if ready & selectors.EVENT_READ and PlainPipe.recv(pipe) == b"":
                return

    def _take(self, raw: str | wire.BadBytes, talk: Talk) -> _End | None:
        """Reads one line; the end if it was the last."""
        try:
            if isinstance(raw, wire.BadBytes):
                raise wire.BadLine(raw.code)
            line = wire.parse_server(clean(raw))
        except wire.BadLine:
            self.dropped_lines += 1
            if talk.is_welcomed:
                return None
            return self._meet_stranger(f"What answers at {self.host}:{self.port} is no Talkline server")
        now = self._monotonic()
        talk.dead_at = None
        match line:
            case wire.Pong(token=token) if token == talk.token:
                talk.token = None
                self._emit(Lag(max(0.0, now - talk.pinged_at)))
                return None
            case wire.Welcome() if line.protocol != wire.PROTOCOL:
                speaks = f"{self.host}:{self.port} speaks {line.protocol}, this app {wire.PROTOCOL}"
                return _End(speaks, "stay away")
            case wire.Welcome():
                talk.is_welcomed = True
        self._emit(Received(line))
        if not isinstance(line, wire.Bye):
            return None
        then: _Then = "come back" if wire.BYES.get(line.code, True) else "stay away"
        reason = line.text or f"The server ended the connection ({line.code})"
        return _End(reason, "wait" if line.code == "full" else then)

    def _meet_stranger(self, reason: str) -> _End:
        other = f"Another program uses that port. At which one is the server? chat-tui {join_host(self.host, 'PORT')}"
        return _End(reason, advice=f"{reason}{wire.LINE_BREAK}{other}")

    def _look_at_clocks(self, talk: Talk) -> _End | None:
        now = self._monotonic()
        if not talk.is_welcomed:
            if now < talk.welcome_by:
                return None
            return self._meet_stranger(
                f"What listens at {self.host}:{self.port} does not speak like a Talkline server"
            )
        if talk.dead_at is not None and now >= talk.dead_at:
            return _End(f"The server has not answered for {self._pace.pong_within:g} seconds")
        if now >= talk.ping_at or self._has_slept():
            self._pings += 1
            talk.token = f"{self._ping_head}-{self._pings}"
            talk.pinged_at = now
            talk.ping_at = now + self._pace.ping_every
            talk.dead_at = talk.dead_at or now + self._pace.pong_within
            self.send(wire.Command("ping", (talk.token,)))
        return None


_Then = Literal["come back", "wait", "stay away"]


@dataclass(frozen=True, slots=True)
class _End:
    """How a connection, or the attempt at one, ended, and what to do then."""

    reason: str
    then: _Then = "come back"
    was_stable: bool = False
    is_alarm: bool = False
    advice: str = ""
