"""The hub without sockets: a real log in a folder, letters instead of a courier, lines in and bytes out."""

from __future__ import annotations

import socket
from collections.abc import Iterable, Sequence
from pathlib import Path

from chat_server.batch import Batch, Kept
from chat_server.config import Config, Limits
from chat_server.hub import Hub
from chat_server.log import Draft
from chat_server.log.sqlite import SqliteLog
from chat_server.outbox import Outbox
from chat_server.people import Claim, People
from chat_server.reader import read_line
from chat_server.roster import Session, Work
from chat_server.text import fold, look
from chat_server.transport import PlainPipe


class Letters:
    """A courier that keeps what it gets."""

    def __init__(self) -> None:
        self.sent: dict[Outbox, bytes] = {}
        self.finished: set[Outbox] = set()

    def put(self, box: Outbox, data: bytes) -> None:
        self.sent[box] = self.sent.get(box, b"") + data

    def put_all(self, boxes: Iterable[Outbox], data: bytes) -> None:
        for box in boxes:
            self.put(box, data)

    def hold(self, box: Outbox) -> None:
        pass

    def finish(self, box: Outbox, seconds: float) -> None:
        self.finished.add(box)

    def forget(self, box: Outbox) -> None:
        self.finished.add(box)

    def wait_for_room(self) -> None:
        pass


class Chat:
    """A hub with a real log in a folder, and a writer that stores when told to."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        self.log = SqliteLog(folder)
        self.letters = Letters()
        self.waiting: list[Batch] = []
        self.now = 1_795_366_380.0
        self.people = People(self.log)
        config = Config(folder, limits=limits)
        self.hub = Hub(config, self.log, self.letters, self.waiting.append, lambda: self.now, self.people)
        self.log.follow(lambda batch: self.hub.post(self.hub.hear, batch))
        self.stores = True

    def store(self, has_room: bool = True) -> None:
        """Does what the log writer would; without room on the disk what is remembered of people is not saved."""
        while self.waiting:
            batch = self.waiting.pop(0)
            if has_room:
                self.people.save()
            kept = [(one, session) for one, session in batch if isinstance(one, Kept)]
            self.hub.post(self.hub.saved, kept, has_room)
            drafts = [(one, session) for one, session in batch if isinstance(one, Draft)]
            self.hub.post(self.hub.settle, drafts, self.log.append([draft for draft, _ in drafts]))
            self.hub.turn()

    def turn(self, timeout: float = 0.0) -> None:
        self.hub.turn(timeout)
        if self.stores:
            self.store()

    def enter(self, nick: str | None = None) -> Guest:
        guest = Guest(self)
        if nick is not None:
            guest.types(f"/nick {nick}")
            guest.hears()
        return guest


class Guest:
    """Somebody in the chat."""

    def __init__(self, chat: Chat) -> None:
        self.chat = chat
        self.session = Session(Outbox(PlainPipe(socket.socket(), True)), "127.0.0.1", f"g{id(self)}")
        chat.hub.post(chat.hub.connect, self.session)
        chat.turn()
        self.welcome = self.hears()

    def types(self, *lines: str) -> list[str]:
        """Lines in one go; what comes back."""
        limits = self.chat.hub.limits
        return self.hands_over([line for raw in lines if (line := read_line(raw, limits)) is not None])

    def hands_over(self, lines: Sequence[Work]) -> list[str]:
        """What the reader does with parsed lines: it waits at the gate first."""
        assert self.session.gate.acquire(blocking=False), "the lines before are not settled"
        self.chat.hub.post(self.chat.hub.take_lines, self.session, list(lines))
        self.chat.turn()
        return self.hears()

    def hears(self) -> list[str]:
        """What came since the last time, TIME left out."""
        data = self.chat.letters.sent.pop(self.session.box, b"")
        return [line.partition(" ")[2] for line in data.decode().splitlines()]

    def claims(self, nick: str) -> Claim:
        """What a proof does when the secret was right."""
        claim = self.chat.people.claim(nick, fold(nick), look(nick), "hash", int(self.chat.now))
        self.chat.hub.presence.identify(self.session, claim, [], "")
        self.chat.hub.remember_rooms(self.session)
        self.chat.turn()
        self.hears()
        return claim

    def leaves(self) -> None:
        self.chat.hub.post(self.chat.hub.disconnect, self.session, "")
        self.chat.turn()
