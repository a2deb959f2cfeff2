"""What every engine of the log finds, whether it is indexed already or not."""

from collections.abc import Callable

import pytest

from chat_server.log import Draft, Log, Query, Reader, postings
from chat_server.text import fold
from tests.durability.engines import EVERYTHING, Engine, about, ids, reads, said, told


def index(log: Log) -> None:
    while log.index_some(lambda: False):
        pass


@pytest.fixture(params=["read through", "indexed"])
def filled(request: pytest.FixtureRequest, log: Log, monkeypatch: pytest.MonkeyPatch) -> Callable[[], Log]:
    """The log after everything that was said is indexed, or before."""

    def settle() -> Log:
        if request.param == "indexed":
            index(log)
        return log

    if request.param == "indexed":
        monkeypatch.setattr(postings, "BLOCK", 8)
    return settle


def found(
    log: Log, *words: str, reader: Reader | None = None, limit: int = EVERYTHING, **more: object
) -> list[int]:
    query = Query(words, **more)  # type: ignore[arg-type]
    return ids(log.search(query, reader or reads("p1", "#lobby"), limit).entries)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("The deployment failed", ["deployment", "DEPLOY", "ploym", "the"]),
        ("Ein Café in ÅRHUS, straße", ["cafe", "CAFÉ", "arhus", "rhus", "strasse", "STRASSE"]),
        ("it is ok, no? c++ or c# :)", ["ok", "OK", "is", "no", "c", "c++", "c#", ":)", "no?"]),
        ("東京都に行きます", ["東", "京", "東京", "京都", "東京都", "行きます", "す"]),
        ("서울에서 만나요", ["서울", "만", "울에서"]),
        ("สวัสดีครับ", ["สวัส", "ดี"]),
        ("mixed ab東京cd", ["b東", "東京cd", "ab東京", "京c"]),
        ("👩‍👩‍👧 family ☕", ["☕", "👧", "👩‍👩‍👧"]),
        ("see https://example.org/a_b?x=1&y=2", ["example.org", "a_b?x", "=1&y", "https://"]),
        ("one␤two lines", ["one", "two", "lines", "lines␤one"]),
        ("ＦＵＬＬ width ①", ["full", "1"]),
        ('"quoted" AND (x OR y) NEAR * ^ -z', ['"quoted"', "AND", "(x", "near", "*", "-z", "OR"]),
        ("100% of _it_ 'tis \\ done", ["100%", "_it_", "'tis", "\\", "00%"]),
    ],
)
def test_a_text_is_found_by_its_words_and_their_parts(
    filled: Callable[[], Log], log: Log, text: str, words: list[str]
) -> None:
    log.append([said("before"), said(text), said("after"), *[said("filler") for _ in range(20)]])
    filled()
    assert {word: found(log, word) for word in words} == {word: [2] for word in words}


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("deployment", "deployments"),
        ("book", "ok"),
        ("cat", "c"),
        ("東 京", "東京"),
        ("が", "か"),
        ("one two", "onetwo"),
        ("a b", "*"),
        ("text", "t%t"),
        ("text", "te_t"),
    ],
)
def test_a_text_is_not_found_by_what_is_not_in_it(
    filled: Callable[[], Log], log: Log, text: str, word: str
) -> None:
    log.append([said(text) for _ in range(20)])
    filled()
    assert found(log, word) == []


def test_all_words_must_occur(filled: Callable[[], Log], log: Log) -> None:
    log.append([said("red apple"), said("green apple"), said("red pear"), *[said("x") for _ in range(20)]])
    filled()
    assert found(log, "apple", "red") == [1] and found(log, "red") == [1, 3]
    assert found(log, "red", "red", "RED") == [1, 3]


def test_nothing_is_found_by_no_words(log: Log) -> None:
    log.append([said("a")])
    assert found(log) == found(log, "") == found(log, " ") == found(log, "\u0301") == []


def test_a_search_gives_the_newest_and_goes_on_before_them(filled: Callable[[], Log], log: Log) -> None:
    log.append([said("hit" if n % 3 else "other") for n in range(100)])
    filled()
    wanted = [n + 1 for n in range(100) if n % 3]
    got: list[int] = []
    id = None
    while True:
        page = log.search(Query(("hit",)), reads("p1", "#lobby"), 10, id)
        got = ids(page.entries) + got
        id = got[0]
        if not page.has_more:
            break
        assert len(page.entries) == 10
    assert got == wanted
    assert log.search(Query(("hit",)), reads("p1", "#lobby"), len(wanted)).has_more is False


def test_a_search_finds_only_what_the_reader_may_read(filled: Callable[[], Log], log: Log) -> None:
    log.append(
        [said("word", "#lobby"), said("word", "#den"), told("word", "p1", "p2"), told("word", "p2", "p3")]
    )
    log.append([said("word", "#p1 p2"), *[said("x") for _ in range(20)]])
    filled()
    assert found(log, "word", reader=reads("p1", "#lobby")) == [1, 3]
    assert found(log, "word", reader=reads("p2", "#den")) == [2, 3, 4]
    assert found(log, "word", reader=reads("p3")) == [4]
    assert found(log, "word", reader=reads("p9", "p1 p2", "@whoever", "p1")) == []
    assert found(log, "word", reader=reads("", "#lobby")) == [1]


def test_a_search_in_a_room_by_a_nick_between_two_times(filled: Callable[[], Log], log: Log) -> None:
    def by(nick: str, at: int, room: str = "#lobby", **more: object) -> Draft:
        return Draft(at, "msg", room, nick, "word", "p1", **more)  # type: ignore[arg-type]

    log.append([by("ann", 10), by("Zoë", 20), by("ann", 30), by("ann", 40, "#den"), by("ann", 25)])
    log.append([by("ann", 50, "@bob", peer="p2"), *[said("x") for _ in range(20)]])
    filled()
    both = reads("p1", "#lobby", "#den")
    assert found(log, "word", reader=both, room="#den") == [4]
    assert found(log, "word", reader=both, room="#lobby") == [1, 2, 3, 5]
    assert found(log, "word", room="#den") == []
    assert found(log, "word", author=fold("zoë")) == [2] and found(log, "word", author="bob") == []
    assert found(log, "word", reader=both, author="ann") == [1, 3, 4, 5, 6]
    assert found(log, "word", reader=both, after=25, before=40) == [3, 5]
    assert found(log, "word", reader=both, before=10) == [] and found(log, "word", after=51) == []


@pytest.mark.parametrize(
    ("phrase", "hits"),
    [
        ("the red apple", [1]),
        ("THE  réd", [1, 3]),
        ("red app", [1, 4]),
        ("he red apple", []),
        ("ok no", [5]),
        ("k no", []),
        ("red ok", [4]),
        (":) ok no", [5]),
        ("lines two", [6]),
        ("東京 に", [7]),
        ("pear", [2]),
        ("apple.*", []),
    ],
)
def test_a_phrase_is_found_where_its_words_follow_one_another(
    filled: Callable[[], Log], log: Log, phrase: str, hits: list[int]
) -> None:
    texts = (
        "the red apple",
        "red pear apple",
        "the  red thing",
        "a red app, red ok",
        ":) ok no?",
        "lines␤two",
        "東京 に",
    )
    log.append([*map(said, texts), *[said("book node") for _ in range(20)]])
    filled()
    assert found(log, phrases=(phrase,)) == hits


def test_a_condition_alone_finds_the_newest_and_goes_on_before_them(
    filled: Callable[[], Log], log: Log
) -> None:
    log.append(
        [
            Draft(n, "msg", "#den" if n % 5 == 0 else "#lobby", "Ann" if n % 3 else "bob", "x", "p1")
            for n in range(1, 41)
        ]
    )
    log.append([about(40, "react", "👍"), about(39, "edit", "y")])
    filled()
    reader = reads("p1", "#lobby", "#den")

    def pages(**more: object) -> list[int]:
        got: list[int] = []
        has_more, before = True, None
        while has_more:
            page = log.search(Query((), **more), reader, 7, before)  # type: ignore[arg-type]
            got, has_more = ids(page.entries) + got, page.has_more
            before = got[0] if got else None
        return got

    now = {n: 42 if n == 39 else n for n in range(1, 41)}
    assert pages(author="bob") == sorted(now[n] for n in range(3, 39, 3))
    assert pages(room="#den") == list(range(5, 41, 5))
    assert pages(room="#den", author="bob") == [15, 30]
    assert pages(after=11, before=14) == [11, 12, 13]
    assert pages(after=38) == [38, 40, 42]
    assert found(log, reader=reads("p9"), author="ann") == [] == found(log, reader=reads("p9"), after=0)


def test_what_two_said_to_each_other_alone_is_found_from_both_sides_and_nothing_else(
    filled: Callable[[], Log], log: Log
) -> None:
    log.append([told("word", "p1", "p2"), told("other", "p2", "p1"), told("word", "p2", "p3"), said("word")])
    log.append([told("word", "p1", "p3"), told("word", "p1", "p1"), *[said("x") for _ in range(20)]])
    filled()
    of = {one: reads(one, "#lobby") for one in ("p1", "p2", "p3", "p4")}
    assert found(log, reader=of["p1"], others=frozenset({"p2"})) == [1, 2]
    assert found(log, reader=of["p2"], others=frozenset({"p1"})) == [1, 2]
    assert found(log, "word", reader=of["p1"], others=frozenset({"p2", "p3"})) == [1, 5]
    assert found(log, reader=of["p1"], others=frozenset({"p1"})) == [6]
    assert found(log, reader=of["p4"], others=frozenset({"p1", "p2"})) == []
    assert found(log, reader=of["p1"], others=frozenset()) == []
    assert found(log, reader=of["p1"], others=frozenset({"p2"}), room="#lobby") == []


def test_an_edited_message_is_found_by_its_newest_text_as_that_edit(
    filled: Callable[[], Log], log: Log
) -> None:
    log.append([said("old word"), about(1, "edit", "middle word"), about(1, "edit", "new word")])
    log.append([said("x") for _ in range(20)])
    filled()
    assert [found(log, word) for word in ("old", "middle", "new", "word")] == [[], [], [3], [3]]
    (hit,) = log.search(Query(("new",)), reads("p1", "#lobby"), 5).entries
    assert (hit.kind, hit.ref) == ("edit", 1)
    log.append([about(1, "edit", "newest word")])
    assert [found(log, word) for word in ("new", "newest", "word")] == [[24], [24], [24]]


def test_what_was_deleted_is_not_found_before_or_after_it_was_indexed(
    filled: Callable[[], Log], log: Log
) -> None:
    log.append([said("word"), about(1, "edit", "words"), said("word"), *[said("x") for _ in range(20)]])
    filled()
    log.append([about(1, "delete")])
    assert found(log, "word") == [3]
    filled()
    assert found(log, "word") == [3] and found(log, "words") == []


def test_what_retention_removed_is_not_found_any_more(filled: Callable[[], Log], log: Log) -> None:
    log.append([said("word") for n in range(30)])
    filled()
    log.forget_before(2000, 20)
    assert found(log, "word") == list(range(21, 31))
    filled()
    assert found(log, "word") == list(range(21, 31))


def test_reactions_are_no_texts_but_actions_and_topics_are(filled: Callable[[], Log], log: Log) -> None:
    log.append([said("a"), about(1, "react", "👍"), said("waves 👍", kind="act"), said("👍", kind="topic")])
    log.append([said("x") for _ in range(20)])
    filled()
    assert found(log, "👍") == [3, 4]


def test_the_index_is_there_after_a_restart(engines: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "BLOCK", 8)
    engines.log.append([said("word" if n == 3 else "x") for n in range(20)])
    index(engines.log)
    log = engines.reopen()
    assert log.index_some(lambda: False) == 0
    assert found(log, "word") == [4]
