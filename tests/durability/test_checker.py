"""The short version of `python -m tests.durability.checker`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durability import checker
from tests.durability.checker import Broken, Talker
from tests.durability.proxy import Proxy, rough
from tests.servers import Server


def test_a_server_that_is_killed_while_people_talk_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert checker.run(tmp_path / "data", 5, seed=1) > 40


def test_a_bad_network_and_kills_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    proxies: list[Proxy] = []

    def through(server: Server) -> tuple[str, int]:
        proxies.append(Proxy(server.port, rough, seed=3))
        return "127.0.0.1", proxies[0].port

    try:
        assert checker.run(tmp_path / "data", 3, seed=3, through=through) > 24
        fates = proxies[0].fates
        assert all(fates[ending] > 0 for ending in ("cut", "reset", "half-close", "black hole")), fates
    finally:
        for proxy in proxies:
            proxy.close()


def test_the_checker_finds_what_was_lost_doubled_or_out_of_order(tmp_path: Path) -> None:
    talkers: list[Talker] = []

    folder = tmp_path / "data"
    checker.run(folder, 1, seed=2, talkers=talkers)
    first = talkers[0]
    checker.check(folder, talkers)
    for spoil, mend in (
        (
            lambda: first.acknowledged.update({f"{first.nick}-999999": 1}),
            lambda: first.acknowledged.popitem(),
        ),
        (lambda: first.seen.append(first.seen[0]), lambda: first.seen.pop()),
        (lambda: first.seen.insert(0, first.seen.pop()), lambda: first.seen.append(first.seen.pop(0))),
        (lambda: first.faults.append("x"), lambda: first.faults.pop()),
    ):
        spoil()
        with pytest.raises(Broken):
            checker.check(folder, talkers)
        mend()
        checker.check(folder, talkers)
