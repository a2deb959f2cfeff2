"""Retention: what is older than the server keeps goes, and everybody is told what is missing."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from chat_server.config import Limits
from chat_server.keeping import Keeper, parse_keep
from chat_server.log import Draft, Reader, StorageFull
from chat_server.log.folder import DATABASE
from chat_server.log.sqlite import SqliteLog
from tests.server.inside import inside
from tests.servers import Person, Server, wait_until

DAY = 86_400


@pytest.mark.parametrize(("text", "seconds"), [("90d", 90 * DAY), ("12h", DAY / 2), ("forever", None)])
def test_how_long_is_said_in_days_or_hours(text: str, seconds: float | None) -> None:
    assert parse_keep(text) == seconds


@pytest.mark.parametrize("text", ["", "90", "0d", "-1d", "1w", "d", "1.5d", "for ever", "٣d", "9999999d"])
def test_what_is_no_length_of_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(ValueError, match="90d"):
        parse_keep(text)


def make_older(data: Path, upto: int, days: int) -> None:
    """Has entries been said so many days earlier, in a stopped server's log."""
    with closing(sqlite3.connect(data / DATABASE)) as conn, conn:
        conn.execute("UPDATE entry SET at = at - ? WHERE id <= ?", (days * DAY, upto))
        conn.execute("UPDATE label SET at = at - ? WHERE id <= ?", (days * DAY, upto))


def block(person: Person, question: str) -> list[str]:
    """The lines of an answer between begin and end, and what is behind `end`."""
    person.send(question)
    what = question.split()[0].removeprefix("/")
    person.expect(f"begin {what} ")
    lines = []
    while not (line := person.line()).startswith("end "):
        lines.append(line)
    return [*lines, line.partition(" ")[2]]


def ten_old_and_five_new(start_server: Callable[..., Server]) -> Server:
    """A server that keeps a day, with entries 1 to 10 two days old and 11 to 15 of now."""
    server = start_server("--rate", "0")
    ann = server.connect()
    ann.send("/nick ann her-secret")
    ann.expect("nick guest-1 ann")
    for number in range(1, 16):
        ann.send(f"/id l-{number} n{number}")
        ann.expect(f"ok l-{number} {number}$")
    server.stop()
    make_older(server.data, 10, 2)
    server.restart("--rate", "0", "--keep", "1d")
    wait_until(lambda: any("10 old messages were removed" in line for line in server.errors), "the removal")
    return server


def test_what_is_too_old_is_gone_and_the_gap_is_told(start_server: Callable[..., Server]) -> None:
    server = ten_old_and_five_new(start_server)
    bob = server.connect("bob")
    new = [f"msg {number} #lobby ann: n{number}" for number in range(11, 16)]
    assert block(bob, "/since 0") == ["gap 1 10", *new, "since 15"]
    assert block(bob, "/since 4") == ["gap 5 10", *new, "since 15"]
    assert block(bob, "/since 12") == [*new[2:], "since 15"]
    assert block(bob, "/history") == ["gap 1 10", *new, "history #lobby"]
    assert block(bob, "/history 3 13") == ["gap 1 10", *new[:2], "history #lobby"]
    assert block(bob, "/history 3 8") == ["gap 1 7", "history #lobby"]
    assert block(bob, "/history 2") == [*new[3:], "history #lobby more"]


def test_ids_go_on_and_a_line_that_was_removed_is_not_said_again(start_server: Callable[..., Server]) -> None:
    server = ten_old_and_five_new(start_server)
    ann, bob = server.connect(), server.connect("bob")
    ann.send("/nick ann her-secret")
    ann.expect("nick guest-1 ann")
    ann.send("/id l-3 n3")
    ann.expect("ok l-3 3$")
    ann.send("/id l-16 n16")
    ann.expect("ok l-16 16$")
    assert bob.expect(r"msg (\d+)")[1] == "16"
    ann.send("/reply 3 what was that?")
    ann.expect("err no-such-id - ")


def test_when_all_is_gone_ids_still_go_on(start_server: Callable[..., Server]) -> None:
    server = ten_old_and_five_new(start_server)
    server.stop()
    make_older(server.data, 15, 2)
    server.restart("--rate", "0", "--keep", "1d")
    wait_until(lambda: any("5 old messages were removed" in line for line in server.errors), "the removal")
    bob = server.connect("bob")
    assert "last=15" in bob.seen[0]
    assert block(bob, "/since 0") == ["gap 1 15", "since 15"]
    bob.send("on we go")
    bob.expect("msg 16 #lobby bob: on we go$")


def test_kept_for_ever_is_kept(start_server: Callable[..., Server]) -> None:
    server = start_server("--rate", "0")
    ann = server.connect("ann")
    ann.send("/id l-1 long ago")
    ann.expect("ok l-1 1$")
    server.stop()
    make_older(server.data, 1, 20_000)
    server.restart()
    assert block(server.connect("bob"), "/since 0") == ["msg 1 #lobby ann: long ago", "since 1"]


def test_who_joins_is_not_shown_what_was_removed_while_the_server_ran(tmp_path: Path) -> None:
    """The last twenty were shown out of the hub's memory as long as nobody said anything new."""
    limits = Limits(keep_look_seconds=0.05)
    with inside(tmp_path, limits, keep_seconds=1.0) as server:
        ann = server.connect("ann")
        ann.send("forget me")
        ann.expect("msg 1 #lobby ann: forget me$")
        assert any("forget me" in line for line in server.connect("bob").seen)
        wait_until(lambda: server._messages.position().oldest == 0, "the removal")
        ann.send("/ping")
        ann.expect("pong")
        carl = server.connect("carl")
        assert not any("forget me" in line for line in carl.seen)
        carl.send("keep me a little")
        carl.expect("msg 2 #lobby carl: keep me a little$")


def test_much_is_removed_in_small_pieces_and_what_is_said_meanwhile_goes_first(tmp_path: Path) -> None:
    limits = Limits(keep_piece_entries=10, keep_pause_seconds=0.001)
    log = SqliteLog(tmp_path)
    try:
        log.append([Draft(1000, "msg", "#lobby", "ann", f"n{n}", "p1") for n in range(95)])
        log.append([Draft(9000, "msg", "#lobby", "ann", "new", "p1")])
        told: list[int] = []

        def forgotten(id: int) -> None:
            told.append(id)
            log.append([Draft(9000, "msg", "#lobby", "ann", "meanwhile", "p1")])

        keeper = Keeper(log, 3000.0, limits, lambda: 8000.0, forgotten)
        assert keeper.clear(threading.Event()) == 95
        assert told == [11, 21, 31, 41, 51, 61, 71, 81, 91, 96]
        page = log.after(0, Reader("p1", frozenset({"#lobby"})), 100)
        assert [entry.text for entry in page.entries] == ["new", *["meanwhile"] * 10]
        assert keeper.clear(threading.Event()) == 0
    finally:
        log.close()


def test_a_full_disk_only_puts_the_removal_off(tmp_path: Path) -> None:
    class Full(SqliteLog):
        def forget_before(self, at: int, limit: int) -> int:
            raise StorageFull("no room")

    log = Full(tmp_path)
    try:
        assert Keeper(log, 1.0, Limits(), lambda: 8000.0).clear(threading.Event()) == 0
    finally:
        log.close()
