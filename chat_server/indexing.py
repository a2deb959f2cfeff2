"""Indexing: what was said is made ready for searching, beside the talk and a little at a time."""

from __future__ import annotations

import logging
import threading
from contextlib import suppress
from typing import Final

from chat_server.config import Limits
from chat_server.log import Log, LogFailed, Reader, StorageFull

log = logging.getLogger(__name__)

_WARMED: Final = 200
"""Rooms, the latest, whose last messages are read at the start: some 20 pages of the disk for each."""


class Indexer:
    """Keeps the index. `run` has a thread of its own."""

    def __init__(self, messages: Log, limits: Limits) -> None:
        self._log = messages
        self._limits = limits

    def run(self, stopping: threading.Event) -> None:
        """Goes on until `stopping` is set, and returns soon after."""
        limits = self._limits
        self._warm(stopping)
        pause = 0.0
        while not stopping.wait(pause):
            try:
                done = self._log.index_some(lambda: stopping.wait(limits.index_pause_seconds))
            except StorageFull:
                log.warning("no room on the disk for the index of messages; searching goes on without it")
                pause = limits.index_retry_seconds
            else:
                pause = limits.index_pause_seconds if done else limits.index_look_seconds

    def _warm(self, stopping: threading.Event) -> None:
        """Reads what the hub will read of each room when first somebody comes: from a disk that has not been asked for
        it yet that takes 20 ms or more, in which nobody else would be served, and from memory a fifth of one."""
        latest = sorted(self._log.rooms(), key=lambda room: -room.last_at)
        # A page that the disk has spoiled is the hub's matter.
        with suppress(LogFailed):
            for room in latest[:_WARMED]:
                if stopping.is_set():
                    return
                self._log.before(None, room.room, Reader("", frozenset({room.room})), self._limits.backlog)
