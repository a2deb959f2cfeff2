"""/since and /history: the log read back to one client."""

from __future__ import annotations

from collections.abc import Iterator
from time import time

from chat_server.answers import Answerer, places_of
from chat_server.config import Limits
from chat_server.hub import Hub
from chat_server.log import Log, Page
from chat_server.meant import ask_target
from chat_server.recent import MESSAGES
from chat_server.roster import Session
from chat_server.view import View
from chat_server.wire import Begin, Command, End, Gap, Refused, ServerLine


class Replay:
    """Answers with entries, the same bytes as live. Reader threads."""

    def __init__(self, messages: Log, hub: Hub, answerer: Answerer, limits: Limits) -> None:
        self._log = messages
        self._hub = hub
        self._answerer = answerer
        self._limits = limits

    def answer_since(self, session: Session, line: Command) -> None:
        """/since ID [EPOCH]"""
        id, epoch = line.arguments
        cursor = read_id(id)

        def lines(view: View) -> Iterator[ServerLine]:
            position = self._log.position()
            if cursor > position.last and epoch is None:
                # Typed by hand; who names the epoch remembers more than there is.
                raise Refused("no-such-id", id=cursor)
            if epoch not in (None, position.epoch) or cursor > position.last:
                raise Refused("history-reset", epoch=position.epoch)
            page = self._log.after(cursor, view.reader, self._limits.page)
            # What is stored but not yet broadcast follows live, behind this replay.
            entries = [entry for entry in page.entries if entry.id <= view.last]
            has_more = page.has_more and len(entries) == len(page.entries)
            end = (str(entries[-1].id), "more") if has_more else (str(max(view.last, cursor)),)
            now = int(time())
            yield Begin(now, "since", (str(cursor),))
            yield from with_gaps(now, Page(entries, has_more, page.gaps))
            yield End(now, "since", end)

        self._answerer.block(session, line, None, lines)

    def answer_history(self, session: Session, line: Command) -> None:
        """/history [N] [TARGET] [ID]"""
        self._answerer.attempt(session, line, lambda: self._show(session, line))

    def _show(self, session: Session, line: Command) -> None:
        count, target, id = line.arguments
        limit = min(int(count) if count is not None else self._limits.history, self._limits.page)
        target = ask_target(self._hub, session, line.name, target) if target is not None else ""

        def lines(view: View) -> Iterator[ServerLine]:
            shown, places = places_of(self._hub, self._log, session, view, target)
            # At most what was broadcast: what is stored but not yet broadcast follows live.
            upto = view.last + 1 if id is None else min(read_id(id), view.last + 1)
            page = joined([self._log.before(upto, place, view.reader, limit) for place in places], limit)
            # So do the edits and reactions, wherever the messages that they are about are.
            entries = [entry for entry in page.entries if entry.id <= view.last]
            now = int(time())
            yield Begin(now, "history", (shown,))
            yield from with_gaps(now, Page(entries, page.has_more, page.gaps))
            yield End(now, "history", (shown, "more") if page.has_more else (shown,))

        self._answerer.block(session, line, None if target.startswith("@") else target, lines)


def joined(pages: list[Page], limit: int) -> Page:
    """Pages of several conversations as one, of the last `limit` messages in all."""
    if len(pages) == 1:
        return pages[0]
    entries = sorted((entry for page in pages for entry in page.entries), key=lambda entry: entry.id)
    messages = [entry.id for entry in entries if entry.kind in MESSAGES]
    # A page that is not all there ends where it ends; before that the others would have holes.
    first = max(
        [messages[-limit] if len(messages) > limit else 0]
        + [page.entries[0].id for page in pages if page.has_more and page.entries]
    )
    kept = [
        entry
        for entry in entries
        if (entry.id if entry.kind in MESSAGES or entry.ref is None else entry.ref) >= first
    ]
    has_more = len(kept) < len(entries) or any(page.has_more for page in pages)
    return Page(kept, has_more, [] if has_more else pages[0].gaps)


def read_id(token: str | None) -> int:
    """The number of an ID that the grammar let pass."""
    return int((token or "0").removeprefix("^"))


def with_gaps(now: int, page: Page) -> Iterator[ServerLine]:
    """Entries and what is missing between them, in the order of their ids."""
    gaps = [Gap(now, first, last) for first, last in page.gaps]
    for entry in page.entries:
        while gaps and gaps[0].last < entry.id:
            yield gaps.pop(0)
        yield entry
    yield from gaps
