"""Older messages: page by page, in a gap, or around one that somebody wants to see."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from chat_server.wire import Command, Entry
from chat_tui.model.asked import Question
from chat_tui.model.changes import Change, HistoryLoaded, JumpReady, RoomsChanged, Send
from chat_tui.model.room import RoomState
from chat_tui.model.session import Session

PAGE: Final = 100
"""Messages of one page: some screens full, and a few milliseconds to draw."""

AROUND: Final = 50
"""Messages around one that is jumped to, half of them before it. The other half is counted in ids, of which a
busy server has many between two messages of one room: a gap below it can be loaded."""


class History:
    """Asks for pages with /history and puts them where they belong. One page of a room at a time."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._jumps: dict[str, int] = {}
        self._pages: set[str] = set()

    def lose(self) -> list[Change]:
        """The connection is gone; nothing that was asked for will come."""
        self._jumps.clear()
        self._pages.clear()
        loading = [state for state in self._session.rooms.states.values() if state.is_loading]
        return [change for state in loading for change in self._loaded(state)]

    def load_older(self, room: str) -> list[Change]:
        """Asks for what was said before the first message of a room; nothing if there is none, or while it
        comes already."""
        state = self._session.rooms.states[room]
        if not state.has_older:
            return []
        islands = state.islands.all
        return self._load(state, islands[0].first if islands else None)

    def load_gap(self, key: str) -> list[Change]:
        """Asks for the last messages of a gap; nothing if there is no such row."""
        for state in self._session.rooms.states.values():
            first = state.islands.gaps().get(key)
            if first is not None and state.find(key) is not None:
                return self._load(state, first, key)
        return []

    def _load(self, state: RoomState, before: int | None, gap: str | None = None) -> list[Change]:
        if state.is_loading or not state.is_joined or not self._session.is_online:
            return []
        changes = state.load(gap)
        return [*changes, Send(self._ask(state, PAGE, before)), HistoryLoaded(state.name)]

    def _ask(self, state: RoomState, count: int, before: int | None) -> Command:
        command = self._session.asked.ask(
            "history", state.name, str(count), state.name, None if before is None else str(before)
        )
        self._pages.add(command.label or "")
        return command

    def jump_to(self, room: str, id: int) -> list[Change]:
        """Sees to it that a message and what was said around it are loaded."""
        state, changes = self._session.rooms.open(room)
        row = state.entry(id)
        if row is not None:
            return [*changes, JumpReady(state.name, row.key)]
        if not self._session.is_online:
            return changes + self._session.note("There is no connection: that message is not loaded", "error")
        command = self._ask(state, AROUND, id + AROUND // 2 + 1)
        self._jumps[command.label or ""] = id
        return [*changes, Send(command)]

    # -- what comes

    def read(self, room: str, entries: Sequence[Entry], *, has_more: bool) -> list[Change]:
        """A history block: the answer to something, or what a join brings along."""
        session = self._session
        state = session.rooms.find(room)
        if state is None:
            if not room.startswith("@"):
                return []
            state, _ = session.rooms.open(room)
        question = session.asked.page_of(room)
        if question is None:
            # It does not say whether there is more: the first look above it will tell.
            return session.entries.turn_page(state, entries, None, has_more=True, is_news=True)
        question.is_answered = True
        before = (question.arguments[2] or "").removeprefix("^")
        changes = session.entries.turn_page(
            state, entries, int(before) if before else None, has_more=has_more, is_news=False
        )
        if question.label in self._jumps:
            return changes + self._land(state, self._jumps.pop(question.label))
        if question.label in self._pages:
            changes += self._loaded(state)
        return [*changes, RoomsChanged()] if question.is_typed else changes

    def refuse(self, question: Question, text: str) -> list[Change]:
        """The server does not show that page."""
        state = self._session.rooms.find(question.arguments[1] or "")
        if question.label not in self._pages or state is None:
            return []
        changes = self._session.note(text, "error", room=state.name)
        if self._jumps.pop(question.label, None) is None:
            changes += self._loaded(state)
        return changes

    def _loaded(self, state: RoomState) -> list[Change]:
        return [*state.finish_loading(), HistoryLoaded(state.name)]

    def _land(self, state: RoomState, id: int) -> list[Change]:
        near = [row for row in state.messages if row.id is not None]
        if state.entry(id) is None:
            note = self._session.note("That message is not there any more", "notice", room=state.name)
            if not near:
                return note
        else:
            note = []
        row = min(near, key=lambda row: abs((row.id or 0) - id))
        return [*note, JumpReady(state.name, row.key)]
