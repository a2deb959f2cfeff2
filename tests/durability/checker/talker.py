"""One person who talks: a client over a real socket that follows the resume rule of PROTOCOL.md."""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from chat_server.wire import (
    BadLine,
    Begin,
    End,
    Entry,
    Err,
    Join,
    LineSplitter,
    Nick,
    Ok,
    Part,
    ServerLine,
    Welcome,
    parse_server,
)
from tests.durability.checker.kept import Kept
from tests.durability.checker.sight import Sight
from tests.durability.checker.speech import ROOMS, Line, Speech

_IN_FLIGHT = 4
"""Lines that one person has under way at a time."""

_HANG_UP = 0.02
"""How often somebody who talks hangs up without reading what came: what was stored is then resent, and the world
has gone on meanwhile."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a label was answered with: an id, None for a line that makes no entry, or a code of an error."""

    id: int | None = None
    code: str | None = None
    connection: int = 0


class Talker:
    """Somebody who talks, is cut off, comes back, and says again what has no answer.

    A guest is somebody else whenever he comes back, so what he said without an answer he does not say again.
    All but `run` is for who holds `lock`.
    """

    def __init__(
        self,
        nick: str,
        address: tuple[str, int],
        chance: random.Random,
        claimed: Sequence[str],
        guests: Sequence[str],
        *,
        is_direct: bool = True,
    ) -> None:
        self.nick = nick
        self.is_exact = is_direct and nick not in guests
        """Nothing that he says comes late and nobody else speaks for him: what is kept of him is known."""
        self.kept = Kept()
        self.is_guest = nick in guests
        self.sight = Sight(self.is_guest)
        self.speech = Speech(nick, chance, claimed, guests)
        self.lines: dict[str, Line] = {}
        """All that was said, by label."""
        self.pending: dict[str, Line] = {}
        self.answers: dict[str, Answer] = {}
        self.unchecked: list[str] = []
        """Labels that were answered since the last verdict."""
        self.counts: Counter[str] = Counter()
        self.may_talk = threading.Event()
        self.is_over = threading.Event()
        self.lock = threading.Lock()
        self.audit = 0
        """The number of the last look whether something is missing, and that of the one that is wanted."""
        self.wanted_audit = 0
        self._address = address
        self._chance = chance
        self._epoch = ""
        self._last = 0
        """The last id when this connection began."""
        self._asked: set[str] = set()
        self._block = ""
        self._block_after = 0
        self._page: list[Entry] = []
        self._is_auditing = False

    @property
    def faults(self) -> list[str]:
        """What was seen to be wrong."""
        return self.sight.faults

    def run(self) -> None:
        """Talks, and comes back, until it is over."""
        while not self.is_over.is_set():
            try:
                with socket.create_connection(self._address, timeout=1.0) as sock:
                    self._live(sock)
            except (OSError, EOFError):
                with self.lock:
                    self._lose()
                self.is_over.wait(0.02)

    def is_settled(self) -> bool:
        """Whether nothing is open, as far as he knows, and it was looked whether something is missing."""
        return not self.pending and self.sight.is_current and self.audit == self.wanted_audit

    def _live(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(0.02)
        splitter = LineSplitter(8192)
        while not self.is_over.is_set():
            try:
                chunk = sock.recv(65536)
                if not chunk:
                    raise EOFError
            except TimeoutError:
                chunk = b""
            with self.lock:
                for raw in splitter.feed(chunk):
                    try:
                        if not isinstance(raw, str):
                            raise BadLine(raw.code)
                        line = parse_server(raw)
                    except BadLine as error:
                        self.faults.append(f"unreadable: {raw!r}, {error}")
                    else:
                        self._take(line, sock)
                self._go_on(sock)

    def _lose(self) -> None:
        self.sight.is_current = False
        if self.is_guest:
            self.counts["unknown"] += len(self.pending)
            self.pending.clear()
            self.speech.own.clear()
            self.speech.leaving.clear()

    def _take(self, line: ServerLine, sock: socket.socket) -> None:
        sight = self.sight
        match line:
            case Welcome() as welcome:
                self._come_back(welcome, sock)
            case Begin(what=what, arguments=arguments):
                self._block = what
                self._block_after = int(arguments[0]) if what == "since" else 0
                self._page.clear()
            case End(what="since", arguments=(last, *more)):
                self._block = ""
                # Not before the end: of a page that was cut off nothing counts, it comes again.
                self._end_page(int(last), bool(more), sock)
            case End(what="history", arguments=(room, *_)):
                self._block = ""
                sight.backlog(room, self._page)
            case Entry() as entry if self._block:
                self._page.append(entry)
            case Entry() as entry:
                sight.hear(entry)
            case Nick(old=old, new=new) if old == sight.me:
                sight.me = new
            case Join(room=room, nick=nick) if nick == sight.me:
                sight.join(room)
            case Part(room=room, nick=nick) if nick == sight.me:
                sight.part(room)
            case Ok(label=label, id=id):
                self._answered(label, Answer(id, None, sight.connection))
            case Err(code="nick-taken", label=None) if self.is_guest:
                # The server does not know yet that his last connection is gone.
                raise EOFError
            case Err(code=code, label=None, text=text):
                self.faults.append(f"refused: {code} {text}")
            case Err(code=code, label=str(label)):
                self._answered(label, Answer(None, code, sight.connection))
            case _:
                pass

    def _come_back(self, welcome: Welcome, sock: socket.socket) -> None:
        if self._epoch not in ("", welcome.get("epoch")):
            self.faults.append("the epoch changed")
        self._epoch = welcome.get("epoch")
        self._last = int(welcome.get("last"))
        self._block, self._is_auditing = "", False
        self.sight.connect(welcome.get("nick"), welcome.get("room"))
        lines = [f"/nick {self.nick}\n" if self.is_guest else f"/nick {self.nick} secret-of-{self.nick}\n"]
        if self.is_guest:
            lines += [f"/join {room}\n" for room in ROOMS if self._chance.random() < 0.7]
        lines.append(f"/since {self.sight.heard} {self._epoch}\n")
        lines += [line.typed for line in self.pending.values()]
        self.counts["resent"] += len(self.pending)
        self._asked = {*self.pending}
        sock.sendall("".join(lines).encode())

    def _end_page(self, last: int, has_more: bool, sock: socket.socket) -> None:
        is_audit = self.sight.is_current
        self.sight.page(self._block_after, self._page, last, has_more=has_more)
        if is_audit:
            self._is_auditing = False
            self.audit = self.wanted_audit
        elif has_more:
            sock.sendall(f"/since {last} {self._epoch}\n".encode())

    def _answered(self, label: str, answer: Answer) -> None:
        if label not in self._asked:
            self.faults.append(f"{label} was answered twice: {self.answers.get(label)} and {answer}")
            return
        self._asked.discard(label)
        line = self.pending.pop(label)
        self.answers[label] = answer
        self.unchecked.append(label)
        self.kept.answered(line, answer.code)
        if line.kind == "part":
            self.speech.leaving.discard(line.place)
        if answer.code is not None:
            self.counts[f"refused {answer.code}"] += 1
        elif answer.id is None:
            self.counts[line.kind] += 1
        else:
            self.speech.acknowledged(line, answer.id)
            if answer.id <= self._last:
                self.counts["found again"] += 1
            if self.sight.is_current and answer.id > self.sight.heard:
                self.faults.append(f"{label} was acknowledged as {answer.id} before that came")

    def _go_on(self, sock: socket.socket) -> None:
        """Says something, if he may."""
        if not self.sight.is_current:
            return
        if self.may_talk.is_set():
            while len(self.pending) < _IN_FLIGHT:
                line = self.speech.line(self.sight)
                self.lines[line.label] = self.pending[line.label] = line
                self._asked.add(line.label)
                sock.sendall(line.typed.encode())
            # What is still in his socket then may be read when he is back.
            moves = any(line.moves for line in self.pending.values())
            if self._chance.random() < _HANG_UP and not moves:
                self.counts["hung up"] += 1
                raise EOFError
        elif not self.pending and self.audit != self.wanted_audit and not self._is_auditing:
            self._is_auditing = True
            sock.sendall(f"/since {self.sight.heard} {self._epoch}\n".encode())
