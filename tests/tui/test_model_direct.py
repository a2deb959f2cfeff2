"""Conversations with one person."""

from __future__ import annotations

import pytest

from chat_tui.model import (
    RoomRenamed,
)
from tests.tui.driven_model import DrivenModel


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


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
    app.lose()
    app.enter("/msg @bob psst")
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
    assert not app.enter("/me waves").is_taken
    app.enter("/part")
    assert list(app.model.rooms) == ["#lobby"] and app.sent == []
