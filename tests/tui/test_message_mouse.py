"""What the mouse takes from the message log: selected text, words, clicks."""

from __future__ import annotations

import unicodedata

import pytest
from textual.color import Color
from textual.events import MouseDown, MouseMove, MouseUp
from textual.theme import BUILTIN_THEMES

from chat_tui.model import Delivery
from chat_tui.nick_colors import contrast
from chat_tui.themes import OURS
from chat_tui.widgets.message_log import MessageLog
from tests.tui.shown_log import (
    HOSTILE,
    LogApp,
    copied,
    many,
    said,
    select,
    shown,
    strips,
    texts,
)

LONG = said(2, "one two three four five␤six 日本語 seven", "bob")
"""In 46 columns: "one two three four five", "six 日本語 seven", the text from column 18 on."""


async def test_a_drag_in_one_message_copies_its_plain_text() -> None:
    async with shown([said(1), LONG], (46, 4)) as (log, pilot):
        assert texts(log)[2:] == ["one two three four five", "six 日本語 seven"]
        await select(pilot, (22, 2), (24, 2))
        assert copied(pilot) == "two"
        await select(pilot, (41, 2), (22, 3))
        assert copied(pilot) == "\nsix 日"
        await select(pilot, (22, 3), (24, 3))
        assert copied(pilot) == "日本"


@pytest.mark.parametrize("start", [(0, 2), (8, 2), (16, 2), (17, 2), (18, 2)])
async def test_a_drag_may_begin_left_of_the_text_and_end_right_of_it(start: tuple[int, int]) -> None:
    async with shown([said(1), LONG], (46, 4)) as (_, pilot):
        await select(pilot, start, (44, 2))
        assert copied(pilot) == "one two three four five"
        await select(pilot, (start[0], 3), (44, 3))
        assert copied(pilot) == "six 日本語 seven"


async def test_a_drag_upwards_copies_the_same() -> None:
    async with shown([said(1), LONG], (46, 4)) as (_, pilot):
        await select(pilot, (22, 3), (22, 2))
        assert copied(pilot) == "two three four five\nsix 日"
        await select(pilot, (22, 3), (44, 2))
        assert copied(pilot) == "\nsix 日"


async def test_of_several_messages_the_copy_says_who_said_them() -> None:
    messages = [
        said(1, "first", "ann"),
        said(2, "waves", "bob", kind="act"),
        said(3, "noted", "", kind="notice"),
        said(4, "last"),
    ]
    async with shown(messages, (64, 6)) as (log, pilot):
        await select(pilot, (21, 2), (22, 5))
        assert copied(pilot) == "ann: first\n* bob waves\nnoted\nann: la"
        await select(pilot, (23, 2), (22, 3))
        assert copied(pilot) == "rst\n* bo"
        selection = log.screen.get_component_rich_style("screen--selection").bgcolor
        lit = [
            segment.text
            for strip in strips(log)
            for segment in strip
            if segment.style and segment.style.bgcolor == selection
        ]
        assert lit == ["rst", "*", "bo"]


@pytest.mark.parametrize("theme", [*BUILTIN_THEMES, *(theme.name for theme in OURS)])
async def test_selected_text_is_seen_to_be_selected_and_readable(theme: str) -> None:
    async with shown([said(1), said(2, "look: https://x.org"), said(3)], (64, 4), theme=theme) as (
        log,
        pilot,
    ):
        plain = strips(log)[2]._segments[-2].style
        await select(pilot, (21, 1), (60, 3))
        lit = [
            segment.style for segment in strips(log)[2] if segment.text in ("ann", "look: ", "https://x.org")
        ]
        assert len(lit) == 3 and plain is not None
        for style in lit:
            assert style is not None and style.color is not None and style.bgcolor is not None
            assert style.bgcolor != plain.bgcolor
            if style.color.triplet and style.bgcolor.triplet:
                ratio = contrast(Color.from_rich_color(style.color), Color.from_rich_color(style.bgcolor))
                assert ratio >= 4.5
            else:
                assert style.color != style.bgcolor


async def test_a_selection_stays_with_its_text_when_other_messages_come() -> None:
    pending = said(8, "mine", "me", key="p1", is_own=True, delivery=Delivery.PENDING)
    async with shown([*(said(number) for number in range(50)), pending], (64, 12), cap=60) as (log, pilot):
        await select(pilot, (21, 11), (24, 11))
        assert copied(pilot) == "mine"
        log.insert([said(100)], before="p1")
        log.insert_before(many(3, 200))
        log.extend(many(30, 300))
        await pilot.pause()
        assert copied(pilot) == "mine"
        log.set_messages(many(3))
        await pilot.pause()
        assert copied(pilot) is None


async def test_two_clicks_take_a_word_and_three_the_message() -> None:
    async with shown([said(1), LONG], (46, 4)) as (_, pilot):
        await pilot.click(MessageLog, offset=(23, 2), times=2)
        assert copied(pilot) == "two"
        await pilot.click(MessageLog, offset=(23, 2), times=3)
        assert copied(pilot) == "one two three four five\nsix 日本語 seven"


async def test_a_click_tells_which_message_and_which_address() -> None:
    async with shown([said(1), said(2, "see https://x.org now")], (64, 4)) as (log, pilot):
        await pilot.click(MessageLog, offset=(1, 2))
        await pilot.click(MessageLog, offset=(30, 3))
        await pilot.click(MessageLog, offset=(58, 3))
        await pilot.click(MessageLog, offset=(5, 0))
        assert isinstance(pilot.app, LogApp)
        clicks = [event for event in pilot.app.heard if isinstance(event, MessageLog.MessageClicked)]
        assert [(event.key, event.link) for event in clicks] == [
            ("e1", None),
            ("e2", "https://x.org"),
            ("e2", None),
        ]
        assert clicks[0].control is log


async def test_a_drag_is_no_click() -> None:
    """The terminal's own events: for those Textual makes a click of a drag too, as long as it stays in the log."""
    async with shown([said(1), LONG], (46, 4)) as (_, pilot):
        for kind, x in ((MouseDown, 20), (MouseMove, 30), (MouseUp, 30)):
            event = kind(None, x, 2, 0, 0, 1, False, False, False, x, 2)
            pilot.app.post_message(event)
            await pilot.pause()
        assert copied(pilot) is not None
        assert isinstance(pilot.app, LogApp)
        assert not [event for event in pilot.app.heard if isinstance(event, MessageLog.MessageClicked)]


async def test_a_selection_copies_no_control_characters_either() -> None:
    async with shown([said(1, HOSTILE)], (160, 4)) as (_, pilot):
        await select(pilot, (0, 3), (159, 3))
        copied = pilot.app.screen.get_selected_text()
        assert copied is not None and "free beer" in copied
        assert not [sign for sign in copied if unicodedata.category(sign) == "Cc"]
