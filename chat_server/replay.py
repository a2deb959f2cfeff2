"""/since and /history: the log read back to one client, in that client's own thread.

While a replay is written, live lines for this client wait in his outbox; so between the last entry of a replay
and the first live one nothing is missing and nothing comes twice. The replay goes at his own speed, and only he
waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from time import time
from typing import Final

from chat_server.config import Limits
from chat_server.courier import Courier
from chat_server.hub import Hub, View
from chat_server.log import Log, LogFailed, Page
from chat_server.roster import Session
from chat_server.wire import Begin, Command, End, Gap, Ok, Refused, ServerLine, encode

_CHUNK_BYTES: Final = 16 * 1024
"""A replay is handed to the courier in pieces, so that it never fills an outbox."""

REPLAYED: Final = frozenset({"since", "history"})
"""Commands that the reader answers itself."""


class Replay:
    """Answers what is read from the log. Every method runs in the asking client's reader thread."""

    def __init__(self, messages: Log, hub: Hub, courier: Courier, limits: Limits) -> None:
        self._log = messages
        self._hub = hub
        self._courier = courier
        self._limits = limits

    def answer(self, session: Session, line: Command) -> None:
        """Does one of the REPLAYED commands, and says ok if it had a label."""
        try:
            if line.name == "since":
                self._since(session, line, *line.arguments)
            else:
                self._history(session, line, *line.arguments)
        except Refused as refused:
            self._hub.post(self._hub.refuse_line, session, refused, line.label)
        except LogFailed:
            self._hub.post(self._hub.refuse, session, "storage-unavailable", line.label)

    def _since(self, session: Session, line: Command, id: str | None, epoch: str | None) -> None:
        cursor = int((id or "0").removeprefix("^"))
        position = self._log.position()
        if (epoch is not None and epoch != position.epoch) or cursor > position.last:
            raise Refused("history-reset", epoch=position.epoch)

        def read(view: View) -> tuple[Page, tuple[str, ...]]:
            page = self._log.after(cursor, view.reader, self._limits.page)
            # What is stored but not yet broadcast follows live, behind this replay.
            entries = [entry for entry in page.entries if entry.id <= view.last]
            more = page.has_more and len(entries) == len(page.entries)
            end = (str(entries[-1].id), "more") if more else (str(max(view.last, cursor)),)
            return Page(entries, more, page.gaps), end

        self._replay(session, line, None, lambda view: (str(cursor),), read)

    def _history(
        self, session: Session, line: Command, count: str | None, target: str | None, id: str | None
    ) -> None:
        before = int(id.removeprefix("^")) if id is not None else None
        limit = min(int(count) if count is not None else self._limits.history, self._limits.page)

        def read(view: View) -> tuple[Page, tuple[str, ...]]:
            # One more than was broadcast, at most: what is stored but not yet broadcast follows live.
            upto = view.last + 1 if before is None else min(before, view.last + 1)
            page = self._log.before(upto, view.where, view.reader, limit)
            return page, (view.shown, "more") if page.has_more else (view.shown,)

        self._replay(session, line, target or "", lambda view: (view.shown,), read)

    def _replay(
        self,
        session: Session,
        line: Command,
        target: str | None,
        begin: Callable[[View], tuple[str, ...]],
        read: Callable[[View], tuple[Page, tuple[str, ...]]],
    ) -> None:
        views: list[View] = []
        self._hub.post(self._hub.hold, session, line, target, views)
        session.gate.acquire()
        if not views:
            return
        view = views[0]
        try:
            page, end = read(view)
            now = int(time())
            lines: list[ServerLine] = [Begin(now, line.name, begin(view)), *_with_gaps(now, page)]
            lines.append(End(now, line.name, end))
            if line.label is not None:
                lines.append(Ok(now, line.label))
            for chunk in _chunks(lines):
                if not self._courier.replay(session.box, chunk):
                    return
        finally:
            self._courier.release(session.box)


def _with_gaps(now: int, page: Page) -> Iterator[ServerLine]:
    """Entries and what is missing between them, in the order of their ids."""
    gaps = [Gap(now, first, last) for first, last in page.gaps]
    for entry in page.entries:
        while gaps and gaps[0].last < entry.id:
            yield gaps.pop(0)
        yield entry
    yield from gaps


def _chunks(lines: Iterable[ServerLine]) -> Iterator[bytes]:
    """The lines' bytes, in pieces of whole lines."""
    piece: list[bytes] = []
    size = 0
    for line in lines:
        data = encode(line)
        piece.append(data)
        size += len(data)
        if size > _CHUNK_BYTES:
            yield b"".join(piece)
            piece, size = [], 0
    if piece:
        yield b"".join(piece)
