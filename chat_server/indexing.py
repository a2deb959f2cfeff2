"""Indexing: what was said is made ready for searching, beside the talk and a little at a time."""

from __future__ import annotations

import logging
import threading
from typing import Final

from chat_server.log import Log, StorageFull

log = logging.getLogger(__name__)

_LOOK_SECONDS: Final = 2.0
"""How often it is looked whether there is something to do. 4,096 entries make a block, in a busy room in a minute."""

_PAUSE_SECONDS: Final = 0.001
"""Between two pieces of as long: half the time the GIL is free, so a million old entries take two minutes."""

_RETRY_SECONDS: Final = 60.0
"""On a full disk."""


class Indexer:
    """Keeps the index. `run` has a thread of its own."""

    def __init__(self, messages: Log) -> None:
        self._log = messages

    def run(self, stopping: threading.Event) -> None:
        """Goes on until `stopping` is set, and returns soon after."""
        pause = 0.0
        while not stopping.wait(pause):
            try:
                done = self._log.index_some(lambda: stopping.wait(_PAUSE_SECONDS))
            except StorageFull:
                log.warning("no room on the disk for the index of messages; searching goes on without it")
                pause = _RETRY_SECONDS
            else:
                pause = _PAUSE_SECONDS if done else _LOOK_SECONDS
