"""The log writer: the one thread that stores. What queued up during a commit is the next commit's batch."""

from __future__ import annotations

import logging
from collections.abc import Callable
from queue import Empty, SimpleQueue

from chat_server.batch import Batch, Kept
from chat_server.config import Limits
from chat_server.hub import Hub
from chat_server.log import Draft, Log, LogFailed, StorageFull
from chat_server.people import People
from chat_server.roster import Session

log = logging.getLogger(__name__)


class Writer:
    """Takes drafts, has them stored, tells the hub. `fail` is called when the store is in doubt."""

    def __init__(self, messages: Log, people: People, limits: Limits, fail: Callable[[str], None]) -> None:
        self._log = messages
        self._people = people
        self._limits = limits
        self._fail = fail
        self._queue: SimpleQueue[Batch | None] = SimpleQueue()
        self.hub: Hub

    def store(self, batch: Batch) -> None:
        """Queues a batch of drafts. Never blocks: each connection has one batch under way at most."""
        self._queue.put(batch)

    def stop(self) -> None:
        """Makes `run` return when everything queued before is stored."""
        self._queue.put(None)

    def run(self) -> None:
        """Stores until `stop`."""
        is_over = False
        while not is_over:
            batch = self._queue.get()
            if batch is None:
                break
            while len(batch) < self._limits.batch_drafts:
                try:
                    more = self._queue.get_nowait()
                except Empty:
                    break
                if more is None:
                    is_over = True
                    break
                batch += more
            # What is kept comes first, as in what anybody said: see hub.Batch.
            self._save([(one, session) for one, session in batch if isinstance(one, Kept)])
            drafts = [(one, session) for one, session in batch if isinstance(one, Draft)]
            if drafts:
                self._append(drafts)
        self._save([])

    def _save(self, kept: list[tuple[Kept, Session]]) -> None:
        """Makes last what was remembered of people until now: one commit, none if there is nothing new."""
        is_saved = False
        try:
            self._people.save()
            is_saved = True
        except StorageFull:
            log.error("the disk is full: the rooms that people are in are not saved")
        except LogFailed as error:
            self._fail(f"the message store failed: {error}")
        if kept:
            self.hub.post(self.hub.saved, kept, is_saved)

    def _append(self, drafts: list[tuple[Draft, Session]]) -> None:
        try:
            stored = self._log.append([draft for draft, _ in drafts])
        except StorageFull:
            log.error("the disk is full: %d messages were refused", len(drafts))
            self.hub.post(self.hub.unstored, drafts, "storage-full")
        except LogFailed as error:
            # It is unknown what is on the disk, so nobody may be told anything but that the server ends.
            self._fail(f"the message store failed: {error}")
        else:
            self.hub.post(self.hub.settle, drafts, stored)
