"""What is said, and where: into another room, with a stray sign before it, in answer to what is drawn."""

from __future__ import annotations

import pytest

from tests.tui.screens import GAMES, Running

HELLO = "2026-11-22T16:59:00Z msg 1041 #lobby bob: hello"


async def in_games(on: Running) -> None:
    """A second room, and shown; bob has said something in the first."""
    await on.receive(HELLO)
    await on.receive(GAMES)
    await on.press("alt+2")


async def test_what_is_said_into_another_room_is_told() -> None:
    async with Running() as on:
        await in_games(on)
        for line in ("/reply 1041 yes", "/msg #lobby yes"):
            await on.write(line)
            await on.press("enter")
            assert "Said in #lobby" in on.text and on.composer.is_empty
            await on.press("left")
            assert "Said in" not in on.text
        await on.write("/react 1041 :tada:")
        await on.press("enter")
        assert "Done in #lobby" in on.text
        await on.write("here")
        await on.press("enter")
        assert "#games" in on.text and "Said in" not in on.text and "Done in" not in on.text


async def test_an_answer_shows_what_it_answers_as_the_log_draws_it() -> None:
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: Here is *bold* _italic_␤and ||the end||")
        await on.press("alt+up", "r")
        assert "↳ replying to bob: Here is bold italic and ▒▒▒▒▒▒▒" in on.text


@pytest.mark.parametrize("line", ["^/msg @bob it is a secret", "./who", "1/join #games", "`/ME waves"])
async def test_a_stray_sign_before_a_command_asks_before_it_is_said_to_everybody(line: str) -> None:
    async with Running() as on:
        await on.write(line)
        await on.press("enter")
        assert on.said == [] and on.composer.text == line
        assert f"That begins with “{line[0]}”: Enter again says it to everybody" in on.text
        await on.press("enter")
        assert on.said == [f"/msg #lobby {line}"] and on.composer.is_empty


@pytest.mark.parametrize("line", ["a/b", "3/4 of it", "^/nothing known", "./configure", "//shrug", "日/who"])
async def test_what_only_looks_like_that_is_said_at_once(line: str) -> None:
    async with Running() as on:
        await on.write(line)
        await on.press("enter")
        assert len(on.said) == 1 and on.composer.is_empty


async def test_a_secret_after_a_stray_sign_is_not_said_at_all() -> None:
    async with Running() as on:
        await on.write("^/nick ann a-long-secret")
        await on.press("enter", "enter")
        assert on.said == [] and "would tell the secret to everybody" in on.text
        assert on.composer.text == "^/nick ann a-long-secret"
