"""The app as a person starts it, in a terminal of its own: how it hosts, and how it ends."""

from __future__ import annotations

import os
import signal
import socket
import ssl
from contextlib import suppress

import pytest

from tests.servers import SECONDS, Person, Server, wait_until
from tests.tui.terminals import Terminal


@pytest.fixture
def open_terminal(tmp_path):
    terminals = []

    def start(*arguments):
        terminals.append(Terminal(tmp_path / "config", *arguments))
        return terminals[-1]

    yield start
    for terminal in terminals:
        terminal.close()


@pytest.fixture
def hosting(open_terminal, tmp_path):
    """An app that hosts, and its port."""
    terminal = open_terminal("--host", "--port", "0", "--data", str(tmp_path / "data"), "--nick", "ann")
    terminal.wait_for("This app runs the server")
    return terminal, int(terminal.find(r"nc \S+ (\d+)")[1])


def is_listening(port):
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def is_server_on(data, pid):
    with suppress(OSError), open(f"/proc/{pid}/cmdline") as file:
        words = file.read().split("\0")
        return "chat_server" in words and str(data) in words
    return False


def test_one_command_hosts_and_others_join(hosting):
    terminal, port = hosting
    person = Person(port)
    person.expect("note You are")
    person.send("hello from nc")
    terminal.wait_for("hello from nc")
    terminal.write("hello from ann\r")
    person.expect(r"msg \d+ #lobby ann: hello from ann$")
    person.close()


def test_no_tls_with_host_is_for_everybody_who_comes(open_terminal, tmp_path):
    terminal = open_terminal("--host", "--no-tls", "--port", "0", "--data", str(tmp_path))
    terminal.wait_for("This app runs the server")
    port = int(terminal.find(r"nc \S+ (\d+)")[1])
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as sock:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        with pytest.raises(ssl.SSLError):
            context.wrap_socket(sock)


def test_leaving_stops_the_server_after_asking_if_others_are_in_it(hosting):
    terminal, port = hosting
    person = Person(port)
    person.expect("note You are")
    terminal.wait_for("People 2")
    terminal.write("\x11")
    terminal.wait_for("would be")
    terminal.write("s")
    terminal.drain()
    assert is_listening(port)
    person.close()
    terminal.wait_for("People 1")
    terminal.drain()
    terminal.write("\x11")
    terminal.rest()
    assert terminal.process.returncode == 0
    assert not is_listening(port)


def test_a_hosted_server_that_dies_is_told(hosting, tmp_path):
    terminal, _ = hosting
    pid = next(pid for pid in os.listdir("/proc") if pid.isdigit() and is_server_on(tmp_path / "data", pid))
    os.kill(int(pid), signal.SIGKILL)
    terminal.wait_for("has ended")
    assert terminal.process.poll() is None


def test_sigterm_gives_the_terminal_back_and_stops_the_server(hosting):
    terminal, port = hosting
    terminal.process.send_signal(signal.SIGTERM)
    rest = terminal.rest()
    assert terminal.process.returncode == 143
    assert b"\x1b[?1049l" in rest
    assert b"Traceback" not in rest
    assert not is_listening(port)


def test_a_closed_window_ends_the_app_and_its_server(hosting):
    terminal, port = hosting
    assert terminal.hang_up() == 128 + signal.SIGHUP
    wait_until(lambda: not is_listening(port), "the server ended")


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGHUP])
def test_a_killed_app_takes_its_server_along(hosting, number):
    terminal, port = hosting
    terminal.process.send_signal(number)
    terminal.process.wait()
    wait_until(lambda: not is_listening(port), "the server ended")


def test_alt_enter_breaks_the_line_and_alt_digits_change_the_room_in_a_plain_terminal(
    open_terminal, tmp_path
):
    server = Server(tmp_path / "data")
    try:
        terminal = open_terminal(f"127.0.0.1:{server.port}", "--nick", "ann")
        terminal.wait_for("● ")
        bob = server.connect("bob")
        terminal.write("one\x1b\rtwo\r")
        bob.expect(r"msg \d+ #lobby ann: one␤two$")
        terminal.write("/join #games\r")
        terminal.wait_for("essage #games")
        terminal.write("\x1b1back in the lobby\r")
        bob.expect(r"msg \d+ #lobby ann: back in the lobby$")
    finally:
        server.close()


def test_a_nick_and_an_address_are_taken_from_the_command_line(open_terminal, tmp_path):
    server = Server(tmp_path / "data")
    try:
        open_terminal(f"localhost:{server.port}", "--nick", "Zoë").wait_for("Zoë ")
        open_terminal(f"[::1]:{server.port}", "--nick", "田中").wait_for("offline")
    finally:
        server.close()


def test_the_nick_that_one_went_by_last_on_a_server_is_taken_at_the_next_start(open_terminal, tmp_path):
    server, other = Server(tmp_path / "data"), Server(tmp_path / "other")
    try:
        for typed, taken in (("/nick annie\r", "annie"), ("/nick guest\r", "guest is reserved")):
            terminal = open_terminal(f"127.0.0.1:{server.port}")
            terminal.wait_for("● ")
            terminal.write(typed)
            terminal.wait_for(taken)
            terminal.drain()
            terminal.write("\x11")
            terminal.rest()
        watcher = server.connect("bob")
        open_terminal(f"127.0.0.1:{server.port}")
        watcher.expect(r"nick guest-\d+ annie$")
        watcher = other.connect("bob")
        open_terminal(f"127.0.0.1:{other.port}", "--nick", "zoe")
        watcher.expect(r"nick guest-\d+ zoe$")
    finally:
        server.close()
        other.close()


def test_the_room_that_was_shown_last_is_shown_at_the_next_start(open_terminal, tmp_path):
    server = Server(tmp_path / "data")
    try:
        terminal = open_terminal(f"127.0.0.1:{server.port}", "--nick", "ann")
        terminal.wait_for("● ")
        terminal.write("/join #dev\r")
        terminal.wait_for("#dev · Talkline")
        terminal.drain()
        terminal.write("\x11")
        terminal.rest()
        open_terminal(f"127.0.0.1:{server.port}", "--nick", "ann").wait_for("#dev · Talkline")
    finally:
        server.close()
