"""A connection that was lost: nothing is missed, nothing is said twice, and what changed is told."""

from __future__ import annotations

import pytest

from chat_server import wire
from chat_tui.model import (
    MessagesReset,
)
from tests.tui.driven_model import DrivenModel, history


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


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


# -- what only has an echo


@pytest.fixture
def proved() -> DrivenModel:
    """Somebody whose name is proved, with a line in flight."""
    app = DrivenModel("ann", secrets={"ann": "xyzzy"})
    app.welcome("guest-1")
    app.settle()
    app.take_sent()
    app.enter("hi")
    assert app.take_sent() == ["/msg #lobby hi"]
    return app


def again(app: DrivenModel, *missed: str) -> list[str]:
    """The connection is lost and comes back; what is sent then, after the first lines."""
    app.lose()
    app.welcome("guest-1", last=7)
    app.settle(*missed)
    return [line for line in app.take_sent() if line.startswith("/msg")]


@pytest.mark.parametrize("is_live", [True, False])
def test_a_line_with_an_echo_and_no_ok_is_said_again_under_its_label(
    proved: DrivenModel, is_live: bool
) -> None:
    label = proved.label("/msg #lobby hi")
    echo = "msg 7 #lobby ann: hi"
    if is_live:
        proved.feed(echo)
    assert again(proved, echo) == ["/msg #lobby hi"] and proved.label("/msg #lobby hi") == label
    assert proved.rows() == ["ann: hi"] and proved.model.unsent == 0
    proved.ok("/msg #lobby hi", 7)
    assert proved.rows() == ["ann: hi"], "it was its own"
    assert again(proved) == []


def test_an_echo_that_was_of_another_device_is_followed_by_its_own(proved: DrivenModel) -> None:
    proved.feed("msg 7 #lobby ann: hi")
    again(proved)
    proved.feed("msg 8 #lobby ann: hi")
    proved.ok("/msg #lobby hi", 8)
    assert proved.rows() == ["ann: hi", "ann: hi"] and again(proved) == []


def test_it_goes_before_what_was_said_after_it(proved: DrivenModel) -> None:
    proved.feed("msg 7 #lobby ann: hi")
    proved.enter("and so on")
    assert again(proved) == ["/msg #lobby hi", "/msg #lobby and so on"]


def test_a_guest_says_nothing_again_that_has_an_echo(app: DrivenModel) -> None:
    """His label means nothing on another connection: it would be said twice."""
    app.enter("hi")
    app.feed("msg 7 #lobby ann: hi")
    assert again(app) == []


def test_nor_does_somebody_who_was_a_guest_when_he_said_it(proved: DrivenModel) -> None:
    proved.enter("/nick annie")
    proved.feed("nick ann annie")
    proved.ok("/nick annie")
    proved.enter("ho")
    proved.feed("msg 7 #lobby annie: ho")
    proved.enter("/nick ann xyzzy")
    proved.feed("nick annie ann")
    proved.ok("/nick ann xyzzy")
    assert "/msg #lobby ho" not in again(proved)
