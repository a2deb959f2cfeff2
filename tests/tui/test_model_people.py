"""Who is there, and the rows that tell who came and went."""

from __future__ import annotations

import pytest

from chat_tui.model import (
    MessageReplaced,
    PeopleChanged,
)
from tests.tui.driven_model import DrivenModel


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


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


def test_a_burst_ends_with_the_connection(app: DrivenModel) -> None:
    app.feed("part #lobby bob", "join #lobby bob")
    app.lose()
    app.welcome()
    app.settle()
    app.feed("join #lobby bob")
    assert app.rows() == ["~ bob left and came back", "~ bob joined"], (
        "and not “bob joined, bob left and came back”"
    )


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
    app.feed(*(f"join #lobby p{number}" for number in range(4)))
    assert app.rows() == ["~ p0, p1, p2 and p3 joined"]
    app.feed("join #lobby p4", "part #lobby bob")
    assert app.rows() == ["~ 5 people joined, bob left"]
    app.feed(*(f"nick p{number} q{number}" for number in range(5)))
    assert app.rows() == ["~ 5 people joined, bob left"]


def test_many_new_names_are_counted(app: DrivenModel) -> None:
    app.who("#lobby", "ann p0 p1 p2 p3 p4")
    app.feed(*(f"nick p{number} q{number}" for number in range(5)))
    assert app.rows() == ["~ 5 people changed names"]


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


def test_an_app_that_logs_in_has_only_joined(app: DrivenModel) -> None:
    app.feed("join #lobby guest-9", "part #lobby guest-9 is carl", "join #lobby carl")
    assert app.rows() == ["~ carl joined"]
    app.feed("join #lobby guest-9", "part #lobby guest-9 is carl")
    assert app.rows() == ["~ carl joined"], "a second device of somebody who is here"


def test_a_second_device_of_somebody_who_is_here_leaves_no_row(app: DrivenModel) -> None:
    app.feed("join #lobby guest-9", "part #lobby guest-9 is bob")
    assert app.rows() == []


def test_an_app_that_comes_back_left_and_came_back(app: DrivenModel) -> None:
    app.feed("part #lobby bob", "join #lobby guest-9", "part #lobby guest-9 is bob", "join #lobby bob")
    assert app.rows() == ["~ bob left and came back"]


def test_a_guest_who_was_here_and_proves_a_name_is_told_of(app: DrivenModel) -> None:
    app.feed(
        "join #lobby guest-9", "msg 7 #lobby guest-9: hi", "part #lobby guest-9 is carl", "join #lobby carl"
    )
    assert app.rows()[2:] == ["~ carl joined, guest-9 left (is carl)"]


def test_nobody_hides_that_he_was_here_by_a_parting_word(app: DrivenModel) -> None:
    app.feed(
        "join #lobby dee", "part #lobby dee is bob", "join #lobby guest-9", "part #lobby guest-9 is bob now"
    )
    assert app.rows() == ["~ dee and guest-9 came and went"]


def test_who_leaves_and_comes_back_by_way_of_a_guest_s_name_left_and_came_back(app: DrivenModel) -> None:
    app.feed("part #lobby bob", "join #lobby guest-7", "nick guest-7 bob")
    assert app.rows() == ["~ bob left and came back"] and "bob" in app.model.current.people
    app.feed("part #lobby bob", "join #lobby guest-8", "nick guest-8 bob")
    assert app.rows() == ["~ bob left and came back"]
    app.feed("part #lobby bob")
    assert app.rows() == ["~ bob left"]


def test_who_comes_twice_by_way_of_a_guest_s_name_has_joined(app: DrivenModel) -> None:
    app.feed("join #lobby guest-7", "nick guest-7 carl", "part #lobby carl")
    app.feed("join #lobby guest-8", "nick guest-8 carl")
    assert app.rows() == ["~ carl joined"]


def test_somebody_who_was_here_and_takes_the_name_of_one_who_left_is_another(app: DrivenModel) -> None:
    app.feed("join #lobby guest-3", "msg 1 #lobby guest-3: hi", "part #lobby bob", "nick guest-3 bob")
    assert app.rows()[-1] == "~ bob left, guest-3 is now bob"
