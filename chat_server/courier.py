"""The one thread that empties the outboxes.

Fan-out is an append to each outbox; a send carries everything that is due to a client by then. A send costs 5 to
7 µs of kernel time whatever its size, so this coalescing is what makes a busy room cheap.
"""

from __future__ import annotations

import logging
import selectors
import socket
import threading
from collections.abc import Callable, Iterable
from time import monotonic, sleep, time

from chat_server.config import Limits
from chat_server.outbox import Outbox
from chat_server.wire import Bye, encode

log = logging.getLogger(__name__)

_LOOK_SECONDS = 0.05
"""How often stalled and closing clients are judged while there are any."""

_CLOSING_SECONDS = 0.3
"""How long a stopping server waits for peers to close when they have everything."""

_CROWD = 64
"""A round of sends to so many is followed by a pause in which more comes together for the next."""

_GATHER_SECONDS = 0.0015
_GATHER_TIMES = 6
"""The pause ends when nothing came for so long, and after so many times. Without it a round to 500 clients carried
33 messages of 100 that were under way, with it 92, for three quarters of the CPU; nobody notices 9 ms."""


class Courier:
    """Owns every send. `run` is for its own thread, everything else for any."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._room_ahead = threading.Condition(self._lock)
        self._ready: list[Outbox] = []
        self._ahead = 0
        self._is_idle = False
        self._is_stopping = False
        self._selector = selectors.DefaultSelector()
        self._wake_in, self._wake_out = socket.socketpair()
        self._wake_in.setblocking(False)
        self._selector.register(self._wake_in, selectors.EVENT_READ, None)
        self._stalled: set[Outbox] = set()
        self._closing: set[Outbox] = set()
        self._gone: set[Outbox] = set()
        self._looked_at = 0.0

    # -- any thread ---------------------------------------------------------------------------------------

    def put(self, box: Outbox, data: bytes) -> None:
        """Queues bytes (whole lines) for one client."""
        self.put_all((box,), data)

    def put_all(self, boxes: Iterable[Outbox], data: bytes) -> None:
        """Queues the same bytes (whole lines) for many clients."""
        size = len(data)
        with self._lock:
            ready = self._ready
            for box in boxes:
                if box.held is not None:
                    box.held.append(data)
                    box.queued += size
                    continue
                if box.is_dead:
                    continue
                box.pieces.append(data)
                box.queued += size
                if not box.is_queued:
                    box.is_queued = True
                    ready.append(box)
            # Counted once, not once for each client: the bytes themselves are shared by all.
            self._ahead += size
            self._wake()

    def wait_for_room(self) -> None:
        """Blocks while the courier is far behind (hub thread, once a turn): back-pressure up to the senders."""
        with self._lock:
            while self._ahead > self._limits.ahead_bytes and not self._is_stopping:
                self._room_ahead.wait(1.0)

    def hold(self, box: Outbox) -> None:
        """From now on what others put waits; `replay` goes ahead of it."""
        with self._lock:
            if box.held is None and not box.is_dead:
                box.held = []

    def replay(self, box: Outbox, data: bytes) -> bool:
        """Queues bytes ahead of what is held, when the client has taken enough of the last. False: he is gone.

        Blocks the caller, which is the client's own reader.
        """
        while True:
            with self._lock:
                if box.is_dead or self._is_stopping:
                    return False
                waiting = sum(map(len, box.held)) if box.held else 0
                if box.unsent - waiting <= self._limits.replay_bytes:
                    box.pieces.append(data)
                    box.queued += len(data)
                    self._queue(box)
                    return True
                if box.drained is None:
                    box.drained = threading.Event()
                box.drained.clear()
                drained = box.drained
            drained.wait(1.0)

    def release(self, box: Outbox) -> None:
        """Lets what was held follow the replay."""
        with self._lock:
            held, box.held = box.held, None
            if not box.is_dead and (held or box.is_closing):
                box.pieces.extend(held or ())
                self._queue(box)

    def finish(self, box: Outbox, seconds: float) -> None:
        """Sends what is queued, then ends our side; after `seconds` the connection is cut whatever is left."""
        with self._lock:
            box.is_closing = True
            box.closes_at = monotonic() + seconds
            self._closing.add(box)
            self._queue(box)

    def forget(self, box: Outbox) -> None:
        """The client's reader is through: flush what is queued within the time for that, then close."""
        with self._lock:
            self._gone.add(box)
        self.finish(box, self._limits.eof_seconds)

    def cut_all(self) -> None:
        """Cuts everybody who was finished and is still there, which wakes their readers."""
        with self._lock:
            boxes = list(self._closing)
        for box in boxes:
            box.pipe.cut()

    def stop(self) -> None:
        """Makes `run` return. What is not flushed by then is lost: finish everybody first."""
        with self._lock:
            self._is_stopping = True
            self._room_ahead.notify_all()
            self._is_idle = True
            self._wake()

    @property
    def open_boxes(self) -> int:
        """How many outboxes still wait to be closed."""
        with self._lock:
            return len(self._closing)

    @property
    def unsent_boxes(self) -> int:
        """How many of them still have something to send."""
        with self._lock:
            # What a TLS pipe has encrypted counts as sent, until it stalls over it.
            return sum(1 for box in self._closing if box.unsent or box.is_stalled)

    def _queue(self, box: Outbox) -> None:
        if not box.is_queued:
            box.is_queued = True
            self._ready.append(box)
        self._wake()

    def _wake(self) -> None:
        if self._is_idle:
            self._is_idle = False
            try:
                self._wake_out.send(b"\0")
            except OSError:  # closed while stopping
                pass

    # -- courier thread -----------------------------------------------------------------------------------

    def run(self) -> None:
        """Sends until `stop`."""
        while not self._is_stopping:
            with self._lock:
                ready, self._ready = self._ready, []
                self._ahead = 0
                self._room_ahead.notify_all()
                jobs = []
                for box in ready:
                    box.is_queued = False
                    # Who is stalled gets it when his socket has room again.
                    if not box.is_stalled:
                        jobs.append((box, box.pieces))
                        box.pieces = []
                self._is_idle = not jobs
            for box, pieces in jobs:
                self._send(box, pieces)
            if len(jobs) >= _CROWD:
                self._gather()
            if self._stalled or self._closing or not jobs:
                self._attend(wait=not jobs)
        self._selector.close()
        self._wake_in.close()
        self._wake_out.close()

    def _gather(self) -> None:
        """Leaves the processor to those who bring the next messages, while they come quickly."""
        for _ in range(_GATHER_TIMES):
            ahead = self._ahead
            sleep(_GATHER_SECONDS)
            if self._ahead == ahead or self._is_stopping:
                return

    def _send(self, box: Outbox, pieces: list[bytes]) -> None:
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        if data:
            try:
                sent = box.pipe.send(data)
            except OSError:
                self._drop(box, "")
                return
            box.sent += sent
            if sent < len(data) or not box.pipe.is_flushed:
                box.tail = data[sent:]
                self._stall(box)
        if box.drained is not None:
            box.drained.set()
        if box.is_closing and not box.is_stalled:
            self._finish_now(box)

    def _stall(self, box: Outbox) -> None:
        box.is_stalled = True
        box.stalled_at = box.moved_at = monotonic()
        self._stalled.add(box)
        self._selector.register(box.pipe, selectors.EVENT_WRITE, box)

    def _unstall(self, box: Outbox) -> None:
        if box.is_stalled:
            box.is_stalled = False
            self._stalled.discard(box)
            try:
                self._selector.unregister(box.pipe)
            except (KeyError, ValueError):  # the descriptor went first
                pass

    def _attend(self, wait: bool) -> None:
        """Waits for work or for a stalled socket, and looks after deadlines."""
        timeout = (_LOOK_SECONDS if self._stalled or self._closing else None) if wait else 0.0
        for key, _ in self._selector.select(timeout):
            if key.data is None:
                try:
                    self._wake_in.recv(4096)
                except BlockingIOError:
                    pass
            else:
                self._resume(key.data)
        now = monotonic()
        if now - self._looked_at < _LOOK_SECONDS:
            return
        # Not in every cycle: ten thousand may be closing at once, and each cycle may close only one.
        self._looked_at = now
        if self._stalled:
            self._judge(now)
        with self._lock:
            late = [box for box in self._closing if now >= box.closes_at]
        for box in late:
            self._drop(box, box.fate)

    def _resume(self, box: Outbox) -> None:
        with self._lock:
            pieces, box.pieces = box.pieces, []
        data = box.tail + b"".join(pieces) if pieces else box.tail
        try:
            sent = box.pipe.send(data)
        except OSError:
            self._drop(box, "")
            return
        box.tail = data[sent:]
        box.sent += sent
        if not box.tail and box.pipe.is_flushed:
            self._unstall(box)
            with self._lock:
                if box.pieces:
                    self._queue(box)
        if sent:
            box.moved_at = monotonic()
        if box.unsent < self._limits.behind_bytes:
            # Only who stays behind for long is slow; who catches up starts afresh.
            box.stalled_at = monotonic()
        if box.drained is not None:
            box.drained.set()
        if box.is_closing and not box.is_stalled:
            self._finish_now(box)

    def _judge(self, now: float) -> None:
        limits = self._limits
        total = 0
        for box in list(self._stalled):
            if (
                box.unsent > limits.outbox_bytes
                or (box.unsent > limits.behind_bytes and now - box.stalled_at > limits.behind_seconds)
                # A replay waits for him, however little is unsent, and a thread with it.
                or (box.held is not None and now - box.moved_at > limits.behind_seconds)
            ):
                self._drop(box, "slow-reader")
            else:
                total += box.unsent
        while total > limits.unsent_bytes and self._stalled:
            fullest = max(self._stalled, key=lambda box: box.unsent)
            total -= fullest.unsent
            self._drop(fullest, "slow-reader")

    def _drop(self, box: Outbox, fate: str) -> None:
        """Gives up on a client: nothing more is taken, and the cut wakes its reader, which tells the hub."""
        if not box.is_dead:
            box.fate = fate
            if fate == "slow-reader":
                log.info("a slow reader is dropped, %d bytes unsent", box.unsent)
                self._say_why(box)
        self._unstall(box)
        with self._lock:
            box.is_dead = True
            box.pieces = []
            box.held = None
            box.tail = b""
            box.sent = box.queued
            self._closing.discard(box)
            gone = box in self._gone
        if box.drained is not None:
            box.drained.set()
        box.pipe.cut()
        if gone:
            self._close(box)

    def _say_why(self, box: Outbox) -> None:
        """The line that is half sent, and the bye: past the limit, for whenever he reads again."""
        bye = encode(
            Bye(int(time()), "slow-reader", "You read too slowly; come back, /since brings the rest")
        )
        box.pipe.send_past_limit(box.tail[: box.tail.find(b"\n") + 1] + bye, self._limits.sndbuf_bytes)

    def _finish_now(self, box: Outbox) -> None:
        """Everything is sent: end our side, or close if the reader is through."""
        with self._lock:
            if box.pieces or box.held is not None:
                return  # not everything yet: the last words wait behind a replay
            is_gone = box in self._gone
            if is_gone:
                box.is_dead = True
        if is_gone:
            self._close(box)
        else:
            box.pipe.finish()

    def _close(self, box: Outbox) -> None:
        self._unstall(box)
        with self._lock:
            self._gone.discard(box)
            self._closing.discard(box)
        box.pipe.close()


def flush_all(courier: Courier, seconds: float, pause: Callable[[float], object]) -> None:
    """After everybody was finished: waits until all is sent and the peers have closed.

    Who was sent everything gets a moment to close from his side, so that no reset overtakes his last line; a
    person in nc may never close, so that moment is short. The whole takes at most `seconds`.
    """
    ends_at = monotonic() + seconds
    while courier.open_boxes and monotonic() < ends_at:
        if not courier.unsent_boxes:
            ends_at = min(ends_at, monotonic() + _CLOSING_SECONDS)
        pause(0.01)
