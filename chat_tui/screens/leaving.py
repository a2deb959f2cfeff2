"""Leaving: what it would cost, the question before it, the last line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_server import wire
from chat_tui.model import Send

if TYPE_CHECKING:
    from chat_tui.app import ChatApp


def leave(app: ChatApp, text: str) -> None:
    """Ends the app, with a last word for the others; asks first if something would be lost."""
    from chat_tui.screens.ask import Answer, Ask

    def end(answer: str | None) -> None:
        if answer != "leave":
            return
        if app.model.state == "online":
            app.take([*app.model.tell_last(), Send(wire.Command("quit", (text or None,)))])
        app.exit()

    lost = losses(app)
    if isinstance(app.screen, Ask):
        return
    if not lost:
        end("leave")
    else:
        answers = (Answer("stay", "Stay", "s"), Answer("leave", "Leave", "l"))
        app.push_screen(Ask("Leave?", "\n".join(lost), answers), end)


def losses(app: ChatApp) -> list[str]:
    """What leaving would cost, a sentence each."""
    model = app.model
    lost = []
    if unsent := model.unsent:
        verb = "is" if unsent == 1 else "are"
        lost.append(f"{_count(unsent, 'line')} of yours {verb} not sent yet and would be lost.")
    composer, are_kept = app.chat.composer, app.keep_drafts()
    if rooms := [room for room in composer.unsent_rooms if not (are_kept and composer.drafts[room].kept())]:
        lost.append(f"Something is written and not sent in {', '.join(rooms)}.")
    if app.hosted is not None:
        others = {nick for room in model.rooms.values() for nick in room.people} - {model.nick}
        if others:
            lost.append(
                f"The server stops with this app, and {_count(len(others), 'other')} would be cut off."
            )
    return lost


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"
