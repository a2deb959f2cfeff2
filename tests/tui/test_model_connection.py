"""Connecting: what is asked first, where one is put, what is told of the connection."""

from __future__ import annotations

import pytest

from chat_tui.events import Connecting, Lag
from chat_tui.model import (
    CurrentRoomChanged,
    Model,
    StatusChanged,
)
from tests.tui.driven_model import DrivenModel


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


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
