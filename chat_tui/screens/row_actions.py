"""What can be done with the message under the cursor: answer, edit, react, delete, copy, open, mark unread."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from textual import events
from textual.timer import Timer

from chat_server import wire
from chat_tui.actions import ACTIONS
from chat_tui.completion import emoji_names
from chat_tui.drafts import Purpose
from chat_tui.formatting import links_in
from chat_tui.model import LOADING, Delivery, Message
from chat_tui.widgets.message_log import MessageLog
from chat_tui.widgets.message_rows import has_spoilers

if TYPE_CHECKING:
    from chat_tui.app import ChatApp
    from chat_tui.screens.chat import ChatScreen

KEYS: Final = {
    either: action.name
    for action in ACTIONS
    if action.of == "row"
    for key in action.key_list
    # Help prints R where the table says r: both do it.
    for either in ({key, key.upper()} if len(key) == 1 else {key})
}
"""The keys that a message takes while the cursor is on it."""


_NOT_SAID: Final = {"notice": "note", "event": "event", "error": "error", "removed": "removed"}
"""What the status line calls a row of each kind that nobody said; a click puts the cursor on it, too."""


_HELD: Final = frozenset({"edit", "delete", "copy", "mark_unread"})
"""What waits whether a second letter comes. After r and + one goes on typing at once, and sees where that goes."""

HOLD: Final = 0.3
"""Seconds. Who types a sentence has typed its second letter by then (60 words a minute: every 0.2 s); who waits for
what a key does has not."""


@dataclass(slots=True)
class _Held:
    """A letter that was typed, what it does if it stays alone, and to which message."""

    letter: str
    name: str
    key: str
    timer: Timer


class RowActions:
    """The cursor on the messages of the room that is shown. While it is there its keys come before the bar's.

    1. Letters are for the message only where its user put the cursor there himself: by Alt-Up or Alt-Down; or by a
       click, if nothing is written in the bar. A message that was jumped to is lit up, and what is typed is text.
    2. The first letter decides. One that does something takes the cursor away, and what follows is text; two letters
       at once are the beginning of a sentence that was meant for the bar (`HOLD`), and nothing is done.
    3. It is never on a message out of sight (`MessageLog`).
    """

    def __init__(self, chat: ChatScreen) -> None:
        self._chat = chat
        self._is_armed = False
        self._is_by_hand = False
        self._held: _Held | None = None
        self.hold = HOLD

    @property
    def message(self) -> Message | None:
        """The message under the cursor."""
        log = self._log
        if log is None or log.cursor_key is None:
            return None
        return next((row for row in reversed(log.messages) if row.key == log.cursor_key), None)

    @property
    def is_active(self) -> bool:
        """Whether letters are for the message."""
        return (self.message is not None and self._is_by_hand) and (
            self._is_armed or self._chat.composer.is_empty
        )

    @property
    def _log(self) -> MessageLog | None:
        return self._chat.logs.shown

    # The cursor

    def step(self, step: int) -> None:
        """Goes up or down a message; gets the cursor at first. On one that is only lit up, or whose letters are for the
        bar, it stays and gets them."""
        is_there = self.message is not None and not self.is_active
        self._is_armed = self._is_by_hand = True
        if is_there:
            self._chat.show_row()
        elif (log := self._log) is not None:
            log.move_cursor(step)

    def put_on(self, key: str) -> None:
        """A click: puts the cursor on a message; on the one where it is, takes it away."""
        log = self._log
        if log is not None:
            is_there = log.cursor_key == key and self._is_by_hand
            self._is_armed, self._is_by_hand = False, True
            log.cursor_key = None if is_there else key
            self._chat.show_row()

    def light_up(self, key: str) -> None:
        """Shows which message was jumped to; what is typed now is most often an answer, in the bar."""
        if (log := self._log) is not None:
            self._is_armed = self._is_by_hand = False
            log.cursor_key = key
            self._chat.show_row()

    def take_key(self, event: events.Key) -> bool:
        """Does what a key means for the message under the cursor; False if it is for somebody else."""
        held = self._held
        if held is not None and event.is_printable:
            self._held = None
            held.timer.stop()
            self.action_leave()
            self._chat.composer.take_in(held.letter)
            return False
        self._do_held()
        log = self._log
        if log is None or log.cursor_key is None:
            return False
        name = KEYS.get(event.key)
        is_letter = event.is_printable
        if name is not None and (self.is_active or not (is_letter or self._is_by_hand or self._is_writing)):
            if name in _HELD and event.character:
                timer = self._chat.set_timer(self.hold, self._do_held)
                self._held = _Held(event.character, name, log.cursor_key, timer)
            else:
                getattr(self, f"action_{name}")()
            return True
        if (is_letter and self._is_by_hand) or event.key == "enter":
            self.action_leave()
        return False

    @property
    def _is_writing(self) -> bool:
        return not self._chat.composer.is_empty

    def _do_held(self) -> None:
        """No second letter came: the first one was a key."""
        held, self._held = self._held, None
        if held is None:
            return
        held.timer.stop()
        log = self._log
        if log is not None and log.cursor_key == held.key:
            getattr(self, f"action_{held.name}")()

    def described(self) -> tuple[str, tuple[tuple[str, str], ...]] | None:
        """What the status line says of it: "message 1042", and the keys that do something with it."""
        message = self.message
        if message is None:
            return None
        name = f"message {message.id}" if message.id is not None else "message"
        if message.has_failed and self._is_by_hand:
            return "perhaps sent" if message.delivery is Delivery.UNSURE else "not sent", (
                ("Enter", "sends it again"),
                ("d", "forget it"),
                ("y", "copy"),
                ("Esc", "back"),
            )
        if message.kind == "gap":
            return _described_gap(message)
        if message.kind not in ("msg", "act"):
            return _NOT_SAID[message.kind], (("y", "copy"), ("Esc", "back"))
        if not self.is_active:
            back = () if self._is_by_hand or self._is_writing else (("Esc", "back"),)
            enter = "" if self._is_by_hand or self._is_writing else self._described_enter(message)
            return name, (("Alt-Up", "acts on it"), *((("Enter", enter),) if enter else ()), *back)
        unfit = set() if message.is_own else {"edit", "delete"}
        if message.id is None:
            unfit = {"reply", "edit", "react", "delete", "mark_unread"}
        enter = self._described_enter(message)
        if not enter:
            unfit.add("open")
        return name, tuple(
            (
                action.first_key.lower() if len(action.first_key) == 1 else action.first_key,
                enter if action.name == "open" else action.hint,
            )
            for action in ACTIONS
            if action.of == "row" and action.hint and action.name not in unfit
        )

    def _described_enter(self, message: Message) -> str:
        """What Enter does with a message that was said; "" if nothing."""
        log = self._log
        if log is not None and log.is_covered(message):
            return "reveal"
        if _links(message):
            return "open"
        return "cover" if has_spoilers(message) else ""

    # What its keys do

    def action_above(self) -> None:
        """Up."""
        self.step(-1)

    def action_below(self) -> None:
        """Down."""
        self.step(1)

    def action_leave(self) -> None:
        """Esc: on with writing."""
        self._is_armed = self._is_by_hand = False
        if (log := self._log) is not None:
            log.cursor_key = None

    def action_reply(self) -> None:
        """Begins an answer."""
        message = self._stored("answered")
        if message is not None and message.id is not None:
            self.action_leave()
            self._chat.composer.begin(Purpose("reply", message.id, message.nick, message.text))

    def action_edit(self) -> None:
        """Puts the text of an own message into the bar."""
        message = self._own("edit")
        if message is not None:
            self.action_leave()
            self.edit(message)

    def edit_last(self) -> bool:
        """The same for the last own message of the room; False if there is none that was sent."""
        for message in reversed(self._chat.model.current.messages):
            is_said = message.kind in ("msg", "act")
            if message.is_own and is_said and message.id is not None:
                return self.edit(message)
        return False

    def edit(self, message: Message) -> bool:
        """The same for any message of one's own; False if it has no id yet."""
        if message.id is None:
            return False
        text = message.text.replace(wire.LINE_BREAK, "\n")
        self._chat.composer.begin(Purpose("edit", message.id, message.nick, message.text), text)
        return True

    def action_react(self) -> None:
        """Asks which emoji."""
        from chat_tui.screens.pick import Choice, Pick

        message = self._stored("reacted to")
        if message is None or message.id is None:
            return
        id = message.id

        def take(emoji: str | None) -> None:
            if emoji is not None:
                # What is typed next is for the room again, not for the message.
                self.action_leave()
                self.toggle(id, emoji)

        choices = [Choice(emoji, f"{emoji} {names}") for emoji, names in emoji_names().items()]
        self._chat.app.push_screen(Pick("React", "emoji by name", choices), take)

    def toggle(self, id: int, emoji: str) -> None:
        """Reacts to a message, or takes that back."""
        self._do(f"/react {id} {emoji}")

    def action_delete(self) -> None:
        """Asks, and takes an own message back."""
        from chat_tui.screens.ask import Answer, Ask

        message = self.message
        if message is not None and (message.has_failed or message.is_leaving):
            # A second time keeps it, if the server was not told yet.
            self._chat.act(self._chat.model.drop(message.key))
            return
        message = self._own("delete")
        if message is None or message.id is None:
            return
        id = message.id

        def take(answer: str | None) -> None:
            if answer == "delete":
                self._do(f"/delete {id}")

        text = message.text.replace(wire.LINE_BREAK, " ")
        answers = (Answer("keep", "Keep it", "k"), Answer("delete", "Delete it for everybody", "d"))
        question = Ask("Delete this message?", text[:200], answers, other=self._go_on_writing)
        self._chat.app.push_screen(question, take)

    def _go_on_writing(self, letter: str) -> None:
        """ "did you" was typed slowly: neither the d nor the next d was meant for the message."""
        self.action_leave()
        self._chat.composer.take_in(f"d{letter}")

    def action_copy(self) -> None:
        """Copies the plain text, line breaks and all."""
        message = self.message
        if message is not None:
            text = message.text.replace(wire.LINE_BREAK, "\n")
            self.action_leave()
            self._chat.app.copy_to_clipboard(text)

    def action_open(self) -> None:
        """Sends again what failed, loads what is missing, shows spoilers; else opens a link. So a link in a spoiler is
        not listed before it is seen; where there is none, the spoilers are covered again."""
        message = self.message
        if message is None:
            return
        if message.has_failed:
            self._chat.act(self._chat.model.retry(message.key))
            return
        if message.kind not in ("msg", "act"):
            self._chat.finding.load_gap(message.key)
            return
        log, links = self._log, _links(message)
        if log is not None and has_spoilers(message) and (log.is_covered(message) or not links):
            log.uncover(message.key, is_shown=log.is_covered(message))
            self._chat.show_row()
        elif len(links) == 1:
            self.open_link(links[0])
        elif links:
            from chat_tui.screens.pick import Choice, Pick

            choices = [Choice(link, link) for link in links]
            self._chat.app.push_screen(Pick("Open", "which link", choices), self.open_link)
        else:
            self._chat.hint("There is no link in this message, and nothing covered")

    def open_link(self, link: str | None) -> None:
        """Opens an address in a browser; where there is none to be seen, copies it (and the app says so)."""
        if link is None:
            return
        if _has_browser():
            self._chat.app.open_url(link)
            self._chat.hint(f"Opened {link}")
        else:
            cast("ChatApp", self._chat.app).copy_to_clipboard(link, "No browser here")

    def action_mark_unread(self) -> None:
        """Everything from here on counts as unread again."""
        message = self._stored("marked")
        if message is not None:
            self.action_leave()
            changes = self._chat.model.mark_unread_from(message.key)
            self._chat.act(changes)
            if not changes:
                self._chat.hint("Nobody else has said anything from there on", is_refusal=True)
                return
            is_kept = self._chat.model.own_secret is not None
            here = "" if is_kept else ", on this device only: the server keeps no marks for guests"
            self._chat.hint(f"Unread from there on{here}")

    def _stored(self, what: str) -> Message | None:
        message = self.message
        is_said = message is not None and message.kind in ("msg", "act")
        if message is None or message.id is None or not is_said:
            self._chat.hint(f"Only what was said and sent can be {what}", is_refusal=True)
            return None
        return message

    def _own(self, what: str) -> Message | None:
        message = self.message
        if message is not None and message.is_own and message.is_waiting:
            self._chat.hint(f"This is not sent yet; you can {what} it when it is", is_refusal=True)
            return None
        if message is None or message.id is None or not message.is_own:
            self._chat.hint(f"You can {what} only what you said yourself", is_refusal=True)
            return None
        return message

    def _do(self, command: str) -> None:
        """What one would type: a refusal is told where it is told for a typed one."""
        self._chat.act(self._chat.model.command(command).changes)


def _described_gap(gap: Message) -> tuple[str, tuple[tuple[str, str], ...]]:
    if gap.text == LOADING:
        return "loading …", (("Esc", "back"),)
    return "not loaded", (("Enter", "tries again" if gap.reason else "loads it"), ("Esc", "back"))


def _links(message: Message) -> list[str]:
    return [message.text[start:end] for start, end in links_in(message.text)]


def _has_browser() -> bool:
    """Whether a browser opens in a window. One that opens in the terminal would take the app's screen."""
    if sys.platform in ("win32", "darwin"):
        return "SSH_CONNECTION" not in os.environ
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
