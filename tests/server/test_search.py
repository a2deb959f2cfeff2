"""/search, as it is typed in nc."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

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


def test_a_person_is_no_room_to_search_in(ann: Person) -> None:
    ann.send("/search cake in:@bob")
    ann.expect("err bad-args - .*try from:@bob")


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
    assert found(ann, "cake in:games") == []
    assert found(ann, "cake after:yesterday from:bob") == ["cake? where?"]
    assert found(ann, f"cake before:{today}") == []
    assert found(
        ann, f"cake after:{today - timedelta(days=1)} before:{today + timedelta(days=1)} from:bob"
    ) == ["cake? where?"]


@pytest.mark.parametrize("typed", ["from:ann", "cake before:soon", "cake after:2026-13-01"])
def test_a_search_that_cannot_be_is_refused_with_the_reason(ann: Person, typed: str) -> None:
    ann.send(f"/search {typed}")
    ann.expect(r"err bad-args - /search is used like this: /search WORDS \(")


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
