"""Where the message log stays, whatever comes, goes or changes its size; and where its cursor goes."""

from __future__ import annotations

from dataclasses import replace

import pytest
from textual.app import App, ComposeResult
from textual.strip import Strip

from chat_tui.model import Delivery
from chat_tui.widgets.message_log import MessageLog
from tests.tui.shown_log import (
    ZONE,
    LogApp,
    many,
    rows,
    said,
    shown,
    texts,
)


async def test_the_newest_is_in_sight_at_first_and_stays_so() -> None:
    async with shown(many(100)) as (log, pilot):
        assert log.following
        for number in range(100, 130, 3):
            log.extend(many(3, number))
            assert "and so on" in rows(log)[-1] or f"number {number + 2}" in rows(log)[-1]
            await pilot.pause()
            assert log.following and log.is_vertical_scroll_end
        assert log.new_below == 0


async def test_what_comes_below_never_moves_the_text_and_is_counted() -> None:
    async with shown(many(100)) as (log, pilot):
        log.action_page_up()
        before = rows(log)
        log.extend([*many(5, 200), said(900, "carol joined", "", kind="event"), said(901, is_own=True)])
        await pilot.pause()
        assert rows(log) == before
        assert (log.following, log.new_below) == (False, 5)
        log.extend(many(1, 300))
        await pilot.pause()
        assert log.new_below == 6
        log.scroll_to_end()
        await pilot.pause()
        assert (log.following, log.new_below) == (True, 0)
        assert isinstance(pilot.app, LogApp)
        assert [event.count for event in pilot.app.heard if isinstance(event, MessageLog.NewBelow)] == [
            5,
            6,
            0,
        ]


async def test_what_is_scrolled_into_sight_is_not_new_any_more() -> None:
    async with shown(many(100)) as (log, pilot):
        log.action_page_up()
        log.extend([said(number) for number in range(200, 240)])
        log.action_page_down()
        await pilot.pause()
        assert log.new_below == 40
        log.action_page_down()
        await pilot.pause()
        first = log.new_below
        assert 25 <= first < 40
        log.scroll_relative(y=5, animate=False)
        await pilot.pause()
        assert log.new_below == first - 5
        log.scroll_relative(y=-5, animate=False)
        await pilot.pause()
        assert log.new_below == first - 5
        log.scroll_to(y=10**6, animate=False)
        await pilot.pause()
        assert (log.following, log.new_below) == (True, 0)


@pytest.mark.parametrize(
    "change", ["older", "trim", "resize", "replace", "remove", "unread", "nick", "middle"]
)
async def test_the_row_on_top_stays_on_top(change: str) -> None:
    async with shown(many(300), (64, 12), cap=400) as (log, pilot):
        log.show_message("e150")
        log.scroll_relative(y=1, animate=False)
        await pilot.pause()
        before, top = rows(log), texts(log)[0]
        match change:
            case "older":
                log.insert_before(many(50, 1_000))
            case "trim":
                log.extend(many(150, 1_000))
                assert len(log.messages) == 400
            case "resize":
                await pilot.resize_terminal(80, 12)
                await pilot.resize_terminal(45, 20)
                await pilot.resize_terminal(64, 12)
            case "replace":
                log.replace("e3", said(3, "longer " * 40))
            case "remove":
                log.remove_messages(["e3", "e40", "e290"])
            case "unread":
                log.set_unread_from("e20")
            case "nick":
                log.nick_width = 14
            case "middle":
                log.insert(many(20, 1_000), "e100")
                log.insert(many(20, 2_000), "e290")
        await pilot.pause()
        assert top in texts(log)[0]
        if change != "nick":
            assert rows(log) == before
        assert not log.following


async def test_a_resize_keeps_the_word_on_top_though_rows_break_elsewhere() -> None:
    async with shown(many(300), (64, 12)) as (log, pilot):
        log.show_message("e150")
        await pilot.pause()
        for width in (100, 40, 33, 120, 60):
            await pilot.resize_terminal(width, 10)
            await pilot.pause()
            assert texts(log)[0].startswith("number 150")


async def test_a_resize_near_the_end_keeps_the_row_on_top_as_long_as_there_is_a_page_below() -> None:
    """Fewer columns and more rows at once: for the old rows the place would be beyond the end."""
    async with shown(many(300), (120, 12)) as (log, pilot):
        log.scroll_relative(y=-4, animate=False)
        await pilot.pause()
        assert texts(log)[1].startswith("number 290 ")
        await pilot.resize_terminal(40, 20)
        await pilot.pause()
        assert texts(log)[1].startswith("number 290 ")
        assert not log.following


async def test_a_resize_while_following_keeps_the_end_in_sight() -> None:
    async with shown(many(300), (64, 12)) as (log, pilot):
        for size in ((100, 30), (40, 8), (33, 40), (120, 12)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            assert log.following
            last = next(row for row in reversed(rows(log)) if "number" in row)
            assert "number 299" in last


async def test_a_long_log_breaks_anew_where_it_is_read_and_elsewhere_behind_the_readers_back() -> None:
    async with shown(many(20_000), (64, 12), cap=20_000) as (log, pilot):
        log.show_message("e2500")
        await pilot.resize_terminal(100, 12)
        before = rows(log)
        assert texts(log)[0].startswith("number 2500")
        for _ in range(500):
            if not log._content.is_unmeasured:
                break
            await pilot.pause(0.01)
            assert rows(log) == before
        assert not log._content.is_unmeasured
        log.scroll_to_end()
        assert "number 19999" in next(row for row in reversed(rows(log)) if "number" in row)


@pytest.mark.parametrize("step", [-3_000, -1_500, -2, 1_500, 3_000])
async def test_scrolling_to_where_nothing_is_measured_yet_goes_as_far_as_it_should(
    step: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MessageLog, "_measure_more", lambda log: None)
    async with shown(many(5_000), (64, 12)) as (log, pilot):
        assert log._content.is_unmeasured
        before = rows(log)
        log.show_message("e4999")
        assert rows(log) == before
        log.show_message("e2500")
        assert texts(log)[0].startswith("number 2500")
        await pilot.resize_terminal(100, 12)
        assert log._content.is_unmeasured
        log.scroll_relative(y=step, animate=False)
        await pilot.pause()
        log._content.measure_all()
        log._settle()
        assert log.scroll_offset.y - log._content.row_of(2_500) == step


class Rooms(App[None]):
    """Two logs of which one is shown; what each picture showed in its last row is kept."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.other = MessageLog(zone=ZONE, id="one"), MessageLog(zone=ZONE, id="other")
        self.pictures: list[str] = []

    def compose(self) -> ComposeResult:
        yield self.one
        yield self.other

    def show(self, log: MessageLog) -> None:
        for one in (self.one, self.other):
            one.display = one is log


async def test_a_log_that_goes_on_while_hidden_is_right_in_the_first_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = Rooms()
    drawn = MessageLog.render_line

    def remember(log: MessageLog, y: int) -> Strip:
        strip = drawn(log, y)
        if log is app.other and y == 11:
            app.pictures.append(strip.text.split()[-1])
        return strip

    async def switch_to(log: MessageLog) -> set[str]:
        app.pictures.clear()
        app.show(log)
        await pilot.pause()
        return set(app.pictures)

    monkeypatch.setattr(MessageLog, "render_line", remember)
    app.other.display = False
    async with app.run_test(size=(64, 12)) as pilot:
        app.other.set_messages([said(number) for number in range(100)])
        await pilot.pause()
        assert await switch_to(app.other) == {"99"}
        await switch_to(app.one)
        app.other.extend([said(number) for number in range(100, 120)])
        await pilot.pause()
        assert await switch_to(app.other) == {"119"}
        await switch_to(app.one)
        await pilot.resize_terminal(40, 12)
        assert await switch_to(app.other) == {"119"}


async def test_a_log_that_goes_on_while_hidden_keeps_the_place_that_was_being_read() -> None:
    app = Rooms()
    async with app.run_test(size=(64, 12)) as pilot:
        app.show(app.other)
        app.other.set_messages(many(100))
        await pilot.pause()
        app.other.action_page_up()
        before = rows(app.other)
        app.show(app.one)
        await pilot.pause()
        app.other.extend(many(20, 100))
        app.other.insert_before(many(30, 200))
        app.other.remove_messages(["e3"])
        assert app.other.new_below == 20
        app.show(app.other)
        await pilot.pause()
        assert rows(app.other) == before
        assert (app.other.following, app.other.new_below) == (False, 20)


async def test_news_that_are_taken_away_again_are_not_counted() -> None:
    async with shown(many(100)) as (log, _):
        log.action_page_up()
        log.extend([said(number) for number in range(200, 205)])
        log.remove_messages(["e200", "e1", "e204"])
        assert log.new_below == 3


async def test_of_too_many_messages_the_oldest_go_a_tenth_at_a_time() -> None:
    async with shown((), cap=100) as (log, _):
        sizes = []
        for number in range(250):
            log.extend(many(1, number))
            sizes.append(len(log.messages))
        assert max(sizes) == 110 and sizes[-1] >= 100
        assert log.messages[-1].key == "e249"
        log.action_scroll_home()
        assert "November" in rows(log)[0]


async def test_what_is_being_read_is_not_trimmed_until_there_is_twice_too_much() -> None:
    async with shown(many(100), cap=100) as (log, pilot):
        log.action_scroll_home()
        before = rows(log)
        log.extend(many(90, 100))
        await pilot.pause()
        assert rows(log) == before and len(log.messages) == 190
        log.extend(many(20, 190))
        await pilot.pause()
        assert len(log.messages) == 100


async def test_a_pending_line_becomes_the_sent_one_in_its_place() -> None:
    pending = said(1, "hello", "me", is_own=True, delivery=Delivery.PENDING, key="p7-1")
    async with shown([said(0), pending], (64, 4)) as (log, _):
        log.insert([said(2, "before it")], before="p7-1")
        log.replace("p7-1", replace(pending, key="e3", delivery=Delivery.SENT))
        assert [message.key for message in log.messages] == ["e0", "e2", "e3"]
        assert rows(log)[-2:] == ["  12:00        ann │ before it", "  12:00         me │ hello"]
        log.replace("unknown", said(9))
        log.remove_messages(["e3", "unknown"])
        assert rows(log)[-1].endswith("before it")


async def test_messages_before_one_that_was_trimmed_go_to_the_top() -> None:
    async with shown(many(3)) as (log, _):
        log.insert([said(50)], before="long gone")
        assert [message.key for message in log.messages] == ["e50", "e0", "e1", "e2"]


async def test_the_log_may_be_filled_before_it_is_shown_and_emptied_after() -> None:
    log = MessageLog(zone=ZONE)
    log.extend(many(3))
    log.set_unread_from("e1")
    log.replace("e2", said(2, "changed"))
    log.remove_messages(["e0"])
    log.scroll_to_end()

    class Late(App[None]):
        def compose(self) -> ComposeResult:
            yield log

    async with Late().run_test(size=(64, 6)) as pilot:
        await pilot.pause()
        assert [text for text in texts(log) if text][-1] == "changed"
        log.clear()
        await pilot.pause()
        assert [row.strip() for row in rows(log) if row] == [
            "Nothing has been said here yet.",
            "Type and press Enter; F1 shows the keys.",
        ]
        log.extend(many(1))
        assert "number 0" in rows(log)[-1]


async def test_a_page_leaves_one_row_of_the_last_one() -> None:
    async with shown([said(number) for number in range(100)]) as (log, _):
        top = rows(log)[0]
        log.action_page_up()
        assert rows(log)[-1] == top
        log.action_page_down()
        assert rows(log)[0] == top and log.following
        log.action_scroll_home()
        assert "November" in rows(log)[0]
        log.action_scroll_end()
        assert log.following


async def test_the_wheel_lets_go_of_the_end_and_takes_it_again() -> None:
    async with shown(many(100)) as (log, pilot):
        log.scroll_relative(y=-3, animate=False)
        await pilot.pause()
        assert not log.following
        log.scroll_relative(y=3, animate=False)
        await pilot.pause()
        assert log.following


# The cursor


async def test_the_cursor_walks_over_what_was_said_and_stays_in_sight() -> None:
    messages = [said(0), said(1, kind="event"), *(said(number) for number in range(2, 60))]
    async with shown(messages, (64, 10)) as (log, pilot):
        log.move_cursor(-1)
        assert log.cursor_key == "e59"
        assert rows(log)[-1].startswith(" ▸12:00")
        for _ in range(57):
            log.move_cursor(-1)
        assert log.cursor_key == "e2"
        log.move_cursor(-1)
        log.move_cursor(-1)
        assert log.cursor_key == "e0"
        await pilot.pause()
        assert any("▸" in row for row in rows(log))
        log.move_cursor(1)
        assert log.cursor_key == "e2"
        log.replace("e2", said(1000, delivery=Delivery.FAILED))
        assert any(row.startswith("✗▸12:00") for row in rows(log))
        assert log.cursor_key == "e1000"
        log.remove_messages(["e1000"])
        assert log.cursor_key is None
        assert not any("▸" in row for row in rows(log))


async def test_show_message_scrolls_no_more_than_it_must() -> None:
    async with shown([said(number) for number in range(100)], (64, 10)) as (log, _):
        assert log.show_message("e50")
        assert "number 50" in rows(log)[0]
        before = rows(log)
        assert log.show_message("e55")
        assert rows(log) == before
        assert log.show_message("e80")
        assert "number 80" in rows(log)[-1]
        assert not log.show_message("unknown")


async def test_what_an_empty_log_says_stays_above_notices_until_something_is_said() -> None:
    hint = "Nothing has been said here yet."
    async with shown([]) as (log, pilot):
        log.extend([said(901, "You are ann now", "", kind="notice")])
        await pilot.pause()
        lines = [row.strip() for row in rows(log)]
        assert hint in lines and any("You are ann now" in line for line in lines)
        log.extend([said(902, "\u2424".join("abcdefghijklmnopqrstuvwxyz"), "", kind="notice")])
        await pilot.pause()
        assert hint not in [row.strip() for row in rows(log)], "there is no room for it"
        log.remove_messages(["e902"])
        await pilot.pause()
        assert hint in [row.strip() for row in rows(log)]
        log.extend([said(1)])
        await pilot.pause()
        assert hint not in [row.strip() for row in rows(log)]
        log.clear()
        log.extend([said(903, "The server cannot be reached", "", kind="error")])
        await pilot.pause()
        assert hint not in [row.strip() for row in rows(log)], "nobody knows that"
