"""Rates and caps. Clocks are injected: every rule here is tested without waiting."""

from __future__ import annotations

import ipaddress
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from chat_server.config import Limits

Clock = Callable[[], float]


class Bucket:
    """A token bucket: `burst` at once, then `rate` a second. A rate of 0 is no limit."""

    __slots__ = ("_burst", "_clock", "_filled_at", "_rate", "_tokens")

    def __init__(self, rate: float, burst: int, clock: Clock) -> None:
        self._rate = rate
        self._burst = float(burst)
        self._tokens = float(burst)
        self._clock = clock
        self._filled_at = clock()

    def take(self) -> float:
        """Takes one token, on credit if there is none: the seconds to wait before it is earned."""
        if not self._rate:
            return 0.0
        now = self._clock()
        self._tokens = min(self._burst, self._tokens + (now - self._filled_at) * self._rate) - 1.0
        self._filled_at = now
        return 0.0 if self._tokens >= 0.0 else -self._tokens / self._rate


@dataclass(frozen=True, slots=True)
class Ruling:
    """What becomes of a line: after `wait` seconds it is taken, refused (slow-down), or ends all (flood)."""

    wait: float
    fate: Literal["take", "refuse", "flood"]


class Pace:
    """One client's pace: first its lines are delayed, then refused, then it is sent away.

    Delaying is done by the client's own reader, so TCP holds back what he sends and nobody else notices.
    """

    __slots__ = ("_asks", "_clock", "_limits", "_speech", "_throttled_since")

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._speech = Bucket(limits.lines_per_second, limits.burst_lines, clock)
        rate = limits.asks_per_second if limits.lines_per_second else 0.0
        self._asks = Bucket(rate, limits.burst_asks, clock)
        self._throttled_since: float | None = None

    def judge(self, is_ask: bool) -> Ruling:
        """Rules on the next line. The caller waits `Ruling.wait` seconds before it acts on the fate."""
        wait = (self._asks if is_ask else self._speech).take()
        now = self._clock()
        if wait <= 0.0:
            self._throttled_since = None
            return Ruling(0.0, "take")
        if self._throttled_since is None:
            self._throttled_since = now
        throttled = now + wait - self._throttled_since
        if throttled > self._limits.flood_seconds:
            return Ruling(0.0, "flood")
        return Ruling(wait, "refuse" if throttled > self._limits.delay_seconds else "take")


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)


def is_loopback(address: str) -> bool:
    """Whether an address never leaves this machine."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback


class Door:
    """Who may connect: caps in all, per address, and for new connections. Accept thread and readers' ends."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._count = 0
        self._by_network: dict[str, int] = {}
        self._new: dict[str, deque[float]] = {}

    def enter(self, address: str) -> str | None:
        """Counts a connection in; a sentence for the person if it may not come in (then nothing is counted)."""
        limits = self._limits
        if limits.clients and self._count >= limits.clients:
            return f"This server is full, {limits.clients} are here; try again later"
        if not is_loopback(address):
            network = network_of(address)
            here = self._by_network.get(network, 0)
            if limits.clients_per_address and here >= limits.clients_per_address:
                return f"There are already {here} connections from your address; close one first"
            if limits.clients_per_address and not self._is_calm(network):
                minutes = round(limits.new_seconds / 60)
                return f"Too many new connections from your address; wait up to {minutes} minutes"
            self._by_network[network] = here + 1
        self._count += 1
        return None

    def leave(self, address: str) -> None:
        """Counts a connection out."""
        self._count -= 1
        if is_loopback(address):
            return
        network = network_of(address)
        left = self._by_network.get(network, 1) - 1
        if left:
            self._by_network[network] = left
        else:
            self._by_network.pop(network, None)

    def _is_calm(self, network: str) -> bool:
        now = self._clock()
        since = now - self._limits.new_seconds
        if len(self._new) > 4096:
            # Only addresses of the last minutes are kept, so a sweep of addresses cannot fill the memory.
            self._new = {key: times for key, times in self._new.items() if times[-1] > since}
        times = self._new.setdefault(network, deque(maxlen=self._limits.new_per_address))
        if len(times) == times.maxlen and times[0] > since:
            return False
        times.append(now)
        return True
