"""A real server process on a free port, and people who talk to it over real sockets."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from time import monotonic, sleep

SECONDS = 20.0
"""How long a test waits for something that should happen at once; only a failing test waits so long."""


class TimedOut(AssertionError):
    """What was waited for did not come."""


def wait_until(is_so: Callable[[], object], what: str = "the condition", seconds: float = SECONDS) -> None:
    """Returns as soon as the condition holds. Raises TimedOut."""
    ends_at = monotonic() + seconds
    while not is_so():
        if monotonic() > ends_at:
            raise TimedOut(f"{what} did not come true within {seconds} s")
        sleep(0.005)


class Person:
    """Somebody with a plain socket: what a person in nc sees, line by line."""

    def __init__(self, port: int, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> None:
        self.sock = socket.create_connection((host, port), timeout=SECONDS)
        if tls is not None:
            self.sock = tls.wrap_socket(self.sock)
        self._tail = b""
        self.seen: list[str] = []
        """Every line that was read, its TIME included."""

    def send(self, line: str) -> None:
        """Types one line."""
        self.send_bytes(line.encode() + b"\n")

    def send_bytes(self, data: bytes) -> None:
        """Sends bytes as they are."""
        self.sock.sendall(data)

    def line(self, seconds: float = SECONDS) -> str:
        """The next line, without TIME. EOFError at the end of the connection."""
        ends_at = monotonic() + seconds
        while b"\n" not in self._tail:
            self.sock.settimeout(max(0.001, ends_at - monotonic()))
            try:
                chunk = self.sock.recv(65536)
            except TimeoutError:
                raise TimedOut(f"no line came; seen last: {self.last_seen()}") from None
            except ConnectionError:
                chunk = b""
            if not chunk:
                raise EOFError(f"the connection ended; seen last: {self.last_seen()}")
            self._tail += chunk
        raw, _, self._tail = self._tail.partition(b"\n")
        line = raw.decode()
        self.seen.append(line)
        return line.partition(" ")[2]

    def expect(self, pattern: str, seconds: float = SECONDS) -> re.Match[str]:
        """Reads lines up to one that the pattern matches from its start (TIME left out)."""
        ends_at = monotonic() + seconds
        while True:
            found = re.match(pattern, self.line(max(0.001, ends_at - monotonic())))
            if found:
                return found

    def last_seen(self) -> list[str]:
        """The last lines, cut, for the message of a failing test."""
        return [line[:120] for line in self.seen[-12:]]

    def sync(self) -> list[str]:
        """Everything that came until the server has done all that was sent so far, TIME left out."""
        token = f"t{os.urandom(4).hex()}"
        start = len(self.seen)
        self.send(f"/ping {token}")
        self.expect(f"pong {token}$")
        return [line.partition(" ")[2] for line in self.seen[start:-1]]

    def rest(self) -> list[str]:
        """Everything up to the end of the connection, TIME left out."""
        lines = []
        try:
            while True:
                lines.append(self.line())
        except EOFError:
            return lines

    def close(self) -> None:
        """Hangs up."""
        self.sock.close()


def _without_waiting(options: tuple[str, ...]) -> list[str]:
    """Unless a test is about TLS, plain sockets need not wait for the server to find out that they are plain."""
    return [*options] if "--tls" in options else [*options, "--no-tls"]


class Server:
    """`python -m chat_server` as a child process, on a free port of this machine."""

    def __init__(
        self, data: Path, *options: str, port: int = 0, host: str = "127.0.0.1", under: Sequence[str] = ()
    ) -> None:
        """`under` is a command that executes the one behind it, as `nice` does."""
        self.under = under
        self.data = data
        self.host = host
        self.options = options
        self.people: list[Person] = []
        self.errors: list[str] = []
        self._start(port)

    def _start(self, port: int) -> None:
        command = [*self.under, sys.executable, "-m", "chat_server", "--port", str(port)]
        if self.host:
            command += ["--host", self.host]
        self.process = subprocess.Popen(
            [*command, "--data", str(self.data), *_without_waiting(self.options)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.banner = self.process.stdout.readline()
        found = re.search(r"nc \S+ (\d+)", self.banner)
        if not found:
            raise AssertionError(f"no banner but: {self.banner!r}, {self.process.communicate()[1]!r}")
        self.port = int(found[1])
        threading.Thread(target=self._read_errors, args=(self.process,), daemon=True).start()

    def _read_errors(self, process: subprocess.Popen[str]) -> None:
        assert process.stderr is not None
        for line in process.stderr:
            self.errors.append(line.rstrip())

    def connect(self, nick: str | None = None, tls: ssl.SSLContext | None = None) -> Person:
        """Somebody who has been welcomed, with a nick if one is given."""
        person = Person(self.port, self.host, tls)
        self.people.append(person)
        person.expect("note You are")
        if nick is not None:
            person.send(f"/nick {nick}")
            person.expect(f"nick \\S+ {nick}$")
        return person

    def kill(self) -> None:
        """SIGKILL: no last words."""
        self.process.kill()
        self.process.wait(SECONDS)

    def restart(self, *options: str) -> None:
        """The same data on the same port again. The old process has ended before."""
        self.options = options or self.options
        self._start(self.port)

    def stop(self, number: int = signal.SIGTERM) -> int:
        """A signal, and the exit code it leads to."""
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(SECONDS)

    def status(self, key: str) -> int:
        """A number of /proc/PID/status: Threads, VmRSS (kB)…"""
        text = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(text.split(f"{key}:")[1].split()[0])

    def descriptors(self) -> int:
        """How many files and sockets the process has open."""
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def close(self) -> None:
        """Hangs everybody up and ends the process."""
        for person in self.people:
            person.close()
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait(SECONDS)
        if self.process.stdout is not None:
            self.process.stdout.close()
