"""What PROTOCOL.md promises is what the server does: its conversations are held, and its client talks."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import chat_server
from tests.server.transcripts import Diverged, Transcript, play, transcripts
from tests.servers import SECONDS, Server

NOW = "2026-11-22T16:53:00Z"
PAGE = Path(chat_server.__file__).with_name("PROTOCOL.md")


@pytest.mark.parametrize("transcript", transcripts(PAGE), ids=str)
def test_the_server_says_what_the_page_says(transcript: Transcript, server: Server) -> None:
    play(transcript, server.host, server.port)


def test_a_page_that_is_wrong_is_found_out(server: Server) -> None:
    welcome = (
        f"{NOW} welcome chat/1 den epoch=8Kd2 last=0 line=4096 text=3500 nick=guest-7 room=#lobby tls=no"
    )
    ping = ("> /ping 1", f"{NOW} pong 1")
    wrong = [
        ("> /ping 1", f"{NOW} pong 2"),
        ("> /ping 1", "2026-11-22 pong 1"),
        ("> /ping 1",),
        (*ping, f"{NOW} pong 1"),
        (welcome, f"{NOW} pong 1"),
        (
            "> one",
            f"{NOW} msg 8 #lobby ann5: one",
            "> two",
            f"{NOW} msg 8 #lobby ann5: two",
        ),
    ]
    for number, lines in enumerate(wrong):
        # A name of its own for each: the one before may not have left yet.
        with pytest.raises(Diverged):
            play(Transcript("a page", 1, f"ann{number}", lines), server.host, server.port, seconds=0.2)
    play(Transcript("a page", 1, "ann", ping), server.host, server.port)


def test_the_client_on_the_page_talks(server: Server, tmp_path: Path) -> None:
    source = re.search(r"^```python\n(.*?)^```$", PAGE.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert source is not None
    script = tmp_path / "client.py"
    script.write_text(source[1], "utf-8")
    ann = server.connect("ann")
    with subprocess.Popen(
        [sys.executable, str(script), server.host, str(server.port)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        encoding="utf-8",
    ) as client:
        assert client.stdin is not None
        assert client.stdout is not None

        def shows(pattern: str) -> bool:
            return any(re.search(pattern, line) for line in client.stdout or [])

        assert shows("note You are guest-")
        client.stdin.write("/nick zed\nhi from the page\n")
        client.stdin.flush()
        assert shows("#lobby <zed> hi from the page")
        ann.expect("msg .* zed: hi from the page")
        ann.send("/me waves\u2424twice")
        assert shows(r"#lobby \* ann waves$")
        assert shows("^ +twice$")
        client.stdin.write("a last word\n")
        client.stdin.close()
        ann.expect("msg .* zed: a last word")
        ann.expect("part #lobby zed")
        assert client.wait(SECONDS) == 0
