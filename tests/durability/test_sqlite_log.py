"""The embedded engine: what it sets, whom it refuses, what it does when the disk fails."""

import shutil
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from chat_server.config import Limits
from chat_server.log import CannotOpen, Draft, LogFailed, Reader, StorageFull, schema
from chat_server.log import folder as data_folder
from chat_server.log import sqlite as engine
from chat_server.log.folder import DATABASE, LOCK
from chat_server.log.sqlite import SqliteLog
from chat_server.log.statements import after_query

ANN = Reader("p1", frozenset({"#lobby"}))
LABEL_SECONDS = Limits().label_seconds


def said(text: str, label: str | None = None, at: int = 1000, room: str = "#lobby") -> Draft:
    return Draft(at, "msg", room, "ann", text, "p1", label=label)


def texts(log: SqliteLog) -> list[str]:
    return [entry.text for entry in log.after(0, ANN, 100_000).entries]


@pytest.fixture
def open_log(tmp_path: Path) -> Iterator[Callable[[], SqliteLog]]:
    """Opens the log in tmp_path/data; what a test leaves open is closed after it."""
    opened: list[SqliteLog] = []

    def open_() -> SqliteLog:
        opened.append(SqliteLog(tmp_path / "data"))
        return opened[-1]

    yield open_
    for log in opened:
        log.close()


@pytest.fixture
def log(open_log: Callable[[], SqliteLog]) -> SqliteLog:
    return open_log()


IMPORTS = """
import sys
from pathlib import Path
from chat_server.log import Draft, LogFailed, Reader, StorageFull
from chat_server.log.sqlite import SqliteLog
"""


def run(script: str, *arguments: object, before: str = "") -> subprocess.CompletedProcess[str]:
    """Runs a Python script in a process of its own; `before` is a shell command to run it under."""
    command = [sys.executable, "-c", IMPORTS + script, *map(str, arguments)]
    if before:
        command = ["unshare", "-rm", "sh", "-c", f'{before} && exec "$@"', "sh", *command]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


# --- settings ---------------------------------------------------------------------------------------------


def test_every_commit_is_synced_and_the_settings_are_those_that_were_asked_for(log: SqliteLog) -> None:
    found = {
        name: log.write(lambda conn, name=name: conn.execute(f"PRAGMA {name}").fetchone()[0])
        for name in ("journal_mode", "synchronous", "fullfsync", "wal_autocheckpoint", "secure_delete")
    }
    assert found == {
        "journal_mode": "wal",
        "synchronous": 2,
        "fullfsync": 1,
        "wal_autocheckpoint": 0,
        "secure_delete": 1,
    }


def test_a_setting_that_does_not_take_stops_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(data_folder, "_PRAGMAS", (("page_size", 12345),))
    with pytest.raises(CannotOpen, match="page_size"):
        SqliteLog(tmp_path)
    monkeypatch.undo()
    SqliteLog(tmp_path).close()


def test_the_connections_for_reading_cannot_write(log: SqliteLog, tmp_path: Path) -> None:
    conn = data_folder.connect_reader(tmp_path / "data")
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        conn.execute("DELETE FROM entry")
    conn.close()


def test_only_the_owner_can_read_the_files(log: SqliteLog, tmp_path: Path) -> None:
    log.append([said("a")])
    folder = tmp_path / "data"
    modes = {file.name: stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()}
    assert modes == dict.fromkeys([DATABASE, f"{DATABASE}-wal", f"{DATABASE}-shm", LOCK], 0o600)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


# --- who is refused ---------------------------------------------------------------------------------------


def refused(folder: Path) -> str:
    with pytest.raises(CannotOpen) as error:
        SqliteLog(folder)
    sentence = str(error.value)
    assert str(folder) in sentence and "\n" not in sentence and sentence.endswith(".")
    return sentence


def test_a_second_server_on_the_same_data_is_refused_and_the_first_goes_on(
    log: SqliteLog, tmp_path: Path
) -> None:
    assert "Another server" in refused(tmp_path / "data")
    other = run("SqliteLog(Path(sys.argv[1]))", tmp_path / "data")
    assert "InUse: Another server" in other.stderr
    log.append([said("still here")])
    log.close()
    SqliteLog(tmp_path / "data").close()


def test_a_file_where_the_folder_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert "Cannot keep data" in refused(tmp_path / "file")
    assert "Cannot keep data" in refused(tmp_path / "file" / "below")


def test_a_folder_where_the_file_should_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / DATABASE).mkdir()
    assert "Cannot open" in refused(tmp_path)


def test_the_log_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    SqliteLog(tmp_path).close()
    with sqlite3.connect(tmp_path / DATABASE) as conn:
        conn.execute("PRAGMA user_version = 99")
    conn.close()
    before = (tmp_path / DATABASE).read_bytes()
    assert "newer Talkline (schema 99" in refused(tmp_path)
    assert (tmp_path / DATABASE).read_bytes() == before


def test_the_database_of_another_program_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / DATABASE) as conn:
        conn.execute("CREATE TABLE recipes (name)")
    conn.close()
    assert "another program" in refused(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / DATABASE).write_bytes(b"not a database " * 1000)
    assert "is damaged" in refused(tmp_path)


def test_a_page_damaged_by_a_crash_is_found_at_the_next_start(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    log = SqliteLog(folder)
    log.append([said("x" * 500) for _ in range(500)])
    log.close()
    log = SqliteLog(folder)
    log.append([said("more")])
    crashed = tmp_path / "crashed"
    shutil.copytree(folder, crashed)
    log.close()
    with (crashed / DATABASE).open("r+b") as file:
        file.seek(20 * 4096)
        file.write(b"\xff" * 4096)
    assert "is damaged" in refused(crashed)


# --- schema -----------------------------------------------------------------------------------------------


def test_a_step_that_fails_leaves_the_file_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = SqliteLog(tmp_path)
    log.append([said("kept")])
    log.close()

    def fails(conn: sqlite3.Connection) -> None:
        conn.execute("CREATE TABLE half (done)")
        raise sqlite3.OperationalError("in the middle")

    def tables() -> tuple[list[tuple[str]], int]:
        conn = sqlite3.connect(tmp_path / DATABASE)
        found = conn.execute("SELECT name FROM sqlite_master ORDER BY 1").fetchall()
        version = conn.execute("PRAGMA user_version").fetchone()[0]
        conn.close()
        return found, version

    before = tables()
    monkeypatch.setattr(schema, "STEPS", (*schema.STEPS, fails))
    assert "in the middle" in refused(tmp_path)
    assert tables() == before
    monkeypatch.undo()
    log = SqliteLog(tmp_path)
    assert texts(log) == ["kept"]
    log.close()


def test_every_question_is_answered_out_of_an_index(log: SqliteLog) -> None:
    """What makes a million entries as fast as a thousand: no table is walked, nothing is sorted."""
    query = after_query(5, with_direct=True)
    plan = [
        row[3]
        for row in log.write(lambda conn: conn.execute(f"EXPLAIN QUERY PLAN {query}", [0] * 8).fetchall())
    ]
    steps = [step for step in plan if step not in ("LEFT", "RIGHT", "MERGE (UNION ALL)")]
    assert len(steps) == 7 and all(step.startswith("SEARCH entry USING INDEX") for step in steps)


# --- labels grow old --------------------------------------------------------------------------------------


def test_a_label_is_forgotten_after_ninety_days_and_not_before(log: SqliteLog) -> None:
    log.append([said("a", "l1", at=1000), said("b", "l2", at=5000)])
    log.append([said("ninety days later", at=1000 + LABEL_SECONDS)])
    (known,) = log.append([said("a", "l1", at=1000 + LABEL_SECONDS)])
    assert not known.is_new
    log.append([said("later", at=1001 + LABEL_SECONDS)])
    first, second = log.append(
        [said("a", "l1", at=1001 + LABEL_SECONDS), said("b", "l2", at=1001 + LABEL_SECONDS)]
    )
    assert (first.is_new, second.is_new) == (True, False)


def test_old_labels_go_in_small_pieces(log: SqliteLog) -> None:
    log.append([said("old", f"l{n}") for n in range(1000)])

    def count() -> int:
        return int(log.write(lambda conn: conn.execute("SELECT count(*) FROM label").fetchone()[0]))

    log.append([said("new", at=1001 + LABEL_SECONDS)])
    assert 900 <= count() < 1000
    for _ in range(30):
        log.append([said("new", at=1001 + LABEL_SECONDS)])
    assert count() == 0


# --- the disk ---------------------------------------------------------------------------------------------


def test_a_full_disk_stores_nothing_of_the_batch_and_the_log_goes_on_later(log: SqliteLog) -> None:
    log.append([said("before", "l0")])
    delivered: list[int] = []
    log.follow(lambda batch: delivered.extend(one.entry.id for one in batch))

    def allow(pages: int) -> None:
        log.write(lambda conn: conn.execute(f"PRAGMA max_page_count = {pages}").fetchone())

    allow(20)
    batch = [said("x" * 3000, f"big{n}", room="#new") for n in range(50)]
    for _ in range(2):
        with pytest.raises(StorageFull):
            log.append(batch)
    assert (delivered, log.position().last, [room.room for room in log.rooms()]) == ([], 1, ["#lobby"])
    assert texts(log) == ["before"]
    with pytest.raises(StorageFull):
        log.write(lambda conn: conn.execute("CREATE TABLE big AS SELECT zeroblob(1000000)"))
    allow(10_000)
    assert [one.is_new for one in log.append(batch)] == [True] * 50
    assert delivered == list(range(2, 52))


@pytest.mark.skipif(shutil.which("unshare") is None, reason="needs a mount of its own, as Linux has")
def test_a_really_full_file_system_is_storage_full_and_loses_nothing(tmp_path: Path) -> None:
    result = run(
        """
log = SqliteLog(Path(sys.argv[1]))
stored = 0
draft = Draft(1, "msg", "#lobby", "ann", "x" * 2000, "p1")
for _ in range(3):
    try:
        while True:
            stored += len(log.append([draft] * 5))
    except StorageFull:
        pass
page = log.after(0, Reader("p1", frozenset({"#lobby"})), 100000)
assert [entry.id for entry in page.entries] == list(range(1, stored + 1)) and stored > 50, stored
log.close()
log = SqliteLog(Path(sys.argv[1]))
assert log.position().last == stored
print("kept", stored)
""",
        tmp_path,
        before=f"mount -t tmpfs -o size=700k tmpfs {tmp_path}",
    )
    if "unshare" in result.stderr or "mount" in result.stderr:
        pytest.skip(f"no small file system may be made here: {result.stderr.strip()}")
    assert result.stdout.startswith("kept"), result.stderr


def test_a_commit_that_fails_is_fatal_and_everything_acknowledged_is_there_afterwards(tmp_path: Path) -> None:
    """A limit on the size of files makes the write itself fail, which SQLite reports as an I/O error."""
    result = run(
        """
import resource
log = SqliteLog(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
delivered = 0
def deliver(batch):
    global delivered
    delivered += len(batch)
log.follow(deliver)
stored = 0
try:
    while stored < 10_000:
        stored += len(log.append([Draft(1, "msg", "#lobby", "ann", "x" * 500, "p1", label=str(stored))]))
except LogFailed as error:
    assert delivered == stored
    try:
        log.append([Draft(1, "msg", "#lobby", "ann", "again", "p1")])
    except LogFailed:
        print("failed after", stored)
""",
        tmp_path,
    )
    assert result.stdout.startswith("failed after"), result.stderr
    stored = int(result.stdout.split()[-1])
    log = SqliteLog(tmp_path)
    assert stored <= log.position().last <= stored + 1
    (resent,) = log.append([said("x" * 500, label=str(stored - 1))])
    assert not resent.is_new
    log.close()


def test_a_sync_that_fails_at_commit_is_fatal(log: SqliteLog) -> None:
    """What no limit provokes: fdatasync says no. The connection is real but for its COMMIT."""
    log.append([said("before")])
    real = log._writer

    class Failing:
        def execute(self, query: str, *values: object) -> sqlite3.Cursor:
            if query == "COMMIT":
                error = sqlite3.OperationalError("disk I/O error")
                error.sqlite_errorcode = sqlite3.SQLITE_IOERR_FSYNC
                raise error
            return real.execute(query, *values)

        def __getattr__(self, name: str) -> object:
            return getattr(real, name)

    log._writer = Failing()  # type: ignore[assignment]
    delivered: list[object] = []
    log.follow(delivered.append)
    with pytest.raises(LogFailed, match="disk I/O error"):
        log.append([said("in doubt")])
    log._writer = real
    for attempt in (
        lambda: log.append([said("after")]),
        lambda: log.write(lambda conn: None),
        lambda: log.forget_before(1, 1),
    ):
        with pytest.raises(LogFailed):
            attempt()
    assert delivered == [] and log.position().last == 1


def test_a_copy_of_the_files_at_the_moment_of_the_acknowledgement_has_the_entry(
    log: SqliteLog, tmp_path: Path
) -> None:
    """What a power cut leaves behind, as far as files tell: nothing of the entry is in this process only."""
    for n in range(20):
        (stored,) = log.append([said(f"line {n}")])
        copy = tmp_path / f"copy{n}"
        shutil.copytree(tmp_path / "data", copy)
        found = SqliteLog(copy)
        assert found.position().last == stored.entry.id and texts(found)[-1] == f"line {n}"
        found.close()


def test_a_killed_server_leaves_everything_that_it_acknowledged(tmp_path: Path) -> None:
    code = """
log = SqliteLog(Path(sys.argv[1]))
while True:
    stored = log.append([Draft(1, "msg", "#lobby", "ann", "hello", "p1")] * 3)
    print(stored[-1].entry.id, flush=True)
"""
    with subprocess.Popen(
        [sys.executable, "-c", IMPORTS + code, str(tmp_path)], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout
        acknowledged = [server.stdout.readline() for _ in range(30)]
        server.kill()
        acknowledged += [line for line in server.stdout if line.endswith("\n")]
    log = SqliteLog(tmp_path)
    assert log.position().last >= int(acknowledged[-1])
    assert texts(log) == ["hello"] * log.position().last
    log.close()


def test_the_wal_stays_small_however_much_is_appended(
    log: SqliteLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "CHECKPOINT_PAGES", 100)
    for n in range(400):
        log.append([said("x" * 1000, f"l{n}") for n in range(n * 5, n * 5 + 5)])
    assert (tmp_path / "data" / f"{DATABASE}-wal").stat().st_size < 100 * 4200 * 2
    assert (tmp_path / "data" / DATABASE).stat().st_size > 1_000_000


def test_closing_moves_everything_into_the_one_file(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    log.append([said("a")])
    log.close()
    assert {file.name for file in tmp_path.iterdir()} == {DATABASE, LOCK}
    with pytest.raises(LogFailed, match="closed"):
        log.append([said("b")])
    log.close()


# --- one connection writes, for everybody -----------------------------------------------------------------


def test_a_change_by_another_part_is_durable_and_undone_as_a_whole(
    log: SqliteLog, open_log: Callable[[], SqliteLog]
) -> None:
    log.write(lambda conn: conn.execute("CREATE TABLE more (x)").fetchone())

    def half(conn: sqlite3.Connection) -> None:
        conn.execute("INSERT INTO more VALUES (1)")
        raise KeyError("in the middle")

    with pytest.raises(KeyError):
        log.write(half)
    assert log.write(lambda conn: conn.execute("INSERT INTO more VALUES (2) RETURNING x").fetchone()) == (2,)
    log.close()
    assert open_log().write(lambda conn: conn.execute("SELECT x FROM more").fetchall()) == [(2,)]


def test_changes_retention_and_appends_from_many_threads_do_not_meet(log: SqliteLog) -> None:
    log.write(lambda conn: conn.execute("CREATE TABLE more (x)").fetchone())
    faults: list[Exception] = []

    def repeat(act: Callable[[], object]) -> None:
        try:
            for _ in range(50):
                act()
        except Exception as error:  # noqa: BLE001 (whatever it is, the test names it)
            faults.append(error)

    acts: list[Callable[[], object]] = [
        lambda: log.append([said("x"), said("y")]),
        lambda: log.write(lambda conn: conn.execute("INSERT INTO more VALUES (1)").close()),
        lambda: log.write(lambda conn: conn.execute("INSERT INTO more VALUES (1)").close()),
        lambda: log.forget_before(2000, 1),
    ]
    threads = [threading.Thread(target=repeat, args=(act,)) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert faults == []
    assert log.position().last == 100
    assert log.write(lambda conn: conn.execute("SELECT count(*) FROM more").fetchone()) == (100,)


# --- speed ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [1, 10, 100])
def test_how_fast_it_stores(log: SqliteLog, size: int, capsys: pytest.CaptureFixture[str]) -> None:
    """Reports, never fails: rows a second with every batch synced."""
    batches = [[said("x" * 64, f"{n}-{k}") for k in range(size)] for n in range(200)]
    start, cpu = time.perf_counter(), time.thread_time()
    for batch in batches:
        log.append(batch)
    rows = size * len(batches)
    seconds, cpu = time.perf_counter() - start, time.thread_time() - cpu
    with capsys.disabled():
        sys.stdout.write(
            f"\n  batches of {size}: {rows / seconds:,.0f} rows/s, {cpu / rows * 1e6:.1f} µs CPU a row\n"
        )
    assert log.position().last == rows


def test_who_waits_to_write_while_the_log_is_closed_finds_it_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = SqliteLog(tmp_path / "data")
    lock, told = log._writing, []

    class Waited:
        """As the lock, with a client's own thread that comes next."""

        def __enter__(self) -> None:
            lock.acquire()

        def __exit__(self, *_: object) -> None:
            monkeypatch.undo()
            lock.release()
            with pytest.raises(LogFailed, match="closed") as caught:
                log.write(lambda conn: conn.execute("SELECT 1").fetchone())
            told.append(caught.value)

    monkeypatch.setattr(log, "_writing", Waited())
    log.close()
    assert told
