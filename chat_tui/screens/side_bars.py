"""The side bars: which of them there is room for, and which the user wants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from chat_tui.screens.chat import ChatScreen

WIDE: Final = 100
"""From so many columns on there is room for both side bars (weechat's and zulip-terminal's users fold below)."""
ROOMY: Final = 120
"""Below, the side bars are narrower: the log is what one reads."""
MIDDLING: Final = 72
"""From so many on the rooms stay; below, the log has the whole width."""


class SideBars:
    """Rooms at the left, people at the right. What the user has folded or opened stays so at any width."""

    def __init__(self, chat: ChatScreen) -> None:
        self._chat = chat
        self._shows_rooms: bool | None = None
        self._shows_people: bool | None = None
        self._is_wide = False

    def toggle_rooms(self) -> None:
        """Widens the rooms if a name is cut, else folds them, or brings them back."""
        is_shown = self._chat.query_one("#rooms").display
        self._is_wide = is_shown and not self._is_wide and self._chat.rooms.is_cut
        self._shows_rooms = self._is_wide or not is_shown
        self.fold(self._chat.size.width)

    def toggle_people(self) -> None:
        """The same for the people."""
        self._shows_people = not self._chat.query_one("#people").display
        self.fold(self._chat.size.width)

    def fold(self, width: int) -> None:
        """Shows what there is room for on a screen of so many columns."""
        chat = self._chat
        shows_people = self._shows_people if self._shows_people is not None else width >= WIDE
        shows_rooms = self._shows_rooms if self._shows_rooms is not None else width >= MIDDLING
        chat.query_one("#people").display = shows_people
        chat.query_one("#rooms").display = shows_rooms
        chat.set_class(self._is_wide, "-wide-rooms")
        chat.set_class(width < ROOMY, "-middling")
        chat.set_class(width < MIDDLING, "-narrow")
        chat.frame.fit()
