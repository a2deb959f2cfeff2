"""What the server sends: TIME, a word, its fields, free text last.

Every word is a frozen dataclass. Its FIELDS say what stands on the line and in which order; `format_server`
and `parse_server` both read them, so a word is written down once. Times are Unix seconds, UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Final, get_args

from chat_server.wire.entry import ENTRY_KINDS, Entry, EntryKind
from chat_server.wire.fields import (
    COUNT,
    ID,
    LABEL,
    LABEL_OR_DASH,
    LAST_ID,
    NAMES,
    NICK,
    PAIRS,
    ROOM,
    STAMP,
    TARGET,
    TEXT,
    TEXT_OR_NONE,
    TOKEN,
    WORD,
    WORDS,
    Fields,
    WhoName,
)
from chat_server.wire.grammar import CONTROL, PROTOCOL, format_time, is_key, parse_time


class BadLine(ValueError):
    """Not a line of chat/1. The only error that leaves `parse_server`."""


@dataclass(frozen=True, slots=True)
class Join:
    """Somebody came into a room."""

    FIELDS: ClassVar[Fields] = (("room", ROOM), ("nick", NICK))
    at: int
    room: str
    nick: str


@dataclass(frozen=True, slots=True)
class Part:
    """Somebody left a room, perhaps with a word."""

    FIELDS: ClassVar[Fields] = (("room", ROOM), ("nick", NICK), ("reason", TEXT_OR_NONE))
    at: int
    room: str
    nick: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Nick:
    """Somebody is called otherwise from now on."""

    FIELDS: ClassVar[Fields] = (("old", NICK), ("new", NICK))
    at: int
    old: str
    new: str


@dataclass(frozen=True, slots=True)
class Away:
    """Somebody is away, or back if there is no text."""

    FIELDS: ClassVar[Fields] = (("nick", NICK), ("text", TEXT_OR_NONE))
    at: int
    nick: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class People:
    """How many are in a room so full that comings and goings are not told one by one."""

    FIELDS: ClassVar[Fields] = (("room", ROOM), ("count", COUNT))
    at: int
    room: str
    count: int


@dataclass(frozen=True, slots=True)
class Welcome:
    """The first line of a connection: what the server speaks, is called, and what it tells about itself."""

    FIELDS: ClassVar[Fields] = (("protocol", TOKEN), ("server", TOKEN), ("pairs", PAIRS))
    at: int
    server: str
    pairs: tuple[tuple[str, str], ...] = ()
    protocol: str = PROTOCOL

    def get(self, key: str, default: str = "") -> str:
        """The value of a key, or the default if the server did not send it."""
        return dict(self.pairs).get(key, default)


@dataclass(frozen=True, slots=True)
class Ok:
    """A labelled line was done; with an id: it is stored, and durable, as that entry."""

    FIELDS: ClassVar[Fields] = (("label", LABEL), ("id", LAST_ID))
    at: int
    label: str
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Err:
    """A line was refused and nothing was done."""

    FIELDS: ClassVar[Fields] = (("code", WORD), ("label", LABEL_OR_DASH), ("text", TEXT))
    at: int
    code: str
    label: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Begin:
    """An answer of several lines starts."""

    FIELDS: ClassVar[Fields] = (("what", WORD), ("arguments", WORDS))
    at: int
    what: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class End:
    """An answer of several lines is over."""

    FIELDS: ClassVar[Fields] = (("what", WORD), ("arguments", WORDS))
    at: int
    what: str
    arguments: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Who:
    """Some of the people in a room, or the one who was asked for; several such lines stand between begin who and
    end who."""

    FIELDS: ClassVar[Fields] = (("target", TARGET), ("names", NAMES))
    at: int
    target: str
    names: tuple[WhoName, ...]


@dataclass(frozen=True, slots=True)
class RoomLine:
    """One room of /rooms: people in it, when somebody last spoke (None: never), its topic."""

    FIELDS: ClassVar[Fields] = (("room", ROOM), ("count", COUNT), ("last", STAMP), ("topic", TEXT_OR_NONE))
    at: int
    room: str
    count: int
    last: int | None
    topic: str = ""


@dataclass(frozen=True, slots=True)
class Gap:
    """These ids, both included, are gone from the history."""

    FIELDS: ClassVar[Fields] = (("first", ID), ("last", ID))
    at: int
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class Unread:
    """What a person has not read in a room or from a person: how many, how many name him, the first.

    `at` is when the first was said, so since when; now where nothing is unread.
    """

    FIELDS: ClassVar[Fields] = (("target", TARGET), ("count", COUNT), ("mentions", COUNT), ("first", ID))
    at: int
    target: str
    count: int
    mentions: int
    first: int


@dataclass(frozen=True, slots=True)
class Here:
    """The current room of this connection: what names no room is said there."""

    FIELDS: ClassVar[Fields] = (("room", ROOM),)
    at: int
    room: str


@dataclass(frozen=True, slots=True)
class Time:
    """The answer to /time."""

    FIELDS: ClassVar[Fields] = (("text", TEXT),)
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Pong:
    """The answer to /ping TOKEN."""

    FIELDS: ClassVar[Fields] = (("token", TEXT_OR_NONE),)
    at: int
    token: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence of the server for the person who reads it."""

    FIELDS: ClassVar[Fields] = (("text", TEXT),)
    at: int
    text: str


@dataclass(frozen=True, slots=True)
class Bye:
    """The last line of a connection; `wire.BYES` tells whether to come back."""

    FIELDS: ClassVar[Fields] = (("code", WORD), ("text", TEXT_OR_NONE))
    at: int
    code: str
    text: str = ""


@dataclass(frozen=True, slots=True)
class Unknown:
    """A word that this version does not know; a reader ignores it."""

    at: int
    word: str
    rest: str


_Fielded = (
    Join | Part | Nick | Away | People | Welcome | Ok | Err | Begin | End | Who | RoomLine | Gap | Unread
    | Here | Time | Pong | Note | Bye
)  # fmt: skip
ServerLine = Entry | _Fielded | Unknown

_WORDS: Final[dict[str, type[_Fielded]]] = {
    "room" if kind is RoomLine else kind.__name__.lower(): kind for kind in get_args(_Fielded)
}
_WORD_OF: Final = {kind: word for word, kind in _WORDS.items()}
SERVER_WORDS: Final[tuple[str, ...]] = (*get_args(EntryKind), *_WORDS)
"""Every first word that this version speaks."""


def format_server(line: ServerLine) -> str:
    """One line without its LF. ValueError if a field holds what the grammar does not allow there."""
    if isinstance(line, Entry):
        body = line.format()
    elif isinstance(line, Unknown):
        if line.word in SERVER_WORDS:
            raise ValueError(f"{line.word} is a word of its own")
        body = f"{WORD.format(line.word)} {line.rest}" if line.rest else WORD.format(line.word)
    else:
        fields = [kind.format(getattr(line, name)) for name, kind in line.FIELDS]
        body = " ".join([_WORD_OF[type(line)], *(field for field in fields if field)])
    if CONTROL.search(body):
        raise ValueError("a line holds no control character")
    return f"{format_time(line.at)} {body}"


def encode(line: ServerLine) -> bytes:
    """The bytes of one line, its LF included."""
    return format_server(line).encode() + b"\n"


def parse_server(line: str) -> ServerLine:
    """Reads one line without its LF. Raises BadLine, and nothing else, for what is not of chat/1."""
    if CONTROL.search(line):
        raise BadLine("a line holds no control character")
    stamp, _, body = line.partition(" ")
    word, _, rest = body.partition(" ")
    at = parse_time(stamp)
    if at is None or not is_key(word):
        raise BadLine("a line begins with TIME and a word")
    try:
        if word in ENTRY_KINDS:
            return Entry.parse(at, word, rest)
        kind = _WORDS.get(word)
        return Unknown(at, word, rest) if kind is None else _parse_fields(kind, at, rest)
    except ValueError as error:
        raise BadLine(f"not a {word} line") from error


def _parse_fields(word: type[_Fielded], at: int, rest: str) -> _Fielded:
    values: dict[str, Any] = {"at": at}
    for name, kind in word.FIELDS:
        if kind.is_rest:
            token, rest = rest, ""
        else:
            token, _, rest = rest.partition(" ")
        values[name] = kind.parse(token)
    if rest:
        raise ValueError("more than the word has")
    return word(**values)
