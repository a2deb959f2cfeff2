"""Claimed names: one owner each, a secret that proves it, rooms that come back."""

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from chat_server import text
from chat_server.hashing import hash_secret
from chat_server.log import Draft, StorageFull, schema
from chat_server.log.copies import backup, check, restore
from chat_server.log.folder import connect_writer
from chat_server.log.sqlite import SqliteLog
from chat_server.people import Claim, NickClaimed, People


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    log = SqliteLog(tmp_path / "data")
    yield log
    log.close()


@pytest.fixture
def people(log: SqliteLog) -> People:
    return People(log)


def claim(people: People, nick: str, secret_hash: str = "hash") -> Claim:
    return people.claim(nick, text.fold(nick), text.look(nick), secret_hash, 1000)


# --- names ------------------------------------------------------------------------------------------------


def test_a_claimed_name_is_found_with_everything_that_was_said_of_it(people: People) -> None:
    made = claim(people, "Zoë", "the hash")
    assert made == Claim(1, "Zoë", text.fold("Zoë"), text.look("Zoë"), "the hash", 1000)
    assert people.find(text.fold("ZOË")) == made
    assert made.identity == "p1"
    assert people.find("bob") is None


def test_claims_last(people: People, log: SqliteLog, tmp_path: Path) -> None:
    made = claim(people, "ann")
    log.close()
    reopened = SqliteLog(tmp_path / "data")
    again = People(reopened)
    assert again.find("ann") == again.claimed("nobody", text.look("ann")) == made
    assert claim(again, "bob").identity == "p2"
    reopened.close()


def test_a_name_that_is_claimed_cannot_be_claimed_again(people: People) -> None:
    first = claim(people, "ann", "first")
    with pytest.raises(NickClaimed):
        claim(people, "Ann", "second")
    assert people.find("ann") == first


def test_a_name_that_only_looks_like_a_claimed_one_cannot_be_claimed(people: People) -> None:
    first = claim(people, "scope")
    twin = "ѕсоре"  # Cyrillic
    assert text.fold(twin) != text.fold("scope")
    assert people.find(text.fold(twin)) is None
    assert people.claimed(text.fold(twin), text.look(twin)) == first
    with pytest.raises(NickClaimed):
        claim(people, twin)


def test_of_many_who_claim_a_name_at_once_one_gets_it(people: People) -> None:
    start = threading.Barrier(8)
    outcomes: list[str] = []

    def try_it(n: int) -> None:
        start.wait()
        try:
            claim(people, "ann", f"hash {n}")
            outcomes.append(f"hash {n}")
        except NickClaimed:
            outcomes.append("refused")

    threads = [threading.Thread(target=try_it, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert outcomes.count("refused") == 7
    found = people.find("ann")
    assert found and found.secret_hash in outcomes


def test_the_number_of_somebody_who_is_gone_is_never_given_again(people: People, log: SqliteLog) -> None:
    claim(people, "ann")
    log.write(lambda conn: conn.execute("DELETE FROM person").close())
    assert claim(People(log), "bob").identity == "p2"


def test_people_claim_names_while_others_talk(people: People, log: SqliteLog) -> None:
    def talk() -> None:
        for n in range(50):
            log.append([Draft(n, "msg", "#lobby", "ann", "hello", "p1")])

    talking = threading.Thread(target=talk)
    talking.start()
    for n in range(50):
        claim(people, f"guest{n:02}a")
    talking.join()
    assert log.position().last == 50 and people.find("guest49a")


def test_a_claim_that_finds_no_room_on_the_disk_leaves_the_name_free(people: People, log: SqliteLog) -> None:
    log.write(lambda conn: conn.execute("PRAGMA max_page_count = 10").fetchone())
    free = ""
    for n in range(1000):
        free = f"n{n}"
        try:
            people.claim(free, free, free, "x" * 500, 1)
        except StorageFull:
            break
    else:
        pytest.fail("the disk never got full")
    assert people.find(free) is None
    log.write(lambda conn: conn.execute("PRAGMA max_page_count = 10000").fetchone())
    assert people.claim(free, free, free, "h", 1).nick == free


# --- rooms ------------------------------------------------------------------------------------------------


def test_the_rooms_of_a_person_come_back_in_his_order_after_a_restart(
    people: People, log: SqliteLog, tmp_path: Path
) -> None:
    ann, bob = claim(people, "ann"), claim(people, "bob")
    people.remember_rooms(ann.id, ["#zoo", "#lobby", "#den"], "#lobby")
    people.remember_rooms(bob.id, ["#lobby"], "#lobby")
    people.save()
    people.remember_rooms(ann.id, ["#zoo", "#den"], "#den")
    people.save()
    log.close()
    reopened = SqliteLog(tmp_path / "data")
    again = People(reopened)
    assert again.rooms_of(ann.id) == (["#zoo", "#den"], "#den")
    assert again.rooms_of(bob.id) == (["#lobby"], "#lobby")
    reopened.close()


def test_rooms_are_remembered_at_once_and_written_only_on_saving(people: People, log: SqliteLog) -> None:
    ann = claim(people, "ann")
    assert people.rooms_of(ann.id) == ([], "")
    people.remember_rooms(ann.id, ["#den"], "#den")
    assert people.rooms_of(ann.id) == (["#den"], "#den")
    assert People(log).rooms_of(ann.id) == ([], "")
    people.save()
    assert People(log).rooms_of(ann.id) == (["#den"], "#den")


def test_saving_what_did_not_change_writes_nothing(people: People, log: SqliteLog) -> None:
    ann = claim(people, "ann")
    people.remember_rooms(ann.id, ["#den"], "#den")
    people.save()
    before = log.write(lambda conn: conn.total_changes)
    people.remember_rooms(ann.id, ["#den"], "#den")
    people.save()
    assert log.write(lambda conn: conn.total_changes) == before


def test_rooms_that_could_not_be_saved_are_saved_the_next_time(people: People, log: SqliteLog) -> None:
    ann = claim(people, "ann")
    rooms = [f"#room{n}" + "x" * 1000 for n in range(100)]
    people.remember_rooms(ann.id, rooms, rooms[0])
    log.write(lambda conn: conn.execute("PRAGMA max_page_count = 20").fetchone())
    with pytest.raises(StorageFull):
        people.save()
    log.write(lambda conn: conn.execute("PRAGMA max_page_count = 10000").fetchone())
    people.save()
    assert People(log).rooms_of(ann.id) == (rooms, rooms[0])


def test_the_rooms_that_are_given_out_are_ones_own_copy(people: People) -> None:
    ann = claim(people, "ann")
    given = ["#den"]
    people.remember_rooms(ann.id, given, "#den")
    given.append("#other")
    people.rooms_of(ann.id)[0].append("#third")
    assert people.rooms_of(ann.id) == (["#den"], "#den")


# --- read marks -------------------------------------------------------------------------------------------


def test_how_far_one_has_read_lasts_once_it_is_saved(people: People, log: SqliteLog) -> None:
    ann, bob = claim(people, "ann"), claim(people, "bob")
    assert people.marks_of(ann.id) == {}
    assert people.remember_mark(ann.id, "#den", 7) and people.remember_mark(ann.id, "@p2", 9)
    assert people.remember_mark(bob.id, "#den", 3)
    assert people.marks_of(ann.id) == {"#den": 7, "@p2": 9}
    assert People(log).marks_of(ann.id) == {}
    people.save()
    people.remember_mark(ann.id, "#den", 8)
    people.save()
    again = People(log)
    assert again.marks_of(ann.id) == {"#den": 8, "@p2": 9} and again.marks_of(bob.id) == {"#den": 3}


def test_a_mark_only_rises(people: People, log: SqliteLog) -> None:
    ann = claim(people, "ann")
    risen = [people.remember_mark(ann.id, "#den", mark) for mark in (5, 5, 3, 0, 6)]
    assert risen == [True, False, False, False, True]
    people.save()
    assert people.marks_of(ann.id) == People(log).marks_of(ann.id) == {"#den": 6}
    before = log.write(lambda conn: conn.total_changes)
    people.remember_mark(ann.id, "#den", 6)
    people.save()
    assert log.write(lambda conn: conn.total_changes) == before


def test_who_says_so_moves_a_mark_back(people: People, log: SqliteLog) -> None:
    ann = claim(people, "ann")
    people.remember_mark(ann.id, "#den", 6)
    people.save()
    people.move_mark(ann.id, "#den", 2)
    people.save()
    assert people.marks_of(ann.id) == People(log).marks_of(ann.id) == {"#den": 2}
    assert people.remember_mark(ann.id, "#den", 3), "and it rises again from there"


def test_of_many_marks_those_of_rooms_that_were_left_go_first(log: SqliteLog) -> None:
    people = People(log, most_marks=4)
    ann = claim(people, "ann")
    people.remember_rooms(ann.id, ["#stays"], "#stays")
    for mark, place in enumerate(["#stays", "@p2", "#old", "#older", "#new"], 1):
        people.remember_mark(ann.id, place, mark)
        people.save()
    assert (
        people.marks_of(ann.id)
        == People(log).marks_of(ann.id)
        == {"#stays": 1, "@p2": 2, "#older": 4, "#new": 5}
    )
    people.remember_mark(ann.id, "#low", 0)
    assert set(people.marks_of(ann.id)) == {"#stays", "@p2", "#low", "#new"}, "never the one just made"


def test_of_many_direct_conversations_the_oldest_stay_read(log: SqliteLog) -> None:
    people = People(log, most_marks=3)
    ann = claim(people, "ann")
    people.remember_rooms(ann.id, ["#den"], "#den")
    for mark, place in ((9, "#den"), (4, "@p2"), (6, "@p3"), (5, "@p4"), (8, "@p5")):
        people.remember_mark(ann.id, place, mark)
        people.save()
    assert people.marks_of(ann.id) == People(log).marks_of(ann.id) == {"#den": 9, "@": 6, "@p5": 8}


def test_marks_are_kept_past_the_limit_while_one_is_in_all_these_rooms(log: SqliteLog) -> None:
    people = People(log, most_marks=2)
    ann = claim(people, "ann")
    rooms = ["#a", "#b", "#c"]
    people.remember_rooms(ann.id, rooms, "#a")
    for room in rooms:
        people.remember_mark(ann.id, room, 1)
    assert set(people.marks_of(ann.id)) == set(rooms)


def test_marks_that_are_given_out_are_ones_own_copy(people: People) -> None:
    ann = claim(people, "ann")
    people.remember_mark(ann.id, "#den", 1)
    people.marks_of(ann.id)["#den"] = 99
    assert people.marks_of(ann.id) == {"#den": 1}


def test_two_devices_that_mark_at_once_leave_the_higher_mark(people: People, log: SqliteLog) -> None:
    ann = claim(people, "ann")

    def read_on(start: int) -> None:
        for mark in range(start, 400, 2):
            people.remember_mark(ann.id, "#den", mark)
            if mark % 50 < 2:
                people.save()

    devices = [threading.Thread(target=read_on, args=(start,)) for start in (1, 2)]
    for device in devices:
        device.start()
    for device in devices:
        device.join()
    people.save()
    assert people.marks_of(ann.id) == People(log).marks_of(ann.id) == {"#den": 399}


def test_marks_that_could_not_be_saved_are_saved_the_next_time(people: People, log: SqliteLog) -> None:
    ann = claim(people, "ann")
    marks = {f"#room{n}" + "x" * 1000: n for n in range(1, 100)}
    for room, mark in marks.items():
        people.remember_mark(ann.id, room, mark)
    log.write(lambda conn: conn.execute("PRAGMA max_page_count = 30").fetchone())
    with pytest.raises(StorageFull):
        people.save()
    log.write(lambda conn: conn.execute("PRAGMA max_page_count = 10000").fetchone())
    people.save()
    assert People(log).marks_of(ann.id) == marks


# --- the file ---------------------------------------------------------------------------------------------


def test_a_log_from_before_there_were_names_is_brought_up_to_date(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "STEPS", schema.STEPS[:1])
    old = SqliteLog(tmp_path)
    old.append([Draft(1, "msg", "#lobby", "ann", "from before", "g1", label="l1")])
    old.close()
    monkeypatch.undo()
    log = SqliteLog(tmp_path)
    assert log.position() == old.position()
    assert claim(People(log), "ann").identity == "p1"
    assert not log.append([Draft(1, "msg", "#lobby", "ann", "from before", "g1", label="l1")])[0].is_new
    log.close()


def test_each_step_of_the_schema_is_its_own_version(tmp_path: Path) -> None:
    conn = connect_writer(tmp_path)
    versions = []
    for number in range(1, len(schema.STEPS) + 1):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(schema, "STEPS", schema.STEPS[:number])
            schema.migrate(conn, tmp_path)
        versions.append(conn.execute("PRAGMA user_version").fetchone()[0])
    assert versions == list(range(1, len(schema.STEPS) + 1))
    conn.close()


def test_claims_are_in_a_backup(people: People, log: SqliteLog, tmp_path: Path) -> None:
    made = claim(people, "ann")
    people.remember_rooms(made.id, ["#den"], "#den")
    people.remember_mark(made.id, "#den", 5)
    people.save()
    backup(tmp_path / "data", tmp_path / "talk.backup")
    restore(tmp_path / "talk.backup", tmp_path / "other")
    assert check(tmp_path / "other") == []
    restored = SqliteLog(tmp_path / "other")
    again = People(restored)
    assert again.find("ann") == made and again.rooms_of(made.id) == (["#den"], "#den")
    assert again.marks_of(made.id) == {"#den": 5}
    restored.close()


def test_the_secret_of_no_one_is_in_the_file_in_the_clear(
    people: People, log: SqliteLog, tmp_path: Path
) -> None:
    claim(people, "ann", hash_secret("correct horse"))
    log.close()
    raw = (tmp_path / "data" / "talkline.db").read_bytes()
    assert b"argon2id" in raw and b"correct horse" not in raw


def test_who_read_on_in_the_moment_in_which_a_guest_gets_his_name_has_read_it(
    people: People, log: SqliteLog
) -> None:
    bob = claim(people, "bob")
    log.append([Draft(1000, "msg", "@bob", "ann", "one", "g1", peer=bob.identity)])
    people.remember_mark(bob.id, "@g1", 1)
    ann = claim(people, "ann")
    people.remember_mark(bob.id, f"@{ann.identity}", 9)
    people.adopt(ann, "g1", 0, 1)
    assert people.marks_of(bob.id) == {f"@{ann.identity}": 9}
    people.save()
    assert People(log).marks_of(bob.id) == {f"@{ann.identity}": 9}
