"""The other one of a direct conversation: whether he is here, why he is away, whether he is still who he was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from chat_server.text import fold
from chat_server.wire import Nick, Part, WhoName
from chat_tui.model.changes import Change, PeopleChanged
from chat_tui.model.message import Message
from chat_tui.model.room import RoomState
from chat_tui.model.session import Session

ASKED_SECONDS: Final = 60.0
"""So often at most the server is asked for somebody who is in no room with the user, while that conversation is shown."""


@dataclass(frozen=True, slots=True)
class Partner:
    """`person` as /who marks him. `is_here` None: nobody has told. `is_owned`: the name is somebody's own, so what is
    said to him while he is not here waits for him. `reason` why he is away, "" if he is not."""

    person: WhoName
    is_here: bool | None = None
    is_owned: bool = False
    reason: str = ""


class Partners:
    """Knows them by the rooms that they share with the user; asks /who @NICK for the others, when they are looked at.

    A guest's nick is free for the next one as soon as he has left: his conversation gets a row then.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._told: dict[str, Partner] = {}
        self._asked_at: dict[str, float] = {}
        self._left: dict[str, int] = {}
        """Who left the last room that he shared with the user, and when, until the server has told more."""

    def lose(self) -> None:
        """The connection is gone: who is there may be others on the next."""
        self._told.clear()
        self._asked_at.clear()
        self._left.clear()

    def of(self, state: RoomState) -> Partner:
        """The other one of a conversation."""
        nick = state.name[1:]
        identity, reasons = self._session.identity, self._session.presence.reasons
        if fold(nick) == fold(identity.nick):
            return Partner(WhoName(identity.nick), is_here=True)
        person = self._in_rooms(nick)
        if person is not None:
            reason = reasons.get(fold(nick), "") if person.is_away else ""
            return Partner(person, True, person.is_claimed, reason)
        return self._told.get(fold(nick)) or Partner(WhoName(nick))

    def ask(self, now: float) -> list[Change]:
        """Asks for the one whose conversation is shown, if no room tells of him and it is time to."""
        session = self._session
        state = session.rooms.states[session.rooms.current]
        nick = fold(state.name[1:])
        is_known = (
            not state.is_direct or nick == fold(session.identity.nick) or self._in_rooms(nick) is not None
        )
        if is_known or not session.is_online or now < self._asked_at.get(nick, 0.0) + ASKED_SECONDS:
            return []
        return self._ask(state, now)

    def _ask(self, state: RoomState, now: float) -> list[Change]:
        self._asked_at[fold(state.name[1:])] = now
        return [self._session.ask("who", state.name, state.name)]

    def take(self, name: str, names: Sequence[WhoName]) -> list[Change]:
        """The server's answer for "@nick": him, or nobody if his name is somebody's own who is not here."""
        nick = fold(name[1:])
        self._left.pop(nick, None)
        if names:
            reason = self._session.presence.reasons.get(fold(names[0].nick), "")
            partner = Partner(names[0], True, names[0].is_claimed, reason if names[0].is_away else "")
        else:
            partner = Partner(WhoName(name[1:], is_claimed=True), False, True)
        self._told[nick] = partner
        state = self._session.rooms.find(name)
        return [] if state is None else [PeopleChanged(state.name)]

    def miss(self, name: str, at: int) -> list[Change]:
        """The server knows nobody of the name "@nick". `at`: Unix seconds."""
        nick = fold(name[1:])
        at = self._left.pop(nick, at)
        was_here = self._told.get(nick, Partner(WhoName(""))).is_here is not False
        self._told[nick] = Partner(WhoName(name[1:]), False)
        state = self._session.rooms.find(name)
        if state is None:
            return []
        nick = state.name[1:]
        what = f"{nick} is not here any more, and was a guest: the next {nick} may be somebody else"
        return [PeopleChanged(state.name), *(self._divide(state, what, at) if was_here else [])]

    def hear(self, nick: str) -> None:
        """Somebody says something to the user alone: he is here."""
        told = self._told.get(fold(nick))
        if told is not None and told.is_here is False:
            del self._told[fold(nick)]
            self._asked_at.pop(fold(nick), None)

    def part(self, line: Part) -> list[Change]:
        """Somebody left a room: if that was the last one with the user, and he talked with him, is he still there?"""
        state = self._session.rooms.find(f"@{line.nick}")
        if state is None or self._in_rooms(line.nick) is not None or not self._session.is_online:
            return []
        self._told.pop(fold(line.nick), None)
        self._left[fold(line.nick)] = line.at
        return [PeopleChanged(state.name), *self._ask(state, self._session.clock())]

    def rename(self, line: Nick) -> list[Change]:
        """Somebody is called otherwise, and his conversation could not go on under the new nick: there is one already."""
        for nick in (line.old, line.new):
            self._told.pop(fold(nick), None)
            self._asked_at.pop(fold(nick), None)
        state = self._session.rooms.find(f"@{line.old}")
        if state is None or fold(line.old) == fold(line.new):
            return []
        what = f"{line.old} is called {line.new} now: the next {line.old} is somebody else"
        return self._divide(state, what, line.at)

    def _divide(self, state: RoomState, text: str, at: int) -> list[Change]:
        """A row that stands between one and the next of the same name, if anything was said since the last one."""
        for row in reversed(state.messages):
            if row.kind == "event" and row.text == text:
                return []
            if row.id is not None and row.kind in ("msg", "act"):
                return state.settle(Message(self._session.rooms.note_key(), at, "event", "", text))
        return []

    def _in_rooms(self, nick: str) -> WhoName | None:
        # Nicks come from the server in their normal form: of fold() this is all that is left. 9,500 people: 1.5 ms.
        folded = nick.casefold()
        for state in self._session.rooms.states.values():
            # The names of a crowd are those of a while ago.
            if state.is_direct or not state.is_joined or state.is_crowd:
                continue
            person = state.people.get(nick)
            if person is None:
                person = next((one for one in state.people.values() if one.nick.casefold() == folded), None)
            if person is not None:
                return person
        return None
