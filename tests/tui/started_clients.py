"""Clients that tests start and that meet a scripted server."""

from __future__ import annotations

from chat_server import wire
from chat_tui.client import ChatClient, Pace, Received
from tests.tui.scripted_server import Heard, Peer, ScriptedServer

QUICK = Pace(first_retry=0.01, longest_retry=0.08, stable_after=0.0, glance=0.05)
"""For tests that wait for the next attempt."""

PATIENT = Pace(first_retry=60.0, longest_retry=60.0)
"""For tests in which there must be none."""


def start(
    clients: list[ChatClient], port: int, heard: Heard, pace: Pace = QUICK, **options: object
) -> ChatClient:
    client = ChatClient("127.0.0.1", port, heard, pace=pace, **options)  # type: ignore[arg-type]
    clients.append(client)
    client.start()
    return client


def meet(server: ScriptedServer, heard: Heard) -> Peer:
    peer = server.accept()
    peer.welcome()
    heard.wait_for(Received)
    return peer


def received(heard: Heard) -> list[wire.ServerLine]:
    return [event.line for event in heard.of(Received)]
