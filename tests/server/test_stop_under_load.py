"""Stopping while much is going on: nobody is kept waiting, and nothing that was acknowledged is lost."""

from __future__ import annotations

import signal
import socket
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from time import monotonic

import pytest

from chat_server.log import Draft
from chat_server.log.folder import DATABASE
from chat_server.log.sqlite import SqliteLog
from tests.servers import Person, Server, wait_until


class Talker(threading.Thread):
    """Says labelled lines, 16 at a time, and asks for everything between them, until the connection ends."""

    def __init__(self, server: Server, name: str) -> None:
        super().__init__(daemon=True)
        self._person = server.connect(name)
        self._name = name
        self.acknowledged: dict[str, int] = {}
        self.heard: list[int] = []
        self.last = ""

    def run(self) -> None:
        said = 0
        try:
            while True:
                lines = [f"/id {self._name}-{said + n} {self._name} says {said + n}\n" for n in range(16)]
                said += 16
                self._person.send_bytes("".join([*lines, "/since 0\n"]).encode())
                while not (line := self._line()).startswith("end since"):
                    if line.startswith("ok "):
                        _, label, id = line.split()
                        self.acknowledged[label] = int(id)
        except (EOFError, OSError):
            # What came before the end is still to be read when a send fails.
            try:
                while True:
                    self._line()
            except (EOFError, OSError):
                pass

    def _line(self) -> str:
        self.last = self._person.line()
        return self.last


def stored(server: Server) -> dict[str, int]:
    """Text and id of every entry, from the disk."""
    with closing(sqlite3.connect(f"file:{server.data / DATABASE}?mode=ro", uri=True)) as conn:
        return dict(conn.execute("SELECT text, id FROM entry").fetchall())


@pytest.mark.parametrize("seed", range(3))
def test_a_stop_amid_talk_and_replays_says_bye_to_all_and_loses_nothing(
    start_server: Callable[..., Server], seed: int
) -> None:
    server = start_server("--rate", "0", "--log-level", "warning")
    talkers = [Talker(server, f"t{name}") for name in "abcdef"]
    for talker in talkers:
        talker.start()
    wait_until(lambda: sum(len(t.acknowledged) for t in talkers) > 100 * (1 + seed), "talk")
    started = monotonic()
    assert server.stop() == 0
    assert monotonic() - started < 8.0
    for talker in talkers:
        talker.join(10)
        assert not talker.is_alive()
        assert talker.last.startswith("bye shutdown "), talker.last
    there = stored(server)
    for talker in talkers:
        for label, id in talker.acknowledged.items():
            assert there[label.replace("-", " says ")] == id
    assert server.errors == []


def test_the_log_is_not_closed_under_somebody_who_reads_it(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    log.append([Draft(1000, "msg", "#lobby", "ann", "hello", "p1")])
    is_reading, read = threading.Event(), []

    def look() -> None:
        with log._snapshot() as conn:
            is_reading.set()
            # As long as somebody else needs to begin to close it.
            threading.Event().wait(0.2)
            read.extend(conn.execute("SELECT text FROM entry").fetchall())

    reader = threading.Thread(target=look)
    reader.start()
    is_reading.wait(10)
    log.close()
    reader.join(10)
    assert read == [("hello",)]


def never_reads(server: Server) -> socket.socket:
    """Somebody for whom more waits than the kernel keeps, and who takes nothing of it."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect((server.host, server.port))
    ann = server.connect("ann")
    for number in range(100):
        ann.send(f"/id n-{number} {number} {'x' * 3000}")
        ann.expect(f"ok n-{number} {number + 1}$")
    return sock


def test_a_stop_does_not_wait_longer_than_five_seconds_for_who_takes_nothing(server: Server) -> None:
    with never_reads(server):
        started = monotonic()
        assert server.stop() == 0
        assert 2.5 < monotonic() - started < 9.0


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_second_signal_ends_a_stop_that_takes_its_time(server: Server, number: signal.Signals) -> None:
    with never_reads(server):
        bob = server.connect("bob")
        server.process.send_signal(signal.SIGTERM)
        bob.expect("bye shutdown ")
        started = monotonic()
        server.process.send_signal(number)
        assert server.process.wait(20) == 128 + number
        assert monotonic() - started < 4.0
    assert len(stored(server)) == 100
    assert not [line for line in server.errors if "Traceback" in line]
    server.restart()
    server.connect("carl").send("on we go")
    server.people[-1].expect("msg 101 ")


@pytest.mark.parametrize("attempt", range(3))
def test_those_who_never_got_as_far_as_a_welcome_do_not_hold_up_a_stop(
    start_server: Callable[..., Server], attempt: int
) -> None:
    """A signal while the first clients came was noticed only with the next one, about every fifth time."""
    server = start_server("--tls", "--log-level", "warning")
    with (
        socket.create_connection((server.host, server.port)) as in_handshake,
        socket.create_connection((server.host, server.port)) as in_a_line,
    ):
        in_handshake.sendall(b"\x16\x03\x01")
        in_a_line.sendall(b"half a li")
        people = [Person(server.port) for _ in range(20)]
        server.people += people
        started = monotonic()
        assert server.stop() == 0
        assert monotonic() - started < 6.0
    assert server.errors == []


def test_a_signal_at_any_moment_of_the_start_ends_it_without_a_word_of_complaint(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "chat_server",
        "--port",
        "0",
        "--host",
        "127.0.0.1",
        "--data",
        str(tmp_path),
    ]
    command += ["--no-tls", "--log-level", "warning"]
    started = monotonic()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stdout.readline()
        seconds = monotonic() - started
        process.terminate()
        assert process.wait(20) == 0
    for part in range(1, 9):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
            threading.Event().wait(seconds * part / 8)
            process.terminate()
            # Before it has looked for signals, a signal ends any process.
            _, errors = process.communicate(timeout=20)
            assert process.returncode in (0, -signal.SIGTERM)
            assert errors == b""
    server = Server(tmp_path)
    server.connect("ann")
    server.close()
