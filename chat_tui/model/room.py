"""A room, or a direct conversation, as the app knows it."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat_server.wire import WhoName
from chat_tui.model.message import Message

CROWD = 200
"""In a room of more people the server tells only how many there are (chat/1); no joins and parts then."""


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

    @property
    def is_direct(self) -> bool:
        """A conversation with one person."""
        return self.name.startswith("@")

    @property
    def is_crowd(self) -> bool:
        """So many people that comings and goings are not told one by one."""
        return self.people_count > CROWD
