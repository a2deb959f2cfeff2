"""Rows of what is missing: the text below them stays where it is when it comes, and they are seen."""

from __future__ import annotations

import pytest

from chat_tui.client import Lost
from chat_tui.model import LOADING, Message, Missing
from chat_tui.model.message import GAP
from tests.tui.screens import GAMES, Running, text_of, until
from tests.tui.shown_log import at, many, rows, said, shown, strips, texts


def gap(key: str = "g0", text: str = LOADING, why: str = "", missing: Missing | None = None) -> Message:
    return said(0, text, "", key=key, kind="gap", reason=why, missing=missing)


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


@pytest.mark.parametrize("is_up", [True, False])
async def test_what_comes_into_a_gap_in_sight_moves_nothing_that_one_comes_from(is_up: bool) -> None:
    messages = many(100)
    async with shown([*messages[:50], gap("g50"), *messages[50:]]) as (log, pilot):
        log.scroll_to(y=log._content.row_of(50) + (3 if is_up else -12), animate=False)
        await pilot.pause()
        log.scroll_relative(y=-8 if is_up else 8, animate=False)
        await pilot.pause()
        before = rows(log)
        [index] = [number for number, row in enumerate(before) if "loading" in row]
        assert 2 < index < 9
        assert log.gaps_near() == ["g50"] and log.is_read_above("g50") is not is_up
        new = [said(1_000 + number) for number in range(30)]
        if is_up:
            log.insert(new, "e50")
            await pilot.pause()
            assert rows(log)[index + 1 :] == before[index + 1 :] and rows(log)[index].endswith("number 1029")
        else:
            # The gap gets another place, and so another row.
            log.insert(new, "e50")
            log.remove_messages(["g50"])
            log.insert([gap("g80")], "e50")
            await pilot.pause()
            assert rows(log)[:index] == before[:index] and rows(log)[index].endswith("number 1000")
        assert log.gaps_near() == []


async def test_what_comes_into_gaps_on_either_side_does_not_move_the_message_with_the_cursor() -> None:
    messages = many(100)
    async with shown([*messages[:50], gap("g50"), *messages[50:53], gap("g53"), *messages[53:]]) as (
        log,
        pilot,
    ):
        log.scroll_to(y=log._content.row_of(50), animate=False)
        log.cursor_key = "e51"
        await pilot.pause()
        before = rows(log)
        [place] = [number for number, row in enumerate(before) if "▸" in row]
        assert sorted(log.gaps_near()) == ["g50", "g53"]
        assert log.is_read_above("g53") and not log.is_read_above("g50")
        log.insert(many(30, 2_000), "e50")
        log.insert(many(30, 1_000), "e53")
        await pilot.pause()
        assert rows(log)[place] == before[place]


async def test_no_page_goes_past_a_gap_of_which_something_may_come() -> None:
    messages = many(100)
    async with shown([*messages[:50], gap("g50"), *messages[50:]]) as (log, _):
        row = log._content.row_of(50)
        log.scroll_to(y=row + 5, animate=False)
        log.action_page_up()
        assert log.scroll_offset.y == row
        assert log.scroll_offset.y == row
        log.scroll_to(y=row - 15, animate=False)
        log.action_page_down()
        assert log.scroll_offset.y == row - 11, "it is the last row"
        log.action_page_down()
        assert log.scroll_offset.y == row - 11
        log.replace("g50", gap("g50", why="too fast"))
        log.scroll_to(y=row + 5, animate=False)
        log.action_page_up()
        assert log.scroll_offset.y == row - 6, "nothing will come there"
        log.action_page_down()
        assert log.scroll_offset.y == row + 5


@pytest.mark.parametrize(
    ("width", "expected"),
    [
        (100, "about 1,700 messages not loaded, 12:00 to 14:30, click or Enter to load"),
        (60, "about 1,700 messages not loaded, 12:00 to 14:30"),
        (40, "about 1,700 messages not loaded"),
    ],
)
async def test_the_row_of_a_gap_says_how_many_are_missing_and_from_when_to_when(
    width: int, expected: str
) -> None:
    missing = Missing(at("12:00"), at("14:30"), 1_744)
    async with shown([gap("g1", GAP, missing=missing), said(2)], (width, 8)) as (log, _):
        [row] = [row for row in rows(log) if "messages" in row]
        assert row.strip(" ─") == expected
        log.replace("g1", gap("g1", GAP, missing=Missing(at("12:00"), at("14:30", day=23), 1)))
        if width == 100:
            assert "about 1 message not loaded, 22 Nov 2026 12:00 to 23 Nov 2026 14:30" in "\n".join(
                rows(log)
            )
        log.replace("g1", gap("g1", GAP, "it failed", missing=missing))
        assert "about" not in "\n".join(rows(log)), "what failed says why"


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
