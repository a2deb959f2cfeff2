"""What stands of what was said: the picture that a client draws of the entries it has."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chat_server.wire import Entry

MESSAGES = frozenset({"msg", "act", "topic"})


@dataclass(frozen=True, slots=True)
class Message:
    """A message as it is shown: its newest text, and who reacts with what, as often as it is in force."""

    kind: str
    target: str
    nick: str
    text: str
    ref: int | None
    reactions: frozenset[tuple[str, str, int]]


def standing(
    entries: Iterable[Entry], first: int = 1, mute: Collection[str] = frozenset()
) -> dict[int, Message]:
    """The messages from the id `first` on, by PROTOCOL.md's rule: the newest edit, less the deleted, reacts less
    unreacts. Entries may come twice and in any order. Reactions of the nicks in `mute` do not count."""
    said: dict[int, Entry] = {}
    texts: dict[int, str] = {}
    gone: set[int] = set()
    reactions: dict[int, Counter[tuple[str, str]]] = {}
    for entry in sorted({entry.id: entry for entry in entries}.values(), key=lambda entry: entry.id):
        ref = entry.ref or 0
        match entry.kind:
            case "edit":
                texts[ref] = entry.text
            case "delete":
                gone.add(ref)
            case "react" | "unreact" if entry.nick in mute:
                pass
            case "react":
                reactions.setdefault(ref, Counter())[entry.nick, entry.text] += 1
            case "unreact":
                counts = reactions.setdefault(ref, Counter())
                # What is taken back without having been there was there before the first line of a backlog.
                counts[entry.nick, entry.text] = max(0, counts[entry.nick, entry.text] - 1)
            case _:
                said[entry.id] = entry
    return {
        id: Message(
            entry.kind,
            entry.target,
            entry.nick,
            texts.get(id, entry.text),
            entry.ref,
            frozenset((*who, count) for who, count in reactions.get(id, Counter()).items() if count),
        )
        for id, entry in said.items()
        if id >= first and id not in gone
    }


def gone_among(entries: Iterable[Entry]) -> list[int]:
    """What is shown although the delete that comes behind it took its text, or that of what it changes."""
    gone: set[int | None] = set()
    shown = []
    for entry in sorted(entries, key=lambda entry: entry.id, reverse=True):
        about = entry.ref if entry.kind in ("edit", "react", "unreact") else entry.id
        if entry.kind == "delete":
            gone.add(entry.ref)
        elif about in gone:
            shown.append(entry.id)
    return shown


def differences(one: dict[int, Message], other: dict[int, Message]) -> list[str]:
    """Where two pictures differ, a sentence each."""
    return [
        f"{id} is {one.get(id)} and {other.get(id)}"
        for id in sorted(one.keys() | other.keys())
        if one.get(id) != other.get(id)
    ]
