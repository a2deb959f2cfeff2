"""What was acknowledged is on the disk: seen from outside, in the order of the server's own system calls."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.servers import Server, wait_until


@pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed here; .ci/run installs it"
)
def test_the_disk_is_synced_before_the_ok_leaves(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", "--rate", "0")
    trace = tmp_path / "trace"
    try:
        ann = server.connect("ann")
        tracer = subprocess.Popen(
            [
                "strace",
                "-f",
                "-s200",
                "-e",
                "trace=fdatasync,fsync,sendto",
                "-o",
                trace,
                "-p",
                str(server.process.pid),
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            # A ping in the trace says that every thread is watched by now.
            def is_watched() -> bool:
                ann.sync()
                return trace.exists() and "pong" in trace.read_text()

            wait_until(is_watched, "strace")
            for number in range(20):
                ann.send(f"/id s-{number} words {number}")
                ann.expect(f"ok s-{number} ")
            wait_until(lambda: "ok s-19" in trace.read_text(), "the trace")
        finally:
            tracer.terminate()
            tracer.wait(10)
    finally:
        server.close()
    calls = trace.read_text()
    for number in range(20):
        sent = re.search(rf"sendto\(.*ok s-{number} ", calls)
        before = re.search(rf"sendto\(.*ok s-{number - 1} ", calls) if number else re.search("pong", calls)
        assert sent is not None and before is not None
        assert re.search(
            r"f(data)?sync\(.*= 0|<\.\.\. f(data)?sync resumed>.*= 0", calls[before.end() : sent.start()]
        )
