"""A whole evening in nc: somebody who has only a terminal, and types."""

from __future__ import annotations

import re
import shutil
import subprocess
import threading
from collections.abc import Iterator
from queue import Empty, SimpleQueue

import pytest

from tests.servers import SECONDS, Server, TimedOut

pytestmark = pytest.mark.skipif(shutil.which("nc") is None, reason="nc is not installed")

_STAMPED = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ [a-z]+( \S.*)?")


class Terminal:
    """nc in a terminal: lines are typed one by one, and what comes is read as it comes."""

    def __init__(self, server: Server) -> None:
        self.process = subprocess.Popen(
            ["nc", "127.0.0.1", str(server.port)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        self.screen: list[str] = []
        self._lines: SimpleQueue[bytes] = SimpleQueue()
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)

    def types(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(line.encode() + b"\n")
        self.process.stdin.flush()

    def reads(self, pattern: str) -> re.Match[str]:
        """Reads up to a line that is this, TIME left out. Raises TimedOut."""
        while True:
            try:
                line = self._lines.get(timeout=SECONDS).decode("utf-8")
            except Empty:
                raise TimedOut(f"{pattern} did not come; seen last: {self.screen[-8:]}") from None
            assert line.endswith("\n") and _STAMPED.fullmatch(line[:-1]), f"garbled: {line!r}"
            self.screen.append(line[:-1])
            if found := re.fullmatch(pattern, line[:-1].partition(" ")[2]):
                return found

    def asks(self, line: str, *patterns: str) -> list[re.Match[str]]:
        """Types a line and reads its answer."""
        self.types(line)
        return [self.reads(pattern) for pattern in patterns]


@pytest.fixture
def terminal(server: Server) -> Iterator[Terminal]:
    terminal = Terminal(server)
    yield terminal
    if terminal.process.poll() is None:
        terminal.process.kill()
    terminal.process.wait(SECONDS)
    for pipe in (terminal.process.stdin, terminal.process.stdout):
        assert pipe is not None
        pipe.close()


def test_an_evening_in_nc_every_step_is_answered_and_can_be_read(server: Server, terminal: Terminal) -> None:
    bob = server.connect("bob")
    bob.send("/join #games\n/topic Tonight: 田中 plays ♞")
    bob.send("who brings tea? ☕")
    said = int(bob.expect(r"msg (\d+) #games bob: who brings tea")[1])

    terminal.reads(r"welcome chat/1 \S+ epoch=\S+ .*nick=guest-\d+ room=#lobby tls=no")
    terminal.reads(r"note You are (guest-\d+) in #lobby, .*Just type\. .*/help")
    terminal.asks("/rooms", "begin rooms", r"room #games 1 \S+ Tonight: 田中 plays ♞", "end rooms")
    terminal.asks("/join #games", r"join #games guest-\d+", "begin history #games")
    terminal.reads(rf"msg {said} #games bob: who brings tea\? ☕")
    terminal.reads("end history #games")
    terminal.asks(f"/reply {said} I do", rf"msg {said + 1} #games guest-\d+ \^{said}: I do")
    bob.expect(rf"msg {said + 1} #games guest-\d+ \^{said}: I do")
    terminal.asks(f"/react {said} :tada:", rf"react {said + 2} #games guest-\d+ \^{said}: 🎉")
    terminal.asks(f"/react {said} :tada:", rf"unreact {said + 3} #games guest-\d+ \^{said}: 🎉")
    terminal.asks(
        "/search tea", "begin search tea", rf"msg {said} #games bob: who brings tea\? ☕", "end search 1"
    )
    terminal.asks("/search from:bob after:yesterday", "begin search from:bob after:yesterday")
    terminal.reads("end search 2")
    terminal.asks("/serach tea", r"err unknown-command - .*did you mean /search\?.*")
    terminal.asks("/nick zoe a-secret-of-mine", r"nick guest-\d+ zoe")
    bob.send("zoe, are you there?")
    terminal.reads(rf"msg {said + 4} #games bob: zoe, are you there\?")
    terminal.asks("/unread", "begin unread", rf"unread #games 1 1 {said + 4}", "end unread")
    terminal.asks(f"/read #games {said + 4}", rf"unread #games 0 0 {said + 5}")
    terminal.asks("/unread", "begin unread", "end unread")
    terminal.asks("/msg @bob psst, 10 o'clock", rf"msg {said + 5} @bob zoe: psst, 10 o'clock")
    terminal.asks("/time", r"time \w+, \d+ \w+ \d+, .* UTC")
    terminal.asks("/quit see you", "bye quit see you")
    assert bob.expect("part #games zoe (.*)$")[1] == "see you"
    # The server hangs up and nc comes back to the shell by itself; nothing stood behind the bye.
    assert terminal.process.stdin is not None
    terminal.process.stdin.close()
    assert terminal.process.wait(SECONDS) == 0
    assert not [line for line in terminal.screen if " err internal " in line]


def test_who_comes_back_in_nc_is_told_what_he_missed(server: Server, terminal: Terminal) -> None:
    first, bob = server.connect(), server.connect("bob")
    for person, line in ((first, "/nick zoe a-secret-of-mine\n/join #games"), (bob, "/join #games")):
        person.send(line)
        person.expect("end history #games$")
    first.close()
    bob.expect("part #games zoe")
    bob.send("zoe?\n/msg @zoe call me\nanybody?")
    bob.expect("msg 3 ")
    terminal.reads("note You are .*")
    terminal.asks("/nick zoe a-secret-of-mine", r"nick guest-\d+ zoe", "join #games zoe")
    terminal.reads(
        "note 3 unread messages, 2 of them by name or to you alone, since .*; /unread lists them,"
        " /unread #games shows those in #games, /read #games marks them as read"
    )
    terminal.asks("/unread", "begin unread", "unread #games 2 1 1", "unread @bob 1 1 2", "end unread")
    terminal.asks("/unread bob", "begin unread @bob", "unread @bob 1 1 2")
    terminal.reads("msg 2 @zoe bob: call me")
    terminal.reads("end unread @bob")
    terminal.asks("/read bob", "unread @bob 0 0 4")
    terminal.asks("/unread", "begin unread", "unread #games 2 1 1", "end unread")
    terminal.asks("/history bob 1", "begin history @bob", "msg 2 @zoe bob: call me", "end history @bob")
    terminal.asks("/reply 2 right now", r"msg 4 @bob zoe \^2: right now")
    bob.expect(r"msg 4 @bob zoe \^2: right now$")
