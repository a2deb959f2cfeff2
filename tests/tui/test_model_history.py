"""Older messages, gaps, jumps and searches: what is missing is seen, and comes when it is asked for."""

from __future__ import annotations

import pytest

from chat_tui.model import Change, Found, HistoryLoaded, JumpReady, Send
from tests.tui.driven_model import DrivenModel
from tests.tui.kept_log import ROOM, KeptLog

GAP = "— messages not loaded, click or Enter to load —"
LOADING = "— loading messages … —"
NOT_LOADED = "— not loaded, click or Enter tries again: "


@pytest.fixture
def app() -> DrivenModel:
    return DrivenModel()


@pytest.fixture
def server(app: DrivenModel) -> KeptLog:
    """Twenty messages; the app is shown the last three."""
    server = KeptLog(app)
    for number in range(1, 21):
        server.do("msg", "bob", f"line {number}")
    server.connect()
    return server


def ids(app: DrivenModel) -> list[int | None]:
    return [row.id for row in app.messages(ROOM)]


def of(kind: type[Change], changes: list[Change]) -> list[Change]:
    return [change for change in changes if isinstance(change, kind)]


def test_scrolling_up_loads_page_after_page_until_the_beginning(app: DrivenModel, server: KeptLog) -> None:
    room = app.model.rooms[ROOM]
    assert ids(app) == [18, 19, 20] and room.has_older
    changes = app.do(app.model.load_older(ROOM))
    assert app.take_sent() == [f"/history 100 {ROOM} 18"] and room.is_loading
    assert of(HistoryLoaded, changes) and app.rows()[:2] == [LOADING, "bob: line 18"]
    assert app.do(app.model.load_older(ROOM)) == [], "one page at a time"
    app.take_sent_with_labels()
    server.history(18, 4)
    assert ids(app) == [14, 15, 16, 17, 18, 19, 20]
    assert not room.is_loading and HistoryLoaded(ROOM) in app.changes
    server.load_all()
    assert ids(app) == list(range(1, 21)) and not room.has_older
    assert app.do(app.model.load_older(ROOM)) == []


def test_older_messages_are_no_news_and_stand_above_what_the_app_noted(
    app: DrivenModel, server: KeptLog
) -> None:
    app.now += 60
    app.do(app.model.look(False))
    server.load_all()
    assert app.model.current.unread == 0 and app.notified() == []
    assert ids(app) == list(range(1, 21))


def test_a_page_that_is_refused_says_why_in_its_place_and_can_be_asked_for_again(
    app: DrivenModel, server: KeptLog
) -> None:
    app.do(app.model.load_older(ROOM))
    app.err(f"/history 100 {ROOM} 18", "slow-down", "Too many lines at once")
    assert app.rows()[:2] == [NOT_LOADED + "Too many lines at once —", "bob: line 18"]
    assert not app.model.current.is_loading and HistoryLoaded(ROOM) in app.changes
    assert app.do(app.model.load_older(ROOM)) == [], "a wheel that turns on does not ask on and on"
    assert of(Send, app.do(app.model.load_gap(app.keys()[0])))
    assert app.rows()[0] == LOADING
    server.load_all()
    assert ids(app) == list(range(1, 21))


def test_a_page_that_was_on_its_way_when_the_connection_was_lost_can_be_asked_for_again(
    app: DrivenModel, server: KeptLog
) -> None:
    app.do(app.model.load_older(ROOM))
    server.lose()
    assert not app.model.current.is_loading and HistoryLoaded(ROOM) in app.changes
    assert app.rows()[0] == NOT_LOADED + "the connection was lost —"
    for ask in (app.model.load_older, lambda room: app.model.load_gap("g0")):
        assert not of(Send, app.do(ask(ROOM))), "there is nobody to ask"
        assert app.rows()[0] == NOT_LOADED + "no connection —"
    server.connect()
    assert of(Send, app.do(app.model.load_older(ROOM))), "scrolling up is enough"
    server.load_all()
    assert ids(app) == list(range(1, 21))


def test_a_gap_that_is_refused_says_why_until_its_messages_come(app: DrivenModel) -> None:
    server, gap = with_a_gap(app)
    app.do(app.model.load_gap(gap))
    app.err(f"/history 100 {ROOM} 118", "slow-down", "Too many lines at once")
    assert app.rows()[50] == NOT_LOADED + "Too many lines at once —" and app.keys()[50] == gap
    app.do(app.model.load_gap(gap))
    assert app.rows()[50] == LOADING
    server.load_all()
    assert ids(app) == list(range(1, 121))


def test_the_gap_of_the_room_that_is_shown_is_meant(app: DrivenModel, server: KeptLog) -> None:
    app.do(app.model.load_older(ROOM))
    app.err(f"/history 100 {ROOM} 18", "slow-down", "Too many lines at once")
    app.do(app.model.open_direct("bob"))
    app.err("/history 100 @bob", "slow-down", "Too many lines at once")
    app.take_sent()
    assert app.keys(ROOM)[0] == app.keys("@bob")[0]
    app.do(app.model.load_gap(app.keys("@bob")[0]))
    assert app.take_sent() == ["/history 100 @bob"]


def test_what_came_another_way_is_not_said_to_be_missing(app: DrivenModel, server: KeptLog) -> None:
    app.do(app.model.load_older(ROOM))
    app.err(f"/history 100 {ROOM} 18", "slow-down", "Too many lines at once")
    app.enter(f"/history 50 {ROOM} 18")
    app.take_sent_with_labels()
    server.history(18, 50)
    assert ids(app) == list(range(1, 21))


def test_what_is_missing_above_is_told_above_everything(app: DrivenModel, server: KeptLog) -> None:
    app.do(app.model.load_older(ROOM))
    app.err(f"/history 100 {ROOM} 18", "slow-down", "Too many lines at once")
    app.enter(f"/history 3 {ROOM} 18")
    app.take_sent_with_labels()
    server.history(18, 3)
    assert ids(app) == [None, 15, 16, 17, 18, 19, 20]


def with_a_gap(app: DrivenModel) -> tuple[KeptLog, str]:
    """A server with 120 messages; the app has 6 to 55, a gap of this key, and the last three."""
    server = KeptLog(app)
    for number in range(1, 121):
        server.do("msg", "bob", f"line {number}")
    server.connect()
    app.do(app.model.jump_to(ROOM, 30))
    app.take_sent_with_labels()
    server.history(56, 50)
    app.take_sent()
    return server, app.keys()[50]


def test_a_jump_shows_meanwhile_where_the_message_will_be(app: DrivenModel) -> None:
    server, gap = with_a_gap(app)
    changes = app.do(app.model.jump_to(ROOM, 80))
    assert app.rows()[50] == LOADING and of(JumpReady, changes) == [JumpReady(ROOM, gap)]
    app.take_sent_with_labels()
    server.history(106, 50)
    assert of(JumpReady, app.changes) == [JumpReady(ROOM, "e80")]
    changes = app.do(app.model.jump_to(ROOM, 3))
    assert app.rows()[0] == LOADING and of(JumpReady, changes) == [JumpReady(ROOM, app.keys()[0])]
    app.take_sent_with_labels()
    server.history(29, 50)
    assert app.rows()[0] == "bob: line 1" and of(JumpReady, app.changes) == [JumpReady(ROOM, "e3")]


def test_a_jump_that_fails_says_why_there_and_can_be_tried_again_there(app: DrivenModel) -> None:
    server, gap = with_a_gap(app)
    app.do(app.model.jump_to(ROOM, 80))
    app.take_sent()
    server.lose()
    assert app.rows()[50] == NOT_LOADED + "the connection was lost —"
    server.connect()
    app.take_sent()
    app.do(app.model.load_gap(gap))
    assert app.take_sent() == [f"/history 50 {ROOM} 106"], "what was looked for, not the end of the gap"
    app.take_sent_with_labels()
    server.history(106, 50)
    assert of(JumpReady, app.changes) == [JumpReady(ROOM, "e80")] and LOADING not in app.rows()


def test_two_pages_for_one_place_are_told_until_both_are_here(app: DrivenModel, server: KeptLog) -> None:
    app.do(app.model.load_older(ROOM))
    app.do(app.model.jump_to(ROOM, 3))
    app.take_sent_with_labels()
    server.history(18, 5)
    assert app.rows()[:2] == [LOADING, "bob: line 13"]
    server.history(29, 50)
    assert LOADING not in app.rows() and ids(app) == list(range(1, 21))


def test_a_jump_loads_what_stands_around_a_message_and_shows_the_gap_below(app: DrivenModel) -> None:
    server = KeptLog(app)
    for number in range(1, 121):
        server.do("msg", "bob", f"line {number}")
    server.connect()
    app.do(app.model.jump_to(ROOM, 30))
    assert app.take_sent_with_labels() and app.model.rooms[ROOM].has_older
    server.history(56, 50)
    assert of(JumpReady, app.changes) == [JumpReady(ROOM, "e30")]
    assert ids(app) == [*range(6, 56), None, 118, 119, 120] and app.rows()[50] == GAP
    gap = app.keys()[50]
    app.do(app.model.load_gap(gap))
    assert app.take_sent() == [f"/history 100 {ROOM} 118"] and app.rows()[50] == "— loading messages … —"
    app.take_sent_with_labels()
    server.history(118, 4)
    assert ids(app) == [*range(6, 56), None, *range(114, 121)]
    assert app.keys()[50] == gap and app.rows()[50] == GAP, "what is left of it is the same gap"
    server.load_all()
    assert ids(app) == list(range(1, 121)) and app.do(app.model.load_gap(gap)) == []


def test_a_jump_to_what_is_loaded_asks_nobody(app: DrivenModel, server: KeptLog) -> None:
    assert app.do(app.model.jump_to(ROOM, 19)) == [JumpReady(ROOM, "e19")]


def test_a_jump_to_what_was_taken_back_goes_as_near_as_it_can(app: DrivenModel, server: KeptLog) -> None:
    server.do("delete", "bob", "", 10)
    app.do(app.model.jump_to(ROOM, 10))
    app.take_sent_with_labels()
    server.history(13, 4)
    assert of(JumpReady, app.changes) == [JumpReady(ROOM, "e9")]
    assert "- That message is not there any more" in app.rows()


def test_a_conversation_that_is_opened_brings_what_was_said_in_it(app: DrivenModel, server: KeptLog) -> None:
    app.do(app.model.open_direct("bob"))
    assert app.take_sent() == ["/history 100 @bob"]
    app.feed("begin history @bob", "msg 7 @ann bob: psst", "end history @bob")
    assert app.rows("@bob") == ["bob: psst"] and not app.model.current.has_older
    assert app.model.current.unread == 0 and app.notified() == []


def test_coming_back_into_a_room_shows_it_anew(app: DrivenModel, server: KeptLog) -> None:
    app.enter("/part")
    server.answer()
    server.do("edit", "bob", "another text", 18)
    for number in range(21, 30):
        server.do("msg", "bob", f"line {number}")
    app.enter(f"/join {ROOM}")
    server.answer()
    server.load_all()
    assert "bob: another text" in app.rows() and "bob: line 18" not in app.rows()


# -- search


def test_what_is_found_comes_as_messages_with_their_newest_text(app: DrivenModel, server: KeptLog) -> None:
    assert not of(Found, app.do(app.model.search("line  from:bob")))
    assert app.take_sent() == ["/search line from:bob"]
    app.feed(
        "begin search line",
        "msg 2 #lobby bob: line 2",
        "edit 30 #games bob ^5: a line",
        "msg 31 @ann bob: a line for you",
        "end search 3 more",
    )
    [found] = of(Found, app.changes)
    assert isinstance(found, Found) and (found.words, found.has_more) == ("line  from:bob", True)
    assert [(one.room, one.message.key, one.message.text) for one in found.messages] == [
        ("#lobby", "e2", "line 2"),
        ("#games", "e5", "a line"),
        ("@bob", "e31", "a line for you"),
    ]
    assert found.messages[1].message.is_edited and ids(app) == [18, 19, 20], "nothing is put into the rooms"
    app.ok("/search line from:bob")
    app.do(app.model.search("line  from:bob", 2))
    assert app.take_sent() == ["/search line from:bob before:2"]


def test_more_is_looked_for_before_the_edit_that_was_found(app: DrivenModel, server: KeptLog) -> None:
    app.do(app.model.search("line"))
    app.feed("begin search line", "edit 30 #lobby bob ^5: a line", "end search 1 more")
    app.ok("/search line")
    app.take_sent()
    app.do(app.model.search("line", 5))
    assert app.take_sent() == ["/search line before:30"], "what was said between 5 and 30 is not found yet"


def test_a_search_that_cannot_be_done_says_why(app: DrivenModel, server: KeptLog) -> None:
    app.do(app.model.search("line before:x"))
    app.err("/search line before:x", "bad-args", "/search is used like this")
    assert of(Found, app.changes) == [Found("line before:x", (), error="/search is used like this")]
    app.do(app.model.search("line"))
    server.lose()
    assert of(Found, app.changes) == [Found("line", (), error="The connection was lost")]
    assert app.do(app.model.search("line")) == [Found("line", (), error="There is no connection")]


def test_a_typed_search_is_told_in_a_row_still(app: DrivenModel, server: KeptLog) -> None:
    app.enter("/search line")
    app.feed("begin search line", "msg 2 #lobby bob: line 2", "end search 1")
    assert not of(Found, app.changes) and app.rows()[-1].startswith("- Found for line")


def test_mentions_are_those_that_are_loaded_in_every_room(app: DrivenModel, server: KeptLog) -> None:
    server.do("msg", "bob", "hi ann")
    server.do("msg", "ann", "ann is me")
    server.do("msg", "bob", "yes?", 22)
    app.feed("msg 40 #games bob: ann?")
    assert [(one.room, one.message.text) for one in app.model.mentions()] == [
        (ROOM, "hi ann"),
        (ROOM, "yes?"),
        ("#games", "ann?"),
    ]


def test_pages_that_touch_leave_no_gap(app: DrivenModel, server: KeptLog) -> None:
    app.enter(f"/history 2 {ROOM} 18")
    app.take_sent_with_labels()
    server.history(18, 2)
    app.ok(f"/history 2 {ROOM} 18")
    app.enter(f"/history 2 {ROOM} 16")
    app.take_sent_with_labels()
    server.history(16, 2)
    assert ids(app) == [14, 15, 16, 17, 18, 19, 20]


def test_a_typed_history_that_brings_nothing_new_says_so_where_it_was_typed(
    app: DrivenModel, server: KeptLog
) -> None:
    app.enter("/history 2")
    server.history(21, 2)
    app.ok(f"/history 2 {ROOM}")
    assert app.rows()[-1] == "- That is shown already: PgUp goes to what was said before"
    app.enter("/history 2 #lobby 18")
    server.history(18, 2)
    app.ok("/history 2 #lobby 18")
    assert app.rows()[-1] == "- That is shown already: PgUp goes to what was said before", (
        "new rows tell enough"
    )
    assert len(app.rows()) == 6
    app.feed("join #games ann", "begin history #games", "msg 40 #games bob: e4", "end history #games")
    app.enter("/history 1 #games")
    app.feed("begin history #games", "msg 40 #games bob: e4", "end history #games more")
    app.ok("/history 1 #games")
    assert app.rows(ROOM)[-1] == "- That is shown already in #games: PgUp goes to what was said before"
    app.enter("/history 1 #games 40")
    app.feed("begin history #games", "end history #games")
    app.ok("/history 1 #games 40")
    assert app.rows(ROOM)[-1] == "- There is nothing more to show of #games"


def test_a_gap_in_sight_is_asked_for_once_and_not_again_on_a_connection_where_it_was_refused(
    app: DrivenModel,
) -> None:
    server, gap = with_a_gap(app)
    app.do(app.model.fill_gap(ROOM, gap, from_above=False))
    assert app.take_sent() == [f"/history 100 {ROOM} 118"]
    assert app.do(app.model.fill_gap(ROOM, gap, from_above=False)) == [], "a page at a time"
    app.err(f"/history 100 {ROOM} 118", "slow-down", "Too many lines at once")
    assert app.do(app.model.fill_gap(ROOM, gap, from_above=False)) == []
    server.lose()
    app.do(app.model.fill_gap(ROOM, gap, from_above=False))
    assert app.take_sent() == [] and app.rows()[50] == NOT_LOADED + "no connection —"
    server.connect()
    app.take_sent()
    app.do(app.model.fill_gap(ROOM, gap, from_above=True))
    assert app.take_sent() == [f"/history 100 {ROOM} 118"], "all of it fits into a page"


def test_a_gap_is_filled_from_above_where_one_reads_downwards(app: DrivenModel) -> None:
    server = KeptLog(app)
    for number in range(1, 401):
        server.do("msg", "bob", f"line {number}")
    server.connect()
    app.do(app.model.jump_to(ROOM, 30))
    app.take_sent_with_labels()
    server.history(56, 50)
    assert ids(app) == [*range(6, 56), None, 398, 399, 400]
    app.do(app.model.fill_gap(ROOM, app.keys()[50], from_above=True))
    assert app.take_sent() == [f"/history 100 {ROOM} 156"]
    app.take_sent_with_labels()
    server.history(156, 100)
    assert ids(app) == [*range(6, 156), None, 398, 399, 400]


def test_a_gap_tells_from_when_to_when_it_is_and_about_how_many_are_missing(app: DrivenModel) -> None:
    server = KeptLog(app)
    for number in range(1, 401):
        app.now += 10
        server.do("msg", "bob", f"line {number}")
        # Of every two ids one is not of this room.
        server.do("react", "bob", "👍", ref=1)
    server.connect()
    app.do(app.model.jump_to(ROOM, 101))
    app.take_sent_with_labels()
    server.history(127, 20)
    gap = next(row for row in app.messages(ROOM) if row.kind == "gap")
    above, below = (app.messages(ROOM)[app.messages(ROOM).index(gap) + step] for step in (-1, 1))
    assert gap.missing is not None and (gap.missing.since, gap.missing.until) == (above.at, below.at)
    really = ((below.id or 0) - (above.id or 0)) // 2
    assert abs(gap.missing.count - really) < really / 5
    app.do(app.model.fill_gap(ROOM, gap.key, from_above=True))
    asked = int(app.take_sent()[0].split()[-1])
    assert asked > 127 + 120, "a page reaches so far here"
