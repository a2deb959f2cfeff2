"""What a server must keep of a person with a name of his own, by what it has acknowledged to him."""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.durability.checker.speech import LOBBY, Line


@dataclass
class Kept:
    """Rooms and read marks, as the lines that were answered have left them, in the order in which they were said."""

    rooms: set[str] = field(default_factory=lambda: {LOBBY})
    current: str | None = LOBBY
    """None where it is the server that chooses."""
    marks: dict[str, int] = field(default_factory=dict)
    """Room -> the last id that is read; of rooms that he once marked as unread. The others begin where he came in."""

    def answered(self, line: Line, code: str | None) -> None:
        """A line was answered, by `code` if it was refused."""
        place = line.place
        if line.kind == "part":
            # Refused, he was out already: by the same line, before the kill.
            self.rooms.discard(place)
            self.current = None if self.current == place else self.current
        elif line.kind == "join" and code is None:
            # Of a room that he is in already it is not his wish to talk there: an app that comes back joins all again.
            self.current = None if place in self.rooms else place
            self.rooms.add(place)
        elif line.before or (line.kind == "here" and code is None):
            self.rooms.add(place)
            self.current = place
        elif line.kind == "unread" and code is None:
            self.marks[place] = (line.ref or 1) - 1
        elif line.kind == "read" and code is None and place in self.marks:
            self.marks[place] = max(self.marks[place], line.ref or 0)

    def differences(self, there: Kept) -> list[str]:
        """How the database differs from it; no more than that is known may differ."""
        found = []
        if self.rooms != there.rooms:
            found.append(f"is in {sorted(there.rooms)} and was told {sorted(self.rooms)}")
        if self.current not in (None, there.current):
            found.append(f"talks in {there.current} and was told {self.current}")
        wrong = {
            room: there.marks.get(room) for room, mark in self.marks.items() if there.marks.get(room) != mark
        }
        if wrong:
            found.append(f"has read up to {wrong} and was told {self.marks}")
        return found
