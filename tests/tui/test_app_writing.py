"""The app on a scripted connection: typing, sending, pasting, copying."""

from __future__ import annotations

import re

import pytest
from textual import events

from chat_server.wire import TEXT_BYTES
from chat_tui.screens.ask import Ask
from tests.tui.screens import Running, until


async def test_one_can_type_from_the_first_frame_on():
    async with Running(is_connected=False) as on:
        await on.write("early")
        await on.press("enter")
        assert "early" in on.text
        assert "connecting to localhost:5000" in on.text
        await on.receive(None)
        await until(on.pilot, lambda: on.said == ["/msg #lobby early"])


async def test_an_own_line_is_pending_until_it_is_taken():
    async with Running() as on:
        await on.write("hello")
        await on.press("enter")
        assert re.search("… ?17:01 +ann │ hello", on.text)
        label = on.script.sent[-1].split()[1]
        await on.receive(f"""
            2026-11-22T17:01:00Z msg 1041 #lobby ann: hello
            2026-11-22T17:01:00Z ok {label} 1041
        """)
        assert "… 17:01" not in on.text
        assert re.search(r" 17:01 +ann │ hello", on.text)


@pytest.mark.parametrize("offset", [(5, 5), (50, 10), (90, 12), (50, 22)])
async def test_a_click_anywhere_loses_nothing_that_is_being_typed(offset):
    async with Running() as on:
        await on.write("half a")
        await on.pilot.click(offset=offset)
        await on.write(" line")
        assert on.composer.has_focus
        assert on.composer.text == "half a line"


async def test_a_refused_command_stays_to_be_mended():
    async with Running() as on:
        await on.write("/nikc zed")
        await on.press("enter")
        assert on.composer.text == "/nikc zed"
        assert "error │ /nikc is not a command; did you mean" in on.text
        assert "Not sent, so it stays here: Ctrl-C clears it" in on.text
        await on.press("ctrl+c")
        assert on.composer.is_empty and "Ctrl-C clears" not in on.text


async def test_a_command_with_a_space_before_it_is_not_told_to_everybody_by_accident():
    async with Running() as on:
        await on.write(" /nick secret")
        await on.press("enter")
        assert on.said == []
        assert "begins with a space" in on.text
        assert on.composer.text == " /nick secret"
        await on.press("enter")
        assert on.said == ["/msg #lobby /nick secret"]


async def test_a_slash_command_shows_its_syntax_while_it_is_typed():
    async with Running() as on:
        await on.write("/ms")
        assert "/msg TARGET TEXT" in on.text
        await on.write("g @bob ")
        assert "/msg TARGET TEXT   Say TEXT in #room, or to @nick alone" in on.text
        await on.press("ctrl+c")
        assert "/msg TARGET" not in on.text


async def test_a_long_text_says_how_full_it_is_and_one_too_long_is_kept():
    async with Running() as on:
        on.composer.insert("x" * (TEXT_BYTES - 10))
        await on.pilot.pause()
        assert "3,490 of 3,500 bytes" in on.text
        on.composer.insert("x" * 11)
        await on.press("enter")
        assert on.said == []
        assert "send it in parts" in on.text
        assert len(on.composer.text) == TEXT_BYTES + 1


async def test_tab_shows_what_it_offers_whoever_spoke_last_first():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby carol: hi")
        await on.receive("2026-11-22T16:59:30Z msg 1042 #lobby bob: hi")
        await on.press("tab")
        assert on.composer.text == "bob: "
        assert " bob  carol  Zoë  田中" in on.text
        await on.press("tab")
        assert on.composer.text == "carol: "
        await on.write("you")
        assert " bob  carol " not in on.text


async def test_many_pasted_lines_ask_and_go_into_one_message_or_nowhere():
    async with Running() as on:
        paste = "\n".join(f"line {number} [/b]" for number in range(9))
        on.app.post_message(events.Paste(paste))
        await until(on.pilot, lambda: isinstance(on.app.screen, Ask))
        assert "9 lines were pasted" in on.text
        assert "line 0 [/b]" in on.text
        await on.press("escape")
        assert on.composer.is_empty
        on.app.post_message(events.Paste(paste))
        await until(on.pilot, lambda: isinstance(on.app.screen, Ask))
        await on.press("o")
        await until(on.pilot, lambda: on.composer.text == paste)
        assert on.composer.has_focus


async def test_ctrl_c_copies_a_selection_else_clears_the_line_else_says_how_to_leave():
    async with Running() as on:
        await on.write("select me")
        await on.press("shift+home", "ctrl+c")
        assert on.app.clipboard == "select me"
        assert on.composer.text == "select me"
        await on.press("end", "ctrl+c")
        assert on.composer.is_empty
        await on.press("ctrl+c")
        assert "Ctrl-Q leaves" in on.text
        await on.press("up")
        assert on.composer.text == "select me"


async def test_text_dragged_over_in_the_log_is_copied():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: copy this please")
        row = next(number for number, line in enumerate(on.text.splitlines()) if "copy this" in line)
        column = on.text.splitlines()[row].index("copy this")
        await on.pilot.mouse_down(offset=(column, row))
        await on.pilot.hover(offset=(column + 8, row))
        await on.pilot.mouse_up(offset=(column + 8, row))
        await on.press("ctrl+c")
        assert on.app.clipboard.startswith("copy this")
