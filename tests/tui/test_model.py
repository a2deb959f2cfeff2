"""The model: rooms, own lines, people and unread, as the screen will show them."""

from __future__ import annotations

import time

import pytest

from chat_server import wire
from chat_tui.events import Connecting, Lag, Received
from chat_tui.model import (
    CurrentRoomChanged,
    Delivery,
    HelpWanted,
    MessageReplaced,
    MessagesAdded,
    MessagesRemoved,
    MessagesReset,
    Model,
    PeopleChanged,
    QuitWanted,
    RoomRenamed,
    RoomsChanged,
    StatusChanged,
)
from chat_tui.model import room as room_module
from tests.tui.driven_model import DrivenModel
from tests.tui.scripted_server import NOW


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def history(*entries: str, room: str = "#lobby") -> list[str]:
    return [f"begin history {room}", *entries, f"end history {room}"]


# -- connecting


def test_before_any_connection_there_is_a_room_to_type_in() -> None:
    app = DrivenModel(nick=None)
    assert app.model.current_room == "#lobby" and app.model.current is app.model.rooms["#lobby"]
    assert app.model.state == "connecting" and app.model.nick == ""


def test_a_welcome_asks_for_the_nick_and_the_people() -> None:
    app = DrivenModel()
    app.welcome()
    assert app.sent == ["/nick ann", "/who #lobby"]
    assert (app.model.state, app.model.server, app.model.nick) == ("online", "den", "guest-1")
    assert StatusChanged() in app.changes


def test_a_guest_by_choice_asks_for_no_nick() -> None:
    app = DrivenModel(nick=None)
    app.welcome("guest-7")
    assert app.sent == ["/who #lobby"] and app.model.nick == "guest-7"


def test_labels_begin_with_the_run_and_are_all_different() -> None:
    app = DrivenModel()
    app.welcome()
    app.enter("one")
    app.enter("two")
    labels = list(app.labels.values())
    assert all(label.startswith("7f3c-") for label in labels) and len(set(labels)) == len(labels) == 4
    heads = {model._session.asked.label().partition("-")[0] for model in (Model("ann"), Model("ann"))}
    assert len(heads) == 2 and all(len(head) >= 4 for head in heads)


def test_the_room_where_the_server_puts_us_takes_the_place_of_the_first_one() -> None:
    app = DrivenModel()
    app.welcome(room="#welt")
    assert list(app.model.rooms) == ["#welt"] and app.model.current_room == "#welt"
    assert "/who #welt" in app.sent and CurrentRoomChanged("#welt") in app.changes


def test_a_first_room_that_was_used_stays_beside_it() -> None:
    app = DrivenModel()
    app.enter("hello?")
    app.welcome(room="#welt")
    assert list(app.model.rooms) == ["#lobby", "#welt"] and app.model.current_room == "#lobby"
    assert "/join #lobby" in app.sent


def test_a_second_note_after_the_welcome_is_shown() -> None:
    app = DrivenModel()
    app.welcome()
    app.feed("note You are guest-1. Just type.", "note Be kind to one another")
    assert app.rows() == ["- Be kind to one another"]


def test_the_greeting_for_nc_is_not_shown_and_later_notes_are(app: DrivenModel) -> None:
    assert app.rows() == []
    app.feed("note The server restarts at noon")
    assert app.rows() == ["- The server restarts at noon"]


def test_a_lost_connection_is_told_with_its_reason_and_the_time_of_the_next_attempt(app: DrivenModel) -> None:
    app.lose("The connection was cut", 4.0)
    assert (app.model.state, app.model.lost_reason) == ("offline", "The connection was cut")
    assert app.model.retry_at == app.now + 4.0
    app.event(Connecting(3))
    assert (app.model.state, app.model.attempt) == ("connecting", 3)
    app.welcome()
    assert (app.model.state, app.model.lost_reason, app.model.retry_at) == ("online", "", None)


def test_a_connection_that_will_not_come_back_has_no_next_attempt(app: DrivenModel) -> None:
    app.lose("kicked", None)
    assert app.model.retry_at is None


def test_the_lag_is_the_last_one_and_none_without_a_connection(app: DrivenModel) -> None:
    app.event(Lag(0.02))
    assert app.model.lag == 0.02 and app.changes == [StatusChanged()]
    app.lose()
    assert app.model.lag is None


# -- own lines


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


# -- offline and back


def test_what_is_said_offline_is_pending_and_sent_on_the_next_connection(app: DrivenModel) -> None:
    app.lose()
    app.enter("are you there?")
    assert app.rows() == ["ann: are you there? (pending)"] and app.sent == []
    app.welcome()
    assert app.sent == ["/nick ann", "/who #lobby", "/since 0 8Kd2", "/msg #lobby are you there?"]


def test_what_is_said_before_the_first_connection_is_sent_too() -> None:
    app = DrivenModel()
    assert app.enter("hello").is_taken
    app.welcome()
    assert app.sent[-1] == "/msg #lobby hello"


def test_lines_without_an_answer_are_sent_again_in_order_with_their_labels(app: DrivenModel) -> None:
    app.enter("one")
    app.enter("two")
    labels = [app.label("/msg #lobby one"), app.label("/msg #lobby two")]
    app.lose()
    app.enter("three")
    app.welcome()
    assert app.sent == ["/nick ann", "/who #lobby", "/since 0 8Kd2"], "they may be in what was missed"
    app.settle()
    assert app.take_sent()[3:] == ["/msg #lobby one", "/msg #lobby two", "/msg #lobby three"]
    assert [app.label("/msg #lobby one"), app.label("/msg #lobby two")] == labels


def test_a_line_that_the_history_shows_is_not_said_twice(app: DrivenModel) -> None:
    app.enter("one")
    app.enter("two")
    app.lose()
    app.welcome(last=7)
    app.feed(*history("msg 7 #lobby ann: one"))
    assert app.rows() == ["ann: one", "ann: two (pending)"]
    app.settle("msg 7 #lobby ann: one")
    assert app.take_sent()[3:] == ["/msg #lobby two"]


def test_a_line_that_a_later_page_shows_is_not_said_twice(app: DrivenModel) -> None:
    app.enter("one")
    app.lose()
    app.welcome(last=7)
    first, second = "/since 0 8Kd2", "/since 5 8Kd2"
    app.feed("begin since 0", "msg 5 #lobby bob: much", "end since 5 more", f"ok {app.label(first)}")
    assert app.sent[-1] == second, "and the line still waits"
    app.feed("begin since 5", "msg 7 #lobby ann: one", "end since 7", f"ok {app.label(second)}")
    assert app.rows() == ["bob: much", "ann: one"] and app.sent[-1] == second


def test_a_line_that_an_old_history_shows_is_another_one() -> None:
    app = DrivenModel()
    app.enter("hi")
    app.welcome(nick="ann", last=7)
    app.feed(*history("msg 7 #lobby ann: hi"))
    assert app.rows() == ["ann: hi", "ann: hi (pending)"]
    assert app.sent == ["/who #lobby", "/msg #lobby hi"]


def test_a_line_said_while_others_are_held_does_not_overtake_them(app: DrivenModel) -> None:
    app.enter("one")
    app.lose()
    app.welcome()
    app.enter("two")
    app.settle()
    assert app.take_sent()[3:] == ["/msg #lobby one", "/msg #lobby two"]


def test_lines_are_not_held_for_ever(app: DrivenModel) -> None:
    app.enter("one")
    app.lose()
    app.welcome()
    app.take_sent()
    app.tick(59.0)
    assert app.take_sent() == []
    app.tick(1.1)
    assert app.take_sent() == ["/msg #lobby one"]


def test_a_resent_line_that_the_server_had_gets_its_old_id(app: DrivenModel) -> None:
    app.enter("one")
    app.lose()
    app.welcome()
    app.settle("msg 9 #lobby bob: later")
    app.ok("/msg #lobby one", 7)
    assert app.keys() == ["e7", "e9"]


def test_a_reconnection_goes_back_into_every_room_and_ends_in_the_current_one(app: DrivenModel) -> None:
    app.feed("join #games ann", "join #dev ann")
    app.do(app.model.switch_to("#games"))
    app.lose()
    app.welcome()
    assert app.sent == [
        "/nick ann",
        "/join #dev",
        "/join #games",
        "/who #lobby",
        "/who #dev",
        "/who #games",
        "/since 0 8Kd2",
    ]


def test_a_home_room_that_cannot_be_left_is_shown(app: DrivenModel) -> None:
    app.feed("join #games ann", "part #lobby ann")
    app.lose()
    app.welcome()
    app.err("/part #lobby", "internal", "Something broke")
    app.feed("msg 8 #lobby bob: ho")
    assert app.rows("#lobby") == ["bob: ho"]


def test_a_line_said_under_two_nicks_is_found_under_either(app: DrivenModel) -> None:
    app.enter("one")
    app.lose()
    app.welcome()
    app.err("/nick ann", "nick-taken", "ann is taken")
    app.sent.remove("/nick ann")
    app.settle()
    assert app.sent[-1] == "/msg #lobby one"
    app.lose()
    app.welcome("guest-2", last=9)
    app.settle("msg 9 #lobby guest-1: one")
    assert app.rows()[-1] == "guest-1: one" and app.model.unsent == 0


def test_a_home_room_that_was_left_is_left_again(app: DrivenModel) -> None:
    app.feed("join #games ann", "part #lobby ann")
    app.lose()
    app.welcome()
    assert app.sent == ["/nick ann", "/join #games", "/part #lobby", "/who #games", "/since 0 8Kd2"]
    app.feed(*history("msg 7 #lobby bob: hey"), "nick guest-1 ann", "msg 8 #lobby bob: ho", "part #lobby ann")
    assert list(app.model.rooms) == ["#games"]
    app.enter("/join #lobby")
    app.feed("join #lobby ann")
    assert list(app.model.rooms) == ["#games", "#lobby"]


def test_a_room_that_does_not_take_us_back_says_so(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.lose()
    app.welcome()
    app.err("/join #games", "not-allowed", "That room is closed")
    assert app.rows("#games") == ["! That room is closed"] and not app.model.rooms["#games"].is_joined
    app.do(app.model.switch_to("#games"))
    assert not app.enter("hello?").is_taken


def test_replayed_history_shows_every_entry_once_and_in_order(app: DrivenModel) -> None:
    app.feed(*history("msg 3 #lobby bob: three", "msg 5 #lobby bob: five"))
    app.feed("msg 9 #lobby bob: nine")
    app.lose()
    app.welcome(last=11)
    app.feed(
        *history(
            "msg 5 #lobby bob: five",
            "msg 7 #lobby eve: seven",
            "msg 9 #lobby bob: nine",
            "msg 11 #lobby bob: eleven",
        )
    )
    assert app.keys() == ["e3", "e5", "e7", "e9", "e11"]


def test_history_that_does_not_reach_back_to_what_is_shown_says_so(
    app: DrivenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        wire, "COMMANDS", {name: spec for name, spec in wire.COMMANDS.items() if name != "since"}
    )
    app.feed("msg 3 #lobby bob: three")
    app.lose()
    app.welcome(last=60)
    app.feed(*history("msg 59 #lobby bob: so", "msg 60 #lobby bob: much"))
    assert app.rows() == [
        "bob: three",
        "— messages not loaded, click or Enter to load —",
        "bob: so",
        "bob: much",
    ]


def test_replayed_history_never_notifies_and_missed_lines_are_unread() -> None:
    app = DrivenModel()
    app.online()
    app.feed("join #games ann", *history("msg 3 #games bob: ann?", room="#games"))
    assert app.notified() == [] and app.model.rooms["#games"].unread == 0, "the first history is no news"
    app.lose()
    app.welcome(last=5)
    app.feed(*history("msg 3 #games bob: ann?", "msg 5 #games bob: ann!!", room="#games"))
    assert app.notified() == []
    games = app.model.rooms["#games"]
    assert (games.unread, games.mentions, games.unread_from) == (1, 1, "e5")


def test_another_epoch_drops_the_entries_and_keeps_what_is_pending(app: DrivenModel) -> None:
    app.feed("msg 3 #lobby bob: three", "note remember")
    app.enter("one")
    app.lose()
    app.welcome(epoch="new", last=1)
    assert MessagesReset("#lobby") in app.changes
    app.feed(*history("msg 1 #lobby bob: anew"))
    assert app.rows() == ["- remember", "bob: anew", "ann: one (pending)"]
    assert "/msg #lobby one" in app.sent


def test_a_server_with_an_older_copy_of_its_log_is_another_log(app: DrivenModel) -> None:
    app.feed("msg 30 #lobby bob: thirty")
    app.lose()
    app.welcome(last=20)
    app.feed(*history("msg 20 #lobby bob: twenty"), "msg 21 #lobby bob: other")
    assert app.rows() == ["bob: twenty", "bob: other"]


def test_an_answer_that_the_end_of_the_connection_cut_off_leaves_nothing_behind(app: DrivenModel) -> None:
    app.feed("begin who #lobby", "who #lobby carl")
    app.lose()
    app.welcome(last=8)
    assert list(app.model.current.people) == ["ann", "bob"]
    app.feed(*history("msg 7 #lobby bob: seven", "msg 8 #lobby bob: eight"))
    assert app.keys() == ["e7", "e8"]


def test_a_command_that_was_not_answered_is_told(app: DrivenModel) -> None:
    app.enter("/join #games")
    app.lose()
    assert app.rows() == ["! The connection was lost before /join was answered"]


def test_the_server_is_asked_for_what_was_missed(app: DrivenModel) -> None:
    app.feed("msg 41 #lobby bob: before", *history("msg 3 #lobby bob: three"))
    app.enter("mine")
    app.lose()
    app.welcome(last=45)
    assert app.sent == ["/nick ann", "/who #lobby", "/since 41 8Kd2"]
    app.feed("begin since 41", "msg 42 #lobby bob: missed", "msg 43 @ann bob: psst", "end since 43 more")
    assert app.sent[-1] == "/since 43 8Kd2"
    app.feed("begin since 43", "msg 45 #lobby ann: mine", "end since 45")
    assert app.rows() == ["bob: three", "bob: before", "bob: missed", "ann: mine"]
    assert app.rows("@bob") == ["bob: psst"] and app.model.unsent == 0
    app.feed("msg 50 #lobby bob: live")
    app.lose()
    app.welcome(last=50)
    assert app.sent[-1] == "/since 50 8Kd2"


def test_a_first_connection_has_missed_nothing(app: DrivenModel) -> None:
    first = DrivenModel()
    first.welcome(last=1000)
    assert first.sent == ["/nick ann", "/who #lobby"]
    app.lose()
    app.welcome(epoch="new", last=1000)
    assert app.sent == ["/nick ann", "/who #lobby"], "nor has one to another log"


def test_a_server_without_since_is_asked_for_nothing(
    app: DrivenModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        wire, "COMMANDS", {name: spec for name, spec in wire.COMMANDS.items() if name != "since"}
    )
    app.lose()
    app.welcome(last=1000)
    assert app.sent == ["/nick ann", "/who #lobby"]


def test_missed_lines_that_cannot_be_read_are_told(app: DrivenModel) -> None:
    app.lose()
    app.welcome(last=1000)
    app.err("/since 0 8Kd2", "storage-unavailable", "The message store does not answer")
    assert app.rows() == ["! The message store does not answer"]


def test_a_direct_message_that_was_missed_is_news(app: DrivenModel) -> None:
    app.feed("msg 3 #lobby bob: hi")
    app.lose()
    app.welcome(last=5)
    app.settle("msg 4 @ann carl: psst", "msg 5 #lobby bob: ho")
    assert app.model.rooms["@carl"].unread == 1 and app.model.current.unread == 0 and app.notified() == []


# -- the nick


def test_the_nick_is_what_the_server_last_said(app: DrivenModel) -> None:
    assert app.model.nick == "ann"
    app.feed("nick ann anna")
    assert app.model.nick == "anna" and app.rows() == ["- You are anna now"]
    assert StatusChanged() in app.changes


def test_a_taken_nick_is_told_once_and_asked_for_again_a_few_times() -> None:
    app = DrivenModel()
    app.welcome()
    app.err("/nick ann", "nick-taken", "ann is taken; ann2 is free: /nick ann2")
    assert app.model.nick == "guest-1"
    app.take_sent()
    asked = 0
    for _ in range(60):
        app.tick(1.0)
        for line in app.take_sent():
            assert line == "/nick ann"
            asked += 1
            app.err(line, "nick-taken", "ann is taken; ann2 is free: /nick ann2")
    assert asked == 4
    assert app.rows() == ["! ann is taken; ann2 is free: /nick ann2"]
    app.lose()
    app.welcome()
    assert "/nick ann" in app.sent, "a new connection, a new try"


def test_a_nick_that_comes_free_is_taken_and_told() -> None:
    app = DrivenModel()
    app.welcome()
    app.err("/nick ann", "nick-taken", "ann is taken")
    app.take_sent()
    app.tick(5.1)
    assert app.take_sent() == ["/nick ann"]
    app.feed("nick guest-1 ann")
    app.ok("/nick ann")
    assert app.model.nick == "ann" and app.rows() == ["! ann is taken", "- You are ann now"]
    app.tick(60.0)
    assert app.take_sent() == []


def test_a_nick_that_can_never_be_is_not_asked_for_again() -> None:
    app = DrivenModel(nick="admin")
    app.welcome()
    app.err("/nick admin", "bad-nick", "admin is reserved")
    app.take_sent()
    app.tick(60.0)
    assert app.take_sent() == []


def test_a_wish_that_no_line_could_carry_is_told() -> None:
    app = DrivenModel(nick="ann smith")
    app.welcome()
    assert app.sent == ["/who #lobby"]
    assert app.rows() == ["! ann smith cannot be a nick; choose another one: /nick NAME"]


def test_a_nick_that_was_typed_is_wished_for_from_then_on(app: DrivenModel) -> None:
    app.enter("/nick Zoë")
    assert app.take_sent() == ["/nick Zoë"]
    app.feed("nick ann Zoë")
    app.ok("/nick Zoë")
    assert (app.model.nick, app.model.wished_nick) == ("Zoë", "Zoë")
    assert app.rows() == ["- You are Zoë now"]
    app.lose()
    app.welcome()
    assert app.sent[0] == "/nick Zoë"


def test_a_nick_with_a_secret_is_proved_on_every_connection() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    assert app.sent[0] == "/nick ann s3cret"
    app.enter("/nick dee")
    assert app.sent[-1] == "/nick dee"
    app.enter("/nick dee hers")
    app.feed("nick guest-1 dee")
    app.ok("/nick dee hers")
    app.lose()
    app.welcome()
    assert app.sent[0] == "/nick dee hers"


def test_a_secret_that_may_not_be_said_here_is_left_out() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    app.err("/nick ann s3cret", "need-tls", "A secret is taken only over TLS")
    assert app.sent[-1] == "/nick ann" and app.rows() == []
    app.feed("nick guest-1 ann")
    app.ok("/nick ann")
    app.lose()
    app.welcome()
    assert app.sent[0] == "/nick ann s3cret", "the next connection may be a private one"


def test_who_proves_a_name_is_where_he_was_last() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    app.feed(
        "nick guest-1 ann",
        "join #games ann",
        *history("msg 1 #games bob: hi", room="#games"),
        "part #lobby ann",
    )
    assert list(app.model.rooms) == ["#games"] and app.rows() == ["bob: hi"]
    app.enter("/me waves")
    assert app.sent[-2:] == ["/join #games", "/me waves"]


def test_who_proves_a_name_may_be_in_another_current_room_of_the_server() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    app.feed("nick guest-1 ann", "join #games ann", *history(room="#games"))
    app.enter("/me waves")
    assert app.sent[-2:] == ["/join #lobby", "/me waves"]


def test_a_typed_nick_that_is_refused_changes_nothing(app: DrivenModel) -> None:
    app.enter("/nick bob")
    app.err("/nick bob", "nick-taken", "bob is taken; bob2 is free: /nick bob2")
    assert (app.model.nick, app.model.wished_nick) == ("ann", "ann")
    assert app.rows() == ["! bob is taken; bob2 is free: /nick bob2"]
    app.take_sent()
    app.tick(60.0)
    assert app.take_sent() == []


def test_lines_of_the_history_are_ours_once_we_are_who_we_are() -> None:
    app = DrivenModel()
    app.welcome(last=2)
    app.feed(*history("msg 1 #lobby ann: yesterday", "msg 2 #lobby bob: ann, look"))
    for _ in range(2):
        assert [message.is_own for message in app.messages()] == [True, False]
        assert [message.mentions_me for message in app.messages()] == [False, True]
        app.feed("nick guest-1 ann")


def test_lines_of_somebody_who_has_the_wished_nick_are_his() -> None:
    app = DrivenModel()
    app.welcome(last=2)
    app.feed(*history("msg 1 #lobby ann: yesterday"))
    app.err("/nick ann", "nick-taken", "ann is taken")
    assert not app.messages()[0].is_own
    app.enter("hm")
    assert app.rows()[-1] == "guest-1: hm (pending)"


def test_a_line_said_as_a_guest_is_still_ones_own_under_the_nick() -> None:
    app = DrivenModel()
    app.welcome()
    app.err("/nick ann", "nick-taken", "ann is taken")
    app.enter("hm")
    app.feed("msg 7 #lobby guest-1: hm", "nick guest-1 ann")
    assert app.messages()[1].is_own and app.rows()[1] == "guest-1: hm"


def test_a_pending_line_carries_the_nick_of_today(app: DrivenModel) -> None:
    app.enter("hello")
    app.feed("nick ann anna")
    assert app.rows()[-1] == "anna: hello (pending)"
    app.feed("msg 7 #lobby anna: hello")
    assert app.rows() == ["- You are anna now", "anna: hello"]


# -- what is typed with a slash


def test_a_mistyped_command_is_told_and_kept(app: DrivenModel) -> None:
    outcome = app.enter("/nikc x")
    assert not outcome.is_taken and app.sent == []
    [row] = app.rows()
    assert row.startswith("! /nikc is not a command") and "/nick" in row


def test_wrong_arguments_are_told_and_kept(app: DrivenModel) -> None:
    outcome = app.enter("/join lobby")
    assert not outcome.is_taken and app.rows() == ["! /join is used like this: /join ROOM"]


@pytest.mark.parametrize("typed", ["/who", "/nick bob", "/join #games", "/time"])
def test_a_command_without_a_connection_is_kept(app: DrivenModel, typed: str) -> None:
    app.lose()
    outcome = app.enter(typed)
    assert not outcome.is_taken and app.sent == []
    assert app.rows()[-1].startswith("! There is no connection")


def test_help_opens_the_page_and_help_of_one_command_asks_the_server(app: DrivenModel) -> None:
    assert app.enter("/help").changes == [HelpWanted()]
    app.enter("/help nick")
    assert app.take_sent() == ["/help nick"]
    app.feed("note /nick NAME   Call yourself NAME")
    assert app.rows() == ["- /nick NAME   Call yourself NAME"]


@pytest.mark.parametrize("is_online", [True, False])
def test_quit_is_for_the_app(app: DrivenModel, is_online: bool) -> None:
    if not is_online:
        app.lose()
    assert app.enter("/quit so long").changes == [QuitWanted("so long")] and app.sent == []


def test_a_join_shows_the_room_when_the_server_confirms(app: DrivenModel) -> None:
    app.enter("/join #Games")
    assert app.take_sent() == ["/join #Games"] and app.model.current_room == "#lobby"
    app.feed("join #games ann", *history("msg 1 #games bob: hi", room="#games"))
    assert app.model.current_room == "#games" and app.rows() == ["bob: hi"]
    assert app.take_sent() == ["/who #games"]
    app.do(app.model.switch_to("#lobby"))
    app.ok("/join #Games")
    assert app.model.current_room == "#lobby", "the user went on meanwhile"


def test_a_join_that_only_an_ok_confirms_shows_the_room_too(app: DrivenModel) -> None:
    app.enter("/join #games")
    app.ok("/join #games")
    assert app.model.current_room == "#games" and app.take_sent() == ["/join #games", "/who #games"]


def test_a_refused_join_stays_where_one_is(app: DrivenModel) -> None:
    app.enter("/join #bad-")
    app.err("/join #bad-", "bad-room", "A room is made of letters")
    assert list(app.model.rooms) == ["#lobby"] and app.rows() == ["! A room is made of letters"]


def test_a_join_of_a_room_one_is_in_shows_it(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.take_sent()
    app.enter("/join #GAMES")
    assert app.model.current_room == "#games" and app.take_sent() == []


def test_a_room_entered_on_another_device_is_there_and_not_in_the_way(app: DrivenModel) -> None:
    app.feed("join #games ann")
    assert list(app.model.rooms) == ["#lobby", "#games"] and app.model.current_room == "#lobby"
    assert app.take_sent() == ["/who #games"]


def test_part_leaves_the_room_that_is_shown(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.do(app.model.switch_to("#games"))
    app.take_sent()
    app.enter("/part")
    assert app.take_sent() == ["/part #games"] and "#games" in app.model.rooms
    app.feed("part #games ann")
    assert list(app.model.rooms) == ["#lobby"] and app.model.current_room == "#lobby"


def test_the_last_room_stays_on_the_screen_after_it_was_left(app: DrivenModel) -> None:
    app.enter("/part")
    app.feed("part #lobby ann")
    assert app.model.current_room == "#lobby" and not app.model.current.is_joined
    assert app.rows() == ["- You left #lobby; /join #lobby takes you back"] and app.model.current.people == {}
    assert not app.enter("hello?").is_taken
    app.enter("/join #lobby")
    app.feed("join #lobby ann")
    assert app.model.current.is_joined and app.enter("hello!").is_taken


def test_being_thrown_out_is_told_with_the_reason(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.do(app.model.switch_to("#games"))
    app.feed("part #games ann kicked by bob")
    assert app.model.current_room == "#lobby"
    assert app.rows() == ["- You left #games (kicked by bob); /join #games takes you back"]


def test_a_room_with_a_line_on_its_way_stays_until_the_line_is_settled(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.do(app.model.switch_to("#games"))
    app.enter("wait")
    app.feed("part #games ann")
    app.err("/msg #games wait", "not-in-room", "You are not in #games")
    assert app.rows("#games")[-1] == "ann: wait (failed)"
    assert app.do(app.model.leave("#games")) and "#games" in app.model.rooms
    app.do(app.model.drop(app.keys("#games")[-1]))
    app.do(app.model.leave("#games"))
    assert list(app.model.rooms) == ["#lobby"]


def test_part_of_a_room_one_is_not_in_is_kept(app: DrivenModel) -> None:
    assert not app.enter("/part #games").is_taken
    assert app.rows() == ["! You are not in #games"]


def test_a_room_is_meant_in_whatever_case_it_is_typed(app: DrivenModel) -> None:
    app.enter("/msg #Lobby hello")
    assert app.take_sent() == ["/msg #lobby hello"] and app.rows() == ["ann: hello (pending)"]


def test_a_text_for_a_room_one_is_not_in_is_kept(app: DrivenModel) -> None:
    assert not app.enter("/msg #games hello").is_taken
    assert app.rows() == ["! You are not in #games; /join #games takes you there"]


def test_a_command_about_a_room_is_about_the_one_that_is_shown(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.do(app.model.switch_to("#games"))
    app.take_sent()
    app.enter("/topic chess")
    assert app.take_sent() == ["/join #games", "/topic chess"]
    app.enter("/who")
    app.enter("/history 50")
    app.enter("/history")
    assert app.take_sent() == ["/who #games", "/history 50 #games", "/history 20 #games"]
    app.do(app.model.open_direct("bob"))
    assert app.take_sent() == ["/history 100 @bob"], "what was said before"
    app.enter("/history")
    assert app.take_sent() == ["/history 20 @bob"] and not app.enter("/topic chess").is_taken


def test_answers_stand_where_the_question_was_typed(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.take_sent()
    app.enter("/time")
    app.enter("/rooms")
    app.enter("/who")
    app.do(app.model.switch_to("#games"))
    app.feed("time Sunday, 22 November 2026, 16:53:00 UTC")
    app.ok("/time")
    app.feed("begin rooms", f"room #lobby 12 {wire.format_time(NOW - 300)} All and nothing")
    app.feed("room #games 1 -", f"room #old 0 {wire.format_time(NOW - 3 * 86400)}", "end rooms")
    app.ok("/rooms")
    app.feed("begin who #lobby", "who #lobby @ann bob ~carol", "end who #lobby")
    app.ok("/who #lobby")
    app.enter("/nick x")
    app.err("/nick x", "bad-nick", "No")
    assert app.rows("#lobby") == [
        "- Sunday, 22 November 2026, 16:53:00 UTC",
        "- #lobby  12 people, last word 5 minutes ago  All and nothing\u2424"
        "#games  1 person\u2424#old  nobody now, last word 3 days ago",
        "- 3 people in #lobby: ann (operator), bob, carol (away)",
    ]
    assert app.rows("#games") == ["! No"]


def test_a_typed_ping_is_answered_and_a_stray_pong_is_not_shown(app: DrivenModel) -> None:
    app.enter("/ping tea")
    app.feed("pong tea")
    app.ok("/ping tea")
    app.feed("pong coffee")
    assert app.rows() == ["- pong tea"]


def test_an_error_without_a_label_is_shown(app: DrivenModel) -> None:
    app.feed("err line-too-long - That line is longer than 4096 bytes")
    assert app.rows() == ["! That line is longer than 4096 bytes"]


def test_the_answer_to_help_is_one_row(app: DrivenModel) -> None:
    app.feed("begin help", "note /nick NAME", "note /who [ROOM]", "end help")
    assert app.rows() == ["- /nick NAME\u2424/who [ROOM]"]


def test_what_was_found_and_what_is_unread_is_told(app: DrivenModel) -> None:
    app.enter("/search cake from:bob")
    app.feed(
        "begin search cake from:bob",
        "msg 7 #lobby bob: cake?",
        "msg 9 @ann bob: no cake",
        "end search 2 more",
    )
    app.feed("begin search tea", "end search 0")
    app.feed("begin unread", "unread #lobby 3 1 7", "end unread", "begin unread", "end unread")
    assert app.rows() == [
        "- Found for cake from:bob; older ones: /search cake from:bob before:7\u2424"
        "2026-11-22  7  #lobby bob: cake?\u24242026-11-22  9  @ann bob: no cake",
        "- Nothing was found for tea",
        "- #lobby  3 unread, 1 for you",
        "- You have read everything",
    ]


# -- answers, edits, deletes


def test_an_answer_waits_like_any_line(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: tea?", "join #games ann")
    app.do(app.model.switch_to("#games"))
    app.take_sent()
    app.enter("/reply 7 yes")
    assert app.take_sent() == ["/reply 7 yes"]
    assert app.rows("#lobby") == ["bob: tea?", "ann: yes (pending)"] and app.messages("#lobby")[1].ref == 7
    app.feed("msg 8 #lobby ann: yes")
    assert app.rows("#lobby")[1:] == ["ann: yes", "ann: yes (pending)"], "that one answers nothing"
    app.feed("msg 9 #lobby ann ^7: yes")
    app.ok("/reply 7 yes", 9)
    assert app.rows("#lobby") == ["bob: tea?", "ann: yes", "ann: yes"] and app.messages("#lobby")[2].ref == 7


def test_an_answer_to_something_that_is_not_here_is_sent_all_the_same(app: DrivenModel) -> None:
    app.enter("/reply 7 yes")
    assert app.take_sent() == ["/reply 7 yes"] and app.rows() == []


def test_an_edit_and_a_delete_change_the_row_they_are_about(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: tea at four", "edit 8 #lobby bob ^7: tea at five")
    [row] = app.messages()
    assert (row.key, row.text, row.is_edited) == ("e7", "tea at five", True)
    app.feed("delete 10 #lobby bob ^7:", "edit 11 #lobby bob ^7: back", "edit 12 #lobby bob ^99: what")
    assert app.rows() == []


def test_a_history_with_edits_shows_the_last_text(app: DrivenModel) -> None:
    app.feed(
        *history(
            "msg 7 #lobby bob: tea at four", "edit 9 #lobby bob ^7: tea at five", "edit 8 #lobby bob ^7: x"
        )
    )
    assert app.rows() == ["bob: tea at five"]


# -- conversations with one person


def test_a_direct_message_opens_a_conversation(app: DrivenModel) -> None:
    app.enter("/msg @BOB psst")
    assert app.take_sent() == ["/msg @bob psst"], "his nick as he writes it"
    assert app.model.current_room == "@bob" and app.rows() == ["ann: psst (pending)"]
    app.feed("msg 7 @bob ann: psst", "msg 8 @ann bob: what?")
    assert app.rows() == ["ann: psst", "bob: what?"]
    app.enter("nothing")
    assert app.take_sent() == ["/msg @bob nothing"]


def test_a_direct_message_from_somebody_waits_in_the_list_and_notifies(app: DrivenModel) -> None:
    app.feed("msg 7 @ann carl: psst")
    assert app.model.current_room == "#lobby" and app.rows("@carl") == ["carl: psst"]
    assert app.model.rooms["@carl"].is_direct and app.model.rooms["@carl"].unread == 1
    assert app.notified() == ["psst"]


def test_nobody_of_that_name_fails_the_line(app: DrivenModel) -> None:
    app.enter("/msg @nobody hello")
    app.err("/msg @nobody hello", "no-such-nick", "Nobody here is called nobody")
    assert app.rows("@nobody") == ["ann: hello (failed)"]


def test_a_conversation_follows_the_person_to_his_new_nick(app: DrivenModel) -> None:
    app.enter("/msg @bob psst")
    app.lose()
    app.feed("nick bob rob")
    assert RoomRenamed("@bob", "@rob") in app.changes and app.model.current_room == "@rob"
    app.welcome()
    app.settle()
    assert app.sent[-1] == "/msg @rob psst"


def test_what_one_said_under_an_old_nick_to_somebody_of_that_nick_is_with_him(app: DrivenModel) -> None:
    app.feed("nick ann eve", "nick bob ann")
    app.enter("/msg @ann hello")
    app.feed("msg 7 @ann eve: hello", "msg 8 @eve ann: hi")
    assert app.rows("@ann") == ["eve: hello", "ann: hi"] and "@eve" not in app.model.rooms


def test_a_conversation_is_opened_and_closed_without_the_server(app: DrivenModel) -> None:
    app.do(app.model.open_direct("bob"))
    assert app.model.current_room == "@bob" and app.take_sent() == ["/history 100 @bob"]
    assert not app.enter("/me waves").is_taken and not app.enter("/who").is_taken
    app.enter("/part")
    assert list(app.model.rooms) == ["#lobby"] and app.sent == []


# -- people


def test_who_is_a_snapshot_that_replaces(app: DrivenModel) -> None:
    lobby = app.model.current
    assert list(lobby.people) == ["ann", "bob"] and lobby.people_count == 2
    app.feed("begin who #lobby", "who #lobby @ann carl", "who #lobby ~dee", "end who #lobby")
    assert list(lobby.people) == ["ann", "carl", "dee"]
    assert lobby.people["ann"].is_operator and lobby.people["dee"].is_away
    assert app.changes == [PeopleChanged("#lobby")]
    assert app.rows() == [], "the model asked, not the user"


def test_comings_goings_and_marks_change_the_people(app: DrivenModel) -> None:
    lobby = app.model.current
    app.feed("join #lobby carl")
    assert list(lobby.people) == ["ann", "bob", "carl"] and PeopleChanged("#lobby") in app.changes
    app.feed("part #lobby bob", "nick carl karl", "away karl at lunch")
    assert list(lobby.people) == ["ann", "karl"] and lobby.people["karl"].is_away
    app.feed("away karl")
    assert not lobby.people["karl"].is_away and lobby.people_count == 2


def test_somebody_who_is_there_already_cannot_come(app: DrivenModel) -> None:
    app.feed("join #lobby bob")
    assert app.rows() == [] and list(app.model.current.people) == ["ann", "bob"]


def test_a_rename_reaches_every_room(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.who("#games", "ann bob")
    app.feed("nick bob rob", "nick ann anna")
    assert [list(room.people) for room in app.model.rooms.values()] == [["rob", "anna"], ["rob", "anna"]]


def test_a_crowd_is_only_counted(app: DrivenModel) -> None:
    app.feed("people #lobby 300")
    lobby = app.model.current
    assert lobby.people_count == 300 and lobby.is_crowd and app.changes == [PeopleChanged("#lobby")]
    app.tick()
    assert app.take_sent() == ["/who #lobby"], "its names are not the ones that are shown"
    names = " ".join(f"p{number}" for number in range(300))
    app.who("#lobby", names)
    assert len(lobby.people) == 300
    app.feed("join #lobby carl", "part #lobby p1")
    assert app.rows() == [], "nothing is told of who comes to a crowd"
    app.feed("people #lobby 310")
    for _ in range(58):
        app.tick()
    assert app.take_sent() == []
    for _ in range(3):
        app.tick()
    assert app.take_sent() == ["/who #lobby"]


def test_the_names_of_ten_thousand_are_not_asked_for_again_and_again(app: DrivenModel) -> None:
    app.feed("people #lobby 10000")
    for _ in range(100):
        app.tick(10)
    assert app.take_sent() == []


def test_events_of_rooms_one_is_not_in_change_nothing(app: DrivenModel) -> None:
    app.feed("join #games bob", "part #games bob", "people #games 4", "begin who #games", "end who #games")
    assert list(app.model.rooms) == ["#lobby"] and app.rows() == []


# -- comings and goings as a row


def test_a_burst_is_one_row_that_grows_in_place(app: DrivenModel) -> None:
    app.feed("join #lobby carl")
    [key] = app.keys()
    changes = app.feed("join #lobby dee")
    assert MessageReplaced("#lobby", key, app.messages()[0]) in changes
    app.feed("part #lobby bob", "nick dee eve", "nick carl karl")
    assert app.rows() == ["~ karl and eve joined, bob left"] and app.keys() == [key]


def test_a_burst_ends_where_somebody_speaks(app: DrivenModel) -> None:
    app.feed("join #lobby carl", "msg 7 #lobby carl: hi", "join #lobby dee")
    assert app.rows() == ["~ carl joined", "carl: hi", "~ dee joined"]


def test_a_pending_line_does_not_end_a_burst(app: DrivenModel) -> None:
    app.feed("join #lobby carl")
    app.enter("hello")
    app.feed("join #lobby dee")
    assert app.rows() == ["~ carl and dee joined", "ann: hello (pending)"]


def test_a_burst_ends_after_a_while(app: DrivenModel) -> None:
    app.feed("join #lobby carl")
    app.now += 601
    app.feed("join #lobby dee")
    assert app.rows() == ["~ carl joined", "~ dee joined"]


def test_many_names_are_counted(app: DrivenModel) -> None:
    app.feed(*(f"join #lobby p{number}" for number in range(6)))
    assert app.rows() == ["~ p0, p1, p2 and 3 others joined"]


def test_who_passes_through_or_comes_back_is_told_so(app: DrivenModel) -> None:
    app.feed("join #lobby carl", "part #lobby carl", "part #lobby bob", "join #lobby bob")
    assert app.rows() == ["~ carl came and went, bob left and came back"]


def test_a_rename_there_and_back_leaves_no_row(app: DrivenModel) -> None:
    app.feed("nick bob rob")
    assert app.rows() == ["~ bob is now rob"]
    app.feed("nick rob bob")
    assert app.rows() == []


def test_a_parting_word_is_told(app: DrivenModel) -> None:
    app.feed("part #lobby bob gone fishing")
    assert app.rows() == ["~ bob left (gone fishing)"]


def test_ones_own_coming_is_no_row(app: DrivenModel) -> None:
    app.feed("join #lobby ann")
    assert app.rows() == []


def test_a_guest_who_takes_a_name_while_coming_has_only_joined(app: DrivenModel) -> None:
    app.feed("join #lobby guest-9", "nick guest-9 carl")
    assert app.rows() == ["~ carl joined"]


# -- unread


def test_what_is_said_elsewhere_is_unread_until_it_is_shown(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.feed("msg 7 #games bob: hi", "msg 8 #games bob: Ann, look!", "act 9 #games bob: waits")
    games = app.model.rooms["#games"]
    assert (games.unread, games.mentions, games.unread_from) == (3, 1, "e7")
    assert app.model.unread == 3 and RoomsChanged() in app.changes and app.notified() == ["Ann, look!"]
    app.do(app.model.switch_to("#games"))
    assert (games.unread, games.mentions, games.unread_from) == (0, 0, "e7"), (
        "the line stays while one is there"
    )
    app.do(app.model.switch_to("#lobby"))
    assert games.unread_from is None


def test_what_is_said_in_sight_is_not_unread_but_may_notify(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: ann?")
    assert app.model.unread == 0 and app.notified() == ["ann?"]


def test_while_nobody_looks_the_current_room_gathers_unread_too(app: DrivenModel) -> None:
    app.do(app.model.look(False))
    app.feed("msg 7 #lobby bob: hi")
    assert (app.model.unread, app.model.current.unread_from) == (1, "e7")
    app.do(app.model.look(True))
    assert (app.model.unread, app.model.current.unread_from) == (0, "e7")
    app.do(app.model.look(False))
    assert app.model.current.unread_from is None


def test_ones_own_lines_are_never_unread_nor_mentions(app: DrivenModel) -> None:
    app.feed("join #games ann", "msg 7 #games ann: ann says ann")
    assert app.model.unread == 0 and app.notified() == []
    [message] = app.messages("#games")
    assert message.is_own and not message.mentions_me


def test_a_topic_is_shown_and_kept(app: DrivenModel) -> None:
    app.feed("topic 7 #lobby bob: All about ann")
    assert app.model.current.topic == "All about ann" and app.rows() == ["~ bob set the topic: All about ann"]
    assert app.model.unread == 0
    app.feed("topic 8 #lobby bob:")
    assert app.model.current.topic == "" and app.rows()[-1] == "~ bob took the topic away"


def test_the_server_may_know_better_what_is_unread(app: DrivenModel) -> None:
    app.feed("join #games ann", "unread #games 12 2 41", "unread #lobby 5 0 3", "unread #nowhere 1 1 1")
    games = app.model.rooms["#games"]
    assert (games.unread, games.mentions, games.unread_from) == (12, 2, "e41")
    assert app.model.current.unread == 0
    app.feed("unread #games 0 0 50")
    assert (games.unread, games.mentions, games.unread_from) == (0, 0, None)


# -- much


def test_a_batch_of_entries_is_one_change(app: DrivenModel) -> None:
    events = [
        Received(wire.Entry(NOW, "msg", number, "#lobby", "bob", f"line {number}"))
        for number in range(1, 2001)
    ]
    [change] = app.event(*events)
    assert isinstance(change, MessagesAdded) and len(change.messages) == 2000


def test_a_very_long_log_loses_its_oldest_rows(app: DrivenModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "ROWS", 100)
    app.enter("pending")
    for number in range(1, 250):
        app.feed(f"msg {number} #lobby bob: line {number}")
        assert len(app.messages()) <= 110
    assert app.keys()[-2] == "e249" and app.rows()[-1] == "ann: pending (pending)"
    app.feed(*history("msg 3 #lobby bob: line 3", "msg 249 #lobby bob: line 249"))
    assert app.keys()[0] != "e3", "what was given up is not shown as news"


def test_a_hundred_thousand_rows_cost_no_more_each_than_a_thousand() -> None:
    model = Model("ann", clock=lambda: NOW)

    def seconds_for(first: int, last: int) -> float:
        began = time.perf_counter()
        for number in range(first, last):
            model.apply(Received(wire.Entry(NOW, "msg", number, "#lobby", "bob", f"line {number}")))
        return (time.perf_counter() - began) / (last - first)

    few = seconds_for(1, 1000)
    seconds_for(1000, 99_000)
    many = seconds_for(99_000, 100_000)
    assert len(model.current.messages) == 99_999
    assert many < few * 10, f"{few * 1e6:.0f} µs, then {many * 1e6:.0f} µs"
