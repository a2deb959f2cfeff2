"""/unread and /read: what a claimed person has not read, the same on all his devices.

Answered in the asking client's own thread, as everything that is read from the log.
"""

from __future__ import annotations

from time import gmtime, strftime, time

from chat_server.answers import Answerer, look
from chat_server.hub import Hub, View
from chat_server.log import Log, LogFailed, UnreadCount
from chat_server.people import Claim, People
from chat_server.roster import Session
from chat_server.wire import Begin, Command, End, Note, Ok, Refused, ServerLine, Unread


class Marks:
    """Counts from the log and the read marks of people. Reader threads."""

    def __init__(self, messages: Log, people: People, hub: Hub, answerer: Answerer) -> None:
        self._log = messages
        self._people = people
        self._hub = hub
        self._answerer = answerer

    def answer_unread(self, session: Session, line: Command) -> None:
        """/unread"""

        def lines(view: View) -> list[ServerLine]:
            now = int(time())
            counts = self._counts(view)
            return [Begin(now, "unread"), *(_line(now, count) for count in counts), End(now, "unread")]

        self._answerer.block(session, line, None, lines)

    def answer_read(self, session: Session, line: Command) -> None:
        """/read TARGET ID"""
        target, id = line.arguments

        def mark() -> None:
            view = look(self._hub, session, line, target)
            if view is None:
                return
            claim = _claim_of(view)
            upto = min(int((id or "0").removeprefix("^")), view.last)
            self._people.remember_mark(claim.id, view.where, upto)
            counts = [count for count in self._counts(view) if count.target == view.where]
            now = int(time())
            told: list[ServerLine] = [_line(now, count) for count in counts]
            told = told or [Unread(now, view.shown, 0, 0, upto + 1)]
            self._hub.post(self._hub.tell_person, session, *told)
            if line.label is not None:
                self._hub.post(self._hub.tell, session, Ok(now, line.label))
            self._hub.post(self._hub.save_people)

        self._answerer.attempt(session, line, mark)

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
            named = f", {mentions} of them by name or to you alone" if mentions else ""
            sentence = f"{total} unread message{'s' * (total > 1)}{named}, since {since}; /unread lists them"
            self._hub.post(self._hub.tell, session, Note(int(time()), sentence))

    def _counts(self, view: View) -> list[UnreadCount]:
        claim = _claim_of(view)
        names = (claim.nick, view.nick)
        counts = self._log.unread(view.reader, self._people.marks_of(claim.id), claim.identity, names)
        return sorted(counts, key=lambda count: (-count.mentions, -count.count, count.target))


def _claim_of(view: View) -> Claim:
    if view.claim is None:
        raise Refused("not-allowed", why="Only who has a name of his own is kept track of: /nick NAME SECRET")
    return view.claim


def _line(now: int, count: UnreadCount) -> Unread:
    target = "@" + count.nick if count.target.startswith("@") else count.target
    return Unread(now, target, count.count, count.mentions, count.first)
