"""How the app looks: some pictures, and for the rest the screen as text.

`pytest tests/tui/test_snapshots.py --snapshot-update -n0` takes the pictures anew: look at them before you keep them.
"""

from __future__ import annotations

from textwrap import dedent

import pytest

from chat_tui.client import Lost
from chat_tui.screens.help import Help
from tests.tui.scenes import EVENING, FOUND, HOSTILE, LONG, NAMED, NEWS, ROOMS, THREAD, UNREAD, WIDE
from tests.tui.screens import WELCOME, Running, scripted_app, until

SEARCHED = ("ctrl+f", *"cake", "enter")


def pictured(scenes=(), keys=(), then="", lost=None, **options):
    """The app, and what happens before the picture is taken."""
    app, script = scripted_app(**options)

    async def before(pilot):
        await pilot.pause()
        script.connect(WELCOME)
        await pilot.pause()
        for scene in scenes:
            script.receive(scene)
            await pilot.pause()
            if scene is ROOMS:
                await pilot.press("alt+1")
        if lost is not None:
            script.is_connected = False
            script.on_event(lost)
        await pilot.press(*keys)
        await pilot.pause()
        script.receive(then)
        await pilot.pause()

    return app, before


@pytest.mark.parametrize(
    ("size", "options"),
    [
        pytest.param((140, 40), {}, id="empty"),
        pytest.param((140, 40), {"scenes": (EVENING, ROOMS, UNREAD)}, id="busy"),
        pytest.param((100, 30), {"scenes": (WIDE,)}, id="long-and-wide"),
        pytest.param((120, 24), {"scenes": (HOSTILE,)}, id="hostile"),
        pytest.param(
            (100, 24),
            {
                "scenes": (EVENING,),
                "lost": Lost("The server went away", 8.0),
                "keys": ("s", "o", "enter", *"draft"),
            },
            id="disconnected",
        ),
        pytest.param((80, 24), {"scenes": (EVENING, ROOMS, UNREAD)}, id="80x24"),
        pytest.param((50, 15), {"scenes": (EVENING,)}, id="50x15"),
        pytest.param((140, 40), {"scenes": (EVENING, ROOMS, UNREAD), "theme": "talkline-light"}, id="light"),
        pytest.param((100, 24), {"scenes": (LONG,), "keys": ("pageup",), "then": NEWS}, id="scrolled-up"),
        pytest.param((100, 24), {"scenes": (EVENING,), "keys": ("alt+up", "alt+up")}, id="cursor"),
        pytest.param((100, 24), {"scenes": (EVENING,), "keys": ("alt+up", "r", *"yes")}, id="replying"),
        pytest.param((100, 28), {"scenes": (THREAD,)}, id="thread"),
        pytest.param((120, 30), {"scenes": (LONG,), "keys": SEARCHED, "then": FOUND}, id="search"),
        pytest.param((80, 24), {"scenes": (LONG,), "keys": SEARCHED, "then": FOUND}, id="search-80x24"),
        pytest.param((50, 15), {"scenes": (LONG,), "keys": SEARCHED, "then": FOUND}, id="search-50x15"),
        pytest.param(
            (80, 24),
            {"scenes": (LONG, ROOMS, UNREAD), "keys": ("alt+m",), "then": NAMED, "theme": "talkline-light"},
            id="mentions",
        ),
    ],
)
def test_the_app_looks_as_it_did(snap_compare, size, options):
    app, before = pictured(**options)
    assert snap_compare(app, terminal_size=size, run_before=before)


def screen(text):
    """Rows of a screen as they stand in a test."""
    return dedent(text).strip("\n")


async def shown(size, *keys, scenes=(EVENING,), lost=None):
    """The screen as text."""
    async with Running(size=size) as on:
        for scene in scenes:
            await on.receive(scene)
        if lost is not None:
            on.script.on_event(lost)
        await on.press(*keys)
        await on.pilot.pause()
        return on.text


async def test_the_screen_of_a_small_terminal():
    assert await shown((40, 10)) == screen(
        """\
         #lobby                        7 people
        ▌               │ box with all the
        ▌               │ expansions
         16:56        · │ dave and erin joined
         16:57     dave │ first here, and I
                        │ have brought         ▁
                        │   - dice
                        │   - the rules
         ● den  localhost:5000          F1 help
         ann › Message #lobby
        """
    )


async def test_the_screen_while_a_command_is_written_and_the_connection_is_lost():
    assert await shown((72, 12), *"/m", lost=Lost("Nothing listens at den:5000", 3.0)) == screen(
        """\
          Rooms           #lobby                                      7 people
        ▌1 #lobby                       │ https://example.org/games?week=47
                         16:53      ann │ me, if we start after eight
                         16:54        * │ carol bakes another cake
                        ▌16:55      bob │ ann: eight it is. I will bring the   ▁
                        ▌               │ long box with all the expansions
                         16:56        · │ dave and erin joined
                         16:57     dave │ first here, and I have brought
                                        │   - dice
                                        │   - the rules
          /msg TARGET TEXT   /me TEXT         ○ offline, retry in 3 s · F5 now
          ann › /m
        """
    )


async def test_the_screen_while_a_room_is_looked_for():
    assert await shown((60, 18), "ctrl+k", scenes=(EVENING, ROOMS, UNREAD)) == screen(
        """\
         #lobby  4 unread @2                               7 people
        ╭─ Go to ──────────────────────────────────────────────────╮
        │  room or person                                          │
        │  #ops                             1 unread, 1 for you    │
        │  @bob                             1 unread, 1 for you    │
        │  #games                                      2 unread    │
        │  #lobby                                                  │
        │  @carol                                                  │
        │  @dave                                                   │
        │  @erin                                                   │
        │  @Zoë                                                    │
        │  @田中                                                   │
        ╰──────────────────────────── Enter takes it · Esc closes ─╯
         16:57     dave │ first here, and I have brought
                        │   - dice
                        │   - the rules
         ● den  localhost:5000               Ctrl-F search  F1 help
         ann › Message #lobby
        """
    )


async def help_page(size):
    """The rows of the help, from its frame on."""
    screen = await shown(size, "f1")
    rows = [row[row.find("│") :].strip("│╭╮╰╯─▁▂▃▄▅▆▇█ ") for row in screen.splitlines()]
    return rows[next(number for number, row in enumerate(screen.splitlines()) if "─ Help ─" in row) + 1 :]


async def test_the_help_begins_with_what_everybody_needs_then_come_the_commands():
    rows = await help_page((80, 24))
    assert rows[1:5] == [
        "Enter                Say what you wrote to the room that you see",
        "/nick NAME           Call yourself NAME",
        "/join ROOM           Go to a room; a new one is made by going there",
        "/msg TARGET TEXT     Say something in #room, or to @nick alone",
    ]
    assert rows[13:15] == [
        "Commands",
        "/nick NAME [SECRET]  Call yourself NAME; with a SECRET the name becomes",
    ]
    assert (await shown((80, 24), "f1")).count("↑ ↓ scroll · C commands · K keys · Esc closes") == 1


@pytest.mark.parametrize("size", [(120, 35), (50, 20)])
async def test_c_and_k_go_to_the_commands_and_the_keys_of_the_help(size):
    def is_at_the_top(heading):
        return any(f" {heading} " in row for row in on.text.splitlines()[:6])

    async with Running(size=size) as on:
        await on.press("f1")
        await until(on.pilot, lambda: isinstance(on.app.screen, Help) and "Say what you wrote" in on.text)
        await on.press("k")
        await until(on.pilot, lambda: is_at_the_top("Keys: writing"))
        await on.press("c")
        await until(on.pilot, lambda: is_at_the_top("Commands"))
