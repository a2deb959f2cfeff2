"""Kills the server at random moments while people talk, and checks that nothing acknowledged is lost or doubled.

    python -m tests.durability.checker --rounds 200

A round: 8 people post with labels over real sockets, the server is killed (SIGKILL), started again on the same data,
everybody comes back, proves his name, asks /since, and sends what was not acknowledged again, with the old labels.

What must hold, checked after every round against what people saw, and at the end against the database:
    acknowledged ⊆ log;  each label once in the log;  each person saw each id exactly once, rising;
    each sender's own lines are in the log in the order he said them.
"""

from __future__ import annotations

import argparse
import queue
import random
import socket
import sqlite3
import tempfile
import threading
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic

import rich

from chat_server.wire import End, Entry, Err, LineSplitter, Ok, Welcome, parse_server
from chat_server.wire.server_lines import Begin
from tests.durability.proxy import Proxy, rough
from tests.servers import Server, wait_until

_IN_FLIGHT = 4
"""Lines that one person has under way at a time."""


class Broken(AssertionError):
    """The promise was broken; the text says how."""


@dataclass
class Talker:
    """One person, with a client that follows the resume rule of PROTOCOL.md."""

    nick: str
    address: Callable[[], tuple[str, int]]
    acknowledged: dict[str, int] = field(default_factory=dict)
    pending: dict[str, str] = field(default_factory=dict)
    seen: list[int] = field(default_factory=list)
    said: int = 0
    cursor: int = 0
    epoch: str = ""
    is_up_to_date: bool = False
    faults: list[str] = field(default_factory=list)
    may_talk: threading.Event = field(default_factory=threading.Event)
    is_over: threading.Event = field(default_factory=threading.Event)
    changed: queue.SimpleQueue[None] = field(default_factory=queue.SimpleQueue)

    def run(self) -> None:
        """Talks, and comes back, until it is over."""
        while not self.is_over.is_set():
            try:
                with socket.create_connection(self.address(), timeout=1.0) as sock:
                    self._live(sock)
            except (OSError, EOFError):
                self.is_up_to_date = False
                self.is_over.wait(0.02)

    def _live(self, sock: socket.socket) -> None:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.settimeout(0.02)
        splitter = LineSplitter(8192)
        self.is_up_to_date = False
        block = ""
        page: list[Entry] = []
        came_back = False
        while not self.is_over.is_set():
            try:
                chunk = sock.recv(65536)
                if not chunk:
                    raise EOFError
            except TimeoutError:
                chunk = b""
            for raw in splitter.feed(chunk):
                if not isinstance(raw, str):
                    self.faults.append(f"unreadable: {raw}")
                    continue
                match parse_server(raw):
                    case Welcome() as welcome:
                        if self.epoch not in ("", welcome.get("epoch")):
                            self.faults.append("the epoch changed")
                        self.epoch = welcome.get("epoch")
                        self._come_back(sock)
                        came_back = True
                    case Begin(what=what):
                        block = what
                        page.clear()
                    case End(what="since", arguments=(last, *more)):
                        block = ""
                        # Not before the end: of a page that was cut off nothing counts, it comes again.
                        for entry in page:
                            self._take(entry)
                        self.cursor = max(self.cursor, int(last))
                        if more:
                            sock.sendall(f"/since {last} {self.epoch}\n".encode())
                        else:
                            self.is_up_to_date = True
                    case End():
                        block = ""
                    case Entry() as entry if block == "since":
                        page.append(entry)
                    case Entry() as entry if self.is_up_to_date and not block:
                        self._take(entry)
                    case Ok(label=label, id=int(id)):
                        if self.pending.pop(label, None) is not None:
                            self.acknowledged[label] = id
                        elif self.acknowledged.get(label) != id:
                            self.faults.append(
                                f"{label} was acknowledged as {id} and as {self.acknowledged.get(label)}"
                            )
                    case Err(code=code, text=text):
                        self.faults.append(f"refused: {code} {text}")
                    case _:
                        pass
            if came_back and self.may_talk.is_set():
                while len(self.pending) < _IN_FLIGHT:
                    self._say(sock)

    def _come_back(self, sock: socket.socket) -> None:
        lines = [f"/nick {self.nick} secret-of-{self.nick}", f"/since {self.cursor} {self.epoch}"]
        lines += [f"/id {label} {text}" for label, text in self.pending.items()]
        sock.sendall("".join(line + "\n" for line in lines).encode())

    def _say(self, sock: socket.socket) -> None:
        self.said += 1
        label, text = f"{self.nick}-{self.said}", f"{self.nick} says {self.said}"
        self.pending[label] = text
        sock.sendall(f"/id {label} {text}\n".encode())

    def _take(self, entry: Entry) -> None:
        if self.seen and entry.id <= self.seen[-1]:
            self.faults.append(f"{entry.id} came after {self.seen[-1]}")
        self.seen.append(entry.id)
        if self.is_up_to_date:
            self.cursor = max(self.cursor, entry.id)


def check(folder: Path, talkers: list[Talker]) -> int:
    """Holds what people saw against the database; how many entries it has. Raises Broken."""
    with closing(sqlite3.connect(f"file:{folder / 'talkline.db'}?mode=ro", uri=True)) as database:
        rows = database.execute("SELECT id, nick, text FROM entry ORDER BY id").fetchall()
    ids = [row[0] for row in rows]
    texts = {row[2]: row[0] for row in rows}
    faults = [f"{talker.nick}: {fault}" for talker in talkers for fault in talker.faults]
    if ids != list(range(1, len(ids) + 1)):
        faults.append("the ids have a hole")
    if len(texts) != len(rows):
        faults.append(f"{len(rows) - len(texts)} texts are in the log twice")
    for talker in talkers:
        for label, id in talker.acknowledged.items():
            number = label.rpartition("-")[2]
            if texts.get(f"{talker.nick} says {number}") != id:
                faults.append(f"{label} was acknowledged as {id} and is not in the log as that")
        own = [int(text.rpartition(" ")[2]) for _, nick, text in rows if nick == talker.nick]
        if own != list(range(1, len(own) + 1)):
            faults.append(f"what {talker.nick} said is not in order")
        if talker.seen != ids:
            missing, extra = set(ids) - set(talker.seen), set(talker.seen) - set(ids)
            faults.append(
                f"{talker.nick} saw {len(talker.seen)} of {len(ids)}: missing {missing}, extra {extra}"
            )
    if faults:
        raise Broken("; ".join(faults[:10]))
    return len(ids)


def run(
    folder: Path,
    rounds: int,
    *,
    seed: int,
    report: Callable[[str], object] = lambda line: None,
    through: Callable[[Server], tuple[str, int]] | None = None,
    talkers: list[Talker] | None = None,
) -> int:
    """Plays the rounds; the number of entries at the end. Raises Broken.

    `through` gives the address that people connect to, if there is something between them and the server;
    `talkers` is filled with them.
    """
    chance = random.Random(seed)
    server = Server(folder, "--rate", "0", "--log-level", "error")
    where = (server.host, server.port) if through is None else through(server)
    talkers = [] if talkers is None else talkers
    talkers.extend(Talker(f"talker-{name}", lambda: where) for name in "abcdefgh")
    threads = [threading.Thread(target=talker.run, daemon=True) for talker in talkers]
    try:
        for thread in threads:
            thread.start()
        for number in range(1, rounds + 1):
            for talker in talkers:
                talker.may_talk.set()
            heard = sum(len(talker.acknowledged) for talker in talkers)
            wait_until(lambda heard=heard: sum(len(t.acknowledged) for t in talkers) > heard + 8, "talk")  # type: ignore[misc]
            # A random moment of work: the wait itself is the test.
            threading.Event().wait(chance.uniform(0.0, 0.25))
            server.kill()
            for talker in talkers:
                talker.may_talk.clear()
            server.restart()
            settle(folder, talkers)
            total = check(folder, talkers)
            if number % 10 == 0 or number == rounds:
                report(f"round {number}: {total} entries, all acknowledged ones there, each seen once by all")
        return total
    finally:
        for talker in talkers:
            talker.is_over.set()
        for thread in threads:
            thread.join(5)
        server.close()


def settle(folder: Path, talkers: list[Talker]) -> None:
    """Waits until everybody is back, everything pending is acknowledged and has been seen by all."""

    def is_settled() -> bool:
        if any(talker.pending or not talker.is_up_to_date for talker in talkers):
            return False
        last = max((id for talker in talkers for id in talker.acknowledged.values()), default=0)
        return all(talker.seen and talker.seen[-1] >= last for talker in talkers)

    wait_until(is_settled, "that everybody is up to date", 30.0)


def main() -> None:
    """The long version."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument(
        "--bad-network", action="store_true", help="through a proxy that cuts, resets, swallows"
    )
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 30))
    options = parser.parse_args()
    rich.print(f"seed {options.seed}")
    started = monotonic()

    def through(server: Server) -> tuple[str, int]:
        return "127.0.0.1", Proxy(server.port, rough, options.seed).port

    with tempfile.TemporaryDirectory() as folder:
        total = run(
            Path(folder) / "data",
            options.rounds,
            seed=options.seed,
            report=rich.print,
            through=through if options.bad_network else None,
        )
    rich.print(
        f"{options.rounds} kills, {total} messages, nothing lost or doubled, {monotonic() - started:.0f} s"
    )


if __name__ == "__main__":
    main()
