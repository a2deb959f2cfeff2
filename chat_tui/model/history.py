"""Older messages: page by page, in a gap, or around one that somebody wants to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chat_server.wire import Entry, Gap
from chat_tui.model.asked import Question
from chat_tui.model.changes import Change, HistoryLoaded, JumpReady, MessagesAdded, RoomsChanged, Send
from chat_tui.model.islands import TOP
from chat_tui.model.room import RoomState
from chat_tui.model.session import Session

PAGE: Final = 100
"""Messages of one page: some screens full, and a few milliseconds to draw."""

AROUND: Final = 50
"""Messages around one that is jumped to, half of them before it. The other half is counted in ids, of which a
busy server has many between two messages of one room: a gap below it can be loaded."""


@dataclass(frozen=True, slots=True)
class _Page:
    """A page on its way: of which room, at which gap (None: where nothing is missing), and what is looked for."""

    room: RoomState
    gap: str | None
    sought: int | None = None


class History:
    """Asks for pages with /history and puts them where they belong. The row of a gap (the one above everything, for
    older messages) says that its page is on its way, or why it did not come and what to do."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._pages: dict[str, _Page] = {}
        self._refused: set[tuple[str, str]] = set()
        """Rooms, and gaps in them, of which a page was refused on this connection: a wheel that turns must not ask on
        and on."""
        self._filled: set[str] = set()
        """Rooms whose older messages were asked for without being wanted, on this connection."""

    def lose(self) -> list[Change]:
        """The connection is gone; nothing that was asked for will come."""
        pages, self._pages = self._pages, {}
        self._refused.clear()
        self._filled.clear()
        return [change for page in pages.values() for change in self._fail(page, "the connection was lost")]

    def load_older(self, room: str) -> list[Change]:
        """Asks for what was said before the first message of a room; nothing if there is none, while it comes
        already, or if it was refused (`load_gap` asks again)."""
        state = self._session.rooms.states[room]
        return self._load_top(state) if state.has_older and (room, TOP) not in self._refused else []

    def fill(self, room: str) -> list[Change]:
        """Asks once, and without a row that says so, for what was said before the first message of a room."""
        state = self._session.rooms.states[room]
        islands = state.islands.all
        is_open = self._session.is_online and state.is_joined and not state.is_loading
        if room in self._filled or not (state.last_id and islands and state.has_older and is_open):
            return []
        self._filled.add(room)
        return self._ask(_Page(state, None), AROUND, islands[0].first)

    def fill_gap(self, room: str, key: str, *, from_above: bool) -> list[Change]:
        """Asks for a page of a gap that comes in sight, as `load_gap` does; nothing while any page of the room is on its
        way, or if it was refused."""
        state = self._session.rooms.states[room]
        first = state.islands.gaps().get(key)
        if first is None or state.is_loading or (room, key) in self._refused:
            return []
        return self._load_between(state, key, first, from_above)

    def load_gap(self, key: str, *, from_above: bool = False) -> list[Change]:
        """Asks for the last messages of a gap, or the first ones, or again for what was looked for in it; nothing if
        there is no such row."""
        rooms = self._session.rooms
        # Rows of two rooms may have the same key; the one that is shown is meant.
        for state in (rooms.states[rooms.current], *rooms.states.values()):
            index = state.find(key)
            if index is None:
                continue
            if (sought := state.messages[index].ref) is not None:
                return self.jump_to(state.name, sought)
            if key == TOP:
                return self._load_top(state)
            if (first := state.islands.gaps().get(key)) is not None:
                return self._load_between(state, key, first, from_above)
        return []

    def _load_between(self, state: RoomState, key: str, first: int, from_above: bool) -> list[Change]:
        """The server gives what was said before an id. So the first messages of a gap are asked for by one that is as
        far behind its beginning as a page reaches, or less: else something would be missing above them still."""
        self._refused.discard((state.name, key))
        end = min(first, int(key[1:]) + max(PAGE, state.ids_of(PAGE) * 4 // 5)) if from_above else first
        return self._load(state, end, key)

    def _load_top(self, state: RoomState) -> list[Change]:
        self._refused.discard((state.name, TOP))
        islands = state.islands.all
        return self._load(state, islands[0].first if islands else None, TOP)

    def _load(self, state: RoomState, before: int | None, gap: str) -> list[Change]:
        if state.is_loading_gap(gap):
            return []
        if not self._session.is_online:
            return state.finish_loading(gap, "no connection")
        if not state.is_joined:
            return state.finish_loading(gap, f"you are not in {state.name} any more")
        return self._ask(_Page(state, gap), PAGE, before)

    def _ask(self, page: _Page, count: int, before: int | None) -> list[Change]:
        name = page.room.name
        command = self._session.asked.ask(
            "history", name, str(count), name, None if before is None else str(before)
        )
        self._pages[command.label or ""] = page
        changes = [] if page.gap is None else page.room.load(page.gap)
        return [*changes, Send(command), HistoryLoaded(name)]

    def jump_to(self, room: str, id: int) -> list[Change]:
        """Sees to it that a message and what was said around it are loaded, and shows meanwhile where it will be."""
        state, changes = self._session.rooms.open(room)
        row = state.entry(id)
        if row is not None:
            return [*changes, JumpReady(state.name, row.key)]
        if not self._session.is_online:
            return changes + self._session.note("There is no connection: that message is not loaded", "error")
        gap = state.islands.gap_of(id)
        changes += self._ask(_Page(state, gap, id), AROUND, id + AROUND // 2 + 1)
        return changes if gap is None else [*changes, JumpReady(state.name, gap)]

    # -- what comes

    def read(
        self, room: str, entries: Sequence[Entry], gaps: Sequence[Gap] = (), *, has_more: bool
    ) -> list[Change]:
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
            changes = session.entries.turn_page(
                state, entries, None, has_more=not gaps, is_news=True, gaps=gaps
            )
            if state.last_id or gaps or not session.entries.last_id:
                return changes
            # Was nothing said here, or is it gone? Only a page tells.
            return changes + self._ask(_Page(state, None), 1, None)
        question.is_answered = True
        page = self._pages.pop(question.label, None)
        # Before the page: what comes above everything comes above that row, too.
        changes = [] if page is None or page.gap is None else state.finish_loading(page.gap)
        before = (question.arguments[2] or "").removeprefix("^")
        changes += session.entries.turn_page(
            state, entries, int(before) if before else None, has_more=has_more, is_news=False, gaps=gaps
        )
        if page is None:
            if not question.is_typed:
                return changes
            if not any(isinstance(change, MessagesAdded) for change in changes):
                # Nothing on the screen would tell that it was answered.
                changes += session.note(
                    _nothing_new(state, entries, question.room), room=question.room, passes=True
                )
            return [*changes, RoomsChanged()]
        if page.sought is not None:
            changes += self._land(state, page.sought)
        return [*changes, HistoryLoaded(state.name)]

    def refuse(self, question: Question, code: str, text: str) -> list[Change]:
        """The server does not show that page; of somebody it does not know there is none."""
        page = self._pages.pop(question.label, None)
        if page is None:
            return []
        if page.gap is not None and (page.sought is None or page.gap != TOP):
            self._refused.add((page.room.name, page.gap))
        return self._fail(page, "" if code == "no-such-nick" else text)

    def _fail(self, page: _Page, why: str) -> list[Change]:
        state = page.room
        if self._session.rooms.states.get(state.name) is not state:
            return []
        if page.gap is None and page.sought is None:
            changes = []
        elif page.gap is None:
            changes = self._session.note(f"That message is not loaded: {why}", "error", room=state.name)
        else:
            changes = state.finish_loading(page.gap, why, page.sought)
        return [*changes, HistoryLoaded(state.name)]

    def _land(self, state: RoomState, id: int) -> list[Change]:
        near = [row for row in state.messages if row.id is not None]
        if state.entry(id) is None:
            gone = "That message is not there any more"
            note = self._session.note(gone, room=state.name, passes=True)
            if not near:
                return note
        else:
            note = []
        row = min(near, key=lambda row: abs((row.id or 0) - id))
        return [*note, JumpReady(state.name, row.key)]


def _nothing_new(state: RoomState, entries: Sequence[Entry], room: str) -> str:
    """What is told of a page that the user asked for in a room, and that brings no row."""
    if not entries:
        return f"There is nothing more to show of {state.name}"
    there = "" if state.name == room else f" in {state.name}"
    return f"That is shown already{there}: PgUp goes to what was said before"
