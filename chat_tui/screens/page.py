"""What lies above the chat until it is closed: a question, a list, the help."""

from __future__ import annotations

from typing import TypeVar

from textual.screen import ModalScreen

Given = TypeVar("Given")


class Page(ModalScreen[Given]):
    """A framed page in the middle; on a small terminal it fills it, and keeps no room for a margin."""

    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (72, "-wide")]  # noqa: RUF012 - Textual's own declaration
    VERTICAL_BREAKPOINTS = [(0, "-low"), (24, "-high")]  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__(classes="page")

    @property
    def is_drawn(self) -> bool:
        """Whether its parts are there: not before it is opened, nor while it closes. Sizes and answers come then, too."""
        return any(part.children for part in self.children)

    def tell(self, sentence: str) -> None:
        """Says what became of something that was done on it; here the chat below says it."""
