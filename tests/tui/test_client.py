"""The connection: it comes back, it never blocks its caller, and nothing a server sends can hurt it."""

from __future__ import annotations

import socket
import time
import tracemalloc
from collections.abc import Iterator

import pytest

from chat_server import wire
from chat_tui import client as client_module
from chat_tui.client import ChatClient, Connected, Connecting, Lag, Lost, Pace, Received
from chat_tui.reaching import advice_on
from tests.tui.scripted_server import NOW, Heard, ScriptedServer
from tests.tui.started_clients import PATIENT, meet, received, start


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


# -- a connection


def test_lines_of_the_server_arrive_parsed_and_in_order(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard)
    peer = meet(server, heard)
    peer.say("msg 1 #lobby ann: hello", "join #lobby bob")
    heard.wait_for(Received, lambda event: isinstance(event.line, wire.Join))
    welcome, *rest = received(heard)
    assert isinstance(welcome, wire.Welcome) and welcome.server == "den"
    assert rest == [wire.Entry(NOW, "msg", 1, "#lobby", "ann", "hello"), wire.Join(NOW, "#lobby", "bob")]
    assert [type(event) for event in heard.events[:3]] == [Connecting, Connected, Received]


def test_lines_that_are_sent_arrive_at_the_server(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    client = start(clients, server.port, heard)
    peer = meet(server, heard)
    assert client.send(wire.Chat("hello", "7f3c-1"))
    assert client.send(wire.Command("msg", ("#lobby", "grüß dich 🙂")))
    assert [peer.read(), peer.read()] == ["/id 7f3c-1 hello", "/msg #lobby grüß dich 🙂"]


@pytest.mark.parametrize("cuts", [1, 2, 7])
def test_a_line_in_pieces_is_one_line(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient], cuts: int
) -> None:
    start(clients, server.port, heard)
    peer = meet(server, heard)
    peer.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    line = wire.encode(wire.Entry(NOW, "msg", 1, "#lobby", "Zoë", "日本語 and more\u2424still"))
    for start_at in range(0, len(line), cuts):
        peer.send(line[start_at : start_at + cuts])
    event = heard.wait_for(Received, lambda event: isinstance(event.line, wire.Entry))
    assert event.line.text == "日本語 and more\u2424still"


def test_the_first_byte_comes_at_once_so_that_no_server_waits_for_it(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard)
    assert server.accept().sock.recv(1) == b"\n"


def test_nothing_is_sent_before_there_is_a_connection(heard: Heard, clients: list[ChatClient]) -> None:
    client = ChatClient("127.0.0.1", 1, heard, pace=PATIENT)
    clients.append(client)
    assert not client.send(wire.Chat("hello"))
    client.start()
    heard.wait_for(Lost)
    assert not client.send(wire.Chat("hello"))


def test_what_was_queued_for_a_dead_connection_is_not_sent_on_the_next(
    heard: Heard, clients: list[ChatClient]
) -> None:
    with ScriptedServer(receive_buffer=4096) as server:
        client = start(clients, server.port, heard)
        peer = meet(server, heard)
        while len(client._out) < 100_000:
            client.send(wire.Command("msg", ("#lobby", "x" * 3400)))
        peer.cut()
        heard.wait_for(Lost)
        server.accept().welcome()
        heard.wait_for(Received, number=2)
        assert client.send(wire.Chat("in time"))
        assert server.peers[-1].read() == "in time"


def test_a_line_that_no_server_would_take_is_a_fault_of_the_caller(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    client = start(clients, server.port, heard)
    meet(server, heard)
    with pytest.raises(ValueError, match="control"):
        client.send(wire.Chat("two\nlines"))


def test_a_port_that_is_none_is_refused_at_once(heard: Heard) -> None:
    for port in (0, 65536, -1):
        with pytest.raises(ValueError, match="port"):
            ChatClient("localhost", port, heard)


# -- coming back


def test_it_comes_back_after_a_cut_and_after_an_orderly_end(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    client = start(clients, server.port, heard)
    meet(server, heard).cut()
    assert heard.wait_for(Lost).reason == "The connection was cut"
    second = server.accept()
    second.welcome()
    heard.wait_for(Received, number=2)
    second.hang_up()
    assert heard.wait_for(Lost, number=2).reason == "The server closed the connection"
    third = server.accept()
    third.welcome()
    heard.wait_for(Received, number=3)
    assert client.send(wire.Chat("here again"))
    assert third.read() == "here again"


def test_it_comes_back_when_the_server_does(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard)
    peer = meet(server, heard)
    server.stop_listening()
    peer.hang_up()
    refused = "Nothing listens there"
    heard.wait_for(Lost, lambda event: event.reason == refused, number=3)
    server.listen_again()
    server.accept().welcome()
    heard.wait_for(Received, number=2)


def test_the_waits_double_up_to_the_longest(heard: Heard, clients: list[ChatClient]) -> None:
    with ScriptedServer() as server:
        server.stop_listening()
        start(clients, server.port, heard, chance=lambda: 0.5)
        heard.wait_for(Lost, number=6)
    waits = [event.retry_in for event in heard.of(Lost)[:6]]
    assert waits == pytest.approx([0.01, 0.02, 0.04, 0.08, 0.08, 0.08])
    assert [event.attempt for event in heard.of(Connecting)[:6]] == [1, 2, 3, 4, 5, 6]


def test_chance_moves_a_wait_by_at_most_thirty_percent(heard: Heard) -> None:
    client = ChatClient("127.0.0.1", 5000, heard, chance=lambda: 0.0)
    other = ChatClient("127.0.0.1", 5000, heard, chance=lambda: 0.999_999)
    end = client_module._End("")
    assert [client._wait(number, end) for number in range(8)] == pytest.approx(
        [0.35, 0.7, 1.4, 2.8, 5.6, 11.2, 21.0, 21.0]
    )
    assert [other._wait(number, end) for number in range(8)] == pytest.approx(
        [0.65, 1.3, 2.6, 5.2, 10.4, 20.8, 39.0, 39.0], rel=1e-4
    )
    client.close()
    other.close()


def test_a_connection_that_lasted_starts_the_waits_anew(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    server.stop_listening()
    start(clients, server.port, heard, chance=lambda: 0.5)
    heard.wait_for(Lost, number=4)
    server.listen_again()
    peer = meet(server, heard)
    peer.cut()
    assert heard.wait_for(Lost, lambda event: "cut" in event.reason).retry_in == pytest.approx(0.01)


def test_a_connection_that_did_not_last_does_not(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    pace = Pace(first_retry=0.01, longest_retry=0.08, stable_after=60.0)
    start(clients, server.port, heard, pace, chance=lambda: 0.5)
    for number in range(1, 4):
        server.accept().welcome()
        heard.wait_for(Received, number=number)
        server.peers[-1].hang_up()
        heard.wait_for(Lost, number=number)
    assert [event.retry_in for event in heard.of(Lost)[:3]] == pytest.approx([0.01, 0.02, 0.04])


def test_the_user_can_end_the_wait(server: ScriptedServer, heard: Heard, clients: list[ChatClient]) -> None:
    client = start(clients, server.port, heard, PATIENT)
    meet(server, heard).cut()
    heard.wait_for(Lost)
    client.retry_now()
    server.accept().welcome()
    heard.wait_for(Received, number=2)
    assert heard.of(Connecting)[-1].attempt == 1


def test_a_machine_that_woke_up_does_not_wait(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    asleep = [0.0]
    start(clients, server.port, heard, Pace(60.0, 60.0, glance=0.02), wall=lambda: time.time() + asleep[0])
    meet(server, heard).cut()
    heard.wait_for(Lost)
    asleep[0] = 3600.0
    server.accept().welcome()
    heard.wait_for(Received, number=2)


# -- a goodbye


@pytest.mark.parametrize("code", [code for code, comes_back in wire.BYES.items() if comes_back])
def test_it_comes_back_after_a_bye_that_says_so(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient], code: str
) -> None:
    start(clients, server.port, heard)
    meet(server, heard).say(f"bye {code} Come back in a moment")
    lost = heard.wait_for(Lost)
    assert lost.reason == "Come back in a moment" and lost.retry_in is not None
    server.accept()


@pytest.mark.parametrize("code", ["quit", "kicked", "banned", "bad-client"])
def test_it_stays_away_after_a_bye_that_says_so_until_the_user_asks(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient], code: str
) -> None:
    client = start(clients, server.port, heard)
    meet(server, heard).say(f"bye {code}")
    lost = heard.wait_for(Lost)
    assert lost == Lost(f"The server ended the connection ({code})", None)
    client.retry_now()
    server.accept()


def test_a_full_server_is_tried_again_after_the_longest_wait(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard, chance=lambda: 0.5)
    server.accept().say("bye full 500 are here; try again later")
    assert heard.wait_for(Lost) == Lost("500 are here; try again later", pytest.approx(0.08))


# -- what is wrong with a server, in words


@pytest.mark.parametrize(
    "banner",
    [b"SSH-2.0-OpenSSH_9.6\r\n", b"\xff\xfe\xfd\n", b"HTTP/1.1 400 Bad Request\r\n\r\n", b"x" * 9000],
)
def test_something_that_is_no_chat_server_is_told_so(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient], banner: bytes
) -> None:
    start(clients, server.port, heard)
    server.accept().send(banner)
    assert heard.wait_for(Lost).reason == f"What answers at 127.0.0.1:{server.port} is no Talkline server"


def test_a_server_that_says_nothing_is_given_up(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard, Pace(60.0, 60.0, welcome_within=0.05))
    server.accept()
    assert "does not speak like a Talkline server" in heard.wait_for(Lost).reason


def test_another_version_of_the_protocol_is_told_and_not_tried_again(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard)
    server.accept().say("welcome chat/2 den")
    assert heard.wait_for(Lost) == Lost(f"127.0.0.1:{server.port} speaks chat/2, this app chat/1", None)
    assert not heard.of(Received)


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (ConnectionRefusedError(), "Nothing listens there"),
        (ConnectionResetError(), "The connection was cut"),
        (TimeoutError(), "den.local:5000 does not answer"),
        (OSError(101, "x"), "There is no way to den.local from here: is this computer online?"),
        (OSError(24, "x"), "No connection to den.local:5000: EMFILE"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "No computer is called den.local"),
        (
            socket.gaierror(socket.EAI_AGAIN, "x"),
            "The name den.local cannot be looked up now: is this computer online?",
        ),
        (UnicodeError(), "den.local is no name of a computer"),
    ],
)
def test_every_failure_has_a_sentence(error: Exception, reason: str) -> None:
    assert client_module.reason_of(error, "den.local", 5000) == reason


@pytest.mark.parametrize(
    ("error", "host", "advice"),
    [
        (ConnectionRefusedError(), "localhost", "Start one: chat-tui --host"),
        (ConnectionRefusedError(), "::1", "Start one: chat-tui --host"),
        (ConnectionRefusedError(), "den.local", "at another port? chat-tui den.local:PORT"),
        (ConnectionRefusedError(), "fe80::2", "at another port? chat-tui [fe80::2]:PORT"),
        (TimeoutError(), "den.local", "Is den.local switched on"),
        (socket.gaierror(socket.EAI_NONAME, "x"), "den.local", "Is it written right?"),
        (socket.gaierror(socket.EAI_AGAIN, "x"), "den.local", "needs no look-up"),
        (UnicodeError(), "a..b", "Is it written right?"),
    ],
)
def test_who_never_got_there_is_told_what_to_check(error: Exception, host: str, advice: str) -> None:
    assert advice in advice_on(error, host, 5000)


def test_why_a_server_is_not_reached_comes_with_what_to_check(
    heard: Heard, clients: list[ChatClient]
) -> None:
    with ScriptedServer() as server:
        server.stop_listening()
        start(clients, server.port, heard)
        assert "chat-tui --host" in heard.wait_for(Lost).advice


def test_a_host_that_is_no_name_is_told(heard: Heard, clients: list[ChatClient]) -> None:
    client = ChatClient("a..b", 5000, heard, pace=PATIENT)
    clients.append(client)
    client.start()
    assert heard.wait_for(Lost).reason == "a..b is no name of a computer"


# -- hostile bytes


def test_escape_sequences_and_controls_never_arrive(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard)
    peer = meet(server, heard)
    stamp = wire.format_time(NOW).encode()
    peer.send(stamp + b" msg 1 #lobby ann: \x1b]0;owned\x07red\x1b[31m\x00\xc2\x9b5m\xe2\x80\xae\ttab\n")
    entry = heard.wait_for(Received, lambda event: isinstance(event.line, wire.Entry)).line
    assert entry.text == "]0;ownedred[31m5m tab"


def test_lines_that_are_not_of_the_protocol_are_dropped_and_counted(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    client = start(clients, server.port, heard)
    peer = meet(server, heard)
    stamp = wire.format_time(NOW).encode()
    peer.send(b"\xff\xfe\n", b"\n", b"no time at all\n", stamp + b" msg nonsense\n", b"\x00" * 50 + b"\n")
    peer.say("note still here")
    heard.wait_for(Received, lambda event: isinstance(event.line, wire.Note))
    assert client.dropped_lines == 5
    assert len(received(heard)) == 2


def test_a_word_that_is_not_known_is_passed_on_as_such(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard)
    meet(server, heard).say("sparkle #lobby ann")
    assert heard.wait_for(Received, number=2).line == wire.Unknown(NOW, "sparkle", "#lobby ann")


def test_a_line_without_an_end_is_not_kept(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    client = start(clients, server.port, heard)
    peer = meet(server, heard)
    piece = b"x" * 1_000_000
    tracemalloc.start()
    for _ in range(20):
        peer.send(piece)
    peer.send(b"\n")
    peer.say("note still here")
    heard.wait_for(Received, lambda event: isinstance(event.line, wire.Note))
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert client.dropped_lines == 1
    assert most < 1_000_000, "20 MB without a newline must not be held"


# -- pings


def test_a_ping_of_our_own_becomes_a_lag_and_another_pong_is_passed_on(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard, Pace(60.0, 60.0, first_ping=0.0, ping_every=60.0))
    peer = meet(server, heard)
    peer.say("pong", "pong tea")
    heard.wait_for(Received, number=3)
    token = peer.read().removeprefix("/ping ")
    peer.say(f"pong {token}")
    assert 0 <= heard.wait_for(Lag).seconds < 10
    assert [line.token for line in received(heard) if isinstance(line, wire.Pong)] == ["", "tea"]


def test_a_server_that_answers_nothing_is_dead(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    start(clients, server.port, heard, Pace(60.0, 60.0, first_ping=0.0, ping_every=60.0, pong_within=0.1))
    meet(server, heard)
    assert heard.wait_for(Lost).reason == "The server has not answered for 0.1 seconds"


def test_any_line_is_a_sign_of_life(server: ScriptedServer, heard: Heard, clients: list[ChatClient]) -> None:
    start(clients, server.port, heard, Pace(60.0, 60.0, first_ping=0.0, ping_every=60.0, pong_within=0.3))
    peer = meet(server, heard)
    peer.expect("/ping .*")
    peer.say("note busy, but here")
    heard.wait_for(Received, number=2)
    # The deadline of that ping is over when a line that was asked for later than it has come.
    deadline = time.monotonic() + 0.4
    while time.monotonic() < deadline:
        peer.say("note and here")
        heard.wait_for(Received, number=len(received(heard)))
    assert not heard.of(Lost)


def test_a_machine_that_woke_up_asks_at_once_whether_the_connection_lives(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    asleep = [0.0]
    pace = Pace(60.0, 60.0, first_ping=60.0, glance=0.02)
    start(clients, server.port, heard, pace, wall=lambda: time.time() + asleep[0])
    peer = meet(server, heard)
    asleep[0] = 3600.0
    peer.expect("/ping .*")


# -- a server that stalls, and the end


def test_a_server_that_reads_nothing_never_blocks_the_caller(heard: Heard, clients: list[ChatClient]) -> None:
    with ScriptedServer(receive_buffer=4096) as server:
        client = start(clients, server.port, heard, PATIENT)
        meet(server, heard)
        line = wire.Command("msg", ("#lobby", "x" * 3400))
        slowest = 0.0
        taken = True
        for _ in range(20_000):
            began = time.perf_counter()
            taken = client.send(line)
            slowest = max(slowest, time.perf_counter() - began)
            if not taken:
                break
        assert not taken, "the queue must be bounded"
        assert heard.wait_for(Lost).reason == "The server takes no lines any more"
        assert slowest < 0.5
