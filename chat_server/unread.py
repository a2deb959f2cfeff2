"""/unread and /read: what a claimed person has not read, the same on all his devices.

Answered in the asking client's own thread, as everything that is read from the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from functools import partial
from time import gmtime, strftime, time
from typing import Final

from chat_server.answers import Answerer, conversations, look
from chat_server.hub import Hub
from chat_server.log import Log, LogFailed, UnreadCount
from chat_server.people import Claim, People
from chat_server.replay import read_id
from chat_server.roster import Session
from chat_server.text import fold
from chat_server.view import View
from chat_server.wire import Begin, Command, End, Note, Refused, Unread

_TURNS: Final = 16
"""People whose marks are made at the same time. Two marks of one person are made one after the other, or what all his
devices are told last could be what was counted first."""

_DIRECTS: Final = 20
"""Direct conversations that are listed for a program, the newest: what fits beside the rooms of a screen."""


class Marks:
    """Counts from the log and the read marks of people. Reader threads."""

    def __init__(self, messages: Log, people: People, hub: Hub, answerer: Answerer) -> None:
        self._log = messages
        self._people = people
        self._hub = hub
        self._answerer = answerer
        self._turns = [threading.Lock() for _ in range(_TURNS)]

    def answer_unread(self, session: Session, line: Command) -> None:
        """/unread [TARGET] [ID]"""
        target, id = line.arguments
        if id is not None:
            self._mark(session, line, max(read_id(id) - 1, 0), self._people.move_mark)
            return

        # Who said something to me alone may have left since, or be called otherwise: all of those are looked at.
        is_room = target is not None and target.startswith("#")

        def lines(view: View) -> list[Begin | Unread | End]:
            words = () if target is None else (target,)
            counted = _lines(self._counts(view, view.where if is_room else None))
            if target is not None:
                counted = [one for one in counted if fold(one.target) == fold(target)]
            elif line.label is not None:
                # A program lists them; a person asked for what there is to read.
                counted += self._read_directs(view, {fold(one.target) for one in counted})
            now = int(time())
            return [Begin(now, "unread", words), *counted, End(now, "unread", words)]

        self._answerer.block(session, line, target if is_room else None, lines)

    def answer_read(self, session: Session, line: Command) -> None:
        """/read TARGET ID"""
        self._mark(session, line, read_id(line.arguments[1]), self._people.remember_mark)

    def greet(self, session: Session, line: Command, last: int) -> None:
        """One line for who comes back: how much he missed, how much of it names him, and since when.

        He missed what was said up to the id `last`: later entries reach him live.
        """
        view = look(self._hub, session, line, None)
        if view is None or view.claim is None:
            return
        try:
            counts = [count for count in self._counts(view) if count.first <= last]
        except LogFailed:
            return
        total = sum(count.count for count in counts)
        if total:
            mentions = sum(count.mentions for count in counts)
            since = strftime("%A, %d %B, %H:%M UTC", gmtime(min(count.first_at for count in counts)))
            most = self._hub.limits.unread_most
            least = "at least " if any(count.count >= most for count in counts) else ""
            named = f", {mentions} of them by name or to you alone" if mentions else ""
            sentence = (
                f"{least}{total} unread message{'s' * (total > 1)}{named}, since {since}; /unread lists them"
            )
            self._hub.post(self._hub.tell, session, Note(int(time()), sentence))

    # -- marks

    def _mark(
        self, session: Session, line: Command, mark: int, keep: Callable[[int, str, int], object]
    ) -> None:
        """Keeps a mark, and tells every connection of the person what is unread then."""
        target = line.arguments[0] or ""
        is_direct = target.startswith("@")

        def work() -> None:
            view = look(self._hub, session, line, None if is_direct else target)
            if view is None:
                return
            claim = _claim_of(view)
            with self._turns[claim.id % _TURNS]:
                shown, places = view.shown, [view.where]
                if is_direct:
                    shown, others = conversations(self._hub, self._log, session, view, target[1:])
                    places = ["@" + other for other in others]
                for place in places:
                    keep(claim.id, place, min(mark, view.last))
                told = self._count(view, claim, shown, places)
                self._hub.post(self._hub.keep, session, partial(self._tell, session, line, told))
            session.gate.acquire()

        self._answerer.attempt(session, line, work)

    def _tell(self, session: Session, line: Command, told: Unread, is_saved: bool) -> None:
        """A mark is made. Hub thread."""
        self._hub.tell_person(session, told)
        # Next to the count that answers it: what comes behind is of a later mark.
        self._hub.confirm(session, line.label, is_saved)
        session.gate.release()

    # -- counts

    def _read_directs(self, view: View, counted: set[str]) -> list[Unread]:
        """The last direct conversations in which nothing is unread."""
        last: dict[str, Unread] = {}
        for nick, id in self._log.directs(view.reader.identity, _DIRECTS):
            target = "@" + nick
            if fold(target) not in counted:
                last.setdefault(fold(target), Unread(int(time()), target, 0, 0, id + 1))
        return list(last.values())

    def _counts(self, view: View, only: str | None = None) -> list[UnreadCount]:
        claim = _claim_of(view)
        marks = self._people.marks_of(claim.id)
        counts = self._log.unread(view.reader, marks, claim.identity, (claim.nick, view.nick), only)
        return sorted(counts, key=lambda count: (-count.mentions, -count.count, count.target))

    def _count(self, view: View, claim: Claim, shown: str, places: Iterable[str]) -> Unread:
        """What is unread in these places, which the person knows by one name."""
        marks = self._people.marks_of(claim.id)
        names = (claim.nick, view.nick)
        counts = [
            count
            for place in places
            for count in self._log.unread(view.reader, marks, claim.identity, names, place)
        ]
        if not counts:
            return Unread(int(time()), shown, 0, 0, max(marks.get(place, 0) for place in places) + 1)
        return _line(shown, counts)


def _claim_of(view: View) -> Claim:
    if view.claim is None:
        raise Refused("not-allowed", why="Only who has a name of his own is kept track of: /nick NAME SECRET")
    return view.claim


def _lines(counts: Iterable[UnreadCount]) -> list[Unread]:
    """A line for each room and each nick, in their order."""
    named: dict[str, list[UnreadCount]] = {}
    for count in counts:
        named.setdefault(fold("@" + count.nick if count.nick else count.target), []).append(count)
    return [_line("@" + same[0].nick if same[0].nick else same[0].target, same) for same in named.values()]


def _line(shown: str, counts: list[UnreadCount]) -> Unread:
    return Unread(
        int(time()),
        shown,
        sum(count.count for count in counts),
        sum(count.mentions for count in counts),
        min(count.first for count in counts),
    )
