"""The store with a million messages: `python -m tests.bench.bench_store`. It reports; it never fails.

What a person waits for, while others say 500 messages a second: joining (the last 20), scrolling back (50 before a
random id), searching, counting the unread after a year away. In a temporary folder, in about three minutes.
"""

from __future__ import annotations

import argparse
import random
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import perf_counter, sleep, thread_time

from rich.console import Console
from rich.table import Table

from chat_server.config import Limits
from chat_server.indexing import Indexer
from chat_server.log import Draft, Query, Reader
from chat_server.log.sqlite import SqliteLog
from tests.bench.filled_store import MARKERS, PEOPLE, ROOMS, Talk, fill, nick_of, quantiles


class Writing:
    """A thread that appends `rate` messages a second in 50 batches, and says how long its appends took."""

    def __init__(self, log: SqliteLog, talk: Talk, rate: int) -> None:
        self._log = log
        self._stock = [talk.sentence() for _ in range(2_000)]
        self._rate = rate
        self._stopping = threading.Event()
        self.times: list[float] = []
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        number = 0
        due = perf_counter()
        while not self._stopping.is_set():
            drafts = []
            for _ in range(self._rate // 50):
                number += 1
                said = self._stock[number % len(self._stock)]
                room = ROOMS[number % len(ROOMS)]
                drafts.append(Draft(2_000_000_000, "msg", room, "nick", said, PEOPLE[number % 200]))
            began = perf_counter()
            self._log.append(drafts)
            self.times.append(perf_counter() - began)
            due += 1 / 50
            sleep(max(0.0, due - perf_counter()))

    def stop(self) -> None:
        self._stopping.set()
        self._thread.join()


def questions(log: SqliteLog, talk: Talk, last: int) -> Iterator[tuple[str, Callable[[], int]]]:
    """What is asked: a name, and the question, which says how many it found."""
    pick = random.Random(3)
    reader = Reader("p1", frozenset(ROOMS))

    def search(*words: str, before_id: int | None = None, **more: object) -> int:
        return len(log.search(Query(words, **more), reader, 20, before_id).entries)  # type: ignore[arg-type]

    yield "join: the last 20", lambda: len(log.before(None, pick.choice(ROOMS), reader, 20).entries)
    yield (
        "scroll back: 50 before an id",
        lambda: len(log.before(pick.randrange(last), pick.choice(ROOMS), reader, 50).entries),
    )
    yield "resume: 500 after an id", lambda: len(log.after(pick.randrange(last), reader, 500).entries)
    yield "search a word in 5 % of all", lambda: search(MARKERS["common"])
    yield "… the same, from the middle on", lambda: search(MARKERS["common"], before_id=pick.randrange(last))
    yield "search a word with 5 hits", lambda: search(MARKERS["rare"])
    yield "search a word that nobody said", lambda: search("interventionable")
    yield "search 5 % in a room one is not in", lambda: search(MARKERS["elsewhere"])
    yield "… in one that one is in", lambda: search(MARKERS["elsewhere"], room=pick.choice(ROOMS))
    yield (
        "… and by a nick",
        lambda: search(MARKERS["elsewhere"], room=pick.choice(ROOMS), author=nick_of(pick.choice(PEOPLE))),
    )
    yield (
        "search two words in 5 %, never together",
        lambda: search(MARKERS["elsewhere"], MARKERS["common"], room=pick.choice(ROOMS)),
    )
    yield "search 40 common words", lambda: search(*(talk.word(0, 300) for _ in range(40)))
    yield "search any word", lambda: search(talk.word(20, 20_000 - 1))
    yield "search two rare words", lambda: search(talk.word(5_000, 20_000 - 1), talk.word(5_000, 20_000 - 1))
    yield "search a part: ephyri", lambda: search("ephyri")
    yield "search a part of a common word", lambda: search("eplo")
    yield "search one rare Chinese character", lambda: search(chr(0x4E00 + 7 * pick.randrange(2_000, 2_500)))
    yield (
        "search two Chinese characters",
        lambda: search("".join(chr(0x4E00 + 7 * pick.randrange(200)) for _ in "ab")),
    )
    yield (
        "search in one room, by a nick",
        lambda: search(MARKERS["common"], room="#room3", author=nick_of("p7")),
    )
    yield "search by a nick with no hit", lambda: search(MARKERS["common"], author="nobody")
    yield "search 5 %, in the first days", lambda: search(MARKERS["common"], before=1_700_500_000)
    yield "search by a nick alone", lambda: search(author=nick_of(pick.choice(PEOPLE)))
    yield "… that nobody ever had", lambda: search(author="nobody")
    yield "search in a room alone", lambda: search(room=pick.choice(ROOMS))
    yield "search with one person alone", lambda: search(others=frozenset({pick.choice(PEOPLE)}))
    yield "search before the first day alone", lambda: search(before=1_700_000_000)
    yield (
        "search a phrase of common words",
        lambda: search(phrases=(f"{talk.word(0, 300)} {talk.word(0, 300)}",)),
    )
    yield "unread after a year away", lambda: len(log.unread(reader, {}, "p1", ("ann",)))
    word = talk.word(3, 3)
    yield "… called like a common word", lambda: len(log.unread(reader, {}, "p1", (word,)))
    marks = dict.fromkeys([*ROOMS, *(f"@{one}" for one in PEOPLE)], last)
    yield "unread, nearly nothing", lambda: len(log.unread(reader, marks, "p1", ("ann",)))


def main() -> None:
    """Prints the table of the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=1_000_000)
    parser.add_argument("--rate", type=int, default=500, help="messages a second meanwhile")
    parser.add_argument("--rounds", type=int, default=40, help="times that each question is asked")
    options = parser.parse_args()
    console = Console(width=120)
    with tempfile.TemporaryDirectory() as folder:
        talk = Talk(seed=1)
        fill(Path(folder), options.messages, talk, console)
        log = SqliteLog(Path(folder))
        table = Table("question", "found", "p50", "p95", "worst", "CPU")
        writing = Writing(log, talk, options.rate)
        sleep(5.0)
        writing.stop()
        table.add_row("append 10 messages, nothing else", "", *quantiles(writing.times))
        # Old blocks are made anew meanwhile: the most work that the index ever is.
        log.write(lambda conn: conn.execute("UPDATE block SET is_stale = 1").close())
        stopping = threading.Event()
        indexing = threading.Thread(target=Indexer(log, Limits()).run, args=(stopping,))
        indexing.start()
        writing = Writing(log, talk, options.rate)
        sleep(5.0)
        writing.stop()
        table.add_row("append 10 messages beside the indexing", "", *quantiles(writing.times))
        log.write(lambda conn: conn.execute("UPDATE block SET is_stale = 0").close())
        writing = Writing(log, talk, options.rate)
        for name, ask in questions(log, talk, options.messages):
            times: list[float] = []
            found = 0
            cpu = thread_time()
            for _ in range(options.rounds):
                began = perf_counter()
                found += ask()
                times.append(perf_counter() - began)
            cpu = (thread_time() - cpu) / options.rounds
            table.add_row(name, f"{found / options.rounds:.1f}", *quantiles(times), f"{cpu * 1000:.1f} ms")
        writing.stop()
        stopping.set()
        indexing.join()
        table.add_row("append 10 messages beside all of this", "", *quantiles(writing.times))
        console.print(table)
        log.close()


if __name__ == "__main__":
    main()
