"""The cursor on a message: when letters are for the message, when for the bar, and that it is never out of sight."""

from __future__ import annotations

import pytest

from chat_tui.screens.ask import Ask
from tests.tui.screens import Running, until
from tests.tui.test_message_gaps import history

FOREVER = 1_000.0
"""Seconds that a letter waits for a second one, where a slow machine must not make one of two."""

HELLO = "2026-11-22T16:59:00Z msg 1041 #lobby bob: hello"
MINE = "2026-11-22T16:59:00Z msg 1041 #lobby ann: cake at four"


def cursor(on: Running) -> str | None:
    return on.chat.logs.current.cursor_key


async def jumped(on: Running, id: int = 1041) -> None:
    on.chat.act(on.app.model.jump_to("#lobby", id))
    await until(on.pilot, lambda: cursor(on) == f"e{id}", "the message is lit up")


@pytest.mark.parametrize("text", ["yes they are", "really?", "did you", "even so", "u there?", "+1", "Yes"])
async def test_after_a_jump_letters_are_text(text: str) -> None:
    async with Running() as on:
        await on.receive(MINE)
        await jumped(on)
        await on.write(text)
        assert on.composer.text == text and on.composer.purpose is None
        assert on.app.screen is on.chat and on.app.clipboard == ""
        assert cursor(on) == "e1041", "one sees what one answers"
        await on.press("enter")
        assert on.said[-1].endswith(text) and cursor(on) is None


async def test_after_a_jump_esc_takes_the_light_away_and_alt_up_gives_it_the_keys() -> None:
    async with Running() as on:
        await on.receive(HELLO)
        await jumped(on)
        assert "message 1041   Alt-Up acts on it  Esc back" in on.text and "r reply" not in on.text
        await on.press("escape")
        assert cursor(on) is None
        await jumped(on)
        await on.press("alt+up")
        assert cursor(on) == "e1041" and "r reply" in on.text
        await on.press("r", *"yes")
        assert on.composer.purpose.id == 1041 and on.composer.text == "yes"


@pytest.mark.parametrize("text", ["yes they are", "did you", "even so", "until then", "dye"])
async def test_a_sentence_that_is_typed_while_the_cursor_is_up_is_text_whole(text: str) -> None:
    async with Running() as on:
        on.chat.rows.hold = FOREVER
        await on.receive(MINE)
        await on.press("alt+up")
        await on.write(text)
        assert on.composer.text == text and on.composer.purpose is None and cursor(on) is None
        assert on.app.screen is on.chat and on.app.clipboard == ""
        assert on.app.model.current.unread == 0


async def test_one_letter_alone_does_what_it_says() -> None:
    async with Running() as on:
        await on.receive(HELLO)
        await on.press("alt+up", "y")
        await until(on.pilot, lambda: on.app.clipboard == "hello")
        assert cursor(on) is None
        await on.write("es")
        assert on.composer.text == "es", "what follows is text"


async def test_a_key_that_is_no_letter_does_not_make_a_sentence_of_the_one_before() -> None:
    async with Running() as on:
        on.chat.rows.hold = FOREVER
        await on.receive(HELLO)
        await on.press("alt+up", "y")
        assert on.app.clipboard == "" and on.composer.is_empty, "a second letter may come"
        await on.press("enter")
        assert on.app.clipboard == "hello" and on.composer.is_empty and on.said == []


async def test_what_was_typed_slowly_is_no_answer_to_the_question_whether_to_delete() -> None:
    async with Running() as on:
        await on.receive(MINE)
        await on.press("alt+up", "d")
        await until(on.pilot, lambda: isinstance(on.app.screen, Ask))
        await on.press("i")
        await until(on.pilot, lambda: on.app.screen is on.chat)
        await on.press("d")
        assert on.composer.text == "did" and not any("/delete" in line for line in on.script.sent)


@pytest.mark.parametrize("key", ["pageup", "wheel"])
async def test_a_cursor_that_is_scrolled_out_of_sight_is_gone_and_its_keys_are_text(key: str) -> None:
    async with Running() as on:
        await on.receive(history(1001, 1040, more=True))
        await on.press("alt+up")
        assert cursor(on) == "e1040" and "r reply" in on.text
        if key == "wheel":
            on.chat.logs.current.scroll_relative(y=-1, animate=False)
            await on.pilot.pause()
        else:
            await on.press(key)
        assert cursor(on) is None and "r reply" not in on.text
        await on.press("r")
        assert on.composer.text == "r" and on.composer.purpose is None


async def test_a_cursor_that_stays_in_sight_stays_while_one_scrolls() -> None:
    async with Running() as on:
        await on.receive(history(1001, 1040, more=True))
        await on.press("alt+up", "alt+up", "alt+up")
        on.chat.logs.current.scroll_relative(y=-2, animate=False)
        await on.pilot.pause()
        assert cursor(on) == "e1038" and "message 1038" in on.text


async def test_what_is_said_below_pushes_the_cursor_out_of_sight_and_away() -> None:
    async with Running() as on:
        await on.receive(HELLO)
        await on.press("alt+up")
        lines = [f"2026-11-22T17:00:00Z msg {id} #lobby bob: line {id}" for id in range(1042, 1080)]
        await on.receive("\n".join(lines))
        await until(on.pilot, lambda: cursor(on) is None)


async def test_enter_reveals_a_spoiler_then_opens_the_link_in_it_and_passing_over_it_does_neither(
    monkeypatch,
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with Running() as on:
        await on.receive("2026-11-22T16:58:00Z msg 1040 #lobby bob: it was ||the butler||")
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: see ||https://example.org||")
        await on.press("alt+up")
        assert "▒▒▒" in on.text and "Enter reveal" in on.text
        await on.press("enter")
        assert "https://example.org" in on.text and "Enter open" in on.text and on.app.clipboard == ""
        await on.press("enter")
        assert on.app.clipboard == "https://example.org"
        await on.press("alt+up")
        assert "butler" not in on.text
        await on.press("enter")
        assert "it was the butler" in on.text and "Enter cover" in on.text
        await on.press("enter")
        assert "butler" not in on.text and "Enter reveal" in on.text


async def test_after_a_jump_enter_reveals_too() -> None:
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: it was ||the butler||")
        await jumped(on)
        assert "Enter reveal" in on.text
        await on.press("enter")
        assert "it was the butler" in on.text
