"""/unread and /read: what a claimed person has not read, the same on all his devices.

Answered in the asking client's own thread, as everything that is read from the log.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from time import gmtime, strftime, time
from typing import Final

from chat_server.answers import Answerer, look, places_of
from chat_server.hub import Hub
from chat_server.log import Log, LogFailed, Page, UnreadCount
from chat_server.meant import ask_target
from chat_server.people import Claim, People
from chat_server.recent import MESSAGES
from chat_server.replay import joined, read_id
from chat_server.roster import Session
from chat_server.sight import mark_in
from chat_server.text import fold
from chat_server.view import View
from chat_server.wire import Begin, Command, End, Note, Refused, ServerLine, Unread

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
        elif target is not None:
            self._answerer.attempt(session, line, lambda: self._show(session, line, target))
        else:
            self._answerer.block(session, line, None, partial(self._list, line))

    def answer_read(self, session: Session, line: Command) -> None:
        """/read [TARGET] [ID]"""
        id = line.arguments[1]
        self._mark(session, line, None if id is None else read_id(id), self._people.remember_mark)

    def _list(self, line: Command, view: View) -> list[ServerLine]:
        """Where there is something unread, and how much."""
        counted = _lines(self._counts(view))
        if line.label is not None:
            # A program lists them; a person asked for what there is to read.
            counted += self._read_directs(view, {fold(one.target) for one in counted})
        now = int(time())
        return [Begin(now, "unread"), *counted, End(now, "unread")]

    def _show(self, session: Session, line: Command, typed: str) -> None:
        """How much of one conversation is unread, and to a person also what."""
        target = ask_target(self._hub, session, line.name, typed)

        def lines(view: View) -> list[ServerLine]:
            claim = _claim_of(view)
            shown, places = places_of(self._hub, self._log, session, view, target)
            told = self._count(view, claim, shown, places)
            now = int(time())
            if not told.count:
                return [Begin(now, "unread", (shown,)), End(now, "unread", (shown,))]
            page = Page([], has_more=False, gaps=[])
            if line.label is None:
                page = self._unread_of(view, claim, places, told.first)
                if not page.has_more:
                    self._hub.post(self._sent, session, claim, places)
            end = End(now, "unread", (shown, "more") if page.has_more else (shown,))
            return [Begin(now, "unread", (shown,)), told, *page.entries, end]

        self._answerer.block(session, line, None if target.startswith("@") else target, lines)

    def _unread_of(self, view: View, claim: Claim, places: Iterable[str], first: int) -> Page:
        """What was said from the first unread message on, at most a page of the newest, with what became of it; also
        what the person said himself, or half of a talk would be missing."""
        limit = self._hub.limits.page
        marks = self._people.marks_of(claim.id)
        pages = []
        for place in places:
            since = max(first, mark_in(marks, place) + 1)
            page = self._log.before(view.last + 1, place, view.reader, limit)
            said = [entry for entry in page.entries if entry.kind in MESSAGES]
            unread = {entry.id for entry in said if entry.id >= since}
            entries = [
                entry
                for entry in page.entries
                if (entry.id if entry.kind in MESSAGES else entry.ref) in unread and entry.id <= view.last
            ]
            has_more = page.has_more and bool(said) and first < said[0].id
            pages.append(Page(entries, has_more, []))
        return joined(pages, limit)

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
        self._hub.post(session.sight.take_stock, {count.target: count.first for count in counts}, last)
        total = sum(count.count for count in counts)
        if total:
            mentions = sum(count.mentions for count in counts)
            since = strftime("%A, %d %B, %H:%M UTC", gmtime(min(count.first_at for count in counts)))
            most = self._hub.limits.unread_most
            least = "at least " if any(count.count >= most for count in counts) else ""
            named = f", {mentions} of them by name or to you alone" if mentions else ""
            self._hub.post(
                self._hub.tell,
                session,
                Note(
                    int(time()),
                    f"{least}{total} unread message{'s' * (total > 1)}{named}, since {since}; {_how_to_read(counts)}",
                ),
            )

    # -- marks

    def _mark(
        self, session: Session, line: Command, mark: int | None, keep: Callable[[int, str, int], object]
    ) -> None:
        """Keeps a mark (None: at the last entry), and tells every connection of the person what is unread then."""

        def work() -> None:
            typed = line.arguments[0]
            target = "" if typed is None else ask_target(self._hub, session, line.name, typed)
            view = look(self._hub, session, line, None if target.startswith("@") else target)
            if view is None:
                return
            claim = _claim_of(view)
            with self._turns[claim.id % _TURNS]:
                shown, places = places_of(self._hub, self._log, session, view, target)
                for place in places:
                    keep(claim.id, place, view.last if mark is None else min(mark, view.last))
                marks = self._people.marks_of(claim.id)
                told = self._count(view, claim, shown, places)
                then = partial(
                    self._tell, session, line, told, {place: mark_in(marks, place) for place in places}
                )
                self._hub.post(self._hub.keep, session, then)
            session.gate.acquire()

        self._answerer.attempt(session, line, work)

    def _tell(
        self, session: Session, line: Command, told: Unread, counted: Mapping[str, int], is_saved: bool
    ) -> None:
        """A mark is made, and counted by it. Hub thread."""
        claim = session.person.claim
        marks = {} if claim is None else self._people.marks_of(claim.id)
        for other in session.person.sessions:
            for place in counted:
                if line.name == "unread":
                    other.sight.put_by(place)
                elif not told.count:
                    other.sight.extend(place, counted[place] + 1)
        if all(mark_in(marks, place) > mark for place, mark in counted.items()):
            # He said something there since it was counted; a mark of another device is told behind this.
            told = Unread(told.at, told.target, 0, 0, max(mark_in(marks, place) for place in counted) + 1)
        self._hub.tell_person(session, told)
        # Next to the count that answers it: what comes behind is of a later mark.
        self._hub.confirm(session, line.label, is_saved)
        session.gate.release()

    def _sent(self, session: Session, claim: Claim, places: Sequence[str]) -> None:
        """All that is unread was sent to who asked for it. Hub thread."""
        marks = self._people.marks_of(claim.id)
        for place in places:
            session.sight.extend(place, mark_in(marks, place) + 1)

    # -- counts

    def _read_directs(self, view: View, counted: set[str]) -> list[Unread]:
        """The last direct conversations in which nothing is unread."""
        last: dict[str, Unread] = {}
        for nick, id in self._log.directs(view.reader.identity, _DIRECTS):
            target = "@" + nick
            if fold(target) not in counted:
                last.setdefault(fold(target), Unread(int(time()), target, 0, 0, id + 1))
        return list(last.values())

    def _counts(self, view: View) -> list[UnreadCount]:
        claim = _claim_of(view)
        marks = self._people.marks_of(claim.id)
        counts = self._log.unread(view.reader, marks, claim.identity, (claim.nick, view.nick))
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


def _how_to_read(counts: Iterable[UnreadCount]) -> str:
    """What to type where something is unread, with the first place of all as the example."""
    [first, *others] = [one.target for one in _lines(counts)]
    lists = "/unread lists them, " if others else ""
    those = f"those {'in' if first.startswith('#') else 'of'} {first}" if others else "them"
    return f"{lists}/unread {first} shows {those}, /read {first} marks them as read"


def _lines(counts: Iterable[UnreadCount]) -> list[Unread]:
    """A line for each room and each nick, in their order."""
    named: dict[str, list[UnreadCount]] = {}
    for count in counts:
        named.setdefault(fold("@" + count.nick if count.nick else count.target), []).append(count)
    return [_line("@" + same[0].nick if same[0].nick else same[0].target, same) for same in named.values()]


def _line(shown: str, counts: list[UnreadCount]) -> Unread:
    return Unread(
        min(count.first_at for count in counts),
        shown,
        sum(count.count for count in counts),
        sum(count.mentions for count in counts),
        min(count.first for count in counts),
    )
