"""Every error code, and what provokes it. A code that is in no table here fails the last test."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from unittest.mock import patch

import pytest

import chat_server
from chat_server.commands import HANDLERS
from chat_server.config import Limits
from chat_server.log.folder import DATABASE
from chat_server.log.sqlite import SqliteLog
from chat_server.reader import read_client
from chat_server.wire import ERRORS
from tests.server.inside import inside
from tests.servers import Person, Server

TYPED: dict[str, bytes] = {
    "unknown-command": b"/nikc x\n",
    "bad-args": b"/msg #lobby\n",
    "bad-utf8": b"caf\xe9\n",
    "line-too-long": b"x" * 4097 + b"\n",
    "text-too-long": b"x" * 3501 + b"\n",
    "empty": b" \n",
    "bad-nick": b"/nick 1ann\n",
    "nick-taken": b"/nick ANN\n",
    "nick-claimed": b"/nick olga\n",
    "bad-secret": b"/nick olga guessed\n",
    "bad-room": b"/join #" + b"x" * 31 + b"\n",
    "no-such-room": b"/who #nowhere\n",
    "no-such-nick": b"/msg @nobody hi\n",
    "no-such-id": b"/reply 1 that was said in another room\n",
    "not-in-room": b"/msg #den hi\n",
    "not-yours": b"/edit 2 what ann said\n",
    "not-allowed": b"".join(b"/join #room-%d\n" % number for number in range(60)),
    "bad-label": b"/id ! hi\n",
    "history-reset": b"/since 0 another-epoch\n",
}
"""What bob types, where olga has claimed her name, and ann has spoken, first in #den and then in the lobby."""

NOT_PRODUCED = {
    "need-key": "no server asks for a key in this version",
    "muted": "nobody can be muted in this version",
}


@pytest.fixture(scope="module")
def room(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    server = Server(tmp_path_factory.mktemp("codes") / "data", "--rate", "0")
    olga, ann = server.connect(), server.connect("ann")
    olga.send("/nick olga her-secret")
    olga.expect("nick guest-1 olga$")
    olga.send("/quit")
    ann.send_bytes(b"/join #den\nwhere it is quiet\n/msg #lobby and here\n")
    ann.expect("msg 2 #lobby")
    yield server
    server.close()


@pytest.mark.parametrize("code", TYPED)
def test_what_one_may_type_that_is_refused(room: Server, code: str) -> None:
    bob = room.connect()
    bob.send_bytes(TYPED[code])
    assert bob.expect(r"err (\S+) - \S+")[1] == code
    bob.close()


@contextmanager
def too_fast(folder: Path) -> Iterator[Person]:
    with inside(folder, Limits(lines_per_second=20.0, delay_seconds=0.2)) as server:
        ann = server.connect("ann")
        ann.send_bytes(b"hello\n" * 40)
        yield ann


@contextmanager
def far_away(folder: Path) -> Iterator[Person]:
    """Somebody whose bytes come over a network, and without TLS."""
    with inside(folder, Limits()) as server, socket.create_server(("127.0.0.1", 0)) as listener:
        ann = Person(listener.getsockname()[1])
        sock, _ = listener.accept()
        arguments = (sock, "192.0.2.1", server._doorway, lambda: None)
        reader = threading.Thread(target=read_client, args=arguments)
        reader.start()
        ann.expect("note You are")
        ann.send("/nick ann a-secret")
        yield ann
        ann.close()
        reader.join(10)


@contextmanager
def broken(folder: Path) -> Iterator[Person]:
    def fail(*arguments: object) -> None:
        raise ZeroDivisionError

    with inside(folder, Limits()) as server, patch.dict(HANDLERS, rooms=fail):
        ann = server.connect("ann")
        ann.send("/rooms")
        yield ann


@contextmanager
def no_room_on_the_disk(folder: Path) -> Iterator[Person]:
    with inside(folder, Limits()) as server:
        messages = server._messages
        assert isinstance(messages, SqliteLog)
        pages = messages.write(lambda conn: conn.execute("PRAGMA page_count").fetchone()[0])
        messages.write(lambda conn: conn.execute(f"PRAGMA max_page_count = {pages + 1}").fetchone())
        ann = server.connect("ann")
        ann.send_bytes(b"x" * 3500 + b"\n" + b"y" * 3500 + b"\n" + b"z" * 3500 + b"\n")
        yield ann


@contextmanager
def damaged(folder: Path) -> Iterator[Person]:
    """Somebody who asks for what the disk has spoiled since the server has started."""
    server = Server(folder, "--rate", "0")
    try:
        ann = server.connect("ann")
        ann.send_bytes(b"".join(b"%d %s\n" % (number, b"x" * 1000) for number in range(300)))
        ann.expect("msg 300 ")
        server.stop()
        server.restart()
        ann = server.connect("ann")
        # All but the first page, where the names of the tables are.
        with (folder / DATABASE).open("r+b") as file:
            size = file.seek(0, 2)
            file.seek(4096)
            file.write(b"\xff" * (size - 4096))
        ann.send("/since 0")
        yield ann
    finally:
        server.close()


PROVOKED: dict[str, Callable[[Path], AbstractContextManager[Person]]] = {
    "need-tls": far_away,
    "slow-down": too_fast,
    "storage-full": no_room_on_the_disk,
    "storage-unavailable": damaged,
    "internal": broken,
}
"""What takes more than typing."""


@pytest.mark.parametrize("code", PROVOKED)
def test_what_happens_around_one_that_is_refused(tmp_path: Path, code: str) -> None:
    with PROVOKED[code](tmp_path / "data") as ann:
        ann.expect(rf"err {code} - \S+")
        ann.send("/time")
        ann.expect("time ")


def test_no_code_is_missing_here() -> None:
    assert sorted([*TYPED, *PROVOKED, *NOT_PRODUCED]) == sorted(ERRORS)


@pytest.mark.parametrize("code", NOT_PRODUCED)
def test_a_code_that_is_said_not_to_be_produced_is_nowhere_in_the_server(code: str) -> None:
    folder = Path(chat_server.__file__).parent
    users = [path.name for path in folder.rglob("*.py") if f'"{code}"' in path.read_text("utf-8")]
    assert users == ["codes.py"]
