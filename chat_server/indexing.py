"""Indexing: what was said is made ready for searching, beside the talk and a little at a time."""

from __future__ import annotations

import logging
import threading

from chat_server.config import Limits
from chat_server.log import Log, StorageFull

log = logging.getLogger(__name__)


class Indexer:
    """Keeps the index. `run` has a thread of its own."""

    def __init__(self, messages: Log, limits: Limits) -> None:
        self._log = messages
        self._limits = limits

    def run(self, stopping: threading.Event) -> None:
        """Goes on until `stopping` is set, and returns soon after."""
        limits = self._limits
        pause = 0.0
        while not stopping.wait(pause):
            try:
                done = self._log.index_some(lambda: stopping.wait(limits.index_pause_seconds))
            except StorageFull:
                log.warning("no room on the disk for the index of messages; searching goes on without it")
                pause = limits.index_retry_seconds
            else:
                pause = limits.index_pause_seconds if done else limits.index_look_seconds
