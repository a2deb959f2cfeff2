"""/since and /history: what was missed, once, in order, and live from there."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat_server.config import Limits
from chat_server.log.sqlite import SqliteLog
from tests.server.inside import inside
from tests.servers import Person, Server


def epoch_of(person: Person) -> str:
    return person.seen[0].split("epoch=")[1].split()[0]


def say(person: Person, *texts: str) -> None:
    for text in texts:
        person.send(f"/id l-{text} {text}")
        person.expect(f"ok l-{text} ")


def block(person: Person, what: str) -> list[str]:
    """The lines between begin and end, both included."""
    lines = [person.expect(f"begin {what}").string]
    while not lines[-1].startswith(f"end {what}"):
        lines.append(person.line())
    return lines


def test_since_gives_what_was_missed_and_says_where_it_stands(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    say(ann, "one", "two", "three")
    bob.sync()
    bob.send(f"/since 1 {epoch_of(bob)}")
    assert block(bob, "since") == [
        "begin since 1",
        "msg 2 #lobby ann: two",
        "msg 3 #lobby ann: three",
        "end since 3",
    ]
    bob.send("/id r-1 /since 3")
    assert block(bob, "since") == ["begin since 3", "end since 3"]
    bob.expect("ok r-1$")


def test_another_epoch_or_an_id_from_the_future_is_history_reset(server: Server) -> None:
    ann = server.connect("ann")
    ann.send("/since 0 nope")
    assert epoch_of(ann) in ann.expect("err history-reset - .*").string
    ann.send(f"/since 7 {epoch_of(ann)}")
    ann.expect("err history-reset - ")
    # Typed by hand, it is just a number that is too high.
    ann.send("/since 7")
    ann.expect("err no-such-id - ")
    ann.send("hello")
    ann.expect("msg 1 ")


def test_since_shows_only_rooms_one_is_in_and_ones_own_direct_messages(server: Server) -> None:
    ann, bob, carl = server.connect("ann"), server.connect("bob"), server.connect("carl")
    ann.send("/join #secret-plans")
    say(ann, "plan")
    ann.send("/msg @bob psst")
    ann.expect("msg 2 @bob")
    say(carl, "hello")
    carl.send("/since 0")
    assert block(carl, "since")[1:-1] == ["msg 3 #lobby carl: hello"]
    bob.send("/since 0")
    assert block(bob, "since")[1:-1] == ["msg 2 @bob ann: psst", "msg 3 #lobby carl: hello"]
    ann.send("/since 0")
    assert block(ann, "since")[1:-1] == [
        "msg 1 #secret-plans ann: plan",
        "msg 2 @bob ann: psst",
        "msg 3 #lobby carl: hello",
    ]


def test_a_long_absence_comes_in_pages(server: Server) -> None:
    ann = server.connect("ann")
    ann.send_bytes(b"".join(b"n%d\n" % number for number in range(1, 1201)))
    ann.expect("msg 1200 ")
    bob = server.connect("bob")
    bob.send("/since 0")
    ids: list[int] = []
    ends: list[str] = []
    while not ends or ends[-1].endswith(" more"):
        lines = block(bob, "since")
        ids += [int(line.split()[1]) for line in lines[1:-1]]
        ends.append(lines[-1])
        if ends[-1].endswith(" more"):
            bob.send(f"/since {ends[-1].split()[2]}")
    assert ids == list(range(1, 1201))
    assert ends == ["end since 500 more", "end since 1000 more", "end since 1200"]


def test_nothing_is_missing_or_doubled_between_a_replay_and_what_is_live(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    stop = threading.Event()
    said = 0

    def talk() -> None:
        nonlocal said
        while not stop.is_set():
            said += 1
            ann.send(f"n{said}")
            ann.expect(f"msg {said} ")

    talker = threading.Thread(target=talk)
    talker.start()
    try:
        bob.expect("msg 50 ")
        for _ in range(20):
            start = max(0, int(bob.seen[-1].split()[2]) - 30) if bob.seen[-1].split()[1] == "msg" else 0
            bob.send(f"/since {start}")
            lines = block(bob, "since")
            ids = [int(line.split()[1]) for line in lines[1:-1]]
            assert ids == list(range(start + 1, start + 1 + len(ids)))
            assert lines[-1] == f"end since {ids[-1]}"
            assert bob.expect(r"msg (\d+)")[1] == str(ids[-1] + 1)
            last = ids[-1] + 1
            for number in range(last + 1, last + 6):
                assert bob.line().startswith(f"msg {number} ")
    finally:
        stop.set()
        talker.join()


def test_history_goes_back_page_by_page(server: Server) -> None:
    ann = server.connect("ann")
    say(ann, *(f"n{number}" for number in range(1, 8)))
    ann.send("/history 3")
    lines = block(ann, "history")
    assert [line.split(": ")[-1] for line in lines] == [
        "begin history #lobby",
        "n5",
        "n6",
        "n7",
        "end history #lobby more",
    ]
    ann.send("/history 3 #lobby 5")
    assert [line.split(": ")[-1] for line in block(ann, "history")][1:-1] == ["n2", "n3", "n4"]
    ann.send("/history 3 2")
    ann.send("/history #Lobby ^2")
    block(ann, "history")
    assert block(ann, "history") == ["begin history #lobby", "msg 1 #lobby ann: n1", "end history #lobby"]


@pytest.mark.parametrize(
    ("ask", "reads"), [("/history 9", "before"), ("/search hello", "search"), ("/since 0", "after")]
)
def test_what_is_said_while_an_answer_is_read_comes_once_and_live(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ask: str, reads: str
) -> None:
    read = getattr(SqliteLog, reads)

    def reads_late(self: SqliteLog, *arguments: Any) -> object:
        if started:
            started.clear()
            bob.send("/edit 1 hello again\n/react 1 👍\nhello you")
            bob.expect("msg 4 ")
        return read(self, *arguments)

    monkeypatch.setattr(SqliteLog, reads, reads_late)
    started: list[bool] = []
    with inside(tmp_path, Limits()) as server:
        bob, ann = server.connect("bob"), server.connect("ann")
        bob.send("hello")
        ann.expect("msg 1 ")
        bob.sync()
        started.append(True)
        ann.send(ask)
        lines = [line for line in ann.sync() if not line.startswith(("begin", "end"))]
        # An answer has what held when it was asked for; what it says of the message now follows.
        assert lines[-3:] == [
            "edit 2 #lobby bob ^1: hello again",
            "react 3 #lobby bob ^1: 👍",
            "msg 4 #lobby bob: hello you",
        ]
        assert lines[:-3] in (["msg 1 #lobby bob: hello"], [])


def test_history_of_a_direct_conversation_is_for_the_two(server: Server) -> None:
    ann, bob, carl = server.connect("ann"), server.connect("bob"), server.connect("carl")
    ann.send("/msg @bob psst")
    bob.expect("msg 1 ")
    bob.send("/msg @ann what")
    ann.expect("msg 2 @ann bob: what")
    for person, other in ((ann, "bob"), (bob, "ann")):
        person.send(f"/history 10 @{other}")
        assert block(person, "history")[1:-1] == ["msg 1 @bob ann: psst", "msg 2 @ann bob: what"]
    carl.send("/history 10 @bob")
    assert block(carl, "history")[1:-1] == []
    carl.send("/history #nowhere")
    carl.expect("err not-in-room - ")


def test_a_replay_to_who_reads_slowly_is_complete(start_server: Callable[..., Server]) -> None:
    server = start_server("--rate", "0")
    ann = server.connect("ann")
    text = "x" * 3000
    for number in range(300):
        ann.send(f"/id n-{number} {text}")
        ann.expect(f"ok n-{number} ")
    slow = server.connect("slow")
    slow.send("/since 0")
    # He takes nothing for as long as others need for this, and then all of it.
    for number in range(40):
        ann.send(f"/id m-{number} {number}")
        ann.expect(f"ok m-{number} ")
    lines = block(slow, "since")
    assert [int(line.split()[1]) for line in lines[1:-1]] == list(range(1, len(lines) - 1))
    for number in range(len(lines) - 1, 341):
        assert slow.line().startswith(f"msg {number} ")
