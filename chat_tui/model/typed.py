"""What the user types: texts, and commands as nc would take them."""

from __future__ import annotations

from typing import Final, Literal

from chat_server import wire
from chat_server.emoji import read_emoji
from chat_server.text import clean, fold
from chat_tui.model.changes import Change, HelpWanted, Outcome, QuitWanted
from chat_tui.model.own_line import OwnKind
from chat_tui.model.session import Session

_OF_THE_ROOM: Final = frozenset({"topic"})
"""Commands that are about the server's current room and cannot name another."""


def as_line(typed: str) -> str:
    """What is typed as one cleaned line of the wire: line breaks become U+2424."""
    return clean(wire.LINE_BREAK.join(typed.strip("\r\n").splitlines())).strip(" ")


class Typing:
    """Answers with an Outcome. What is not taken is told in a row, and the text stays with the user."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def say(self, text: str) -> Outcome:
        """A text for the current room."""
        return self._say(self._session.rooms.current, "msg", text)

    def command(self, typed: str) -> Outcome:
        """A slash command."""
        session = self._session
        try:
            command = wire.parse_client(as_line(typed))
        except wire.Refused as refused:
            return self._refuse(refused.text)
        if not isinstance(command, wire.Command):
            return Outcome(False, [])
        try:
            arguments = self._with_marks(command)
        except wire.Refused as refused:
            return self._refuse(refused.text)
        here = session.rooms.states[session.rooms.current]
        match command.name, arguments:
            case "help", (None,):
                return Outcome(True, [HelpWanted()])
            case "quit", (word,):
                return Outcome(True, [QuitWanted(word or "")])
            case "msg", (str(target), str(text)):
                return self._say_to(target, text)
            case "me", (str(text),):
                if here.is_direct:
                    return self._refuse("/me is for rooms; here just say it")
                return self._say(here.name, "act", text)
            case "reply", (str(id), str(text)):
                # Elsewhere the server knows where the answer belongs, and here there is no row to wait in.
                ref = int(id.removeprefix("^"))
                room = session.rooms.having(ref)
                if room is not None:
                    return self._say(room.name, "msg", text, ref)
            case "edit", (str(id), str(text)):
                changes = self._change("edit", id, text)
                if changes is not None:
                    return Outcome(True, changes)
            case "delete", (str(id),):
                changes = self._change("delete", id, "")
                if changes is not None:
                    return Outcome(True, changes)
            case "react", (str(id), str(token)):
                emoji = read_emoji(token)
                changes = None if emoji is None else self._change("react", id, emoji)
                if changes is not None:
                    return Outcome(True, changes)
            case "topic", (str(text),) if not here.is_direct:
                return self._say(here.name, "topic", text)
            case "part", (name,):
                return self._part(name or here.name)
            case "here", (name,):
                return self._here(name)
        if not session.is_online:
            return self._refuse(f"There is no connection: /{command.name} was not sent")
        match command.name, arguments:
            case ("nick", (str(), str())) | ("secret", _) if not session.identity.is_private:
                hint = ": /nick NAME" if command.name == "nick" else ""
                return self._refuse(f"This connection is not encrypted, so the secret was not sent{hint}")
            case "nick", (str(), str()):
                session.rooms.arrive()
            case "nick", (str(name), None):
                arguments = session.identity.arguments(name)
                if arguments[1] is not None:
                    session.rooms.arrive()
            case "join", (str(name),):
                state = session.rooms.find(fold(name))
                if state is not None and state.is_joined:
                    return Outcome(True, session.rooms.show(state.name))
                session.server_room = fold(name)
            case "who", (None,):
                arguments = (here.name,)
            case "unread", (None, str(first)):
                arguments = (here.name, first)
            case "read", (None, last):
                arguments = (here.name, last)
            case "history", (number, None, before):
                arguments = (number or "20", here.name, before)
        # What is typed happens in the room that is shown.
        if command.name in _OF_THE_ROOM and here.is_direct:
            return self._refuse(f"/{command.name} is for rooms")
        if command.name in _OF_THE_ROOM and not here.is_joined:
            return self._refuse(wire.error_text("not-in-room", room=here.name))
        changes = session.go(here.name) if command.name in _OF_THE_ROOM else []
        return Outcome(True, [*changes, session.ask(command.name, here.name, *arguments, is_typed=True)])

    def _with_marks(self, command: wire.Command) -> tuple[str | None, ...]:
        """The arguments, a TARGET with the # or @ that was left out: of who and what is known here. As the server does
        it, nothing is guessed to be said in a room. Raises wire.Refused."""
        parameters = wire.COMMANDS[command.name].parameters
        found = [
            self._with_mark(command.name, value)
            if parameter.name == "TARGET" and value is not None
            else value
            for parameter, value in zip(parameters, command.arguments, strict=True)
        ]
        return tuple(found)

    def _with_mark(self, name: str, word: str) -> str:
        if word.startswith(("#", "@")):
            return word
        rooms = self._session.rooms
        is_room = rooms.find(f"#{word}") is not None
        is_person = rooms.find(f"@{word}") is not None or self._is_here(word)
        if is_room != is_person and (is_person or name != "msg"):
            return f"@{word}" if is_person else f"#{word}"
        meant = f"#{word}" if is_room and not is_person else f"@{word} or #{word}" if is_room else f"@{word}"
        usage = f"{wire.COMMANDS[name].usage} (did you mean {meant}?)"
        raise wire.Refused("bad-args", name=name, syntax=usage)

    def _is_here(self, nick: str) -> bool:
        states = self._session.rooms.states.values()
        return any(fold(name) == fold(nick) for state in states for name in state.people)

    def leave(self, room: str) -> list[Change]:
        """Leaves a room, or closes a conversation."""
        session = self._session
        state = session.rooms.states[room]
        if session.is_online and state.is_joined and not state.is_direct:
            return [session.ask("part", room, room, is_typed=True)]
        if session.outgoing.of(room):
            return session.note("Something said here is not sent yet; drop it first", "error", room=room)
        return session.rooms.close(room)

    def _part(self, name: str) -> Outcome:
        state = self._session.rooms.find(name)
        if state is None:
            return self._refuse(f"You are not in {name}")
        return Outcome(True, self.leave(state.name))

    def _here(self, name: str | None) -> Outcome:
        """What nc is told where the user sees it: the room that is shown."""
        session = self._session
        if name is None:
            return Outcome(True, session.note(f"What you type goes to {session.rooms.current}", passes=True))
        state = session.rooms.find(name)
        if state is None or not state.is_joined:
            return self._refuse(wire.error_text("not-in-room", room=name))
        return Outcome(True, session.rooms.show(state.name))

    def _say_to(self, target: str, text: str) -> Outcome:
        session = self._session
        if target.startswith("#"):
            state = session.rooms.find(target)
            return self._say(state.name if state else target, "msg", text)
        name = self.conversation(target[1:])
        outcome = self._say(name, "msg", text)
        if outcome.is_taken and session.rooms.current != name:
            # Shown, or it would not be seen whether it arrived.
            outcome.changes.extend(session.rooms.show(name))
        return outcome

    def conversation(self, nick: str) -> str:
        """The name of the conversation with somebody, with his nick as he writes it."""
        state = self._session.rooms.find(f"@{nick}")
        if state is not None:
            return state.name
        people = (name for room in self._session.rooms.states.values() for name in room.people)
        return "@" + next((name for name in people if fold(name) == fold(nick)), nick)

    def _change(self, kind: OwnKind, id: str, text: str) -> list[Change] | None:
        """Does something to a message that is here; None if it is not, or not the user's: then the server knows."""
        session = self._session
        ref = int(id.removeprefix("^"))
        room = session.rooms.having(ref)
        row = None if room is None else room.entry(ref)
        if room is None or row is None or row.kind not in ("msg", "act"):
            return None
        if kind != "react" and not session.rooms.me.is_author(row):
            return None
        changes = session.entries.change(room, kind, ref, text, int(session.clock()))
        return changes + session.pump()

    def _say(
        self, target: str, kind: Literal["msg", "act", "topic"], text: str, ref: int | None = None
    ) -> Outcome:
        session = self._session
        text = as_line(text)
        try:
            wire.check_text(text)
        except wire.Refused as refused:
            return self._refuse(refused.text)
        state = session.rooms.states.get(target)
        if target.startswith("#") and (state is None or not state.is_joined):
            return self._refuse(wire.error_text("not-in-room", room=target))
        if kind == "topic" and text == "-":
            text = ""
        changes = session.rooms.catch_up() if target == session.rooms.current else []
        changes += session.entries.say(target, kind, text, int(session.clock()), ref)
        return Outcome(True, changes + session.pump())

    def _refuse(self, why: str) -> Outcome:
        return Outcome(False, self._session.note(why, "error"))
