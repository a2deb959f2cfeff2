"""`chat-tui --host`: a server of one's own, for as long as the app runs."""

from __future__ import annotations

import os
import signal
import socket
import ssl
import subprocess
import sys

import pytest

from chat_tui.hosting import PORT, CannotHost, start_server
from chat_tui.reaching import join_host
from tests.servers import SECONDS, Person, wait_until
from tests.tui.terminals import Terminal


@pytest.fixture
def hosted(tmp_path):
    server = start_server(0, tmp_path / "data")
    yield server
    server.stop()


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_the_server_can_be_joined_as_soon_as_it_is_there(hosted):
    person = Person(hosted.port)
    person.expect("welcome chat/1")
    person.close()
    assert hosted.address == join_host(hosted.host, hosted.port)


@pytest.mark.parametrize("has_tls", [True, False])
def test_it_speaks_tls_unless_it_was_told_not_to(tmp_path, has_tls):
    server = start_server(0, tmp_path, has_tls=has_tls)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with socket.create_connection(("127.0.0.1", server.port), timeout=SECONDS) as sock:
            if has_tls:
                assert context.wrap_socket(sock).recv(4096).split()[1] == b"welcome"
            else:
                with pytest.raises(ssl.SSLError):
                    context.wrap_socket(sock)
    finally:
        server.stop()


def test_stopping_it_is_clean(hosted):
    hosted.stop()
    assert hosted.process.returncode == 0
    assert not is_listening(hosted.port)


def test_what_it_logs_goes_to_a_file_beside_the_messages(hosted, tmp_path):
    assert hosted.log == tmp_path / "data" / "server.log"
    assert hosted.log.exists()


def test_a_free_port_is_taken_if_the_usual_one_is_not(tmp_path):
    with socket.socket() as usual:
        usual.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            usual.bind(("127.0.0.1", PORT))
            usual.listen()
        except OSError:
            pass  # Somebody else has it, which is just as well.
        server = start_server(None, tmp_path)
        try:
            assert server.port != PORT
            assert is_listening(server.port)
        finally:
            server.stop()


def test_a_port_that_was_asked_for_and_is_taken_is_one_sentence(hosted, tmp_path):
    with pytest.raises(CannotHost) as refusal:
        start_server(hosted.port, tmp_path / "other")
    assert str(hosted.port) in str(refusal.value)
    assert "\n" not in str(refusal.value)


def test_a_folder_that_cannot_be_written_is_one_sentence(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(CannotHost, match="file"):
        start_server(0, tmp_path / "file")


def test_a_second_server_on_the_same_messages_is_told_to_join_the_first_in_one_sentence(hosted):
    with pytest.raises(CannotHost) as refusal:
        start_server(0, hosted.data)
    said = str(refusal.value)
    assert said.startswith(
        f"A server runs here already, with the data in {hosted.data}; join it with chat-tui"
    )
    assert said.endswith("--data DIR") and "\n" not in said


def test_a_server_that_dies_is_told_once(hosted):
    told: list[str] = []
    hosted.watch(told.append)
    hosted.process.kill()
    wait_until(lambda: told, "the end was told")
    assert str(hosted.log) in told[0]


def test_a_server_that_is_stopped_is_not_told(hosted):
    told: list[str] = []
    hosted.watch(told.append)
    hosted.stop()
    assert told == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_server_ends_when_the_app_is_killed(tmp_path, number):
    code = (
        "import sys, time; from pathlib import Path; from chat_tui.hosting import start_server;"
        "print(start_server(0, Path(sys.argv[1])).port, flush=True); time.sleep(60)"
    )
    app = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    port = int(app.stdout.readline())
    assert is_listening(port)
    os.kill(app.pid, number)
    app.wait()
    wait_until(lambda: not is_listening(port), "the server ended")
    app.stdout.close()


def test_the_command_says_in_one_line_why_it_cannot_host(tmp_path):
    (tmp_path / "file").write_text("in the way")
    terminal = Terminal(tmp_path / "config", "--host", "--data", str(tmp_path / "file"))
    said = terminal.rest().decode()
    terminal.close()
    assert terminal.process.returncode == 1
    assert len(said.strip().splitlines()) == 1
    assert str(tmp_path / "file") in said
