"""From a key pressed in one app to the picture in the other: two real apps in two terminals, and a real server.

`python -m tests.bench.bench_end_to_end [MESSAGES]` prints the median and the worst, in milliseconds.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from pathlib import Path
from time import monotonic, sleep

from tests.servers import Server
from tests.tui.terminals import Terminal


def main(messages: int = 100) -> None:
    """Measures and prints."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder, "data"), "--rate", "0")
        address = f"127.0.0.1:{server.port}"
        ann, bob = (
            Terminal(Path(folder), address, "--nick", nick, size=(40, 120)) for nick in ("ann", "bob")
        )
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
