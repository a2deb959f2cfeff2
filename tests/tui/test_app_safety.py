"""The app on a scripted connection: hostile text, no colours, any size."""

from __future__ import annotations

import re

import pytest
from textual.theme import BUILTIN_THEMES
from textual.widgets import OptionList

from chat_tui.screens.ask import Ask
from chat_tui.screens.pick import Pick
from tests.tui.screens import SIZE, Running, join_games, until

MENTION = "2026-11-22T16:59:00Z msg {id} #lobby bob: ann: look"


HOSTILE = "[/] [b]x[/b] [@click=app.quit]free beer[/] [/nope]"


async def test_nothing_that_others_write_is_ever_markup():
    async with Running(size=(120, 30)) as on:
        await on.receive(f"""
            2026-11-22T16:55:00Z msg 1041 #lobby bob: {HOSTILE}
            2026-11-22T16:55:01Z act 1042 #lobby [x]: {HOSTILE}
            2026-11-22T16:55:02Z topic 1043 #lobby bob: {HOSTILE}
            2026-11-22T16:55:03Z msg 1044 @ann [y]: {HOSTILE}
            2026-11-22T16:55:04Z join #lobby [click=app.quit]z
            2026-11-22T16:55:05Z note {HOSTILE}
        """)
        assert on.text.count("[@click=app.quit]free beer[/]") >= 3
        await on.press("ctrl+k")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await until(on.pilot, lambda: on.text.count("@[y]") == 2, "the row to choose")
        await on.write("[y")
        await until(on.pilot, lambda: on.text.count("@[y]") == 2, "the row that fits")
        await on.press("escape", "alt+2")
        assert "Message @[y]" in on.text
        await on.write("[/b]")
        await on.press("ctrl+q")
        await until(on.pilot, lambda: isinstance(on.app.screen, Ask))
        assert "not sent in @[y]" in on.text


async def test_without_colours_everything_is_still_told(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    async with Running() as on:
        await join_games(on)
        await on.receive(MENTION.format(id=1041))
        assert re.search(r" 1 #lobby +@1 ", on.text)
        assert "▌2 #games" in on.text


async def test_a_message_that_says_nothing_new_paints_nothing():
    async with Running() as on:
        shown = on.text
        for size in ((40, 12), (20, 6), (140, 40), SIZE):
            await on.pilot.resize_terminal(*size)
            await on.pilot.pause()
        assert on.text == shown


@pytest.mark.parametrize("theme", sorted(BUILTIN_THEMES))
async def test_every_theme_shows_the_same_and_tells_where_one_is(theme):
    async with Running(theme=theme) as on:
        await on.receive(MENTION.format(id=1041))
        assert "ann: look" in on.text
        await on.press("f2")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.pilot.pause()
        options = on.app.screen.query_one(OptionList)
        lit, other = (options.render_line(row)._segments[0].style.bgcolor for row in (0, 1))
        assert lit != other
        rooms = on.chat.rooms
        assert (
            rooms.render_line(0)._segments[1].style.bgcolor != rooms.render_line(1)._segments[0].style.bgcolor
        )
