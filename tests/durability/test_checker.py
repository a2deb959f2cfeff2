"""The short version of `python -m tests.durability.checker`, and that it finds what it looks for."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from tests.durability.checker.record import Record, Row
from tests.durability.checker.rounds import calm, company, play, run
from tests.durability.checker.sight import DIRECT, Backlog
from tests.durability.checker.speech import LOBBY
from tests.durability.checker.talker import Answer, Talker
from tests.durability.checker.verdict import Broken, judge
from tests.durability.proxy import Proxy, rough
from tests.servers import Server


def test_a_server_that_is_killed_while_people_talk_loses_and_doubles_nothing(tmp_path: Path) -> None:
    counts = run(tmp_path / "data", 3, seed=1)
    kinds = ("msg", "act", "reply", "edit", "delete", "react", "direct", "topic")
    assert all(counts[kind] for kind in kinds), counts
    assert counts["resent"] > counts["found again"] > 0


def test_a_bad_network_and_kills_at_once_lose_and_double_nothing(tmp_path: Path) -> None:
    proxies: list[Proxy] = []

    def through(server: Server) -> tuple[str, int]:
        proxies.append(Proxy(server.port, rough, seed=3))
        return "127.0.0.1", proxies[0].port

    try:
        counts = run(tmp_path / "data", 2, seed=3, through=through)
        assert counts["msg"] > 20 and counts["resent"] > 20
        fates = proxies[0].fates
        assert all(fates[ending] > 0 for ending in ("cut", "reset", "half-close", "black hole")), fates
    finally:
        for proxy in proxies:
            proxy.close()


def own_labels(record: Record, talker: Talker) -> list[str]:
    """Those of what he said in the lobby and is in the log."""
    lines = [talker.lines.get(label) for _, _, label in record.labels]
    return [line.label for line in lines if line and line.kind == "msg" and line.place == LOBBY]


def has_enough(folder: Path, talkers: Sequence[Talker]) -> bool:
    """Whether there is one of everything that can be spoilt: on a slow machine less is said before a kill."""
    with calm(folder, talkers, 0) as record:
        entries = [row.entry for row in record.rows]
        directs = [row.entry for row in record.rows if row.is_direct and row.entry.kind == "msg"]
        changed = {entry.ref for entry in entries if entry.kind in ("edit", "delete")}
        return (
            len(own_labels(record, talkers[0])) > 1
            and any(entry.kind in ("react", "unreact") and entry.text for entry in entries)
            and any(one.id in talkers[0].sight.entries and one.id not in changed for one in directs)
        )


def spoilt(record: Record, talker: Talker, patch: pytest.MonkeyPatch) -> Iterator[str]:
    """Breaks one promise after the other, and says which fault must be found."""
    sight = talker.sight
    rows, labels = record.rows, record.labels
    own = own_labels(record, talker)
    changed = {row.entry.ref for row in rows if row.entry.kind in ("edit", "delete")}
    plain = [row for row in rows if row.entry.kind == "msg" and row.entry.id not in changed]
    shown = [row for row in plain if row.conversation == LOBBY]
    last = shown[-1].entry

    def with_text(row: Row, text: str) -> list[Row]:
        return [replace(one, entry=replace(one.entry, text=text)) if one is row else one for one in rows]

    patch.setattr(record, "rows", rows[:5] + rows[6:])
    yield "the ids have a hole"
    patch.setattr(record, "labels", labels[:5] + labels[6:])
    yield "not every entry has its label"
    patch.setattr(record, "labels", [*labels[:-1], (labels[-1][0], *labels[0][1:])])
    yield "a label is in the log twice"
    patch.setattr(record, "rows", with_text(shown[0], last.text))
    yield "a text is in the log twice"
    patch.setattr(record, "rows", with_text(shown[0], "something else"))
    yield "was stored as"
    patch.setattr(record, "labels", [*labels, (record.last + 1, "p9", "nobody-1")])
    yield "not every entry has its label"
    patch.setitem(talker.answers, own[0], Answer(record.last + 1))
    yield "was acknowledged as"
    patch.setitem(talker.answers, own[0], Answer(None, "no-such-id"))
    yield "and was refused"
    patch.setitem(talker.answers, own[0], Answer(None, "internal"))
    yield "was refused without reason"
    at = [place for place, one in enumerate(labels) if one[2] in (own[0], own[-1])]
    swapped = list(labels)
    swapped[at[0]], swapped[at[1]] = (
        (labels[at[0]][0], *labels[at[1]][1:]),
        (labels[at[1]][0], *labels[at[0]][1:]),
    )
    patch.setattr(record, "labels", swapped)
    yield "is in the log behind"
    patch.setattr(sight, "seen", [id for id in sight.seen if id != last.id])
    yield "did not see"
    patch.setattr(sight, "seen", [*sight.seen, last.id])
    yield "saw an id twice"
    there = record.kept[talker.nick]
    patch.setitem(record.kept, talker.nick, replace(there, rooms=there.rooms - {LOBBY}))
    yield "was told ["
    patch.setattr(talker.kept, "current", "#elsewhere")
    yield "was told #elsewhere"
    patch.setitem(talker.kept.marks, LOBBY, record.last + 1)
    yield "has read up to"
    patch.setitem(talker.answers, own[0], Answer(None, "not-in-room"))
    yield "was refused without reason"
    reaction = next(
        row for row in reversed(rows) if row.entry.kind in ("react", "unreact") and row.entry.text
    )
    again = replace(reaction, entry=replace(reaction.entry, id=record.last + 1))
    patch.setattr(record, "rows", [*rows, again])
    yield "says again what was so"
    patch.setitem(sight.entries, last.id, replace(last, text="something else"))
    yield f"sees {LOBBY} otherwise"
    direct = next(row.entry for row in plain if row.is_direct and row.entry.id in sight.entries)
    patch.setitem(sight.entries, direct.id, replace(direct, text="something else"))
    yield f"sees {DIRECT} otherwise"
    patch.setitem(sight.backlogs, LOBBY, [Backlog(last.id, {})])
    yield f"was shown {LOBBY} otherwise"
    gone = replace(last, id=record.last + 1, kind="delete", text="", ref=last.id)
    sight.backlog(LOBBY, [last, gone])
    yield "after their deletes"
    sight.hear(last)
    yield "came after"
    sight.hear(replace(last, id=record.last + 1, target="#elsewhere"))
    yield "is not in that room"
    sight.hear(replace(last, id=record.last + 1, nick="talker-c", target="@talker-b"))
    yield "is between others"
    sight.page(sight.heard, [replace(last, id=record.last + 1)], record.last + 1, has_more=False)
    yield "did not come live"


def test_the_checker_finds_what_was_lost_doubled_changed_or_out_of_order(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    with company(folder, seed=2) as (server, talkers):
        chance = random.Random(2)
        play(server, talkers, chance)
        while not has_enough(folder, talkers):
            play(server, talkers, chance)
        with calm(folder, talkers, 0) as record, pytest.MonkeyPatch.context() as patch:
            judge(record, talkers)
            sight = talkers[0].sight
            state = deepcopy(vars(sight))
            for fault in spoilt(record, talkers[0], patch):
                with pytest.raises(Broken) as broken:
                    judge(record, talkers)
                assert any(fault in found for found in broken.value.faults), (fault, broken.value)
                patch.undo()
                vars(sight).update(deepcopy(state))
            judge(record, talkers)
