"""A whole server in the process of the test, for limits that no option sets: real threads, real sockets."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from chat_server.config import Config, Limits
from chat_server.log.sqlite import SqliteLog
from chat_server.people import People
from chat_server.server import Server
from tests.servers import Person


class Inside(Server):
    """A server on a free port of this machine."""

    def __init__(self, folder: Path, limits: Limits, keep_seconds: float | None) -> None:
        messages = SqliteLog(folder, limits)
        config = Config(folder, "127.0.0.1", 0, has_tls=False, keep_seconds=keep_seconds, limits=limits)
        self.people = People(messages, limits.marks_per_person)
        super().__init__(config, messages, self.people, None)
        self._people: list[Person] = []

    def person(self) -> Person:
        """A connection that has read nothing yet."""
        self._people.append(Person(self.port))
        return self._people[-1]

    def connect(self, nick: str | None = None) -> Person:
        """Somebody who has been welcomed, with a nick if one is given."""
        person = self.person()
        person.expect("note You are")
        if nick is not None:
            person.send(f"/nick {nick}")
            person.expect(f"nick \\S+ {nick}$")
        return person


@contextmanager
def inside(folder: Path, limits: Limits, keep_seconds: float | None = None) -> Iterator[Inside]:
    """Runs a server with the given limits."""
    server = Inside(folder, limits, keep_seconds)
    server.listen()
    before = threading.stack_size()
    server.start()
    try:
        yield server
    finally:
        for person in server._people:
            person.close()
        server.stop()
        server.alarm.close()
        server._alarm.close()
        threading.stack_size(before)
