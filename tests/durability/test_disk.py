"""A disk that is full or fails, under a real server: never a false ok, and what was acknowledged is there afterwards."""

from __future__ import annotations

import resource
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from chat_server.log.folder import DATABASE
from tests.servers import Person, Server, wait_until

needs_strace = pytest.mark.skipif(
    shutil.which("strace") is None, reason="strace is not installed here; .ci/run installs it"
)
needs_unshare = pytest.mark.skipif(
    shutil.which("unshare") is None, reason="needs a mount of its own, as Linux has"
)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path / "data", "--rate", "0")
    yield server
    server.close()


@contextmanager
def failing(server: Server, call: str, error: str) -> Iterator[None]:
    """Has the kernel refuse a system call of the server with an error, as long as the block lasts."""
    command = ["strace", "-f", "-o", "/dev/null", "-e", f"trace={call}", "-e", f"inject={call}:error={error}"]
    tracer = subprocess.Popen([*command, "-p", str(server.process.pid)], stderr=subprocess.DEVNULL)
    tasks = Path(f"/proc/{server.process.pid}/task")

    def is_traced() -> bool:
        return all("TracerPid:\t0" not in (task / "status").read_text() for task in tasks.iterdir())

    try:
        wait_until(is_traced, "strace")
        yield
    finally:
        tracer.terminate()
        tracer.wait(20)


def answer(person: Person, label: str, text: str) -> str:
    """Says a line; the id of its ok, the code of its err, or "gone" if the connection ended first."""
    try:
        person.send(f"/id {label} {text}")
        found = person.expect(rf"ok {label} (\d+)$|err (\S+) {label} ")
    except (EOFError, OSError):
        return "gone"
    return found[1] or found[2]


def talk(person: Person, count: int, text: str, start: int = 0) -> dict[str, str]:
    """Says so many lines; the answer to each."""
    return {f"l-{n}": answer(person, f"l-{n}", f"{text} {n}") for n in range(start, start + count)}


def assert_there(folder: Path, answers: dict[str, str], text: str) -> None:
    """Holds the log to every ok that was said, and to nothing being in it twice."""
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as conn:
        rows = conn.execute("SELECT text, id FROM entry").fetchall()
    there = dict(rows)
    assert len(there) == len(rows)
    for label, id in answers.items():
        if id.isdecimal():
            assert there[f"{text} {label.removeprefix('l-')}"] == int(id)


@needs_unshare
def test_a_full_disk_is_said_reading_goes_on_and_talk_too_when_there_is_room(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    mount = 'mount -t tmpfs -o size=3m tmpfs "$0" && exec "$@"'
    try:
        server = Server(data, "--rate", "0", under=["unshare", "-rm", "sh", "-c", mount, str(data)])
    except AssertionError as error:
        pytest.skip(f"no small file system may be made here: {error}")
    try:
        # The file system is the server's own; this is the way to it from here.
        inside = Path(f"/proc/{server.process.pid}/root{data}")
        ann, bob = server.connect("ann"), server.connect("bob")
        text = "x" * 2000
        answers = talk(ann, 30, text)
        assert set(answers.values()) == {str(n) for n in range(1, 31)}
        with suppress(OSError), (inside / "ballast").open("wb", buffering=0) as ballast:
            while True:
                ballast.write(b"x" * 4096)
        full = talk(ann, 300, text, start=30)
        assert "storage-full" in full.values(), "it never got full"
        assert set(list(full.values())[-20:]) == {"storage-full"}
        assert not [answer for answer in full.values() if not answer.isdecimal() and answer != "storage-full"]
        last = sum(answer.isdecimal() for answer in (*answers.values(), *full.values()))
        bob.sync()
        heard = [line.split()[2] for line in bob.seen if line.split()[1] == "msg"]
        assert heard == [str(n) for n in range(1, last + 1)], "what was not stored was not heard"
        bob.send(f"/since {last - 3}")
        bob.expect(rf"end since {last}$")
        ann.send("/nick anna")
        ann.expect("nick ann anna$")
        (inside / "ballast").unlink()
        late = talk(ann, 10, text, start=400)
        assert list(late.values()) == [str(n) for n in range(last + 1, last + 11)]
        # A line that was refused may be said again, under its old label.
        refused = next(label for label, answer in full.items() if answer == "storage-full")
        assert answer(ann, refused, f"{text} {refused.removeprefix('l-')}") == str(last + 11)
        for name in (DATABASE, f"{DATABASE}-wal"):
            shutil.copy(inside / name, tmp_path / name)
        assert_there(tmp_path, {**answers, **full, **late, refused: str(last + 11)}, text)
        assert server.stop() == 0
    finally:
        server.close()


def test_a_file_that_may_not_grow_ends_the_server_and_loses_nothing(server: Server) -> None:
    ann = server.connect("ann")
    text = "x" * 500
    answers = talk(ann, 5, text)
    size = (server.data / f"{DATABASE}-wal").stat().st_size
    resource.prlimit(server.process.pid, resource.RLIMIT_FSIZE, (size + 20_000,) * 2)
    answers |= talk(ann, 100, text, start=5)
    assert_ends(server, answers)
    assert_there(server.data, answers, text)
    assert_resumes(server, answers)


@needs_strace
@pytest.mark.parametrize(
    ("call", "error"), [("fdatasync", "EIO"), ("pwrite64", "EIO"), ("fdatasync", "ENOSPC")]
)
def test_a_commit_that_fails_ends_the_server_without_an_ok(server: Server, call: str, error: str) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    answers = talk(ann, 5, "before")
    with failing(server, call, error):
        assert answer(ann, "l-5", "before 5") == "gone"
        assert_ends(server, {"l-5": "gone"})
    assert not [line for line in bob.rest() if "before 5" in line], "it was heard, and may not be there"
    assert_there(server.data, answers, "before")
    assert_resumes(server, answers)


@needs_strace
def test_no_room_for_a_moment_is_storage_full_and_then_all_is_well(server: Server) -> None:
    ann = server.connect("ann")
    answers = talk(ann, 5, "words")
    with failing(server, "pwrite64", "ENOSPC"):
        assert answer(ann, "l-5", "words 5") == "storage-full"
        assert answer(ann, "l-6", "words 6") == "storage-full"
        ann.send("/history 2")
        ann.expect("end history #lobby more$")
        ann.send("/nick olga her-secret")
        ann.expect("err storage-full - ")
    assert answer(ann, "l-5", "words 5") == "6"
    assert_there(server.data, {**answers, "l-5": "6"}, "words")
    assert server.stop() == 0


def assert_ends(server: Server, answers: dict[str, str]) -> None:
    """The server has given up by itself, and said why, after the first commit that failed."""
    assert "gone" in answers.values() and set(answers.values()) - {"gone"} <= {str(n) for n in range(1, 200)}
    assert server.process.wait(20) == 1
    wait_until(lambda: any("the message store failed" in line for line in server.errors), "the reason")
    assert not [line for line in server.errors if "Traceback" in line]


def assert_resumes(server: Server, answers: dict[str, str]) -> None:
    """A new server takes the log as it is: what was in doubt is said again under its label, and is there once."""
    server.restart()
    ann = server.connect("ann")
    last = int(ann.seen[0].split("last=")[1].split()[0])
    acknowledged = [int(id) for id in answers.values() if id.isdecimal()]
    assert last in (len(acknowledged), len(acknowledged) + 1), "at most the one in doubt is there besides"
    assert int(answer(ann, "new", "on we go")) == last + 1
