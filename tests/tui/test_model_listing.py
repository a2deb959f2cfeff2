"""The rooms of the server, and topics that were set long before what is loaded."""

from __future__ import annotations

import pytest

from chat_server import wire
from tests.tui.driven_model import DrivenModel, history
from tests.tui.scripted_server import NOW


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def ask(app: DrivenModel, seconds: float = 1.0, *, is_wanted: bool = False) -> list[str]:
    """What is sent when the app says that time went by."""
    app.now += seconds
    app.do(app.model.list_rooms(app.now, is_wanted=is_wanted))
    return app.take_sent()


def answer(app: DrivenModel, *rooms: str) -> None:
    app.feed("begin rooms", *rooms, "end rooms")
    app.ok("/rooms")


def listed(app: DrivenModel) -> list[tuple[str, int]]:
    return [(line.room, line.count) for line in app.model.listed_rooms]


def test_the_rooms_are_asked_for_once_on_each_connection_and_not_shown(app: DrivenModel) -> None:
    assert ask(app) == ["/rooms"] and ask(app, 60) == []
    answer(app, f"room #games 3 {wire.format_time(NOW)} Chess", "room #lobby 2 -")
    assert listed(app) == [("#games", 3), ("#lobby", 2)] and app.model.lists_all_rooms
    assert app.rows() == [] and list(app.model.rooms) == ["#lobby"]
    app.lose()
    assert ask(app) == [] and listed(app), "what is known stays"
    app.online(last=5)
    assert ask(app) == ["/rooms"]


def test_rooms_that_the_server_only_counts_may_be_there(app: DrivenModel) -> None:
    ask(app)
    answer(app, "room #lobby 2 -", "note and 7 more; /join takes you into any that you know")
    assert listed(app) == [("#lobby", 2)] and not app.model.lists_all_rooms


def test_the_topic_comes_with_the_rooms_when_its_entry_is_not_loaded(app: DrivenModel) -> None:
    assert app.model.current.topic == ""
    ask(app)
    answer(app, "room #lobby 2 - Games night on Friday")
    assert app.model.current.topic == "Games night on Friday"
    ask(app, 10, is_wanted=True)
    answer(app, "room #lobby 2 -")
    assert app.model.current.topic == "", "it was taken away"


def test_a_topic_that_the_server_cut_does_not_take_the_place_of_the_whole_one(app: DrivenModel) -> None:
    app.feed("topic 7 #lobby bob: Games night on Friday")
    ask(app)
    answer(app, "room #lobby 2 - Games ni…")
    assert app.model.current.topic == "Games night on Friday"
    ask(app, 10, is_wanted=True)
    answer(app, "room #lobby 2 - Chess ni…")
    assert app.model.current.topic == "Chess ni…"


def test_they_are_asked_for_again_when_a_room_is_entered_and_when_they_are_wanted(app: DrivenModel) -> None:
    ask(app)
    answer(app, "room #lobby 2 -")
    app.feed("join #games ann", *history(room="#games"))
    app.take_sent()
    assert ask(app, 1) == [], "not so soon"
    assert ask(app, 5) == ["/rooms"]
    assert ask(app, 60, is_wanted=True) == [], "the answer is on its way"
    answer(app, "room #lobby 2 -", "room #games 1 - Chess")
    assert app.model.rooms["#games"].topic == "Chess"
    assert ask(app, 0, is_wanted=True) == ["/rooms"]
    answer(app, "room #lobby 2 -")
    assert ask(app, 1, is_wanted=True) == [] and ask(app, 5) == ["/rooms"]


def test_typed_rooms_are_shown_also_while_the_app_asks(app: DrivenModel) -> None:
    ask(app)
    own = app.label("/rooms")
    app.enter("/rooms")
    app.feed("begin rooms", "room #lobby 1 -", "end rooms", f"ok {own}")
    assert app.rows() == []
    answer(app, "room #lobby 2 -")
    assert app.rows() == ["- #lobby  2 people"] and listed(app) == [("#lobby", 2)]


def test_a_server_that_is_asked_too_much_is_left_alone_for_a_while(app: DrivenModel) -> None:
    ask(app)
    app.err("/rooms", "slow-down", "Not so fast")
    assert app.rows() == [] and ask(app, 20) == [] and ask(app, 11) == ["/rooms"]
    app.err("/rooms", "internal", "Something broke")
    assert app.rows() == [] and ask(app, 60) == []
