"""The line "new" in the room in which the app opens, and the badge beside it."""

from __future__ import annotations

from textual import events

from tests.tui.screens import Running, until


def opening(count: int, first: int) -> str:
    """Everything that a server says to ann, who has read what was said before `first` of `count` messages."""
    at = "2026-11-22T16:50:00Z"
    said = "\n".join(f"{at} msg {id} #lobby bob: line {id}" for id in range(1, count + 1))
    return f"""
{at} welcome chat/1 den epoch=8Kd2 last={count} line=4096 text=3500 nick=guest-7 room=#lobby tls=no
{at} begin history #lobby
{said}
{at} end history #lobby
{at} nick guest-7 ann
"""


async def come_back(on: Running, count: int, first: int) -> None:
    on.script.connect(opening(count, first))
    await on.pilot.pause()
    label = next(line.split()[1] for line in on.script.sent if " /nick " in line)
    await on.receive(f"2026-11-22T16:50:00Z ok {label}")
    label = next(line.split()[1] for line in on.script.sent if line.endswith(" /unread"))
    await on.receive(f"""
        2026-11-22T16:50:00Z begin unread
        2026-11-22T16:50:00Z unread #lobby {count - first + 1} 0 {first}
        2026-11-22T16:50:00Z end unread
        2026-11-22T16:50:00Z ok {label}
    """)


def unread(on: Running) -> int:
    return on.app.model.rooms["#lobby"].unread


def returning() -> Running:
    return Running(is_connected=False, secret_of=lambda nick: "a-long-secret")


async def test_a_line_in_sight_is_drawn_and_what_is_below_it_is_read() -> None:
    async with returning() as on:
        await come_back(on, 12, 5)
        await until(on.pilot, lambda: not unread(on), "read")
        rows = on.text.splitlines()
        line = next(number for number, row in enumerate(rows) if "─ new ─" in row)
        assert "line 4" in rows[line - 1] and "line 5" in rows[line + 1]


async def test_without_the_focus_nothing_is_read() -> None:
    async with returning() as on:
        on.app.post_message(events.AppBlur())
        await on.pilot.pause()
        await come_back(on, 12, 5)
        for _ in range(10):
            await on.pilot.pause()
        assert "─ new ─" in on.text and unread(on) == 8
        on.app.post_message(events.AppFocus())
        await until(on.pilot, lambda: not unread(on), "read")
        assert "─ new ─" in on.text


async def test_a_line_further_up_is_found_with_the_key_for_unread_and_the_badge_stays_until_then() -> None:
    async with returning() as on:
        await come_back(on, 90, 20)
        for _ in range(10):
            await on.pilot.pause()
        assert unread(on) == 71 and "─ new ─" not in on.text and "71" in on.text.splitlines()[1]
        await on.press("alt+a")
        await until(on.pilot, lambda: "─ new ─" in on.text, "the line")
        assert unread(on) == 71, "the end was not in sight since"
        await on.press("escape", "escape")
        await until(on.pilot, lambda: not unread(on), "read")


async def test_it_is_found_by_scrolling_too() -> None:
    async with returning() as on:
        await come_back(on, 60, 20)
        for _ in range(4):
            await on.press("pageup")
        await until(on.pilot, lambda: not on.app.model.current.is_unseen, "seen")
        on.chat.logs.current.scroll_to_end()
        await until(on.pilot, lambda: not unread(on), "read")


async def test_who_wants_the_newest_only_has_caught_up() -> None:
    async with returning() as on:
        await come_back(on, 60, 20)
        assert unread(on) == 41
        await on.press("escape")
        assert unread(on) == 0
