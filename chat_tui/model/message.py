"""One row of a room's log, as plain data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

from chat_server.text import names
from chat_server.wire import Entry

DELETED: Final = "(taken back)"
"""The text of a message that was deleted, where another one answers it."""

GONE: Final = "a message that was removed"
"""The same of one that the server removed for its age."""

GAP: Final = "— messages not loaded, click or Enter to load —"
LOADING: Final = "— loading messages … —"
NOT_LOADED: Final = "— not loaded, click or Enter tries again: {why} —"


class Delivery(Enum):
    """Where one of the user's own lines is. Everything from others is SENT."""

    SENT = "sent"
    PENDING = "pending"
    FAILED = "failed"
    UNSURE = "perhaps sent"
    """Nobody knows, and it is not sent again by itself."""


REMOVED: Final = "anything said here earlier was removed from the server"
REMOVED_BETWEEN: Final = "anything said in between was removed from the server"
"""Whether something was, nobody knows any more: the server tells ids, and those are of all rooms together."""

MessageKind = Literal["msg", "act", "notice", "event", "error", "gap", "removed"]


@dataclass(frozen=True, slots=True)
class Reaction:
    """One emoji under a message, and who put it there. `delivery`: where the user's own is, or his taking it back."""

    emoji: str
    nicks: tuple[str, ...]
    is_mine: bool
    delivery: Delivery = Delivery.SENT


@dataclass(frozen=True, slots=True)
class Quoted:
    """What a message answers. `nick` and `text` are empty as long as it is not loaded; `nick` is empty and
    `text` says so if it was taken back or removed."""

    id: int
    nick: str
    text: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What is not loaded in a gap: between two messages that were said then (Unix seconds), and about how many."""

    since: int
    until: int
    count: int


@dataclass(frozen=True, slots=True)
class Message:
    """A row. `at` is Unix seconds; `text` is cleaned wire text, where U+2424 stands for a line break.

    `key` names the row for its whole life: "e1041" for an entry of the server, "p7f3c-18" for an own line
    that has no id yet (it becomes "e…" by a MessageReplaced), "n7" for a row that only this app knows.

    - msg, act: said by `nick`
    - notice: what the server answered or noted; error: why something was refused; both without a nick
    - event: joins, parts and renames of others, folded; a topic (which has an id)
    - gap: messages that are not loaded; `text` says so, or that they are on their way, or why they did not come
    - removed: what was there is gone from the server; nothing can be loaded

    `delivery` of a message that has its id is where the user's change of it is. `reason` says why a FAILED line, or a
    change or reaction, was not taken, why an UNSURE one is, or why a gap could not be loaded; `ref` of that gap is the
    message in it that was looked for, and `missing` tells of one between messages how much it is. `is_edited`: its author
    gave it this text later. One that he took back has no row any more; `is_leaving`: the user did, and the server has
    not yet.
    """

    key: str
    at: int
    kind: MessageKind
    nick: str
    text: str
    id: int | None = None
    ref: int | None = None
    delivery: Delivery = Delivery.SENT
    is_own: bool = False
    mentions_me: bool = False
    reason: str = ""
    is_edited: bool = False
    reactions: tuple[Reaction, ...] = ()
    reply: Quoted | None = None
    is_leaving: bool = False
    missing: Missing | None = None

    @property
    def has_failed(self) -> bool:
        """Something of the user's is not sent again by itself: the message, a change of it or a reaction to it."""
        stuck = (Delivery.FAILED, Delivery.UNSURE)
        return self.delivery in stuck or any(one.delivery in stuck for one in self.reactions)

    @property
    def is_rule(self) -> bool:
        """It stands for what is not there, and is drawn as a line across; it is of no day."""
        return self.kind in ("gap", "removed")

    @property
    def is_of_others(self) -> bool:
        """Something that somebody else said: it can be unread."""
        return self.id is not None and not self.is_own and self.kind in ("msg", "act")

    @property
    def is_waiting(self) -> bool:
        """An own line without an id: it stands below everything else."""
        return self.id is None and self.kind in ("msg", "act")


def row_of(entry: Entry, nicks: Collection[str]) -> Message | None:
    """The row of an entry for somebody who goes by these nicks; None for a kind that has no row of its own."""
    key = f"e{entry.id}"
    match entry.kind:
        case "msg" | "act":
            is_own = entry.nick in nicks
            mentions_me = not is_own and any(names(entry.text, nick) for nick in nicks)
            return Message(
                key,
                entry.at,
                entry.kind,
                entry.nick,
                entry.text,
                entry.id,
                entry.ref,
                Delivery.SENT,
                is_own,
                mentions_me,
            )
        case "topic":
            text = f"{entry.nick} {'set the topic: ' + entry.text if entry.text else 'took the topic away'}"
            return Message(key, entry.at, "event", "", text, entry.id)
    return None
