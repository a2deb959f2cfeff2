"""Sentences in the status line: they go by themselves, and with the next key."""

from __future__ import annotations

import pytest

from chat_tui.screens.hints import SECONDS
from tests.tui.screens import NOW, Running, until
from tests.tui.test_message_gaps import history

HELLO = "2026-11-22T16:59:00Z msg 1041 #lobby bob: hello"


class Clock:
    """The app's clock, which goes when the test says so."""

    def __init__(self) -> None:
        self.now = float(NOW)

    def __call__(self) -> float:
        return self.now


async def test_a_hint_goes_after_some_seconds() -> None:
    clock = Clock()
    async with Running(clock=clock) as on:
        await on.press("alt+a")
        assert "Nothing unread" in on.text
        clock.now += SECONDS - 1
        on.chat.tick()
        await on.pilot.pause()
        assert "Nothing unread" in on.text
        clock.now += 1
        await until(on.pilot, lambda: "Nothing unread" not in on.text, "the app looks by itself")
        assert "F1 help" in on.text


@pytest.mark.parametrize("key", ["alt+up", "up", "alt+1", "escape", "left", "x", "pageup", "f7"])
async def test_a_hint_goes_with_the_next_key_of_any_kind(key: str) -> None:
    async with Running() as on:
        await on.receive(HELLO)
        await on.press("ctrl+c")
        assert "Ctrl-Q leaves" in on.text
        await on.press(key)
        assert "Ctrl-Q leaves" not in on.text


async def test_how_to_go_on_with_a_command_stays_while_it_is_written_and_comes_back() -> None:
    clock = Clock()
    async with Running(clock=clock) as on:
        await on.write("/join")
        assert "/join ROOM" in on.text
        clock.now += 3 * SECONDS
        on.chat.tick()
        await on.press("left")
        assert "/join ROOM" in on.text
        await on.press("alt+a")
        assert "Nothing unread" in on.text and "/join ROOM" not in on.text
        clock.now += SECONDS
        on.chat.tick()
        await until(on.pilot, lambda: "/join ROOM" in on.text)


async def test_a_warning_that_waits_for_a_second_enter_stays_and_another_key_ends_what_it_allows() -> None:
    clock = Clock()
    async with Running(clock=clock) as on:
        await on.write(" /me waves")
        await on.press("enter")
        assert "Enter again says it to everybody" in on.text
        clock.now += 3 * SECONDS
        on.chat.tick()
        await on.pilot.pause()
        assert "Enter again says it to everybody" in on.text
        await on.press("left")
        assert "Enter again" not in on.text
        await on.press("enter")
        assert on.said == [] and "Enter again says it to everybody" in on.text
        await on.press("enter")
        assert len(on.said) == 1


async def test_who_has_scrolled_up_is_told_so_at_once() -> None:
    async with Running() as on:
        await on.receive(history(1001, 1040))
        assert "scrolled up" not in on.text
        await on.press("pageup")
        assert "↑ scrolled up · End" in on.text
        await on.receive(HELLO)
        assert "↓ 1 new · End" in on.text and "scrolled up" not in on.text
        await on.press("end")
        assert "scrolled up" not in on.text and "new · End" not in on.text


async def test_a_room_that_is_opened_at_its_end_does_not_say_that_one_has_scrolled_up() -> None:
    async with Running() as on:
        await on.receive(history(1001, 1040))
        await on.press("pageup")
        await on.receive("2026-11-22T16:59:10Z msg 1042 @ann bob: psst")
        await on.press("alt+2")
        assert "psst" in on.text and "scrolled up" not in on.text
