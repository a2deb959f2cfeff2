"""A terminal that is the same everywhere: no colours, sizes or zones from outside, and as patient on a busy machine."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from math import inf

import pytest

from chat_tui.client import ChatClient
from tests.tui.scripted_server import Heard

TURN = 0.04
"""Seconds: what an app will do within so many is waited for. A screen is drawn within two frames of a 60th of a
second after it changed: one, and one more if the last came late."""
TURNS = 60
"""How often it is waited for: an app that has ended, or something that moves, goes on for ever."""


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLUMNS", "LINES", "TEXTUAL_THEME", "TMUX", "COLORFGBG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 0.0) -> None:
    """Until nothing is left to be done, and nothing is to be done soon.

    Textual's own (one for the pilot's pauses, one for its keys) ends when the process uses no CPU time, and so does
    one that is given none: on a busy machine a resize was then not done yet (seen with 11 ms more for every message,
    and a CPU clock that stands still). And it takes 20 ms at least, 40 for each key.
    """
    loop = asyncio.get_running_loop()
    for _ in range(TURNS):
        await _wait_until_nothing_is_ready(loop)
        timers = loop._scheduled  # type: ignore[attr-defined]
        next_at = min((timer.when() for timer in timers if not timer.cancelled()), default=inf)
        if next_at > loop.time() + TURN:
            return
        await asyncio.sleep(max(0.0, next_at - loop.time()))


async def _wait_until_nothing_is_ready(loop: asyncio.AbstractEventLoop) -> None:
    ready = loop._ready  # type: ignore[attr-defined]
    quiet_turns = 0
    # The loop looks at its sockets between two turns.
    while quiet_turns < 2:
        await asyncio.sleep(0)
        # What stands there behind this very step came meanwhile.
        quiet_turns = 0 if ready else quiet_turns + 1


@pytest.fixture(autouse=True)
def _patient_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual.pilot.wait_for_idle", wait_for_idle)
    monkeypatch.setattr("textual.app.wait_for_idle", wait_for_idle)


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def clients() -> Iterator[list[ChatClient]]:
    clients: list[ChatClient] = []
    yield clients
    for client in clients:
        client.close()
