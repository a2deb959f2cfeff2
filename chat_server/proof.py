"""/nick NAME SECRET claims a name the first time and proves it later, /secret SECRET changes it: in the asking client's
own thread.

Hashing a secret takes tens of milliseconds on purpose; it releases the GIL, only a few are under way at once
(`Limits.hashes_at_once`), and only the one who asked waits.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Event
from time import monotonic

from chat_server import text
from chat_server.answers import look
from chat_server.hashing import forget, hash_secret, verify_secret
from chat_server.hub import Hub
from chat_server.limits import Quota
from chat_server.log import LogFailed, StorageFull
from chat_server.people import Claim, NickClaimed, People
from chat_server.roster import Session
from chat_server.unread import Marks
from chat_server.view import View
from chat_server.wire import Command, Note, Refused

log = logging.getLogger(__name__)


class Proof:
    """Runs in the reader thread of the client who says his secret, but for what it has the hub do."""

    def __init__(
        self,
        people: People,
        hub: Hub,
        marks: Marks,
        clock: Callable[[], float],
        pause: Callable[[float], object] | None = None,
    ) -> None:
        self._people = people
        self._hub = hub
        self._marks = marks
        self._clock = clock
        self._pause = pause or Event().wait
        limits = hub.limits
        self._quota = Quota(limits.claims_per_address, limits.claims_seconds, limits.networks, monotonic)
        self._changes = Quota(limits.secret_changes, limits.claims_seconds, limits.networks, monotonic)

    def answer(self, session: Session, line: Command) -> None:
        """Makes the connection the person's who owns the name, or says why not."""
        name, secret = line.arguments
        try:
            claim, is_new = self._prove(session, name or "", secret or "")
        except Refused as refused:
            self._hub.post(self._hub.refuse_line, session, refused, line.label)
            if refused.code == "bad-secret":
                self._pause(self._hub.limits.wrong_secret_seconds)
        except StorageFull:
            self._hub.post(self._hub.refuse, session, "storage-full", line.label)
        except LogFailed:
            self._hub.post(self._hub.refuse, session, "storage-unavailable", line.label)
        else:
            heard: list[int] = []
            guests: list[str] = []
            self._hub.post(self._admit, session, line, claim, heard, guests if is_new else None)
            session.gate.acquire()
            if guests:
                self._adopt(session, line, claim, guests[0], heard[0])
            if not heard or line.label is not None:
                # A program counts by /unread.
                return
            if is_new:
                self._hub.post(session.sight.take_stock, {}, heard[0])
                said = f"{claim.nick} is yours now; the same line proves it later, and on other devices"
                self._hub.post(self._hub.tell, session, Note(int(self._clock()), said))
            else:
                self._marks.greet(session, line, heard[0])

    def answer_secret(self, session: Session, line: Command) -> None:
        """Gives the name that this connection has proved to own another secret, or says why not."""
        view = look(self._hub, session, line, None)
        if view is None:
            return
        try:
            claim = self._change(session, view, line.arguments[0] or "")
        except Refused as refused:
            self._hub.post(self._hub.refuse_line, session, refused, line.label)
        except StorageFull:
            self._hub.post(self._hub.refuse, session, "storage-full", line.label)
        except LogFailed:
            self._hub.post(self._hub.refuse, session, "storage-unavailable", line.label)
        else:
            self._hub.post(self._tell_changed, session, line, claim)

    def _change(self, session: Session, view: View, secret: str) -> Claim:
        if not session.box.pipe.is_private:
            raise Refused("need-tls")
        claim = view.claim
        if claim is None:
            raise Refused("not-allowed", why="Only a name of your own has a secret: /nick NAME SECRET")
        if text.fold(view.nick) != claim.fold:
            # It could be taken for a secret of the name that he goes by just now.
            raise Refused(
                "not-allowed", why=f"Your own name is {claim.nick}: /nick {claim.nick} and then again"
            )
        self._check_length(secret, "secret", "/secret SECRET (one word")
        if not self._changes.take_of(claim.identity):
            raise Refused("not-allowed", why="You have changed your secret often today; come back tomorrow")
        old = self._people.find(claim.fold)
        changed = self._people.change_secret(claim.fold, hash_secret(secret))
        if old is not None:
            forget(old.secret_hash)
        return changed

    def _check_length(self, secret: str, name: str, syntax: str) -> None:
        least = self._hub.limits.secret_chars
        if len(secret) < least:
            raise Refused("bad-args", name=name, syntax=f"{syntax} of {least} characters or more)")

    def _adopt(self, session: Session, line: Command, claim: Claim, guest: str, heard: int) -> None:
        """What somebody said as a guest, and was said to him alone, is his under his first name, too.

        Never under a name that somebody had before: who proves it is whoever has its secret.
        """
        hub = self._hub

        def go_on(is_saved: bool) -> None:
            session.gate.release()

        # What was drafted when he was that guest still is in a batch before this, and so stored when this is done.
        hub.post(hub.keep, session, go_on)
        session.gate.acquire()
        try:
            self._people.adopt(claim, guest, session.came_after, heard)
        except (StorageFull, LogFailed) as error:
            log.warning("what %s said as a guest stays a guest's: %s", claim.nick, error)
            hub.post(hub.names.leave_to, guest)

        def confirm(is_saved: bool) -> None:
            hub.confirm(session, line.label)
            session.gate.release()

        hub.post(hub.keep, session, confirm)
        session.gate.acquire()

    def _prove(self, session: Session, name: str, secret: str) -> tuple[Claim, bool]:
        """The claim, and whether it is a new one."""
        if not session.box.pipe.is_private:
            raise Refused("need-tls")
        try:
            nick = text.check_nick(name)
        except text.BadName as error:
            raise Refused("bad-nick", why=str(error)) from None
        claim = self._people.find(text.fold(nick))
        if claim is not None:
            if not verify_secret(claim.secret_hash, secret):
                raise Refused("bad-secret", nick=nick, free=self._free_nick(session, nick))
            return claim, False
        try:
            return self._claim(session, nick, secret), True
        except Refused:
            # He himself may have been faster by a moment: on a connection that broke before it was answered.
            claim = self._people.find(text.fold(nick))
            if claim is None or not verify_secret(claim.secret_hash, secret):
                raise
            return claim, False

    def _claim(self, session: Session, nick: str, secret: str) -> Claim:
        self._ask_whether_free(session, nick)
        self._check_length(secret, "nick", "/nick NAME SECRET (a name is one word, a secret one")
        if not self._quota.take(session.address):
            raise Refused(
                "not-allowed", why="Many names were claimed from your address today; come back tomorrow"
            )
        hashed = hash_secret(secret)
        try:
            return self._people.claim(nick, text.fold(nick), text.look(nick), hashed, int(self._clock()))
        except NickClaimed:
            # Somebody was faster by a moment.
            raise Refused("nick-claimed", nick=nick, free=self._free_nick(session, nick)) from None

    def _ask_whether_free(self, session: Session, nick: str) -> None:
        """Raises Refused if somebody else is called so, or looks so."""
        refusals: list[Refused] = []
        self._hub.post(self._check_nick, session, nick, refusals)
        session.gate.acquire()
        if refusals:
            raise refusals[0]

    def _free_nick(self, session: Session, nick: str) -> str:
        """A free nick that is close to one that belongs to somebody."""
        found: list[str] = []

        def find() -> None:
            found.append(self._hub.names.free_nick(nick))
            session.gate.release()

        self._hub.post(find)
        session.gate.acquire()
        return found[0]

    # -- hub thread

    def _check_nick(self, session: Session, nick: str, refusals: list[Refused]) -> None:
        """Whether the session's person may be called so; why not goes into `refusals`."""
        try:
            self._hub.names.may_be_called(session.person, nick)
        except Refused as refused:
            refusals.append(refused)
        session.gate.release()

    def _tell_changed(self, session: Session, line: Command, claim: Claim) -> None:
        """The secret is another one: every device of the person is told, for it may have been none of his."""
        hub = self._hub
        for other in session.person.sessions if session.person.identity == claim.identity else ():
            if other is not session:
                said = f"The secret of {claim.nick} was changed on another device; you need the new one to log in again"
                hub.tell(other, Note(hub.now(), said))
        if line.label is None:
            hub.tell(
                session,
                Note(hub.now(), f"{claim.nick} has that secret now; other devices log in with it, too"),
            )
        hub.confirm(session, line.label)

    def _admit(
        self, session: Session, line: Command, claim: Claim, heard: list[int], guests: list[str] | None
    ) -> None:
        """The secret was right: this connection is the person's who owns the name.

        What comes after the id that goes into `heard` he hears live. For a new claim there are `guests`: if it is the
        first of this connection, whom it was until now goes into them, and the `ok` is still to be said.
        """
        hub = self._hub
        if not session.is_gone:
            # Asked for only now: on another device he may have come into a room or left one a moment ago.
            rooms, current = hub.claims.rooms_of(claim.id)
            before = session.current.name if session.current is not None else ""
            if guests is not None and session.person.claim is None:
                guests.append(session.person.identity)
                hub.names.adopt(session.person.identity, claim.identity)
            is_back = hub.presence.identify(session, claim, rooms, current)
            hub.remember_rooms(session)
            heard.append(hub.last)
            # A program shows that room first, also where it is the one that it is in.
            current = session.current.name if session.current is not None else ""
            is_to_tell = current != before or (is_back and line.label is not None)

            def confirm(is_saved: bool) -> None:
                # Also where the disk had no room for the rooms: the name is proved to be his.
                if is_to_tell:
                    hub.tell_current(session, line.label)
                if not guests:
                    hub.confirm(session, line.label)
                session.gate.release()

            hub.keep(session, confirm)
            return
        session.gate.release()
