"""/search: everything one may read, by words, people, rooms and days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from time import time
from typing import Final

from chat_server import text
from chat_server.answers import Answerer, conversations
from chat_server.config import Limits
from chat_server.hub import Hub
from chat_server.log import Log, Query
from chat_server.meant import is_called
from chat_server.roster import Session
from chat_server.view import View
from chat_server.wire import COMMANDS, Begin, Command, End, Refused, ServerLine, is_id, read_question

_ECHOED: Final = 400
"""Characters of a question that its answer begins with: more than anybody types, and the line stays short."""

_DAY: Final = 86_400


class Searching:
    """Answers /search with entries, the same bytes as live, oldest first. Reader threads."""

    def __init__(self, messages: Log, hub: Hub, answerer: Answerer, limits: Limits) -> None:
        self._log = messages
        self._hub = hub
        self._answerer = answerer
        self._limits = limits

    def answer(self, session: Session, line: Command) -> None:
        """/search WORDS"""
        typed = line.arguments[0] or ""

        def lines(view: View) -> Iterator[ServerLine]:
            asked = read_query(typed)
            query = self._within(session, view, asked)
            # What is stored but not yet broadcast follows live.
            upto = view.last + 1 if asked.before_id is None else min(asked.before_id, view.last + 1)
            page = self._log.search(query, view.reader, self._limits.found, upto)
            if not page.entries and not page.has_more:
                self._check_author(session, view, asked)
            now = int(time())
            yield Begin(now, "search", echoed(typed))
            yield from page.entries
            count = (str(len(page.entries)),)
            yield End(now, "search", (*count, "more") if page.has_more else count)

        self._answerer.block(session, line, None, lines)

    def _within(self, session: Session, view: View, asked: Asked) -> Query:
        """What is searched for, in the place that is meant. Raises Refused if there is none such for the reader."""
        place = asked.place
        if place is None:
            return asked.query
        room = text.fold(place if place.startswith(("#", "@")) else f"#{place}")
        if room in view.reader.rooms:
            return replace(asked.query, room=room)
        if not place.startswith("#"):
            try:
                _, others = conversations(self._hub, self._log, session, view, place.removeprefix("@"))
                return replace(asked.query, others=frozenset(others))
            except Refused:
                if place.startswith("@"):
                    raise
        # The same whether there is such a room or not.
        raise Refused("not-in-room", room=room)

    def _check_author(self, session: Session, view: View, asked: Asked) -> None:
        """Nothing was found: says so if the one who is meant never was here, as far as the reader can know."""
        if asked.nick and not is_called(self._hub, session, asked.nick):
            said = self._log.search(Query((), asked.query.author), view.reader, 1)
            if not said.entries and not said.has_more:
                raise Refused("no-such-nick", nick=asked.nick)


@dataclass(frozen=True, slots=True)
class Asked:
    """What a search asks for. `place` and `nick` are as typed; results lie before `before_id`."""

    query: Query
    place: str | None
    nick: str
    before_id: int | None


def read_query(typed: str) -> Asked:
    """The words, phrases and filters of a search. Of two filters of a kind the last one counts.

    `before:` takes a day (2026-11-22, today, yesterday) or the id of a message, as the first of the last answer. Raises
    Refused with bad-args.
    """
    words: list[str] = []
    phrases: list[str] = []
    nick = ""
    place: str | None = None
    after: int | None = None
    before = before_id = None
    for key, value in read_question(typed):
        match key:
            case "":
                words.append(value)
            case '"':
                phrases.append(value)
            case "from":
                nick = value.removeprefix("@")
            case "in":
                place = value
            case "on":
                after = _day(value)
                before = after + _DAY
            case "after":
                after = _day(value)
            case _ if is_id(value):
                before_id = int(value)
            case _:
                before = _day(value)
    if before_id is not None and not (words or phrases or nick or place) and after is before is None:
        # Everything before that message.
        after = 0
    author = text.fold(nick) if nick else None
    query = Query(tuple(words), author, None, after, before, tuple(phrases))
    return Asked(query, place, nick, before_id)


def echoed(typed: str) -> tuple[str, ...]:
    """A question as the answer begins with it: of two answers one can tell which is which."""
    shown = typed if len(typed) <= _ECHOED else f"{typed[:_ECHOED].rstrip()} …"
    return tuple(shown.split())


def _day(value: str) -> int:
    """The first second (UTC) of a day, or of "today" and "yesterday"."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        day = named.get(value.lower()) or datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Refused(
            "bad-args",
            name="search",
            syntax=f"{COMMANDS['search'].usage} (days as 2026-11-22, today or yesterday)",
        ) from None
    return int(day.timestamp())
