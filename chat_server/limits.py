"""Rates and caps. Clocks are injected: every rule here is tested without waiting."""

from __future__ import annotations

import ipaddress
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

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

    __slots__ = ("_asks", "_clock", "_limits", "_scraps", "_speech", "_throttled")

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._clock = clock
        self._speech = Bucket(limits.lines_per_second, limits.burst_lines, clock)
        rate = limits.asks_per_second if limits.lines_per_second else 0.0
        self._asks = Bucket(rate, limits.burst_asks, clock)
        rate = limits.scraps_per_second if limits.lines_per_second else 0.0
        self._scraps = Bucket(rate, limits.burst_scraps, clock)
        self._throttled: dict[bool, float] = {}
        """Since when he is too fast, for talk and for questions: a question between two lines of a flood of talk
        does not make it another flood."""

    def judge(self, is_ask: bool) -> Ruling:
        """Rules on the next line. The caller waits `Ruling.wait` seconds before it acts on the fate."""
        wait = (self._asks if is_ask else self._speech).take()
        if wait <= 0.0:
            self._throttled.pop(is_ask, None)
            return Ruling(0.0, "take")
        now = self._clock()
        throttled = now + wait - self._throttled.setdefault(is_ask, now)
        if throttled > self._limits.flood_seconds:
            return Ruling(0.0, "flood")
        return Ruling(wait, "refuse" if throttled > self._limits.delay_seconds else "take")

    def judge_scrap(self) -> float:
        """The seconds to wait before reading on, after bytes that ended no line."""
        return self._scraps.take()


def network_of(address: str) -> str:
    """What counts as one address: an IPv4 address, or the /64 of an IPv6 one."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return str(ip.ipv4_mapped)
        # Not ip_network, which takes ten times as long: this is done for everybody who knocks.
        return f"{ipaddress.IPv6Address(int(ip) >> 64 << 64)}/64"
    return str(ip)


def is_loopback(address: str) -> bool:
    """Whether an address never leaves this machine."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    mapped = ip.ipv4_mapped if isinstance(ip, ipaddress.IPv6Address) else None
    return (mapped or ip).is_loopback


_SWITCH_SECONDS: Final = 40e-6
_SWITCH_STEP: Final = 128
_SWITCH_LEAST: Final = 0.005
"""Every thread that waits for Python's lock wakes each switch interval to ask for it: with CPython's 5 ms, 10,000 whose
connections broke at once kept both processors busy for a minute with that alone; with 50 ms it was 7 s, with 100 ms and
more about one. So 40 µs for each connection: 0.4 s for 10,000, the 5 ms up to 128."""

_CALM_SECONDS: Final = 1.0
"""Nobody left for so long: who is counted out still needs the lock a few times before his thread has ended."""


class Quota:
    """So many in so many seconds for each network, loopback exempt. Any thread."""

    def __init__(self, most: int, seconds: float, networks: int, clock: Clock) -> None:
        self._most = most
        self._seconds = seconds
        self._networks = networks
        self._clock = clock
        self._lock = threading.Lock()
        self._times: OrderedDict[str, deque[float]] = OrderedDict()
        """When each network was last granted one; who was last is at the end."""

    def take(self, address: str) -> bool:
        """Takes one of the network of an address; False if it has had them all of late."""
        return is_loopback(address) or self.take_of(network_of(address))

    def take_of(self, network: str) -> bool:
        """The same by the name of a network, or of whatever else is counted."""
        now = self._clock()
        since = now - self._seconds
        with self._lock:
            times = self._times.get(network)
            if times is None:
                times = self._times[network] = deque(maxlen=self._most)
            if len(times) == times.maxlen and times[0] > since:
                return False
            times.append(now)
            self._times.move_to_end(network)
            # The front is who came longest ago: each look costs only what it removes.
            while len(self._times) > self._networks or next(iter(self._times.values()))[-1] <= since:
                self._times.popitem(last=False)
        return True


class Door:
    """Who may connect: caps in all, per address, and for new connections. Any thread."""

    def __init__(self, limits: Limits, clock: Clock) -> None:
        self._limits = limits
        self._lock = threading.Lock()
        self._count = 0
        self._by_network: dict[str, int] = {}
        self._clock = clock
        self._left_at = 0.0
        self._step = 0
        """What the switch interval was last set for."""
        self._new = Quota(limits.new_per_address, limits.new_seconds, limits.networks, clock)

    def enter(self, address: str) -> str | None:
        """Counts a connection in; a sentence for the person if it may not come in (then nothing is counted)."""
        limits = self._limits
        network = None if is_loopback(address) else network_of(address)
        with self._lock:
            if limits.clients and self._count >= limits.clients:
                return f"This server is full, {limits.clients} are here; try again later"
            if network is not None and limits.clients_per_address:
                here = self._by_network.get(network, 0)
                if here >= limits.clients_per_address:
                    return f"There are already {here} connections from your address; close one first"
                if not self._new.take(address):
                    minutes = max(1, round(limits.new_seconds / 60))
                    return f"Too many new connections from your address; wait up to {minutes} minutes"
            if network is not None:
                self._by_network[network] = self._by_network.get(network, 0) + 1
            self._count += 1
            self._share_processor()
        return None

    def leave(self, address: str) -> None:
        """Counts a connection out."""
        network = None if is_loopback(address) else network_of(address)
        with self._lock:
            self._count -= 1
            self._share_processor()
            self._left_at = self._clock()
            if network is None:
                return
            left = self._by_network[network] - 1
            if left:
                self._by_network[network] = left
            else:
                del self._by_network[network]

    @property
    def count(self) -> int:
        """How many are in."""
        with self._lock:
            return self._count

    def _share_processor(self) -> None:
        """Longer for more threads, at once; shorter for fewer, when nobody leaves: see _SWITCH_SECONDS."""
        step = self._count // _SWITCH_STEP
        if step > self._step or (step < self._step and self._clock() - self._left_at > _CALM_SECONDS):
            self._step = step
            sys.setswitchinterval(max(_SWITCH_LEAST, step * _SWITCH_STEP * _SWITCH_SECONDS))
