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
                "-y",
                "-s5000",
                "-e",
                "trace=fdatasync,fsync,sendto,pwrite64",
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
        # Of other threads' calls some lie between; so the very page with the text is followed to the disk.
        written = re.search(rf"pwrite64\([^,]*-wal>, .*words {number}\D", calls)
        sent = re.search(rf"sendto\(.*ok s-{number} ", calls)
        assert written is not None and sent is not None
        between = calls[written.end() : sent.start()]
        assert re.search(r"f(data)?sync\([^)]*-wal>\) += 0", between) or re.search(
            r"f(data)?sync\([^)]*-wal> <unfinished.*<\.\.\. f(data)?sync resumed>\) += 0", between, re.DOTALL
        )
