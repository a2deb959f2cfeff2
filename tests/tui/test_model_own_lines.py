"""The user's own lines: pending, sent or failed, each once and in its place."""

from __future__ import annotations

import pytest

from chat_tui.model import (
    Delivery,
    MessageReplaced,
    MessagesAdded,
    MessagesRemoved,
)
from tests.tui.driven_model import DrivenModel, history
from tests.tui.scripted_server import NOW


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def test_an_own_line_is_pending_until_its_ok(app: DrivenModel) -> None:
    outcome = app.enter("hello")
    assert outcome.is_taken and app.take_sent() == ["/msg #lobby hello"]
    [message] = app.messages()
    assert message.delivery is Delivery.PENDING and message.is_own and message.nick == "ann"
    assert message.key == "p" + app.label("/msg #lobby hello") and app.model.unsent == 1
    changes = app.ok("/msg #lobby hello", 7)
    [row] = app.messages()
    assert changes == [MessageReplaced("#lobby", message.key, row)]
    assert (row.key, row.id, row.delivery) == ("e7", 7, Delivery.SENT) and app.model.unsent == 0


def test_the_echo_after_the_ok_adds_nothing(app: DrivenModel) -> None:
    app.enter("hello")
    app.ok("/msg #lobby hello", 7)
    assert app.feed("msg 7 #lobby ann: hello") == []
    assert app.rows() == ["ann: hello"]


def test_the_echo_tells_the_right_second(app: DrivenModel) -> None:
    app.enter("hello")
    app.ok("/msg #lobby hello", 7)
    app.feed("msg 7 #lobby ann: hello", at=NOW - 1)
    assert [message.at for message in app.messages()] == [NOW - 1]


def test_the_ok_after_the_echo_adds_nothing(app: DrivenModel) -> None:
    app.enter("hello")
    key = app.messages()[0].key
    changes = app.feed("msg 7 #lobby ann: hello")
    assert changes == [MessageReplaced("#lobby", key, app.messages()[0])]
    assert app.rows() == ["ann: hello"] and app.messages()[0].is_own
    assert app.ok("/msg #lobby hello", 7) == []
    assert app.rows() == ["ann: hello"] and app.model.unsent == 0


def test_an_ok_without_an_id_waits_for_the_echo(app: DrivenModel) -> None:
    app.enter("hello")
    app.ok("/msg #lobby hello")
    assert app.rows() == ["ann: hello"]
    app.feed("msg 7 #lobby ann: hello")
    assert app.rows() == ["ann: hello"] and app.keys() == ["e7"]


def test_two_equal_lines_are_two(app: DrivenModel) -> None:
    app.enter("hi")
    first = app.label("/msg #lobby hi")
    app.enter("hi")
    second = app.label("/msg #lobby hi")
    app.feed("msg 7 #lobby ann: hi")
    assert app.rows() == ["ann: hi", "ann: hi (pending)"]
    app.feed(f"ok {first} 7", f"ok {second} 8", "msg 8 #lobby ann: hi")
    assert app.rows() == ["ann: hi", "ann: hi"] and app.keys() == ["e7", "e8"]


def test_an_entry_older_than_the_line_is_not_its_echo(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: first")
    app.enter("hi")
    app.feed(*history("msg 5 #lobby ann: hi", "msg 7 #lobby bob: first"))
    assert app.rows() == ["ann: hi", "bob: first", "ann: hi (pending)"]


def test_what_others_say_meanwhile_stands_above_the_pending_line(app: DrivenModel) -> None:
    app.enter("hello")
    key = app.messages()[0].key
    changes = app.feed("msg 7 #lobby bob: hey")
    assert changes == [MessagesAdded("#lobby", (app.messages()[0],), key)]
    assert app.rows() == ["bob: hey", "ann: hello (pending)"]
    app.ok("/msg #lobby hello", 8)
    assert app.rows() == ["bob: hey", "ann: hello"]


def test_an_id_below_what_is_shown_already_moves_the_line_to_its_place(app: DrivenModel) -> None:
    app.enter("hello")
    key = app.messages()[0].key
    app.feed("msg 8 #lobby bob: hey")
    changes = app.ok("/msg #lobby hello", 7)
    assert changes == [
        MessagesRemoved("#lobby", (key,)),
        MessagesAdded("#lobby", (app.messages()[0],), "e8"),
    ]
    assert app.keys() == ["e7", "e8"]


def test_a_refused_line_has_failed_and_says_why(app: DrivenModel) -> None:
    app.enter("hello")
    app.err("/msg #lobby hello", "muted", "You are muted here")
    [message] = app.messages()
    assert message.delivery is Delivery.FAILED and message.reason == "You are muted here"
    assert app.model.unsent == 1


def test_a_line_that_was_taken_for_said_and_is_refused_comes_back(app: DrivenModel) -> None:
    app.enter("hello")
    app.feed("msg 7 #lobby ann: hello")
    app.err("/msg #lobby hello", "muted", "You are muted here")
    assert app.rows() == ["ann: hello", "ann: hello (failed)"], "that one came from another device"


def test_a_failed_line_can_be_sent_again(app: DrivenModel) -> None:
    app.enter("hello")
    app.err("/msg #lobby hello")
    [key] = app.keys()
    app.take_sent()
    app.do(app.model.retry(key))
    assert app.take_sent() == ["/msg #lobby hello"] and app.rows() == ["ann: hello (pending)"]
    assert app.messages()[0].reason == ""
    app.ok("/msg #lobby hello", 9)
    assert app.rows() == ["ann: hello"]


def test_a_failed_line_can_be_dropped(app: DrivenModel) -> None:
    app.enter("hello")
    app.err("/msg #lobby hello")
    [key] = app.keys()
    assert app.do(app.model.drop(key)) == [MessagesRemoved("#lobby", (key,))]
    assert app.rows() == [] and app.model.unsent == 0


def test_a_line_that_the_server_may_have_can_be_neither_retried_nor_dropped(app: DrivenModel) -> None:
    app.enter("hello")
    [key] = app.keys()
    app.take_sent()
    assert app.model.retry(key) == [] and app.model.drop(key) == [] and app.sent == []
    assert app.model.retry("e1") == [] and app.model.drop("nonsense") == []
    assert app.rows() == ["ann: hello (pending)"]


def test_a_line_that_was_never_sent_can_be_dropped(app: DrivenModel) -> None:
    app.lose()
    app.enter("hello")
    app.do(app.model.drop(app.keys()[0]))
    app.welcome()
    assert app.rows() == [] and "/msg #lobby hello" not in app.sent


def test_a_failed_line_stays_below_what_is_said_later(app: DrivenModel) -> None:
    app.enter("one")
    app.err("/msg #lobby one")
    app.enter("two")
    app.ok("/msg #lobby two", 7)
    app.feed("msg 8 #lobby bob: hey")
    assert app.rows() == ["ann: two", "bob: hey", "ann: one (failed)"]


def test_a_text_is_sent_as_it_will_be_echoed(app: DrivenModel) -> None:
    app.enter("  two\nlines\t\x1b[31mred  \n\n")
    assert app.take_sent() == ["/msg #lobby two\u2424lines [31mred"]
    app.feed("msg 7 #lobby ann: two\u2424lines [31mred")
    assert app.rows() == ["ann: two\u2424lines [31mred"]


def test_a_double_slash_says_a_slash(app: DrivenModel) -> None:
    app.enter("//shrug")
    assert app.take_sent() == ["/msg #lobby /shrug"]


@pytest.mark.parametrize("typed", ["", "   ", "\n\n"])
def test_nothing_typed_is_nothing_said(app: DrivenModel, typed: str) -> None:
    outcome = app.enter(typed)
    assert not outcome.is_taken and outcome.changes == []


def test_a_text_that_is_too_long_is_kept_and_told(app: DrivenModel) -> None:
    outcome = app.enter("ä" * 2000)
    assert not outcome.is_taken and app.sent == []
    assert app.rows() == ["! That text has 4000 bytes and 3500 fit into one message; send it in parts"]


def test_a_change_of_rooms_does_not_misdirect_a_line(app: DrivenModel) -> None:
    app.lose()
    app.enter("for the lobby")
    app.do(app.model.open_direct("bob"))
    app.welcome()
    assert app.sent[-1] == "/msg #lobby for the lobby"


def test_an_act_is_done_in_the_room_that_is_shown(app: DrivenModel) -> None:
    app.enter("/me waves")
    assert app.take_sent() == ["/me waves"]
    app.feed("join #games ann")
    app.do(app.model.switch_to("#games"))
    app.take_sent()
    app.enter("/me dances")
    assert app.take_sent() == ["/join #games", "/me dances"]
    app.enter("/me sings")
    assert app.take_sent() == ["/me sings"]
    app.feed("act 7 #games ann: dances")
    assert app.rows() == ["* ann dances", "* ann sings (pending)"]
    assert app.rows("#lobby") == ["* ann waves (pending)"]


def test_a_room_that_the_model_went_to_for_an_act_is_not_shown_for_it(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.do(app.model.switch_to("#games"))
    app.enter("/me dances")
    app.do(app.model.switch_to("#lobby"))
    app.enter("/me waves")
    app.take_sent()
    app.feed("join #games ann", *history(room="#games"))
    app.ok("/join #games")
    assert app.model.current_room == "#lobby"
    app.enter("/me sings")
    assert app.take_sent() == ["/me sings"]


def test_only_so_many_lines_are_in_flight_at_once(app: DrivenModel) -> None:
    for number in range(20):
        app.enter(f"line {number}")
    assert app.take_sent() == [f"/msg #lobby line {number}" for number in range(8)]
    app.ok("/msg #lobby line 0", 1)
    app.feed("msg 2 #lobby ann: line 1")
    app.err("/msg #lobby line 2")
    assert app.take_sent() == ["/msg #lobby line 8", "/msg #lobby line 9", "/msg #lobby line 10"]


def test_slow_down_is_a_pause_and_not_a_failure(app: DrivenModel) -> None:
    for number in range(3):
        app.enter(f"line {number}")
    app.take_sent()
    for number in range(3):
        app.err(f"/msg #lobby line {number}", "slow-down", "Too many lines at once; wait 1 s")
    assert app.rows() == [f"ann: line {number} (pending)" for number in range(3)]
    app.tick(1.0)
    assert app.take_sent() == []
    app.tick(1.1)
    assert app.take_sent() == ["/msg #lobby line 0"], "one at a time until the server takes them again"
    app.err("/msg #lobby line 0", "slow-down", "wait")
    app.tick(3.9)
    assert app.take_sent() == []
    app.tick(0.2)
    assert app.take_sent() == ["/msg #lobby line 0"]
    app.ok("/msg #lobby line 0", 1)
    assert app.take_sent() == ["/msg #lobby line 1", "/msg #lobby line 2"]


def test_a_line_that_has_to_slow_down_is_not_taken_for_its_equal(app: DrivenModel) -> None:
    app.enter("hi")
    app.err("/msg #lobby hi", "slow-down", "wait")
    app.feed("msg 7 #lobby ann: hi")
    assert app.rows() == ["ann: hi", "ann: hi (pending)"], "that one was said by another device"
    app.tick(2.1)
    assert app.take_sent()[-1] == "/msg #lobby hi"


def test_a_line_that_was_taken_for_said_and_has_to_slow_down_is_said_after_all(app: DrivenModel) -> None:
    app.enter("hi")
    app.feed("msg 7 #lobby ann: hi")
    app.take_sent()
    app.err("/msg #lobby hi", "slow-down", "wait")
    assert app.rows() == ["ann: hi", "ann: hi (pending)"], "that one was said by another device"
    app.tick(2.1)
    assert app.take_sent() == ["/msg #lobby hi"]
    app.ok("/msg #lobby hi", 8)
    assert app.rows() == ["ann: hi", "ann: hi"] and app.keys() == ["e7", "e8"]
