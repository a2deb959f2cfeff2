"""chat-server backup, restore and check, as a person runs them."""

from __future__ import annotations

import os
import pty
import re
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from chat_server.log.folder import DATABASE
from tests.servers import Person, Server


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """`chat-server` with arguments, to its end."""
    command = [sys.executable, "-m", "chat_server", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def run_at_terminal(*arguments: str | Path) -> tuple[int, str, str]:
    """`chat-server` whose stderr is a terminal: exit code, what it said on stdout, what the terminal was sent."""
    theirs, ours = pty.openpty()
    command = [sys.executable, "-m", "chat_server", *map(str, arguments)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=ours) as process:
        os.close(ours)
        shown = b""
        # The end of the other side is an error here, as Linux sees it.
        with suppress(OSError):
            while chunk := os.read(theirs, 4096):
                shown += chunk
        os.close(theirs)
        code = process.wait(20)
        assert process.stdout is not None
        return code, process.stdout.read().decode(), shown.decode().replace("\r\n", "\n")


def assert_refused(done: subprocess.CompletedProcess[str], part: str) -> None:
    """Exit code 1, nothing on stdout, one sentence that says why on stderr."""
    assert (done.returncode, done.stdout) == (1, ""), done
    said = [line for line in done.stderr.splitlines() if line.startswith("chat-server: ")]
    assert len(said) == 1 and part in said[0], done.stderr
    assert "Traceback" not in done.stderr


def talk(server: Server, *texts: str) -> None:
    person = server.connect()
    for number, text in enumerate(texts):
        person.send(f"/id l-{number} {text}")
        person.expect(f"ok l-{number} ")


def history(person: Person) -> list[str]:
    """The texts of the lobby, 500 at most."""
    person.send("/history 500")
    person.expect("begin history #lobby")
    texts = []
    while not (line := person.line()).startswith("end "):
        texts.append(line.partition(": ")[2])
    return texts


def epoch_of(person: Person) -> str:
    found = re.search(r"epoch=(\S+)", person.seen[0])
    assert found is not None
    return found[1]


def test_a_backup_beside_a_talking_server_is_whole_up_to_some_moment(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = start_server("--rate", "0")
    talk(server, *(f"before {number} {'x' * 1000}" for number in range(300)))
    is_over = threading.Event()
    said = 0

    def go_on() -> None:
        nonlocal said
        person = server.connect("talker")
        while not is_over.is_set():
            person.send(f"/id t-{said} during {said}")
            person.expect(f"ok t-{said} ")
            said += 1

    talking = threading.Thread(target=go_on)
    talking.start()
    try:
        done = run("backup", tmp_path / "talk.backup", "--data", server.data)
    finally:
        is_over.set()
        talking.join()
    assert done.returncode == 0, done.stderr
    assert done.stdout == f"All messages and names are in {tmp_path / 'talk.backup'}\n"
    other = tmp_path / "other"
    assert run("restore", tmp_path / "talk.backup", "--data", other).returncode == 0
    copy = start_server("--rate", "0", data=other)
    ann = copy.connect("ann")
    last = int(ann.seen[0].split("last=")[1].split()[0])
    assert 300 <= last <= 300 + said and said > 0
    there = ["before"] * 300 + [f"during {number}" for number in range(last - 300)]
    assert [text.partition(" ")[0] if text.startswith("before") else text for text in history(ann)] == there[
        -500:
    ]


def test_a_person_at_a_terminal_sees_how_far_it_is(server: Server, tmp_path: Path) -> None:
    talk(server, *(f"{number} {'x' * 3000}" for number in range(100)))
    code, said, shown = run_at_terminal("backup", tmp_path / "talk.backup", "--data", server.data)
    assert code == 0 and said.startswith("All messages")
    assert "backup" in shown and "100%" in shown


def test_a_person_at_a_terminal_reads_in_a_line_of_its_own_why_not(server: Server, tmp_path: Path) -> None:
    (tmp_path / "important.txt").write_text("my only copy")
    code, said, shown = run_at_terminal("backup", tmp_path / "important.txt", "--data", server.data)
    assert (code, said) == (1, "")
    assert re.search(r"^(\x1b\[\?25h)?chat-server: .* is no backup", shown, re.MULTILINE), repr(shown)


def test_after_a_restore_clients_are_told_to_start_afresh_and_names_are_owned_as_before(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = start_server("--rate", "0")
    olga = server.connect()
    olga.send("/nick olga her-secret")
    olga.expect("nick guest-1 olga$")
    talk(server, "one", "two")
    before = epoch_of(olga)
    assert run("backup", tmp_path / "talk.backup", "--data", server.data).returncode == 0
    talk(server, "lost with the disk")
    assert_refused(run("restore", tmp_path / "talk.backup", "--data", server.data), "stop it first")
    server.stop()
    done = run("restore", tmp_path / "talk.backup", "--data", server.data)
    assert done.returncode == 0
    assert "start their history afresh" in done.stdout
    assert f"kept as {server.data / DATABASE}.replaced-1" in done.stdout
    server.restart()
    olga = server.connect()
    assert epoch_of(olga) != before
    olga.send(f"/since 1 {before}")
    olga.expect(f"err history-reset - .*/since 0 {epoch_of(olga)}$")
    assert history(olga) == ["one", "two"]
    olga.send("/nick olga guessed")
    olga.expect("err bad-secret ")
    olga.send("/nick olga her-secret")
    olga.expect("nick guest-1 olga$")
    olga.send("three")
    olga.expect("msg 3 ")


def test_a_backup_says_that_it_replaced_one_and_nothing_else_where_no_terminal_shows_how_far_it_is(
    server: Server, tmp_path: Path
) -> None:
    talk(server, "one")
    file = tmp_path / "talk.backup"
    run("backup", file, "--data", server.data)
    done = run("backup", file, "--data", server.data)
    said = f"All messages and names are in {file}, in place of the older backup there\n"
    assert (done.returncode, done.stdout, done.stderr) == (0, said, "")
    assert run("restore", file, "--data", tmp_path / "other").stderr == ""
    file.write_text("my only copy")
    assert_refused(run("backup", file, "--data", server.data), "is no backup of Talkline")
    assert file.read_text() == "my only copy"


def test_a_check_of_a_sound_log_says_so_also_while_it_is_used(server: Server) -> None:
    talk(server, "one", "two")
    done = run("check", "--data", server.data)
    assert (done.returncode, done.stdout) == (0, f"The messages in {server.data} are whole\n")


def spoil(path: Path, start: int = 4096) -> None:
    with path.open("r+b") as file:
        size = file.seek(0, 2)
        file.seek(start)
        file.write(b"\xff" * (size - start))


def test_a_damaged_log_is_found_and_what_to_do_is_said(server: Server, tmp_path: Path) -> None:
    talk(server, *(f"{number} {'x' * 1000}" for number in range(50)))
    server.stop()
    assert run("backup", tmp_path / "good.backup", "--data", server.data).returncode == 0
    spoil(server.data / DATABASE)
    done = run("check", "--data", server.data)
    assert done.returncode == 1 and done.stdout == ""
    assert all(line.startswith("chat-server: ") for line in done.stderr.splitlines()) and done.stderr
    assert_refused(run("backup", tmp_path / "bad.backup", "--data", server.data), "No backup was made")
    assert not (tmp_path / "bad.backup").exists()
    assert run("restore", tmp_path / "good.backup", "--data", server.data).returncode == 0
    assert run("check", "--data", server.data).returncode == 0
    server.restart()
    assert len(history(server.connect("ann"))) == 50


@pytest.mark.parametrize(
    ("content", "why"),
    [(None, "There is no file"), (b"", "holds no log"), (b"not a database at all" * 100, "not a database")],
)
def test_what_is_no_backup_is_not_restored_and_nothing_changes(
    server: Server, tmp_path: Path, content: bytes | None, why: str
) -> None:
    talk(server, "one")
    server.stop()
    file = tmp_path / "some.file"
    if content is not None:
        file.write_bytes(content)
    assert_refused(run("restore", file, "--data", server.data), why)
    server.restart()
    assert history(server.connect("ann")) == ["one"]


def test_a_spoiled_backup_is_not_restored(server: Server, tmp_path: Path) -> None:
    talk(server, *(f"{number} {'x' * 1000}" for number in range(50)))
    file = tmp_path / "talk.backup"
    assert run("backup", file, "--data", server.data).returncode == 0
    server.stop()
    spoil(file, 8192)
    assert_refused(run("restore", file, "--data", server.data), "Nothing was restored")
    server.restart()
    assert len(history(server.connect("ann"))) == 50


def test_where_no_log_is_there_is_nothing_to_back_up_or_check_and_nothing_is_made(tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    assert_refused(run("backup", tmp_path / "x.backup", "--data", nowhere), "There are no messages in")
    assert_refused(run("check", "--data", nowhere), "There are no messages in")
    assert list(tmp_path.iterdir()) == []


def test_a_backup_to_where_nothing_can_be_written_is_one_sentence(server: Server, tmp_path: Path) -> None:
    talk(server, "one")
    assert_refused(run("backup", tmp_path / "no" / "where", "--data", server.data), "No backup was made")
