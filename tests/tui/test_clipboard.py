"""Copying: in the plain tmux that people have, with the programs of a desktop, and with neither."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from time import monotonic, sleep

import pytest

from chat_tui.clipboard import copied, report
from tests.servers import Server
from tests.tui.screens import Running

needs_tmux = pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux here")


class Tmux:
    """A tmux server with its own socket and no configuration, and one app in it."""

    def __init__(self, folder: Path, *command: str) -> None:
        self._socket = folder / "tmux"
        environ = os.environ | {"LC_ALL": "C.UTF-8", "XDG_CONFIG_HOME": str(folder), "SHELL": "/bin/sh"}
        # A display would be given the text too, and that of whoever runs this test is his.
        for name in ("TMUX", "DISPLAY", "WAYLAND_DISPLAY"):
            environ.pop(name, None)
        self._environ = environ
        self("-u", "-f", "/dev/null", "new-session", "-d", "-x", "100", "-y", "24", *command)

    def __call__(self, *arguments: str) -> str:
        command = ["tmux", "-S", str(self._socket), *arguments]
        done = subprocess.run(command, env=self._environ, capture_output=True, text=True, check=False)
        return done.stdout

    def wait_for(self, text: str) -> None:
        """Until it is on the screen."""
        ends_at = monotonic() + 20
        while text not in (screen := self("capture-pane", "-p")):
            assert monotonic() < ends_at, f"{text!r} never came to be on\n{screen}"
            sleep(0.05)


@pytest.fixture
def tmux(tmp_path):
    servers = []

    def start(*command):
        servers.append(Tmux(tmp_path, *command))
        return servers[-1]

    yield start
    for server in servers:
        server("kill-server")


@pytest.fixture
def a_program(tmp_path, monkeypatch):
    """Puts a program of this name before all others; gives the file that what it is told ends in."""

    def put(name, script):
        program = tmp_path / "bin" / name
        program.parent.mkdir(exist_ok=True)
        told = tmp_path / f"{name}.told"
        program.write_text(f"#!/bin/sh\n{script.format(told=told)}\n")
        program.chmod(0o755)
        monkeypatch.setenv("PATH", str(program.parent), prepend=os.pathsep)
        return told

    return put


@needs_tmux
def test_what_is_copied_in_a_tmux_as_it_comes_is_in_its_buffer_and_told(tmp_path, tmux):
    server = Server(tmp_path / "data", "--rate", "0")
    try:
        bob = server.connect("bob")
        bob.send("the *plain* text")
        bob.sync()
        running = tmux(sys.executable, "-m", "chat_tui", f"localhost:{server.port}", "--nick", "ann")
        running.wait_for("the plain text")
        running("send-keys", "M-Up")
        running.wait_for("y copy")
        running("send-keys", "y")
        running.wait_for("Copied “the *plain* text” to tmux (prefix ] pastes)")
        assert running("show-buffer") == "the *plain* text"
    finally:
        server.close()


def test_a_desktop_s_program_gets_the_text(a_program):
    told = a_program("xclip", "cat > {told}")
    assert copied("日本語", {"DISPLAY": ":0"}) == "Copied “日本語” to the clipboard"
    assert told.read_text("utf-8") == "日本語"


def test_a_tmux_too_old_to_tell_its_terminal_has_the_text_all_the_same(a_program):
    told = a_program("tmux", '[ "$2" = -w ] && exit 1; cat > {told}')
    assert copied("text", {"TMUX": "/tmp/x"}) == "Copied “text” to tmux (prefix ] pastes)"
    assert told.read_text() == "text"


def test_a_program_that_cannot_is_not_believed(a_program):
    a_program("xclip", "exit 1")
    a_program("xsel", "exit 1")
    assert copied("text", {"DISPLAY": ":0"}) == "Copied “text” to the terminal's clipboard"


def test_over_ssh_only_the_terminal_and_a_forwarded_x_are_asked(a_program):
    told = a_program("wl-copy", "cat > {told}")
    environ = {"WAYLAND_DISPLAY": "wayland-0", "SSH_CONNECTION": "1 2 3 4"}
    assert copied("text", environ) == "Copied “text” to the terminal's clipboard"
    assert not told.exists()


@pytest.mark.parametrize(
    ("text", "what"),
    [("x" * 40, f"“{'x' * 29}…”"), ("one\ntwo", "7 characters"), ("||a|| b", "7 characters"), ("y", "“y”")],
)
def test_what_was_copied_is_told_as_far_as_it_helps(text, what):
    assert report(text, ["the clipboard"]) == f"Copied {what} to the clipboard"


async def test_what_is_copied_is_told_in_the_status_line_also_from_the_bar():
    async with Running() as on:
        await on.write("draft")
        await on.press("shift+home", "ctrl+c")
        assert on.app.clipboard == "draft"
        assert "Copied “draft” to the terminal's clipboard" in on.text
