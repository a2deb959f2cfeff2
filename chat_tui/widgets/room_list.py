"""The rooms and conversations at the left, with what is unread in each."""

from __future__ import annotations

from dataclasses import dataclass

from textual.content import Content

from chat_tui.widgets.side_list import SideList


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room as it is listed. `number` is its Alt key, 0 for none. `is_stuck`: something of one's own was not sent."""

    name: str
    number: int
    unread: int
    mentions: int
    is_current: bool
    is_stuck: bool = False


class RoomList(SideList[RoomRow]):
    """Three levels, told apart without colour too: silent, unread (bold, a number), and mentioned (@ and a number)."""

    COMPONENT_CLASSES = {"room-list--number", "room-list--unread", "room-list--mention", "room-list--stuck"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__("room-list")

    def draw(self, row: RoomRow) -> tuple[Content, Content]:
        """`▌1 #lobby   3`"""
        number = self.get_visual_style("room-list--number", partial=True)
        unread = self.get_visual_style("room-list--unread", partial=True)
        mention = self.get_visual_style("room-list--mention", partial=True)
        bar = ("▌", mention) if row.is_current else " "
        digit = (f"{row.number or ' '} ", number)
        name = (row.name, unread) if row.unread or row.is_current else row.name
        if row.mentions:
            news = Content.assemble((f"@{_count(row.mentions)} ", mention))
        elif row.unread:
            news = Content.assemble((f"{_count(row.unread)} ", unread))
        else:
            news = Content("")
        if row.is_stuck:
            news = Content.assemble(("✗ ", self.get_visual_style("room-list--stuck", partial=True)), news)
        return Content.assemble(bar, digit, name), news


def _count(number: int) -> str:
    # The server counts no further, so its 999 may be more.
    return str(number) if number < 999 else "999+"
