"""A room, or a direct conversation, as the app knows it, and the order of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from chat_server.wire import WhoName
from chat_tui.model.changes import Change, MessageReplaced, MessagesAdded, MessagesRemoved, MessagesReset
from chat_tui.model.message import Message

CROWD: Final = 200
"""In a room of more people the server tells only how many there are (chat/1); no joins and parts then."""

ROWS: Final = 100_000
"""Rows kept of one room, about 45 MB: weeks of a busy one. The oldest go in pieces of a tenth, so that a full
room does not move its whole list for every line."""


@dataclass(slots=True)
class RoomState:
    """`name` is "#room" or "@nick". `messages`: entries by rising id with notices between, then own lines
    that have no id yet. Widgets read; only the model writes.

    `people` is empty in a direct conversation; in a crowd it is the last /who and `people_count` is newer.
    `unread_from` is the key of the first row not seen: where the unread line is drawn. It outlives the
    counters until the user leaves the room again.
    """

    name: str
    is_joined: bool = True
    topic: str = ""
    messages: list[Message] = field(default_factory=list)
    people: dict[str, WhoName] = field(default_factory=dict)
    people_count: int = 0
    unread: int = 0
    mentions: int = 0
    unread_from: str | None = None
    last_id: int = 0
    """The highest id seen here, 0 for none."""
    left_at: int = 0
    """The highest id that there was when the last connection was lost, 0 for a room entered since."""
    has_older: bool = False
    """Whether the server has messages from before the first one here."""
    is_loading: bool = False
    """Whether such a page is on its way."""
    _ids: set[int] = field(default_factory=set, repr=False)
    _trimmed: int = 0
    """The highest id that was given up for want of room."""

    @property
    def is_direct(self) -> bool:
        """A conversation with one person."""
        return self.name.startswith("@")

    @property
    def is_crowd(self) -> bool:
        """So many people that comings and goings are not told one by one."""
        return self.people_count > CROWD

    def knows(self, id: int) -> bool:
        """Whether the entry is here, or was."""
        return id in self._ids or id <= self._trimmed

    def entry(self, id: int) -> Message | None:
        """The row of an entry."""
        index = self.find(f"e{id}") if self.knows(id) else None
        return None if index is None else self.messages[index]

    def last_settled(self) -> Message | None:
        """The last row above the own lines that wait."""
        end = self._settled()
        return self.messages[end - 1] if end else None

    def find(self, key: str) -> int | None:
        """Where a row is; the newest are looked at first."""
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].key == key:
                return index
        return None

    # -- what the model does; each method says what changed

    def settle(self, message: Message) -> list[Change]:
        """A row without an id goes below all others but the own lines that wait."""
        return [self._insert(self._settled(), (message,))]

    def wait(self, message: Message) -> list[Change]:
        """An own line goes to the very end."""
        return [self._insert(len(self.messages), (message,))]

    def merge(self, rows: Iterable[Message]) -> list[Change]:
        """Puts entries where their ids belong; those that are known are left out."""
        new = {row.id: row for row in rows if row.id is not None and not self.knows(row.id)}
        if not new:
            return []
        self._ids.update(new)
        self.last_id = max(self.last_id, *new)
        changes: list[Change] = []
        place = scanned = self._settled()
        group: list[Message] = []
        # From the highest id to the lowest, and back through the rows once.
        for id in sorted(new, reverse=True):
            before = place
            while scanned:
                above = self.messages[scanned - 1].id
                if above is not None and above < id:
                    break
                scanned -= 1
                if above is not None:
                    place = scanned
            if place != before and group:
                changes.append(self._insert(before, tuple(reversed(group))))
                group = []
            group.append(new[id])
        changes.append(self._insert(place, tuple(reversed(group))))
        # The latest group was put in first, so no place has moved under another one.
        return changes + self._trim()

    def replace(self, key: str, message: Message) -> list[Change]:
        """Puts another message into the place of a row; nothing if there is no such row, or no difference."""
        index = self.find(key)
        if index is None or self.messages[index] == message:
            return []
        self.messages[index] = message
        if self.unread_from == key:
            self.unread_from = message.key
        return [MessageReplaced(self.name, key, message)]

    def land(self, key: str, message: Message) -> list[Change]:
        """An own line that waited has its id: it becomes an entry, at the place of its id."""
        settled = self._settled()
        is_first = settled < len(self.messages) and self.messages[settled].key == key
        id = message.id or 0
        if is_first and id > self.last_id:
            self._ids.add(id)
            self.last_id = id
            return self.replace(key, message) + self._trim()
        return self.remove([key]) + self.merge([message])

    def remove(self, keys: Sequence[str]) -> list[Change]:
        """Takes rows out by their keys; unknown keys are ignored."""
        found = {key: index for key in keys if (index := self.find(key)) is not None}
        for index in sorted(found.values(), reverse=True):
            del self.messages[index]
        if self.unread_from in found:
            self.unread_from = None
        return [MessagesRemoved(self.name, tuple(found))] if found else []

    def forget_entries(self) -> list[Change]:
        """The server has another log: drops all entries, keeps what has no id."""
        self.messages = [message for message in self.messages if message.id is None]
        self._ids.clear()
        self._trimmed = self.last_id = self.left_at = self.unread = self.mentions = 0
        self.unread_from = None
        return [MessagesReset(self.name)]

    def _settled(self) -> int:
        """Where the own lines that wait begin."""
        index = len(self.messages)
        while index and self.messages[index - 1].is_waiting:
            index -= 1
        return index

    def _insert(self, index: int, rows: tuple[Message, ...]) -> MessagesAdded:
        before = self.messages[index].key if index < len(self.messages) else None
        self.messages[index:index] = rows
        return MessagesAdded(self.name, rows, before)

    def _trim(self) -> list[Change]:
        piece = ROWS // 10
        if len(self.messages) < ROWS + piece:
            return []
        old = self.messages[:piece]
        del self.messages[:piece]
        ids = [message.id for message in old if message.id is not None]
        self._trimmed = max(self._trimmed, *ids) if ids else self._trimmed
        self._ids.difference_update(ids)
        keys = tuple(message.key for message in old)
        if self.unread_from in keys:
            self.unread_from = None
        return [MessagesRemoved(self.name, keys)]
