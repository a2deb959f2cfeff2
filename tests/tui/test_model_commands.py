"""What is typed with a slash, and where its answer stands."""

from __future__ import annotations

import pytest

from chat_server import wire
from chat_tui.model import (
    HelpWanted,
    QuitWanted,
)
from tests.tui.driven_model import DrivenModel, history
from tests.tui.scripted_server import NOW


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def test_a_mistyped_command_is_told_and_kept(app: DrivenModel) -> None:
    outcome = app.enter("/nikc x")
    assert not outcome.is_taken and app.sent == []
    [row] = app.rows()
    assert row.startswith("! /nikc is not a command") and "/nick" in row


def test_wrong_arguments_are_told_and_kept(app: DrivenModel) -> None:
    outcome = app.enter("/join @lobby")
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


def test_part_shows_the_room_that_was_shown_before_and_not_the_last_of_the_list(app: DrivenModel) -> None:
    app.feed("join #games ann", "join #dev ann", "msg 7 @ann bob: psst")
    app.do(app.model.switch_to("#games"))
    app.do(app.model.switch_to("#dev"))
    app.enter("/part")
    app.feed("part #dev ann")
    assert app.model.current_room == "#games"
    app.enter("/part")
    app.feed("part #games ann")
    assert app.model.current_room == "#lobby" and app.model.rooms["@bob"].unread == 1


def test_a_conversation_that_is_shown_since_a_room_was_left_brings_what_was_said_in_it(
    app: DrivenModel,
) -> None:
    app.feed("begin unread", "unread @bob 1 1 7", "end unread")
    app.take_sent()
    app.enter("/part")
    app.feed("part #lobby ann")
    assert app.model.current_room == "@bob" and app.take_sent()[-1] == "/history 100 @bob"


def test_a_question_takes_nobody_back_to_a_room_he_has_left(app: DrivenModel) -> None:
    app.enter("/part")
    app.feed("part #lobby ann")
    app.take_sent()
    assert not app.enter("/topic").is_taken and app.take_sent() == []
    assert app.rows()[-1] == "! You are not in #lobby; /join #lobby takes you there"


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


def test_the_mark_of_a_room_or_a_person_that_is_known_may_be_left_out(app: DrivenModel) -> None:
    app.feed(
        "join #games ann", "begin who #games", "who #games ann Bob dev", "end who #games", "join #dev ann"
    )
    app.take_sent()
    app.enter("/join chess")
    app.enter("/history games 3")
    app.enter("/history bob")
    app.enter("/read bob")
    app.enter("/read")
    app.enter("/unread 5")
    assert app.take_sent() == [
        "/join #chess",
        "/history 3 #games",
        "/history @bob",
        "/read @bob",
        "/read #lobby",
        "/unread #lobby 5",
    ]
    assert app.enter("/msg bob hi").is_taken and app.take_sent()[0] == "/msg @bob hi"
    assert app.model.current_room == "@bob"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("/msg games hi", "#games"),
        ("/msg dev hi", "@dev or #dev"),
        ("/history dev", "@dev or #dev"),
        ("/msg carol hi", "@carol"),
        ("/read carol", "@carol"),
    ],
)
def test_what_could_be_something_else_is_not_sent_and_kept(app: DrivenModel, typed: str, meant: str) -> None:
    app.feed(
        "join #games ann", "begin who #games", "who #games ann bob dev", "end who #games", "join #dev ann"
    )
    app.take_sent()
    assert not app.enter(typed).is_taken and app.take_sent() == []
    assert app.rows()[-1].endswith(f"(did you mean {meant}?)")


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
    app.feed("begin help", "note /nick NAME", "note /who [TARGET]", "end help")
    assert app.rows() == ["- /nick NAME\u2424/who [TARGET]"]


def test_what_was_found_and_what_is_unread_is_told(app: DrivenModel) -> None:
    app.enter("/search cake from:bob")
    app.feed(
        "begin search cake from:bob before:12",
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
