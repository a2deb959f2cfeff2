"""Rows of what is missing: the text below them stays where it is when it comes, and they are seen."""

from __future__ import annotations

import pytest

from chat_tui.client import Lost
from chat_tui.model import Message
from tests.tui.screens import GAMES, Running, text_of, until
from tests.tui.shown_log import many, rows, said, shown, strips, texts


def gap(key: str = "g0", text: str = "— loading messages … —", why: str = "") -> Message:
    return said(0, text, "", key=key, kind="gap", reason=why)


async def test_at_the_very_top_the_row_of_what_is_missing_above_comes_into_sight() -> None:
    async with shown(many(100)) as (log, pilot):
        log.action_scroll_home()
        await pilot.pause()
        before = rows(log)
        log.insert([gap()], "e0")
        await pilot.pause()
        assert "loading messages …" in rows(log)[0] and rows(log)[1:] == before[:-1]


async def test_further_down_it_moves_nothing() -> None:
    async with shown(many(100)) as (log, pilot):
        log.show_message("e3")
        await pilot.pause()
        before = rows(log)
        log.insert([gap()], "e0")
        await pilot.pause()
        assert rows(log) == before


@pytest.mark.parametrize("is_row_first", [True, False])
async def test_a_page_that_comes_in_the_place_of_its_row_moves_nothing_below(is_row_first: bool) -> None:
    async with shown(many(100)) as (log, pilot):
        log.action_scroll_home()
        log.insert([gap()], "e0")
        await pilot.pause()
        before = texts(log)
        if is_row_first:
            log.remove_messages(["g0"])
        log.insert(many(50, 1_000), "e0")
        if not is_row_first:
            log.remove_messages(["g0"])
        await pilot.pause()
        # On top were that row and the line of the day, which stands above the page now.
        assert texts(log)[2:] == before[2:] and texts(log)[:2] != before[:2]
        assert not log.following


async def test_a_gap_on_top_fills_upwards() -> None:
    messages = many(100)
    async with shown([*messages[:50], gap("g50"), *messages[50:]]) as (log, pilot):
        log.scroll_to(y=log._content.row_of(50), animate=False)
        await pilot.pause()
        assert "loading" in rows(log)[0]
        before = rows(log)
        log.insert([said(1_000 + number) for number in range(30)], "e50")
        await pilot.pause()
        assert rows(log)[0].endswith("number 1029") and rows(log)[1:] == before[1:]


async def test_what_was_on_top_and_is_trimmed_leaves_a_place_that_holds() -> None:
    async with shown(many(100)) as (log, pilot):
        log.action_scroll_home()
        await pilot.pause()
        log.remove_messages(["e0", "e1"])
        await pilot.pause()
        before = texts(log)
        log.insert_before(many(20, 1_000))
        await pilot.pause()
        assert texts(log)[1:] == before[1:]


async def test_a_row_that_says_why_something_did_not_come_looks_like_a_failure() -> None:
    def color_of(key: str) -> object:
        styles = (segment.style for strip in strips(log) for segment in strip if "loading" in segment.text)
        return next(style.color for style in styles if style is not None and style.meta["key"] == key)

    async with shown([gap("g1"), said(1), gap("g2", why="too fast"), said(2)], (64, 8)) as (log, _):
        failed = log.get_component_rich_style("message-log--failed").color
        assert color_of("g2") == failed != color_of("g1")
        log.replace("g2", gap("g2"))
        assert color_of("g2") == color_of("g1")


# In the app


def history(first: int, last: int, *, more: bool = False) -> str:
    lines = [f"2026-11-22T15:00:00Z msg {id} #lobby bob: line {id}" for id in range(first, last + 1)]
    end = f"2026-11-22T16:50:00Z end history #lobby{' more' * more}"
    return "\n".join(["2026-11-22T16:50:00Z begin history #lobby", *lines, end])


def label_of(on: Running, what: str) -> str:
    line = next(line for line in reversed(on.script.sent) if what in line)
    return line.split(" ")[1]


async def scrolled_up(on: Running) -> None:
    """A room with forty loaded messages and older ones, seen from its top."""
    await on.receive(history(900, 940))
    await on.press("pageup", "pageup", "pageup", "pageup")
    await until(on.pilot, lambda: any("/history" in line for line in on.script.sent), "the page is asked for")


async def test_scrolling_up_says_that_older_messages_are_on_their_way_until_they_are_here() -> None:
    async with Running() as on:
        await scrolled_up(on)
        await until(on.pilot, lambda: "loading messages …" in on.text)
        assert "line 900" in on.text
        await on.receive(history(880, 899))
        await on.receive(f"2026-11-22T16:50:00Z ok {label_of(on, '/history')}")
        await until(on.pilot, lambda: "line 899" in on.text)
        assert "line 900" in on.text and "loading" not in on.text


async def test_older_messages_that_are_refused_say_why_and_a_click_asks_again() -> None:
    async with Running() as on:
        await scrolled_up(on)
        await on.receive(f"2026-11-22T16:50:00Z err slow-down {label_of(on, '/history')} Too much at once")
        await until(on.pilot, lambda: "not loaded, click or Enter tries again: Too much at once" in on.text)
        asked = len(on.script.sent)
        await on.press("pageup", "pageup")
        assert len(on.script.sent) == asked, "a wheel that turns on does not ask on and on"
        row = next(y for y, line in enumerate(on.text.splitlines()) if "tries again" in line)
        await on.pilot.click(offset=(50, row))
        await until(on.pilot, lambda: len(on.script.sent) > asked)
        assert "loading messages …" in on.text and "tries again" not in on.text


async def test_a_jump_shows_where_the_message_will_be_and_enter_there_tries_again() -> None:
    async with Running() as on:
        await on.receive(history(900, 940))
        on.chat.act(on.app.model.jump_to("#lobby", 500))
        await until(on.pilot, lambda: "loading messages …" in on.text)
        await on.receive(f"2026-11-22T16:50:00Z err slow-down {label_of(on, '/history')} Too much at once")
        await until(on.pilot, lambda: "tries again: Too much at once" in on.text)
        assert "not loaded   Enter tries again" in on.text
        asked = len(on.script.sent)
        await on.press("enter")
        await until(on.pilot, lambda: len(on.script.sent) > asked)
        assert on.script.sent[-1].endswith("/history 50 #lobby 526")
        await until(on.pilot, lambda: "loading …   Esc back" in on.text, "that Enter does nothing now")
        await on.receive(history(480, 525, more=True))
        await until(on.pilot, lambda: "line 500" in on.text)
        assert on.chat.logs.current.cursor_key == "e500"


async def test_without_a_connection_the_top_says_that_it_cannot_be_loaded() -> None:
    async with Running() as on:
        await on.receive(history(900, 940))
        on.script.is_connected = False
        on.script.on_event(Lost("The connection was cut", None))
        await on.pilot.pause()
        await on.press("pageup", "pageup", "pageup", "pageup")
        await until(on.pilot, lambda: "tries again: no connection" in on.text)


async def test_a_jump_into_another_room_waits_there() -> None:
    async with Running() as on:
        await on.receive(GAMES)
        await on.receive(history(900, 940))
        on.chat.act(on.app.model.switch_to("#games"))
        on.chat.act(on.app.model.jump_to("#lobby", 500))
        await until(on.pilot, lambda: on.app.model.current_room == "#lobby")
        await until(on.pilot, lambda: "loading messages …" in text_of(on.app))


async def test_a_row_that_nobody_said_does_not_offer_to_load_anything() -> None:
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z join #lobby dave")
        row = next(y for y, line in enumerate(on.text.splitlines()) if "dave joined" in line)
        await on.pilot.click(offset=(50, row))
        await until(on.pilot, lambda: "event   y copy  Esc back" in on.text)
