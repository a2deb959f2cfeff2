"""The server as a whole: the threads, how they start and in which order they stop.

THREADS          what it owns                                    ended by
accept           the listening socket, the door                  closing the socket
reader, each     one client's recv, splitter and pace            cutting the socket
hub              people, rooms, every rule                       Hub.end
writer           the writing connection of the log               Writer.stop
courier          every send                                      Courier.stop
keeper           retention, if there is any                      Server.stopping
indexer          the index of texts, for searching               Server.stopping

LOCKS. The courier has one, held for appends only, never over a send. The door has one for its counts, the log its
own. No thread takes one while it holds another.

A thread that dies of a fault takes the server down: half a server is worse than none, and a supervisor (or the
app that hosts it) starts a whole one again.
"""

from __future__ import annotations

import errno
import logging
import os
import socket
import ssl
import threading
from collections.abc import Callable
from functools import partial
from time import monotonic, time
from typing import Final

from chat_server import hashing
from chat_server.answers import Answerer
from chat_server.config import Config
from chat_server.courier import Courier, flush_all
from chat_server.hub import Hub
from chat_server.indexing import Indexer
from chat_server.keeping import Keeper
from chat_server.limits import Door
from chat_server.log import Log
from chat_server.people import People
from chat_server.proof import Proof
from chat_server.reader import Doorway, read_client
from chat_server.replay import Replay
from chat_server.searching import Searching
from chat_server.transport import prepare
from chat_server.unread import Marks
from chat_server.wire import Bye, encode
from chat_server.writer import Writer

log = logging.getLogger(__name__)


_SHORT: Final = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Why accept fails when the machine or this process has no descriptor left."""

_NO_ROOM: Final = "This server has no room for another client; try again later"

_UNREAD_BYTES: Final = 64 * 1024


class CannotStart(Exception):
    """The server cannot start; str() is one sentence for whoever started it."""


class Server:
    """`start`, then `wait`, then `stop`. Everything else happens in its threads."""

    def __init__(self, config: Config, messages: Log, people: People, tls: ssl.SSLContext | None) -> None:
        self.config = config
        self.stopping = threading.Event()
        self.exit_code = 0
        self._messages = messages
        self._door = Door(config.limits, monotonic)
        self._courier = Courier(config.limits)
        self._writer = Writer(messages, people, config.limits, self._fail)
        self._hub = Hub(config, messages, self._courier, self._writer.store, time, people)
        self._writer.hub = self._hub
        answerer = Answerer(self._hub, self._courier)
        replay = Replay(messages, self._hub, answerer, config.limits)
        marks = Marks(messages, people, self._hub, answerer)
        answers = {
            "since": replay.answer_since,
            "history": replay.answer_history,
            "search": Searching(messages, self._hub, answerer, config.limits).answer,
            "unread": marks.answer_unread,
            "read": marks.answer_read,
        }
        hashing.allow(config.limits.hashes_at_once)
        proof = Proof(people, self._hub, marks, time)
        answers["secret"] = proof.answer_secret
        self._doorway = Doorway(self._hub, self._courier, messages, proof, answers, config.limits, tls)
        self._listeners: list[socket.socket] = []
        self._threads: dict[str, threading.Thread] = {}
        self.port = 0
        self._alarm, self.alarm = socket.socketpair()
        """A byte in it, as signal.set_wakeup_fd writes one, has `wait` look whether to stop."""
        self.alarm.setblocking(False)

    # -- start ----------------------------------------------------------------------------------------------

    def listen(self) -> None:
        """Binds the port. Raises CannotStart with the reason."""
        for family, host in _addresses(self.config.host):
            try:
                listener = socket.create_server(
                    (host, self.port or self.config.port),
                    family=family,
                    backlog=self.config.limits.listen_backlog,
                    reuse_port=False,
                )
            except OSError as error:
                if family == socket.AF_INET6 and self.config.host is None and _is_lacking_ipv6(error):
                    continue
                self.close_listeners()
                raise CannotStart(_why_not_bound(error, host, self.port or self.config.port)) from error
            self._listeners.append(listener)
            self.port = listener.getsockname()[1]

    def start(self) -> None:
        """Starts the threads. `listen` comes first."""
        self._messages.follow(lambda batch: self._hub.post(self._hub.hear, batch))
        self._begin("hub", self._hub.run)
        self._begin("writer", self._writer.run)
        self._begin("courier", self._courier.run)
        if self.config.keep_seconds is not None:
            keeper = Keeper(
                self._messages,
                self.config.keep_seconds,
                self.config.limits,
                time,
                partial(self._hub.post, self._hub.presence.forget_before),
            )
            self._begin("keeper", partial(keeper.run, self.stopping))
        self._begin("indexer", partial(Indexer(self._messages, self.config.limits).run, self.stopping))
        # A reader needs little stack, and there may be ten thousand of them.
        threading.stack_size(self.config.limits.stack_bytes)
        for listener in self._listeners:
            self._begin(f"accept {listener.getsockname()[0]}", partial(self._accept, listener))

    def wait(self) -> None:
        """Returns when somebody asked the server to stop.  Main thread."""
        # Not stopping.wait(): a signal that comes just before its lock is waited for is noticed when the wait is
        # over, so never; and one that comes inside it finds that lock taken by this thread itself.
        while not self.stopping.is_set():
            self._alarm.recv(1)

    def _begin(self, name: str, run: Callable[[], None]) -> None:
        def guarded() -> None:
            try:
                run()
            except Exception as error:
                log.exception("the %s thread died", name)
                self._fail(f"the {name} thread died: {error}")

        thread = self._threads[name] = threading.Thread(target=guarded, name=name, daemon=True)
        thread.start()

    def _fail(self, why: str) -> None:
        """Ends the process at once: nothing in memory may be trusted or acknowledged any more."""
        log.critical("%s; the server ends now, what was acknowledged is safe", why)
        logging.shutdown()
        os._exit(1)

    # -- accepting --------------------------------------------------------------------------------------------

    def _accept(self, listener: socket.socket) -> None:
        pause = 0.01
        # Given up when there is no other descriptor left, so that somebody can still be told so.
        spare = _spare()
        while not self.stopping.is_set():
            try:
                sock, peer = listener.accept()
            except OSError as error:
                if self.stopping.is_set():
                    break
                if error.errno not in _SHORT:
                    continue
                if spare is None:
                    self.stopping.wait(pause)
                    pause = min(1.0, pause * 2)
                    spare = _spare()
                else:
                    os.close(spare)
                    spare = None
                continue
            pause = 0.01
            if spare is None and (spare := _spare()) is None:
                log.warning("no descriptor for another client")
                _refuse(sock, _NO_ROOM)
                spare = _spare()
            else:
                self._admit(sock, peer[0])
        if spare is not None:
            os.close(spare)

    def _admit(self, sock: socket.socket, address: str) -> None:
        limits = self.config.limits
        try:
            prepare(sock, limits)
        except OSError:
            sock.close()
            return
        refusal = self._door.enter(address)
        if refusal is not None:
            _refuse(sock, refusal)
            return
        thread = threading.Thread(
            target=read_client,
            args=(sock, address, self._doorway, lambda: self._door.leave(address)),
            name="reader",
            daemon=True,
        )
        try:
            thread.start()
        except RuntimeError:
            log.warning("no thread for another client")
            self._door.leave(address)
            _refuse(sock, _NO_ROOM)

    # -- stop -------------------------------------------------------------------------------------------------

    def ask_to_stop(self) -> None:
        """Lets `wait` return. Any thread, also a signal handler."""
        self.stopping.set()
        try:
            self.alarm.send(b"\0")
        except OSError:
            pass  # full: it will wake up anyway

    def stop(self) -> None:
        """Takes nobody new, stores and sends what is under way, says bye, closes. At most about 5 seconds."""
        self.stopping.set()
        self.close_listeners()
        self._hub.post(self._hub.stop)
        self._settle_hub()
        self._writer.stop()
        self._threads["writer"].join()
        # What the writer stored has reached the hub's inbox before this does.
        self._hub.post(self._hub.farewell)
        self._settle_hub()
        pause = threading.Event().wait
        flush_all(self._courier, self.config.limits.stop_seconds, pause)
        self._courier.cut_all()
        ends_at = monotonic() + self.config.limits.stop_reading_seconds
        while self._door.count and monotonic() < ends_at:
            pause(0.005)
        self._hub.post(self._hub.end)
        self._threads["hub"].join(2.0)
        self._courier.stop()
        self._threads["courier"].join(2.0)
        for name in ("keeper", "indexer"):
            if name in self._threads:
                self._threads[name].join(2.0)
        self._messages.close()

    def close_listeners(self) -> None:
        """Frees the port."""
        for listener in self._listeners:
            try:
                listener.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
            listener.close()

    def _settle_hub(self) -> None:
        """Waits until the hub has done everything that was posted until now."""
        done = threading.Event()
        self._hub.post(done.set)
        # Twice: the drafts of a turn leave it at its end.
        again = threading.Event()
        done.wait(5.0)
        self._hub.post(again.set)
        again.wait(5.0)


def _addresses(host: str | None) -> list[tuple[socket.AddressFamily, str]]:
    if host is None:
        return [(socket.AF_INET, "0.0.0.0"), (socket.AF_INET6, "::")]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (socket.gaierror, UnicodeError) as error:
        raise CannotStart(f"{host} is not an address of this machine: {error}") from error
    return list(dict.fromkeys((family, str(where[0])) for family, _, _, _, where in found))


def _is_lacking_ipv6(error: OSError) -> bool:
    return error.errno in (errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT)


def _why_not_bound(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is in use; stop what uses it, or choose another one with --port (0 picks a free one)"
    if error.errno == errno.EACCES:
        return f"Port {port} needs more rights than you have; choose one above 1023 with --port"
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine; leave --host out to listen on all"
    return f"Cannot listen on {host} port {port}: {error.strerror or error}"


def _refuse(sock: socket.socket, sentence: str) -> None:
    """A polite no: one line, and gone."""
    try:
        sock.send(encode(Bye(int(time()), "full", sentence)), socket.MSG_DONTWAIT)
        sock.shutdown(socket.SHUT_WR)
        # To close over bytes that were not read is a reset, and that can overtake the bye.
        sock.recv(_UNREAD_BYTES, socket.MSG_DONTWAIT)
    except OSError:
        pass
    sock.close()


def _spare() -> int | None:
    """A descriptor to give up in need; None if there is none left."""
    try:
        return os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
