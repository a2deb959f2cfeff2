"""The last that was said in a room, as the bytes that went out, for whoever joins. Belongs to the hub thread."""

from __future__ import annotations

from collections import deque
from typing import Final, NamedTuple

from chat_server.wire import Entry

MESSAGES: Final = frozenset({"msg", "act", "topic"})
"""Kinds of entries that stand for themselves; the others change one of these."""

_CHANGES: Final = 4
"""So many entries are kept for each message: a message that a hundred people react to must not fill the memory."""


class _Kept(NamedTuple):
    id: int
    ref: int | None
    is_message: bool
    is_delete: bool
    line: bytes


class Recent:
    """The last `backlog` messages and what refers to them, oldest first."""

    __slots__ = ("_backlog", "_kept", "_messages")

    def __init__(self, backlog: int) -> None:
        self._backlog = backlog
        self._kept: deque[_Kept] = deque()
        self._messages = 0
        """How many of what is kept are messages."""

    def keep(self, entry: Entry, line: bytes) -> None:
        """Adds an entry; what was deleted is not shown."""
        if entry.kind == "delete":
            # A reply refers to it too, but is a message of its own.
            rest = [
                one for one in self._kept if one.id != entry.ref and (one.is_message or one.ref != entry.ref)
            ]
            self._kept = deque(rest)
            self._messages = sum(one.is_message for one in rest)
        is_message = entry.kind in MESSAGES
        is_delete = entry.kind == "delete"
        if not (is_message or is_delete) and any(
            one.is_delete and one.ref == entry.ref for one in self._kept
        ):
            # An edit from another device that came too late: the log has it without its text.
            return
        self._kept.append(_Kept(entry.id, entry.ref, is_message, is_delete, line))
        self._messages += is_message
        while self._messages > self._backlog or len(self._kept) > _CHANGES * self._backlog:
            self._drop_oldest()

    def forget_before(self, id: int) -> None:
        """Retention removed everything before an id."""
        while self._kept and self._kept[0].id < id:
            self._drop_oldest()

    def within(self, most: float) -> bytes:
        """The newest lines, as many as fit into so many bytes."""
        lines: list[bytes] = []
        for one in reversed(self._kept):
            most -= len(one.line)
            if most < 0:
                break
            lines.append(one.line)
        return b"".join(reversed(lines))

    def clear(self) -> None:
        """Gives the memory back."""
        self._kept.clear()
        self._messages = 0

    def _drop_oldest(self) -> None:
        self._messages -= self._kept.popleft().is_message
