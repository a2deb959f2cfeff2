"""What people say: lines of every kind, each with its label and what it must have become in the log."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from chat_server.wire import Entry
from tests.durability.checker.sight import DIRECT, Sight, place_of
from tests.durability.checker.standing import MESSAGES

LOBBY: Final = "#lobby"
"""Nobody leaves it: of this room everybody sees all."""

ROOMS: Final = (LOBBY, "#games", "#music", "#side")

Kind = Literal[
    "msg",
    "act",
    "reply",
    "edit",
    "delete",
    "react",
    "direct",
    "topic",
    "join",
    "part",
    "here",
    "read",
    "unread",
]

_WEIGHTS: Final[dict[Kind, int]] = {
    "msg": 30,
    "act": 5,
    "reply": 14,
    "edit": 12,
    "delete": 9,
    "react": 14,
    "direct": 9,
    "topic": 3,
    "join": 4,
    "part": 3,
    "here": 3,
    "read": 4,
    "unread": 3,
}

_EMOJI: Final = "👍🎉👀"

_NEAR: Final = 60
"""People talk about the last so many entries that they saw."""


@dataclass(frozen=True, slots=True)
class Line:
    """One line. `place` is a room or DIRECT, `body` the text of the entry that it makes, `ref` what it is about."""

    label: str
    kind: Kind
    place: str
    command: str
    body: str = ""
    ref: int | None = None
    is_to_guest: bool = False
    """It may be refused or not, by whether that guest is here just then."""
    before: str = ""
    """A line without a label that must come before it: /me and /topic go to the current room."""

    @property
    def typed(self) -> str:
        """As it is sent."""
        return f"{self.before}/id {self.label} {self.command}\n"

    @property
    def moves(self) -> bool:
        """Whether it changes something that is kept of the person: said again too late it would change it again."""
        return bool(self.before) or self.kind in ("join", "part", "here", "read", "unread")

    @property
    def entry_kinds(self) -> frozenset[str]:
        """What kind of entry it makes; a reaction may be taken back by it."""
        if self.kind == "react":
            return frozenset({"react", "unreact"})
        return frozenset({"msg" if self.kind in ("reply", "direct") else self.kind})


class Speech:
    """What one person says next, out of what he sees."""

    def __init__(
        self, nick: str, chance: random.Random, claimed: Sequence[str], guests: Sequence[str]
    ) -> None:
        self._nick = nick
        self._chance = chance
        self._others = [other for other in (*claimed, *guests) if other != nick]
        self._guests = frozenset(guests)
        self.own: dict[int, str] = {}
        """Messages that he may edit or delete, and their places."""
        self.leaving: set[str] = set()
        """Rooms that he has said /part of, and has no answer yet."""
        self._reacted: list[tuple[Entry, str]] = []
        self._said = 0

    def line(self, sight: Sight) -> Line:
        """Something to say."""
        kinds = self._chance.choices([*_WEIGHTS], [*_WEIGHTS.values()], k=8)
        for kind in (*kinds, "msg"):
            made = self._make(kind, sight, sorted(sight.rooms - self.leaving))
            if made is not None:
                return made
        raise AssertionError("a msg can always be said")

    def acknowledged(self, line: Line, id: int) -> None:
        """A line was stored."""
        if line.kind in ("msg", "act", "reply", "direct"):
            self.own[id] = line.place
            if len(self.own) > _NEAR:
                del self.own[next(iter(self.own))]

    def _make(self, kind: Kind, sight: Sight, rooms: list[str]) -> Line | None:
        label, body = f"{self._nick}-{self._said + 1}", f"{self._nick} says {self._said + 1};"
        room = self._chance.choice(rooms)
        made: Line | None = None
        match kind:
            case "msg":
                made = Line(label, kind, room, f"/msg {room} {body}", body)
            case "act" | "topic":
                command = "/me" if kind == "act" else "/topic"
                made = Line(label, kind, room, f"{command} {body}", body, before=f"/join {room}\n")
            case "direct":
                other = self._chance.choice(self._others)
                made = Line(
                    label, kind, DIRECT, f"/msg @{other} {body}", body, is_to_guest=other in self._guests
                )
            case "join":
                room = self._chance.choice(ROOMS)
                if room not in self.leaving:
                    made = Line(label, kind, room, f"/join {room}")
            case "part" if room != LOBBY:
                self.leaving.add(room)
                made = Line(label, kind, room, f"/part {room}")
            case "here":
                made = Line(label, kind, room, f"/here {room}")
            case "read" | "unread" if self._nick not in self._guests:
                ids = [entry.id for entry in sight.entries.values() if entry.target == room]
                if ids:
                    id = self._chance.choice(ids[-_NEAR:])
                    made = Line(label, kind, room, f"/{kind} {room} {id}", ref=id)
            case "reply" | "react":
                made = self._about(kind, label, body, [*self._near(sight)])
            case "edit" | "delete":
                made = self._change(kind, label, body, rooms)
        self._said += made is not None
        return made

    def _near(self, sight: Sight) -> Iterator[Entry]:
        for entry in islice(reversed(sight.entries.values()), _NEAR):
            if entry.kind in MESSAGES and entry.id not in sight.gone and self._is_here(entry, sight):
                yield entry

    def _is_here(self, entry: Entry, sight: Sight) -> bool:
        return entry.target[0] == "@" or entry.target in sight.rooms - self.leaving

    def _about(self, kind: Kind, label: str, body: str, near: list[Entry]) -> Line | None:
        if not near:
            return None
        entry = self._chance.choice(near)
        emoji = self._chance.choice(_EMOJI)
        if kind == "react" and self._reacted and self._chance.random() < 0.6:
            before, emoji = self._chance.choice(self._reacted[-8:])
            entry = before if before in near else entry
        place = place_of(entry)
        if kind == "reply":
            other = entry.nick if entry.nick != self._nick else entry.target[1:]
            is_to_guest = place == DIRECT and other in self._guests
            return Line(label, kind, place, f"/reply {entry.id} {body}", body, entry.id, is_to_guest)
        self._reacted = [*self._reacted[-8:], (entry, emoji)]
        return Line(label, kind, place, f"/react {entry.id} {emoji}", emoji, entry.id)

    def _change(self, kind: Kind, label: str, body: str, rooms: list[str]) -> Line | None:
        ids = [id for id, place in self.own.items() if place == DIRECT or place in rooms]
        if not ids:
            return None
        id = self._chance.choice(ids)
        if kind == "edit":
            return Line(label, kind, self.own[id], f"/edit {id} {body}", body, id)
        return Line(label, kind, self.own.pop(id), f"/delete {id}", "", id)
