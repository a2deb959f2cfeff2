"""The connection to a server: one thread that connects, reads, writes and comes back by itself. No Textual."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat_server import wire


@dataclass(frozen=True, slots=True)
class Connecting:
    """An attempt starts; the first is 1, and so is the first after a connection that worked."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Connected:
    """The server took the connection; its welcome follows as Received."""


@dataclass(frozen=True, slots=True)
class Received:
    """A line of the server, cleaned and parsed."""

    line: wire.ServerLine


@dataclass(frozen=True, slots=True)
class Lag:
    """A ping of our own came back after so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Lost:
    """There is no connection (any more, or the attempt failed). `reason` is a sentence for the user.

    `retry_in` seconds it tries again; None: not by itself, only by `retry_now`.
    """

    reason: str
    retry_in: float | None


Event = Connecting | Connected | Received | Lag | Lost


class ChatClient:
    """A connection that comes back by itself. `on_event` is called from the client's own thread."""

    def __init__(self, host: str, port: int, on_event: Callable[[Event], None]) -> None:
        self.host = host
        self.port = port
        self._on_event = on_event

    def start(self) -> None:
        """Starts the thread and returns at once."""

    def send(self, line: wire.ClientLine) -> bool:
        """Queues a line; never blocks. False: there is no connection, and a Lost has come or will come."""
        return False

    def retry_now(self) -> None:
        """Ends the wait for the next attempt."""

    def close(self) -> None:
        """Ends everything within a second; no event comes afterwards."""
