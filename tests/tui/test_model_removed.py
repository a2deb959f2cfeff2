"""What retention removed is seen: a row where it was, which cannot be loaded."""

from __future__ import annotations

import pytest

from chat_tui.model import Message
from chat_tui.model.message import GONE, REMOVED, REMOVED_BETWEEN
from tests.tui.driven_model import DrivenModel
from tests.tui.shown_log import rows, said, shown


@pytest.fixture
def app() -> DrivenModel:
    """Somebody who was shown the messages 21 and 22."""
    app = DrivenModel()
    app.welcome("guest-1", last=22)
    app.feed("begin history #lobby", "msg 21 #lobby bob: x", "msg 22 #lobby bob: y", "end history #lobby")
    app.feed("note You are guest-1")
    app.settle()
    return app


def test_the_first_page_that_is_kept_has_a_row_above_it_and_nothing_more_to_load(app: DrivenModel) -> None:
    app.do(app.model.note("noted before"))
    app.do(app.model.load_older("#lobby"))
    app.feed("begin history #lobby", "gap 1 19", "msg 20 #lobby bob: w", "end history #lobby")
    app.ok("/history 100 #lobby 21")
    assert app.rows() == [REMOVED, "bob: w", "bob: x", "bob: y", "- noted before"]
    assert not app.model.current.has_older and not app.model.current.is_loading
    [row] = [row for row in app.messages() if row.kind == "removed"]
    assert app.model.load_gap(row.key) == []


def test_what_is_still_here_though_the_server_has_it_no_more_is_not_said_to_be_missing(
    app: DrivenModel,
) -> None:
    app.do(app.model.load_older("#lobby"))
    app.feed("begin history #lobby", "msg 1 #lobby bob: a", "end history #lobby")
    app.ok("/history 100 #lobby 21")
    app.enter("/history 5 #lobby")
    app.feed("begin history #lobby", "gap 1 21", "msg 22 #lobby bob: y", "end history #lobby")
    assert [row for row in app.rows() if not row.startswith("- ")] == ["bob: a", "bob: x", "bob: y"]


def test_what_was_removed_while_one_was_away_is_told_between_what_one_had_and_what_is_left(
    app: DrivenModel,
) -> None:
    app.lose()
    app.welcome("guest-1", last=40)
    app.feed("begin history #lobby", "msg 39 #lobby bob: z", "end history #lobby")
    app.feed("begin since 22", "gap 23 38", "msg 39 #lobby bob: z", "end since 40")
    assert app.rows() == ["bob: x", "bob: y", REMOVED_BETWEEN, "bob: z"]
    app.lose()
    app.welcome("guest-1", last=40)
    app.feed("begin since 22", "gap 23 38", "msg 39 #lobby bob: z", "end since 40")
    assert app.rows().count(REMOVED_BETWEEN) == 1


def test_a_page_between_two_loaded_parts_tells_of_each_place_where_something_is_gone(
    app: DrivenModel,
) -> None:
    app.do(app.model.jump_to("#lobby", 5))
    app.feed("begin history #lobby", "msg 4 #lobby bob: d", "msg 6 #lobby bob: f", "end history #lobby more")
    app.ok("/history 50 #lobby 31")
    app.lose()
    app.welcome("guest-1", epoch="8Kd2", last=40)
    app.settle()
    app.do(app.model.load_older("#lobby"))
    app.feed("begin history #lobby", "gap 1 20", "end history #lobby")
    app.ok("/history 100 #lobby 4")
    assert [row for row in app.rows() if not row.startswith("- ")] == [
        REMOVED,
        "bob: d",
        "bob: f",
        "bob: x",
        "bob: y",
    ]


def test_a_room_of_which_all_is_gone_says_so_instead_of_being_empty(app: DrivenModel) -> None:
    app.enter("/join #old")
    app.feed("join #old ann", "begin history #old", "end history #old")
    app.ok("/join #old")
    assert "/history 1 #old" in app.take_sent()
    app.feed("begin history #old", "gap 1 19", "end history #old")
    app.ok("/history 1 #old")
    assert app.rows("#old") == [REMOVED]


def test_a_room_in_which_nothing_was_ever_said_stays_empty(app: DrivenModel) -> None:
    app.enter("/join #new")
    app.feed("join #new ann", "begin history #new", "end history #new")
    app.ok("/join #new")
    app.feed("begin history #new", "end history #new")
    app.ok("/history 1 #new")
    assert app.rows("#new") == []
    app.enter("/join #newer")
    app.feed("join #newer ann", "begin history #newer", "end history #newer")
    app.ok("/join #newer")
    app.err("/history 1 #newer", "slow-down", "Too many lines at once")
    assert app.rows("#newer") == [], "the app asked that by itself"


def test_an_answer_to_what_was_removed_says_so_whichever_came_first(app: DrivenModel) -> None:
    app.feed("msg 23 #lobby bob ^5: before", "msg 24 #lobby bob ^21: of what is here")
    assert [row.reply.text for row in app.messages() if row.reply] == ["", "x"]
    app.do(app.model.load_older("#lobby"))
    app.feed("begin history #lobby", "gap 1 19", "msg 20 #lobby bob ^7: of old", "end history #lobby")
    app.ok("/history 100 #lobby 21")
    app.feed("msg 25 #lobby bob ^19: after")
    assert [row.reply.text for row in app.messages() if row.reply] == [GONE, GONE, "x", GONE]


def test_an_answer_to_what_was_removed_while_one_was_away_says_so_but_what_is_here_stays(
    app: DrivenModel,
) -> None:
    app.lose()
    app.welcome("guest-1", last=41)
    app.feed("begin history #lobby", "msg 41 #lobby bob ^38: b", "end history #lobby")
    app.feed("begin since 22", "gap 22 38", "msg 39 #lobby bob ^30: z", "msg 40 #lobby bob ^22: a")
    app.feed("end since 40")
    assert {row.text: row.reply.text for row in app.messages() if row.reply} == {
        "z": GONE,
        "a": "y",
        "b": GONE,
    }


def test_another_log_of_the_server_forgets_what_was_removed_from_the_last_one(app: DrivenModel) -> None:
    app.do(app.model.load_older("#lobby"))
    app.feed("begin history #lobby", "gap 1 20", "end history #lobby")
    app.ok("/history 100 #lobby 21")
    app.lose()
    app.welcome("guest-1", epoch="other", last=3)
    assert REMOVED not in app.rows()


async def test_its_row_is_no_place_for_the_cursor_and_a_click_on_it_does_nothing() -> None:
    gone: Message = said(0, REMOVED, "", key="r1", kind="removed")
    async with shown([gone, said(1), said(2)]) as (log, _):
        assert REMOVED in "\n".join(rows(log))
        for _ in range(4):
            log.move_cursor(-1)
        assert log.cursor_key == "e1"
        metas = [
            segment.style.meta
            for y in range(log.size.height)
            for segment in log.render_line(y)
            if segment.style is not None and REMOVED in segment.text
        ]
        assert metas and all("action" not in meta for meta in metas)
