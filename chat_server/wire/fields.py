"""How each field of a server line stands on it: read by `Kind.parse`, written by `Kind.format`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from chat_server.wire.grammar import (
    format_time,
    is_blank,
    is_key,
    is_label,
    is_nick,
    is_room,
    is_target,
    parse_time,
)


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
"""The fields of a word in the order in which they stand on the line: attribute and kind."""
