"""The short version of `python -m tests.durability.checker`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.durability import checker
from tests.durability.checker import Broken, Talker


def test_a_server_that_is_killed_while_people_talk_loses_and_doubles_nothing(tmp_path: Path) -> None:
    assert checker.run(tmp_path / "data", 5, seed=1) > 40


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
