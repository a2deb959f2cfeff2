"""The embedded engine's index of texts: what is in it, how it is made beside the talk, and what it forgets."""

import logging
import re
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_server.config import Limits
from chat_server.indexing import Indexer
from chat_server.log import LogFailed, Page, Query, Reader, RoomSummary, StorageFull, postings, schema, sqlite
from chat_server.log import folder as data_folder
from chat_server.log import search as searching
from chat_server.log.copies import check
from chat_server.log.grams import fold, grams, has_all, read_words
from chat_server.log.postings import (
    BLOCK,
    common,
    gram_id,
    gram_ids,
    hash_of,
    pack,
    pack_places,
    unpack,
    unpack_places,
)
from chat_server.log.sqlite import SqliteLog
from chat_server.log.statements import BEFORE, FIRST_OF_PAGE, LATEST_NICK
from chat_server.log.unread import UNREAD, _ranges_query
from chat_server.text import fold as fold_nick
from chat_server.text import names
from tests.durability.engines import about, ids, said, told

ANN = Reader("p1", frozenset({"#lobby"}))


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(tmp_path / "data")
    yield log
    log.close()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of 8 entries, made in pieces of 2."""
    monkeypatch.setattr(postings, "BLOCK", 8)
    monkeypatch.setattr(sqlite, "INDEXED_AT_ONCE", 2)
    monkeypatch.setattr(sqlite, "STORED_AT_ONCE", 4)


def found(log: SqliteLog, *words: str) -> list[int]:
    return ids(log.search(Query(words), ANN, 1000).entries)


def index(log: SqliteLog) -> int:
    """How many were indexed."""
    done = 0
    while piece := log.index_some(lambda: False):
        done += piece
    return done


def count(log: SqliteLog, table: str) -> int:
    return int(log.write(lambda conn: conn.execute(f"SELECT count(*) FROM {table}").fetchone()[0]))


def looked_at(log: SqliteLog, query: Query) -> tuple[list[int], int]:
    """What is found, and how many texts had to be looked at beside the index."""
    asked: list[str] = []
    conn = log._searchers.get()
    conn.set_trace_callback(asked.append)
    log._searchers.put(conn)
    found = ids(log.search(query, ANN, 100).entries)
    conn.set_trace_callback(None)
    pattern = r"FROM entry .* id IN \(SELECT value FROM json_each\('\[(.*)\]'\)\)$"
    texts_of = [re.search(pattern, one, re.DOTALL) for one in asked]
    return found, sum(len(found[1].split(",")) for found in texts_of if found)


# --- grams and postings -----------------------------------------------------------------------------------

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=30) | st.text(
    "abcöß 東京👍:)", max_size=12
)


@settings(deadline=None)
@given(texts, st.integers(0, 30), st.integers(1, 30))
def test_a_text_has_all_grams_of_any_part_of_it_that_holds_as_a_word(
    text: str, start: int, length: int
) -> None:
    folded = fold(text)
    for word in read_words((folded[start : start + length],)):
        assert word.grams()
        if has_all(folded, [word]):
            assert word.grams() <= grams(folded)


nicks = st.sampled_from(
    ["ann", "al", "x", "Zoë", "東京", "京", "서울", "하", "田中2", "ｆｆ", "straße", "ab東", "αι"]
)


@settings(deadline=None, max_examples=300)
@given(texts, nicks, texts)
def test_a_text_that_names_somebody_has_all_grams_of_his_name(before: str, nick: str, after: str) -> None:
    said = before + nick + after
    if names(said, nick):
        for word in read_words((fold_nick(nick),)):
            assert word.grams() <= grams(fold(said))


@settings(deadline=None)
@given(texts)
def test_folding_twice_is_folding_once(text: str) -> None:
    assert fold(fold(text)) == fold(text)


offsets = st.sets(st.integers(0, BLOCK - 1), min_size=1).map(sorted) | st.builds(
    lambda first, step: list(range(first, BLOCK, step)),
    st.integers(0, 9),
    st.sampled_from([1, 2, 3, 5, 8, 9, 300]),
)


@settings(deadline=None)
@given(offsets)
def test_postings_come_back_as_they_were_and_take_at_most_two_bytes_each(some: list[int]) -> None:
    assert list(unpack(pack(some))) == some
    assert len(pack(some)) <= 1 + min(2 * len(some), BLOCK // 8)


@settings(deadline=None)
@given(st.lists(offsets, min_size=1, max_size=5))
def test_what_postings_have_in_common_is_what_sets_have(some: list[list[int]]) -> None:
    assert common([pack(one) for one in some]) == set.intersection(*map(set, some))


@pytest.mark.parametrize("places", [1, 255, 256, BLOCK])
def test_the_places_of_a_block_come_back_as_they_were(places: int) -> None:
    numbers = [n % places for n in range(BLOCK)]
    assert list(unpack_places(pack_places(numbers))) == numbers


@pytest.mark.usefixtures("small")
def test_grams_that_share_a_hash_hide_nothing_and_add_nothing(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(postings, "_HASH_BITS", 1)
    log.append([said("deployment" if n % 5 == 0 else "unrelated words") for n in range(40)])
    assert index(log) == 40
    assert found(log, "deployment") == list(range(1, 41, 5))
    assert found(log, "interesting") == []


def test_grams_that_share_a_row_in_one_block_have_rows_of_their_own_in_others() -> None:
    rare = hash_of("東京")
    common = next(hash for n in range(10**7) if gram_id(3, hash := hash_of(f"{n}")) == gram_id(3, rare))
    assert [block for block in range(300) if gram_id(block, common) == gram_id(block, rare)] == [3]
    assert gram_ids(3)[0] <= gram_id(3, rare) < gram_ids(3)[1]


@pytest.mark.usefixtures("small")
def test_the_index_spares_looking_at_what_cannot_be_meant(log: SqliteLog) -> None:
    log.append([said(f"gargoyle {n} ends", "#lobby" if n < 8 else "#den", at=n) for n in range(40)])
    log.append([told("zephyr", "p2", "p3") for _ in range(8)])
    index(log)

    def costs(*words: str, **more: object) -> int:
        return looked_at(log, Query(words, **more))[1]  # type: ignore[arg-type]

    assert costs("gargoyle") == 8
    assert (
        costs("zephyr") == costs("goyles") == costs("gargoyle", "zephyr") == costs("ends", author="bob") == 0
    )
    assert costs("gargoyle", after=8) == costs("gargoyle", room="#den") == 0


@pytest.mark.usefixtures("small")
def test_where_the_rarest_grams_say_too_little_the_others_are_asked_for(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, size in (("_GRAMS_FIRST", 1), ("_FEWEST", 1), ("_CHECKED", 4)):
        monkeypatch.setattr(searching, name, size)
    # In the newest block "abc" is the rarest gram of the word; before that it is in every text.
    log.append([said("abcdef" if n % 30 == 3 else "abcd") for n in range(80)])
    log.append([said("bcdef") for _ in range(8)])
    index(log)
    found, cost = looked_at(log, Query(("abcdef",)))
    assert found == [4, 34, 64]
    # Four in vain, then only what is meant.
    assert cost == 4 + 3


# --- made beside the talk ---------------------------------------------------------------------------------


def test_a_whole_block_of_a_real_log_is_indexed_and_the_rest_read_through(
    log: SqliteLog, tmp_path: Path
) -> None:
    spoken = [f"message number {n} of {n % 7} 東京{chr(0x4E00 + n % 500)}" for n in range(BLOCK + 100)]
    for start in range(0, len(spoken), 500):
        log.append([said(text) for text in spoken[start : start + 500]])
    assert index(log) == BLOCK
    for word in ("number", "4000", "4150", "京", chr(0x4E00 + 77), "of 3"):
        wanted = [n for n, text in enumerate(spoken, 1) if has_all(fold(text), read_words((word,)))]
        assert ids(log.search(Query((word,)), ANN, 10_000).entries) == wanted, word
    assert check(tmp_path / "data") == []


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("pieces", range(9))
def test_indexing_that_is_broken_off_is_done_again(log: SqliteLog, tmp_path: Path, pieces: int) -> None:
    log.append([said("a word of many grams") for _ in range(8)])
    left = iter(range(pieces))
    log.index_some(lambda: next(left, None) is None)
    assert found(log, "word") == list(range(1, 9))
    index(log)
    assert found(log, "word") == list(range(1, 9))
    assert count(log, "block") == 1 and check(tmp_path / "data") == []


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("moment", range(8))
def test_what_is_deleted_while_it_is_indexed_does_not_get_into_the_index(
    log: SqliteLog, tmp_path: Path, moment: int
) -> None:
    log.append([said(f"secret {n}") for n in range(8)])
    moments = iter(range(100))

    def wait() -> bool:
        if next(moments) == moment:
            log.append([about(2, "delete")])
        return False

    log.index_some(wait)
    assert found(log, "secret") == [1, 3, 4, 5, 6, 7, 8]
    index(log)
    assert found(log, "secret") == [1, 3, 4, 5, 6, 7, 8]
    assert count(log, "block WHERE NOT is_stale") == 1 and check(tmp_path / "data") == []


@pytest.mark.usefixtures("small")
def test_the_newest_block_is_indexed_first_and_people_talk_on(log: SqliteLog) -> None:
    log.append([said("old") for _ in range(24)])
    log.index_some(lambda: bool(log.append([said("new")]) and False))
    assert log.write(lambda conn: conn.execute("SELECT block FROM block").fetchall()) == [(2,)]
    assert found(log, "old") == list(range(1, 25)) and len(found(log, "new")) > 3


@pytest.mark.usefixtures("small")
def test_the_indexer_works_until_it_is_stopped(log: SqliteLog, monkeypatch: pytest.MonkeyPatch) -> None:
    stopping = threading.Event()
    running = threading.Thread(target=Indexer(log, Limits(index_look_seconds=0.01)).run, args=(stopping,))
    running.start()
    indexed = threading.Event()
    try:
        for _ in range(5):
            log.append([said("word") for _ in range(8)])
        while count(log, "block") < 5 and running.is_alive():
            indexed.wait(0.01)
    finally:
        stopping.set()
        running.join(5)
    assert not running.is_alive() and count(log, "block") == 5


def test_a_full_disk_only_delays_the_indexer_and_a_failed_one_ends_it(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    faults = iter([StorageFull("full"), StorageFull("full"), LogFailed("broken")])

    class Failing:
        def rooms(self) -> list[RoomSummary]:
            return []

        def index_some(self, wait: object) -> int:
            raise next(faults)

    with caplog.at_level(logging.WARNING), pytest.raises(LogFailed):
        Indexer(Failing(), Limits(index_retry_seconds=0.0)).run(threading.Event())  # type: ignore[arg-type]
    assert caplog.text.count("no room on the disk") == 2


def test_the_latest_rooms_are_read_at_the_start_so_that_the_hub_finds_them_in_memory() -> None:
    read: list[tuple[str, int]] = []
    stopping = threading.Event()

    class Watched:
        def rooms(self) -> list[RoomSummary]:
            return [RoomSummary(f"#r{n}", n, "") for n in range(300)]

        def before(self, id: int | None, target: str, reader: Reader, limit: int) -> Page:
            assert id is None and reader.rooms == {target}
            read.append((target, limit))
            if target == "#r290":
                raise LogFailed("a spoiled page")
            return Page([], has_more=False, gaps=[])

        def index_some(self, wait: object) -> int:
            stopping.set()
            return 0

    limits = Limits()
    Indexer(Watched(), limits).run(stopping)  # type: ignore[arg-type]
    assert read == [(f"#r{n}", limits.backlog) for n in range(299, 289, -1)]


# --- what it forgets --------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_blocks_that_retention_has_passed_leave_nothing_behind(log: SqliteLog, tmp_path: Path) -> None:
    log.append([said(f"number {n}", at=n) for n in range(40)])
    index(log)
    rows = count(log, "gram")
    log.forget_before(20, 100)
    assert log.write(lambda conn: conn.execute("SELECT block FROM block").fetchall()) == [(2,), (3,), (4,)]
    assert count(log, "gram") < rows
    assert found(log, "number") == list(range(21, 41))
    assert index(log) == 0 and check(tmp_path / "data") == []
    log.forget_before(2000, 100)
    assert (count(log, "block"), count(log, "gram")) == (0, 0)


@pytest.mark.usefixtures("small")
def test_blocks_that_retention_passes_before_they_are_made_anew_leave_nothing_behind(log: SqliteLog) -> None:
    log.append([said(f"number {n}", at=n) for n in range(40)])
    index(log)
    # As after a change of the schema, or when a start was cut short.
    log.write(schema.STEPS[6])
    log.forget_before(20, 100)
    assert index(log) > 0
    first, _ = gram_ids(2)
    assert log.write(lambda conn: conn.execute("SELECT min(id) >= ? FROM gram", (first,)).fetchone()) == (1,)
    log.write(schema.STEPS[6])
    log.forget_before(2000, 100)
    assert (count(log, "block"), count(log, "gram")) == (0, 0)


def test_who_wrote_to_whom_is_forgotten_with_what_was_written(log: SqliteLog) -> None:
    log.append([told("old", "p1", "p2", at=1), told("old", "p1", "p3", at=2), told("new", "p2", "p1", at=9)])
    log.forget_before(5, 100)
    assert log.write(lambda conn: conn.execute("SELECT * FROM direct").fetchall()) == [
        ("p1", "p1 p2"),
        ("p2", "p1 p2"),
    ]


@pytest.mark.usefixtures("small")
def test_a_deleted_text_is_in_no_file_any_more(log: SqliteLog, tmp_path: Path) -> None:
    log.append([said(f"secret{n:03}x") for n in range(100)])
    log.append([about(50, "edit", "edited-secret"), about(50, "react", "☠️")])
    index(log)

    def on_disk(what: str) -> bool:
        return any(what.encode() in file.read_bytes() for file in (tmp_path / "data").iterdir())

    assert on_disk("secret049x") and on_disk("edited-secret") and on_disk("☠️")
    log.append([about(id, "delete") for id in range(1, 101, 3)] + [about(50, "delete")])
    index(log)
    assert not on_disk("edited-secret") and not on_disk("☠️")
    assert [n for n in range(100) if on_disk(f"secret{n:03}x")] == [
        n for n in range(100) if n % 3 and n != 49
    ]


@pytest.mark.usefixtures("small")
def test_a_reader_keeps_deleted_text_on_the_disk_only_as_long_as_he_reads(
    log: SqliteLog, tmp_path: Path
) -> None:
    log.append([said("secret")])
    wal = tmp_path / "data" / "talkline.db-wal"
    with log._snapshot() as conn:
        conn.execute("SELECT text FROM entry").fetchall()
        log.append([about(1, "delete")])
        index(log)
        log.append([said("the talk goes on")])
        assert b"secret" in wal.read_bytes()
    index(log)
    assert b"secret" not in wal.read_bytes()


# --- bounds -----------------------------------------------------------------------------------------------


def test_a_search_that_takes_too_long_gives_what_it_found(log: SqliteLog) -> None:
    log.append([said("word") for _ in range(2000)])
    log.search_seconds = 0.0
    page = log.search(Query(("word",)), ANN, 1000)
    assert page.has_more and len(page.entries) < 1000
    assert ids(page.entries) == list(range(2001 - len(page.entries), 2001))
    log.search_seconds = 10.0
    assert len(log.search(Query(("word",)), ANN, 1000).entries) == 1000


def test_one_slow_question_to_the_database_is_broken_off_too(
    log: SqliteLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([said("word")])
    numbers = "WITH RECURSIVE n (x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n LIMIT 3000000)"
    slow = f"{numbers} SELECT max(x), ? + ? + ? + ? FROM n"
    began = time.perf_counter()
    log.write(lambda conn: conn.execute(slow, (0, 0, 0, 0)).fetchall())
    whole = time.perf_counter() - began
    monkeypatch.setattr("chat_server.log.lookup._BLOCKS", slow)
    log.search_seconds = whole / 20
    began = time.perf_counter()
    page = log.search(Query(("word",)), ANN, 10)
    assert time.perf_counter() - began < whole / 2
    assert page.has_more and page.entries == []
    monkeypatch.undo()
    log.search_seconds = 10.0
    assert found(log, "word") == [1]


@pytest.mark.parametrize("held", ["_searchers", "_counters", "_readers"])
def test_searches_counts_and_other_readers_do_not_wait_for_each_other(log: SqliteLog, held: str) -> None:
    """The test itself holds every connection that the one kind may use."""
    log.append([said("word", author="p2")])
    pool = getattr(log, held)
    conns = [pool.get() for _ in range(pool.qsize())]
    if held != "_readers":
        assert log.find(1) is not None
        assert len(log.before(None, "#lobby", ANN, 5).entries) == len(log.after(0, ANN, 5).entries) == 1
    if held != "_searchers":
        assert found(log, "word") == [1]
    if held != "_counters":
        assert [one.count for one in log.unread(ANN, {}, "p1", ["ann"])] == [1]
    for conn in conns:
        pool.put(conn)


@pytest.mark.usefixtures("small")
def test_words_as_long_as_a_line_and_as_many_as_fit_in_it_are_looked_for(log: SqliteLog) -> None:
    long = "".join(chr(97 + n * n % 26) for n in range(4000))
    many = [f"w{n}" for n in range(900)]
    log.append([said("x"), said(f"{long}"), said(" ".join(many)), *[said("x") for _ in range(20)]])
    for _ in range(2):
        assert found(log, long) == [2] and found(log, long + "z") == []
        assert found(log, *many) == [3] and found(log, *many, "w900") == []
        index(log)


@pytest.mark.parametrize(
    ("query", "values"),
    [(BEFORE, 3), (FIRST_OF_PAGE, 3), (LATEST_NICK, 2), (UNREAD, 4), (_ranges_query(2), 4)],
)
def test_pages_and_counts_are_read_out_of_indexes(log: SqliteLog, query: str, values: int) -> None:
    """No table is walked: what is scanned are the answers of other steps."""
    plan = log.write(lambda conn: conn.execute(f"EXPLAIN QUERY PLAN {query}", [1] * values).fetchall())
    entries = [row[3] for row in plan if "entry" in row[3]]
    assert entries and all(step.startswith("SEARCH entry USING") for step in entries), plan


# --- from before ------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("small")
def test_a_log_from_before_there_was_a_search_is_indexed_by_and_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", schema.STEPS[:2])
        conn = data_folder.connect_writer(tmp_path)
        schema.migrate(conn, tmp_path)
        conn.executemany(
            "INSERT INTO entry VALUES (?, 1, 'msg', ?, NULL, 'ann', ?, 'p1', ?, ?)",
            [(n, "#lobby", f"word {n}", None, None) for n in range(1, 20)]
            + [(20, "p1 p2", "psst", "p2", None), (21, "#lobby", "an answer", None, 3)],
        )
        conn.execute("INSERT INTO room VALUES ('#lobby', 0, '')")
        conn.close()
    log = SqliteLog(tmp_path)
    for _ in range(2):
        assert found(log, "word") == list(range(1, 20)) and found(log, "psst") == [20]
        index(log)
    (count_,) = log.unread(Reader("p2", frozenset()), {}, "p2", [])
    assert (count_.target, count_.first) == ("@p1", 20)
    log.append([told("again", "p2", "p1"), about(3, "delete")])
    assert found(log, "word") == [1, 2, *range(4, 20)] and found(log, "again") == [22]
    index(log)
    assert check(tmp_path) == []
    log.close()


@pytest.mark.usefixtures("small")
def test_an_index_of_an_older_kind_is_made_anew_by_and_by(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(schema, "STEPS", schema.STEPS[:4])
        conn = data_folder.connect_writer(tmp_path)
        schema.migrate(conn, tmp_path)
        conn.executemany(
            "INSERT INTO entry VALUES (?, 1, 'msg', '#lobby', NULL, 'ann', ?, 'p1', NULL, NULL)",
            [(n, f"word {n}") for n in range(1, 20)],
        )
        conn.execute("INSERT INTO room VALUES ('#lobby', 0, '')")
        places = ('["", "#lobby"]', bytes([1] * 8))
        conn.executemany("INSERT INTO block VALUES (?, 1, 1, ?, ?, 0)", [(0, *places), (1, *places)])
        grams = [(row, pack([0, 7])) for block in (0, 1) for row in range(*gram_ids(block), 1000)]
        conn.executemany("INSERT INTO gram VALUES (?, ?)", grams)
        conn.close()
    log = SqliteLog(tmp_path)
    for _ in range(2):
        assert found(log, "word") == list(range(1, 20)) and found(log, "word", "17") == [17]
        index(log)
    assert count(log, "block") == 2 and check(tmp_path) == []
    log.close()
