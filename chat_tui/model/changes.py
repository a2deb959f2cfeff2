"""What a widget must do after something happened: the answers of the model."""

from __future__ import annotations

from dataclasses import dataclass, field

from chat_server.wire import ClientLine
from chat_tui.model.message import Message


@dataclass(frozen=True, slots=True)
class Send:
    """Give this line to the client. If there is no connection it may be dropped: the model sends it again."""

    line: ClientLine


@dataclass(frozen=True, slots=True)
class MessagesAdded:
    """Rows that stand together, oldest first; they come before the row with the key `before`, or last (None).

    `before` is not None when a line of the user waits below for its answer, or when missed history is put
    where it belongs.
    """

    room: str
    messages: tuple[Message, ...]
    before: str | None = None


@dataclass(frozen=True, slots=True)
class MessageReplaced:
    """The row `old_key` is now this message, at the same place (the key may be a new one)."""

    room: str
    old_key: str
    message: Message


@dataclass(frozen=True, slots=True)
class MessagesRemoved:
    """These rows are gone: a dropped line, the oldest ones of a very long log, or one that comes back
    elsewhere by a MessagesAdded in the same list of changes."""

    room: str
    keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MessagesReset:
    """Show `model.rooms[room].messages` anew: the server's history was started afresh."""

    room: str


@dataclass(frozen=True, slots=True)
class RoomsChanged:
    """The list of rooms, or what stands in it: names, unread, mentions, topics."""


@dataclass(frozen=True, slots=True)
class RoomRenamed:
    """A direct conversation goes on under the other one's new nick: "@bob" is "@rob" now; drafts move along."""

    old: str
    new: str


@dataclass(frozen=True, slots=True)
class CurrentRoomChanged:
    """`model.current_room` is another one."""

    room: str


@dataclass(frozen=True, slots=True)
class PeopleChanged:
    """Who is in a room, or how many, or how they are marked."""

    room: str


@dataclass(frozen=True, slots=True)
class StatusChanged:
    """state, nick, server, lag, lost_reason or retry_at."""


@dataclass(frozen=True, slots=True)
class Notify:
    """Somebody wants the user: a mention or a direct message, live (never replayed history)."""

    room: str
    message: Message


@dataclass(frozen=True, slots=True)
class HistoryLoaded:
    """What was asked for by load_older, load_gap or jump_to is on its way, is here or did not come: the row of its
    gap says which."""

    room: str


@dataclass(frozen=True, slots=True)
class FoundMessage:
    """A message and where it is. The room may be a conversation that is not open; the row may not be loaded."""

    room: str
    message: Message


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to search(words): oldest first. `has_more`: ask again with `before`, any id that is not None.

    `error` says why nothing was searched, "" if it was.
    """

    words: str
    messages: tuple[FoundMessage, ...]
    has_more: bool = False
    error: str = ""


@dataclass(frozen=True, slots=True)
class JumpReady:
    """The row that jump_to was asked for (or the nearest one that is left) is in `rooms[room].messages` now; while it
    is on its way, that of the gap where it will be.

    The room may have to be shown first.
    """

    room: str
    key: str


@dataclass(frozen=True, slots=True)
class SecretProved:
    """A nick was typed, and the server took it with this secret: keep it for the next start."""

    nick: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class HelpWanted:
    """/help was typed: open the page."""


@dataclass(frozen=True, slots=True)
class QuitWanted:
    """/quit was typed: close the app, after what it asks before closing. Send the line if `is_online`."""

    text: str


Change = (
    Send
    | MessagesAdded
    | MessageReplaced
    | MessagesRemoved
    | MessagesReset
    | RoomsChanged
    | RoomRenamed
    | CurrentRoomChanged
    | PeopleChanged
    | StatusChanged
    | Notify
    | HistoryLoaded
    | Found
    | JumpReady
    | SecretProved
    | HelpWanted
    | QuitWanted
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of something typed. `is_taken` False: keep the text in the input, a row says why."""

    is_taken: bool
    changes: list[Change]
