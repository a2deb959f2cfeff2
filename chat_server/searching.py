"""/search: everything one may read, by words, people, rooms and days."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from time import time
from typing import Final

from chat_server import text
from chat_server.answers import Answerer
from chat_server.config import Limits
from chat_server.log import Log, Query
from chat_server.roster import Session
from chat_server.view import View
from chat_server.wire import COMMANDS, Begin, Command, End, Refused, ServerLine, is_id

FILTERS: Final = ("from:", "in:", "before:", "after:")


class Searching:
    """Answers /search with entries, the same bytes as live, oldest first. Reader threads."""

    def __init__(self, messages: Log, answerer: Answerer, limits: Limits) -> None:
        self._log = messages
        self._answerer = answerer
        self._limits = limits

    def answer(self, session: Session, line: Command) -> None:
        """/search WORDS"""

        def lines(view: View) -> Iterator[ServerLine]:
            query, before = read_query(line.arguments[0] or "")
            # What is stored but not yet broadcast follows live.
            upto = view.last + 1 if before is None else min(before, view.last + 1)
            page = self._log.search(query, view.reader, self._limits.found, upto)
            now = int(time())
            yield Begin(now, "search", query.words)
            yield from page.entries
            count = (str(len(page.entries)),)
            yield End(now, "search", (*count, "more") if page.has_more else count)

        self._answerer.block(session, line, None, lines)


def read_query(typed: str) -> tuple[Query, int | None]:
    """The words and filters of a search, and the id that results lie before.

    `before:` takes a day (2026-11-22) or the id of a message, as the first of the last answer. Raises Refused
    with bad-args.
    """
    words: list[str] = []
    author = room = None
    after = before = before_id = None
    for token in typed.split():
        key, colon, value = token.partition(":")
        if not colon or f"{key}:" not in FILTERS or not value:
            words.append(token)
        elif key == "from":
            author = text.fold(value.removeprefix("@"))
        elif key == "in" and value.startswith("@"):
            raise Refused(
                "bad-args",
                name="search",
                syntax=COMMANDS["search"].usage + f" (in: is for rooms; try from:{value})",
            )
        elif key == "in":
            room = text.fold(value if value.startswith("#") else "#" + value)
        elif key == "after":
            # "after: a day" leaves that day out, as one says it.
            after = _day(value) + 86_400
        elif is_id(value):
            before_id = int(value)
        else:
            before = _day(value)
    if not words:
        raise Refused("bad-args", name="search", syntax=COMMANDS["search"].usage + " (at least one word)")
    return Query(tuple(words), author, room, after, before), before_id


def _day(value: str) -> int:
    """The first second (UTC) of a day, or of "today" and "yesterday"."""
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    named = {"today": today, "yesterday": today - timedelta(days=1)}
    try:
        day = named.get(value) or datetime.strptime(value, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise Refused(
            "bad-args", name="search", syntax=COMMANDS["search"].usage + " (days as 2026-11-22)"
        ) from None
    return int(day.timestamp())
