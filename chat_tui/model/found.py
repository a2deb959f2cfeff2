"""Searching: what the server finds, as messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from chat_server.wire import Entry
from chat_tui.model.asked import Question
from chat_tui.model.changes import Change, Found, FoundMessage, Send
from chat_tui.model.message import row_of
from chat_tui.model.session import Session


class Finding:
    """Asks by /search. Typed searches are told in a row instead, and are no matter of this class."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._words: dict[str, str] = {}
        self._firsts: dict[str, int] = {}

    def lose(self) -> list[Change]:
        """The connection is gone."""
        lost, self._words = self._words, {}
        return [Found(words, (), error="The connection was lost") for words in lost.values()]

    def search(self, words: str, before: int | None = None) -> list[Change]:
        """Asks for the messages with all these words, or for more of them; `before` is one that was found."""
        sought = " ".join(words.split())
        if not sought:
            return [Found(words, (), error="Type what to look for")]
        if not self._session.is_online:
            return [Found(words, (), error="There is no connection")]
        if before is not None:
            # A message that was edited is found at the place of its edit.
            sought = f"{sought} before:{self._firsts.get(words, before)}"
        command = self._session.asked.ask("search", "", sought)
        self._words[command.label or ""] = words
        return [Send(command)]

    def read(self, question: Question, entries: Sequence[Entry], *, has_more: bool) -> list[Change]:
        """The answer."""
        words = self._words.pop(question.label, None)
        question.is_answered = True
        if words is None:
            return []
        if entries:
            self._firsts = {words: entries[0].id}
        return [Found(words, tuple(map(self._found, entries)), has_more and bool(entries))]

    def refuse(self, question: Question, text: str) -> list[Change]:
        """The server does not search for that."""
        words = self._words.pop(question.label, None)
        return [] if words is None else [Found(words, (), error=text)]

    def _found(self, entry: Entry) -> FoundMessage:
        session = self._session
        id = entry.ref if entry.kind == "edit" and entry.ref else entry.id
        name = session.entries.place_of(entry)
        state = session.rooms.find(name)
        row = None if state is None else state.entry(id)
        if row is None:
            is_edited = entry.kind == "edit"
            said = replace(entry, kind="msg", id=id, ref=None) if is_edited else entry
            row = row_of(said, session.rooms.me.nicks)
            assert row is not None, "only what was said is found"
            row = replace(row, is_edited=is_edited)
        return FoundMessage(name if state is None else state.name, row)

    def mentions(self) -> list[FoundMessage]:
        """What is loaded and names the user, answers him, or is unread of what was said to him alone; oldest first."""
        found = [
            FoundMessage(state.name, row)
            for state in self._session.rooms.states.values()
            for row in state.messages
            if row.id is not None and (row.mentions_me or (state.is_direct and state.is_unread(row)))
        ]
        return sorted(found, key=lambda one: one.message.id or 0)
