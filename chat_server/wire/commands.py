"""The one table of commands: name, syntax, help. The parser, /help, the app's completion, PROTOCOL.md
and the answer to wrong arguments all come from here; `chat_server.commands` has the handlers.

A syntax is written as a person reads it: words in capitals are parameters, brackets make one optional,
TEXT and WORDS take the rest of the line.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import permutations
from typing import Final

from chat_server.wire.grammar import is_id, is_label, is_nick, is_room, is_target


def _anything(token: str) -> bool:
    return True


def _is_target(token: str) -> bool:
    """A target, or a word that may be one without its mark: the server knows who and what there is. Nicks begin with a
    letter, so no number is one."""
    return is_target(token) or (token[:1].isalpha() and is_nick(token))


_SHAPES: Final[dict[str, Callable[[str], bool]]] = {
    # 0 is before every entry: /since 0 asks for all.
    "ID": lambda token: token == "0" or is_id(token.removeprefix("^")),
    "EMOJI": lambda token: bool(token),
    "N": lambda token: token.isascii() and token.isdigit() and 0 < len(token) < 5,
    "TARGET": _is_target,
    "ROOM": lambda token: is_room(token) or is_room(f"#{token}"),
    "TOKEN": is_label,
    "EPOCH": is_label,
}
"""Parameter -> whether a token can be it. Only shapes that tell optional parameters apart, or that
nothing else would check; a NICK or a NAME is judged by the server, which can say what is wrong with it."""

_RESTS: Final = frozenset({"TEXT", "WORDS"})

_COUNT_DIGITS: Final = 3
"""So many digits has a count of /history at most that stands behind the target: no page is longer, and what is longer
is an ID."""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One word of a command's syntax. `takes_rest`: everything up to the end of the line."""

    name: str
    is_optional: bool
    takes_rest: bool

    def fits(self, token: str) -> bool:
        """Whether a token can stand for this parameter."""
        return _SHAPES.get(self.name, _anything)(token)


@dataclass(frozen=True, slots=True)
class CommandSpec:
    """What a person may type after a slash. `syntax` is without the slash and the name."""

    name: str
    syntax: str
    help: str
    parameters: tuple[Parameter, ...] = field(init=False)

    def __post_init__(self) -> None:
        words = re.findall(r"(\[?)([A-Z]+)\]?", self.syntax)
        parameters = tuple(Parameter(word, bool(bracket), word in _RESTS) for bracket, word in words)
        object.__setattr__(self, "parameters", parameters)

    @property
    def usage(self) -> str:
        """The whole command as a person types it: "/msg TARGET TEXT"."""
        return f"/{self.name} {self.syntax}".rstrip()

    def split(self, rest: str) -> tuple[str | None, ...] | None:
        """The arguments, one for each parameter, None where an optional one is left out; a room has its #.

        Where people forget what stands first, another order in which they fit is taken, too. None in all if the rest of
        the line does not fit the syntax.
        """
        rest = rest.strip(" ")
        if len(self.parameters) < 2 or self.name not in _ANY_ORDER:
            return self._split(rest)
        tokens = rest.split()
        if len(tokens) > len(self.parameters):
            return None
        if self.name == "history" and _begins_with_target_and_count(tokens):
            tokens[:2] = tokens[1::-1]
        orders = (" ".join(order) for order in permutations(tokens))
        return next((values for order in orders if (values := self._split(order)) is not None), None)

    def _split(self, rest: str) -> tuple[str | None, ...] | None:
        values: list[str | None] = []
        for parameter in self.parameters:
            token, _, after = rest.partition(" ")
            if parameter.takes_rest:
                token, after = rest, ""
            if token and parameter.fits(token):
                lacks_mark = parameter.name == "ROOM" and not token.startswith("#")
                values.append(f"#{token}" if lacks_mark else token)
                rest = after.lstrip(" ")
            elif parameter.is_optional:
                values.append(None)
            else:
                return None
        return None if rest else tuple(values)


_ANY_ORDER: Final = frozenset({"history", "read", "unread"})
"""Commands of which people remember what can be told, but not where it stands."""


def _begins_with_target_and_count(tokens: list[str]) -> bool:
    """Whether "#ops 3" or "#ops 50 1042" is told to /history, and not "#ops 1042": before that message."""
    if len(tokens) < 2 or not _is_target(tokens[0]) or not _SHAPES["N"](tokens[1]):
        return False
    return len(tokens) > 2 or len(tokens[1]) <= _COUNT_DIGITS


def _table(*specs: CommandSpec) -> dict[str, CommandSpec]:
    return {spec.name: spec for spec in specs}


COMMANDS: Final[dict[str, CommandSpec]] = _table(
    CommandSpec(
        "nick",
        "NAME [SECRET]",
        "Call yourself NAME; with a SECRET the name becomes yours, and later proves it is you",
    ),
    CommandSpec(
        "secret",
        "SECRET",
        "Give the name that is yours another secret; other devices need it when they log in again",
    ),
    CommandSpec("who", "[TARGET]", "List the people in a room, or in yours; of @nick: whether he is here"),
    CommandSpec("time", "", "Tell the server's time"),
    CommandSpec("quit", "[TEXT]", "Leave, with a last word if you like"),
    CommandSpec("help", "[COMMAND]", "List the commands, or explain one"),
    CommandSpec("join", "ROOM", "Go to a room and talk there; a new room is made by joining it"),
    CommandSpec("part", "[ROOM]", "Leave a room, or the one you are in"),
    CommandSpec("here", "[ROOM]", "Tell which room you talk in, or talk in another one that you are in"),
    CommandSpec("rooms", "", "List the rooms, how many people are in each, and when somebody last spoke"),
    CommandSpec("topic", "[TEXT]", "Show or set the topic of the room you are in; - takes it away"),
    CommandSpec("msg", "TARGET TEXT", "Say TEXT in #room, or to @nick alone"),
    CommandSpec("me", "TEXT", "Say what you do: /me waves"),
    CommandSpec("reply", "ID TEXT", "Answer message ID, in its room or to its author alone"),
    CommandSpec("edit", "ID TEXT", "Give your message ID another text"),
    CommandSpec("delete", "ID", "Take your message ID back; its text is gone for good"),
    CommandSpec("react", "ID EMOJI", "React to message ID with 👍 or :tada:; again takes it back"),
    CommandSpec("away", "[TEXT]", "Say that you are away; without a text: that you are back"),
    CommandSpec("whois", "NICK", "Tell who somebody is, and which rooms you share"),
    CommandSpec(
        "history",
        "[N] [TARGET] [ID]",
        "Show the last N messages of a room or of @nick, or N before message ID (^42 if ID is a small number)",
    ),
    CommandSpec(
        "search",
        "WORDS",
        'Find messages: words, "a phrase", from:nick in:#room in:@nick on:today after:2026-11-01 before:2026-11-22, or'
        " one of these alone",
    ),
    CommandSpec(
        "unread",
        "[TARGET] [ID]",
        "List what is unread, or show that of a room or @nick; with an ID: count from that message on as unread",
    ),
    CommandSpec(
        "read",
        "[TARGET] [ID]",
        "Say that you have read all in the room you are in, or in a room or with @nick, or up to message ID",
    ),
    CommandSpec(
        "since",
        "ID [EPOCH]",
        "Show everything after message ID that you may read; for an app that comes back",
    ),
    CommandSpec("ping", "[TOKEN]", "Ask whether the line is alive; the answer is pong TOKEN"),
)
