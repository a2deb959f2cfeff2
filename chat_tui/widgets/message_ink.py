"""The cells of a message: their colours, and what the mouse can find out about each of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rich.segment import Segment
from rich.style import Style

from chat_tui.model import Message

# A cell that is no character of the text stands for one all the same: a drag may begin or end there. Its
# offset is _BESIDE + character * _STRIDE + column, so it is told apart from the characters themselves and
# every column of it comes out as the same character. Texts have at most 3,500 bytes.
_BESIDE: Final = 1 << 24
_STRIDE: Final = 4096


def position_of(x: int) -> int:
    """The character that a selection's x offset stands for."""
    return (x - _BESIDE) // _STRIDE if x >= _BESIDE else x


Action = tuple[str, str]
"""What a click does: a word, and what it is about."""


@dataclass(frozen=True, slots=True)
class Ink:
    """Makes the segments of one message: on its row's background, and with what the mouse asks for."""

    message: Message
    serial: int
    row: Style

    def characters(self, text: str, style: Style, start: int, is_covered: bool) -> Segment:
        """Characters of the text, the first one at `start` of the source."""
        meta: dict[str, object] = {"key": self.message.key, "offset": (start, self.serial)}
        if is_covered:
            meta["action"] = ("uncover", self.message.key)
        full = self.row + style + Style.from_meta(meta)
        if full.link:
            # Rich gives every style a new id, and a terminal lights up only what has one id: an address that
            # goes over two rows is to light up as one. (A style with a link is never shared, so this is ours.)
            full._link_id = f"{self.serial}.{full.link}"
        return Segment(text, full)

    def aside(self, text: str, style: Style, position: int, action: Action | None = None) -> Segment:
        """Cells that are no text and stand for the character at `position`."""
        meta: dict[str, object] = {
            "key": self.message.key,
            "offset": (_BESIDE + position * _STRIDE, self.serial),
        }
        if action is not None:
            meta["action"] = action
        return Segment(text, self.row + style + Style.from_meta(meta))

    def asides(
        self, pieces: Iterable[tuple[str, Style]], position: int, action: Action | None = None
    ) -> list[Segment]:
        """The same for several pieces; those that look alike become one."""
        joined: list[tuple[str, Style]] = []
        for text, style in pieces:
            if joined and (joined[-1][1] == style or not text.strip()):
                joined[-1] = (joined[-1][0] + text, joined[-1][1])
            elif text:
                joined.append((text, style))
        return [self.aside(text, style, position, action) for text, style in joined]
