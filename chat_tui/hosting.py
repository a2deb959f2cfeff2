"""`chat-tui --host`: a server of one's own, as a child of the app, for as long as the app runs."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from threading import Event, Thread
from typing import IO, Final

from chat_tui.reaching import join_host

PORT: Final = 5000
START_SECONDS: Final = 15.0
"""A server that has not told its port by then is given up; it takes 0.3 s, and longer after a crash."""
STOP_SECONDS: Final = 8.0
"""The server flushes for at most 3 s when it stops; after this it is killed."""


_IN_USE: Final = "Another server is using the data in "
"""How the server begins to say that its folder is taken; it names options that are not the app's."""


class CannotHost(Exception):
    """The server did not start; str() is one sentence for the person."""


@dataclass(slots=True)
class Hosted:
    """A running server that belongs to this app.

    It ends with the app in every case: `stop` asks it to; and its stdin is a pipe from the app, so that it
    sees the end of file and stops cleanly even if the app was killed.
    """

    process: subprocess.Popen[str]
    host: str
    port: int
    data: Path
    log: Path
    is_stopping: bool = False
    """`host` is how others on the network reach this machine ("192.168.1.7"), as far as it knows itself."""

    @property
    def address(self) -> str:
        """What others give to chat-tui: "192.168.1.7:5000"."""
        return join_host(self.host, self.port)

    @property
    def fingerprint(self) -> str | None:
        """SHA-256 of the certificate that the server has made, in hex; None if it cannot be read."""
        try:
            pem = (self.data / "tls-certificate.pem").read_text("ascii")
            return sha256(ssl.PEM_cert_to_DER_cert(pem)).hexdigest()
        except (OSError, ValueError):
            return None

    def stop(self) -> None:
        """Stops the server (SIGTERM) and waits until it has gone; at most STOP_SECONDS."""
        self.is_stopping = True
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()

    def watch(self, on_end: Callable[[str], None]) -> None:
        """Calls `on_end` with a sentence, from another thread, if the server ends by itself."""

        def wait() -> None:
            code = self.process.wait()
            if not self.is_stopping:
                on_end(f"The server of this app has ended (exit {code}); its log is {self.log}")

        Thread(target=wait, name="watch the server", daemon=True).start()


def start_server(port: int | None = None, data: Path | None = None, *, has_tls: bool = True) -> Hosted:
    """Starts a server and waits until it listens.

    `port` None: 5000, or a free one if 5000 is taken. `data` None: the user's data folder. `has_tls` False: it takes
    plain lines only. Raises CannotHost.
    """
    if data is None:
        from platformdirs import user_data_path

        data = user_data_path("talkline", appauthor=False)
    try:
        data.mkdir(parents=True, exist_ok=True)
        log = data / "server.log"
        stderr = log.open("a", encoding="utf-8")
    except OSError as error:
        raise CannotHost(f"Cannot write to {data}: {error.strerror}") from error
    with stderr:
        if port is None:
            port = PORT if _is_free(PORT) else 0
        command = [sys.executable, "-m", "chat_server", "--port", str(port), "--data", str(data)]
        command += [] if has_tls else ["--no-tls"]
        began = log.stat().st_size
        process = subprocess.Popen(
            [*command, "--stop-with-stdin"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
            encoding="utf-8",
            errors="replace",
            # Ctrl-C in a shell goes to the whole group; the server stops when the app says so.
            start_new_session=True,
        )
    assert process.stdout is not None
    banner = _Banner(process.stdout)
    found = banner.wait(START_SECONDS)
    if found is None:
        process.kill()
        process.wait()
        why = _why(log, began)
        if why.startswith(_IN_USE):
            why = (
                f"A server runs here already, with the data in {data}; join it with chat-tui,"
                " or give this one a folder of its own: --data DIR"
            )
        raise CannotHost(why)
    return Hosted(process, *found, data, log)


class _Banner:
    """Reads what the server prints, in a thread, to the end: a full pipe would stop the server."""

    def __init__(self, stdout: IO[str]) -> None:
        self._found: tuple[str, int] | None = None
        self._is_done = Event()
        Thread(target=self._read, args=(stdout,), name="read the banner", daemon=True).start()

    def wait(self, seconds: float) -> tuple[str, int] | None:
        """Host and port as the banner names them; None if the server ended, or said nothing for so long."""
        self._is_done.wait(seconds)
        return self._found

    def _read(self, stdout: IO[str]) -> None:
        with stdout:
            for line in stdout:
                if self._found is None and (found := re.search(r"\bnc (\S+) (\d{1,5})\b", line)):
                    self._found = found[1], int(found[2])
                    self._is_done.set()
        self._is_done.set()


def _why(log: Path, began: int) -> str:
    """The last thing that the server said, which is its one sentence."""
    try:
        with log.open("rb") as file:
            file.seek(began)
            said = file.read(65536).decode("utf-8", "replace")
    except OSError:
        said = ""
    lines = [line.strip() for line in said.splitlines() if line.strip()]
    return lines[-1].removeprefix("chat-server: ") if lines else f"The server did not start; its log is {log}"


def _is_free(port: int) -> bool:
    for family, host in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.settimeout(0.5)
                if probe.connect_ex((host, port)) == 0:
                    return False
        except OSError:
            continue
    return True
