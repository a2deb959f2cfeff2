"""What lies above the chat: that it gives nothing away, and has room on a small terminal."""

from __future__ import annotations

import pytest

from chat_tui.screens.other_device import OtherDevice
from chat_tui.screens.pick import Choice, Pick
from chat_tui.screens.search import Search
from tests.tui.screens import NOW, Running, until

TOLD = "2026-11-22T16:59:00Z msg 1041 #lobby bob: ann: the *butler* is ||the murderer||"


async def test_a_list_of_messages_keeps_spoilers_covered_and_shows_no_signs():
    async with Running() as on:
        await on.receive(TOLD)
        await on.press("alt+m")
        assert "ann: the butler is ▒▒▒▒▒▒▒▒▒▒▒▒" in on.text
        assert "murderer" not in on.text


@pytest.mark.parametrize("key", ["ctrl+f", "alt+m", "f1"])
async def test_on_a_small_terminal_a_page_fills_it_and_says_how_it_closes(key):
    async with Running(size=(50, 15)) as on:
        await on.press(key)
        rows = on.text.splitlines()
        assert rows[0].startswith("╭─ ") and len(rows[0]) == 50
        assert rows[-1].startswith("╰──") and rows[-1].endswith("Esc closes ─╯")


@pytest.mark.parametrize("theme", ["ansi-dark", "ansi-light", "nord", "talkline-light"])
@pytest.mark.parametrize("key", ["ctrl+f", "alt+m", "f1", "f2", "ctrl+k", "ctrl+q"])
async def test_every_page_opens_in_every_kind_of_theme(theme, key):
    """F1 in a theme of the terminal's own colours ended the app: Rich does not know ansi_blue."""
    async with Running(theme=theme) as on:
        await on.receive(TOLD)
        await on.write("draft" if key == "ctrl+q" else "")
        await on.press(key)
        assert on.app.screen is not on.chat
        assert "Esc" in on.text


async def test_the_status_line_names_as_many_keys_as_there_is_room_for():
    shown = {}
    for width in (40, 60, 80, 100):
        async with Running(size=(width, 10)) as on:
            status = on.text.splitlines()[-2]
            shown[width] = [key for key in ("Ctrl-F", "Ctrl-K", "F1", "F2", "Ctrl-Q") if key in status]
            assert "localhost:5000" in status
    assert shown == {
        40: ["F1"],
        60: ["Ctrl-F", "F1"],
        80: ["Ctrl-F", "Ctrl-K", "F1", "F2"],
        100: ["Ctrl-F", "Ctrl-K", "F1", "F2", "Ctrl-Q"],
    }


async def test_news_below_take_the_room_of_keys_not_that_of_the_address():
    async with Running(size=(100, 10)) as on:
        await on.receive("\n".join(f"2026-11-22T16:59:00Z msg {1041 + n} #lobby bob: {n}" for n in range(40)))
        await on.press("pageup")
        await on.receive("2026-11-22T16:59:30Z msg 1100 #lobby bob: new")
        status = on.text.splitlines()[-2]
        assert "↓ 1 new · End" in status and "localhost:5000" in status and "F1 help" in status


async def test_the_line_of_a_list_stays_where_it_is_while_the_list_gets_shorter():
    async with Running(size=(80, 30)) as on:
        await on.press("f2")
        box = on.app.screen.query_one("#pick")
        before = box.region
        await on.write("theme")
        assert box.region.offset == before.offset
        assert box.region.height < before.height


@pytest.mark.parametrize("height", [10, 15, 23, 24, 40])
async def test_the_last_of_a_list_is_in_sight_when_it_is_lit(height):
    async with Running(size=(80, height)) as on:
        await on.press("f2")
        await on.press("up")
        assert any("Leave" in row and "Ctrl-Q" in row for row in on.text.splitlines())
        assert "Esc closes ─╯" in on.text


@pytest.mark.parametrize("is_closed", [False, True])
async def test_a_size_or_an_answer_that_comes_before_a_page_is_drawn_or_after_it_is_closed_ends_nothing(
    is_closed,
):
    async with Running() as on:
        found = Search("Search", "", lambda: float(NOW), None)
        pick = Pick("Go to", "", [Choice("#games", "#games")])
        for page in (found, pick) if is_closed else ():
            await on.app.push_screen(page)
            page.dismiss(None)
            await until(on.pilot, lambda page=page: on.app.screen is on.chat and not page.is_drawn)
        for page in (found, pick):
            assert not page.is_drawn
            page.on_resize()
        found._fill()
        found._near_end()
        pick.offer([])


async def test_a_search_that_is_typed_as_a_command_opens_the_list_of_what_it_finds():
    async with Running() as on:
        await on.write("/search  cake from:bob")
        await on.press("enter")
        await until(on.pilot, lambda: isinstance(on.app.screen, Search))
        await until(on.pilot, lambda: any(line.endswith("/search cake from:bob") for line in on.script.sent))
        await on.receive("""
            2026-11-22T17:00:00Z begin search cake from:bob
            2026-03-02T09:20:00Z msg 311 #lobby bob: a cake that nobody ate
            2026-11-22T17:00:00Z end search 0
        """)
        await until(on.pilot, lambda: "a cake that nobody ate" in on.text and "1 message" in on.text)
        await on.write(" in:#lobby")
        assert "cake from:bob in:#lobby" in on.text
        await on.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.chat)
        assert on.composer.is_empty and "Found for" not in on.text
        await on.press("up")
        assert on.composer.text == "/search  cake from:bob"


async def test_a_search_after_a_space_is_said_as_it_was_warned_of():
    async with Running() as on:
        await on.write(" /search cake")
        await on.press("enter")
        await on.press("enter")
        await until(on.pilot, lambda: on.said)
        assert on.app.screen is on.chat


async def test_a_search_for_nothing_opens_the_empty_search():
    async with Running() as on:
        await on.write("/Search")
        await on.press("enter")
        await until(on.pilot, lambda: isinstance(on.app.screen, Search))
        assert not any("/search" in line for line in on.script.sent)


@pytest.mark.parametrize("key", ["s", "S"])
async def test_the_letters_of_a_page_work_as_they_are_written(key):
    async with Running() as on:
        on.app.push_screen(OtherDevice("ann", "sesame", "den"))
        await until(on.pilot, lambda: "S  Show the secret" in on.text)
        await on.press(key)
        await until(on.pilot, lambda: "/nick ann sesame" in on.text)
        await on.press(key)
        await until(on.pilot, lambda: "S  Show the secret" in on.text)
        await on.press("c" if key == "s" else "C")
        await until(on.pilot, lambda: on.app.clipboard == "/nick ann sesame")


@pytest.mark.parametrize("key", ["k", "K"])
async def test_the_letters_of_the_help_do_as_well(key):
    async with Running() as on:
        await on.press("f1")
        await until(on.pilot, lambda: "Say what you wrote" in on.text)
        await on.press(key)
        await until(on.pilot, lambda: any(" Keys: writing " in row for row in on.text.splitlines()[:6]))
        await on.press("q" if key == "k" else "Q")
        await until(on.pilot, lambda: on.app.screen is on.chat)


@pytest.mark.parametrize(
    ("width", "prompt"),
    [(72, "a-very-long-nick ›"), (60, "a-very-long… ›"), (40, "a-very-… ›"), (28, "›")],
)
async def test_one_sees_who_one_is_on_a_narrow_screen_as_far_as_there_is_room(width, prompt):
    async with Running(size=(width, 12)) as on:
        await on.receive("2026-11-22T16:51:00Z nick ann a-very-long-nick")
        await until(on.pilot, lambda: on.text.splitlines()[-1].strip().startswith(f"{prompt} Message"))
