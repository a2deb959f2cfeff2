"""The data folder: what lies in it, the lock on it, and the two ways to connect to the log in it.

talkline.db, -wal, -shm    the log and everything else that lasts
talkline.lock              held by the one server that uses the folder
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from pathlib import Path
from typing import Final

from chat_server.log import CannotOpen

DATABASE: Final = "talkline.db"
LOCK: Final = "talkline.lock"

BUSY_MS: Final = 5000
"""How long one connection waits for another, as at a checkpoint that must have the file for itself."""

_PRAGMAS: Final[tuple[tuple[str, str | int], ...]] = (
    ("busy_timeout", BUSY_MS),
    ("journal_mode", "wal"),
    # The WAL is synced at every commit: what was acknowledged survives a power cut.
    ("synchronous", 2),
    # macOS only: there a plain fsync leaves the bytes in the cache of the drive.
    ("fullfsync", 1),
    ("checkpoint_fullfsync", 1),
    # SQLite's own checkpoints run inside COMMIT, before the acknowledgement, and swallow their errors: a
    # failed sync would go unseen. The log makes its own, after delivering.
    ("wal_autocheckpoint", 0),
    # A long backup lets the WAL grow; afterwards it shrinks to this again.
    ("journal_size_limit", 64 * 1024 * 1024),
    # A text that was deleted is overwritten, not only unlinked.
    ("secure_delete", 1),
)


class InUse(CannotOpen):
    """Another server has the folder."""


def take(folder: Path) -> int:
    """Makes the folder if need be and locks it; the lock lasts until the returned descriptor is closed.

    Raises CannotOpen if the folder cannot be written, InUse if another server has it.
    """
    try:
        # Only for the owner: direct messages lie in it.
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise CannotOpen(f"Cannot keep data in {folder}: {error.strerror}.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        os.close(descriptor)
        raise InUse(
            f"Another server is using the data in {folder};"
            " stop it, or give this one a folder of its own: --data DIR."
        ) from error
    except OSError as error:
        os.close(descriptor)
        raise CannotOpen(f"Cannot lock the data in {folder}: {error.strerror}.") from error
    return descriptor


def has_wal(folder: Path) -> bool:
    """Whether the last server ended without closing the log: a kill, a power cut, a failed disk."""
    wal = folder / f"{DATABASE}-wal"
    return wal.exists() and wal.stat().st_size > 0


def connect_writer(folder: Path) -> sqlite3.Connection:
    """The one connection that writes, every setting read back. Only for who holds the lock.

    Raises CannotOpen if a setting did not take, OSError or sqlite3.Error if the file cannot be opened.
    """
    path = folder / DATABASE
    # SQLite gives -wal and -shm the mode of the database, but makes that one readable for everybody.
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    conn = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    try:
        for name, wanted in _PRAGMAS:
            conn.execute(f"PRAGMA {name} = {wanted}").close()
            found = conn.execute(f"PRAGMA {name}").fetchone()
            if found != (wanted,):
                raise CannotOpen(
                    f"Cannot keep data safely in {folder} (SQLite refuses {name} = {wanted}): use a local disk."
                )
    except BaseException:
        conn.close()
        raise
    return conn


def connect_reader(folder: Path) -> sqlite3.Connection:
    """A connection that can only read, also beside a running server. Raises sqlite3.Error.

    It never checkpoints: SQLite before 3.51.3 can lose the WAL when two connections do.
    """
    uri = (folder / DATABASE).resolve().as_uri()
    return sqlite3.connect(
        f"{uri}?mode=ro", uri=True, isolation_level=None, check_same_thread=False, timeout=5
    )


def check_whole(conn: sqlite3.Connection, path: Path) -> None:
    """Reads every page: 0.3 s for a million entries in memory. Raises CannotOpen if one is damaged."""
    (first,) = conn.execute("PRAGMA quick_check(1)").fetchone()
    if first != "ok":
        raise CannotOpen(
            f"{path} is damaged ({first.splitlines()[-1]}): restore a backup, chat-server restore FILE."
        )
