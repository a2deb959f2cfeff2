"""Rates and caps, with a clock of the test's own."""

from __future__ import annotations

import socket
import sys
import threading
from collections import Counter

import pytest

from chat_server.config import Limits
from chat_server.limits import Bucket, Door, Pace, is_loopback, network_of
from chat_server.transport import prepare


class Clock:
    """Stands still until the test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


# --- pace -------------------------------------------------------------------------------------------------


def test_a_burst_is_free_and_then_each_line_waits_its_turn(clock: Clock) -> None:
    bucket = Bucket(2.0, 3, clock)
    assert [bucket.take() for _ in range(5)] == [0, 0, 0, 0.5, 1.0]
    clock.now += 1.0
    assert bucket.take() == 0.5
    clock.now += 60.0
    assert [bucket.take() for _ in range(4)] == [0, 0, 0, 0.5]


def test_a_rate_of_nothing_is_no_limit(clock: Clock) -> None:
    pace = Pace(Limits(lines_per_second=0.0), clock)
    assert all(pace.judge(is_ask).fate == "take" for _ in range(1000) for is_ask in (True, False))


def fates_of_a_flood(pace: Pace, clock: Clock, seconds: float, asks_between: int = 0) -> list[str]:
    """What becomes of the lines of somebody who says the next one as soon as the last was ruled on."""
    fates: list[str] = []
    ends_at = clock.now + seconds
    while clock.now < ends_at and "flood" not in fates:
        for _ in range(asks_between):
            assert pace.judge(is_ask=True).fate == "take"
        ruling = pace.judge(is_ask=False)
        clock.now += ruling.wait
        fates.append(ruling.fate)
    return fates


def test_who_is_too_fast_is_delayed_then_refused_then_sent_away(clock: Clock) -> None:
    limits = Limits()
    fates = fates_of_a_flood(Pace(limits, clock), clock, 100.0)
    assert list(dict.fromkeys(fates)) == ["take", "refuse", "flood"]
    count = Counter(fates)
    assert count["take"] == limits.burst_lines + limits.delay_seconds * limits.lines_per_second
    assert count["refuse"] == (limits.flood_seconds - limits.delay_seconds) * limits.lines_per_second
    assert clock.now == pytest.approx(1000.0 + limits.flood_seconds)


def test_questions_between_its_lines_do_not_make_a_flood_many_small_ones(clock: Clock) -> None:
    fates = fates_of_a_flood(Pace(Limits(), clock), clock, 100.0, asks_between=1)
    assert list(dict.fromkeys(fates)) == ["take", "refuse", "flood"]


def test_who_pauses_after_being_too_fast_is_taken_again(clock: Clock) -> None:
    pace = Pace(Limits(), clock)
    fates_of_a_flood(pace, clock, 30.0)
    assert pace.judge(is_ask=False).fate == "refuse"
    clock.now += 5.0
    assert pace.judge(is_ask=False).fate == "take"
    fates = fates_of_a_flood(pace, clock, 9.0)
    assert set(fates) == {"take"}


def test_bytes_that_end_no_line_cost_time_only_when_there_are_very_many(clock: Clock) -> None:
    limits = Limits()
    pace = Pace(limits, clock)
    assert not any(pace.judge_scrap() for _ in range(limits.burst_scraps))
    started = clock.now
    for _ in range(1000):
        clock.now += pace.judge_scrap()
    assert clock.now - started == pytest.approx(1000 / limits.scraps_per_second)
    assert pace.judge(is_ask=False).wait == pace.judge(is_ask=True).wait == 0.0
    assert not any(Pace(Limits(lines_per_second=0.0), clock).judge_scrap() for _ in range(10_000))


def test_who_talks_too_fast_may_still_ask(clock: Clock) -> None:
    pace = Pace(Limits(), clock)
    fates_of_a_flood(pace, clock, 30.0)
    assert pace.judge(is_ask=True).wait == 0.0


# --- the door ---------------------------------------------------------------------------------------------


def test_an_address_is_ipv4_or_a_64_of_ipv6() -> None:
    assert network_of("192.0.2.7") == network_of("::ffff:192.0.2.7") == "192.0.2.7"
    assert network_of("2001:db8:1:2:3::4") == network_of("2001:db8:1:2::9") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::4") != network_of("2001:db8:1:2::4")
    assert network_of("fe80::1%eth0") == "fe80::/64"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_is_not_counted_by_address(address: str, clock: Clock) -> None:
    assert is_loopback(address)
    door = Door(Limits(clients_per_address=1, new_per_address=1), clock)
    assert [door.enter(address) for _ in range(50)] == [None] * 50


def test_an_address_has_so_many_connections_and_gets_one_back_when_one_ends(clock: Clock) -> None:
    door = Door(Limits(clients_per_address=3), clock)
    assert [door.enter("192.0.2.1") for _ in range(3)] == [None] * 3
    assert "already 3 connections from your address" in (door.enter("192.0.2.1") or "")
    assert door.enter("192.0.2.2") is None
    door.leave("192.0.2.1")
    assert door.enter("192.0.2.1") is None
    assert door.enter("192.0.2.1") is not None
    assert door.count == 4


def test_the_addresses_of_one_ipv6_network_count_as_one(clock: Clock) -> None:
    door = Door(Limits(clients_per_address=2), clock)
    assert [door.enter(f"2001:db8::{n}") for n in range(3)][:2] == [None, None]
    assert door.enter("2001:db8::99") is not None
    assert door.enter("2001:db8:0:1::99") is None


def test_who_connects_again_and_again_waits(clock: Clock) -> None:
    limits = Limits(new_per_address=5, new_seconds=600.0)
    door = Door(limits, clock)
    for _ in range(5):
        assert door.enter("192.0.2.1") is None
        door.leave("192.0.2.1")
        clock.now += 10.0
    assert "wait up to 10 minutes" in (door.enter("192.0.2.1") or "")
    assert door.enter("192.0.2.2") is None
    clock.now += 549.0
    assert door.enter("192.0.2.1") is not None
    clock.now += 1.0
    assert door.enter("192.0.2.1") is None
    assert door.enter("192.0.2.1") is not None


def test_the_house_has_so_many_places_for_all(clock: Clock) -> None:
    door = Door(Limits(clients=2), clock)
    assert door.enter("192.0.2.1") is None and door.enter("127.0.0.1") is None
    assert "full" in (door.enter("192.0.2.3") or "")
    assert "full" in (door.enter("127.0.0.1") or "")
    door.leave("127.0.0.1")
    assert door.enter("192.0.2.3") is None


def test_nothing_is_a_limit_of_no_limit(clock: Clock) -> None:
    door = Door(Limits(clients=0, clients_per_address=0), clock)
    assert [door.enter("192.0.2.1") for _ in range(100)] == [None] * 100
    for _ in range(100):
        door.leave("192.0.2.1")
    assert door.count == 0


def test_a_walk_through_very_many_addresses_fills_no_memory(clock: Clock) -> None:
    """With more than 4,096 networks of late all were kept, and each further one made the door go through all."""
    door = Door(Limits(clients=0, networks=5_000), clock)
    for number in range(12_000):
        assert door.enter(f"2001:db8:0:{number:x}::1") is None
        door.leave(f"2001:db8:0:{number:x}::1")
        clock.now += 0.001
    assert len(door._new._times) == 5_000
    clock.now += 10_000.0
    assert door.enter("192.0.2.1") is None
    assert len(door._new._times) == 1


def test_who_leaves_while_somebody_of_his_address_comes_is_counted_out(clock: Clock) -> None:
    """The one who came wrote back the count that he had read before the other one left."""
    door: Door
    threads: list[threading.Thread] = []

    def tick() -> float:
        if threads and threads[0].ident is None:
            threads[0].start()
            # Long enough to leave, if nothing kept him from it just now.
            threads[0].join(0.1)
        return 1000.0

    door = Door(Limits(clients_per_address=2), tick)
    assert door.enter("192.0.2.1") is None
    threads.append(threading.Thread(target=door.leave, args=("192.0.2.1",)))
    assert door.enter("192.0.2.1") is None
    threads[0].join(10)
    assert door.count == 1
    assert door.enter("192.0.2.1") is None
    assert door.enter("192.0.2.1") is not None


# --- a socket ---------------------------------------------------------------------------------------------


def test_a_dead_peer_is_found_by_the_kernel_and_a_slow_one_cannot_hide_much() -> None:
    limits = Limits()
    with (
        socket.create_server(("127.0.0.1", 0)) as listener,
        socket.create_connection(listener.getsockname()) as peer,
    ):
        sock, _ = listener.accept()
        with sock:
            prepare(sock, limits)

            def option(level: int, name: int) -> int:
                return sock.getsockopt(level, name)

            assert option(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
            assert option(socket.IPPROTO_TCP, socket.TCP_NODELAY) == 1
            if sys.platform == "linux":
                assert option(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == limits.keepalive_seconds
                assert option(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL) == limits.keepalive_pause_seconds
                assert option(socket.IPPROTO_TCP, socket.TCP_KEEPCNT) == limits.keepalive_times
                assert (
                    option(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == limits.user_timeout_seconds * 1000
                )
                # Linux doubles what is asked for.
                assert option(socket.SOL_SOCKET, socket.SO_SNDBUF) == limits.sndbuf_bytes * 2
            # A timeout would make send(…, MSG_DONTWAIT) wait.
            assert sock.gettimeout() is None
            peer.sendall(b"x")
            assert sock.recv(1) == b"x"


def test_many_threads_ask_for_the_processor_less_often_each(clock: Clock) -> None:
    usual = sys.getswitchinterval()
    door = Door(Limits(clients=0), clock)
    try:
        for _ in range(120):
            door.enter("127.0.0.1")
        assert sys.getswitchinterval() == usual
        for _ in range(9_880):
            door.enter("127.0.0.1")
        assert sys.getswitchinterval() == pytest.approx(0.4, rel=0.05)
        for _ in range(9_990):
            door.leave("127.0.0.1")
        assert sys.getswitchinterval() == pytest.approx(0.4, rel=0.05)
        clock.now += 2
        door.enter("127.0.0.1")
        assert sys.getswitchinterval() == pytest.approx(usual)
    finally:
        sys.setswitchinterval(usual)
