"""A guest's past goes over to a person as a whole, and what is found by it is found again."""

from __future__ import annotations

from pathlib import Path

import pytest

from chat_server.log import Query, postings, sqlite
from chat_server.log.index import wrong_blocks
from chat_server.log.sqlite import SqliteLog
from tests.durability.engines import EVERYTHING, about, ids, reads, said, told


def test_everything_of_a_guest_is_the_persons_and_nothing_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "BLOCK", 8)
    monkeypatch.setattr(sqlite, "STORED_AT_ONCE", 2)
    log = SqliteLog(tmp_path)
    log.append([said("before", author="g2")])
    log.append(
        [
            *[said(f"mine {n}", author="g1", label=f"l{n}") for n in range(5)],
            said("not mine", author="g2", label="l1"),
            told("secret one", "g1", "p5"),
            told("secret two", "p5", "g1"),
            told("secret three", "g2", "g1"),
            told("of others", "p5", "g2"),
            about(2, "react", "👍", author="g1"),
            *[said("later", author="g2")] * 5,
        ]
    )
    while log.index_some(lambda: False):
        pass
    assert set(log.adopt("g1", "p9", 1)) == {"p5", "g2"}
    assert ids(log.search(Query(("secret",)), reads("p9"), EVERYTHING).entries) == [8, 9, 10]
    while log.index_some(lambda: False):
        pass
    with log._snapshot() as conn:
        assert wrong_blocks(conn) == []
    found = [log.find(id) for id in range(1, 13)]
    assert [one and one.author for one in found] == ["g2", *["p9"] * 5, "g2", "p9", "p5", "g2", "p5", "p9"]
    assert ids(log.before(None, "@p5", reads("p9"), EVERYTHING).entries) == [8, 9]
    assert ids(log.search(Query(("secret",)), reads("p9"), EVERYTHING).entries) == [8, 9, 10]
    assert ids(log.search(Query(("secret",)), reads("p5"), EVERYTHING).entries) == [8, 9]
    assert ids(log.search(Query(("secret",)), reads("g1"), EVERYTHING).entries) == []
    assert ids(log.after(0, reads("p9"), EVERYTHING).entries) == [8, 9, 10]
    assert [log.labelled("p9", "l1"), log.labelled("g1", "l1"), log.labelled("g2", "l1")] == [3, None, 7]
    assert log.has_reacted(2, "p9", "👍")
    assert sorted(other for other, _ in log.directs("p9", 9)) == sorted(["ann", "ann"])
    log.close()


@pytest.mark.parametrize("moment", range(8))
def test_what_is_given_to_somebody_while_it_is_indexed_is_found_by_him(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: int
) -> None:
    monkeypatch.setattr(postings, "BLOCK", 8)
    monkeypatch.setattr(sqlite, "INDEXED_AT_ONCE", 2)
    monkeypatch.setattr(sqlite, "STORED_AT_ONCE", 4)
    log = SqliteLog(tmp_path)
    log.append([said("a secret", author="g2"), *[told(f"secret {n}", "g1", "p5") for n in range(7)]])
    moments = iter(range(100))

    def wait() -> bool:
        if next(moments) == moment:
            log.adopt("g1", "p9", 0)
        return False

    while log.index_some(wait):
        pass
    assert ids(log.search(Query(("secret",)), reads("p9"), EVERYTHING).entries) == list(range(2, 9))
    while log.index_some(lambda: False):
        pass
    with log._snapshot() as conn:
        assert wrong_blocks(conn) == []
    assert ids(log.search(Query(("secret",)), reads("p9"), EVERYTHING).entries) == list(range(2, 9))
    log.close()


def test_what_is_deleted_in_the_very_moment_in_which_it_is_given_is_gone(tmp_path: Path) -> None:
    log = SqliteLog(tmp_path)
    log.append([told("hush 1", "p5", "g1"), told("hush 2", "g1", "p5")])
    log.append([about(1, "edit", "hush 3", author="p5", room="@ann", peer="g1")])
    # He is called so already, and what is said about it goes to his name; what it is about is still the guest's.
    log.append([about(1, "delete", author="p5", room="@ann", peer="p9")])
    log.index_some(lambda: False)
    log.adopt("g1", "p9", 0)
    log.index_some(lambda: False)
    shown = log.before(None, "@p5", reads("p9"), EVERYTHING).entries
    assert [(one.kind, one.text) for one in shown] == [("msg", "hush 2"), ("delete", "")]
    assert ids(log.search(Query(("hush",)), reads("p5"), EVERYTHING).entries) == [2]
    for path in tmp_path.iterdir():
        assert b"hush 1" not in path.read_bytes() and b"hush 3" not in path.read_bytes()
    log.close()
