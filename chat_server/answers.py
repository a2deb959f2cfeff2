"""Answers that are read from the log, written to one client in that client's own thread.

While an answer of several lines is written, live lines for this client wait in his outbox; so it is never
interleaved, and between the last entry of a replay and the first live one nothing is missing and nothing comes
twice. It goes at his own speed, and only he waits for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from time import time
from typing import Final

from chat_server.courier import Courier
from chat_server.hub import Hub
from chat_server.log import Log, LogFailed
from chat_server.outbox import in_pieces
from chat_server.roster import Session
from chat_server.view import View
from chat_server.wire import Command, Ok, Refused, ServerLine

ANSWERED: Final = frozenset({"since", "history", "search", "unread", "read", "secret"})
"""Commands that readers answer; /nick with a secret is one too (it and /secret: `chat_server.proof`)."""


class Answerer:
    """Writes answers and the errors of lines that get none. Reader threads."""

    def __init__(self, hub: Hub, courier: Courier) -> None:
        self._hub = hub
        self._courier = courier

    def attempt(self, session: Session, line: Command, work: Callable[[], object]) -> None:
        """Does the work; what it refuses, and a log that cannot be read, become the error of this line."""
        try:
            work()
        except Refused as refused:
            self._hub.post(self._hub.refuse_line, session, refused, line.label)
        except LogFailed:
            self._hub.post(self._hub.refuse, session, "storage-unavailable", line.label)

    def block(
        self,
        session: Session,
        line: Command,
        target: str | None,
        lines: Callable[[View], Iterable[ServerLine]],
    ) -> None:
        """Writes begin … end, and ok if the line had a label. `target` as for `look`."""
        self.attempt(session, line, lambda: self._block(session, line, target, lines))

    def _block(
        self,
        session: Session,
        line: Command,
        target: str | None,
        lines: Callable[[View], Iterable[ServerLine]],
    ) -> None:
        view = look(self._hub, session, line, target, holds=True)
        if view is None:
            return
        try:
            written = list(lines(view))
            if line.label is not None:
                written.append(Ok(int(time()), line.label))
            for chunk in in_pieces(written):
                if not self._courier.replay(session.box, chunk):
                    return
        finally:
            self._courier.release(session.box)


def look(
    hub: Hub, session: Session, line: Command, target: str | None, *, holds: bool = False
) -> View | None:
    """What this connection may read now; None if that was refused (and answered), or it is over.

    `target` is what was typed, "" for the current room, None if the answer is about no one target. `holds` keeps
    live lines back until the courier releases the outbox.
    """
    views: list[View] = []
    hub.post(hub.look, session, line, target, views, holds)
    session.gate.acquire()
    return views[0] if views else None


def places_of(hub: Hub, messages: Log, session: Session, view: View, target: str) -> tuple[str, list[str]]:
    """A target ("" for the current room) that a view was made for, as its reader knows it, and all that it is to the
    log. Raises Refused with no-such-nick."""
    if not target.startswith("@"):
        return view.shown, [view.where]
    shown, others = conversations(hub, messages, session, view, target[1:])
    return shown, ["@" + other for other in others]


def conversations(hub: Hub, messages: Log, session: Session, view: View, nick: str) -> tuple[str, list[str]]:
    """The name, as a client knows it, of what was said between this person and whoever is or was called `nick`, and
    the identities of the others.

    A guest who left is nobody any more, and yet what he said can be read; and the next one of that name is somebody
    else, but for the reader they are one conversation. Raises Refused with no-such-nick.
    """
    known = messages.partners(view.reader.identity, nick)
    others: list[str] = []
    names: list[str] = []

    def find() -> None:
        try:
            identity, name = hub.names.identity_of(nick)
            others.append(identity)
            names.append(name)
        except Refused:
            pass
        others.extend(one for one in known if one not in others)
        session.gate.release()

    hub.post(find)
    session.gate.acquire()
    if not others:
        raise Refused("no-such-nick", nick=nick)
    return "@" + (names[0] if names else nick), others
