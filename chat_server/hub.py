"""The hub: who hears what. It knows no sockets: it takes (session, lines) and gives (outbox, bytes).

THREADS. Everything here is for the hub thread, but `post`, which any thread may call. Work comes in as calls on
the inbox; one turn does all that is waiting, then hands the drafts of the turn to the log writer in one batch.

    reader --take_lines--> hub --drafts--> writer --entries, settle--> hub --bytes--> courier

A person's lines take effect in order: behind a line that is on its way to the log, a command waits until it is
stored, so `hello`, `/quit` says hello first.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from typing import Any

from chat_server.about import ABOUT, About
from chat_server.batch import Batch, Kept
from chat_server.broadcast import broadcast
from chat_server.commands import ENTRY_COMMANDS, HANDLERS, KEPT_COMMANDS, own_room
from chat_server.config import LOBBY, Config
from chat_server.greeting import how_to_begin, welcome
from chat_server.inbox import Inbox
from chat_server.log import Draft, Log, LogFailed, Reader, Stored
from chat_server.names import Claims, Names
from chat_server.outbox import in_pieces
from chat_server.presence import Post, Presence
from chat_server.roster import Person, Session, Work
from chat_server.sight import has_read
from chat_server.view import View
from chat_server.wire import (
    Bye,
    Chat,
    Command,
    EntryKind,
    Err,
    Here,
    Note,
    Ok,
    Refused,
    ServerLine,
    encode,
)

log = logging.getLogger(__name__)


class Hub:
    """All the rules of the chat. `store` takes a batch of drafts to the log writer and returns at once."""

    def __init__(
        self,
        config: Config,
        messages: Log,
        courier: Post,
        store: Callable[[Batch], None],
        clock: Callable[[], float],
        claims: Claims,
    ) -> None:
        self.config = config
        self.limits = config.limits
        self.courier = courier
        self.claims = claims
        self.presence = Presence(config.limits, courier, self.now, messages, Names(claims))
        self.names = self.presence.names
        self.is_stopping = False
        self._clock = clock
        self._log = messages
        self._store = store
        self._drafts: Batch = []
        self._is_unsaved = False
        """Something was remembered of people in this turn."""
        self._inbox = Inbox()
        self._is_over = False
        self.epoch = messages.position().epoch

    @property
    def last(self) -> int:
        """Id of the last entry that was broadcast."""
        return self.presence.heard

    # -- the inbox ----------------------------------------------------------------------------------------

    def post(self, call: Callable[..., None], *arguments: Any) -> None:
        """Has the hub thread call something. Any thread; never blocks."""
        self._inbox.post(call, *arguments)

    def run(self) -> None:
        """Does turns until `end` was posted."""
        while not self._is_over:
            self.turn(timeout=1.0)

    def turn(self, timeout: float | None = 0.0) -> None:
        """Does everything that waits in the inbox, then hands over the drafts of this turn."""
        self._inbox.do(timeout)
        if self._drafts or self._is_unsaved:
            drafts, self._drafts, self._is_unsaved = self._drafts, [], False
            self._store(drafts)
        self.presence.tell_counts()
        self.courier.wait_for_room()

    def end(self) -> None:
        """Lets `run` return after this turn."""
        self._is_over = True

    # -- connections --------------------------------------------------------------------------------------

    def connect(self, session: Session) -> None:
        """A new connection becomes a guest in the lobby."""
        session.came_after = self.last
        guest = self.presence.free_guest()
        person = Person(guest, session.visitor)
        person.sessions.append(session)
        session.person = person
        self.names.add(person)
        self.tell(session, welcome(self.config, session, self.epoch, self.last, self.now()))
        lobby = self.presence.room(LOBBY)
        self.presence.enter(session, lobby)
        self.tell(session, how_to_begin(guest, len(lobby.people) - 1, self.now()))
        if self.is_stopping:
            self.dismiss(session, "shutdown", "The server is stopping")
        session.gate.release()

    def take_lines(self, session: Session, lines: Sequence[Work]) -> None:
        """Lines of one connection, in order; its gate opens when all are done and stored."""
        session.is_busy = True
        session.lines.extend(lines)
        self._advance(session)

    def go_on(self, session: Session) -> None:
        """The reader has written a long answer."""
        session.is_busy = True
        self._advance(session)

    def disconnect(self, session: Session, reason: str) -> None:
        """The reader is through: nothing more comes from this connection."""
        self.presence.leave_all(session, reason)
        self.courier.forget(session.box)

    def dismiss(self, session: Session, code: str, sentence: str) -> None:
        """Says bye, takes the person out of the rooms, and ends the connection when that was sent."""
        if session.is_gone:
            return
        self.tell(session, Bye(self.now(), code, sentence))
        self.presence.leave_all(session, code)
        session.lines.clear()
        self.courier.finish(session.box, self.limits.eof_seconds)

    def quit(self, session: Session, word: str) -> None:
        """A person leaves of his own will; the others read his last word."""
        self.tell(session, Bye(self.now(), "quit", word or "See you"))
        self.presence.leave_all(session, word)
        session.lines.clear()
        self.courier.finish(session.box, self.limits.eof_seconds)

    def stop(self) -> None:
        """Takes no more lines; what is on its way to the log is still stored and sent."""
        self.is_stopping = True
        for person in list(self.names.people()):
            for session in list(person.sessions):
                session.lines.clear()
                self._open_gate(session)

    def farewell(self) -> None:
        """The last words, once the log writer is through."""
        bye = encode(Bye(self.now(), "shutdown", "The server is stopping; come back in a moment"))
        for person in list(self.names.people()):
            for session in list(person.sessions):
                session.is_gone = True
                self.courier.put(session.box, bye)
                self.courier.finish(session.box, self.limits.stop_seconds)

    # -- what a line does -----------------------------------------------------------------------------------

    def _advance(self, session: Session) -> None:
        lines = session.lines
        if self.is_stopping or session.is_gone:
            lines.clear()
        while lines and not session.answer:
            line = lines[0]
            if session.unstored and not _is_entry(line):
                return
            lines.popleft()
            try:
                self._do(session, line)
            except Refused as refused:
                self._refuse_new(session, refused, line)
            except Exception:
                log.exception("a line of %s broke", session.person.identity)
                self.refuse(session, "internal", line.label)
            if session.is_gone:
                lines.clear()
        self._open_gate(session)

    def _refuse_new(self, session: Session, refused: Refused, line: Work) -> None:
        """Refuses a line, unless it is one that was stored before and comes again: the world may have changed since,
        the answer to its label has not."""
        is_judged = _is_entry(line) or (isinstance(line, Refused) and line.code != "slow-down")
        if line.label is not None and is_judged:
            try:
                # Here, for once, the hub waits for the disk: one look into an index, and no faster than refusals go.
                id = self._log.labelled(session.person.identity, line.label)
            except LogFailed:
                id = None
            if id is not None and id > self.last:
                # Said on another device a moment ago; it is on its way, and comes before its `ok`.
                self.post(self._refuse_new, session, refused, line)
                return
            if id is not None:
                self.tell(session, Ok(self.now(), line.label, id))
                return
        self.refuse_line(session, refused, line.label)

    def _open_gate(self, session: Session) -> None:
        """Lets the reader go on, if all that it handed over is settled, or if there is an answer to be written."""
        if session.is_busy and (session.answer or not (session.lines or session.unstored)):
            session.is_busy = False
            session.gate.release()

    def _do(self, session: Session, line: Work) -> None:
        if isinstance(line, Refused):
            raise line
        if isinstance(line, About):
            ABOUT[line.line.name](self, session, line)
            return
        if isinstance(line, Chat):
            if session.current is None:
                raise Refused("not-in-room", room=LOBBY)
            self.say(session, "msg", session.current.name, line.text, label=line.label)
            return
        handler = HANDLERS[line.name]
        handler(self, session, line, *line.arguments)
        # Nothing comes behind a bye.
        if line.label is None or line.name in ENTRY_COMMANDS or session.is_gone:
            return
        if line.name in KEPT_COMMANDS and session.person.claim is not None:
            self.keep(session, partial(self.confirm, session, line.label))
        else:
            self.confirm(session, line.label)

    def say(
        self,
        session: Session,
        kind: EntryKind,
        target: str,
        body: str,
        *,
        label: str | None = None,
        ref: int | None = None,
        peer: str | None = None,
    ) -> None:
        """Drafts an entry; it is heard when it is stored."""
        person = session.person
        draft = Draft(self.now(), kind, target, person.nick, body, person.identity, ref, peer, label)
        session.unstored += 1
        self._drafts.append((draft, session))
        if label is None and kind in ("msg", "act"):
            has_read(self, session, target, target if peer is None else f"@{peer}")

    def look(
        self, session: Session, line: Command, target: str | None, views: list[View], holds: bool
    ) -> None:
        """Puts into `views` what a connection may read now, for its reader: see `answers.look`."""
        try:
            if not session.is_gone:
                shown, where = ("", "") if target is None else self._resolve(session, target or None)
                person = session.person
                reader = Reader(person.identity, frozenset(person.rooms))
                views.append(View(reader, self.last, shown, where, person.nick, person.claim))
                if holds:
                    # From here on live lines wait behind the answer that the reader is about to write.
                    self.courier.hold(session.box)
        except Refused as refused:
            self.refuse_line(session, refused, line.label)
        finally:
            session.gate.release()

    def _resolve(self, session: Session, target: str | None) -> tuple[str, str]:
        """A target as it is shown and as the log knows it. Raises Refused."""
        if target is not None and target.startswith("@"):
            identity, nick = self.names.identity_of(target[1:])
            return "@" + nick, "@" + identity
        room = own_room(session, target)
        return room.name, room.name

    # -- who one is and where ---------------------------------------------------------------------------------

    def tell_current(self, session: Session, label: str | None) -> None:
        """Says where goes what he types: in a sentence to who types by hand, in a word to a program."""
        room = session.current
        if label is None:
            where = f"What you type goes to {room.name} now" if room else "You are in no room now; /join ROOM"
            self.tell(session, Note(self.now(), where))
        elif room is not None:
            self.tell(session, Here(self.now(), room.name))

    def remember_rooms(self, session: Session) -> None:
        """Keeps the rooms of a claimed person for his next login."""
        person = session.person
        if person.claim is not None:
            current = session.current.name if session.current is not None else ""
            self.claims.remember_rooms(person.claim.id, list(person.rooms), current)
            marks = self.claims.marks_of(person.claim.id)
            for room in person.rooms:
                if room not in marks:
                    # Who comes into a room for the first time has missed nothing in it.
                    self.claims.remember_mark(person.claim.id, room, self.last)
            self._is_unsaved = True

    def keep(self, session: Session, then: Callable[[bool], None]) -> None:
        """Has the log writer save what is remembered of people. `then` is called when that is done, with whether it
        was: before anything else that this connection asks for is answered."""
        if self.is_stopping:
            # The writer may be through already.
            then(False)
            return
        session.unstored += 1
        self._drafts.append((Kept(then), session))

    def confirm(self, session: Session, label: str | None, is_saved: bool = True) -> None:
        """Says ok to a line that made no entry, if it had a label."""
        if not is_saved:
            if not self.is_stopping:
                self.refuse(session, "storage-full", label)
        elif label is not None:
            self.tell(session, Ok(self.now(), label))

    # -- what the log writer says ---------------------------------------------------------------------------

    def hear(self, batch: Sequence[Stored]) -> None:
        """New entries of the log, in order: what `Log.follow` delivers, and the only thing that is broadcast."""
        broadcast(self.presence, self.courier, batch)

    def saved(self, kept: Sequence[tuple[Kept, Session]], is_saved: bool) -> None:
        """What was remembered of people before these is durable, or could not be saved."""
        for one, session in kept:
            session.unstored -= 1
            one.then(is_saved)
        self._go_on_all(kept)

    def settle(self, drafts: Sequence[tuple[Draft, Session]], stored: Sequence[Stored]) -> None:
        """Drafts are durable: acknowledges those that had a label and lets their senders go on."""
        for (draft, session), done in zip(drafts, stored, strict=True):
            session.unstored -= 1
            if draft.label is not None:
                self.tell(session, Ok(self.now(), draft.label, done.entry.id))
        self._go_on_all(drafts)

    def unstored(self, drafts: Sequence[tuple[Draft, Session]], code: str) -> None:
        """Drafts could not be stored: says so to each sender."""
        for draft, session in drafts:
            session.unstored -= 1
            self.refuse(session, code, draft.label)
        self._go_on_all(drafts)

    def _go_on_all(self, done: Sequence[tuple[object, Session]]) -> None:
        for session in {id(session): session for _, session in done}.values():
            self._advance(session)

    # -- for the commands -------------------------------------------------------------------

    def now(self) -> int:
        """Unix seconds by the server's clock."""
        return int(self._clock())

    def tell(self, session: Session, *lines: ServerLine) -> None:
        """Lines for one connection."""
        self.courier.put(session.box, b"".join(map(encode, lines)))

    def tell_at_leisure(self, session: Session, lines: Iterable[ServerLine]) -> None:
        """Lines for one connection, however many: a long answer goes at his own speed, with nothing in between."""
        pieces = list(in_pieces(lines))
        if len(pieces) <= 1:
            self.courier.put(session.box, b"".join(pieces))
            return
        self.courier.hold(session.box)
        session.answer = pieces

    def tell_person(self, session: Session, *lines: ServerLine) -> None:
        """Lines for every connection of the person behind one."""
        self.courier.put_all(session.person.boxes, b"".join(map(encode, lines)))

    def refuse_line(self, session: Session, refused: Refused, label: str | None) -> None:
        """The error that a refused line gets, with the label of that line."""
        self.tell(session, Err(self.now(), refused.code, refused.label or label, refused.text))

    def refuse(self, session: Session, code: str, label: str | None, **values: object) -> None:
        """An error for one connection."""
        self.refuse_line(session, Refused(code, None, **values), label)


def _is_entry(line: Work) -> bool:
    """Whether a line goes to the log; /topic without a text only asks."""
    if isinstance(line, Command):
        return line.name in ENTRY_COMMANDS and line.arguments[-1] is not None
    return isinstance(line, Chat | About)
