"""What somebody who types by hand has had on his screen. Who says something in a room has read what stands above it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from chat_server.wire import Unread

if TYPE_CHECKING:
    from chat_server.hub import Hub
    from chat_server.roster import Session

_NEVER: Final = 2**62


def mark_in(marks: Mapping[str, int], place: str) -> int:
    """How far the marks of a person say that he has read a place."""
    return marks.get(place, marks.get("@", 0) if place.startswith("@") else 0)


class Sight:
    """What of each room and conversation one connection was sent, without a hole up to now. Hub thread.

    Places are named as marks are: a room, or "@" and the other's identity.
    """

    __slots__ = ("_counted_upto", "_sent_from", "_unread")

    def __init__(self) -> None:
        self._sent_from: dict[str, int] = {}
        """From which id on all of a place was sent. What is said to him alone is sent since he logged in."""
        self._counted_upto: int | None = None
        """The last id when it was counted what is unread; None as long as it was not."""
        self._unread: Mapping[str, int] = {}
        """The first message that was unread then, where there was any."""

    def take_stock(self, unread: Mapping[str, int], upto: int) -> None:
        """He logged in: what is unread of what was said up to an id, by place the first of it."""
        self._unread, self._counted_upto = unread, upto

    def extend(self, place: str, first: int) -> None:
        """All from an id on was sent, and what comes live goes on from there."""
        self._sent_from[place] = min(first, self._sent_from.get(place, _NEVER))

    def forget(self, place: str) -> None:
        """He left the room: what is said there is not sent any more."""
        self._sent_from.pop(place, None)

    def put_by(self, place: str) -> None:
        """He wants to read it later: what is on his screen counts no more."""
        self._sent_from[place] = _NEVER
        self._unread = {**self._unread, place: 0}

    def has_all_after(self, place: str, mark: int) -> bool:
        """Whether all that is unread of a place, which he has read up to a mark, was sent."""
        if self._counted_upto is None:
            return False
        first = self._sent_from.get(place, _NEVER if place.startswith("#") else self._counted_upto + 1)
        # Ids are of the whole server: between the mark and the first that was sent there may be nothing of this place.
        is_counted = first <= self._counted_upto + 1
        return first <= mark + 1 or (is_counted and self._unread.get(place, first) >= first)


def has_read(hub: Hub, session: Session, target: str, place: str) -> None:
    """Somebody says something by hand. If all that he has not read there was sent to him, he has read it: saved with what
    he says, and told to his programs, which show what is unread. Hub thread."""
    claim = session.person.claim
    if claim is None:
        return
    mark = mark_in(hub.claims.marks_of(claim.id), place)
    if mark >= hub.last or not session.sight.has_all_after(place, mark):
        return
    hub.claims.remember_mark(claim.id, place, hub.last)
    for other in session.person.sessions:
        if other.is_program:
            hub.tell(other, Unread(hub.now(), target, 0, 0, hub.last + 1))
