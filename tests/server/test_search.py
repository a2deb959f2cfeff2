"""/search, as it is typed in nc."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from threading import Event

import pytest

from chat_server.wire import read_question
from tests.server.test_resume import block
from tests.servers import Person, Server


def search(person: Person, typed: str) -> list[str]:
    person.send(f"/search {typed}")
    return block(person, "search")


def found(person: Person, typed: str) -> list[str]:
    return [line.split(": ", 1)[1] for line in search(person, typed)[1:-1]]


@pytest.fixture
def ann(server: Server) -> Person:
    """Somebody who has said a few things, and heard a few of bob."""
    ann, bob = server.connect("ann"), server.connect("bob")
    for text in (
        "The cake is in the oven",
        "no CAKES for me",
        "東京都に行きます",
        "C++ isn't (cake)",
        'quote " OR NOT',
    ):
        ann.send(text)
        bob.expect("msg ")
    bob.send("cake? where?")
    ann.expect("msg 6 ")
    return ann


def test_words_are_found_whole_or_in_part_in_any_case(ann: Person) -> None:
    cakes = ["The cake is in the oven", "no CAKES for me", "C++ isn't (cake)", "cake? where?"]
    assert found(ann, "cake") == cakes
    assert found(ann, "CAKE") == cakes
    assert found(ann, "oven cake") == ["The cake is in the oven"]
    assert found(ann, "ake") == cakes
    assert search(ann, "pie") == ["begin search pie", "end search 0"]


def test_chinese_is_found_by_one_or_two_characters(ann: Person) -> None:
    assert found(ann, "京") == found(ann, "東京") == ["東京都に行きます"]


@pytest.mark.parametrize(
    "typed", ['"', "OR", "c++", "(cake)", "isn't", "*", "NEAR(", "text:cake", "-", "%", "'; --"]
)
def test_what_looks_like_syntax_is_only_text(ann: Person, typed: str) -> None:
    texts = found(ann, typed)
    assert all(typed.casefold() in text.casefold() for text in texts)


def test_who_where_and_when_narrow_it(ann: Person) -> None:
    today = datetime.now(UTC).date()
    assert found(ann, "cake from:BOB") == ["cake? where?"]
    assert found(ann, "cake in:#lobby from:@bob") == ["cake? where?"]
    assert found(ann, "cake after:yesterday from:bob") == ["cake? where?"]
    assert found(ann, f"cake before:{today}") == []
    assert found(
        ann, f"cake after:{today - timedelta(days=1)} before:{today + timedelta(days=1)} from:bob"
    ) == ["cake? where?"]


@pytest.mark.parametrize("typed", ["cake before:soon", "cake after:2026-13-01", "on:monday", "after:7"])
def test_a_search_that_cannot_be_is_refused_with_the_reason(ann: Person, typed: str) -> None:
    ann.send(f"/search {typed}")
    ann.expect(
        r"err bad-args - /search is used like this: /search WORDS \(days as 2026-11-22, today or yesterday\)$"
    )


@pytest.fixture
def today() -> date:
    """A day (UTC) that lasts for as long as a test."""
    now = datetime.now(UTC)
    if now.date() != (now + timedelta(seconds=60)).date():
        Event().wait(60)
    return datetime.now(UTC).date()


def test_a_filter_alone_finds_the_newest(today: date, ann: Person) -> None:
    said = ["no CAKES for me", "東京都に行きます", "C++ isn't (cake)", 'quote " OR NOT', "cake? where?"]
    assert found(ann, "from:bob") == found(ann, "FROM:@BOB in:lobby") == ["cake? where?"]
    assert found(ann, "in:#lobby")[1:] == found(ann, "on:today")[1:] == said
    assert found(ann, f"after:{today}")[1:] == said, "that day is meant, too"
    assert found(ann, f"before:{today}") == found(ann, "on:yesterday") == found(ann, "before:TODAY") == []
    assert found(ann, "after:yesterday before:6 from:ann")[1:] == said[:-1]
    assert found(ann, "before:2") == ["The cake is in the oven"]


def test_it_goes_on_before_the_first_of_a_filter_alone(server: Server) -> None:
    ann = server.connect("ann")
    ann.send_bytes(b"".join(b"%d\n" % number for number in range(1, 31)))
    ann.expect("msg 30 ")
    lines = search(ann, "from:ann in:#lobby")
    assert [line.split()[1] for line in lines[1:-1]] == [str(number) for number in range(11, 31)]
    assert lines[-1] == "end search 20 more"
    assert search(ann, "from:ann before:11")[-1] == "end search 10"


@pytest.mark.parametrize("quoted", ['"{}"', "“{}”", "„{}“", "'{}'", "‘{}’", '"  {}"'])
def test_a_phrase_in_quotes_is_found_as_it_stands(ann: Person, quoted: str) -> None:
    assert found(ann, quoted.format("in the oven")) == ["The cake is in the oven"]
    assert found(ann, quoted.format("THE CAKE is") + " from:ann oven") == ["The cake is in the oven"]
    assert found(ann, quoted.format("oven the cake")) == found(ann, quoted.format("for cakes")) == []


def test_a_quotation_mark_or_an_apostrophe_alone_is_none(ann: Person) -> None:
    assert found(ann, '"the oven') == ["The cake is in the oven"]
    assert found(ann, '"cake?" \'where') == []
    assert found(ann, "isn't 'cake'") == []
    assert found(ann, "isn't (cake)") == ["C++ isn't (cake)"]


def test_what_two_said_to_each_other_alone_can_be_searched_by_both(server: Server) -> None:
    ann, bob, eve = server.connect("ann"), server.connect("bob"), server.connect("eve")
    ann.send("/msg @bob a needle\n/msg eve a needle\na needle")
    bob.expect("msg 1 ")
    bob.send("/msg @ann another needle")
    ann.expect("msg 4 ")
    both = ["a needle", "another needle"]
    assert found(ann, "in:@bob") == found(ann, "needle in:@Bob") == found(ann, "in:bob") == both
    assert found(bob, "in:@ann") == both and found(bob, "in:@ann from:bob") == both[1:]
    assert found(eve, "in:@bob") == [] and found(eve, "in:@ann") == both[:1]
    bob.send("/quit")
    bob.rest()
    ann.expect("part #lobby bob")
    assert found(ann, "in:@bob") == both, "also when he has left"
    eve.send("/search in:@bob")
    eve.expect("err no-such-nick - Nobody here is called bob;")


def test_who_and_where_that_are_not_there_are_errors(server: Server, ann: Person) -> None:
    carl = server.connect("carl")
    assert found(ann, "from:carl") == [] == found(ann, "cake from:carl")
    carl.send("/join #den\nneedle\n/msg #lobby hello")
    ann.expect("msg 8 ")
    carl.send("/quit")
    ann.expect("part #lobby carl")
    assert found(ann, "from:carl") == ["hello"] and found(ann, "cake from:carl") == []
    for typed in ("from:nobody", "cake from:@nobody", "in:@nobody"):
        ann.send(f"/search {typed}")
        ann.expect("err no-such-nick - Nobody here is called nobody; /who lists the people$")
    for room in ("#den", "#nowhere"):
        for typed in (f"in:{room}", f"needle in:{room[1:]}"):
            ann.send(f"/search {typed}")
            ann.expect(f"err not-in-room - You are not in {room}; /join {room} takes you there$")


def test_an_answer_begins_with_the_whole_question_if_it_is_not_too_long(ann: Person) -> None:
    assert (
        search(ann, '  "in the  oven"   from:ANN in:#lobby ')[0]
        == 'begin search "in the oven" from:ANN in:#lobby'
    )
    ann.send("/search a\x1b[31mb\u202ec")
    assert block(ann, "search")[0] == "begin search a[31mbc"
    begin = search(ann, "x" * 3000)[0]
    assert begin.startswith("begin search xxx") and begin.endswith("x …") and len(begin) < 430


def test_older_ones_come_with_before_and_the_first_id(server: Server) -> None:
    ann = server.connect("ann")
    ann.send_bytes(b"".join(b"needle %d\n" % number for number in range(1, 51)))
    ann.expect("msg 50 ")
    lines = search(ann, "needle")
    assert [line.split()[-1] for line in lines[1:-1]] == [str(number) for number in range(31, 51)]
    assert lines[-1] == "end search 20 more"
    first = lines[1].split()[1]
    assert [line.split()[-1] for line in search(ann, f"needle before:{first}")[1:-1]] == [
        str(n) for n in range(11, 31)
    ]
    assert search(ann, "needle before:11")[-1] == "end search 10"


def test_an_edited_message_is_found_by_what_it_says_now(ann: Person) -> None:
    ann.send("/edit 1 The pie is in the oven")
    ann.expect("edit 7 ")
    assert search(ann, "oven")[1:-1] == ["edit 7 #lobby ann ^1: The pie is in the oven"]
    assert found(ann, "cake oven") == []


@pytest.mark.parametrize(
    "typed", ['"' + "a" * 3480, '"' + "a" * 3470 + '"x', "'" + "a " * 1735 + "'x", "'" + " " * 3480]
)
def test_no_question_that_fits_into_a_line_is_read_for_long(typed: str) -> None:
    # Everybody waits for it. It takes 0.1 to 6 ms of a processor; with each start tried with each end it were 120.
    took = []
    for _ in range(5):
        begun = time.thread_time()
        read_question(typed)
        took.append(time.thread_time() - begun)
    assert min(took) < 0.05
