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
from itertools import accumulate
from pathlib import Path
from time import perf_counter, sleep

from rich.console import Console
from rich.table import Table

from chat_server.indexing import Indexer
from chat_server.log import Draft, Query, Reader
from chat_server.log.folder import DATABASE
from chat_server.log.sqlite import SqliteLog

ROOMS = [f"#room{n}" for n in range(30)]
PEOPLE = [f"p{n}" for n in range(1, 201)]
MARKERS = {"common": "deploy", "rare": "zephyrine", "elsewhere": "gargoyle"}
BATCH = 2_000

_STARTS = "b c d f g h j k l m n p r s t v w b br ch cl d f gr l m p pl qu r s sh st t th tr" + " -" * 12
_VOWELS = "a a a e e e e i i i o o o u ea ee ie ou ai y"
_ENDS = "ck d ft l ll m n n n nd ng nt p r r rd s s st t t th x" + " -" * 24
_ENDINGS = "- - - - - s ed ing er ly tion"


class Talk:
    """Sentences as people write them: a Zipf vocabulary of 20,000 words, 3 to 30 of them, some Chinese."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        words = self._words(20_000)
        self._words_list, self._weights = words, list(accumulate(1 / (n + 3) for n in range(len(words))))
        self._han = [chr(0x4E00 + n * 7) for n in range(2_500)]
        self._han_weights = list(accumulate(1 / (n + 3) for n in range(len(self._han))))

    def _words(self, count: int) -> list[str]:
        found: dict[str, None] = {}
        while len(found) < count:
            rank = len(found)
            # The common words are the short ones.
            syllables = 1 + (rank > 300) + (rank > 3_000 and self._random.random() < 0.4)
            kinds = [_STARTS, _VOWELS, _ENDS] * syllables + [_ENDINGS] * (rank > 100)
            parts = [self._random.choice(kind.split()) for kind in kinds]
            found["".join(parts).replace("-", "")] = None
        return list(found)

    def sentence(self) -> str:
        """One message; a word in 5 % of them is known by name."""
        pick = self._random
        if pick.random() < 0.05:
            return "".join(pick.choices(self._han, cum_weights=self._han_weights, k=pick.randint(4, 40)))
        words = pick.choices(self._words_list, cum_weights=self._weights, k=pick.randint(3, 30))
        if pick.random() < 0.05:
            words.insert(len(words) // 2, MARKERS["common"])
        return " ".join(words)

    def word(self, lowest: int, highest: int) -> str:
        """A word by its rank."""
        return self._words_list[self._random.randint(lowest, highest)]


def build(log: SqliteLog, messages: int, talk: Talk, console: Console) -> None:
    """Fills a log, then indexes it, as fast as both go alone."""
    pick = random.Random(7)
    rare = set(pick.sample(range(messages), 5))
    elsewhere = set(pick.sample(range(messages), messages // 20))
    began = perf_counter()
    # Drawn from 50,000 sentences with other beginnings: making each would take longer than storing it.
    stock = [talk.sentence() for _ in range(50_000)]
    for start in range(0, messages, BATCH):
        drafts = []
        for n in range(start, min(start + BATCH, messages)):
            said = stock[pick.randrange(len(stock))]
            if n in rare:
                said += f" {MARKERS['rare']}"
            author = pick.choice(PEOPLE)
            at = 1_700_000_000 + n * 30
            if n in elsewhere:
                drafts.append(
                    Draft(at, "msg", "#elsewhere", "nick", f"{said} {MARKERS['elsewhere']}", author)
                )
            elif n % 50 == 0:
                peer = pick.choice(PEOPLE)
                drafts.append(Draft(at, "msg", "@nick", "nick", said, author, peer=peer))
            else:
                drafts.append(Draft(at, "msg", pick.choice(ROOMS), "nick", said, author))
        log.append(drafts)
    stored = perf_counter() - began
    before = size_of(log)
    began = perf_counter()
    while log.index_some(lambda: False):
        pass
    indexed = perf_counter() - began
    each = f"{before / messages:.0f} bytes a message, {(size_of(log) - before) / messages:.0f} more for the index"
    console.print(
        f"{messages:,} messages: stored in {stored:.0f} s, indexed in {indexed:.0f} s; {each};"
        f" {size_of(log) / 1e6:.0f} MB in all"
    )


def size_of(log: SqliteLog) -> int:
    """Bytes of the database once the WAL is in it."""
    log.write(lambda conn: None)
    log._copy_wal("TRUNCATE")
    return (log.folder / DATABASE).stat().st_size


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


def quantiles(times: list[float]) -> tuple[str, str, str]:
    times = sorted(times)
    return tuple(f"{times[int((len(times) - 1) * share)] * 1000:.1f} ms" for share in (0.5, 0.95, 1))  # type: ignore[return-value]


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
    yield "search any word", lambda: search(talk.word(20, 20_000 - 1))
    yield "search two rare words", lambda: search(talk.word(5_000, 20_000 - 1), talk.word(5_000, 20_000 - 1))
    yield "search a part: ephyri", lambda: search("ephyri")
    yield "search a part of a common word", lambda: search("eplo")
    yield "search one rare Chinese character", lambda: search(chr(0x4E00 + 7 * pick.randrange(2_000, 2_500)))
    yield (
        "search two Chinese characters",
        lambda: search("".join(chr(0x4E00 + 7 * pick.randrange(200)) for _ in "ab")),
    )
    yield "search in one room, by a nick", lambda: search(MARKERS["common"], room="#room3", author="nick")
    yield "search by a nick with no hit", lambda: search(MARKERS["common"], author="nobody")
    yield "search 5 %, in the first days", lambda: search(MARKERS["common"], before=1_700_500_000)
    yield "unread after a year away", lambda: len(log.unread(reader, {}, "p1", ("ann",)))
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
        log = SqliteLog(Path(folder))
        talk = Talk(seed=1)
        build(log, options.messages, talk, console)
        table = Table("question", "found", "p50", "p95", "worst")
        writing = Writing(log, talk, options.rate)
        sleep(5.0)
        writing.stop()
        table.add_row("append 10 messages, nothing else", "", *quantiles(writing.times))
        # Old blocks are made anew meanwhile: the most work that the index ever is.
        log.write(lambda conn: conn.execute("UPDATE block SET is_stale = 1").close())
        stopping = threading.Event()
        indexing = threading.Thread(target=Indexer(log).run, args=(stopping,))
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
            for _ in range(options.rounds):
                began = perf_counter()
                found += ask()
                times.append(perf_counter() - began)
            table.add_row(name, f"{found / options.rounds:.1f}", *quantiles(times))
        writing.stop()
        stopping.set()
        indexing.join()
        table.add_row("append 10 messages beside all of this", "", *quantiles(writing.times))
        console.print(table)
        log.close()


if __name__ == "__main__":
    main()
