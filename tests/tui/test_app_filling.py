"""A log that does not fill its page: nobody can scroll up in it, so the app itself looks for what is before."""

from __future__ import annotations

from chat_tui.client import Lost
from chat_tui.model.message import REMOVED
from tests.tui.screens import Running, until

AT = "2026-11-22T16:50:00Z"


def opening(*ids: int) -> str:
    said = "\n".join(f"{AT} msg {id} #lobby bob: line {id}" for id in ids)
    return f"""
{AT} welcome chat/1 den epoch=8Kd2 last=1040 line=4096 text=3500 nick=ann room=#lobby tls=no
{AT} begin history #lobby
{said}
{AT} end history #lobby
"""


def asked(on: Running) -> list[str]:
    return [line.split(" ", 2)[2] for line in on.script.sent if " /history " in line]


async def test_what_was_removed_is_seen_without_looking_for_it() -> None:
    async with Running(is_connected=False) as on:
        on.script.connect(opening(1038, 1039))
        await until(on.pilot, lambda: asked(on) == ["/history 50 #lobby 1038"], "the question")
        assert "loading" not in on.text
        await on.receive(f"""
            {AT} begin history #lobby
            {AT} gap 1 1036
            {AT} msg 1037 #lobby bob: line 1037
            {AT} end history #lobby
        """)
        await until(on.pilot, lambda: REMOVED in on.text and "line 1037" in on.text, "the row")
        assert asked(on) == ["/history 50 #lobby 1038"]


async def test_it_asks_once_on_each_connection_and_says_nothing_of_a_refusal() -> None:
    async with Running(is_connected=False) as on:
        on.script.connect(opening(1038, 1039))
        await until(on.pilot, lambda: asked(on), "the question")
        label = next(line.split()[1] for line in on.script.sent if " /history " in line)
        await on.receive(f"{AT} err slow-down {label} Too many lines at once")
        await on.receive(f"{AT} msg 1041 #lobby bob: more")
        assert len(asked(on)) == 1 and "slow" not in on.text and "Too many" not in on.text
        on.script.sent.clear()
        on.script.on_event(Lost("gone", 5.0))
        on.script.connect(opening(1038, 1039))
        await until(on.pilot, lambda: asked(on) == ["/history 50 #lobby 1038"], "asked again")


async def test_a_full_page_asks_nobody() -> None:
    async with Running(is_connected=False) as on:
        on.script.connect(opening(*range(1000, 1040)))
        for _ in range(10):
            await on.pilot.pause()
        assert asked(on) == []
