"""Calls that one thread does for all others, in the order in which they came."""

from __future__ import annotations

from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any


class Inbox:
    """What is to be done by the thread that owns it.

    1. post() never blocks.                                    any thread
    2. do() takes what has come until now, and not more.       the owner's thread only
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[tuple[Callable[..., None], tuple[Any, ...]]] = SimpleQueue()

    def post(self, call: Callable[..., None], *arguments: Any) -> None:
        """Has the owner call something."""
        self._calls.put((call, arguments))

    def do(self, timeout: float | None = 0.0) -> None:
        """Does everything that waits; waits itself for a first call so many seconds, 0 or None for not at all."""
        try:
            call, arguments = self._calls.get(timeout=timeout) if timeout else self._calls.get_nowait()
            call(*arguments)
            # Not until it is empty: what comes of these calls must not wait for a never-ending stream.
            for _ in range(self._calls.qsize()):
                call, arguments = self._calls.get_nowait()
                call(*arguments)
        except Empty:
            pass
