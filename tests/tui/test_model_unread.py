"""What is unread: kept by the server for a name of one's own, the same on all devices; by the app for guests."""

from __future__ import annotations

import pytest

from tests.tui.driven_model import DrivenModel
from tests.tui.scripted_server import NOW


@pytest.fixture
def guest() -> DrivenModel:
    app = DrivenModel()
    app.online()
    app.feed("join #games ann")
    app.take_sent()
    return app


@pytest.fixture
def app() -> DrivenModel:
    """Somebody whose name is proved, before he is told what is unread."""
    app = DrivenModel("ann", secrets={"ann": "xyzzy"})
    app.welcome("guest-1")
    app.feed("begin history #lobby", "end history #lobby", "note You are guest-1")
    app.feed("nick guest-1 ann", "join #games ann", "begin history #games", "end history #games")
    app.feed("here #lobby")
    app.ok("/nick ann xyzzy")
    assert app.take_sent()[-1] == "/unread"
    return app


BIG = ("join #big ann", "begin history #big", "msg 11 #big bob: hi", "end history #big more")
"""A room of which only the last message is loaded."""


def counts(app: DrivenModel, room: str) -> tuple[int, int, str | None]:
    state = app.model.rooms[room]
    return state.unread, state.mentions, state.unread_from


def answer_unread(app: DrivenModel, *lines: str) -> None:
    app.feed("begin unread", *lines, "end unread")
    app.ok("/unread")


def test_the_server_s_counts_hold_after_login_and_open_conversations(app: DrivenModel) -> None:
    app.feed(*BIG)
    answer_unread(app, "unread #big 9 2 1", "unread @bob 1 1 2")
    assert counts(app, "#big") == (9, 2, "e1") and counts(app, "@bob") == (1, 1, "e2")
    assert app.rows() == ["- 10 unread since 16:53, 3 for you: Alt-A"], "nobody asked for a list"
    assert app.model.unread == 10


def test_what_is_unread_elsewhere_is_summed_up_in_one_row_at_the_start_only(app: DrivenModel) -> None:
    app.feed("msg 3 #lobby bob: one", *BIG)
    answer_unread(app, "unread #lobby 1 0 3", "unread #big 999 0 1", "unread @bob 0 0 5")
    assert app.rows() == ["bob: one", "- 999+ unread since 16:53: Alt-A"]
    app.lose()
    reconnect(app, "unread #big 999 0 1")
    app.enter("/unread")
    answer_unread(app, "unread #big 999 0 1")
    assert [row for row in app.rows() if "unread since" in row] == ["- 999+ unread since 16:53: Alt-A"]


def test_after_a_lost_connection_only_what_came_since_is_summed_up(app: DrivenModel) -> None:
    app.feed(*BIG)
    answer_unread(app, "unread #big 2 1 1")
    app.lose()
    app.lose("Nobody answers")
    reconnect(app, "unread #lobby 3 0 3", "unread #big 5 2 1", "unread @bob 1 1 9")
    assert app.rows() == [
        "- 2 unread since 16:53, 1 for you: Alt-A",
        "- 4 more elsewhere, 2 for you: Alt-A",
    ]
    app.lose()
    reconnect(app, "unread #big 5 2 1", "unread @bob 1 1 9")
    app.lose()
    reconnect(app, "unread #big 1 0 8")
    assert len(app.rows()) == 2


def test_nothing_is_summed_up_where_all_that_is_unread_is_in_the_room_that_is_shown(app: DrivenModel) -> None:
    app.feed("msg 3 #lobby bob: one")
    answer_unread(app, "unread #lobby 1 0 3")
    assert app.rows() == ["bob: one"]


def test_what_is_loaded_is_not_counted_twice_while_it_is_on_its_way(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("unread #games 1 0 3", "msg 3 #games bob: hi")
    assert counts(app, "#games") == (1, 0, "e3")
    app.feed("msg 4 #games bob: ann?", "unread #games 0 0 4")
    assert counts(app, "#games") == (1, 1, "e4")


def test_what_another_device_has_read_is_read_here(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #games bob: hi", "msg 4 #games bob: hi ann")
    assert counts(app, "#games") == (2, 1, "e3")
    app.feed("unread #games 1 1 4")
    assert counts(app, "#games") == (1, 1, "e4")
    app.feed("unread #games 0 0 5")
    assert counts(app, "#games") == (0, 0, None)


def test_what_was_read_while_away_is_not_in_the_answer_and_read(app: DrivenModel) -> None:
    app.feed("msg 3 #games bob: hi")
    answer_unread(app)
    assert counts(app, "#games") == (0, 0, None)


def test_an_answer_to_me_counts_as_a_mention_also_after_the_server_s_count(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #games ann: tea?", "msg 4 #games bob ^3: yes", "unread #games 1 0 4")
    assert counts(app, "#games") == (1, 1, "e4")


def test_reading_is_told_at_most_every_two_seconds_and_only_at_the_end(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one")
    app.tick()
    assert app.take_sent() == ["/read #lobby 3"]
    app.feed("unread #lobby 0 0 4")
    app.ok("/read #lobby 3")
    app.feed("msg 4 #lobby bob: two")
    app.tick()
    assert app.take_sent() == []
    app.feed("msg 5 #lobby bob: three")
    app.tick()
    assert app.take_sent() == ["/read #lobby 5"], "and both at once"
    app.do(app.model.look(True, False))
    app.feed("msg 6 #lobby bob: four")
    app.tick(5)
    assert app.take_sent() == [] and counts(app, "#lobby") == (1, 0, "e6")
    app.do(app.model.look(True, True))
    app.tick()
    assert app.take_sent() == ["/read #lobby 6"] and counts(app, "#lobby")[0] == 0


def test_the_line_goes_to_what_is_new_once_that_all_before_it_was_read(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #games bob: one")
    app.do(app.model.switch_to("#games"))
    assert counts(app, "#games") == (0, 0, "e3")
    app.do(app.model.look(True, False))
    app.feed("msg 4 #games bob: two", "msg 5 #games bob: three")
    assert counts(app, "#games") == (2, 0, "e4")


def test_nothing_is_read_without_somebody_who_looks(app: DrivenModel) -> None:
    answer_unread(app)
    app.do(app.model.look(False))
    app.feed("msg 3 #lobby bob: one")
    app.tick(5)
    assert app.take_sent() == [] and counts(app, "#lobby") == (1, 0, "e3")


def test_what_is_marked_unread_stays_so_until_the_room_is_left(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one", "msg 4 #lobby ann: mine", "msg 5 #lobby bob: ann!")
    app.tick()
    app.ok("/read #lobby 5")
    app.take_sent()
    app.do(app.model.mark_unread_from("e3"))
    assert app.take_sent() == ["/unread #lobby 3"] and counts(app, "#lobby") == (2, 1, "e3")
    app.feed("unread #lobby 2 1 3")
    app.ok("/unread #lobby 3")
    app.tick(5)
    assert app.take_sent() == [] and counts(app, "#lobby") == (2, 1, "e3")
    app.do(app.model.switch_to("#games"))
    assert counts(app, "#lobby") == (2, 1, "e3")
    app.do(app.model.switch_to("#lobby"))
    app.tick(5)
    assert app.take_sent() == ["/read #lobby 5"] and counts(app, "#lobby")[0] == 0


def test_a_mark_below_which_nobody_else_has_said_anything_is_none(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed(
        "msg 3 #lobby bob: one", "msg 4 #lobby ann: mine", "msg 5 #lobby bob: two", "msg 6 #lobby ann: last"
    )
    app.tick()
    app.take_sent()
    app.do(app.model.mark_unread_from("e6"))
    assert app.changes == [] and app.take_sent() == [] and counts(app, "#lobby") == (0, 0, None)
    app.do(app.model.mark_unread_from("e4"))
    assert app.take_sent() == ["/unread #lobby 4"] and counts(app, "#lobby") == (1, 0, "e5")


def test_a_mark_of_another_device_shows_in_the_room_that_is_looked_at(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one", "msg 5 #lobby bob: two")
    app.tick()
    app.feed("unread #lobby 0 0 6")
    app.ok("/read #lobby 5")
    app.take_sent()
    app.feed("unread #lobby 2 0 3")
    app.tick(5)
    assert counts(app, "#lobby") == (2, 0, "e3") and app.take_sent() == []


def reconnect(app: DrivenModel, *unread: str) -> list[str]:
    """A new connection of somebody whose name is proved; what is sent behind its first lines, the lists of unread
    included and answered."""
    app.welcome("guest-2", last=9)
    first = app.sent.copy()
    for bare in first:
        if bare.startswith("/since"):
            app.feed(f"begin since {bare.split()[1]}", f"end since {bare.split()[1]}")
        if bare.startswith("/nick"):
            app.feed("nick guest-2 ann")
        app.ok(bare)
    sent = [bare for bare in app.take_sent() if bare not in first]
    answer_unread(app, *unread)
    app.tick(5)
    return sent + app.take_sent()


def test_what_was_read_while_offline_is_told_on_the_next_connection(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #games bob: one", "msg 4 #games bob: two")
    app.lose()
    app.do(app.model.switch_to("#games"))
    app.do(app.model.switch_to("#lobby"))
    app.tick(5)
    assert reconnect(app, "unread #games 2 0 3") == ["/unread", "/read #games 4"]
    assert counts(app, "#games")[0] == 0


def test_what_was_read_in_passing_is_told_although_the_room_was_left_at_once(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #games bob: one")
    app.do(app.model.switch_to("#games"))
    app.do(app.model.switch_to("#lobby"))
    app.tick()
    assert app.take_sent() == ["/read #games 3"]


def test_what_was_marked_while_offline_is_told_first_on_the_next_connection(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one", "msg 4 #lobby bob: ann!")
    app.tick()
    app.ok("/read #lobby 4")
    app.lose()
    app.do(app.model.mark_unread_from("e3"))
    app.tick(5)
    assert reconnect(app, "unread #lobby 2 1 3") == ["/unread #lobby 3", "/unread"]
    assert counts(app, "#lobby") == (2, 1, "e3")
    app.feed("unread #lobby 2 1 3")
    app.ok("/unread #lobby 3")
    app.lose()
    assert reconnect(app, "unread #lobby 2 1 3") == ["/unread"], "once is enough"
    assert counts(app, "#lobby") == (2, 1, "e3")


def test_nothing_is_told_to_be_read_before_it_is_known_what_other_devices_marked(app: DrivenModel) -> None:
    app.feed("msg 3 #lobby bob: one")
    app.tick(5)
    assert app.take_sent() == []
    answer_unread(app, "unread #lobby 1 0 3")
    app.do(app.model.look(True))
    app.tick()
    assert app.take_sent() == ["/read #lobby 3"]


def test_what_was_told_before_a_mark_was_taken_does_not_undo_it(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one", "msg 4 #lobby bob: two")
    app.do(app.model.mark_unread_from("e3"))
    app.take_sent()
    app.feed("unread #lobby 0 0 5")
    app.tick(5)
    assert app.take_sent() == [] and counts(app, "#lobby") == (2, 0, "e3")
    app.feed("unread #lobby 2 0 3")
    app.ok("/unread #lobby 3")
    assert counts(app, "#lobby") == (2, 0, "e3")


def test_a_mark_whose_answer_was_lost_is_told_again(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one")
    app.do(app.model.mark_unread_from("e3"))
    app.lose()
    assert reconnect(app, "unread #lobby 1 0 3")[0] == "/unread #lobby 3"


def test_who_comes_back_to_what_he_marked_while_offline_has_read_it(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one")
    app.tick()
    app.ok("/read #lobby 3")
    app.lose()
    app.do(app.model.mark_unread_from("e3"))
    app.do(app.model.switch_to("#games"))
    app.do(app.model.switch_to("#lobby"))
    assert reconnect(app) == ["/unread"] and counts(app, "#lobby")[0] == 0


def test_what_another_device_marked_meanwhile_is_not_read_by_what_was_seen_here(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #games bob: one", "msg 4 #games bob: two")
    app.do(app.model.switch_to("#games"))
    app.tick()
    app.feed("unread #games 0 0 5")
    app.ok("/read #games 4")
    app.feed("msg 5 #games bob: three")
    app.lose()
    assert reconnect(app, "unread #games 3 0 3") == ["/unread"]
    assert counts(app, "#games") == (3, 0, "e3")


def test_what_another_device_marked_and_then_read_is_read_here_too(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one", "msg 4 #lobby bob: two")
    app.tick()
    app.ok("/read #lobby 4")
    app.feed("unread #lobby 2 0 3")
    assert counts(app, "#lobby")[0] == 2
    app.feed("unread #lobby 0 0 5")
    assert counts(app, "#lobby")[0] == 0
    app.feed("msg 5 #lobby bob: three")
    app.take_sent()
    app.tick(5)
    assert app.take_sent() == ["/read #lobby 5"], "and is read on"


def test_a_device_that_is_behind_takes_nothing_back(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #games bob: one", "msg 4 #games bob: two", "msg 5 #games bob: three")
    app.feed("unread #games 0 0 6")
    app.do(app.model.switch_to("#games"))
    app.tick(5)
    assert app.take_sent() == []


def test_what_the_server_was_too_busy_for_is_told_later(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one")
    app.tick()
    app.err("/read #lobby 3", "slow-down")
    app.tick(5)
    assert app.take_sent() == ["/read #lobby 3"]
    app.tick(10)
    assert app.take_sent() == ["/read #lobby 3"]
    app.ok("/read #lobby 3")
    app.do(app.model.mark_unread_from("e3"))
    assert app.take_sent() == ["/unread #lobby 3"]
    app.err("/unread #lobby 3", "slow-down")
    app.tick(5)
    assert app.take_sent() == []
    app.tick(10)
    assert app.take_sent() == ["/unread #lobby 3"]
    app.feed("msg 4 #games bob: two")
    app.err("/unread #lobby 3", "not-in-room", "You are not in #lobby")
    app.do(app.model.switch_to("#games"))
    app.tick(5)
    assert app.take_sent() == ["/read #games 4"], "the other rooms are kept on"


def test_a_mark_that_was_typed_holds_like_one_that_was_made(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one", "msg 4 #lobby bob: two")
    app.tick()
    app.feed("unread #lobby 0 0 5")
    app.ok("/read #lobby 4")
    app.take_sent()
    app.enter("/unread 3")
    assert app.take_sent() == ["/unread #lobby 3"]
    app.feed("unread #lobby 2 0 3")
    app.ok("/unread #lobby 3")
    app.tick(5)
    assert app.take_sent() == [] and counts(app, "#lobby") == (2, 0, "e3")


def test_the_conversations_of_before_are_listed_at_the_start_and_one_that_is_closed_stays_closed(
    app: DrivenModel,
) -> None:
    answer_unread(app, "unread @bob 0 0 5", "unread @hal 0 0 4")
    assert {"@bob", "@hal"} <= set(app.model.rooms)
    assert counts(app, "@bob") == (0, 0, None)
    app.model.rooms.pop("@hal")
    app.enter("/unread")
    answer_unread(app, "unread @bob 0 0 5", "unread @hal 0 0 4")
    assert "@hal" not in app.model.rooms
    assert app.rows()[-1] == "- You have read everything"


def test_the_unread_of_one_room_is_told_and_leaves_the_others_alone(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #games bob: hi", "join #den ann", "msg 4 #den bob: ho")
    app.enter("/unread #games")
    app.feed("begin unread #games", "unread #games 1 0 3", "end unread #games")
    app.ok("/unread #games")
    assert app.rows()[-1] == "- #games  1 unread, 0 for you"
    assert counts(app, "#games")[0] == counts(app, "#den")[0] == 1


def test_who_leaves_says_at_once_what_he_has_read(app: DrivenModel) -> None:
    answer_unread(app)
    app.feed("msg 3 #lobby bob: one")
    app.do(app.model.tell_last())
    assert app.take_sent() == ["/read #lobby 3"]


def test_a_message_that_is_taken_back_is_not_unread_any_more(guest: DrivenModel) -> None:
    guest.feed("msg 3 #games bob: hi ann", "msg 4 #games bob: two", "delete 5 #games bob ^3:")
    assert counts(guest, "#games") == (1, 0, "e4")


def test_edits_and_reactions_are_never_unread(guest: DrivenModel) -> None:
    guest.feed("msg 3 #games bob: hi")
    guest.do(guest.model.switch_to("#games"))
    guest.do(guest.model.switch_to("#lobby"))
    guest.feed("edit 4 #games bob ^3: hi ann", "react 5 #games bob ^3: 👍")
    assert counts(guest, "#games") == (0, 0, None) and guest.notified() == []


def test_a_guest_keeps_count_by_himself_and_tells_nobody(guest: DrivenModel) -> None:
    guest.feed("msg 3 #games bob: hi", "msg 4 #lobby bob: ho")
    guest.tick(5)
    assert guest.take_sent() == [] and counts(guest, "#games") == (1, 0, "e3")
    guest.do(guest.model.mark_unread_from("e4"))
    assert guest.take_sent() == [] and counts(guest, "#lobby") == (1, 0, "e4")


def test_a_server_that_keeps_no_marks_is_not_asked_again(app: DrivenModel) -> None:
    app.err("/unread", "not-allowed", "Only who has a name of his own is kept track of")
    app.feed("msg 3 #lobby bob: one")
    app.tick(5)
    assert app.rows() == ["bob: one"] and app.take_sent() == []


@pytest.mark.parametrize(
    ("days", "since"), [(0, "16:53"), (1, "21 Nov"), (300, "26 Jan"), (400, "18 Oct 2025")]
)
def test_the_row_at_the_start_says_since_when(app: DrivenModel, days: int, since: str) -> None:
    app.feed("begin unread")
    app.feed("unread @bob 2 2 5", at=NOW - days * 86_400)
    app.feed("unread @dave 1 1 9", "end unread")
    app.ok("/unread")
    assert app.rows() == [f"- 3 unread since {since}, 3 for you: Alt-A"]
