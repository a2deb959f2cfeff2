"""What Tab offers."""

from __future__ import annotations

import pytest

from chat_server.wire import COMMANDS
from chat_tui.completion import MOST, Known, complete

KNOWN = Known(nicks=("carol", "ann", "Anna", "Zoë", "田中"), rooms=("#lobby", "#games"))


def offers(before: str, known: Known = KNOWN) -> tuple[str, ...]:
    found = complete(before, known)
    return found.texts if found else ()


def test_a_nick_at_the_start_is_an_address():
    assert offers("car") == ("carol: ",)


def test_a_nick_within_a_text_is_only_a_word():
    assert offers("hello car") == ("carol ",)


def test_nicks_come_in_the_order_in_which_they_spoke_and_whatever_their_case():
    assert offers("AN") == ("ann: ", "Anna: ")


def test_an_empty_line_offers_whoever_spoke_last():
    assert offers("")[0] == "carol: "


def test_an_empty_word_within_a_text_offers_nothing():
    assert offers("hello ") == ()


def test_a_mention_keeps_its_sign():
    assert offers("hi @an") == ("@ann ", "@Anna ")


@pytest.mark.parametrize(("typed", "nick"), [("zo", "Zoë: "), ("ZOË", "Zoë: "), ("田", "田中: ")])
def test_names_of_every_script_are_completed(typed, nick):
    assert offers(typed) == (nick,)


def test_rooms_are_completed_anywhere():
    assert offers("come to #ga") == ("#games ",)


def test_every_command_is_offered_and_takes_a_space_only_if_something_follows():
    assert offers("/") == tuple(
        f"/{name} " if spec.parameters else f"/{name}" for name, spec in COMMANDS.items()
    )
    assert offers("/tim") == ("/time",)


def test_what_a_command_takes_decides_what_is_offered():
    assert offers("/join #") == ("#lobby ", "#games ")
    assert offers("/msg #l") == ("#lobby ",)
    assert offers("/msg car") == ("@carol ",)
    assert offers("/msg @car") == ("@carol ",)
    assert offers("/help ni") == ("nick ",)
    assert offers("/nick ca") == ()
    assert offers("/msg @carol an") == ("ann ", "Anna ")


def test_two_slashes_are_a_text():
    assert offers("//ni") == ()


def test_a_command_is_one_only_at_the_start():
    assert offers("see /ni") == ()


def test_emoji_are_found_by_their_names_the_plainest_first():
    found = complete("ok :thumbs_up", KNOWN)
    assert found.texts[0] == "👍 "
    assert found.labels[0] == "👍 thumbs_up"
    assert offers("ok :thumbs_up:") == found.texts


def test_no_more_are_offered_than_anybody_walks_through():
    assert len(offers(":a")) <= MOST
    assert len(offers(":face")) <= MOST


def test_a_colon_alone_is_not_an_emoji():
    assert offers("at 5 :") == ()
    assert offers(":x") == ()


def test_a_word_that_fits_nothing_offers_nothing():
    assert complete("xyzzy", KNOWN) is None
