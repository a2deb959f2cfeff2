"""What is said in the status line for a moment: about the last key, or about what is being written."""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chat_tui.screens.chat import ChatScreen

SECONDS: Final = 4.0
"""So long a sentence stays: enough to read it twice."""


class Hints:
    """A sentence about something that was done is over with the next key, or after some seconds; how to go on with a
    command that is being written stays as long as it is written."""

    def __init__(self, chat: ChatScreen) -> None:
        self._chat = chat
        self._ends: float | None = None

    def say(self, text: str, *, is_refusal: bool, is_waiting: bool) -> None:
        """Says a sentence; if it is waiting for the next key, for as long as that takes."""
        self._chat.status.show(hint=text, is_refusal=is_refusal)
        self._ends = inf if is_waiting else self._chat.now + SECONDS

    def show_syntax(self, text: str) -> None:
        """Says how to go on with what is written; "" says nothing."""
        self._chat.status.show(hint=text, is_refusal=False)
        self._ends = None

    @property
    def is_saying(self) -> bool:
        """Whether a sentence about something that was done is shown."""
        return self._ends is not None

    def take_key(self) -> None:
        """A key was pressed: what was said of the one before is over."""
        if self._ends is not None:
            self._chat.saying.show_syntax()

    def tick(self) -> None:
        """Looks whether it was said for long enough."""
        if self._ends is not None and self._chat.now >= self._ends:
            self._chat.saying.show_syntax()
