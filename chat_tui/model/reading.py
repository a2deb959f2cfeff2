"""What the server says, line by line, but for the start and the end of a connection."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from chat_server import wire
from chat_server.text import fold
from chat_tui.model.asked import Question
from chat_tui.model.changes import Change, RoomsChanged, SecretProved, Send
from chat_tui.model.found import Finding
from chat_tui.model.history import History
from chat_tui.model.listing import Listing
from chat_tui.model.marks import Marks
from chat_tui.model.naming import Naming
from chat_tui.model.partners import Partners
from chat_tui.model.replies import rooms_text, search_text, unread_text, who_text
from chat_tui.model.session import Session
from chat_tui.model.whereabouts import Whereabouts

BLOCK_LINES: Final = 20_000
"""Most lines kept of one answer. The longest real one is /who of 10,000 people, in some hundred lines."""


@dataclass(slots=True)
class _Block:
    """An answer of several lines that has begun."""

    what: str
    arguments: tuple[str, ...]
    lines: list[wire.ServerLine] = field(default_factory=list)


class Reading:
    """Takes one line after the other and says what changed."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self.history = History(session)
        self.finding = Finding(session)
        self.marks = Marks(session)
        self.naming = Naming(session, self.marks)
        self.listing = Listing(session)
        self.partners = Partners(session)
        self.whereabouts = Whereabouts(session)
        self._block: _Block | None = None
        self._awaits_greeting = False
        self._last_first = ""

    def begin(self, first_lines: list[wire.Command]) -> None:
        """A connection was welcomed, and these lines are sent first on it."""
        self._awaits_greeting = True
        self._last_first = first_lines[-1].label or "" if first_lines else ""
        if not first_lines:
            self._session.rooms.stay()
        if not self._session.resume.goes_on:
            self._session.entries.miss()

    def lose(self) -> list[Change]:
        """The connection is gone, in the middle of an answer perhaps."""
        self._block = None
        if self._session.asked.find("nick", is_typed=True) is not None:
            self._session.rooms.stay()
        self.naming.lose()
        self.marks.lose()
        self.listing.lose()
        self.partners.lose()
        self._session.presence.lose()
        self.whereabouts.lose()
        return self.history.lose() + self.finding.lose()

    def take(self, line: wire.ServerLine) -> list[Change]:
        """One line of the server."""
        if self._block is not None and not isinstance(line, wire.End):
            if len(self._block.lines) < BLOCK_LINES:
                self._block.lines.append(line)
            return []
        session = self._session
        match line:
            case wire.Entry():
                session.resume.hear(line.id)
                if line.target.startswith("@"):
                    self.partners.hear(line.nick)
                # A line that the echo answered makes room for the next one.
                return session.entries.hear(line) + session.pump()
            case wire.Join() if line.nick == session.identity.nick:
                return self._entered(line.room)
            case wire.Join():
                return session.presence.join(line)
            case wire.Part() if line.nick == session.identity.nick:
                return self._left(line)
            case wire.Part():
                return session.presence.part(line) + self.partners.part(line)
            case wire.Nick():
                return self._renamed(line)
            case wire.Away():
                return session.presence.away(line)
            case wire.People():
                return session.presence.count(line.room, line.count)
            case wire.Begin():
                self._block = _Block(line.what, line.arguments)
            case wire.End():
                block, self._block = self._block, None
                return self._read_block(block, line) if block is not None and block.what == line.what else []
            case wire.Ok():
                return self._done(line)
            case wire.Err():
                return self._refused(line)
            case wire.Unread():
                return self.marks.take(line)
            case wire.Here():
                return self._is_at(line)
            case wire.Note() | wire.Time() | wire.Pong():
                return self._told(line)
        return []

    # -- answers

    def _done(self, line: wire.Ok) -> list[Change]:
        session = self._session
        question = self._answer(line.label)
        if question is None:
            return session.entries.acknowledge(line.label, line.id, line.at) + session.pump()
        changes: list[Change] = []
        if question.name == "nick":
            changes += self.naming.take(question, line.at)
        elif question.name == "secret":
            changes += self._changed(question.argument, line.at)
        elif question.name == "unread":
            self.marks.confirm(question)
        elif question.name == "join" and not question.is_answered:
            # Normally a join line or the history was here before.
            changes += self._entered(fold(question.argument), question if question.is_typed else None)
        return changes + self._open(line.label)

    def _changed(self, secret: str, at: int) -> list[Change]:
        """The name has another secret."""
        session = self._session
        name = session.identity.change(secret)
        if name is None:
            return []
        said = f"{name} has that secret now; your other devices need it when they log in again"
        return [SecretProved(name, secret), *session.note(said, at=at)]

    def _refused(self, line: wire.Err) -> list[Change]:
        session = self._session
        label = line.label or ""
        question = self._answer(label)
        if question is None:
            slowed = session.entries.slow_down(label, session.clock()) if line.code == "slow-down" else None
            if slowed is not None:
                return slowed
            refused = session.entries.refuse(label, line.text)
            refused = refused or session.note(line.text, "error", at=line.at)
            return refused + session.pump()
        changes: list[Change] = []
        if question.name == "nick":
            return self.naming.refuse(question, line) + self._open(label)
        if question.name == "part":
            session.entries.unwanted.discard(fold(question.argument))
        elif question.name == "join":
            session.server_room = ""
            state = session.rooms.find(question.argument)
            if state is not None and not question.is_typed and line.code != "slow-down":
                state.is_joined = False
                state.islands.end_at(state.left_at + 1)
                changes.append(RoomsChanged())
        if not question.is_typed:
            match question.name:
                case "history":
                    changes += self.history.refuse(question, line.code, line.text)
                case "search":
                    changes += self.finding.refuse(question, line.text)
                case "read" | "unread":
                    self.marks.refuse(question, line.code)
                case "rooms":
                    self.listing.refuse(line.code)
                case "who" if line.code == "no-such-nick":
                    changes += self.partners.miss(question.argument, line.at)
                case "here":
                    self.whereabouts.refuse(line.code)
        if question.is_typed or question.name in ("join", "since"):
            changes += session.note(line.text, "error", room=question.room, at=line.at)
        return changes + self._open(label)

    def _answer(self, label: str) -> Question | None:
        question = self._session.asked.answer(label)
        if question is not None:
            self._awaits_greeting = False
        return question

    def _open(self, label: str) -> list[Change]:
        """Own lines may go out once the last of the first lines was answered."""
        if not label or label != self._last_first:
            return []
        self._last_first = ""
        if self._session.asked.find("nick", is_typed=True) is None:
            self._session.rooms.stay()
        self._session.outgoing.is_open = True
        return self._session.pump()

    def _told(self, line: wire.Note | wire.Time | wire.Pong) -> list[Change]:
        session = self._session
        if isinstance(line, wire.Note) and self._awaits_greeting:
            # "You are guest-7 in #lobby. Just type": for those who came by nc. The app shows all that.
            self._awaits_greeting = False
            return []
        names = {wire.Note: "help", wire.Time: "time", wire.Pong: "ping"}
        question = session.asked.find(names[type(line)], is_typed=True)
        if isinstance(line, wire.Pong):
            text = f"pong {line.token}".rstrip()
            return session.note(text, room=question.room, passes=True) if question else []
        room = question.room if question else ""
        return session.note(line.text, at=line.at, room=room, passes=question is not None)

    def _read_block(self, block: _Block, end: wire.End) -> list[Change]:
        session = self._session
        lines = block.lines
        match block.what:
            case "history":
                entries = [line for line in lines if isinstance(line, wire.Entry)]
                if not block.arguments:
                    return []
                [room, *_] = block.arguments
                # Who joins is shown a history; who asks for one need not be told that he is there.
                changes = self._entered(room) if session.asked.page_of(room) is None else []
                has_more = "more" in end.arguments[1:]
                return (
                    changes
                    + self.history.read(room, entries, _gaps(lines), has_more=has_more)
                    + session.pump()
                )
            case "since":
                entries = [line for line in lines if isinstance(line, wire.Entry)]
                page = session.resume.turn_page(end.arguments)
                if page is not None:
                    self._last_first = page.label or ""
                changes = session.entries.resume(entries, _gaps(lines))
                return changes + ([Send(page)] if page else []) + session.pump()
            case "who":
                names = [name for line in lines if isinstance(line, wire.Who) for name in line.names]
                session.presence.explain([line for line in lines if isinstance(line, wire.Away)])
                return self._who(block.arguments[0] if block.arguments else "", names, end.at)
            case "rooms":
                return self._rooms(lines, end.at)
            case "search":
                entries = [line for line in lines if isinstance(line, wire.Entry)]
                question = session.asked.find("search")
                if question is not None and not question.is_typed:
                    return self.finding.read(question, entries, has_more="more" in end.arguments)
                text = search_text(block.arguments, entries, "more" in end.arguments)
            case "unread":
                counts = [line for line in lines if isinstance(line, wire.Unread)]
                target = block.arguments[0] if block.arguments else ""
                changes = self.marks.take_all(counts, target)
                question = session.asked.find("unread", target)
                if question is not None:
                    question.is_answered = True
                    if not question.is_typed:
                        return changes
                room = "" if question is None else question.room
                return changes + session.note(unread_text(counts), room=room, at=end.at, passes=True)
            case _:
                text = wire.LINE_BREAK.join(line.text for line in lines if isinstance(line, wire.Note))
        return self._tell(block.what, text, end.at)

    def _tell(self, what: str, text: str, at: int) -> list[Change]:
        """An answer as a row of the room where it was asked for."""
        session = self._session
        question = session.asked.find(what, is_typed=True)
        room = question.room if question else ""
        return session.note(text, room=room, at=at, passes=question is not None) if text else []

    def _rooms(self, lines: list[wire.ServerLine], at: int) -> list[Change]:
        session = self._session
        rooms = [line for line in lines if isinstance(line, wire.RoomLine)]
        # A note among them says how many more there are.
        changes = self.listing.take(rooms, is_complete=len(rooms) == len(lines))
        question = session.asked.find("rooms")
        if question is not None:
            question.is_answered = True
            if not question.is_typed:
                return changes
        room = "" if question is None else question.room
        return changes + session.note(rooms_text(rooms, at), room=room, at=at, passes=True)

    def _who(self, room: str, names: list[wire.WhoName], at: int) -> list[Change]:
        session = self._session
        is_one = room.startswith("@")
        changes = self.partners.take(room, names) if is_one else session.presence.snapshot(room, names)
        question = session.asked.find("who", room)
        if question is not None:
            question.is_answered = True
            if question.is_typed:
                told = who_text(room, names, session.presence.reasons)
                changes += session.note(told, room=question.room, at=at, passes=True)
        return changes

    # -- rooms and names

    def _entered(self, name: str, question: Question | None = None) -> list[Change]:
        """The user is in a room: by his own wish, or because another device of his went there."""
        session = self._session
        if not wire.is_room(name) or fold(name) in session.entries.unwanted:
            return []
        is_new = session.rooms.find(name) is None
        state, changes = session.rooms.open(name)
        if not state.is_joined and state.islands.all:
            # What became of its messages meanwhile is told for the last ones only.
            changes += state.forget_entries()
        is_new = is_new or not state.is_joined
        state.is_joined = True
        question = question or session.asked.find("join", name, is_typed=True)
        if question is not None:
            question.is_answered = True
            session.server_room = state.name
            changes += session.rooms.show(state.name)
        changes += session.rooms.show_awaited(state)
        if is_new:
            self.listing.want()
            changes += [RoomsChanged(), session.ask("who", state.name, state.name)]
        return changes

    def _is_at(self, line: wire.Here) -> list[Change]:
        """Where the server takes the user to be: as he said, or where he was last, which a login brings back."""
        session = self._session
        self.whereabouts.take(line)
        if session.asked.find("nick") is None:
            return []
        self.naming.come_back()
        self.whereabouts.hear(line.room)
        return session.rooms.show_last(line.room)

    def _left(self, line: wire.Part) -> list[Change]:
        """The user is out of a room: by his own wish, or thrown out."""
        session = self._session
        session.entries.unwanted.discard(fold(line.room))
        state = session.rooms.find(line.room)
        if state is None or state.is_direct:
            return []
        if session.server_room == state.name:
            session.server_room = ""
        state.is_joined = False
        state.islands.end_at(session.entries.last_id + 1)
        state.people, state.people_count = {}, 0
        reason = f" ({line.reason})" if line.reason else ""
        told = f"You left {state.name}{reason}; /join {state.name} takes you back"
        # While a connection begins, rooms come and go by the server's memory of the user: nothing to tell.
        is_beginning = bool(self._last_first) or session.rooms.is_arriving
        # Its rows stay as long as something said there waits for an answer.
        stays = bool(session.outgoing.of(state.name)) or len(session.rooms.states) == 1
        was_current = session.rooms.current == state.name
        changes = [RoomsChanged()] if stays else session.rooms.close(state.name)
        changes += session.presence.snapshot(state.name, ())
        if stays or (was_current and not is_beginning):
            changes += session.note(told, room=state.name, at=line.at)
        return changes

    def _renamed(self, line: wire.Nick) -> list[Change]:
        session = self._session
        is_own = line.old == session.identity.nick
        changes = session.presence.rename(line, is_own)
        if is_own:
            return changes + self.naming.rename(line)
        return changes + session.entries.rename(line.old, line.new) + self.partners.rename(line)


def _gaps(lines: list[wire.ServerLine]) -> list[wire.Gap]:
    return [line for line in lines if isinstance(line, wire.Gap)]
