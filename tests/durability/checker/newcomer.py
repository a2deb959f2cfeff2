"""Somebody who comes when all is calm: what a backlog, /history and /since bring him must be what stands in the log."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence

from chat_server.wire import Begin, End, Entry, Err, Join, Nick, Part, ServerLine, Welcome, parse_server
from chat_server.wire.server_lines import RoomLine
from tests.durability.checker.record import Record
from tests.durability.checker.speech import ROOMS
from tests.durability.checker.standing import MESSAGES, differences, gone_among, standing
from tests.durability.checker.verdict import Broken
from tests.servers import Person, Server


class Newcomer:
    """A fresh connection, of a guest or another one of somebody who has a name."""

    def __init__(self, server: Server, record: Record, nick: str | None, chance: random.Random) -> None:
        self._record = record
        self._chance = chance
        self._nick = nick
        self._me = ""
        self._rooms: set[str] = set()
        self._person = Person(server.port, server.host)
        try:
            welcome = self._lines("note", "You are")
            for line in (
                ["/join " + room for room in ROOMS] if nick is None else [f"/nick {nick} secret-of-{nick}"]
            ):
                self._person.send(line)
            self._person.send("/ping here")
            self._check_backlogs([*welcome, *self._lines("pong", "here")])
            self._check_topics()
            for room in sorted(self._rooms):
                self._check_history(room, record.rooms.get(room, []))
            self._check_direct()
            self._check_since()
        finally:
            self._person.close()

    def _check_backlogs(self, lines: Iterable[ServerLine]) -> None:
        block: list[Entry] = []
        for line in lines:
            match line:
                case Welcome():
                    self._me = line.get("nick")
                    self._rooms.add(line.get("room"))
                case Nick(old=old, new=new) if old == self._me:
                    self._me = new
                case Join(room=room, nick=nick) if nick == self._me:
                    self._rooms.add(room)
                case Part(room=room, nick=nick) if nick == self._me:
                    self._rooms.discard(room)
                case Begin():
                    block = []
                case Entry():
                    block.append(line)
                case End(what="history", arguments=(room, *_)):
                    first = next((entry.id for entry in block if entry.kind in MESSAGES), 1)
                    self._compare(f"the backlog of {room}", self._record.rooms.get(room, []), block, first)
                case Err():
                    raise Broken(f"a newcomer was refused: {line}")

    def _check_topics(self) -> None:
        self._person.send("/rooms")
        for line in self._lines("end", "rooms"):
            if isinstance(line, RoomLine) and (entries := self._record.rooms.get(line.room)):
                topics = [entry.text for entry in entries if entry.kind == "topic"]
                if line.last != entries[-1].at or (topics and line.topic != topics[-1]):
                    raise Broken(f"/rooms says {line}, the log {entries[-1].at} and {topics[-1:]}")

    def _check_history(self, target: str, truth: Sequence[Entry]) -> None:
        """Pages of some size, back to where the record begins."""
        pages: list[Entry] = []
        before = ""
        first = 1
        while True:
            self._person.send(f"/history {self._chance.randint(7, 70)} {target}{before}")
            *lines, end = self._lines("end", "history")
            page = [line for line in lines if isinstance(line, Entry)]
            pages += page
            if not isinstance(end, End) or "more" not in end.arguments:
                break
            messages = [entry.id for entry in page if entry.kind in MESSAGES]
            if not messages:
                raise Broken(f"a page of {target} is empty, and there is more")
            first = messages[0]
            before = f" {first}"
            if first <= self._record.after:
                break
        self._compare(f"/history of {target}", truth, pages, first)

    def _check_direct(self) -> None:
        identities = self._record.identities
        if self._nick is not None:
            for other, identity in identities.items():
                truth = self._record.between(identities[self._nick], identity)
                if other != self._nick:
                    self._check_history("@" + other, truth)

    def _check_since(self) -> None:
        after, found = self._record.after, list[Entry]()
        while True:
            self._person.send(f"/since {after}")
            *lines, end = self._lines("end", "since")
            found += [line for line in lines if isinstance(line, Entry)]
            if not isinstance(end, End) or "more" not in end.arguments:
                break
            after = int(end.arguments[0])
        truth = [entry for room in self._rooms for entry in self._record.rooms.get(room, [])]
        if self._nick is not None:
            truth += self._record.direct(self._record.identities[self._nick])
        self._compare("/since", truth, found, self._record.after + 1)

    def _compare(self, what: str, truth: Iterable[Entry], shown: Sequence[Entry], first: int) -> None:
        first = max(first, self._record.after + 1)
        if gone := gone_among(shown):
            raise Broken(f"{what} shows {gone} although they were deleted")
        found = differences(standing(truth, first), standing(shown, first))
        if found:
            who = self._nick or "a guest"
            raise Broken(f"{what} shows {who} otherwise than the log: " + "; ".join(found[:5]))

    def _lines(self, word: str, argument: str) -> list[ServerLine]:
        """Everything up to a line that begins so."""
        start = len(self._person.seen)
        self._person.expect(f"{word} {argument}")
        return [parse_server(line) for line in self._person.seen[start:]]
