"""A store with a year of talk in it, for the benchmarks."""

from __future__ import annotations

import random
from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from time import perf_counter

from rich.console import Console

from chat_server import text
from chat_server.config import Limits
from chat_server.hashing import hash_secret
from chat_server.log import Draft
from chat_server.log.folder import DATABASE
from chat_server.log.sqlite import SqliteLog
from chat_server.people import People

ROOMS = [f"#room{n}" for n in range(30)]
PEOPLE = [f"p{n}" for n in range(1, 201)]
MARKERS = {"common": "deploy", "rare": "zephyrine", "elsewhere": "gargoyle"}
SECRET = "Ydr9_0Jw-k2VbX7q"
"""The secret of everybody."""

BATCH = 2_000
_STARTS_AT = 1_700_000_000
_STEP_SECONDS = 30

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


def nick_of(identity: str) -> str:
    """What one of PEOPLE is called: "p7" is person7."""
    return f"person{identity[1:]}"


def fill(folder: Path, messages: int, talk: Talk, console: Console) -> None:
    """Fills an empty folder: 200 people with a name each, in all the rooms, who have read nothing of it for a year.

    Then indexes it; both as fast as they go alone. A folder that is filled already is left as it is.
    """
    log = SqliteLog(folder)
    try:
        last = log.position().last
        if last:
            console.print(f"the store of the last time: {last:,} entries, {size_of(log) / 1e6:.0f} MB")
            return
        _claim_names(log)
        began = perf_counter()
        _say_all(log, messages, talk)
        stored = perf_counter() - began
        before = size_of(log)
        began = perf_counter()
        while log.index_some(lambda: False):
            pass
        indexed = perf_counter() - began
        size = size_of(log)
        console.print(
            f"{messages:,} messages: stored in {stored:.0f} s, indexed in {indexed:.0f} s;"
            f" {before / messages:.0f} bytes a message, {(size - before) / messages:.0f} more for the index;"
            f" {size / 1e6:.0f} MB in all"
        )
    finally:
        log.close()


def _claim_names(log: SqliteLog) -> None:
    people = People(log)
    for identity in PEOPLE:
        nick = nick_of(identity)
        claim = people.claim(nick, text.fold(nick), text.look(nick), hash_secret(SECRET), _STARTS_AT)
        people.remember_rooms(claim.id, ["#lobby", *ROOMS], "#lobby")
        for room in ("#lobby", *ROOMS):
            people.remember_mark(claim.id, room, 0)
    people.save()


def _say_all(log: SqliteLog, messages: int, talk: Talk) -> None:
    pick = random.Random(7)
    rare = set(pick.sample(range(messages), 5))
    elsewhere = set(pick.sample(range(messages), messages // 20))
    # Drawn from 50,000 sentences with other endings: making each would take longer than storing it.
    stock = [talk.sentence() for _ in range(50_000)]
    # Apps label what they send, and labels are kept for a while.
    labelled = messages - Limits().label_seconds // _STEP_SECONDS
    for start in range(0, messages, BATCH):
        drafts = []
        for n in range(start, min(start + BATCH, messages)):
            said = stock[pick.randrange(len(stock))]
            if n in rare:
                said += f" {MARKERS['rare']}"
            author, target, peer = pick.choice(PEOPLE), pick.choice(ROOMS), None
            if n in elsewhere:
                target, said = "#elsewhere", f"{said} {MARKERS['elsewhere']}"
            elif n % 50 == 0:
                peer = pick.choice(PEOPLE)
                target = f"@{nick_of(peer)}"
            label = f"{pick.randrange(1 << 32):08x}-{n}" if n >= labelled else None
            at = _STARTS_AT + n * _STEP_SECONDS
            drafts.append(Draft(at, "msg", target, nick_of(author), said, author, peer=peer, label=label))
        log.append(drafts)


def size_of(log: SqliteLog) -> int:
    """Bytes of the database once the WAL is in it."""
    log.write(lambda conn: None)
    log._copy_wal("TRUNCATE")
    return (log.folder / DATABASE).stat().st_size


def quantiles(seconds: Sequence[float]) -> tuple[str, str, str]:
    """p50, p95 and the worst, for a table."""
    times = sorted(seconds)
    p50, p95, worst = (times[int((len(times) - 1) * share)] * 1000 for share in (0.5, 0.95, 1))
    return f"{p50:.1f} ms", f"{p95:.1f} ms", f"{worst:.1f} ms"
