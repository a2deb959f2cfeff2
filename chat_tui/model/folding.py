"""Joins, parts and renames of a busy minute as one row."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

BURST_SECONDS: Final = 600
"""A row that began longer ago is left as it is: in a quiet night one row must not tell of eight hours."""

NAMED: Final = 4
"""So many names of each kind are written out; more people are only counted: who is here is told at the right."""

_PROVED: Final = re.compile(r"is \S+")
"""What the server gives as a guest's word when he proves to be somebody, who joins then if he was not here."""

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
        """Somebody left. An app that logs in comes as a guest for a moment: nothing is told of that one."""
        person = self._find(nick)
        if person.before is None and nick.startswith("guest-") and _PROVED.fullmatch(reason):
            self._people.remove(person)
            return
        person.now, person.reason, person.was_out = None, reason, True

    def rename(self, old: str, new: str) -> None:
        """Somebody is called otherwise; who came within the burst and takes the name of one who had left is that one:
        an app that logs in comes as a guest for a moment."""
        person = self._find(old)
        left = next((other for other in self._people if other.now is None and other.last == new), None)
        if left is not None and person.before is None:
            self._people.remove(person)
            left.now = new
            return
        person.now = person.last = new

    def _find(self, nick: str) -> _Person:
        for person in self._people:
            if person.now == nick:
                return person
        self._people.append(_Person(nick, nick, nick))
        return self._people[-1]

    def text(self) -> str:
        """The row: "7 people joined, carl and dan left, dee is now eve"; empty if all is as before."""
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
        parts += renamed if len(renamed) <= NAMED else [f"{len(renamed)} people changed names"]
        return ", ".join(parts)


def _cut(reason: str) -> str:
    return reason if len(reason) <= _REASON else reason[:_REASON] + "…"


def _list(nicks: list[str]) -> str:
    if len(nicks) > NAMED:
        return f"{len(nicks)} people"
    *most, last = nicks
    return f"{', '.join(most)} and {last}" if most else last
