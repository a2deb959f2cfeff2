from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from chat_server.config import Limits
from tests.server.letters import Chat
from tests.servers import Server


@pytest.fixture
def start_server(tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Starts servers on data of this test; options as on the command line."""
    servers: list[Server] = []

    def start(*options: str, data: Path | None = None, port: int = 0) -> Server:
        servers.append(Server(data or tmp_path / "data", *options, port=port))
        return servers[-1]

    yield start
    for server in servers:
        server.close()


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    """A server without limits of pace, so that a test need not wait."""
    return start_server("--rate", "0")


@pytest.fixture
def open_chat(tmp_path: Path) -> Iterator[Callable[..., Chat]]:
    chats: list[Chat] = []

    def open_(**limits: int) -> Chat:
        chats.append(Chat(tmp_path, replace(Limits(), **limits)))  # type: ignore[arg-type]
        return chats[-1]

    yield open_
    for chat in chats:
        chat.log.close()


@pytest.fixture
def chat(open_chat: Callable[..., Chat]) -> Chat:
    return open_chat()
