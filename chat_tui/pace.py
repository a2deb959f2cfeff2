"""When the connection does what: how patient it is, and the times of one connection. No I/O."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Pace:
    """How patient the client is. Seconds, unless a name says otherwise."""

    first_retry: float = 0.5
    """A server that is restarted is back by then; a person hardly sees it."""
    longest_retry: float = 30.0
    """Longer, and people restart the app instead of waiting."""
    jitter: float = 0.3
    """Share of the wait that chance decides, either way: 300 apps must not come back at one moment."""
    stable_after: float = 10.0
    """Only a connection that lived this long starts the row of waits anew, or a server that welcomes and
    throws out would be called twice a second."""
    connect_within: float = 10.0
    welcome_within: float = 10.0
    """Something that takes connections and says nothing (a web server) is no chat server."""
    first_ping: float = 5.0
    ping_every: float = 30.0
    pong_within: float = 10.0
    """Without any line for so long after a ping, the connection is dead."""
    glance: float = 1.0
    """Longest sleep between two looks at the clocks: the kernel's timers stand still while a laptop sleeps."""
    parting: float = 0.25
    """For the last lines when the app closes; a person waits for it."""
    jump: float = 5.0
    """The wall clock ran so much further than the monotonic one: the machine slept."""


class Talk:
    """The times of one connection, on the monotonic clock."""

    def __init__(self, now: float, pace: Pace) -> None:
        self._stable_at = now + pace.stable_after
        self.welcome_by = now + pace.welcome_within
        self.is_welcomed = False
        self.ping_at = now + pace.first_ping
        self.pinged_at = now
        self.token: str | None = None
        self.dead_at: float | None = None

    def is_stable(self, now: float) -> bool:
        """Whether it lived long enough to count as a connection that worked."""
        return self.is_welcomed and now >= self._stable_at

    def next_at(self) -> float:
        """When the clocks must be looked at again."""
        if not self.is_welcomed:
            return self.welcome_by
        return self.ping_at if self.dead_at is None else min(self.ping_at, self.dead_at)
