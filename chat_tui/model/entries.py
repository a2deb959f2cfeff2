"""What is said: entries of the server and the user's own lines, each exactly once in its room."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from chat_server.text import fold, names
from chat_server.wire import REFERRING, Entry, Gap
from chat_tui.model.changes import Change, RoomsChanged
from chat_tui.model.islands import END
from chat_tui.model.message import Message, row_of
from chat_tui.model.outgoing import Outgoing
from chat_tui.model.own_line import OwnKind, OwnLine
from chat_tui.model.room import RoomState
from chat_tui.model.rooms import Rooms

# A new nick can make rows of the last history ours; older ones are not searched.
_RECENT = 200


class Entries:
    """Insert or ignore, by id; an entry that is the echo of a waiting own line takes its place."""

    def __init__(self, rooms: Rooms, outgoing: Outgoing) -> None:
        self.last_id = 0
        """The highest id that this log of the server is known to have."""
        self.unwanted: set[str] = set()
        """Folded names of rooms that the server put us into and that are being left."""
        self._rooms = rooms
        self._outgoing = outgoing
        rooms.me.changes = outgoing.changes
        self._me = ""
        self._wish: str | None = None
        self._names: set[str] = set()
        self._left_at = 0

    def call(self, nick: str, wish: str | None = None) -> list[Change]:
        """The user is called so now; `wish` is the nick that was asked for and not answered yet.

        What the server shows before it has answered may be his already, under the nick of the last connection.
        """
        self._me, self._wish = nick, wish
        self._names |= {fold(nick), fold(wish or nick)}
        self._rooms.me.nicks = self._nicks
        return self._reconsider()

    def lose(self) -> None:
        """The connection is gone: what is said from now on is missed, and news when it is read."""
        self._left_at = self.last_id
        for state in self._rooms.states.values():
            state.left_at = self.last_id

    def miss(self) -> None:
        """What was said since the last connection is not told on this one: it is a gap."""
        for state in self._rooms.states.values():
            state.islands.end_at(self._left_at + 1)

    @property
    def _nick(self) -> str:
        """The nick that stands before a line on its way."""
        return self._wish or self._me

    @property
    def _nicks(self) -> tuple[str, ...]:
        return (self._me, self._wish) if self._wish else (self._me,)

    def hear(self, entry: Entry) -> list[Change]:
        """A live entry."""
        self.last_id = max(self.last_id, entry.id)
        if entry.kind in REFERRING:
            return self._learn([entry])
        state, changes = self._place(entry)
        row = row_of(entry, self._nicks)
        if state is None or row is None:
            return changes
        if entry.nick == self._me:
            self._rooms.me.ids.add(entry.id)
        if not state.islands.is_live:
            changes += state.cover(entry.id)
        if state.knows(entry.id):
            # Its `ok` came first, with another second on it.
            return changes + (state.replace(row.key, state.dress(row)) if row.is_own else [])
        changes += self._set_topic(state, entry)
        landed = self._land(entry, row)
        return changes + (
            landed if landed is not None else self._rooms.take(state, [row], is_news=True, is_live=True)
        )

    def resume(self, entries: Sequence[Entry], gaps: Sequence[Gap] = ()) -> list[Change]:
        """An answer to /since: nothing is missing before or between them but what is gone from the server."""
        changes: list[Change] = []
        by_room: dict[str, list[Entry]] = {}
        for entry in entries:
            if entry.kind not in REFERRING:
                state, opened = self._place(entry)
                changes += opened
                if state is not None:
                    by_room.setdefault(state.name, []).append(entry)
        for name, said in by_room.items():
            state = self._rooms.states[name]
            if not state.islands.is_live:
                changes += state.cover(said[0].id)
            changes += self._replay(state, said, is_news=True)
        changes += self._learn([entry for entry in entries if entry.kind in REFERRING])
        for gap in gaps:
            # Where nothing is loaded, the history will tell.
            held = [state for state in self._rooms.states.values() if state.last_id and state.is_joined]
            for state in held:
                changes += state.lose(gap.first, gap.last) + state.tell_removed(gap.first, gap.at)
        return changes

    def turn_page(
        self,
        state: RoomState,
        entries: Sequence[Entry],
        before: int | None,
        *,
        has_more: bool,
        is_news: bool,
        gaps: Sequence[Gap] = (),
    ) -> list[Change]:
        """A page of a room's history: what was said before an id (None: until now), and what became of it.

        `has_more`: there is something before it. `is_news`: what the user missed in it counts as unread. `gaps`:
        what is gone from the server.
        """
        said = [entry for entry in entries if entry.kind not in REFERRING]
        ids = [entry.id for entry in said]
        first = min(ids or [entry.id for entry in entries]) if has_more and entries else 0
        if is_news and has_more and not entries and self.last_id:
            # Nothing is shown: nothing was said, or it is gone.
            first = self.last_id + 1
        state.conversation.forget_reactions(ids)
        for entry in entries:
            state.conversation.take(entry)
        changes = [change for gap in gaps for change in state.lose(gap.first, gap.last)]
        if before is not None or not is_news:
            state.reach_back(first)
        known = [id for id in ids if state.knows(id)]
        changes += self._replay(state, said, is_news=is_news)
        touched = {*known, *(entry.ref for entry in entries if entry.kind in REFERRING and entry.ref)}
        for id in sorted(touched):
            changes += state.refresh(id)
        end = END if before is None else before
        removed = [(id, gap.at) for gap in gaps for id in state.islands.missing(gap.first, gap.last)]
        changes += state.cover(first, end) if first < end else []
        return changes + [change for id, at in removed for change in state.tell_removed(id, at)]

    def _replay(self, state: RoomState, said: list[Entry], *, is_news: bool) -> list[Change]:
        changes: list[Change] = []
        seen = state.last_id
        # What was said before the user's first visit is no news; what he missed since is.
        left_at = state.left_at or (self._left_at if state.is_direct else 0)
        self.last_id = max([self.last_id, *(entry.id for entry in said)])
        rows: list[Message] = []
        for entry in sorted(said, key=lambda entry: entry.id):
            row = None if state.knows(entry.id) else row_of(entry, self._nicks)
            if row is None:
                continue
            landed = self._land(entry, row)
            if landed is None:
                rows.append(row)
            else:
                changes += landed
            if entry.id > seen:
                changes += self._set_topic(state, entry)
        if not is_news:
            return changes + state.merge(rows)
        first_news = next((i for i, row in enumerate(rows) if left_at and (row.id or 0) > left_at), len(rows))
        changes += self._rooms.take(state, rows[:first_news], is_news=False, is_live=False)
        return changes + self._rooms.take(state, rows[first_news:], is_news=True, is_live=False)

    def _set_topic(self, state: RoomState, entry: Entry) -> list[Change]:
        if entry.kind != "topic":
            return []
        state.topic = entry.text
        return [RoomsChanged()]

    def _learn(self, entries: Iterable[Entry]) -> list[Change]:
        """Edits, deletes and reactions. They open no conversation; one that is opened later brings its own."""
        changes: list[Change] = []
        for entry in entries:
            ref = entry.ref or 0
            self._outgoing.match(entry, self._nicks)
            # Where the message is, since its author may have another nick now; else where it would be.
            state = self._rooms.having(ref) or self._rooms.find(self.place_of(entry))
            if state is not None:
                state.conversation.take(entry)
                changes += state.refresh(ref)
        return changes

    def place_of(self, entry: Entry) -> str:
        """The name of the room or conversation that an entry belongs to."""
        name = entry.target
        is_from_me = fold(entry.nick) == fold(self._me)
        if name.startswith("@") and not is_from_me and fold(name[1:]) in self._names:
            return f"@{entry.nick}"
        return name

    def _place(self, entry: Entry) -> tuple[RoomState | None, list[Change]]:
        """The room or conversation that an entry belongs to; none for a room that is being left."""
        name = self.place_of(entry)
        return (None, []) if fold(name) in self.unwanted else self._rooms.open(name)

    def _land(self, entry: Entry, row: Message) -> list[Change] | None:
        """Puts the entry into the place of the own line that it is the echo of; None if it is of none."""
        line = self._outgoing.match(entry, self._nicks)
        state = self._room_of(line)
        if line is None or state is None:
            return None
        self._rooms.me.ids.add(entry.id)
        return state.land(line.key, replace(row, is_own=True, mentions_me=False))

    def _room_of(self, line: OwnLine | None) -> RoomState | None:
        return None if line is None else self._rooms.find(line.target)

    # -- own lines

    def say(
        self, target: str, kind: Literal["msg", "act", "topic"], text: str, at: int, ref: int | None = None
    ) -> list[Change]:
        """A line was said; it waits at the end of its room. With `ref` it answers that entry of the room."""
        line = self._outgoing.add(target, kind, text, at, ref)
        state, changes = self._rooms.open(target)
        return changes + state.wait(line.row(self._nick))

    def change(self, state: RoomState, kind: OwnKind, ref: int, text: str, at: int) -> list[Change]:
        """Something is done to a message of a room; it shows there until the server has done it.

        A second reaction with the same emoji takes back one that was not sent yet.
        """
        was_over = self._outgoing.supersede(kind, ref, text)
        if kind != "react" or not was_over:
            self._outgoing.add(state.name, kind, text, at, ref)
        return state.refresh(ref)

    def acknowledge(self, label: str, id: int | None, at: int) -> list[Change]:
        """The server took an own line, as this id. `at`: Unix seconds by the server's clock."""
        line = self._outgoing.acknowledge(label, id is not None)
        state = self._room_of(line)
        if line is None or state is None:
            return []
        if id is None:
            return self._show(line)
        if line.is_change:
            if line.kind != "react":
                # Its echo was here before, if it is not a second answer to an old line.
                entry = Entry(
                    at, "edit" if line.kind == "edit" else "delete", id, "", "", line.text, line.ref
                )
                state.conversation.take(entry)
            return state.refresh(line.ref or 0)
        self.last_id = max(self.last_id, id)
        self._rooms.me.ids.add(id)
        entry = Entry(at, line.kind, id, line.target, self._me, line.text, line.ref)
        row = row_of(entry, self._nicks)
        assert row is not None, "what is said has a row"
        return self._set_topic(state, entry) + state.land(line.key, replace(row, is_own=True))

    def refuse(self, label: str, reason: str) -> list[Change]:
        """The server refused an own line."""
        return self._show(self._outgoing.refuse(label, reason))

    def slow_down(self, label: str, now: float) -> list[Change] | None:
        """The server asks for a pause before an own line; None for a label that is not ours."""
        line = self._outgoing.slow_down(label, now)
        return None if line is None else self._show(line)

    def retry(self, key: str) -> list[Change]:
        """A failed line waits again; so does what failed to be done to a message."""
        changes: list[Change] = []
        for label in self._labels(key):
            changes += self._show(self._outgoing.retry(label))
        return changes

    def drop(self, key: str) -> list[Change]:
        """A failed or never sent line is forgotten, or what was to be done to a message."""
        changes: list[Change] = []
        for label in self._labels(key):
            line = self._outgoing.drop(label)
            state = self._room_of(line)
            if line is not None and state is not None:
                changes += state.refresh(line.ref or 0) if line.is_change else state.remove([key])
        return changes

    def doubt(self) -> list[Change]:
        """What may have been said to one person, and will not be said again by itself."""
        return [change for line in self._outgoing.doubt() for change in self._show(line)]

    def _labels(self, key: str) -> list[str]:
        """The labels of the lines that a row shows."""
        if key.startswith("e"):
            return [line.label for line in self._outgoing.changes.get(int(key[1:]), ())]
        return [key.removeprefix("p")]

    def _show(self, line: OwnLine | None) -> list[Change]:
        state = self._room_of(line)
        if line is None or state is None:
            return []
        if line.is_change:
            if line.is_failed and state.entry(line.ref or 0) is None:
                # There is no place to show it, and nothing to be done any more: whoever reads the answer tells it.
                self._outgoing.drop(line.label)
                return []
            return state.refresh(line.ref or 0)
        row = line.row(self._nick)
        return state.wait(row) if state.find(line.key) is None else state.replace(line.key, row)

    # -- when who or what is on the other side has changed

    def _reconsider(self) -> list[Change]:
        """Which rows are the user's own, or name him, under the nick that he has now."""
        changes: list[Change] = []
        for state in self._rooms.states.values():
            for row in state.messages[-_RECENT:]:
                if row.is_waiting:
                    changes += state.replace(row.key, replace(row, nick=self._nick))
                elif row.id is not None and row.kind in ("msg", "act"):
                    is_own = row.id in self._rooms.me.ids or row.nick in self._nicks
                    named = row.mentions_me or any(names(row.text, nick) for nick in self._nicks)
                    row = replace(row, is_own=is_own, mentions_me=named and not is_own)
                    changes += state.replace(row.key, state.dress(row))
        return changes

    def rename(self, old: str, new: str) -> list[Change]:
        """Somebody is called otherwise: a conversation with him goes on under the new nick."""
        changes = self._rooms.rename(f"@{old}", f"@{new}")
        if changes:
            self._outgoing.rename(f"@{old}", f"@{new}")
        return changes

    def start_afresh(self, last_id: int, at: int) -> list[Change]:
        """The server has another log. `at`: Unix seconds."""
        self.last_id = self._left_at = last_id
        self._rooms.me.ids.clear()
        lost = self._outgoing.forget_ids()
        changes = [change for state in self._rooms.states.values() for change in state.forget_entries()]
        if lost:
            text = f"{lost} change{'s' * (lost > 1)} of yours cannot be made: the server's history was started anew"
            changes += self._rooms.note(text, at, "error")
        return changes
