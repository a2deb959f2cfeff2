"""A million messages behind a real server: `python -m tests.bench.bench_store_server`. It reports; it never fails.

200 clients talk, and a few more ask: from the command sent to the last line of its answer, over sockets. In a
temporary folder (or one that is kept: --folder), in less than five minutes.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import socket
import tempfile
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from time import perf_counter, sleep

from rich.console import Console
from rich.table import Table

from chat_server.log.folder import DATABASE
from tests.bench.filled_store import MARKERS, PEOPLE, ROOMS, SECRET, Talk, fill, nick_of, quantiles
from tests.bench.load import cpu_seconds, resident_kib
from tests.bench.talkers import Talkers
from tests.servers import Server

CLAIMED = 100
"""People who talk or come and go; those after them ask."""

_THINKS_SECONDS = 0.02
"""Between two questions of one asker."""

_NUMBERS = count()


class Asker:
    """One connection that asks, and is told everything that is said in its rooms meanwhile."""

    def __init__(self, port: int) -> None:
        """Connects; returns at the last line of the welcome."""
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=30)
        self._tail = b""
        self.welcome = self._read_to(rb" note You are .*")

    def ask(self, command: str) -> bytes:
        """Everything that came until the command was answered. ValueError if it was refused."""
        label = f"ask-{next(_NUMBERS)}"
        self.sock.sendall(f"/id {label} {command}\n".encode())
        answer = self._read_to(rf" (?:ok {label}|err \S+ {label} .*)".encode())
        if b"Z err " in answer.splitlines()[-1]:
            raise ValueError(answer.splitlines()[-1].decode())
        return answer

    def close(self) -> None:
        """Hangs up."""
        self.sock.close()

    def _read_to(self, line: bytes) -> bytes:
        pattern = re.compile(rb"(?m)^\S+Z" + line + rb"\n")
        seen, self._tail = self._tail, b""
        looked = 0
        while not (found := pattern.search(seen, looked)):
            looked = seen.rfind(b"\n") + 1
            chunk = self.sock.recv(1 << 16)
            if not chunk:
                raise ConnectionError(f"the server hung up: {seen[-300:]!r}")
            seen += chunk
        self._tail = seen[found.end() :]
        return seen[: found.end()]


Timed = tuple[float, bytes]
"""Seconds, and what came until the answer was complete."""


@dataclass
class Question:
    """Something that is asked, how long the answers took and how many lines they had."""

    name: str
    ask: Callable[[Asker], Timed]
    times: list[float] = field(default_factory=list)
    lines: int = 0

    def put(self, asker: Asker) -> None:
        """Asks once."""
        seconds, answer = self.ask(asker)
        self.times.append(seconds)
        self.lines += sum(block.count(b"\n") for _, block in _BLOCKS.findall(answer))


_BLOCKS = re.compile(rb"^\S+Z begin (\w+)[^\n]*\n(.*?)^\S+Z end \1", re.S | re.M)


def timed(asker: Asker, command: str) -> Timed:
    """One command, answered."""
    began = perf_counter()
    answer = asker.ask(command)
    return perf_counter() - began, answer


def questions(port: int, messages: int) -> list[Question]:
    """Everything that is asked."""
    pick = random.Random(3)
    talk = Talk(seed=1)
    common, rare, absent = MARKERS["common"], MARKERS["rare"], MARKERS["elsewhere"]
    commonest = [talk.word(rank, rank) for rank in range(6)]

    def search(name: str, words: Callable[[], str]) -> Question:
        return Question(name, lambda asker: timed(asker, f"/search {words()}"))

    def id() -> int:
        return pick.randrange(1, messages)

    def room() -> str:
        return pick.choice(ROOMS)

    def somebody() -> str:
        return nick_of(pick.choice(PEOPLE))

    def many() -> str:
        return " ".join(talk.word(0, 300) for _ in range(40))

    def han(ranks: range, letters: int) -> str:
        return "".join(chr(0x4E00 + 7 * pick.choice(ranks)) for _ in range(letters))

    return [
        Question("connect, up to the end of the welcome", lambda _: _connect(port)),
        Question("/join a room (the last 20)", lambda asker: _join(asker, room())),
        Question(
            "scroll back: /history 50 #room ID", lambda asker: timed(asker, f"/history 50 {room()} {id()}")
        ),
        Question("/since the last 1,000, page by page", _since),
        search("/search a word in 5 % of all", lambda: common),
        search("… older ones: before:ID", lambda: f"{common} before:{id()}"),
        search("/search a word with 5 hits", lambda: rare),
        search("/search a word that nobody said", lambda: "interventionable"),
        search("/search 5 %, all where one is not", lambda: absent),
        search("/search 5 %, none in:#room", lambda: f"{absent} in:{room()}"),
        search("… and older ones: before:ID", lambda: f"{absent} in:{room()} before:{id()}"),
        search("… since a day in the middle", lambda: f"{absent} in:{room()} after:2024-05-15"),
        search("… from:somebody", lambda: f"{absent} in:{room()} from:{somebody()}"),
        search("… with another word in 5 %", lambda: f"{common} {absent} in:{room()}"),
        search("… with the six commonest words", lambda: f"{' '.join(commonest)} {absent} in:{room()}"),
        search("/search the commonest word from:nobody", lambda: f"{commonest[0]} from:nobody in:{room()}"),
        search("/search 40 words from:somebody in:#room", lambda: f"{many()} from:{somebody()} in:{room()}"),
        search("/search any word", lambda: talk.word(20, 19_999)),
        search("/search two rare words", lambda: f"{talk.word(5_000, 19_999)} {talk.word(5_000, 19_999)}"),
        search("/search a part of a word: ephyri", lambda: "ephyri"),
        search("/search two letters", lambda: talk.word(0, 40)[:2]),
        search("/search one rare Chinese character", lambda: han(range(2_000, 2_500), 1)),
        search("/search two Chinese characters", lambda: han(range(200), 2)),
        search("/search 5 % from:somebody", lambda: f"{common} from:{somebody()}"),
        search("/search 5 % from:nobody", lambda: f"{common} from:nobody"),
        search("/search 5 % in:#room", lambda: f"{common} in:{room()}"),
        search("/search 5 % before:2023-11-28 (2 weeks)", lambda: f"{common} before:2023-11-28"),
        search(
            "/search any word from: in: before:",
            lambda: f"{talk.word(20, 2_000)} from:{somebody()} in:{room()} before:2024-06-01",
        ),
        Question("/unread after a year away", lambda asker: timed(asker, "/unread")),
        Question("/unread #room after a year away", lambda asker: timed(asker, f"/unread {room()}")),
    ]


def _connect(port: int) -> Timed:
    began = perf_counter()
    asker = Asker(port)
    seconds = perf_counter() - began
    asker.close()
    return seconds, asker.welcome


def _join(asker: Asker, room: str) -> Timed:
    asker.ask(f"/part {room}")
    return timed(asker, f"/join {room}")


def _since(asker: Asker) -> Timed:
    """As an app that missed the last thousand."""
    newest = int(re.findall(rb"Z msg (\d+) #lobby", asker.ask("/history 1 #lobby"))[-1])
    began = perf_counter()
    answer = asker.ask(f"/since {newest - 1_000}")
    while more := re.search(rb"Z end since (\d+) more\n", answer[-200:]):
        answer += asker.ask(f"/since {int(more[1])}")
    return perf_counter() - began, answer


def measure(port: int, asked: list[Question], askers: int, rounds: int, seconds: float) -> None:
    """Puts each question `rounds` times, by several askers at once; ends after `seconds` whatever is left."""
    work = [question for question in asked for _ in range(rounds)]
    random.Random(5).shuffle(work)
    ends_at = perf_counter() + seconds

    def run(asker: Asker) -> None:
        while perf_counter() < ends_at:
            try:
                question = work.pop()
            except IndexError:
                return
            question.put(asker)
            sleep(_THINKS_SECONDS)

    # The name that is searched for in vain must be somebody's.
    nobody = Asker(port)
    nobody.ask(f"/nick nobody {SECRET}")
    nobody.close()
    crowd = [Asker(port) for _ in range(askers)]
    for number, asker in enumerate(crowd):
        asker.ask(f"/nick {nick_of(PEOPLE[CLAIMED + number])} {SECRET}")
    threads = [threading.Thread(target=run, args=(asker,)) for asker in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for asker in crowd:
        asker.close()


def drop_cache(folder: Path) -> None:
    """Has the kernel forget the file, as after a long night: what is read next comes from the disk."""
    descriptor = os.open(folder / DATABASE, os.O_RDONLY)
    os.fsync(descriptor)
    os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)


class Disk:
    """How long the disk takes to sync a page now and then: what others do to it is no fault of the server."""

    def __init__(self, folder: Path) -> None:
        self._path = folder / "sync-probe"
        self._stopping = threading.Event()
        self._times: list[float] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        with self._path.open("wb", buffering=0) as probe:
            while not self._stopping.wait(0.2):
                probe.write(bytes(4096))
                began = perf_counter()
                os.fdatasync(probe.fileno())
                self._times.append(perf_counter() - began)
        self._path.unlink()

    def stop(self) -> list[float]:
        """Ends it; the times."""
        self._stopping.set()
        self._thread.join()
        return self._times


def bench(folder: Path, options: argparse.Namespace, console: Console) -> None:
    """Fills the folder if need be, starts the server on it and prints the table."""
    fill(folder, options.messages, Talk(seed=1), console)
    if options.cold:
        drop_cache(folder)
    began = perf_counter()
    server = Server(folder, "--rate", "0", "--log-level", "error")
    try:
        console.print(f"the server is ready after {perf_counter() - began:.2f} s")
        talkers = Talkers(server.port, options.talkers, options.rate)
        asked = questions(server.port, options.messages)
        disk = Disk(folder)
        pid = server.process.pid
        cpu, began = cpu_seconds(pid), perf_counter()
        measure(server.port, asked, options.askers, options.rounds, options.seconds)
        cpu, took = cpu_seconds(pid) - cpu, perf_counter() - began
        said = talkers.stop()
        synced = disk.stop()
        resident = resident_kib(pid) / 1024
    finally:
        server.stop()
        server.close()
    table = Table("question", "lines", "times", "p50", "p95", "worst")
    for question in asked:
        if times := question.times:
            lines = f"{question.lines / len(times):.0f}"
            table.add_row(question.name, lines, str(len(times)), *quantiles(times))
    table.add_row("a message, from said to ok", "", f"{len(said):,}", *quantiles(said))
    table.add_row("the disk alone, to sync a page", "", str(len(synced)), *quantiles(synced))
    console.print(table)
    console.print(
        f"{options.talkers} talk, {len(said) / took:.0f} messages a second acknowledged; {options.askers} ask,"
        f" {sum(len(one.times) for one in asked) / took:.0f} questions a second; the server takes"
        f" {cpu / took * 100:.0f} % of a core and {resident:.0f} MiB"
    )
    for line in server.errors:
        console.print(line, markup=False)


def main() -> None:
    """Prints the table of the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--talkers", type=int, default=200)
    parser.add_argument("--rate", type=int, default=300, help="messages a second, all talkers together")
    parser.add_argument("--askers", type=int, default=2, help="who ask at the same time")
    parser.add_argument("--rounds", type=int, default=60, help="times that each question is asked")
    parser.add_argument("--seconds", type=float, default=120.0, help="longest time of asking")
    parser.add_argument("--folder", type=Path, help="filled and kept, or taken as it is if it is filled")
    parser.add_argument(
        "--cold", action="store_true", help="begin with nothing of the store in the page cache"
    )
    options = parser.parse_args()
    console = Console(width=120)
    if options.folder is not None:
        bench(options.folder, options, console)
    else:
        with tempfile.TemporaryDirectory() as folder:
            bench(Path(folder), options, console)


if __name__ == "__main__":
    main()
