"""Which nick is whose: the nicks in use, and those that were claimed. Everything here belongs to the hub thread."""

from __future__ import annotations

import heapq
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from chat_server import text
from chat_server.roster import Person
from chat_server.wire import Refused

if TYPE_CHECKING:
    from chat_server.people import Claim


class Claims(Protocol):
    """Claimed names, from memory: the hub never waits for a disk."""

    def find(self, fold: str) -> Claim | None: ...
    def claimed(self, fold: str, look: str) -> Claim | None: ...
    def rooms_of(self, id: int) -> tuple[list[str], str]: ...
    def remember_rooms(self, id: int, rooms: list[str], current: str) -> None: ...
    def marks_of(self, id: int) -> dict[str, int]: ...
    def remember_mark(self, id: int, conversation: str, mark: int) -> bool: ...


class Names:
    """The nicks in use and the claimed ones: compared by folding and by look, so no two read alike."""

    def __init__(self, claims: Claims) -> None:
        self._claims = claims
        self._by_fold: dict[str, Person] = {}
        self._by_look: dict[str, Person] = {}
        self.by_identity: dict[str, Person] = {}
        self._became: dict[str, str] = {}
        """Guests who claimed their first name, and who they are now."""
        self._free_guests: list[int] = []
        self._guests = 0

    def find(self, nick: str) -> Person | None:
        """Who is called so, in whatever case."""
        return self._by_fold.get(text.fold(nick))

    def holder(self, nick: str) -> Person | None:
        """Who has this nick or one that looks like it."""
        return self._by_fold.get(text.fold(nick)) or self._by_look.get(text.look(nick))

    def add(self, person: Person) -> None:
        """Takes the person's nick into use."""
        self._by_fold[text.fold(person.nick)] = person
        self._by_look[text.look(person.nick)] = person
        self.by_identity[person.identity] = person

    def remove(self, person: Person) -> None:
        """Sets the person's nick free."""
        self._by_fold.pop(text.fold(person.nick), None)
        self._by_look.pop(text.look(person.nick), None)
        self.by_identity.pop(person.identity, None)
        number = person.nick.removeprefix("guest-")
        if number != person.nick:
            heapq.heappush(self._free_guests, int(number))

    def identify(self, person: Person, claim: Claim) -> None:
        """The person is from now on who made the claim; his nick stays."""
        del self.by_identity[person.identity]
        person.identity, person.claim = claim.identity, claim
        self.by_identity[person.identity] = person

    def adopt(self, guest: str, identity: str) -> None:
        """What that guest has said is the person's from now on: he claimed his first name."""
        self._became[guest] = identity

    def leave_to(self, guest: str) -> None:
        """It could not be given to him: what that guest has said stays a guest's."""
        self._became.pop(guest, None)

    def owner(self, identity: str) -> str:
        """Whose an entry is by now that was read from the log a moment ago."""
        return self._became.get(identity, identity)

    def guest(self) -> str:
        """The lowest guest-N that is free."""
        if self._free_guests:
            return f"guest-{heapq.heappop(self._free_guests)}"
        self._guests += 1
        return f"guest-{self._guests}"

    def people(self) -> Iterator[Person]:
        """Everybody who is here."""
        return iter(self.by_identity.values())

    def __len__(self) -> int:
        return len(self.by_identity)

    def may_be_called(self, person: Person, nick: str) -> None:
        """Raises Refused unless the person may take the nick."""
        holder = self.holder(nick)
        if holder is not None and holder is not person:
            like = "" if text.fold(holder.nick) == text.fold(nick) else f" (it reads like {holder.nick})"
            raise Refused("nick-taken", nick=nick, like=like, free=self.free_nick(nick))
        claim = self._claims.claimed(text.fold(nick), text.look(nick))
        if claim is not None and claim.identity != person.identity:
            raise Refused("nick-claimed", nick=nick, free=self.free_nick(nick))

    def free_nick(self, nick: str) -> str:
        """A free nick that is close to a taken one: ann -> ann2."""
        number = 1
        while True:
            number += 1
            free = text.with_suffix(nick, str(number))
            if not self.holder(free) and not self._claims.claimed(text.fold(free), text.look(free)):
                return free

    def is_reached(self, identity: str) -> bool:
        """Whether what is said to an identity alone will be read: a guest's ends with his connection."""
        return identity in self.by_identity or identity.startswith("p")

    def nick_of(self, identity: str, last: str) -> str:
        """What an identity is called now, or was called last."""
        person = self.by_identity.get(identity)
        return person.nick if person is not None else last

    def identity_of(self, nick: str) -> tuple[str, str]:
        """Who a nick is, and how he writes it; who claimed it may be away. Raises Refused with no-such-nick."""
        person = self.find(nick)
        if person is not None:
            return person.identity, person.nick
        claim = self._claims.find(text.fold(nick))
        if claim is not None:
            return claim.identity, claim.nick
        raise Refused("no-such-nick", nick=nick)
