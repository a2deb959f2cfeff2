"""A terminal that is the same everywhere: no colours, sizes or zones from outside, and as patient on a busy machine."""

from __future__ import annotations

import asyncio
import time

import pytest

TURN = 0.02
"""Seconds between two looks at whether an app has something to do: as long as Textual's pilot takes."""


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "COLUMNS", "LINES", "TEXTUAL_THEME", "TMUX", "COLORFGBG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()


@pytest.fixture(autouse=True)
def _patient_pilot(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pause of the pilot ends when nothing is left to be done.

    Textual's own ends when the process uses no CPU time, and so does one that is given none: on a busy machine a
    resize was then not done yet (seen with 11 ms more for every message, and a CPU clock that stands still).
    """

    async def wait_for_idle(min_sleep: float = 0.0, max_sleep: float = 1.0) -> None:
        ready = asyncio.get_running_loop()._ready  # type: ignore[attr-defined]
        ends_at = time.monotonic() + max_sleep
        await asyncio.sleep(max(min_sleep, TURN))
        # What became due meanwhile stands there behind this very step.
        while ready and time.monotonic() < ends_at:
            await asyncio.sleep(TURN)

    monkeypatch.setattr("textual.pilot.wait_for_idle", wait_for_idle)
