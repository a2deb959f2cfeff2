"""The app's connection in TLS: it is tried first, the server's certificate is compared, and secrets stay in it."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from time import monotonic

import pytest

from chat_server import wire
from chat_server.certificate import CERTIFICATE, KEY, fingerprint, load_context
from chat_tui.client import ChatClient, Connected, Lost, Pace, Received
from chat_tui.kept import (
    KnownServers,
)
from chat_tui.tls import TlsPipe
from tests.servers import Person, Server, wait_until
from tests.tui.driven_model import DrivenModel
from tests.tui.screens import Running, until
from tests.tui.scripted_server import Heard, ScriptedServer
from tests.tui.terminals import Terminal

QUICK = Pace(first_retry=0.02, longest_retry=0.2, stable_after=0.0, glance=0.05)
PATIENT = Pace(first_retry=60.0, longest_retry=60.0)


@pytest.fixture
def pins(tmp_path: Path) -> Path:
    return tmp_path / "config" / "known_servers"


@pytest.fixture
def start(heard: Heard, pins: Path) -> Iterator[Callable[..., ChatClient]]:
    clients: list[ChatClient] = []

    def start(port: int, tls: str = "always", on: Heard = heard, pace: Pace = QUICK) -> ChatClient:
        known = KnownServers(pins)
        clients.append(ChatClient("127.0.0.1", port, on, tls=tls, known=known, pace=pace))  # type: ignore[arg-type]
        clients[-1].start()
        return clients[-1]

    yield start
    for client in clients:
        client.close()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", "--tls", "--rate", "0")
    yield server
    server.close()


def is_welcome(event: Received) -> bool:
    return isinstance(event.line, wire.Welcome)


def welcome(heard: Heard, number: int = 1) -> wire.Welcome:
    line = heard.wait_for(Received, is_welcome, number).line
    assert isinstance(line, wire.Welcome)
    return line


class Listener:
    """A listening socket whose connections a function serves, one after the other, in a thread."""

    def __init__(self, serve: Callable[[socket.socket], object]) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._socket.getsockname()[1]
        self.accepted = 0
        self._serve = serve
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while True:
            try:
                peer, _ = self._socket.accept()
            except OSError:
                return
            self.accepted += 1
            with peer:
                try:
                    self._serve(peer)
                except OSError:
                    pass

    def __enter__(self) -> Listener:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()


# -- encrypted


def test_a_connection_is_encrypted_and_its_server_remembered(
    server: Server, heard: Heard, pins: Path, start: Callable[..., ChatClient]
) -> None:
    client = start(server.port)
    assert welcome(heard).get("tls") == "yes"
    assert heard.of(Connected) == [Connected(is_private=True)]
    assert client.send(wire.Chat("hello ✓", "7f3c-1"))
    heard.wait_for(Received, lambda event: isinstance(event.line, wire.Ok))
    assert pins.read_text() == f"localhost:{server.port} {fingerprint(server.data)}\n"
    assert pins.stat().st_mode & 0o777 == 0o600


def test_on_this_machine_it_is_plain_and_private_without_asking(
    server: Server, heard: Heard, pins: Path, start: Callable[..., ChatClient]
) -> None:
    start(server.port, "auto")
    assert welcome(heard).get("tls") == "no"
    assert heard.of(Connected) == [Connected(is_private=True)]
    assert not pins.exists()


def test_anywhere_else_it_is_encrypted_without_asking(
    server: Server, heard: Heard, start: Callable[..., ChatClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.dialing.is_loopback", lambda address: False)
    start(server.port, "auto")
    assert welcome(heard).get("tls") == "yes"


def test_the_welcome_may_come_with_the_end_of_the_handshake(
    tmp_path: Path, heard: Heard, start: Callable[..., ChatClient]
) -> None:
    # In TLS 1.2 the server has the last word of the handshake, and its first line can be in the same packet.
    context = load_context(tmp_path, "den")
    context.maximum_version = ssl.TLSVersion.TLSv1_2

    def serve(peer: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        tls = context.wrap_bio(incoming, outgoing, server_side=True)
        while True:
            incoming.write(peer.recv(65536))
            try:
                tls.do_handshake()
            except ssl.SSLWantReadError:
                peer.sendall(outgoing.read())
                continue
            tls.write(b"2026-11-22T16:53:00Z welcome chat/1 den epoch=8Kd2 last=0 nick=guest-1 room=#lobby\n")
            peer.sendall(outgoing.read())
            while peer.recv(65536):
                pass
            return

    with Listener(serve) as listener:
        start(listener.port, pace=PATIENT)
        assert welcome(heard).server == "den"


def test_much_in_both_directions_at_once_arrives_whole(
    server: Server, heard: Heard, start: Callable[..., ChatClient]
) -> None:
    others = Heard()
    ann, bob = start(server.port), start(server.port, on=others)
    welcome(heard), welcome(others)
    texts = [f"{number} " + "ü" * 1500 for number in range(150)]

    def entries(on: Heard) -> list[str]:
        return [event.line.text for event in on.of(Received) if isinstance(event.line, wire.Entry)]

    for first in range(0, len(texts), 25):
        for text in texts[first : first + 25]:
            assert ann.send(wire.Chat("a" + text)) and bob.send(wire.Chat("b" + text))
        for on in (heard, others):
            on.wait_for(Received, lambda event: isinstance(event.line, wire.Entry), 2 * (first + 25))
    for on in (heard, others):
        for who in "ab":
            assert [text[1:] for text in entries(on) if text[0] == who] == texts


def test_more_than_the_kernel_takes_is_sent_as_the_server_reads(
    tmp_path: Path, heard: Heard, start: Callable[..., ChatClient]
) -> None:
    context = load_context(tmp_path, "den")
    goes_on, got = threading.Event(), bytearray()

    def serve(peer: socket.socket) -> None:
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
        with context.wrap_socket(peer, server_side=True) as tls:
            tls.sendall(b"2026-11-22T16:53:00Z welcome chat/1 den nick=guest-1 room=#lobby\n")
            goes_on.wait(20)
            while chunk := tls.recv(65536):
                got.extend(chunk)

    with Listener(serve) as listener:
        client = start(listener.port, pace=PATIENT)
        welcome(heard)
        sent = b"\n"
        for number in range(70):
            line = wire.Chat(f"{number} " + "x" * 3400)
            assert client.send(line)
            sent += wire.format_client(line).encode() + b"\n"
        goes_on.set()
        wait_until(lambda: len(got) >= len(sent), "all was read")
        assert bytes(got).startswith(sent)


def test_what_the_socket_does_not_take_at_once_goes_out_later(tmp_path: Path) -> None:
    context, goes_on, got = load_context(tmp_path, "den"), threading.Event(), bytearray()
    ours, theirs = socket.socketpair()
    ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)
    ours.setblocking(False)
    data = bytes(range(256)) * 1000

    def serve() -> None:
        with context.wrap_socket(theirs, server_side=True) as tls:
            goes_on.wait(20)
            while len(got) < len(data) and (chunk := tls.recv(65536)):
                got.extend(chunk)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    with ours:
        pipe = TlsPipe(ours)
        wait_until(lambda: not pipe.advance(), "the handshake")
        accepted = pipe.send(data)
        assert 0 < accepted < len(data) and not pipe.is_flushed
        goes_on.set()
        while accepted < len(data) or not pipe.is_flushed:
            accepted += pipe.send(data[accepted:])
        thread.join(20)
    assert bytes(got) == data


def test_the_last_word_is_said_before_closing(server: Server, start: Callable[..., ChatClient]) -> None:
    heard = Heard()
    client = start(server.port, on=heard)
    ann = server.connect("ann")
    welcome(heard)
    client.send(wire.Command("quit", ("good night",)))
    began = monotonic()
    client.close()
    assert monotonic() - began < 5.0
    ann.expect(r"part #lobby guest-\d+ good night$")


def test_a_bye_in_tls_is_read(server: Server, heard: Heard, start: Callable[..., ChatClient]) -> None:
    start(server.port, pace=PATIENT)
    welcome(heard)
    server.stop()
    assert "stop" in heard.wait_for(Lost).reason


# -- who it is


def test_another_certificate_is_told_with_both_and_where_they_are_and_nothing_is_said_to_it(
    server: Server, heard: Heard, pins: Path, start: Callable[..., ChatClient]
) -> None:
    start(server.port)
    welcome(heard)
    old = fingerprint(server.data)
    server.stop()
    (server.data / CERTIFICATE).unlink()
    (server.data / KEY).unlink()
    server.restart()
    new = fingerprint(server.data)
    lost = heard.wait_for(Lost, lambda event: event.retry_in is None)
    assert lost.is_alarm
    assert all(part in lost.reason for part in (old, new, f"line 1 of {pins}"))
    assert "\n" not in lost.reason and len(heard.of(Connected)) == 1
    assert pins.read_text().split()[1] == old


def test_removing_the_line_trusts_the_new_certificate(
    server: Server, heard: Heard, pins: Path, start: Callable[..., ChatClient]
) -> None:
    pins.parent.mkdir()
    pins.write_text(f"elsewhere:1 {'1' * 64}\nlocalhost:{server.port} {'0' * 64}")
    client = start(server.port)
    assert f"line 2 of {pins}" in heard.wait_for(Lost, lambda event: event.retry_in is None).reason
    pins.write_text(f"elsewhere:1 {'1' * 64}")
    client.retry_now()
    welcome(heard)
    assert pins.read_text().splitlines() == [
        f"elsewhere:1 {'1' * 64}",
        f"localhost:{server.port} {fingerprint(server.data)}",
    ]


def test_a_killed_server_is_compared_again_when_it_is_back(
    server: Server, heard: Heard, pins: Path, start: Callable[..., ChatClient]
) -> None:
    start(server.port)
    welcome(heard)
    kept = pins.read_text()
    server.kill()
    heard.wait_for(Lost)
    server.restart()
    assert welcome(heard, 2).get("tls") == "yes"
    assert pins.read_text() == kept


def test_a_file_that_cannot_be_written_costs_only_the_memory(
    server: Server, heard: Heard, pins: Path, start: Callable[..., ChatClient]
) -> None:
    pins.parent.write_text("a file in place of the folder")
    known = KnownServers(pins.parent / "x" / "known_servers")
    # Reading through a file is an error of another kind than a missing file: nobody knows what stood there.
    client = ChatClient("127.0.0.1", server.port, heard, tls="always", known=known, pace=QUICK)
    client.start()
    try:
        assert "cannot be read" in heard.wait_for(Lost).reason
    finally:
        client.close()


def test_without_a_file_this_run_remembers(heard: Heard) -> None:
    known = KnownServers()
    known.check("den:5000", "a" * 64)
    known.check("den:5000", "a" * 64)
    with pytest.raises(Exception, match="another certificate"):
        known.check("den:5000", "b" * 64)


# -- servers without it


def test_a_server_that_never_spoke_tls_is_talked_to_in_plain_lines(
    tmp_path: Path, heard: Heard, pins: Path, start: Callable[..., ChatClient]
) -> None:
    server = Server(tmp_path / "data", "--no-tls")
    try:
        client = start(server.port)
        assert welcome(heard).get("tls") == "no"
        client.send(wire.Chat("hello", "7f3c-1"))
        heard.wait_for(Received, lambda event: isinstance(event.line, wire.Ok))
        assert not pins.exists()
    finally:
        server.close()


def test_a_server_that_stopped_speaking_tls_is_not_spoken_to(
    server: Server, heard: Heard, start: Callable[..., ChatClient]
) -> None:
    start(server.port)
    welcome(heard)
    server.stop()
    server.restart("--no-tls")
    lost = heard.wait_for(Lost, lambda event: event.retry_in is None)
    assert "was encrypted before and is not now" in lost.reason
    assert len(heard.of(Connected)) == 1


def test_no_tls_means_plain_lines_at_once(
    server: Server, heard: Heard, start: Callable[..., ChatClient]
) -> None:
    start(server.port, "never")
    assert welcome(heard).get("tls") == "no"


# -- handshakes that come to nothing


@pytest.mark.parametrize("count", [0, 1, 5, 200])
def test_a_handshake_cut_in_the_middle_is_tried_again_and_never_in_plain(
    tmp_path: Path, heard: Heard, start: Callable[..., ChatClient], count: int
) -> None:
    context = load_context(tmp_path, "den")
    said: list[bytes] = []

    def serve(peer: socket.socket) -> None:
        incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        said.append(peer.recv(65536))
        incoming.write(said[-1])
        with pytest.raises(ssl.SSLWantReadError):
            context.wrap_bio(incoming, outgoing, server_side=True).do_handshake()
        peer.sendall(outgoing.read(count) if count else b"")

    with Listener(serve) as listener:
        start(listener.port)
        heard.wait_for(Lost, number=3)
        assert not heard.of(Connected)
        assert all(first[:1] == b"\x16" for first in said)


def test_a_server_that_wants_old_tls_only_is_told_in_a_sentence(
    heard: Heard, start: Callable[..., ChatClient]
) -> None:
    def serve(peer: socket.socket) -> None:
        peer.recv(65536)
        peer.sendall(b"\x15\x03\x01\x00\x02\x02\x46")  # alert: fatal, protocol version
        peer.recv(65536)

    with Listener(serve) as listener:
        start(listener.port)
        reason = heard.wait_for(Lost).reason
        assert "could not agree on an encrypted connection" in reason
        assert not heard.of(Connected)


def test_closing_never_waits_for_a_handshake(heard: Heard, start: Callable[..., ChatClient]) -> None:
    is_here, may_go = threading.Event(), threading.Event()

    def serve(peer: socket.socket) -> None:
        peer.recv(65536)
        is_here.set()
        may_go.wait(20)

    with Listener(serve) as listener:
        client = start(listener.port)
        assert is_here.wait(20)
        began = monotonic()
        client.close()
        client._thread.join(20)
        assert monotonic() - began < 5.0
        may_go.set()


def test_a_silent_handshake_is_given_up(heard: Heard, start: Callable[..., ChatClient]) -> None:
    may_go = threading.Event()
    with Listener(lambda peer: may_go.wait(20)) as listener:
        start(listener.port, pace=Pace(connect_within=0.1, glance=0.05, first_retry=60.0))
        assert "does not answer" in heard.wait_for(Lost).reason
        may_go.set()


# -- secrets


def test_a_connection_to_elsewhere_that_is_not_encrypted_is_not_private(
    heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("chat_tui.dialing.is_loopback", lambda address: False)
    with ScriptedServer() as server:
        client = ChatClient("127.0.0.1", server.port, heard, tls="never", pace=PATIENT)
        client.start()
        try:
            server.accept().welcome(tls="yes")
            welcome(heard)
            assert heard.of(Connected) == [Connected(is_private=False)]
        finally:
            client.close()


def test_no_secret_is_said_where_others_can_read_it_whatever_the_server_says() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome(is_private=False)
    assert app.sent[0] == "/nick ann" and not app.model.is_private
    app.enter("/nick ann by-hand")
    assert not any("by-hand" in line or "s3cret" in line for line in app.sent)
    assert app.rows() == ["! This connection is not encrypted, so the secret was not sent: /nick NAME"]
    app.lose()
    app.welcome()
    assert app.sent[0] == "/nick ann s3cret" and app.model.is_private


def test_what_must_be_read_in_full_is_a_row_of_its_own() -> None:
    app = DrivenModel()
    app.event(Lost("Nothing listens there", 1.0))
    app.event(Lost("den:5000 shows another certificate", None, is_alarm=True))
    assert app.rows() == ["! den:5000 shows another certificate"]


async def test_the_status_line_tells_of_a_connection_that_is_not_encrypted() -> None:
    async with Running(is_connected=False) as on:
        on.script.connect()
        await until(on.pilot, lambda: "● den" in on.text)
        assert "not encrypted" not in on.text
        on.app._arrive(Connected(is_private=False))
        await until(on.pilot, lambda: "not encrypted" in on.text)


def test_who_hosts_owns_his_name_and_is_one_person_on_two_devices(tmp_path: Path) -> None:
    config = tmp_path / "config"
    host = Terminal(config, "--host", "--port", "0", "--data", str(tmp_path / "data"), "--nick", "ann")
    try:
        port = int(host.find(r"nc \S+ (\d+)")[1])
        host.wait_for("People 1")
        second = Terminal(config, f"localhost:{port}", "--nick", "ann")
        try:
            second.wait_for("People 1")
            second.write("from the second\r")
            host.wait_for("from the second")
            bob = Person(port)
            bob.send("/nick bob")
            bob.send("/who")
            assert bob.expect("who #lobby (.*)$")[1].split() == ["+ann", "bob"]
            bob.close()
        finally:
            second.close()
    finally:
        host.close()
    [line] = (config / "talkline" / "secrets").read_text().splitlines()
    assert line.split()[:2] == [fingerprint(tmp_path / "data"), "ann"]
    assert (config / "talkline" / "secrets").stat().st_mode & 0o777 == 0o600
