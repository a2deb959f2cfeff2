"""Backup, restore and check of the embedded log. A backup and a check may run beside the server."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing, suppress
from itertools import count
from pathlib import Path
from typing import Final

from chat_server.log import CannotOpen
from chat_server.log.folder import DATABASE, InUse, connect_reader, take
from chat_server.log.index import wrong_blocks
from chat_server.log.postings import first_id
from chat_server.log.schema import APPLICATION_ID, STEPS, check_version, new_epoch

Progress = Callable[[int, int], None]
"""Called now and then with the pages copied so far and the pages in all."""

_STEP_PAGES: Final = 256
"""1 MB between two calls of the progress: a hundred a second, and the GIL is free in between."""


class CopyFailed(Exception):
    """A backup or a restore that did not come about; str() is one sentence for the person who asked."""


def backup(folder: Path, path: Path, progress: Progress = lambda done, total: None) -> bool:
    """Writes the log of a folder, as it is at this moment, into one file. The server may run and go on writing.

    Returns whether it took the place of an older backup, which goes only when the new one is whole and on the
    disk. Any other file of that name is left alone. Raises CopyFailed.
    """
    if path.name.startswith(DATABASE) and path.resolve().parent == folder.resolve():
        raise CopyFailed(f"{path} belongs to the log itself: give the backup another name.")
    if not (folder / DATABASE).is_file():
        raise CopyFailed(_nothing_in(folder))
    replaces = _may_replace(path)
    part = path.with_name(f"{path.name}.part")
    try:
        with closing(connect_reader(folder)) as source:
            check_version(source, folder / DATABASE)
            _copy(source, part, progress)
        os.replace(part, path)
        _sync(path.parent)
    except (OSError, sqlite3.Error, CannotOpen) as error:
        raise CopyFailed(f"No backup was made: {_reason(error)}") from error
    finally:
        _discard(part)
    return replaces


def restore(path: Path, folder: Path, progress: Progress = lambda done, total: None) -> Path | None:
    """Makes a backup the log of a folder, under a new epoch: every client drops its copy and starts afresh.

    Returns where the log that was there lies now, None if there was none. Raises CopyFailed, or CannotOpen
    if a server is using the folder; the log that was there is then untouched.
    """
    if not path.is_file():
        raise CopyFailed(f"There is no file {path}.")
    try:
        lock = take(folder)
    except InUse as error:
        raise InUse(f"A server is using the data in {folder}: stop it first, then restore.") from error
    part = folder / f"{DATABASE}.part"
    try:
        with closing(_open_backup(path)) as source:
            if check_version(source, path) == 0:
                raise CopyFailed(f"{path} holds no log of Talkline.")
            _copy(source, part, progress, epoch=new_epoch())
        kept = _move_aside(folder)
        os.replace(part, folder / DATABASE)
        _sync(folder)
    except (OSError, sqlite3.Error, CannotOpen) as error:
        raise CopyFailed(f"Nothing was restored: {_reason(error)}") from error
    finally:
        _discard(part)
        os.close(lock)
    return kept


def check(folder: Path) -> list[str]:
    """What is wrong with the log of a folder, a sentence each; empty if all is well. The server may run.

    Half a minute or so for a million entries: their index is made again and compared.
    """
    if not (folder / DATABASE).is_file():
        return [_nothing_in(folder)]
    try:
        with closing(connect_reader(folder)) as conn:
            version = check_version(conn, folder / DATABASE)
            conn.execute("BEGIN")
            # An older log is brought to the tables of today by the next start of the server: these rules are of today's.
            is_older = 0 < version < len(STEPS)
            return _damage(conn) or ([] if is_older else _contradictions(conn))
    except (sqlite3.Error, CannotOpen) as error:
        return [_reason(error)]


def _nothing_in(folder: Path) -> str:
    return f"There are no messages in {folder}; --data DIR names another folder."


def _may_replace(path: Path) -> bool:
    """Whether an older backup is at a path; False if nothing is, or an empty file. Raises CopyFailed for all else.

    Read from the header, so that a backup that was damaged further on can be replaced as well. A log that a server
    uses is no backup: it says there (bytes 18 and 19) that it needs a -wal.
    """
    try:
        if not path.exists():
            return False
        head = b"?"
        if path.is_file():
            with path.open("rb") as file:
                head = file.read(100)
    except OSError as error:
        raise CopyFailed(f"No backup was made: {_reason(error)}") from error
    if not head:
        return False
    owner = int.from_bytes(head[68:72], "big")
    if not head.startswith(b"SQLite format 3\0") or head[18:20] != b"\1\1" or owner != APPLICATION_ID:
        raise CopyFailed(
            f"{path} is no backup of Talkline and was left as it is: give the backup another name."
        )
    return True


def _copy(source: sqlite3.Connection, part: Path, progress: Progress, *, epoch: str | None = None) -> None:
    """Copies what `source` sees now into a file of its own that needs no -wal, checked and synced."""
    # The snapshot lasts until the connection closes: without it each commit would start the copy again.
    source.execute("BEGIN")
    source.execute("SELECT 1 FROM sqlite_master").fetchone()
    os.close(os.open(part, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600))
    with closing(sqlite3.connect(part, isolation_level=None)) as copy:
        source.backup(copy, pages=_STEP_PAGES, progress=lambda _, left, total: progress(total - left, total))
        copy.execute("PRAGMA journal_mode = delete").fetchone()
        problems = _damage(copy)
        if problems:
            raise sqlite3.DatabaseError(problems[0])
        if epoch is not None:
            copy.execute("UPDATE log SET epoch = ?", (epoch,))
    _sync(part)


def _open_backup(path: Path) -> sqlite3.Connection:
    # immutable: a backup may lie where nothing can be written, not even a lock. Files that were copied by hand
    # may have a -wal, whose entries would then be missed.
    mode = "mode=ro" if path.with_name(f"{path.name}-wal").exists() else "immutable=1"
    return sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True, isolation_level=None)


def _move_aside(folder: Path) -> Path | None:
    """Gives the log of a folder another name. Its -wal goes along: left behind, it would be played into the next."""
    database = folder / DATABASE
    (folder / f"{DATABASE}-shm").unlink(missing_ok=True)
    kept = next(name for n in count(1) if not (name := folder / f"{DATABASE}.replaced-{n}").exists())
    wal = folder / f"{DATABASE}-wal"
    if wal.exists():
        wal.rename(f"{kept}-wal")
    if not database.exists():
        return None
    database.rename(kept)
    return kept


def _damage(conn: sqlite3.Connection) -> list[str]:
    found = [line for row in conn.execute("PRAGMA integrity_check(20)") for line in str(row[0]).splitlines()]
    return [] if found == ["ok"] else [line for line in found if not line.startswith("***")]


def _contradictions(conn: sqlite3.Connection) -> list[str]:
    """What SQLite cannot know: the rules of the log."""

    def one(query: str) -> int:
        return int(conn.execute(query).fetchone()[0] or 0)

    forgotten = one("SELECT forgotten FROM log")
    last = one("SELECT max(id) FROM entry") or forgotten
    problems = []
    kept = one("SELECT count(*) FROM entry WHERE id > (SELECT forgotten FROM log)")
    if kept != last - forgotten:
        problems.append(f"Of the entries {forgotten + 1} to {last} only {kept} are there.")
    if stale := one("SELECT count(*) FROM entry WHERE id <= (SELECT forgotten FROM log)"):
        problems.append(f"{stale} entries are there that were removed.")
    if ahead := one("SELECT count(*) FROM label WHERE id > " + str(last)):
        problems.append(f"{ahead} labels belong to no entry.")
    if unknown := one(
        "SELECT count(DISTINCT conversation) FROM entry WHERE peer IS NULL"
        " AND NOT EXISTS (SELECT 1 FROM room WHERE name = conversation)"
    ):
        problems.append(f"{unknown} rooms have entries but are not listed.")
    if lost := one(
        "SELECT count(DISTINCT conversation) FROM entry WHERE peer IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM direct WHERE identity = author AND direct.conversation = entry.conversation)"
    ):
        problems.append(f"{lost} direct conversations have entries but are not listed.")
    for block in wrong_blocks(conn):
        problems.append(
            f"The index of the texts {first_id(block)} to {first_id(block + 1) - 1} does not fit them."
        )
    return problems


def _discard(part: Path) -> None:
    """Removes what a copy that was broken off, also by Ctrl-C, left behind."""
    with suppress(OSError):
        part.unlink()


def _sync(path: Path) -> None:
    """Has the kernel write a file, or the names in a folder, to the disk."""
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError) and error.strerror:
        return f"{error.filename}: {error.strerror}." if error.filename else f"{error.strerror}."
    return str(error) if isinstance(error, CannotOpen) else f"{error}."
