"""What the server sends: TIME, a word, its fields, free text last.

Every word is a frozen dataclass. Its FIELDS say what stands on the line and in which order; `format_server`
and `parse_server` both read them, so a word is written down once. Times are Unix seconds, UTC.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Final, Literal, NamedTuple, get_args

from chat_server.wire.grammar import (
    CONTROL,
    PROTOCOL,
    format_time,
    is_blank,
    is_key,
    is_label,
    is_nick,
    is_room,
    is_target,
    parse_time,
)


class BadLine(ValueError):
    """Not a line of chat/1. The only error that leaves `parse_server`."""


class Kind(NamedTuple):
    """How one field stands on the line. `parse` raises ValueError; `is_rest` takes all that is left."""

    parse: Callable[[str], Any]
    format: Callable[[Any], str]
    is_rest: bool = False
    is_optional: bool = False


def _token(is_it: Callable[[str], bool]) -> Kind:
    def parse(token: str) -> str:
        if not is_it(token):
            raise ValueError(token)
        return token

    return Kind(parse, parse)


def _number(lowest: int) -> Kind:
    def check(value: int) -> str:
        if not lowest <= value < 10**18:
            raise ValueError(value)
        return str(value)

    def parse(token: str) -> int:
        if not (token.isascii() and token.isdigit() and len(token) <= 18) or str(int(token)) != token:
            raise ValueError(token)
        check(int(token))
        return int(token)

    return Kind(parse, check)


def _shown(text: str) -> str:
    if is_blank(text):
        raise ValueError("a text is not blank")
    return text


def _parse_pairs(rest: str) -> tuple[tuple[str, str], ...]:
    pairs = [token.partition("=") for token in rest.split(" ") if token]
    # A reader ignores keys that it does not know, and tokens that are no pair.
    return tuple((key, value) for key, is_pair, value in pairs if is_pair and is_key(key))


def _format_pairs(pairs: tuple[tuple[str, str], ...]) -> str:
    if any(not is_key(key) or " " in value for key, value in pairs):
        raise ValueError(pairs)
    return " ".join(f"{key}={value}" for key, value in pairs)


def _parse_words(rest: str) -> tuple[str, ...]:
    return tuple(word for word in rest.split(" ") if word)


def _format_words(words: tuple[str, ...]) -> str:
    if any(not word or " " in word for word in words):
        raise ValueError(words)
    return " ".join(words)


class WhoName(NamedTuple):
    """One person of a `who` line, with the marks before the nick: "@" operator, "+" claimed, "~" away."""

    nick: str
    is_operator: bool = False
    is_claimed: bool = False
    is_away: bool = False

    def __str__(self) -> str:
        return "@" * self.is_operator + "+" * self.is_claimed + "~" * self.is_away + self.nick

    @classmethod
    def parse(cls, token: str) -> WhoName:
        """Reads a nick with its marks in any order; marks this version does not know make a ValueError."""
        nick = token.lstrip("@+~")
        marks = token[: len(token) - len(nick)]
        if not is_nick(nick):
            raise ValueError(token)
        return cls(nick, "@" in marks, "+" in marks, "~" in marks)


def _parse_names(rest: str) -> tuple[WhoName, ...]:
    return tuple(WhoName.parse(token) for token in rest.split(" ")) if rest else ()


def _format_names(names: tuple[WhoName, ...]) -> str:
    if any(not is_nick(name.nick) for name in names):
        raise ValueError(names)
    return " ".join(map(str, names))


ROOM = _token(is_room)
NICK = _token(is_nick)
TARGET = _token(is_target)
WORD = _token(is_key)
LABEL = _token(is_label)
LABEL_OR_DASH = Kind(
    lambda token: None if token == "-" else LABEL.parse(token),
    lambda label: "-" if label is None else LABEL.format(label),
)
TOKEN = _token(lambda token: bool(token) and " " not in token)
ID = _number(1)
COUNT = _number(0)
# An id that may be missing: "ok LABEL" for a command that stored nothing.
LAST_ID = Kind(
    lambda rest: ID.parse(rest) if rest else None,
    lambda id: "" if id is None else ID.format(id),
    is_rest=True,
    is_optional=True,
)
STAMP = Kind(
    lambda token: None if token == "-" else _time(token), lambda at: "-" if at is None else format_time(at)
)
TEXT = Kind(_shown, _shown, True)
TEXT_OR_NONE = Kind(
    lambda rest: "" if is_blank(rest) else rest, lambda text: text and _shown(text), True, True
)
PAIRS = Kind(_parse_pairs, _format_pairs, True, True)
WORDS = Kind(_parse_words, _format_words, True, True)
NAMES = Kind(_parse_names, _format_names, True, True)


def _time(token: str) -> int:
    at = parse_time(token)
    if at is None:
        raise ValueError(token)
    return at


Fields = tuple[tuple[str, Kind], ...]

EntryKind = Literal["msg", "act", "topic", "edit", "delete", "react", "unreact"]
ENTRY_KINDS: Final[frozenset[str]] = frozenset(get_args(EntryKind))
REFERRING: Final = frozenset({"edit", "delete", "react", "unreact"})
"""Kinds that are about an earlier entry; a msg may be (a reply), act and topic never are."""
_TEXTLESS: Final = frozenset({"delete", "topic"})


@dataclass(frozen=True, slots=True)
class Entry:
    """Something said: numbered, stored, replayed. `at` is when it was said, also in a replay.

    `text` is empty for a delete and for a topic that was taken away; `ref` is the id that it is about, or
    None. ValueError on formatting if kind, ref and text do not go together.
    """

    at: int
    kind: EntryKind
    id: int
    target: str
    nick: str
    text: str
    ref: int | None = None

    def check(self) -> None:
        """Raises ValueError unless the parts are what this kind has."""
        if self.kind not in ENTRY_KINDS:
            raise ValueError(f"{self.kind} is no kind of entry")
        if self.ref is None and self.kind in REFERRING:
            raise ValueError(f"{self.kind} needs the id that it is about")
        if self.ref is not None and self.kind in ("act", "topic"):
            raise ValueError(f"{self.kind} is about no other entry")
        if is_blank(self.text) and (self.text or self.kind not in _TEXTLESS):
            raise ValueError(f"{self.kind} needs a text")
        if self.kind == "delete" and self.text:
            raise ValueError("delete has no text")
        (ROOM if self.kind == "topic" else TARGET).format(self.target)

    def format(self) -> str:
        """The line after its TIME."""
        self.check()
        ref = f" ^{ID.format(self.ref)}" if self.ref is not None else ""
        head = f"{self.kind} {ID.format(self.id)} {self.target} {NICK.format(self.nick)}{ref}:"
        return f"{head} {self.text}" if self.text else head

    @classmethod
    def parse(cls, at: int, kind: str, rest: str) -> Entry:
        """Reads what follows the word. ValueError for anything else."""
        id, target, nick, *more = rest.split(" ", 3)
        after = more[0] if more else ""
        ref: int | None = None
        if nick.endswith(":"):
            nick, text = nick[:-1], after
        else:
            pointer, _, text = after.partition(" ")
            if not (pointer.startswith("^") and pointer.endswith(":")):
                raise ValueError(rest)
            ref = ID.parse(pointer[1:-1])
        entry = cls(at, kind, ID.parse(id), target, NICK.parse(nick), text, ref)  # type: ignore[arg-type]
        entry.check()
        return entry


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
    """Some of the people in a room; several such lines stand between begin who and end who."""

    FIELDS: ClassVar[Fields] = (("room", ROOM), ("names", NAMES))
    at: int
    room: str
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
    """What a person has not read in a room or from a person: how many, how many name him, the first."""

    FIELDS: ClassVar[Fields] = (("target", TARGET), ("count", COUNT), ("mentions", COUNT), ("first", ID))
    at: int
    target: str
    count: int
    mentions: int
    first: int


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
    | Time | Pong | Note | Bye
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
