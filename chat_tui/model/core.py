"""The model itself: the connection's state, and what the app calls."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable
from datetime import tzinfo
from typing import Literal

from chat_server import wire
from chat_server.text import fold
from chat_tui.events import Connected, Connecting, Event, Lag, Lost, Received
from chat_tui.model.beginning import Beginning
from chat_tui.model.census import Census
from chat_tui.model.changes import (
    Change,
    CurrentRoomChanged,
    FoundMessage,
    Outcome,
    RoomsChanged,
    StatusChanged,
)
from chat_tui.model.coalesce import coalesce
from chat_tui.model.message import Message
from chat_tui.model.partners import Partner
from chat_tui.model.reading import Reading
from chat_tui.model.room import RoomState
from chat_tui.model.rooms import Place
from chat_tui.model.session import Session
from chat_tui.model.typed import Typing

State = Literal["connecting", "online", "offline"]


class Model:
    """Rooms, people, rows and the connection's state, for the UI thread alone.

    Every method that lets something happen returns what changed, in order; nothing is called back.
    """

    def __init__(
        self,
        nick: str | None = None,
        *,
        clock: Callable[[], float] = time.time,
        token: Callable[[], str] | None = None,
        room: str = "#lobby",
        secret_of: Callable[[str], str | None] = lambda nick: None,
        last_room: str = "",
        zone: tzinfo | None = None,
    ) -> None:
        """`nick` is the one wished for (None: stay the guest that the server makes of us). `secret_of` gives
        the secret that claims or proves a nick, if there is one.

        `clock` gives Unix seconds. `token` gives the random head of this run's labels, 4 or more of
        [A-Za-z0-9]. `room` is shown until the server says where we are; then `last_room`, if the login takes the user
        there and he has gone nowhere himself and written nothing. `zone` is that of times in a text, None the local one.
        """
        self._session = Session(nick or None, clock, (token or _head)(), room, secret_of, zone)
        self._reading = Reading(self._session)
        self._typing = Typing(self._session)
        self._beginning = Beginning(self._session, self._reading)
        self._census = Census(self._session)
        self._session.rooms.arrive(last_room)
        self.state: State = "connecting"
        self.attempt = 0
        self.server = ""
        self.lost_reason = ""
        self.retry_at: float | None = None
        """Unix seconds of the next attempt, None when there is none."""
        self.is_private = False
        """Whether nobody between here and the server can listen: encrypted, or on this machine."""
        self.lag: float | None = None
        """Seconds that the server took for the last ping."""

    # -- what the screen shows

    @property
    def nick(self) -> str:
        """What the server last called us; the wished nick (or "") before it has said anything."""
        return self._session.identity.nick

    @property
    def expected_nick(self) -> str:
        """The nick that is asked for, while the server has not answered; else as `nick`."""
        return self._session.identity.expected

    @property
    def wished_nick(self) -> str | None:
        """The nick that is asked for on every connection."""
        return self._session.identity.wished

    @property
    def own_secret(self) -> str | None:
        """What proved that the nick is the user's own; None if it is not."""
        return self._session.identity.secret

    @property
    def rooms(self) -> dict[str, RoomState]:
        """Rooms and conversations by name, in the order in which they were opened; never empty."""
        return self._session.rooms.states

    @property
    def current_room(self) -> str:
        """The name of the room that is shown."""
        return self._session.rooms.current

    @property
    def current(self) -> RoomState:
        """The room that is shown; there always is one."""
        return self.rooms[self.current_room]

    @property
    def unsent(self) -> int:
        """Own lines and changes that are pending or failed: what quitting would lose."""
        return len(self._session.outgoing)

    @property
    def stuck_rooms(self) -> frozenset[str]:
        """The rooms where something of the user's failed and waits for him to send it again or to drop it."""
        return self._session.outgoing.stuck

    @property
    def unread(self) -> int:
        """Unread rows in all rooms, for the title."""
        return sum(room.unread for room in self.rooms.values())

    @property
    def listed_rooms(self) -> tuple[wire.RoomLine, ...]:
        """The rooms of the server as it told them last, the fullest first; the user's own are among them."""
        return self._reading.listing.rooms

    @property
    def lists_all_rooms(self) -> bool:
        """Whether there is no other room than these."""
        return self._reading.listing.is_complete

    @property
    def partner(self) -> Partner | None:
        """The other one of the conversation that is shown; None in a room."""
        return self._reading.partners.of(self.current) if self.current.is_direct else None

    def away_reason(self, nick: str) -> str:
        """Why somebody is away, "" if he is not or nobody told."""
        return self._session.presence.reasons.get(fold(nick), "")

    # -- what the client tells

    def apply(self, event: Event) -> list[Change]:
        """Takes one event of the client."""
        return coalesce(self._filled(self._apply(event)))

    def apply_all(self, events: Iterable[Event]) -> list[Change]:
        """Takes a batch: rows that arrive one after the other become one MessagesAdded."""
        return coalesce(change for event in events for change in self._filled(self._apply(event)))

    def _apply(self, event: Event) -> list[Change]:
        match event:
            case Received(wire.Welcome() as line):
                return self._welcome(line)
            case Received(line):
                return self._reading.take(line)
            case Connecting(attempt):
                self.state, self.attempt = "connecting", attempt
            case Connected(is_private):
                self.is_private = self._session.identity.is_private = is_private
            case Lag(seconds):
                self.lag = seconds
            case Lost(reason, retry_in, is_alarm, advice):
                changes = self._lose(reason, retry_in)
                if is_alarm:
                    return changes + self._beginning.give_up(reason)
                return changes + self._beginning.fail(reason, advice, retry_in)
        return [StatusChanged()]

    def _welcome(self, line: wire.Welcome) -> list[Change]:
        self.state, self.lost_reason, self.retry_at, self.server = "online", "", None, line.server
        self._session.is_online = True
        return [StatusChanged(), RoomsChanged(), *self._beginning.welcome(line)]

    def _lose(self, reason: str, retry_in: float | None) -> list[Change]:
        session = self._session
        self.state, self.lost_reason, self.lag = "offline", reason, None
        self.retry_at = None if retry_in is None else session.clock() + retry_in
        session.is_online = False
        changes: list[Change] = [StatusChanged(), *self._reading.lose()]
        session.server_room = ""
        session.outgoing.lose()
        changes += session.entries.doubt()
        session.entries.lose()
        session.entries.unwanted.clear()
        for question in session.asked.typed():
            if not question.is_answered:
                text = f"The connection was lost before /{question.name} was answered"
                changes += session.note(text, "error", room=question.room)
        session.asked.clear()
        return changes

    def tick(self, now: float) -> list[Change]:
        """Call it about once a second with Unix seconds: asks again for a nick or for names, sends what waited."""
        session = self._session
        if not session.is_online:
            return []
        changes: list[Change] = []
        changes += session.wish(now)
        self._beginning.tick(now)
        changes += self._reading.marks.tell(now)
        changes += self._reading.whereabouts.tell(now, is_kept=self._reading.marks.is_kept)
        changes += self._census.ask(now)
        return coalesce(changes + session.pump())

    def ask_for_partner(self, now: float) -> list[Change]:
        """Call it about once a second with Unix seconds, and when a conversation is shown: asks whether the other one
        is there, if no room tells and it was not asked just before."""
        return self._reading.partners.ask(now)

    def list_rooms(self, now: float, *, is_wanted: bool = False) -> list[Change]:
        """Call it about once a second with Unix seconds: asks what rooms there are, and what they are about, on each
        connection and for each room that was entered. `is_wanted`: anyway, if it was not asked just before."""
        if is_wanted:
            self._reading.listing.want()
        return self._reading.listing.ask(now)

    # -- what the user does

    @property
    def is_arriving(self) -> bool:
        """Whether a login may still take the user to the room where he was last."""
        return self._session.rooms.is_arriving

    def stay(self) -> None:
        """The user writes something: no other room is shown by itself any more."""
        self._session.rooms.stay()
        self._reading.whereabouts.renew()

    def enter(self, typed: str) -> Outcome:
        """What the user typed and sent off: a command ("/who"), or a text ("//who" says "/who")."""
        if not typed.strip():
            return Outcome(False, [])
        gone = self._session.rooms.pass_by()
        is_command = typed.startswith("/") and not typed.startswith("//")
        outcome = self.command(typed) if is_command else self.say(typed.removeprefix("/"))
        return Outcome(outcome.is_taken, [*gone, *outcome.changes])

    def say(self, text: str) -> Outcome:
        """Says a text in the current room, whatever it begins with; a line break may be "\\n"."""
        self.stay()
        return _outcome(self._typing.say(text))

    def command(self, line: str) -> Outcome:
        """Does a slash command as nc would, in the room that is shown."""
        self.stay()
        outcome = self._typing.command(line)
        return _outcome(Outcome(outcome.is_taken, self._filled(outcome.changes)))

    def note(self, text: str, kind: Literal["notice", "error"] = "notice", *, room: str = "") -> list[Change]:
        """Puts a row of the app's own into a room, or into the current one."""
        return self._session.note(text, kind, room=room, passes=False)

    def switch_to(self, room: str, place: Place = "as left") -> list[Change]:
        """Shows another room of `rooms`; KeyError if there is none. `place` is what of it will be in sight: "unread" is
        where the unread begins, "message" one of which `look` tells later whether it is at the end."""
        if self.rooms[room] is self.current:
            return []
        return coalesce(self._filled(self._session.rooms.show(room, place=place)))

    def open_direct(self, nick: str) -> list[Change]:
        """Shows the conversation with somebody, a new one if need be."""
        state, changes = self._session.rooms.open(self._typing.conversation(nick))
        return coalesce(self._filled([*changes, *self._session.rooms.show(state.name)]))

    def _filled(self, changes: list[Change]) -> list[Change]:
        """However the user came to a conversation that nothing is loaded of, it brings what was said in it before."""
        here = self.current
        if here.islands.all or not here.is_direct or CurrentRoomChanged(here.name) not in changes:
            return changes
        if here.unread_from is None and self._session.outgoing.of(here.name):
            # Just begun by a line of the user's own.
            return changes
        return changes + self._reading.history.load_older(here.name)

    def leave(self, room: str) -> list[Change]:
        """Leaves a room of `rooms`, or closes a direct conversation; KeyError if there is none."""
        return coalesce(self._filled(self._typing.leave(room)))

    def look(self, is_looking: bool, is_at_end: bool = True, is_line_in_sight: bool = True) -> list[Change]:
        """Tells whether the terminal has the focus, and whether the end of the log is in sight; without both the
        current room gathers unread rows too. `is_line_in_sight`: so is the line where the unread begins; the room in
        which the app opens is not read before."""
        # What is counted as read must also be told, though it may be out of sight before anything is told.
        self._reading.marks.see()
        return self._session.rooms.look(is_looking, is_at_end, is_line_in_sight)

    def catch_up(self) -> list[Change]:
        """Takes what is unread in the current room for read, though the user has not seen where it begins; and away
        what his commands were answered, if the end of the room is in sight."""
        rooms = self._session.rooms
        return coalesce([*rooms.catch_up(), *rooms.pass_by(at_once=True)])

    def tell_last(self) -> list[Change]:
        """Says at once what would be said in a moment: what was read, and where. For who is about to leave."""
        is_kept = self._reading.marks.is_kept
        return self._reading.marks.tell_last() + self._reading.whereabouts.tell_last(is_kept=is_kept)

    def mark_unread_from(self, key: str) -> list[Change]:
        """Counts everything from a row on as unread, until the user leaves the room; nothing for another key, or if
        nobody else has said anything from there on."""
        return self._reading.marks.mark_unread_from(key)

    # -- what was said earlier

    def load_older(self, room: str) -> list[Change]:
        """Asks for the page before the first message of a room of `rooms`, if there is one; HistoryLoaded follows.

        KeyError if there is no such room.
        """
        return coalesce(self._reading.history.load_older(room))

    def fill(self, room: str) -> list[Change]:
        """The same once on each connection, where the log does not fill its page: nobody can scroll up there to find
        out whether there is something, or something is gone. KeyError if there is no such room."""
        return coalesce(self._reading.history.fill(room))

    def load_gap(self, key: str, *, from_above: bool = False) -> list[Change]:
        """Asks for the last messages of the gap whose row this is, or the first ones; HistoryLoaded follows."""
        return coalesce(self._reading.history.load_gap(key, from_above=from_above))

    def fill_gap(self, room: str, key: str, *, from_above: bool) -> list[Change]:
        """The same for one that came in sight: a page at a time, and not again what was refused."""
        return coalesce(self._reading.history.fill_gap(room, key, from_above=from_above))

    def jump_to(self, room: str, id: int) -> list[Change]:
        """Loads a message and what was said around it; JumpReady tells when it is there, at once perhaps."""
        return coalesce(self._reading.history.jump_to(room, id))

    def search(self, words: str, before: int | None = None) -> list[Change]:
        """Looks for words (with filters, as /search takes them); Found answers, at once if it cannot be done.

        `before`: an id of a message that was found, to look for older ones.
        """
        return self._reading.finding.search(words, before)

    def mentions(self) -> list[FoundMessage]:
        """What is loaded and names the user, answers him, or is unread of what was said to him alone; oldest first."""
        return self._reading.finding.mentions()

    # -- what becomes of messages

    def reply(self, id: int, text: str) -> Outcome:
        """Answers a message, in its room or to its author alone."""
        return self.command(f"/reply {id} {text}")

    def edit(self, id: int, text: str) -> Outcome:
        """Gives an own message another text; its row changes when the server has done it."""
        return self.command(f"/edit {id} {text}")

    def delete(self, id: int) -> Outcome:
        """Takes an own message back."""
        return self.command(f"/delete {id}")

    def react(self, id: int, emoji: str) -> Outcome:
        """Reacts to a message; the same emoji again takes that back."""
        return self.command(f"/react {id} {emoji}")

    def last_own(self, room: str = "") -> Message | None:
        """What the user said last in a room (the current one if none is told) and can edit, if anything."""
        rows = reversed(self.rooms[room or self.current_room].messages)
        return next(
            (row for row in rows if row.is_own and row.id is not None and row.kind in ("msg", "act")), None
        )

    def retry(self, key: str) -> list[Change]:
        """Sends a FAILED or UNSURE line again, or what failed to be done to a message; nothing for another key."""
        return coalesce(self._session.entries.retry(key) + self._session.pump())

    def drop(self, key: str) -> list[Change]:
        """Forgets a FAILED or UNSURE line, or a PENDING one that was never sent, or such changes of a message;
        nothing for another key."""
        return self._session.entries.drop(key)


def _head() -> str:
    return secrets.token_hex(3)


def _outcome(outcome: Outcome) -> Outcome:
    return Outcome(outcome.is_taken, coalesce(outcome.changes))
