"""The engines of the log, and the words in which their tests say what is said.

A later engine is added to ENGINES and must pass all tests that ask for `log` or `engines`.
"""

from collections.abc import Callable
from pathlib import Path

from chat_server.log import Draft, Log, Reader
from chat_server.log.sqlite import SqliteLog
from chat_server.wire import Entry

ENGINES: dict[str, Callable[[Path], Log]] = {"sqlite": SqliteLog}

EVERYTHING = 1000


class Engine:
    """One kind of log over one store: opened, closed and opened again."""

    def __init__(self, make: Callable[[Path], Log], folder: Path) -> None:
        self._make = make
        self._folder = folder
        self.log = make(folder)

    def reopen(self) -> Log:
        self.log.close()
        self.log = self._make(self._folder)
        return self.log


def said(
    text: str, room: str = "#lobby", author: str = "p1", at: int = 1000, kind: str = "msg", **more: object
) -> Draft:
    return Draft(at, kind, room, "ann", text, author, **more)  # type: ignore[arg-type]


def about(ref: int, kind: str, text: str = "", author: str = "p1", **more: object) -> Draft:
    return said(text, author=author, kind=kind, ref=ref, **more)  # type: ignore[arg-type]


def told(text: str, author: str, peer: str, at: int = 1000, nick: str = "ann", to: str = "whoever") -> Draft:
    return Draft(at, "msg", "@" + to, nick, text, author, peer=peer)


def reads(identity: str = "p1", *rooms: str) -> Reader:
    return Reader(identity, frozenset(rooms))


def ids(entries: list[Entry]) -> list[int]:
    return [entry.id for entry in entries]


def texts(entries: list[Entry]) -> list[str]:
    return [entry.text for entry in entries]
