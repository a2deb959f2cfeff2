"""A client that is closed: soon, whatever it is doing, with its last word said and nothing left behind."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from chat_server import wire
from chat_tui.client import ChatClient, Connected, Connecting, Lost, Pace, Received
from chat_tui.events import Event
from tests.tui.scripted_server import Heard, ScriptedServer
from tests.tui.started_clients import PATIENT, QUICK, meet, start

SOON = 5.0
"""Seconds: a second on a quiet machine. What could be waited for instead takes longer."""


@pytest.fixture
def server() -> Iterator[ScriptedServer]:
    with ScriptedServer() as server:
        yield server


def test_closing_ends_soon_while_the_server_says_nothing(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    client = start(clients, server.port, heard)
    peer = meet(server, heard)
    assert seconds_to_end(client) < SOON
    assert not client._thread.is_alive()
    assert peer.wait_for_end() == []
    assert not heard.of(Lost), "whoever closes knows it"


def test_closing_says_what_is_still_queued(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    client = start(clients, server.port, heard)
    peer = meet(server, heard)
    for number in range(100):
        client.send(wire.Chat(f"line {number}"))
    client.send(wire.Command("quit", ("bye all",)))
    client.close()
    assert peer.wait_for_end() == [*(f"line {number}" for number in range(100)), "/quit bye all"]


def test_closing_ends_soon_while_the_server_takes_nothing(heard: Heard, clients: list[ChatClient]) -> None:
    with ScriptedServer(receive_buffer=4096) as server:
        client = start(clients, server.port, heard, PATIENT)
        meet(server, heard)
        while len(client._out) < 100_000:
            client.send(wire.Command("msg", ("#lobby", "x" * 3400)))
        assert seconds_to_end(client) < SOON


def test_closing_ends_soon_while_waiting_for_the_next_attempt(
    heard: Heard, clients: list[ChatClient]
) -> None:
    with ScriptedServer() as server:
        server.stop_listening()
        client = start(clients, server.port, heard, PATIENT)
        heard.wait_for(Lost)
        assert seconds_to_end(client) < SOON


def test_closing_ends_soon_while_connecting(heard: Heard, clients: list[ChatClient]) -> None:
    # A listener whose backlog is full takes no more connections and refuses none.
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        others = [socket.socket() for _ in range(4)]
        for other in others:
            other.setblocking(False)
            other.connect_ex(listener.getsockname())
        client = start(clients, listener.getsockname()[1], heard)
        heard.wait_for(Connecting)
        assert seconds_to_end(client) < SOON
        for other in others:
            other.close()


def test_closing_ends_soon_while_the_name_is_looked_up(
    heard: Heard, clients: list[ChatClient], monkeypatch: pytest.MonkeyPatch
) -> None:
    is_asked, answer = threading.Event(), threading.Event()

    def resolve(host: str, port: int) -> list[tuple[int, tuple[object, ...]]]:
        is_asked.set()
        answer.wait(30)
        return [(socket.AF_INET, ("127.0.0.1", port))]

    monkeypatch.setattr("chat_tui.dialing.resolve", resolve)
    client = start(clients, 9, heard)
    assert is_asked.wait(10)
    assert seconds_to_close(client) < SOON
    before = list(heard.events)
    answer.set()
    client._thread.join(10)
    assert not client._thread.is_alive()
    assert heard.events == before, "no event comes after close"


def test_closing_twice_and_before_the_start_is_harmless(heard: Heard) -> None:
    client = ChatClient("127.0.0.1", 5000, heard)
    client.close()
    client.close()
    assert not heard.events


def test_a_client_can_be_closed_from_its_own_events(server: ScriptedServer) -> None:
    heard = Heard()

    def close_at_once(event: Event) -> None:
        heard(event)
        if isinstance(event, Connected):
            client.close()

    client = ChatClient("127.0.0.1", server.port, close_at_once, pace=QUICK)
    client.start()
    heard.wait_for(Connected)
    client._thread.join(10)
    assert not client._thread.is_alive()


def test_a_hundred_reconnections_leave_no_thread_and_no_socket_behind(
    server: ScriptedServer, heard: Heard, clients: list[ChatClient]
) -> None:
    import os

    pace = Pace(first_retry=0.001, longest_retry=0.001, stable_after=0.0)
    start(clients, server.port, heard, pace)
    meet(server, heard)
    threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
    for number in range(2, 102):
        server.peers.pop().cut()
        server.accept().welcome()
        heard.wait_for(Received, number=number)
    assert threading.active_count() == threads
    assert len(os.listdir("/proc/self/fd")) <= files + 1


def seconds_to_close(client: ChatClient) -> float:
    began = time.monotonic()
    client.close()
    return time.monotonic() - began


def seconds_to_end(client: ChatClient) -> float:
    """The same until its thread has gone: `close` itself waits for that for a second, which a busy machine takes."""
    began = time.monotonic()
    client.close()
    client._thread.join(20)
    assert not client._thread.is_alive()
    return time.monotonic() - began
