"""`chat-tui` and its arguments, as far as they need no terminal."""

from __future__ import annotations

import subprocess
import sys

import pytest

from chat_tui.__main__ import login_nick, read_address
from chat_tui.reaching import join_host
from chat_tui.themes import DARK, LIGHT, OURS, choose


def run(*arguments):
    command = [sys.executable, "-m", "chat_tui", *arguments]
    return subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("den", ("den", 5000)),
        ("den:5001", ("den", 5001)),
        ("192.0.2.7:1", ("192.0.2.7", 1)),
        ("[::1]:5001", ("::1", 5001)),
        ("[::1]", ("::1", 5000)),
        ("::1", ("::1", 5000)),
        ("fe80::1%eth0", ("fe80::1%eth0", 5000)),
    ],
)
def test_an_address_is_a_host_and_perhaps_a_port(text, address):
    assert read_address(text) == address


@pytest.mark.parametrize(
    "text", ["", ":5000", "den:", "den:x", "den:0", "den:65536", "a b", "[::1", "[::1]x"]
)
def test_what_is_no_address_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="not"):
        read_address(text)


@pytest.mark.parametrize("address", [("den", 5001), ("::1", 5000)])
def test_an_address_is_written_as_it_is_read(address):
    assert read_address(join_host(*address)) == address


@pytest.mark.parametrize(
    ("login", "nick"),
    [
        ("ann", "ann"),
        ("Ann", "ann"),
        ("root", None),
        ("guest", None),
        ("admin1", None),
        ("0day", None),
        ("a" * 21, None),
        ("j.doe", None),
        ("é", None),
    ],
)
def test_the_login_name_is_the_nick_if_it_can_be_one(monkeypatch, login, nick):
    monkeypatch.setattr("getpass.getuser", lambda: login)
    assert login_nick() == nick


def test_a_machine_that_knows_no_name_leaves_a_guest(monkeypatch):
    def nobody():
        raise KeyError("uid 12345")

    monkeypatch.setattr("getpass.getuser", nobody)
    assert login_nick() is None


def test_a_theme_is_chosen_by_name_or_by_the_terminal():
    assert choose("nord", lambda: True) == "nord"
    assert choose("auto", lambda: True) == LIGHT.name
    assert choose("auto", lambda: False) == DARK.name
    assert choose("of another version", lambda: False) == DARK.name
    with pytest.raises(ValueError, match="talkline-light"):
        choose("nope", lambda: False, is_strict=True)


@pytest.mark.parametrize("theme", OURS, ids=lambda theme: theme.name)
def test_our_themes_are_readable(theme):
    from textual.color import Color

    from chat_tui.nick_colors import contrast

    backgrounds = [Color.parse(color) for color in (theme.background, theme.surface, theme.panel)]
    muted = theme.variables["foreground-muted"]
    for color in (theme.foreground, muted, theme.primary, theme.accent, theme.error, theme.success):
        assert min(contrast(Color.parse(color), background) for background in backgrounds) >= 4.5


@pytest.mark.parametrize(
    "arguments", [["--host", "elsewhere"], ["--port", "1"], ["--theme", "nope"], ["a:b"], ["a:99999"]]
)
def test_arguments_that_do_not_go_together_are_refused(arguments):
    done = run(*arguments)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_without_a_terminal_it_says_what_to_do_instead():
    done = run()
    assert done.returncode == 1
    assert done.stderr.splitlines() == [
        "Error: chat-tui needs a terminal to draw on; without one, talk through nc HOST PORT"
    ]


def test_help_and_version_need_nothing():
    assert "--host" in run("--help").stdout
    assert run("--version").returncode == 0
