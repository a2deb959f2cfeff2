"""One client's thread: splits, cleans and parses what he sends, keeps his pace, hands his lines to the hub.

It is blocked in `recv` nearly always. It never writes to a socket: what it has to say goes through the hub.
"""

from __future__ import annotations

import logging
import re
import secrets
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Final

from chat_server import text
from chat_server.about import ABOUT, About, look_up
from chat_server.commands import ENTRY_COMMANDS
from chat_server.config import Limits
from chat_server.courier import Courier
from chat_server.hub import Hub
from chat_server.limits import Pace, is_loopback
from chat_server.log import Log, LogFailed
from chat_server.outbox import Outbox
from chat_server.proof import Proof
from chat_server.roster import Session, Work
from chat_server.transport import TLS_HELLO, open_pipe
from chat_server.wire import BadBytes, Chat, ClientLine, Command, LineSplitter, Refused, parse_client

log = logging.getLogger(__name__)

SPOKEN = frozenset(ENTRY_COMMANDS | set(ABOUT) | {"nick", "away", "part"})
"""Commands that others hear; the rest only ask, and have a pace of their own. /join is not among them, since an app
that comes back goes into twenty rooms at once; who goes in and out again and again is slowed by his /part."""

LENGTHY: Final = frozenset({"join", "who", "rooms", "help"})
"""Commands that the hub answers with many lines: sixty in one go are more than an outbox holds."""

_HTTP: Final = re.compile(rb"[A-Z]{3,10} \S+ HTTP/\d|PRI \* HTTP")
"""A request line, or the beginning of one."""

_DRAIN_BYTES: Final = 64 * 1024
_DRAIN_SECONDS: Final = 0.02
"""What is read of somebody who was told bye, and the rest after it: 6 MB, all that a kernel keeps for a reader, in
the two seconds until the courier cuts him off."""


@dataclass(frozen=True, slots=True)
class Doorway:
    """What every connection is handed to."""

    hub: Hub
    courier: Courier
    messages: Log
    proof: Proof
    answers: Mapping[str, Callable[[Session, Command], None]]
    """Command -> what answers it in the reader's own thread."""
    limits: Limits
    tls: ssl.SSLContext | None

    def answer_to(self, line: Command) -> Callable[[Session, Command], None] | None:
        """What answers a line in this thread; None for a line that is the hub's."""
        if line.name == "nick":
            return self.proof.answer if line.arguments[1] is not None else None
        return self.answers.get(line.name)


def read_client(sock: socket.socket, address: str, doorway: Doorway, leave: Callable[[], None]) -> None:
    """The thread of one connection, from its first byte to its end. `leave` counts it out."""
    try:
        pipe = open_pipe(sock, is_loopback(address), doorway.tls, doorway.limits)
        if pipe is None:
            sock.close()
            return
        session = Session(Outbox(pipe), address, "g" + secrets.token_hex(8))
        try:
            doorway.hub.post(doorway.hub.connect, session)
            session.gate.acquire()
            Lines(session, doorway).run()
        finally:
            doorway.hub.post(doorway.hub.disconnect, session, session.box.fate)
    finally:
        leave()


class Lines:
    """What one client says, line by line."""

    __slots__ = ("_doorway", "_hub", "_is_over", "_limits", "_pace", "_session", "_splitter")

    def __init__(self, session: Session, doorway: Doorway) -> None:
        self._session = session
        self._hub = doorway.hub
        self._doorway = doorway
        limits = self._limits = doorway.limits
        self._splitter = LineSplitter(limits.line_bytes)
        self._pace = Pace(limits, monotonic)
        self._is_over = False
        """He is sent away for a flood."""

    def run(self) -> None:
        """Reads until the peer's end of file; an unfinished last line is dropped."""
        pipe = self._session.box.pipe
        chunk = pipe.recv(self._limits.recv_bytes)
        if not pipe.is_tls and (why := what_else(chunk)):
            self._hub.post(self._hub.dismiss, self._session, "bad-client", why)
            self._is_over = True
        while chunk and not self._is_over:
            self._take(chunk)
            if self._is_over or self._session.is_gone:
                break
            chunk = pipe.recv(self._limits.recv_bytes)
        # To close over bytes that were not read is a reset, and that can overtake the bye. Not at full speed:
        # there may be no end of them, until the courier cuts him off.
        while chunk and (chunk := pipe.recv(_DRAIN_BYTES)):
            _rest(_DRAIN_SECONDS)

    def _take(self, chunk: bytes) -> None:
        batch: list[Work] = []
        lines = self._splitter.feed(chunk)
        if not lines:
            # Bytes one by one, or a line without end: they cost no line, and so cost time.
            _rest(self._pace.judge_scrap())
        for raw in lines:
            if self._is_over or self._session.is_gone:
                return
            self._take_line(read_line(raw, self._limits), batch)
        self._hand_over(batch)

    def _take_line(self, line: ClientLine | Refused | None, batch: list[Work]) -> None:
        """Adds a line to the batch, late if he is too fast. An empty one (None) says nothing, but counts."""
        ruling = self._pace.judge(is_ask=line is None or not is_spoken(line))
        if ruling.fate == "flood":
            self._hand_over(batch)
            self._is_over = True
            self._hub.post(
                self._hub.dismiss,
                self._session,
                "flood",
                "Too many lines for too long; come back in a minute",
            )
            return
        if ruling.wait:
            self._hand_over(batch)
            # Waiting here stops reading, and so TCP holds back what he sends; nobody else notices.
            _rest(ruling.wait)
        if line is None:
            return
        if line.label is not None:
            self._session.is_program = True
        if ruling.fate == "refuse":
            line = Refused("slow-down", line.label, seconds=round(ruling.wait) or 1)
        if isinstance(line, Command) and (answer := self._doorway.answer_to(line)) is not None:
            self._hand_over(batch)
            # Nothing comes behind the bye that he may just have got.
            if not self._session.is_gone:
                self._answer(line, answer)
        elif isinstance(line, Command) and line.name in LENGTHY:
            # Who asks for many of them gets the next when he has taken the last.
            self._hand_over(batch)
            self._doorway.courier.replay(self._session.box, b"")
            batch.append(line)
        elif isinstance(line, Command) and line.name in ABOUT:
            # What it is about may be in the batch before it.
            self._hand_over(batch)
            batch.append(self._look_up(line))
        else:
            batch.append(line)

    def _answer(self, line: Command, answer: Callable[[Session, Command], None]) -> None:
        try:
            answer(self._session, line)
        except Exception:
            # As in the hub: a fault of ours is an error of that line, not the end of his connection.
            log.exception("a line of %s broke", self._session.visitor)
            self._hub.post(self._hub.refuse, self._session, "internal", line.label)

    def _look_up(self, line: Command) -> About | Refused:
        try:
            return look_up(self._doorway.messages, self._session, line)
        except LogFailed:
            return Refused("storage-unavailable", line.label)

    def _hand_over(self, batch: list[Work]) -> None:
        """Gives lines to the hub and waits until they are done and stored: TCP is the queue."""
        if batch:
            session = self._session
            self._hub.post(self._hub.take_lines, session, batch.copy())
            session.gate.acquire()
            batch.clear()
            while session.answer:
                self._write(session.answer)
                session.answer = []
                self._hub.post(self._hub.go_on, session)
                session.gate.acquire()

    def _write(self, pieces: list[bytes]) -> None:
        """A long answer, at the client's own speed; what is said meanwhile waits behind it."""
        courier, box = self._doorway.courier, self._session.box
        try:
            for piece in pieces:
                if not courier.replay(box, piece):
                    return
        finally:
            courier.release(box)


def _rest(seconds: float) -> None:
    if seconds > 0.0:
        threading.Event().wait(min(seconds, threading.TIMEOUT_MAX))


def what_else(first: bytes) -> str | None:
    """Why the first bytes of a plain connection are no chat but something else, whose lines must not be said."""
    if first.startswith(TLS_HELLO + b"\x03"):
        return "That is TLS, and this connection is one of plain lines: chat-tui --no-tls"
    if _HTTP.match(first):
        # A page in a browser can post to any port of its own machine, and who reads it would speak here.
        return "That is HTTP, and this is a chat: chat-tui, or nc"
    return None


def read_line(raw: str | BadBytes, limits: Limits) -> ClientLine | Refused | None:
    """Cleans and parses one line; None for an empty one."""
    if isinstance(raw, BadBytes):
        return Refused(raw.code, limit=limits.line_bytes)
    line = text.clean(raw)
    if raw and not line:
        return Refused("empty")
    try:
        return parse_client(line)
    except Refused as refused:
        return refused


def is_spoken(line: ClientLine | Refused) -> bool:
    """Whether others would hear it. A line that is refused counts too: mistakes are no way around the pace."""
    return isinstance(line, Chat | Refused) or line.name in SPOKEN
