"""What servers of older schemas left behind is opened by today's: everything that was said is there.

tests/durability/data holds it as SQL text, written by the real servers of then. When a step is added to
chat_server/log/schema.py, what the last schema looks like is dumped to another file there, and none is ever changed.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chat_server.log import copies, schema
from chat_server.log.folder import DATABASE
from tests.servers import Person, Server, wait_until

DATA = Path(__file__).parent / "data"
VERSIONS = [int(path.stem.removeprefix("schema-")) for path in sorted(DATA.glob("schema-*.sql"))]


def load(version: int, path: Path) -> str:
    """Makes a database of the SQL text of a schema; its epoch."""
    with closing(sqlite3.connect(path)) as conn:
        conn.executescript((DATA / f"schema-{version}.sql").read_text("utf-8"))
        (found,) = conn.execute("PRAGMA user_version").fetchone()
        assert found == version
        (epoch,) = conn.execute("SELECT epoch FROM log").fetchone()
    return str(epoch)


@pytest.fixture(params=VERSIONS, ids=lambda version: f"schema {version}")
def old(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[int, str, Server]]:
    """A version, the epoch it had, and a server of today on its data."""
    version: int = request.param
    folder = tmp_path / "data"
    folder.mkdir()
    epoch = load(version, folder / DATABASE)
    server = Server(folder, "--rate", "0")
    yield version, epoch, server
    server.close()


def block(person: Person, question: str) -> list[str]:
    """The lines of an answer between begin and end."""
    person.send(question)
    person.expect(f"begin {question.split()[0].removeprefix('/')} ")
    lines = []
    while not (line := person.line()).startswith("end "):
        lines.append(line)
    return lines


def test_every_schema_before_todays_has_its_file() -> None:
    assert list(range(1, len(schema.STEPS))) == VERSIONS


def test_what_was_said_is_shown_found_and_gone_on_with(old: tuple[int, str, Server]) -> None:
    version, epoch, server = old
    ann = server.connect("newcomer")
    last = {1: 5, 2: 7, 3: 13, 4: 17, 5: 17, 6: 17}[version]
    assert f"epoch={epoch} last={last} " in ann.seen[0]
    lobby = ["msg 1 #lobby ann: good morning", "act 2 #lobby bob: yawns"]
    assert block(ann, "/history") == lobby
    ann.send("/join #den")
    ann.expect("end history #den$")
    den = {
        1: ["msg 4 #den ann: still here?"],
        2: ["msg 4 #den ann: still here?", "msg 6 #den olga: olga was here"],
        3: [
            "topic 4 #den ann: where it is quiet",
            "msg 6 #den olga: olga was here",
            "edit 9 #den bob ^8: a typo here",
            "msg 10 #den ann ^8: fixed",
            "react 11 #den ann ^8: 👍",
            "delete 13 #den bob ^12:",
        ],
    }
    # Of a deleted topic nothing is left but that.
    den[4] = [*den[3], "react 14 #den olga ^10: 👍", "topic 16 #den olga: right", "delete 17 #den olga ^15:"]
    den[5] = den[6] = den[4]
    shown = block(ann, "/since 0")
    assert shown[:2] == lobby and shown[2] == "msg 3 #den ann: the café is closed, 田中 says"
    assert [line for line in shown[3:] if not line.startswith("msg 8 ")] == den[version]
    # Texts of then are put into the index by and by.
    wait_until(
        lambda: "msg 3 #den ann: the café is closed, 田中 says" in block(ann, "/search café"), "the index"
    )
    ann.send("on we go")
    ann.expect(f"msg {last + 1} #den newcomer: on we go$")
    assert server.stop() == 0
    assert copies.check(server.data) == []
    with closing(sqlite3.connect(server.data / DATABASE)) as conn:
        assert conn.execute("PRAGMA user_version").fetchone() == (len(schema.STEPS),)


def test_who_owned_a_name_owns_it_still_with_rooms_messages_and_labels(old: tuple[int, str, Server]) -> None:
    version, _, server = old
    olga, eve = server.connect(), server.connect()
    if version < 2:
        # Nobody could own a name: it is free.
        eve.send("/nick olga")
        eve.expect("nick guest-2 olga$")
        return
    eve.send("/nick olga")
    eve.expect("err nick-claimed ")
    olga.send("/nick olga open-sesame")
    olga.expect("join #den olga$")
    assert "msg 7 @olga ann: for your eyes only" in block(olga, "/since 0")
    assert "msg 7 @olga ann: for your eyes only" not in block(eve, "/since 0")
    olga.send("/id o-1 olga was here")
    olga.expect("ok o-1 6$")


@pytest.mark.parametrize("version", VERSIONS)
def test_a_check_before_the_first_start_of_a_new_server_complains_of_nothing(
    version: int, tmp_path: Path
) -> None:
    load(version, tmp_path / DATABASE)
    if version > 3:
        with closing(sqlite3.connect(tmp_path / DATABASE, isolation_level=None)) as conn:
            conn.execute("INSERT INTO block VALUES (0, 0, 0, '', x'00', 0)")
    assert copies.check(tmp_path) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_a_backup_of_then_can_be_restored_today(version: int, tmp_path: Path) -> None:
    epoch = load(version, tmp_path / "old.backup")
    copies.restore(tmp_path / "old.backup", tmp_path / "data")
    server = Server(tmp_path / "data", "--rate", "0")
    try:
        ann = server.connect("newcomer")
        assert f"epoch={epoch}" not in ann.seen[0]
        assert "msg 1 #lobby ann: good morning" in block(ann, "/since 0")
    finally:
        server.close()
