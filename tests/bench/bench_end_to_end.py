"""From a key pressed in one app to the picture in the other: two real apps in two terminals, and a real server.

`python -m tests.bench.bench_end_to_end [MESSAGES]` prints the median and the worst, in milliseconds.
"""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import statistics
import struct
import subprocess
import sys
import tempfile
import termios
from contextlib import suppress
from pathlib import Path
from time import monotonic, sleep

from tests.servers import Server

SIZE = (40, 120)
SECONDS = 20.0


class Terminal:
    """An app in a pseudo-terminal; what it paints is thrown away once it was looked at."""

    def __init__(self, port: int, nick: str, config: Path) -> None:
        self.began_at = monotonic()
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", *SIZE, 0, 0))
        environ = os.environ | {
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "COLORFGBG": "15;0",
            "XDG_CONFIG_HOME": str(config),
        }
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environ.pop(name, None)
        command = [sys.executable, "-m", "chat_tui", f"127.0.0.1:{port}", "--nick", nick]
        self.process = subprocess.Popen(
            command, stdin=slave, stdout=slave, stderr=slave, env=environ, start_new_session=True
        )
        os.close(slave)
        self.master = master

    def write(self, text: str) -> None:
        """Presses keys."""
        os.write(self.master, text.encode())

    def wait_for(self, text: str) -> float:
        """When the text was painted (monotonic seconds). TimeoutError if it never is."""
        wanted, painted = text.encode(), b""
        ends_at = monotonic() + SECONDS
        while monotonic() < ends_at:
            if select.select([self.master], [], [], 0.5)[0]:
                painted = painted[-4096:] + os.read(self.master, 65536)
                if wanted in painted:
                    return monotonic()
        raise TimeoutError(f"{text!r} was never painted")

    def drain(self, quiet: float = 0.15) -> None:
        """Throws away what is painted, until nothing is painted for so many seconds."""
        # Linux answers EIO once the app has gone.
        with suppress(OSError):
            while select.select([self.master], [], [], quiet)[0]:
                os.read(self.master, 65536)

    def cpu(self) -> float:
        """Seconds of CPU the process has used so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self) -> None:
        """Ends the app."""
        self.process.send_signal(signal.SIGTERM)
        while self.process.poll() is None:
            self.drain(0.05)
        os.close(self.master)


def main(messages: int = 100) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder, "data"), "--rate", "0")
        ann, bob = (Terminal(server.port, nick, Path(folder, "config")) for nick in ("ann", "bob"))
        try:
            first = bob.wait_for("#lobby") - bob.began_at
            for terminal in (ann, bob):
                terminal.wait_for("People 2")
                terminal.drain()
            times = []
            for number in range(messages):
                ann.write(f"number-{number}-x")
                ann.drain()
                began_at = monotonic()
                ann.write("\r")
                times.append((bob.wait_for(f"number-{number}-x") - began_at) * 1000)
                bob.drain(0.02)
            idle_began, cpu_began = monotonic(), bob.cpu()
            sleep(10)
            idle = (bob.cpu() - cpu_began) / (monotonic() - idle_began)
        finally:
            ann.close()
            bob.close()
            server.close()
    times.sort()
    print(f"first frame of the app                   {first * 1000:6.0f} ms")  # noqa: T201
    print(f"Enter in one app to paint in the other   {statistics.median(times):6.1f} ms median of {messages}")  # noqa: T201
    print(f"                                         {times[int(messages * 0.95)]:6.1f} ms p95")  # noqa: T201
    print(f"CPU of an idle app                       {idle * 100:6.2f} %")  # noqa: T201


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
