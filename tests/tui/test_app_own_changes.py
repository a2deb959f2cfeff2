"""What one does to a message, on the screen: marked while it is on its way, with keys when it fails."""

from __future__ import annotations

from chat_tui.client import Lost
from tests.tui.screens import Running, until

SAID = """
    2026-11-22T16:59:00Z msg 1041 #lobby ann: tea at four
    2026-11-22T16:59:01Z msg 1042 #lobby bob: and cake
"""


def label_of(on: Running, command: str) -> str:
    return next(line.split()[1] for line in on.script.sent if f" {command}" in line)


async def test_edits_deletes_and_reactions_are_marked_until_they_are_done() -> None:
    async with Running() as on:
        await on.receive(SAID)
        on.script.is_connected = False
        on.script.on_event(Lost("gone", 5.0))
        await on.write("/react 1042 :tada:")
        await on.press("enter")
        assert "🎉 1…" in on.text
        await on.write("/delete 1041")
        await on.press("enter")
        line = next(line for line in on.text.splitlines() if "tea at four" in line)
        assert "…" in line.split("16:59")[0] and "(deleting)" in line and on.composer.is_empty
        await on.press("alt+up", "up", "d")
        await until(on.pilot, lambda: "(deleting)" not in on.text)
        assert "tea at four" in on.text, "a second time keeps it"
        assert on.app.model.unsent == 1


async def test_a_refused_reaction_says_why_below_and_enter_sends_it_again() -> None:
    async with Running() as on:
        await on.receive(SAID)
        await on.write("/react 1042 :tada:")
        await on.press("enter")
        await on.receive(f"2026-11-22T16:59:09Z err muted {label_of(on, '/react')} You are muted here")
        assert "🎉 1✗" in on.text and "not sent: 🎉: You are muted here" in on.text
        await on.press("alt+up")
        assert "not sent" in on.text.splitlines()[-3] + on.text.splitlines()[-2]
        count = sum(" /react " in line for line in on.script.sent)
        await on.press("enter")
        assert sum(" /react " in line for line in on.script.sent) == count + 1 and "🎉 you…" in on.text


async def test_a_direct_message_that_was_perhaps_sent_says_so_and_d_drops_it() -> None:
    async with Running() as on:
        await on.write("/msg @bob psst")
        await on.press("enter")
        on.script.is_connected = False
        on.script.on_event(Lost("gone", 5.0))
        await on.pilot.pause()
        assert "perhaps sent: no answer came" in on.text
        await on.press("alt+up")
        assert "perhaps sent" in on.text and "Enter sends it again" in on.text
        await on.press("d")
        await until(on.pilot, lambda: "psst" not in on.text)
        assert on.app.model.unsent == 0
