"""Retention: what is older than the server keeps is removed, a little at a time, so that nobody waits for it."""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable

from chat_server.config import Limits
from chat_server.log import Log, StorageFull

log = logging.getLogger(__name__)

_DAY = 86_400


def parse_keep(text: str) -> float | None:
    """ "90d", "12h" or "forever" -> seconds, None for ever. ValueError for anything else."""
    if text == "forever":
        return None
    found = re.fullmatch(r"([1-9][0-9]{0,5})([dh])", text)
    if not found:
        raise ValueError("say how long as 90d, 12h, or forever")
    return int(found[1]) * (_DAY if found[2] == "d" else 3600)


class Keeper:
    """Removes old entries. `run` has a thread of its own; each piece is one short transaction."""

    def __init__(
        self,
        messages: Log,
        seconds: float,
        limits: Limits,
        clock: Callable[[], float],
        forgotten: Callable[[int], object] = lambda id: None,
    ) -> None:
        """`forgotten` is told the oldest id that is still there, whenever some were removed."""
        self._forgotten = forgotten
        self._log = messages
        self._seconds = seconds
        self._limits = limits
        self._clock = clock

    def run(self, stopping: threading.Event) -> None:
        """Looks every `keep_look_seconds`; returns soon after `stopping` is set."""
        while True:
            removed = self.clear(stopping)
            if removed:
                log.info("%d old messages were removed", removed)
            if stopping.wait(self._limits.keep_look_seconds):
                return

    def clear(self, stopping: threading.Event) -> int:
        """Removes everything that is too old now; how many entries it were."""
        removed = 0
        while not stopping.is_set():
            try:
                piece = self._log.forget_before(
                    int(self._clock() - self._seconds), self._limits.keep_piece_entries
                )
            except StorageFull:
                log.warning("no room on the disk to remove old messages; trying again later")
                return removed
            removed += piece
            if piece:
                position = self._log.position()
                self._forgotten(position.oldest or position.last + 1)
            if piece < self._limits.keep_piece_entries:
                return removed
            # What is said meanwhile goes first.
            stopping.wait(self._limits.keep_pause_seconds)
        return removed
