"""What Tab offers (nicks, commands, rooms, emoji) and what is said about a text while it is written.

Pure functions of what is typed and who is there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from chat_server.text import fold
from chat_server.wire import COMMANDS, TEXT_BYTES
from chat_tui.formatting.emoji_names import emoji_by_name

MOST: Final = 50
"""So many are offered at most: nobody walks further with Tab, and :a: has hundreds."""


@dataclass(frozen=True, slots=True)
class Known:
    """What there is to complete. `nicks`: whoever spoke last comes first."""

    nicks: Sequence[str] = ()
    rooms: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Completion:
    """What may stand from `start` up to the cursor, the best first, each with its ending (": " or " ").

    `labels` are the same for the eye: without the ending, and an emoji with its name.
    """

    start: int
    texts: tuple[str, ...]
    labels: tuple[str, ...]


def complete(before: str, known: Known) -> Completion | None:
    """What the word that ends at the cursor may become; `before` is all that stands before the cursor.

    None if nothing fits. An empty word is completed only at the start, by whoever spoke last.
    """
    start = max(before.rfind(" "), before.rfind("\n")) + 1
    word = before[start:]
    offers = [*_offers(before, start, word, known)][:MOST]
    if not offers:
        return None
    texts, labels = zip(*offers, strict=True)
    return Completion(start, texts, labels)


def _offers(before: str, start: int, word: str, known: Known) -> Iterable[tuple[str, str]]:
    if before.startswith("/") and not before.startswith("//"):
        if start == 0:
            # A command without parameters needs no space after it.
            wanted = word[1:].lower()
            return (
                (f"/{name} " if spec.parameters else f"/{name}", f"/{name}")
                for name, spec in COMMANDS.items()
                if name.startswith(wanted)
            )
        return _arguments(before, word, known)
    if word.startswith("#"):
        return _plain(word, known.rooms)
    if word.startswith(":") and len(word) > 2:
        return _emoji(word)
    if word.startswith("@"):
        return _nicks(word[1:], known, "@", " ")
    if not word and start > 0:
        return ()
    return _nicks(word, known, "", ": " if start == 0 else " ")


def _arguments(before: str, word: str, known: Known) -> Iterable[tuple[str, str]]:
    """The parameter under the cursor says what it may be."""
    name, *rest = before[1:].split(" ")
    spec = COMMANDS.get(name.lower())
    if spec is None or not spec.parameters:
        return ()
    last = len(spec.parameters) - 1
    parameter = spec.parameters[min(len([token for token in rest[:-1] if token]), last)]
    match parameter.name:
        case "ROOM":
            return _plain(word, known.rooms)
        case "TARGET":
            rooms = _plain(word, known.rooms)
            return (*rooms, *_nicks(word.removeprefix("@"), known, "@", " ")) if word[:1] != "#" else rooms
        case "NICK":
            return _nicks(word, known, "", " ")
        case "COMMAND":
            return _plain(word, tuple(COMMANDS))
        case _ if parameter.takes_rest and word.startswith(":") and len(word) > 2:
            return _emoji(word)
        case _ if parameter.takes_rest and word:
            return _nicks(word, known, "", " ")
    return ()


def _plain(word: str, names: Iterable[str]) -> Iterable[tuple[str, str]]:
    wanted = fold(word)
    return ((f"{name} ", name) for name in names if fold(name).startswith(wanted))


def _nicks(word: str, known: Known, before: str, after: str) -> Iterable[tuple[str, str]]:
    wanted = fold(word)
    return ((f"{before}{nick}{after}", nick) for nick in known.nicks if fold(nick).startswith(wanted))


def _emoji(word: str) -> Iterable[tuple[str, str]]:
    wanted = word[1:].rstrip(":").lower()
    table = emoji_table()
    starting = [name for name in table if name.startswith(wanted)]
    within = [name for name in table if wanted in name and not name.startswith(wanted)]
    # The shortest name is the plainest sign: "heart" before "heart_decoration".
    for name in (*sorted(starting, key=len), *sorted(within, key=len)):
        yield f"{table[name]} ", f"{table[name]} {name}"


FREQUENT: Final = ("👍", "❤", "😂", "🎉", "😮", "😢", "🙏", "👀", "✅", "🔥", "😄", "👎")
"""What people react with most: offered before anything is typed."""


@cache
def emoji_names() -> dict[str, str]:
    """Every emoji with all its names, the shortest first, the frequent ones before the rest."""
    names: dict[str, list[str]] = {sign: [] for sign in FREQUENT}
    for name, sign in emoji_table().items():
        names.setdefault(sign, []).append(name)
    return {sign: " ".join(sorted(all_of_it, key=len)) for sign, all_of_it in names.items()}


@cache
def emoji_table() -> dict[str, str]:
    """Names without colons, and the emoji that they stand for."""
    from rich.cells import cell_len

    return {
        name: sign for name, sign in emoji_by_name().items() if name.isascii() and 0 < cell_len(sign) <= 2
    }


def hint_for(typed: str) -> str:
    """What the status line says about a text while it is written: a command's syntax, or how full it is."""
    if typed.startswith("/") and not typed.startswith("//"):
        word, is_complete, _ = typed[1:].partition(" ")
        spec = COMMANDS.get(word.lower())
        if spec is not None:
            return f"{spec.usage}   {spec.help}"
        fitting = [other.usage for other in COMMANDS.values() if other.name.startswith(word.lower())]
        if fitting and not is_complete:
            return "   ".join(fitting)
        return f"/{word} is not a command; //{word} says it" if is_complete else ""
    size = len(typed.encode())
    return f"{size:,} of {TEXT_BYTES:,} bytes" if size > TEXT_BYTES * 0.8 else ""
