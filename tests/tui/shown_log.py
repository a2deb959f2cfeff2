"""The message log alone in a small app, and what is drawn of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from zoneinfo import ZoneInfo

from rich.style import Style
from textual.app import App, ComposeResult
from textual.message import Message as TextualMessage
from textual.pilot import Pilot
from textual.strip import Strip

from chat_tui.model import Message
from chat_tui.themes import OURS
from chat_tui.widgets.message_log import MessageLog

ZONE = ZoneInfo("Europe/Berlin")

HOSTILE = (
    "\x1b]0;pwned\x07 \x1b[31mred\x9b1m \u202egnp.exe \u2066x\u2069 \x00\x7f\u2028\ufeff "
    "[/] [@click=app.quit]free beer[/] [red]x"
)


def at(clock: str, day: int = 22) -> int:
    hour, minute = map(int, clock.split(":"))
    return int(datetime(2026, 11, day, hour, minute, tzinfo=ZONE).timestamp())


def said(number: int, text: str = "", nick: str = "ann", **more: object) -> Message:
    text = text or f"number {number}"
    return Message(
        **{"key": f"e{number}", "at": at("12:00"), "kind": "msg", "nick": nick, "text": text} | more
    )  # type: ignore[arg-type]


def many(count: int, start: int = 0) -> list[Message]:
    """Messages of one to four rows in 60 columns, in no regular order."""
    return [
        said(number, f"number {number} " + "and so on " * (number * 7 % 19))
        for number in range(start, start + count)
    ]


class LogApp(App[None]):
    def __init__(
        self, messages: Sequence[Message] = (), *, theme: str = "textual-dark", cap: int = 10_000
    ) -> None:
        super().__init__()
        for ours in OURS:
            self.register_theme(ours)
        self.theme = theme
        self.log_view = MessageLog(zone=ZONE, cap=cap)
        self.log_view.set_messages(messages)
        self.heard: list[TextualMessage] = []

    def compose(self) -> ComposeResult:
        yield self.log_view

    def on_message_log_new_below(self, event: MessageLog.NewBelow) -> None:
        self.heard.append(event)

    def on_message_log_message_action(self, event: MessageLog.MessageAction) -> None:
        self.heard.append(event)

    def on_message_log_message_clicked(self, event: MessageLog.MessageClicked) -> None:
        self.heard.append(event)


@asynccontextmanager
async def shown(
    messages: Sequence[Message] = (), size: tuple[int, int] = (64, 12), **more: object
) -> AsyncIterator[tuple[MessageLog, Pilot[None]]]:
    app = LogApp(messages, **more)  # type: ignore[arg-type]
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield app.log_view, pilot


def strips(log: MessageLog) -> list[Strip]:
    return [log.render_line(y) for y in range(log.scrollable_content_region.height)]


def rows(log: MessageLog) -> list[str]:
    return [strip.text.rstrip() for strip in strips(log)]


def texts(log: MessageLog) -> list[str]:
    """Only the text column."""
    return [row.partition("│ ")[2] for row in rows(log)]


def all_styles(log: MessageLog) -> list[Style]:
    return [segment.style for strip in strips(log) for segment in strip if segment.style]


async def select(pilot: Pilot[None], start: tuple[int, int], end: tuple[int, int]) -> None:
    await pilot.mouse_down(offset=start)
    await pilot.hover(offset=end)
    await pilot.mouse_up(offset=end)
    await pilot.pause()


def copied(pilot: Pilot[None]) -> str | None:
    return pilot.app.screen.get_selected_text()
