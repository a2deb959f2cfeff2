"""Backup, restore and check of the embedded log."""

import os
import sqlite3
import stat
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server.log import CannotOpen, Draft, Query, Reader, postings
from chat_server.log.copies import CopyFailed, backup, check, restore
from chat_server.log.folder import DATABASE, LOCK
from chat_server.log.sqlite import SqliteLog

ANN = Reader("p1", frozenset({"#lobby"}))


def said(text: str, label: str | None = None) -> Draft:
    return Draft(1000, "msg", "#lobby", "ann", text, "p1", label=label)


def texts(log: SqliteLog) -> list[str]:
    return [entry.text for entry in log.after(0, ANN, 1_000_000).entries]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def log(folder: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(folder)
    yield log
    log.close()


def opened(folder: Path) -> tuple[str, list[str]]:
    """Epoch and texts of the log in a folder."""
    log = SqliteLog(folder)
    found = log.position().epoch, texts(log)
    log.close()
    return found


def change(folder: Path, *queries: str) -> None:
    conn = sqlite3.connect(folder / DATABASE)
    for query in queries:
        conn.execute(query)
    conn.commit()
    conn.close()


# --- backup -----------------------------------------------------------------------------------------------


def test_a_backup_is_one_private_file_with_all_that_was_said(
    log: SqliteLog, folder: Path, tmp_path: Path
) -> None:
    log.append([said("a"), said("b")])
    backup(folder, tmp_path / "talk.backup")
    assert {file.name for file in tmp_path.iterdir()} == {"data", "talk.backup"}
    assert stat.S_IMODE((tmp_path / "talk.backup").stat().st_mode) == 0o600
    # Bytes 18 and 19 say whether it needs a -wal beside it (2) or is whole by itself (1).
    assert (tmp_path / "talk.backup").read_bytes()[18:20] == b"\1\1"
    conn = sqlite3.connect(tmp_path / "talk.backup")
    assert conn.execute("SELECT text FROM entry").fetchall() == [("a",), ("b",)]
    conn.close()


def test_a_backup_made_while_people_talk_is_of_one_moment_and_comes_to_an_end(
    log: SqliteLog, folder: Path, tmp_path: Path
) -> None:
    log.append([said("x" * 1000, f"first {n}") for n in range(3000)])
    done = threading.Event()
    moments: list[tuple[int, int]] = []

    def talk() -> None:
        while not done.is_set():
            log.append([said("x" * 1000) for _ in range(10)])

    def progress(copied: int, total: int) -> None:
        # At least one more commit between two steps: the copy must not begin anew because of it.
        last = log.position().last
        while log.position().last == last:
            done.wait(0.001)
        moments.append((copied, total))

    talking = threading.Thread(target=talk)
    talking.start()
    try:
        before = log.position().last
        backup(folder, tmp_path / "talk.backup", progress)
        after = log.position().last
    finally:
        done.set()
        talking.join()
    assert len(moments) > 3 and moments == sorted(moments) and moments[-1][0] == moments[-1][1]
    assert len({total for _, total in moments}) == 1
    restore(tmp_path / "talk.backup", tmp_path / "other")
    assert check(tmp_path / "other") == []
    copy = SqliteLog(tmp_path / "other")
    assert before <= copy.position().last < after
    assert len(texts(copy)) == copy.position().last
    copy.close()


def test_a_backup_needs_no_server(folder: Path, tmp_path: Path) -> None:
    log = SqliteLog(folder)
    log.append([said("a")])
    log.close()
    backup(folder, tmp_path / "talk.backup")
    restore(tmp_path / "talk.backup", tmp_path / "other")
    assert opened(tmp_path / "other")[1] == ["a"]


def test_the_last_backup_stays_when_the_next_one_fails(log: SqliteLog, folder: Path, tmp_path: Path) -> None:
    log.append([said("a")])
    backup(folder, tmp_path / "talk.backup")
    before = (tmp_path / "talk.backup").read_bytes()

    def fail(copied: int, total: int) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(CopyFailed, match=r"No backup was made: No space left on device\.$"):
        backup(folder, tmp_path / "talk.backup", fail)
    assert (tmp_path / "talk.backup").read_bytes() == before
    assert {file.name for file in tmp_path.iterdir()} == {"data", "talk.backup"}


@pytest.mark.parametrize(
    "content",
    [b"my only copy", b"SQLite format 3\0 of another program" + bytes(4096)],
    ids=["text", "another program's"],
)
def test_a_file_that_is_no_backup_is_not_written_over(
    log: SqliteLog, folder: Path, tmp_path: Path, content: bytes
) -> None:
    log.append([said("a")])
    (tmp_path / "important.txt").write_bytes(content)
    with pytest.raises(CopyFailed, match=r"important\.txt is no backup of Talkline and was left as it is: "):
        backup(folder, tmp_path / "important.txt")
    assert (tmp_path / "important.txt").read_bytes() == content
    assert {file.name for file in tmp_path.iterdir()} == {"data", "important.txt"}


def test_the_log_of_another_server_is_not_written_over(log: SqliteLog, folder: Path, tmp_path: Path) -> None:
    log.append([said("a")])
    other = SqliteLog(tmp_path / "other")
    other.append([said("theirs")])
    with pytest.raises(CopyFailed, match="is no backup"):
        backup(folder, tmp_path / "other" / DATABASE)
    assert texts(other) == ["theirs"]
    other.close()


def test_an_older_backup_is_replaced_also_a_damaged_one_and_so_is_an_empty_file(
    log: SqliteLog, folder: Path, tmp_path: Path
) -> None:
    log.append([said("x" * 5000)])
    path = tmp_path / "talk.backup"
    path.touch()
    assert not backup(folder, path)
    log.append([said("b")])
    assert backup(folder, path)
    path.write_bytes(path.read_bytes()[:4096] + b"\xff" * 9000)
    assert backup(folder, path)
    restore(path, tmp_path / "other")
    assert opened(tmp_path / "other")[1] == ["x" * 5000, "b"]


def test_a_backup_over_the_log_itself_is_refused(log: SqliteLog, folder: Path) -> None:
    log.append([said("a")])
    for name in (DATABASE, f"{DATABASE}-wal"):
        with pytest.raises(CopyFailed, match="another name"):
            backup(folder, folder / name)
    assert texts(log) == ["a"]


@pytest.mark.parametrize("target", ["nowhere/talk.backup", "data/talkline.lock/talk.backup"])
def test_a_backup_to_where_nothing_can_be_written_is_one_sentence(
    log: SqliteLog, folder: Path, tmp_path: Path, target: str
) -> None:
    with pytest.raises(CopyFailed, match=r"^No backup was made: .*\.$"):
        backup(folder, tmp_path / target)


def test_a_backup_of_nothing_is_refused_and_makes_no_folder(tmp_path: Path) -> None:
    with pytest.raises(CopyFailed, match="There are no messages"):
        backup(tmp_path / "none", tmp_path / "talk.backup")
    assert list(tmp_path.iterdir()) == []


# --- restore ----------------------------------------------------------------------------------------------


def test_a_restored_log_has_another_epoch_and_its_ids_go_on(
    log: SqliteLog, folder: Path, tmp_path: Path
) -> None:
    log.append([said("a", "l1"), said("b")])
    backup(folder, tmp_path / "talk.backup")
    log.append([said("lost")])
    log.close()
    kept = restore(tmp_path / "talk.backup", folder)
    again = SqliteLog(folder)
    assert texts(again) == ["a", "b"]
    assert again.position().epoch != log.position().epoch
    first, second = again.append([said("a", "l1"), said("c")])
    assert (first.is_new, second.entry.id) == (False, 3)
    again.close()
    assert kept == folder / f"{DATABASE}.replaced-1"
    assert restore(kept, tmp_path / "other") is None
    assert opened(tmp_path / "other")[1] == ["a", "b", "lost"]


def test_each_restore_of_one_backup_is_a_log_of_its_own(log: SqliteLog, folder: Path, tmp_path: Path) -> None:
    log.append([said("a")])
    backup(folder, tmp_path / "talk.backup")
    for name in ("one", "two"):
        restore(tmp_path / "talk.backup", tmp_path / name)
    epochs = {log.position().epoch, opened(tmp_path / "one")[0], opened(tmp_path / "two")[0]}
    assert len(epochs) == 3


def test_a_restore_beside_a_running_server_is_refused(log: SqliteLog, folder: Path, tmp_path: Path) -> None:
    log.append([said("a")])
    backup(folder, tmp_path / "talk.backup")
    with pytest.raises(CannotOpen, match=r"^A server is using the data in .*: stop it first"):
        restore(tmp_path / "talk.backup", folder)
    assert texts(log) == ["a"]


def test_a_restore_over_a_damaged_log_keeps_that_one_with_what_was_in_its_wal(
    log: SqliteLog, folder: Path, tmp_path: Path
) -> None:
    log.append([said("a")])
    backup(folder, tmp_path / "talk.backup")
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    log.append([said("b")])
    for name in (DATABASE, f"{DATABASE}-wal"):
        (crashed / name).write_bytes((folder / name).read_bytes())
    kept = restore(tmp_path / "talk.backup", crashed)
    assert kept and opened(crashed)[1] == ["a"]
    assert {file.name for file in crashed.iterdir()} == {DATABASE, LOCK, kept.name, f"{kept.name}-wal"}
    restore(kept, tmp_path / "other")
    assert opened(tmp_path / "other")[1] == ["a", "b"]


def test_what_is_no_whole_backup_is_refused_and_the_log_is_untouched(folder: Path, tmp_path: Path) -> None:
    log = SqliteLog(folder)
    log.append([said("x" * 1000, f"l{n}") for n in range(500)])
    log.close()
    backup(folder, tmp_path / "good")
    before = opened(folder)
    (tmp_path / "garbage").write_bytes(os.urandom(100_000))
    (tmp_path / "empty").write_bytes(b"")
    (tmp_path / "half").write_bytes((tmp_path / "good").read_bytes()[:200_000])
    damaged = bytearray((tmp_path / "good").read_bytes())
    damaged[20 * 4096 : 21 * 4096] = b"\xff" * 4096
    (tmp_path / "damaged").write_bytes(damaged)
    # One room's name changed in its row and not in the index: SQLite reads this without a word.
    (tmp_path / "crooked").write_bytes(
        (tmp_path / "good").read_bytes().replace(b"#lobbyann", b"#lobbzann", 1)
    )
    with sqlite3.connect(tmp_path / "other") as conn:
        conn.execute("CREATE TABLE recipes (name)")
    conn.close()
    for name in ("missing", "garbage", "empty", "half", "damaged", "crooked", "other"):
        with pytest.raises(CopyFailed) as error:
            restore(tmp_path / name, folder)
        assert "\n" not in str(error.value), name
        assert name != "empty" or "holds no log" in str(error.value)
    assert opened(folder) == before
    assert {file.name for file in folder.iterdir()} == {DATABASE, LOCK}


# --- check ------------------------------------------------------------------------------------------------


def test_a_sound_log_has_nothing_to_complain_about_also_while_it_runs(log: SqliteLog, folder: Path) -> None:
    assert check(folder) == []
    log.append([said("a", "l1"), Draft(1, "topic", "#new", "ann", "t", "p1")])
    log.append([Draft(1, "msg", "@bob", "ann", "psst", "p1", peer="p2") for _ in range(3)])
    log.forget_before(2000, 2)
    assert check(folder) == []


def test_what_was_deleted_is_in_no_later_backup_and_a_restored_log_can_be_searched(
    log: SqliteLog, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "BLOCK", 8)
    log.append([said(f"secret {n}") for n in range(20)])
    while log.index_some(lambda: False):
        pass
    log.append([Draft(1000, "delete", "#lobby", "ann", "", "p1", ref=4)])
    backup(folder, tmp_path / "talk.backup")
    assert b"secret 3" not in (tmp_path / "talk.backup").read_bytes()
    restore(tmp_path / "talk.backup", tmp_path / "other")
    other = SqliteLog(tmp_path / "other")
    for _ in range(2):
        found = other.search(Query(("secret",)), ANN, 100).entries
        assert [entry.id for entry in found] == [n for n in range(1, 21) if n != 4]
        assert check(tmp_path / "other") == []
        while other.index_some(lambda: False):
            pass
    other.close()


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("DELETE FROM gram WHERE id = (SELECT max(id) FROM gram WHERE id < 1 << 20)", 1),
        ("UPDATE gram SET ids = (SELECT ids FROM gram WHERE id >> 20 = 1 LIMIT 1) WHERE id >> 20 = 1", 9),
        ('UPDATE block SET places = \'["", "#other"]\' WHERE block = 1', 9),
        ("UPDATE entry SET text = 'another' WHERE id = 12", 9),
    ],
)
def test_a_check_finds_an_index_that_does_not_fit(
    folder: Path, monkeypatch: pytest.MonkeyPatch, query: str, first: int
) -> None:
    monkeypatch.setattr(postings, "BLOCK", 8)
    log = SqliteLog(folder)
    log.append([said(f"text {n}") for n in range(20)])
    while log.index_some(lambda: False):
        pass
    log.close()
    assert check(folder) == []
    change(folder, query)
    assert check(folder) == [f"The index of the texts {first} to {first + 7} does not fit them."]


@pytest.mark.parametrize(
    ("queries", "complaint"),
    [
        (["DELETE FROM direct"], "1 direct conversations have entries but are not listed."),
        (["DELETE FROM entry WHERE id = 2"], "Of the entries 1 to 3 only 2 are there."),
        (["UPDATE log SET forgotten = 1"], "1 entries are there that were removed."),
        (["DELETE FROM room"], "1 rooms have entries but are not listed."),
        (["UPDATE label SET id = 9"], "1 labels belong to no entry."),
    ],
)
def test_a_check_names_what_is_wrong(folder: Path, queries: list[str], complaint: str) -> None:
    log = SqliteLog(folder)
    log.append([said("a", "l1"), said("b")])
    log.append([Draft(1000, "msg", "@bob", "ann", "psst", "p1", peer="p2")])
    log.close()
    change(folder, *queries)
    assert complaint in "\n".join(check(folder))


def test_a_check_finds_a_page_that_the_disk_spoiled(folder: Path) -> None:
    log = SqliteLog(folder)
    log.append([said("x" * 1000) for _ in range(500)])
    log.close()
    with (folder / DATABASE).open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 4096)
    problems = check(folder)
    assert problems == ["database disk image is malformed."]


def test_a_check_of_no_log_says_so(tmp_path: Path) -> None:
    assert check(tmp_path / "none") == [
        f"There are no messages in {tmp_path / 'none'}; --data DIR names another folder."
    ]
    (tmp_path / DATABASE).write_bytes(b"garbage " * 1000)
    assert check(tmp_path) == ["file is not a database."]
