"""The app as a person starts it: a process in a pseudo-terminal."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
from contextlib import suppress
from pathlib import Path
from time import monotonic

SECONDS = 20.0
SIZE = (30, 120)
"""Rows and columns."""


class Terminal:
    """`chat-tui` with these arguments; `config` is the folder for its settings."""

    def __init__(self, config: Path, *arguments: str, size: tuple[int, int] = SIZE) -> None:
        self.began_at = monotonic()
        self.painted = b""
        """What came since the last `wait_for`, its end."""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *size, 0, 0))
        environ = os.environ | {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "COLORFGBG": "15;0",
            "XDG_CONFIG_HOME": str(config),
        }
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environ.pop(name, None)
        self.process = subprocess.Popen(
            [sys.executable, "-m", "chat_tui", *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environ,
            start_new_session=True,
        )
        os.close(slave)

    def write(self, text: str) -> None:
        """Presses keys."""
        os.write(self.master, text.encode())

    def wait_for(self, text: str) -> float:
        """When the text was painted (monotonic seconds). TimeoutError if it never is."""
        self.find(re.escape(text))
        return monotonic()

    def find(self, pattern: str) -> re.Match[str]:
        """Waits until what is painted fits the pattern. TimeoutError if it never does."""
        ends_at = monotonic() + SECONDS
        while (found := re.search(pattern, self.painted.decode("utf-8", "replace"))) is None:
            if monotonic() > ends_at:
                raise TimeoutError(f"{pattern!r} was never painted; the last was {self.painted[-2000:]!r}")
            if select.select([self.master], [], [], 0.5)[0]:
                self.painted = self.painted[-16384:] + os.read(self.master, 65536)
        self.painted = found.string[found.end() :].encode()
        return found

    def drain(self, quiet: float = 0.15) -> None:
        """Throws away what is painted, until nothing is painted for so many seconds."""
        self.painted = b""
        # Linux answers EIO once the app has gone.
        with suppress(OSError):
            while select.select([self.master], [], [], quiet)[0]:
                os.read(self.master, 65536)

    def rest(self) -> bytes:
        """Everything until the app has gone."""
        rest = self.painted
        with suppress(OSError):
            while chunk := os.read(self.master, 65536):
                rest += chunk
        self.process.wait(SECONDS)
        return rest

    def cpu(self) -> float:
        """Seconds of CPU the process has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def hang_up(self) -> int:
        """Closes the window; the exit code that it leads to."""
        os.close(self.master)
        self.master = -1
        return self.process.wait(SECONDS)

    def close(self) -> None:
        """Ends the app, whatever state it is in."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            with suppress(subprocess.TimeoutExpired):
                if self.master >= 0:
                    self.rest()
                self.process.wait(SECONDS)
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.master >= 0:
            os.close(self.master)
            self.master = -1
