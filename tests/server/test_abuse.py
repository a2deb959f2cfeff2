"""Those who would hurt the room: what they do costs them, and the others do not notice.

Times are compared within one run, the calm and the abused room in turn, so that a busy machine is the same for both.
"""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from time import monotonic

import pytest

from chat_server.config import Limits
from tests.server.crowd import Crowd, assert_at_most_doubles
from tests.server.flooder import FLOODS
from tests.server.inside import inside
from tests.servers import Person, Server, wait_until


def connected(server: Server, *, rcvbuf: int = 0) -> socket.socket:
    """A bare connection, with a small buffer of its own if need be."""
    sock = socket.socket()
    if rcvbuf:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, rcvbuf)
    sock.connect((server.host, server.port))
    sock.settimeout(20)
    return sock


def read_all(sock: socket.socket) -> list[str]:
    """Every line up to the end of the connection, TIME left out."""
    data = b""
    while chunk := sock.recv(1 << 16):
        data += chunk
    assert data.endswith(b"\n")
    return [line.partition(" ")[2] for line in data.decode().splitlines()]


# --- who reads nothing --------------------------------------------------------------------------------------


def test_twenty_of_220_who_never_read_delay_nobody_and_lose_nothing(
    start_server: Callable[..., Server],
) -> None:
    server = start_server("--rate", "0")
    crowd = Crowd(server, 199)
    stalled: list[socket.socket] = []
    text = "x" * 3000

    def calm() -> float:
        return crowd.p99(text, 30)

    def abused() -> float:
        stalled.extend(connected(server, rcvbuf=4096) for _ in range(20))
        # Enough to fill what the kernel keeps for each of them, and then their outboxes.
        return crowd.p99(text, 130)

    try:
        calm()
        memory = server.status("VmRSS")
        assert_at_most_doubles(calm, abused)
        wait_until(
            lambda: sum("a slow reader is dropped" in line for line in server.errors) >= len(stalled),
            "that all of them are given up",
        )
        # 20 outboxes of 256 KiB, and what Python keeps besides; each round's are gone before the next.
        assert server.status("VmRSS") - memory < 32 * 1024
        last = crowd.said
        for sock in stalled[:20]:
            lines = read_all(sock)
            assert lines[-1].startswith("bye slow-reader ")
            assert all(line.endswith("»") for line in lines if line.startswith("msg "))
            seen = [int(line.split()[1]) for line in lines if line.startswith("msg ")]
            assert seen == list(range(seen[0], seen[0] + len(seen)))
        back = server.connect()
        while seen[-1] < last:
            back.send(f"/since {seen[-1]}")
            back.expect("begin since ")
            while not (line := back.line()).startswith("end since"):
                seen.append(int(line.split()[1]))
        assert seen == list(range(seen[0], last + 1))
    finally:
        crowd.close()
        for sock in stalled:
            sock.close()


# --- who sends as fast as he can ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def calm_room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Server, Crowd]]:
    """A server with its usual limits, and a hundred people who say one line now and then."""
    server = Server(tmp_path_factory.mktemp("calm") / "data", "--log-level", "error")
    crowd = Crowd(server, 100)
    yield server, crowd
    crowd.close()
    server.close()


@pytest.mark.parametrize("kind", FLOODS)
def test_a_flood_from_one_does_not_delay_the_others(calm_room: tuple[Server, Crowd], kind: str) -> None:
    """An endless row of empty lines was for free, and made a line of the others wait for 3.5 seconds."""
    server, crowd = calm_room

    def abused() -> float:
        command = [sys.executable, "-m", "tests.server.flooder", str(server.port), kind]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as flooder:
            try:
                assert flooder.stdout is not None and flooder.stdout.readline() == "ready\n"
                # What everybody may do at once is over soon; it is the flood that is measured.
                threading.Event().wait(0.4)
                return crowd.p99("hello", 40, pause=0.01)
            finally:
                flooder.kill()

    assert_at_most_doubles(lambda: crowd.p99("hello", 40, pause=0.01), abused)


def test_who_floods_is_slowed_then_refused_then_told_bye_and_all_of_it_reaches_him(tmp_path: Path) -> None:
    limits = Limits(lines_per_second=50.0, delay_seconds=0.3, flood_seconds=0.8)
    with inside(tmp_path, limits) as server:
        ann, bob = server.connect("ann"), server.connect("bob")
        # More than is read before he is sent away: to close over it would be a reset, which can overtake the bye.
        sending = threading.Thread(target=send_quietly, args=(bob.sock, b"/id flood hello\n" * 60_000))
        sending.start()
        fates = [line.split()[0:2] for line in bob.rest() if line.startswith(("ok", "err", "bye"))]
        sending.join()
        assert list(dict.fromkeys(map(tuple, fates))) == [
            ("ok", "flood"),
            ("err", "slow-down"),
            ("bye", "flood"),
        ]
        ann.expect(r"part #lobby bob flood$")
        assert len([line for line in ann.seen if ": hello" in line]) == 1


def test_nothing_comes_behind_a_bye(tmp_path: Path) -> None:
    """What readers answer themselves was answered also behind a /quit, and could come behind its bye."""
    with inside(tmp_path, Limits()) as server:
        asked: list[object] = []
        server._doorway.answers["history"] = lambda session, line: asked.append(line)  # type: ignore[index]
        for number in range(10):
            bob = server.connect()
            bob.send_bytes(b"/history\n/quit\n/history\n/ping\nhello\n/history\n/nick x secret\n")
            assert bob.rest() == ["bye quit See you"]
            assert len(asked) == number + 1


def test_a_fault_in_what_a_reader_answers_is_an_error_of_that_line_only(tmp_path: Path) -> None:
    with inside(tmp_path, Limits()) as server:

        def broken(session: object, line: object) -> None:
            raise ZeroDivisionError

        server._doorway.answers["history"] = broken  # type: ignore[index]
        ann = server.connect("ann")
        ann.send_bytes(b"/id h-1 /history\nhello\n")
        assert ann.expect("err internal h-1 Something broke")
        ann.expect("msg 1 #lobby ann: hello$")


# --- who does nothing, or nearly ----------------------------------------------------------------------------


def test_a_thousand_connections_that_say_nothing_are_borne_and_leave_nothing_behind(
    start_server: Callable[..., Server],
) -> None:
    server = start_server("--log-level", "error")
    crowd = Crowd(server, 20)
    threads, files = server.status("Threads"), server.descriptors()
    memory = server.status("VmRSS")
    silent: list[socket.socket] = []

    def all_leave() -> None:
        while silent:
            silent.pop().close()
        wait_until(lambda: server.status("Threads") == threads, "the threads of who left")

    def calm() -> float:
        all_leave()
        return crowd.p99("hello", 40, pause=0.01)

    def abused() -> float:
        while len(silent) < 1000:
            silent.append(connected(server, rcvbuf=4096))
        wait_until(lambda: server.status("Threads") == threads + 1000, "that all are in")
        return crowd.p99("hello", 40, pause=0.01)

    try:
        # They are in the room, and so have to be sent everything that is said; in another one they cost nothing.
        crowd.move("#elsewhere")
        assert_at_most_doubles(calm, abused)
        assert server.status("VmRSS") - memory < 1000 * 64
        all_leave()
        wait_until(lambda: server.descriptors() == files, "the descriptors of who left")
    finally:
        crowd.close()
        for sock in silent:
            sock.close()


def test_a_line_that_comes_byte_by_byte_over_long_is_a_line_and_holds_up_nobody(server: Server) -> None:
    slow, ann = server.connect("slow"), server.connect("ann")
    for number, byte in enumerate("häppy ✓".encode()):
        # He takes his time: ann's whole line goes between any two of his bytes.
        slow.send_bytes(bytes([byte]))
        ann.send(f"n{number}")
        ann.expect(rf"msg \d+ #lobby ann: n{number}$")
    slow.send_bytes(b"\n")
    ann.expect(r"msg \d+ #lobby slow: häppy ✓$")


def test_who_ends_his_side_and_takes_nothing_is_gone_after_two_seconds(server: Server) -> None:
    ann = server.connect("ann")
    files = server.descriptors()
    with connected(server, rcvbuf=4096) as sock:
        sock.sendall(b"/nick half\nunfinished")
        ann.expect("nick guest-[0-9]+ half$")
        # More than the kernel keeps for him, less than makes him slow at once.
        for number in range(100):
            ann.send(f"/id n-{number} {'x' * 3000}")
            ann.expect(f"ok n-{number} ")
        sock.shutdown(socket.SHUT_WR)
        ann.expect("part #lobby half$")
        assert server.descriptors() == files + 1, "what is left may still be flushed"
        wait_until(lambda: server.descriptors() == files, "his descriptor", 8)
    assert ann.sync() == []


def test_who_asks_for_much_and_takes_nothing_of_it_is_given_up(tmp_path: Path) -> None:
    """A replay never makes a reader count as behind; so who took nothing at all of it was waited for without end."""
    with inside(tmp_path, Limits(lines_per_second=0.0, behind_seconds=0.5)) as server:
        ann = server.connect("ann")
        for number in range(300):
            ann.send(f"/id n-{number} {'x' * 3000}")
            ann.expect(f"ok n-{number} ")
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.connect(("127.0.0.1", server.port))
            sock.settimeout(20)
            sock.sendall(b"/nick lazy\n/since 0\n")
            ann.expect("nick guest-[0-9]+ lazy$")
            ann.expect("part #lobby lazy slow-reader$", seconds=10)
            assert read_all(sock)[-1].startswith("bye slow-reader ")


def test_who_takes_a_replay_slowly_is_waited_for(tmp_path: Path) -> None:
    with inside(tmp_path, Limits(lines_per_second=0.0, behind_seconds=0.5)) as server:
        ann = server.connect("ann")
        for number in range(300):
            ann.send(f"/id n-{number} {'x' * 3000}")
            ann.expect(f"ok n-{number} ")
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            sock.connect(("127.0.0.1", server.port))
            sock.settimeout(20)
            sock.sendall(b"/since 0\n/quit\n")
            data = b""
            started = monotonic()
            while chunk := sock.recv(20_000):
                data += chunk
                # For longer in all than he may take nothing.
                threading.Event().wait(0.01 if monotonic() - started < 1.5 else 0.0)
        lines = data.decode().splitlines()
        assert lines[-1].partition(" ")[2] == "bye quit See you"
        begin = next(n for n, line in enumerate(lines) if line.endswith("begin since 0"))
        assert [line.split()[2] for line in lines[begin + 1 : -2]] == [str(n) for n in range(1, 301)]


# --- no more room -------------------------------------------------------------------------------------------


def test_without_a_descriptor_a_newcomer_is_told_and_those_who_are_in_talk_on(
    start_server: Callable[..., Server],
) -> None:
    """They were left waiting in the queue of the listening socket, without a word."""
    server = start_server("--rate", "0")
    ann = server.connect("ann")
    resource.prlimit(server.process.pid, resource.RLIMIT_NOFILE, (server.descriptors() + 10,) * 2)
    people: list[Person] = []
    refused: list[list[str]] = []
    for _ in range(30):
        person = Person(server.port)
        server.people.append(person)
        if person.line().startswith("bye full "):
            refused.append(person.rest())
        else:
            people.append(person)
    assert len(people) in (9, 10, 11) and refused == [[]] * (30 - len(people))
    ann.send("still here")
    for person in (ann, *people):
        person.expect(r"msg 1 #lobby ann: still here$")
    for person in people[:5]:
        person.close()
        ann.expect("part ")

    def is_let_in() -> bool:
        person = Person(server.port)
        server.people.append(person)
        return person.line().startswith("welcome ")

    for _ in range(5):
        # The descriptor is given back a moment after the others read of it.
        wait_until(is_let_in, "a place")


def test_without_a_thread_a_newcomer_is_told_and_leaves_no_trace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with inside(tmp_path, Limits(clients=3)) as server:
        ann = server.connect("ann")
        start = threading.Thread.start

        def fail(thread: threading.Thread) -> None:
            if thread.name == "reader":
                raise RuntimeError("can't start new thread")
            start(thread)

        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", fail)
            for _ in range(10):
                assert server.person().rest() == [
                    "bye full This server has no room for another client; try again later"
                ]
        server.connect("bob")
        ann.expect("nick guest-[0-9]+ bob$")


def test_who_has_spoken_before_he_is_turned_away_still_reads_why(start_server: Callable[..., Server]) -> None:
    server = start_server("--max-clients", "1")
    server.connect()
    for _ in range(20):
        with connected(server) as sock:
            sock.sendall(b"hello\n" * 100)
            assert read_all(sock)[0].startswith("bye full This server is full")


def send_quietly(sock: socket.socket, data: bytes) -> None:
    """Sends as much as the other side takes before it hangs up."""
    with suppress(OSError):
        sock.sendall(data)


@pytest.mark.parametrize(
    ("first", "why"),
    [
        (b"\x16\x03\x01\x02\x00\x01\n#*( said by nobody\n", "That is TLS"),
        (b"POST /x HTTP/1.1\r\nHost: localhost\r\n\r\nsaid by a page\n", "That is HTTP"),
        (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nsaid by a page\n", "That is HTTP"),
    ],
)
def test_what_is_another_protocol_is_sent_away_and_none_of_it_is_said(
    server: Server, first: bytes, why: str
) -> None:
    ann, other = server.connect("ann"), server.connect()
    other.send_bytes(first)
    assert other.rest()[-1].startswith(f"bye bad-client {why}")
    ann.send("still calm here")
    ann.expect("msg 1 #lobby ann: still calm here$")
