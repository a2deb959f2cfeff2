"""All rooms and conversations of the user, and what is unread in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from time import time
from typing import Final, Literal

from chat_server.text import fold
from chat_tui.model.changes import (
    Change,
    CurrentRoomChanged,
    Notify,
    RoomRenamed,
    RoomsChanged,
)
from chat_tui.model.conversation import Me
from chat_tui.model.message import Message
from chat_tui.model.room import RoomState

Place = Literal["as left", "unread", "message"]


TO_READ: Final = 3.0
"""Seconds for which an answer or an error has to be in sight before it may go."""


class Rooms:
    """Rooms by name, in the order in which they were opened; one is current, always."""

    def __init__(self, first: str, clock: Callable[[], float] = time) -> None:
        """`clock` gives Unix seconds."""
        self._clock = clock
        self._in_sight_since = clock()
        """When the end of the current room came in sight."""
        self._passing: dict[str, tuple[RoomState, float]] = {}
        """The keys of answers and errors, the room that each is in, and when it was put there."""
        self.me = Me()
        self.states: dict[str, RoomState] = {first: RoomState(first, me=self.me)}
        self.current = first
        self.is_arriving = True
        """Whether a login may still decide which room is shown: the user has gone nowhere and written nothing."""
        self._awaited = ""
        """The folded name of the room to show then as soon as the user is in it, "" for none."""
        self.is_looking = True
        self._notes = self._turns = 0

    def find(self, name: str) -> RoomState | None:
        """The room of that name, in whatever case it is written."""
        state = self.states.get(name)
        if state is None:
            folded = fold(name)
            state = next((other for other in self.states.values() if fold(other.name) == folded), None)
        return state

    def having(self, id: int) -> RoomState | None:
        """The room in which an entry is."""
        return next((state for state in self.states.values() if state.has(id)), None)

    def open(self, name: str) -> tuple[RoomState, list[Change]]:
        """The room of that name, a new one if need be."""
        state = self.find(name)
        if state is not None:
            return state, []
        state = self.states[name] = RoomState(name, me=self.me)
        return state, [RoomsChanged()]

    def close(self, name: str) -> list[Change]:
        """Takes a room off the list; the one that was shown last before it is shown if it was current.

        The only room stays, as one that the user is not in.
        """
        if len(self.states) == 1:
            self.states[name].is_joined = False
            return [RoomsChanged()]
        closed = self.states.pop(name)
        self._passing = {key: one for key, one in self._passing.items() if one[0] is not closed}
        if self.current != name:
            return [RoomsChanged()]
        # Of those that were never shown a room: opening a conversation is for the user to do.
        last = max(self.states.values(), key=lambda state: (state.shown_at, not state.is_direct))
        return self.turn_to(last.name)

    def arrive(self, last: str = "") -> None:
        """A login begins that may take the user elsewhere. `last` is where he was last on this device: he is shown
        that room if he is in it, else the one where the server says he was last."""
        self.is_arriving, self._awaited = True, fold(last)

    def stay(self) -> None:
        """No other room is shown by itself any more."""
        self.is_arriving = False

    def show_awaited(self, state: RoomState) -> list[Change]:
        """Shows a room that the user is in now, if he was there last. What was shown before it he has not read."""
        if not self.is_arriving or fold(state.name) != self._awaited or state.name == self.current:
            return []
        return self.show(state.name, is_seen=False)

    def show_last(self, name: str) -> list[Change]:
        """The login took the user to the room where he was last, on whichever device."""
        own, last = self.find(self._awaited), self.find(name)
        is_own = own is not None and own.is_joined
        if not self.is_arriving or is_own or last is None or last.name == self.current:
            return []
        return self.show(last.name, is_seen=False)

    def show(self, name: str, *, is_seen: bool = True, place: Place = "as left") -> list[Change]:
        """Makes a room current: nothing in it is unread any more, if its end is in sight. `is_seen`: nor is what was
        shown before. `place` is what will be in sight: what was when it was left, or where its unread begins, or a
        message of which `look` tells later whether that is at the end."""
        self.stay()
        state = self.states[name]
        if place == "unread":
            state.is_unseen = state.unread > 0
        elif place == "message":
            state.is_at_end = False
        return self.turn_to(name, is_seen=is_seen)

    def turn_to(self, name: str, *, is_seen: bool = True) -> list[Change]:
        """The same, where it is not what the user or his login has decided."""
        changes: list[Change] = []
        left = self.states.get(self.current)
        if left is not None and left.name != name:
            changes += self.pass_by()
            self._in_sight_since = self._clock()
            if is_seen:
                self.see()
            left.is_held = left.is_unseen = False
            self._turns += 1
            left.shown_at = self._turns
            if not left.unread:
                left.unread_from = None
        self.current = name
        return [*changes, *self.look_again(), CurrentRoomChanged(name), RoomsChanged()]

    def look(self, is_looking: bool, is_at_end: bool, is_line_in_sight: bool) -> list[Change]:
        """Whether somebody looks at the current room, at its end, and at the line where the unread begins."""
        state = self.states[self.current]
        finds = state.is_unseen and is_looking and is_line_in_sight
        if (is_looking, is_at_end) == (self.is_looking, state.is_at_end) and not finds:
            return []
        if not (self.is_looking and state.is_at_end):
            self._in_sight_since = self._clock()
        state.is_unseen = state.is_unseen and not finds
        was_looking, self.is_looking, state.is_at_end = self.is_looking, is_looking, is_at_end
        if was_looking and not is_looking and not state.unread:
            state.unread_from = None
        return self.look_again()

    def is_seen(self, state: RoomState) -> bool:
        """Whether what is said there is read at once."""
        is_kept = state.is_held or state.is_unseen
        return self.is_looking and state.is_at_end and state.name == self.current and not is_kept

    def catch_up(self) -> list[Change]:
        """The user need not see where the unread of the current room begins."""
        self.states[self.current].is_unseen = False
        return self.look_again()

    def rename(self, old: str, new: str) -> list[Change]:
        """A direct conversation goes on under another nick, unless there is one with that nick."""
        state = self.states.get(old)
        if state is None or new in self.states:
            return []
        state.name = new
        self.states = {(new if name == old else name): other for name, other in self.states.items()}
        changes: list[Change] = [RoomRenamed(old, new), RoomsChanged()]
        if self.current == old:
            self.current = new
            changes.append(CurrentRoomChanged(new))
        return changes

    def note(
        self,
        text: str,
        at: int,
        kind: Literal["notice", "error", "event"],
        room: str = "",
        *,
        passes: bool | None = None,
    ) -> list[Change]:
        """A row that only this app knows, in the named room or else in the current one. `passes`: it is about what was
        typed, and goes when it was read (see pass_by); errors do unless told otherwise."""
        state = self.states.get(room) or self.states[self.current]
        row = Message(self.note_key(), at, kind, "", text)
        if not (kind == "error" if passes is None else passes):
            return state.settle(row)
        same = [
            key
            for key, (where, _) in self._passing.items()
            if where is state
            and (index := state.find(key)) is not None
            and state.messages[index].text == text
        ]
        for key in same:
            del self._passing[key]
        self._passing[row.key] = state, self._clock()
        # Said again it is one row, with the new time: ten rooms that cannot be joined are no ten rows.
        return [*state.remove(same), *state.settle(row)]

    def pass_by(self, *, at_once: bool = False) -> list[Change]:
        """The user goes on, to another room or by saying something: answers and errors that he had the time to read go
        from the current room, so that what people say stays together. `at_once`: he wants them away."""
        state, now = self.states[self.current], self._clock()
        if not (self.is_looking and state.is_at_end):
            return []
        read = [
            key
            for key, (where, at) in self._passing.items()
            if where is state and (at_once or now - max(at, self._in_sight_since) >= TO_READ)
        ]
        for key in read:
            del self._passing[key]
        return state.remove(read)

    def note_key(self) -> str:
        """A key for a row that only this app knows."""
        self._notes += 1
        return f"n{self._notes}"

    def take(
        self, state: RoomState, rows: Sequence[Message], *, is_news: bool, is_live: bool
    ) -> list[Change]:
        """Merges entries. `is_news`: others' lines count as unread; `is_live`: they may notify, too."""
        new = {row.id for row in rows if row.id is not None and not state.knows(row.id)}
        changes = state.merge(rows) + (state.trim() if is_live else [])
        is_seen = self.is_seen(state)
        for row in (state.entry(id) for id in sorted(new)):
            if row is None or not row.is_of_others:
                continue
            is_for_me = row.mentions_me or state.is_direct
            if is_live and is_for_me:
                changes.append(Notify(state.name, row))
            if is_news and not is_seen:
                # What was above it is read by now, though the line may stand there still.
                state.unread_from = (state.unread and state.unread_from) or row.key
                state.unread += 1
                state.mentions += is_for_me
                changes.append(RoomsChanged())
        return changes

    def see(self) -> None:
        """What is in sight now, the user has read; also where he had marked it as unread before he left."""
        state = self.states[self.current]
        if self.is_seen(state):
            state.seen_upto = max(state.seen_upto, state.last_said)
            state.marked = 0

    def look_again(self) -> list[Change]:
        """What is in sight is not counted as unread."""
        state = self.states[self.current]
        if not self.is_seen(state) or not (state.unread or state.mentions):
            return []
        state.unread = state.mentions = 0
        return [RoomsChanged()]
