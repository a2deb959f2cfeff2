"""The rounds: people talk, the server is killed, they come back, and what is there then is judged."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final

from tests.durability.checker.newcomer import Newcomer
from tests.durability.checker.record import Record, texts_in_files
from tests.durability.checker.talker import Talker
from tests.durability.checker.verdict import Broken, judge
from tests.servers import Server, TimedOut, wait_until

CLAIMED: Final = tuple(f"talker-{letter}" for letter in "abcde")
GUESTS: Final = tuple(f"visitor-{letter}" for letter in "fgh")

_LOOK_BACK: Final = 400
"""So many entries before a round are compared again: people talk about what was said before it."""


def run(
    folder: Path,
    rounds: int,
    *,
    seed: int,
    report: Callable[[str], object] = lambda line: None,
    through: Callable[[Server], tuple[str, int]] | None = None,
) -> Counter[str]:
    """Plays the rounds; how many entries there are of each kind, and what else happened. Raises Broken.

    `through` gives the address that people connect to, if there is something between them and the server.
    """
    chance = random.Random(seed)
    with company(folder, seed, through) as (server, talkers):
        checked = 0
        for number in range(1, rounds + 1):
            play(server, talkers, chance)
            with calm(folder, talkers, max(0, checked - _LOOK_BACK)) as record:
                judge(record, talkers, checked)
                for nick in (chance.choice(CLAIMED), None):
                    Newcomer(server, record, nick, chance)
                checked = record.last
                for talker in talkers:
                    talker.sight.forget(checked - _LOOK_BACK)
            if number % 10 == 0 or number == rounds:
                report(f"round {number}: {checked} entries, and everybody sees what stands in the log")
        with calm(folder, talkers, 0) as record:
            judge(record, talkers)
            for nick in (*CLAIMED, None):
                Newcomer(server, record, nick, chance)
        _check_erased(server, talkers, chance)
        if server.errors:
            raise Broken("the server complained: " + "; ".join(server.errors[:10]))
        return sum((talker.counts for talker in talkers), record.kinds())


@contextmanager
def company(
    folder: Path, seed: int, through: Callable[[Server], tuple[str, int]] | None = None
) -> Iterator[tuple[Server, list[Talker]]]:
    """A server and everybody connected to it, under his name."""
    server = Server(folder, "--rate", "0", "--log-level", "error")
    where = (server.host, server.port) if through is None else through(server)
    talkers = [
        Talker(nick, where, random.Random(f"{seed} {nick}"), CLAIMED, GUESTS, is_direct=through is None)
        for nick in (*CLAIMED, *GUESTS)
    ]
    threads = [threading.Thread(target=talker.run, daemon=True) for talker in talkers]
    try:
        for thread in threads:
            thread.start()
        with calm(folder, talkers, 0):
            pass  # nobody is spoken to before he has claimed his name
        yield server, talkers
    finally:
        for talker in talkers:
            talker.is_over.set()
        for thread in threads:
            thread.join(5)
        server.close()


def play(server: Server, talkers: Sequence[Talker], chance: random.Random) -> None:
    """Talk, a kill in the midst of it, and now and then another one while people come back."""
    _talk(server, talkers, chance)
    if chance.random() < 0.3:
        server.restart()
        threading.Event().wait(chance.uniform(0.0, 0.25))
        server.kill()
    for talker in talkers:
        talker.may_talk.clear()
    server.restart()


def _talk(server: Server, talkers: Sequence[Talker], chance: random.Random) -> None:
    """Talk up to the kill."""

    def answers() -> int:
        return sum(len(talker.answers) for talker in talkers)

    for talker in talkers:
        talker.may_talk.set()
    before = answers()
    wait_until(lambda: answers() > before + 30, "talk")
    # A random moment of work: the wait itself is the test.
    threading.Event().wait(chance.uniform(0.0, 0.25))
    server.kill()


@contextmanager
def calm(folder: Path, talkers: Sequence[Talker], after: int) -> Iterator[Record]:
    """The log from an id on, at a moment when everybody has his answers and has seen it up to its end.

    As long as it is open nobody hears or says anything.
    """
    while True:
        for talker in talkers:
            talker.wanted_audit += 1
        try:
            wait_until(lambda: all(talker.is_settled() for talker in talkers), "that all are settled", 30.0)
        except TimedOut as error:
            raise Broken(f"{error}: " + "; ".join(map(_state, talkers))) from None
        with ExitStack() as locks:
            for talker in talkers:
                locks.enter_context(talker.lock)
            record = Record(folder, after)
            # On a bad network a line of a connection that is long gone may come late.
            if all(talker.sight.heard >= record.last for talker in talkers):
                yield record
                return


def _state(talker: Talker) -> str:
    pending = [line.typed for line in talker.pending.values()]
    return f"{talker.nick} is current: {talker.sight.is_current}, waits for {pending}, {talker.faults[:3]}"


def _check_erased(server: Server, talkers: Sequence[Talker], chance: random.Random) -> None:
    """Nothing of what was deleted is left in the files, once the server has tidied; also when it was killed before."""
    _talk(server, talkers, chance)
    for talker in talkers:
        talker.is_over.set()
    server.restart()
    record = Record(server.data)
    lines = {label: line for talker in talkers for label, line in talker.lines.items()}
    labels = {id: label for id, _, label in record.labels}
    gone = {lines[labels[row.entry.id]].body for row in record.rows if row.is_gone}
    gone = {text for text in gone if text.endswith(";")}
    try:
        wait_until(lambda: not gone & texts_in_files(server.data), "that deleted texts are gone", 10.0)
    except TimedOut as error:
        raise Broken(f"{error}: {sorted(gone & texts_in_files(server.data))[:5]}") from None
