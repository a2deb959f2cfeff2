"""What every engine of the log keeps: what was said, in order, once, for those who may read it."""

import threading
from itertools import count

import pytest

from chat_server.log import Draft, Log, Stored
from chat_server.wire import Entry
from tests.durability.engines import EVERYTHING, Engine, ids, reads, said, texts, told

# --- append -----------------------------------------------------------------------------------------------


def test_ids_begin_at_one_and_rise_without_a_hole(log: Log) -> None:
    first = log.append([said("a"), said("b")])
    second = log.append([said("c")])
    assert ids([one.entry for one in first + second]) == [1, 2, 3]


def test_every_field_comes_back_as_it_was_said(log: Log) -> None:
    drafts = [
        Draft(1, "msg", "#lobby", "Zoë", "schön ☕ '; DROP TABLE", "p1"),
        Draft(2, "act", "#田中", "田中", "winks", "g9"),
        Draft(3, "topic", "#lobby", "Zoë", "", "p1"),
        Draft(4, "edit", "#lobby", "Zoë", "better␤two lines", "p1", ref=1),
        Draft(5, "delete", "#lobby", "Zoë", "", "p1", ref=90),
        Draft(6, "react", "#lobby", "Zoë", "👩‍👩‍👧", "p1", ref=1),
        Draft(7, "msg", "@bob", "Zoë", "psst", "p1", peer="p2", ref=1, label="l-1"),
    ]
    stored = log.append(drafts)
    wanted = [Entry(d.at, d.kind, n, d.target, d.nick, d.text, d.ref) for n, d in enumerate(drafts, 1)]
    assert [one.entry for one in stored] == wanted
    assert [(one.author, one.peer) for one in stored] == [(d.author, d.peer) for d in drafts]
    assert log.after(0, reads("p1", "#lobby", "#田中"), EVERYTHING).entries == wanted


def test_an_empty_batch_stores_nothing_and_calls_nobody(log: Log) -> None:
    delivered: list[list[Stored]] = []
    log.follow(delivered.append)
    assert log.append([]) == []
    assert delivered == [] and log.position().last == 0


@pytest.mark.parametrize("size", [1, 2, 3, 63, 64, 65, 255, 256, 257, 600])
def test_a_batch_of_any_size_is_stored_whole_and_in_order(log: Log, size: int) -> None:
    log.append([said(f"line {n}", label=f"l{n}") for n in range(size)])
    assert texts(log.after(0, reads("p1", "#lobby"), EVERYTHING).entries) == [
        f"line {n}" for n in range(size)
    ]


def test_a_batch_that_cannot_be_stored_leaves_no_trace(log: Log) -> None:
    log.append([said("before")])
    with pytest.raises(UnicodeEncodeError):
        log.append([said("good", room="#new", label="l1"), said("a lone surrogate: \ud800")])
    (after,) = log.append([said("good", label="l1")])
    assert (after.entry.id, after.is_new) == (2, True)
    assert [room.room for room in log.rooms()] == ["#lobby"]


# --- labels -----------------------------------------------------------------------------------------------


def test_a_resent_label_gives_the_old_entry_and_stores_nothing(log: Log) -> None:
    (first,) = log.append([said("hello", label="l1")])
    (again,) = log.append([said("hello", label="l1", at=2000)])
    assert again.entry == first.entry and not again.is_new
    assert log.position().last == 1


def test_the_first_text_stays_when_a_label_comes_with_another(log: Log) -> None:
    log.append([said("first", label="l1")])
    (again,) = log.append([said("second", label="l1", room="#other")])
    assert (again.entry.text, again.entry.target) == ("first", "#lobby")


def test_a_label_is_known_after_a_restart(engines: Engine) -> None:
    engines.log.append([said("hello", label="l1")])
    (again,) = engines.reopen().append([said("hello", label="l1")])
    assert again.entry.id == 1 and not again.is_new


def test_a_label_that_comes_twice_in_a_batch_is_one_entry(log: Log) -> None:
    stored = log.append([said("a"), said("b", label="l1"), said("b", label="l1"), said("c")])
    assert [(one.entry.id, one.is_new) for one in stored] == [(1, True), (2, True), (2, False), (3, True)]


def test_new_and_resent_lines_mix_in_a_batch(log: Log) -> None:
    log.append([said("old", label="l1")])
    stored = log.append([said("a", label="l2"), said("old", label="l1"), said("b")])
    assert [(one.entry.id, one.is_new) for one in stored] == [(2, True), (1, False), (3, True)]


def test_two_people_may_use_the_same_label(log: Log) -> None:
    stored = log.append([said("a", label="l1", author="p1"), said("b", label="l1", author="p2")])
    assert [one.is_new for one in stored] == [True, True]


def test_a_resent_direct_message_keeps_its_two_people(log: Log) -> None:
    draft = Draft(1, "msg", "@bob", "ann", "psst", "p1", peer="p2", label="l1")
    log.append([draft])
    (again,) = log.append([draft])
    assert (again.author, again.peer, again.is_new) == ("p1", "p2", False)


# --- follow -----------------------------------------------------------------------------------------------


def test_followers_get_new_entries_once_rising_and_after_they_can_be_read(log: Log) -> None:
    heard: list[int] = []

    def deliver(batch: list[Stored]) -> None:
        readable = ids(log.after(0, reads("p1", "#lobby"), EVERYTHING).entries)
        assert readable[-1] == log.position().last == batch[-1].entry.id
        heard.extend(one.entry.id for one in batch)

    log.follow(deliver)
    log.append([said("a", label="l1"), said("b")])
    log.append([said("a", label="l1")])
    log.append([said("a", label="l1"), said("c")])
    assert heard == [1, 2, 3]


def test_a_follower_hears_only_what_comes_after_it_began(log: Log) -> None:
    log.append([said("before")])
    heard: list[str] = []
    log.follow(lambda batch: heard.extend(one.entry.text for one in batch))
    log.append([said("after")])
    assert heard == ["after"]


# --- after ------------------------------------------------------------------------------------------------


def test_after_gives_only_the_readers_rooms(log: Log) -> None:
    log.append([said("a", "#one"), said("b", "#two"), said("c", "#three"), said("d", "#one")])
    page = log.after(0, reads("p9", "#one", "#three"), EVERYTHING)
    assert texts(page.entries) == ["a", "c", "d"]
    assert log.after(0, reads("p9"), EVERYTHING).entries == []


def test_after_gives_direct_messages_to_both_people_and_nobody_else(log: Log) -> None:
    log.append([told("to bob", "p1", "p2"), told("to ann", "p2", "p1"), told("to eve", "p1", "p3")])
    assert texts(log.after(0, reads("p1"), EVERYTHING).entries) == ["to bob", "to ann", "to eve"]
    assert texts(log.after(0, reads("p2"), EVERYTHING).entries) == ["to bob", "to ann"]
    assert texts(log.after(0, reads("p4", "p1 p2", "@whoever"), EVERYTHING).entries) == []


def test_a_note_to_oneself_comes_once(log: Log) -> None:
    log.append([told("milk", "p1", "p1")])
    assert texts(log.after(0, reads("p1"), EVERYTHING).entries) == ["milk"]


def test_after_pages_through_rooms_and_direct_messages_in_order(log: Log) -> None:
    rooms = [f"#r{n}" for n in range(5)]
    log.append([said(str(n), rooms[n % 5]) if n % 7 else told(str(n), "p2", "p1") for n in range(100)])
    reader = reads("p1", *rooms)
    got: list[int] = []
    pages = 0
    while True:
        page = log.after(got[-1] if got else 0, reader, 9)
        got += ids(page.entries)
        pages += 1
        if not page.has_more:
            break
        assert len(page.entries) == 9
    assert got == list(range(1, 101)) and pages == 12


def test_a_page_that_ends_exactly_at_the_end_has_no_more(log: Log) -> None:
    log.append([said(str(n)) for n in range(10)])
    page = log.after(5, reads("p1", "#lobby"), 5)
    assert ids(page.entries) == [6, 7, 8, 9, 10] and not page.has_more


def test_after_serves_a_reader_of_hundreds_of_rooms(log: Log) -> None:
    rooms = [f"#r{n}" for n in range(250)]
    log.append([said(room, room) for room in rooms])
    page = log.after(100, reads("p1", *rooms), 100)
    assert ids(page.entries) == list(range(101, 201)) and page.has_more


def test_after_the_end_there_is_nothing(log: Log) -> None:
    log.append([said("a")])
    for id in (1, 2, 2**62):
        page = log.after(id, reads("p1", "#lobby"), EVERYTHING)
        assert (page.entries, page.has_more, page.gaps) == ([], False, [])


# --- before -----------------------------------------------------------------------------------------------


def test_before_gives_the_last_of_one_room_in_rising_order(log: Log) -> None:
    log.append([said(str(n), "#one" if n % 2 else "#two") for n in range(1, 21)])
    page = log.before(None, "#one", reads("p1", "#one", "#two"), 3)
    assert ids(page.entries) == [15, 17, 19] and page.has_more
    page = log.before(15, "#one", reads("p1", "#one", "#two"), 7)
    assert ids(page.entries) == [1, 3, 5, 7, 9, 11, 13] and not page.has_more


def test_before_gives_nothing_of_a_room_that_the_reader_is_not_in(log: Log) -> None:
    log.append([said("secret", "#den")])
    log.forget_before(2000, 1)
    log.append([said("secret", "#den")])
    page = log.before(None, "#den", reads("p1", "#lobby"), EVERYTHING)
    assert (page.entries, page.has_more, page.gaps) == ([], False, [])


def test_before_gives_a_direct_conversation_to_its_two_people_only(log: Log) -> None:
    log.append([told("to bob", "p1", "p2"), told("to eve", "p1", "p3"), told("to ann", "p2", "p1")])
    for reader, other in ((reads("p1"), "@p2"), (reads("p2"), "@p1")):
        assert texts(log.before(None, other, reader, EVERYTHING).entries) == ["to bob", "to ann"]
    assert log.before(None, "@p2", reads("p3"), EVERYTHING).entries == []
    assert log.before(None, "@p1 p2", reads("p1"), EVERYTHING).entries == []
    assert log.before(None, "p1 p2", reads("p3", "#lobby"), EVERYTHING).entries == []


# --- retention and position -------------------------------------------------------------------------------


def test_an_empty_log_stands_at_nought(log: Log) -> None:
    position = log.position()
    assert (position.oldest, position.last) == (0, 0)
    assert position.epoch.isascii() and position.epoch.isalnum() and 4 <= len(position.epoch) <= 8


def test_the_position_and_the_epoch_last(engines: Engine) -> None:
    engines.log.append([said("a"), said("b")])
    before = engines.log.position()
    assert (before.oldest, before.last) == (1, 2)
    assert engines.reopen().position() == before


def test_retention_removes_the_oldest_in_small_pieces(log: Log) -> None:
    log.append([said(str(n), at=n) for n in range(1, 11)])
    assert log.forget_before(8, 3) == 3
    assert (log.position().oldest, log.position().last) == (4, 10)
    assert [log.forget_before(8, 3) for _ in range(3)] == [3, 1, 0]
    assert ids(log.after(0, reads("p1", "#lobby"), EVERYTHING).entries) == [8, 9, 10]


def test_an_entry_stays_as_long_as_an_older_one_does(log: Log) -> None:
    """Where the clock stepped back: only the old end goes, or a gap would open in the middle."""
    log.append([said("a", at=5), said("b", at=20), said("c", at=6)])
    assert log.forget_before(10, 100) == 1
    assert ids(log.after(0, reads("p1", "#lobby"), EVERYTHING).entries) == [2, 3]


def test_what_was_removed_shows_as_a_gap(log: Log) -> None:
    log.append([said(str(n), at=n) for n in range(1, 11)])
    log.forget_before(5, 100)
    reader = reads("p1", "#lobby")
    assert log.after(0, reader, EVERYTHING).gaps == [(1, 4)]
    assert log.after(2, reader, 1).gaps == [(3, 4)]
    assert log.after(4, reader, EVERYTHING).gaps == []
    assert log.before(None, "#lobby", reader, EVERYTHING).gaps == [(1, 4)]
    assert log.before(6, "#lobby", reader, EVERYTHING).gaps == [(1, 4)]
    assert log.before(3, "#lobby", reader, EVERYTHING).gaps == [(1, 2)]
    assert log.before(None, "#lobby", reader, 2).gaps == []


def test_ids_go_on_after_everything_was_removed_even_across_a_restart(engines: Engine) -> None:
    engines.log.append([said("a"), said("b")])
    assert engines.log.forget_before(2000, 100) == 2
    assert (engines.log.position().oldest, engines.log.position().last) == (0, 2)
    log = engines.reopen()
    assert (log.position().oldest, log.position().last) == (0, 2)
    assert log.after(0, reads("p1", "#lobby"), EVERYTHING).gaps == [(1, 2)]
    assert log.append([said("c")])[0].entry.id == 3
    assert (log.position().oldest, log.position().last) == (3, 3)


def test_a_label_finds_its_id_after_the_entry_was_removed(log: Log) -> None:
    (first,) = log.append([said("hello", label="l1")])
    log.forget_before(2000, 100)
    (again,) = log.append([said("hello", label="l1", at=3000)])
    assert again.entry == first.entry and not again.is_new


# --- rooms ------------------------------------------------------------------------------------------------


def test_rooms_tell_when_something_was_said_last_and_the_topic(engines: Engine) -> None:
    log = engines.log
    log.append([said("a", "#one", at=10), said("b", "#two", at=11), told("psst", "p1", "p2", at=12)])
    log.append([Draft(13, "topic", "#one", "ann", "first", "p1"), said("c", "#one", at=14)])
    log.append([Draft(15, "topic", "#new", "ann", "x", "p1"), Draft(16, "topic", "#new", "ann", "y", "p1")])
    wanted = {("#one", 14, "first"), ("#two", 11, ""), ("#new", 16, "y")}
    assert {(room.room, room.last_at, room.topic) for room in log.rooms()} == wanted
    log = engines.reopen()
    assert {(room.room, room.last_at, room.topic) for room in log.rooms()} == wanted


def test_a_topic_can_be_taken_away(engines: Engine) -> None:
    engines.log.append([Draft(1, "topic", "#one", "ann", "first", "p1")])
    engines.log.append([Draft(2, "topic", "#one", "ann", "", "p1")])
    assert [room.topic for room in engines.reopen().rooms()] == [""]


def test_a_room_keeps_its_topic_and_time_when_retention_empties_it(engines: Engine) -> None:
    engines.log.append([Draft(1, "topic", "#one", "ann", "t", "p1"), said("a", "#one", at=2)])
    engines.log.forget_before(100, 100)
    for log in (engines.log, engines.reopen()):
        assert [(room.room, room.last_at, room.topic) for room in log.rooms()] == [("#one", 2, "t")]


# --- threads ----------------------------------------------------------------------------------------------


def test_readers_in_many_threads_see_a_rising_log_without_holes_while_it_grows(log: Log) -> None:
    done = threading.Event()
    faults: list[str] = []

    def read() -> None:
        reader = reads("p1", "#lobby")
        while not done.is_set():
            last = log.position().last
            seen: list[int] = []
            while (page := log.after(seen[-1] if seen else 0, reader, 50)).entries:
                seen += ids(page.entries)
            if seen != list(range(1, len(seen) + 1)) or len(seen) < last:
                faults.append(f"saw {seen[-1:]} of {last}")

    threads = [threading.Thread(target=read) for _ in range(8)]
    for thread in threads:
        thread.start()
    number = count()
    try:
        for size in (1, 7, 30) * 20:
            log.append([said(str(next(number))) for _ in range(size)])
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert faults == []


# --- labels and the others of direct conversations ---------------------------------------------------------


def test_a_label_finds_its_entry_also_after_it_was_removed(log: Log) -> None:
    log.append([said("a", label="l1"), said("b", label="l2")])
    assert [log.labelled("p1", label) for label in ("l1", "l2", "l3")] == [1, 2, None]
    assert log.labelled("p2", "l1") is None
    log.forget_before(2000, 1)
    assert log.labelled("p1", "l1") == 1


def test_those_whom_one_knows_by_a_nick_are_found_by_one_alone(log: Log) -> None:
    log.append([told("hi", "g1", "p2", nick="Hal"), told("me too", "g3", "p2", nick="hal")])
    log.append(
        [
            told("x", "g4", "p2", nick="hal"),
            told("y", "g4", "p2", nick="joe"),
            told("z", "p2", "g1", nick="bea", to="x"),
        ]
    )
    assert sorted(log.partners("p2", "HAL")) == ["g1", "g3"]
    assert log.partners("p2", "joe") == ["g4"]
    assert log.partners("g1", "bea") == ["p2"]
    log.append([told("not answered", "p2", "g7", to="Kim")])
    assert log.partners("p2", "kim") == ["g7"]
    assert log.partners("p9", "hal") == log.partners("g1", "hal") == []


def test_the_last_direct_conversations_are_listed_newest_first(log: Log) -> None:
    log.append(
        [
            told("a", "g1", "p2", nick="hal"),
            told("b", "p2", "p3", to="Kim"),
            told("c", "g4", "p2", nick="joe"),
        ]
    )
    log.append([told("d", "g1", "p2", nick="hal"), said("e", author="p2")])
    assert log.directs("p2", 20) == [("hal", 4), ("joe", 3), ("Kim", 2)]
    assert log.directs("p2", 1) == [("hal", 4)]
    assert log.directs("p9", 20) == []
