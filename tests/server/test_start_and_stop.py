"""Starting, stopping, and what goes wrong before the first client."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.servers import Server, wait_until


def run(*options: str, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    """`chat-server` that is expected to end by itself."""
    return subprocess.run(
        [sys.executable, "-m", "chat_server", *options],
        capture_output=True,
        text=True,
        timeout=30,
        env={**os.environ, **(environment or {})},
        check=False,
    )


def assert_one_sentence(done: subprocess.CompletedProcess[str], part: str) -> None:
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1, done.stderr
    assert part in done.stderr


def test_the_banner_says_where_it_is_how_to_join_and_where_the_messages_are(server: Server) -> None:
    assert f"127.0.0.1:{server.port} " in server.banner
    assert f"chat-tui 127.0.0.1:{server.port}" in server.banner
    assert f"nc 127.0.0.1 {server.port}" in server.banner
    assert str(server.data) in server.banner


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_says_bye_to_all_and_exits_with_0(server: Server, number: signal.Signals) -> None:
    ann = server.connect("ann")
    ann.send("last words")
    ann.expect("msg 1 ")
    assert server.stop(number) == 0
    assert ann.rest()[-1].startswith("bye shutdown ")
    assert not [line for line in server.errors if "Traceback" in line]


def test_what_was_said_is_there_after_a_stop_and_after_a_kill(start_server: Callable[..., Server]) -> None:
    server = start_server("--rate", "0")
    server.connect("ann").send("one")
    server.people[-1].expect("msg 1 ")
    server.stop()
    server.restart()
    bob = server.connect("bob")
    bob.send("two")
    bob.expect("msg 2 ")
    server.kill()
    server.restart()
    carl = server.connect("carl")
    seen = [line.partition(" ")[2] for line in carl.seen]
    begin = seen.index("begin history #lobby")
    assert seen[begin + 1 : begin + 4] == [
        "msg 1 #lobby ann: one",
        "msg 2 #lobby bob: two",
        "end history #lobby",
    ]
    carl.send("three")
    carl.expect("msg 3 #lobby carl: three")


def test_the_port_is_free_at_once_after_a_stop(start_server: Callable[..., Server]) -> None:
    server = start_server()
    server.connect("ann")
    server.stop()
    server.restart()
    server.connect("ann")


def test_a_port_in_use_is_one_sentence(server: Server, tmp_path: Path) -> None:
    done = run("--host", "127.0.0.1", "--port", str(server.port), "--data", str(tmp_path / "other"))
    assert_one_sentence(done, f"Port {server.port} is in use")


def test_a_second_server_on_the_same_data_is_one_sentence(server: Server) -> None:
    assert_one_sentence(
        run("--host", "127.0.0.1", "--port", "0", "--data", str(server.data)), str(server.data)
    )


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    data = tmp_path / "file" / "data"
    assert_one_sentence(run("--host", "127.0.0.1", "--port", "0", "--data", str(data)), str(data))


def test_a_host_that_is_not_here_is_one_sentence(tmp_path: Path) -> None:
    assert_one_sentence(run("--host", "192.0.2.77", "--port", "0", "--data", str(tmp_path)), "192.0.2.77")


def test_options_may_come_from_the_environment(tmp_path: Path, server: Server) -> None:
    done = run(
        "--host",
        "127.0.0.1",
        environment={"TALKLINE_PORT": str(server.port), "TALKLINE_DATA": str(tmp_path / "x")},
    )
    assert_one_sentence(done, f"Port {server.port} is in use")


def test_it_listens_on_every_address_when_none_is_given(tmp_path: Path) -> None:
    server = Server(tmp_path / "data", host="")
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=5):
            pass
        if socket.has_dualstack_ipv6():
            with socket.create_connection(("::1", server.port), timeout=5):
                pass
    finally:
        server.close()


def test_it_stops_when_the_program_that_hosts_it_ends(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "chat_server",
            "--host",
            "127.0.0.1",
            "--port",
            "0",
            "--data",
            str(tmp_path),
            "--stop-with-stdin",
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None and process.stdin is not None
    assert b"nc 127.0.0.1" in process.stdout.readline()
    process.stdin.close()
    assert process.wait(20) == 0
    process.stdout.close()


def test_a_second_signal_ends_it_at_once(server: Server) -> None:
    ann = server.connect("ann")
    # Ann's client never closes, so the first stop would wait for it a little.
    server.process.send_signal(signal.SIGTERM)
    ann.expect("bye shutdown ")
    server.process.send_signal(signal.SIGTERM)
    wait_until(lambda: server.process.poll() is not None, "the end")
    assert server.process.returncode in (0, 128 + signal.SIGTERM)
