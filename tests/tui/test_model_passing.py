"""Answers and errors, which stand among what people say until they were read."""

from __future__ import annotations

import pytest

from tests.tui.driven_model import DrivenModel


def begun() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def notes(app: DrivenModel, room: str = "#lobby") -> list[str]:
    return [row.text for row in app.model.rooms[room].messages if row.kind in ("notice", "error")]


def ask_time(app: DrivenModel) -> None:
    app.enter("/time")
    app.feed("time It is noon")


def go_to_games(app: DrivenModel) -> None:
    app.enter("/join #games")
    app.feed("join #games ann")


def test_an_answer_goes_with_the_next_thing_one_says() -> None:
    app = begun()
    ask_time(app)
    assert notes(app) == ["It is noon"]
    app.now += 10
    app.enter("so late")
    assert notes(app) == []


def test_an_error_goes_with_the_next_command_and_they_do_not_pile_up() -> None:
    app = begun()
    for word in ("/nikc", "/whoo", "/tiem"):
        app.enter(word)
        assert len(notes(app)) == 1
        app.now += 10


def test_what_was_not_in_sight_long_enough_to_be_read_stays() -> None:
    app = begun()
    app.enter("/nikc bob")
    app.now += 1
    app.enter("hello")
    assert len(notes(app)) == 1, "that was a moment after it came"
    app.now += 10
    app.do(app.model.look(True, False))
    app.enter("hello again")
    assert len(notes(app)) == 1, "one was scrolled up"
    app.do(app.model.look(True, True))
    app.now += 1
    app.enter("and again")
    assert len(notes(app)) == 1, "it came in sight just now"
    app.do(app.model.look(False, True))
    app.now += 10
    app.enter("and again, in a terminal without the focus")
    app.do(app.model.look(True, True))
    assert len(notes(app)) == 1
    app.now += 10
    app.enter("so")
    assert notes(app) == []


def test_they_go_when_one_goes_to_another_room_and_come_not_back() -> None:
    app = begun()
    go_to_games(app)
    ask_time(app)
    app.now += 1
    app.do(app.model.switch_to("#lobby"))
    assert notes(app, "#games") == ["It is noon"], "not read yet"
    app.now += 10
    app.do(app.model.switch_to("#games"))
    app.do(app.model.switch_to("#lobby"))
    assert notes(app, "#games") == ["It is noon"], "one only came through"
    app.do(app.model.switch_to("#games"))
    app.now += 10
    app.do(app.model.switch_to("#lobby"))
    assert notes(app, "#games") == []


def test_the_same_error_again_is_one_row() -> None:
    app = begun()
    for number in range(5):
        app.enter(f"/join #room-{number}")
        app.err(f"/join #room-{number}", "not-allowed", "You are in 50 rooms already; /part one first")
    assert notes(app) == ["You are in 50 rooms already; /part one first"]


def test_what_nobody_asked_for_stays() -> None:
    app = begun()
    app.feed("note The server goes down at noon")
    app.do(app.model.note("The secret could not be kept", "error"))
    app.now += 10
    app.enter("hello")
    assert notes(app) == ["The server goes down at noon", "The secret could not be kept"]


@pytest.mark.parametrize("line", ["/rooms", "/who", "/unread"])
def test_a_long_answer_goes_as_well(line: str) -> None:
    app = begun()
    app.enter(line)
    name = line[1:]
    arguments = " #lobby" if name == "who" else ""
    body = {"rooms": "room #lobby 1 -", "who": "who #lobby ann", "unread": "unread #lobby 3 1 7"}[name]
    app.feed(f"begin {name}{arguments}", body, f"end {name}{arguments}")
    assert len(notes(app)) == 1
    app.now += 10
    app.enter("thanks")
    assert notes(app) == []


def test_esc_takes_them_away_at_once_where_the_end_is_in_sight() -> None:
    app = begun()
    app.enter("/nikc bob")
    app.do(app.model.look(True, False))
    app.do(app.model.catch_up())
    assert len(notes(app)) == 1, "it only brought one to the end"
    app.do(app.model.look(True, True))
    app.do(app.model.catch_up())
    assert notes(app) == []
