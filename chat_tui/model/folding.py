"""Joins, parts and renames of a busy minute as one row."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

BURST_SECONDS: Final = 600
"""A row that began longer ago is left as it is: in a quiet night one row must not tell of eight hours."""

NAMED: Final = 3
"""Names that are written out, of each kind; the others are counted."""

_REASON: Final = 60
"""Characters kept of a parting word; it is told if only one left."""


@dataclass(slots=True)
class _Person:
    """`before` and `now`: the nick when the burst began and at present, None while not in the room."""

    before: str | None
    now: str | None
    last: str
    reason: str = ""
    was_out: bool = False


@dataclass(slots=True)
class Burst:
    """What happened to the people of one room since the row with this `key` began at `at` (Unix seconds)."""

    key: str
    at: int
    _people: list[_Person] = field(default_factory=list)

    def join(self, nick: str) -> None:
        """Somebody came; if he had left within the burst, he came back."""
        for person in self._people:
            if person.now is None and person.last == nick:
                person.now = nick
                return
        self._people.append(_Person(None, nick, nick))

    def part(self, nick: str, reason: str = "") -> None:
        """Somebody left."""
        person = self._find(nick)
        person.now, person.reason, person.was_out = None, reason, True

    def rename(self, old: str, new: str) -> None:
        """Somebody is called otherwise."""
        person = self._find(old)
        person.now = person.last = new

    def _find(self, nick: str) -> _Person:
        for person in self._people:
            if person.now == nick:
                return person
        self._people.append(_Person(nick, nick, nick))
        return self._people[-1]

    def text(self) -> str:
        """The row: "ann, bob and 3 others joined, carl left, dee is now eve"; empty if all is as before."""
        joined = [person.last for person in self._people if person.before is None and person.now is not None]
        left = [person for person in self._people if person.before and person.now is None]
        passed = [person.last for person in self._people if person.before is None and person.now is None]
        stayed = [person for person in self._people if person.before and person.now]
        back = [person.last for person in stayed if person.was_out and person.before == person.now]
        renamed = [f"{person.before} is now {person.now}" for person in stayed if person.before != person.now]
        word = left[0].reason if len(left) == 1 else ""
        parts = [
            f"{_list(nicks)} {verb}"
            for nicks, verb in (
                (joined, "joined"),
                ([person.last for person in left], f"left ({_cut(word)})" if word else "left"),
                (passed, "came and went"),
                (back, "left and came back"),
            )
            if nicks
        ]
        parts += renamed[:NAMED]
        if len(renamed) > NAMED:
            others = len(renamed) - NAMED
            parts.append(f"{others} other{'s' * (others > 1)} changed names")
        return ", ".join(parts)


def _cut(reason: str) -> str:
    return reason if len(reason) <= _REASON else reason[:_REASON] + "…"


def _list(nicks: list[str]) -> str:
    # One name more costs no more room than "and 1 other".
    if len(nicks) <= NAMED + 1:
        *most, last = nicks
        return f"{', '.join(most)} and {last}" if most else last
    return f"{', '.join(nicks[:NAMED])} and {len(nicks) - NAMED} others"
