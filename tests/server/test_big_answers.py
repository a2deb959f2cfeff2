"""What is sent at once, without waiting for who reads it, stays small whatever people have said."""

from __future__ import annotations

import socket
from dataclasses import replace
from pathlib import Path
from time import monotonic

from chat_server.config import Limits
from tests.server.inside import inside
from tests.servers import Person

LONG = "x" * 3400
CALM = replace(Limits(), lines_per_second=0.0)
SMALL = replace(
    CALM, outbox_bytes=48 * 1024, replay_bytes=8 * 1024, backlog_bytes=8 * 1024, sndbuf_bytes=16 * 1024
)


def size(lines: list[str]) -> int:
    return sum(len(line.encode()) for line in lines)


def until(person: Person, pattern: str) -> list[str]:
    start = len(person.seen)
    person.expect(pattern)
    return person.seen[start:]


def test_a_room_full_of_long_texts_and_their_edits_lets_people_in_with_the_newest_of_them(
    tmp_path: Path,
) -> None:
    with inside(tmp_path, CALM) as server:
        ann = server.connect("ann")
        for number in range(1, 21):
            ann.send(LONG)
            ann.send(f"/edit 1 {number} {LONG}")
        ann.sync()
        ann.send("the newest")
        ann.expect("msg 41 ")
        shown = until(server.person(), "end history #lobby$")
        assert size(shown) < CALM.backlog_bytes + 1000
        assert [line.split(" ")[2] for line in shown[-4:-1]] == ["39", "40", "41"]


def test_who_comes_back_into_many_rooms_is_not_buried_under_what_was_said_in_them(tmp_path: Path) -> None:
    with inside(tmp_path, CALM) as server:
        ann, bob = server.connect(), server.connect("bob")
        ann.send("/nick ann a-secret")
        ann.expect(r"nick \S+ ann$")
        for number in range(16):
            for person in (ann, bob):
                person.send(f"/join #room{number}")
            bob.send("\n".join([LONG] * 5))
            bob.expect(rf"msg {5 * number + 5} #room{number} ")
        ann.sync()
        ann.close()
        bob.expect("part #lobby ann")
        again = server.connect()
        again.send("/nick ann a-secret")
        shown = until(again, "note .* unread|pong")
        assert [line.split(" ")[1:3] for line in shown].count(["end", "history"]) == 16
        assert 40_000 < size(shown) < 4 * CALM.backlog_bytes + 5000


def test_rooms_lists_so_many_the_fullest_first_and_says_how_many_there_are_more(tmp_path: Path) -> None:
    with inside(tmp_path, replace(CALM, rooms_shown=3)) as server:
        ann = server.connect("ann")
        for number in range(5):
            ann.send(f"/join #room{number}\nhello\n/part")
        ann.sync()
        ann.send("/join #full\n/rooms")
        ann.expect("begin rooms$")
        assert [ann.line().split(" ")[1] for _ in range(3)] == ["#full", "#lobby", "#room0"]
        ann.expect("note and 4 more; ")
        ann.expect("end rooms$")


def test_who_reads_slowly_gets_a_long_list_whole_and_is_not_sent_away(tmp_path: Path) -> None:
    with inside(tmp_path, SMALL) as server:
        ann = server.connect("ann")
        for number in range(40):
            ann.send(f"/join #room{number}\n/topic {number} {LONG}\n/part")
        ann.expect("part #room39 ")
        slow = server.person()
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        slow.send("/id a /rooms\n/time\n/id b /rooms")
        ann.send("said meanwhile")
        ann.expect("msg ")
        shown = until(slow, "ok b$")
        kinds = [line.split(" ")[1:3] for line in shown]
        first, last = kinds.index(["begin", "rooms"]), kinds.index(["end", "rooms"])
        assert {kind for kind, _ in kinds[first + 1 : last]} == {"room"} and last - first == 42
        assert [kind for kind, _ in kinds].count("room") == 82
        answers = [" ".join(words) for words in kinds if words[0] in ("end", "ok", "time")]
        assert [answer.split(" ")[0] for answer in answers[1:]] == ["end", "ok", "time", "end", "ok"]
        assert sum("said meanwhile" in line for line in slow.seen) == 1
        slow.send("/time")
        slow.expect("time ")


def test_who_goes_into_many_rooms_in_one_go_is_not_sent_away(tmp_path: Path) -> None:
    with inside(tmp_path, SMALL) as server:
        ann = server.connect("ann")
        for number in range(20):
            ann.send(f"/join #room{number}\n" + "\n".join([LONG] * 2) + "\n/part")
        ann.expect("part #room19 ")
        slow = server.person()
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        slow.send("\n".join(f"/join #room{number}" for number in range(20)))
        looked_at = monotonic() + 0.3
        while monotonic() < looked_at:
            # He reads nothing, for as long as it takes the courier to look who does not.
            ann.sync()
        shown = until(slow, "end history #room19$")
        assert sum(line.endswith(LONG) for line in shown) == 40


def test_who_asks_for_many_middling_answers_in_one_go_gets_them_all(tmp_path: Path) -> None:
    with inside(tmp_path, SMALL) as server:
        ann = server.connect("ann")
        for number in range(60):
            ann.send(f"/join #room{number}\n/topic {number} {'x' * 150}\n/part")
        ann.expect("part #room59 ")
        slow = server.person()
        slow.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024)
        slow.send("/rooms\n" * 30 + "/ping all")
        looked_at = monotonic() + 0.3
        while monotonic() < looked_at:
            ann.sync()
        shown = until(slow, "pong all$")
        assert sum(line.endswith(" end rooms") for line in shown) == 30
