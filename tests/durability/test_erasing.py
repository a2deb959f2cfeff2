"""A text that is gone from the log is soon gone from the disk, also from the WAL, where older pages stay."""

import shutil
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from chat_server.log.sqlite import SqliteLog
from tests.durability.engines import about, said


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(tmp_path / "data")) as log:
        yield log


def tidy(log: SqliteLog) -> None:
    """What the server does every other second."""
    while log.index_some(lambda: False):
        pass


def is_on_disk(text: str, folder: Path) -> bool:
    return any(text.encode() in file.read_bytes() for file in folder.iterdir())


def test_what_was_deleted_just_before_a_kill_is_gone_soon_after_the_next_start(
    log: SqliteLog, tmp_path: Path
) -> None:
    log.append([said("hush-hush")])
    log.append([about(1, "delete")])
    killed = tmp_path / "killed"
    shutil.copytree(tmp_path / "data", killed)
    with closing(SqliteLog(killed)) as after:
        assert is_on_disk("hush-hush", killed)
        tidy(after)
        assert not is_on_disk("hush-hush", killed)


def test_what_retention_removed_is_gone_too(log: SqliteLog, tmp_path: Path) -> None:
    log.append([said("hush-hush", at=1000), said("newer", at=2000)])
    assert log.forget_before(1500, 10) == 1
    assert is_on_disk("hush-hush", log.folder)
    tidy(log)
    assert not is_on_disk("hush-hush", log.folder) and is_on_disk("newer", log.folder)
