"""From the input bar to the room: what is said, what an answer or a change is about, what is pasted."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content

from chat_server import wire
from chat_tui.completion import hint_for
from chat_tui.formatting import preview
from chat_tui.kept import has_secret
from chat_tui.model import Change, MessageReplaced, MessagesAdded
from chat_tui.widgets.composer import Composer
from chat_tui.widgets.wrapping import drawable

if TYPE_CHECKING:
    from chat_tui.screens.chat import ChatScreen


class Saying:
    """Takes what was typed to the model, and tells before it is sent what it will be."""

    def __init__(self, chat: ChatScreen) -> None:
        self._chat = chat
        self._warned_of = ""

    def say(self, text: str) -> None:
        """Enter."""
        chat = self._chat
        purpose = chat.composer.purpose
        slip = _slip(text) if purpose is None else ""
        here = chat.model.current
        all_here = here.name if here.is_direct else "everybody"
        # One sign too many would tell the room what was meant for the server.
        if slip and has_secret(text[1:]):
            chat.hint(f"That begins with {slip}, and would tell the secret to {all_here}", is_refusal=True)
            return
        if slip and self._warned_of != text:
            self._warned_of = text
            told = f"That begins with {slip}: Enter again says it to {all_here}"
            chat.hint(told, is_refusal=True, is_waiting=True)
            return
        self._warned_of = ""
        word, *rest = (text.split() if purpose is None else []) or [""]
        if word.lower() == "/search" and text.startswith("/"):
            chat.composer.clear_line()
            chat.finding.search(" ".join(rest))
            return
        if purpose is None:
            outcome = chat.model.enter(text)
        else:
            outcome = chat.model.command(f"/{purpose.kind} {purpose.id} {text}")
        elsewhere = _elsewhere(outcome.changes, chat.model.current_room)
        if outcome.is_taken:
            chat.composer.clear_line()
            # To see it, or its answer; but not where that is in another room.
            if purpose is None and not (elsewhere or text.startswith(("/join ", "/msg "))):
                chat.logs.current.scroll_to_end()
        chat.act(outcome.changes)
        if outcome.is_taken and elsewhere:
            chat.hint(elsewhere)
        if not outcome.is_taken and purpose is None:
            # Why not is told by a row of the log.
            chat.hint("Not sent, so it stays here: Ctrl-C clears it", is_refusal=True)

    def typed(self) -> None:
        """Another text stands in the bar."""
        self.doubt()
        # The bar was emptied by what the hint is about.
        if not (self._chat.composer.is_empty and self._chat.hints.is_saying):
            self.show_syntax()

    def show_syntax(self) -> None:
        """How to go on with the command that stands in the bar."""
        composer = self._chat.composer
        # An answer or a change is said as it stands: "/me" in it is no command.
        self._chat.hints.show_syntax(hint_for(composer.wire_text) if composer.purpose is None else "")

    def doubt(self) -> None:
        """Something else than Enter came after a warning: Enter would be the first one again."""
        self._warned_of = ""

    def show_purpose(self) -> None:
        """Above the bar: what is being answered or changed, if anything."""
        chat = self._chat
        purpose = chat.composer.purpose
        chat.purpose.display = purpose is not None
        if purpose is not None:
            # As the log draws it, in one line.
            text = preview(drawable(purpose.text)) or purpose.text.replace(wire.LINE_BREAK, " ")
            what = (
                f"↳ replying to {purpose.nick}: {text}" if purpose.kind == "reply" else f"✎ editing: {text}"
            )
            keys = "  Esc cancels"
            room = max(10, chat.size.width - 4 - len(keys))
            chat.purpose.update(Content.assemble(Content(what).truncate(room, ellipsis=True), (keys, "dim")))

    def ask_about(self, pasted: Composer.Pasted) -> None:
        """Many lines were pasted: one message, or nothing."""
        from chat_tui.screens.ask import Answer, Ask

        def take(answer: str | None) -> None:
            if answer == "one":
                self._chat.composer.take_in(pasted.text)

        first = pasted.text.split("\n", 1)[0]
        question = Ask(
            f"{pasted.lines} lines were pasted",
            f"They begin with: {first[:60]}",
            (Answer("one", "Put them into one message", "o"), Answer("no", "Forget them", "f")),
        )
        self._chat.app.push_screen(question, take)


def _slip(text: str) -> str:
    """What stands before a command, if it is one sign that was hit by mistake, or blanks; "" for what is meant so."""
    if text.startswith(" ") and text.lstrip().startswith("/"):
        return "a space"
    first, rest = text[:1], text[1:]
    word = rest[1:].split(" ", 1)[0].lower()
    is_stray = rest.startswith("/") and first != "/" and not first.isalpha()
    return f"“{first}”" if is_stray and word in wire.COMMANDS else ""


def _elsewhere(changes: Iterable[Change], here: str) -> str:
    """What is told of something of the user's that happened in a room that he does not see; "" if nothing did."""
    for change in changes:
        match change:
            case MessagesAdded(room, rows) if room != here and any(row.is_own for row in rows):
                return f"Said in {room}"
            case MessageReplaced(room) if room != here:
                return f"Done in {room}"
    return ""
