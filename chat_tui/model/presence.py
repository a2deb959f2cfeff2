"""Who is in the rooms: a snapshot (/who), then what changes."""

from __future__ import annotations

from collections.abc import Sequence

from chat_server.text import fold
from chat_server.wire import Away, Join, Nick, Part, WhoName
from chat_tui.model.changes import Change, PeopleChanged
from chat_tui.model.folding import BURST_SECONDS, Burst
from chat_tui.model.message import Message
from chat_tui.model.room import CROWD, RoomState
from chat_tui.model.rooms import Rooms


class Presence:
    """Keeps the people of every room, and tells of others' comings and goings in one row for each burst."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms
        self._bursts: dict[str, Burst] = {}
        self.reasons: dict[str, str] = {}
        """Why somebody is away, by his folded nick."""
        self.doubtful: set[str] = set()
        """Rooms where somebody may be marked wrongly: who takes another nick may have claimed it, or left one that
        he had claimed, and no line but the answer to /who tells."""

    def lose(self) -> None:
        """The connection is gone, and nobody tells who comes and goes: what is told next is a row of its own."""
        self._bursts.clear()

    def explain(self, lines: Sequence[Away]) -> None:
        """Why these are away."""
        self.reasons.update((fold(line.nick), line.text) for line in lines)

    def snapshot(self, room: str, names: Sequence[WhoName]) -> list[Change]:
        """These people, and no others, are in the room now."""
        state = self._rooms.find(room)
        if state is None:
            return []
        state.people = {name.nick: name for name in names}
        if self.reasons:
            for name in names:
                if not name.is_away:
                    self.reasons.pop(fold(name.nick), None)
        self.doubtful.discard(state.name)
        return self._count(state)

    def join(self, line: Join) -> list[Change]:
        """Somebody else came."""
        state = self._rooms.find(line.room)
        if state is None or line.nick in state.people:
            return []
        everywhere = (other.people.get(line.nick) for other in self._rooms.states.values())
        known = next(filter(None, everywhere), None)
        state.people[line.nick] = known or WhoName(line.nick)
        if known is None:
            self.doubtful.add(state.name)
        changes = self._count(state)
        return changes + self._tell(state, line.at, "join", line.nick)

    def part(self, line: Part) -> list[Change]:
        """Somebody else left."""
        state = self._rooms.find(line.room)
        if state is None:
            return []
        state.people.pop(line.nick, None)
        if not any(line.nick in other.people for other in self._rooms.states.values()):
            self.reasons.pop(fold(line.nick), None)
        changes = self._count(state)
        return changes + self._tell(state, line.at, "part", line.nick, line.reason)

    def rename(self, line: Nick, is_own: bool) -> list[Change]:
        """Somebody is called otherwise, in every room where he is."""
        changes: list[Change] = []
        if (reason := self.reasons.pop(fold(line.old), "")) != "":
            self.reasons[fold(line.new)] = reason
        for state in self._rooms.states.values():
            person = state.people.pop(line.old, None)
            if person is not None:
                state.people[line.new] = person._replace(nick=line.new)
                self.doubtful.add(state.name)
                changes.append(PeopleChanged(state.name))
                if not is_own:
                    changes += self._tell(state, line.at, "rename", line.old, line.new)
        return changes

    def away(self, line: Away) -> list[Change]:
        """Somebody is away, or back."""
        changes: list[Change] = []
        was_told = self.reasons.pop(fold(line.nick), "")
        if line.text:
            self.reasons[fold(line.nick)] = line.text
        for state in self._rooms.states.values():
            person = state.people.get(line.nick)
            if person is not None and (person.is_away, was_told) != (bool(line.text), line.text):
                state.people[line.nick] = person._replace(is_away=bool(line.text))
                changes.append(PeopleChanged(state.name))
        return changes

    def count(self, room: str, count: int) -> list[Change]:
        """How many are in a crowd."""
        state = self._rooms.find(room)
        if state is None or state.people_count == count:
            return []
        state.people_count = count
        return [PeopleChanged(state.name)]

    def _count(self, state: RoomState) -> list[Change]:
        state.people_count = len(state.people)
        return [PeopleChanged(state.name)]

    def _tell(self, state: RoomState, at: int, what: str, *names: str) -> list[Change]:
        if state.people_count > CROWD:
            return []
        last = state.last_settled()
        burst = self._bursts.get(state.name)
        goes_on = (
            burst is not None and last is not None and last.key == burst.key and at - burst.at < BURST_SECONDS
        )
        if burst is None or not goes_on:
            burst = self._bursts[state.name] = Burst(self._rooms.note_key(), at)
        getattr(burst, what)(*names)
        text = burst.text()
        if not text:
            del self._bursts[state.name]
            return state.remove([burst.key])
        row = Message(burst.key, burst.at, "event", "", text)
        return state.replace(burst.key, row) if goes_on else state.settle(row)
