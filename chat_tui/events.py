"""What the connection tells the model."""

from __future__ import annotations

from dataclasses import dataclass

from chat_server import wire


@dataclass(frozen=True, slots=True)
class Connecting:
    """An attempt starts; 1 is the first, also the first after a connection that lasted."""

    attempt: int


@dataclass(frozen=True, slots=True)
class Connected:
    """The server took the connection; its welcome follows as Received. `is_private`: it is encrypted, or never leaves
    this machine, so a secret may be said on it. What the server itself says about that proves nothing."""

    is_private: bool = False


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
    """There is no connection: it broke, or the attempt failed. `reason` is a sentence for the user.

    `retry_in` seconds it tries again; None: not by itself, only by `retry_now`. `is_alarm`: the user must read all of
    it and decide something, so a line that is cut at the edge of the screen will not do. `advice` says more, for one
    who was never there: what to check; "" if the reason is all.
    """

    reason: str
    retry_in: float | None
    is_alarm: bool = False
    advice: str = ""


Event = Connecting | Connected | Received | Lag | Lost
