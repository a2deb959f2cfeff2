"""The rooms and conversations at the left, with what is unread in each."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.cells import cell_len, split_graphemes
from textual.content import Content
from textual.widget import Widget

from chat_tui.widgets.side_list import SideList, left_width

_TAIL: Final = 4
"""Cells of a name's end that are kept where it is cut: rooms of one matter often begin alike."""

_NEWS: Final = 3
"""Cells kept for a blank and a count when it is asked whether a name has room."""


@dataclass(frozen=True, slots=True)
class RoomRow:
    """A room as it is listed. `number` is its Alt key, 0 for none. `is_stuck`: something of one's own was not sent.
    `has_draft`: something is written there."""

    name: str
    number: int
    unread: int
    mentions: int
    is_current: bool
    is_stuck: bool = False
    has_draft: bool = False


class RoomList(SideList[RoomRow]):
    """Three levels, told apart without colour too: silent, unread (bold, a number), and mentioned (@ and a number)."""

    COMPONENT_CLASSES = {"room-list--number", "room-list--unread", "room-list--mention", "room-list--stuck"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__("room-list")
        self.title = RoomsTitle(self)
        self._longest = 0
        """Cells of the longest name that has no number."""

    def moved(self) -> None:
        """The title tells what is out of sight."""
        self._longest = max((cell_len(row.name) for row in self.rows if not row.number), default=0)
        self.title.refresh()

    def draw(self, row: RoomRow, width: int) -> tuple[Content, Content]:
        """`▌1 #lobby   3`; names without a number begin where the number would be if one of them is long."""
        number = self.get_visual_style("room-list--number", partial=True)
        unread = self.get_visual_style("room-list--unread", partial=True)
        mention = self.get_visual_style("room-list--mention", partial=True)
        bar = ("▌", mention) if row.is_current else " "
        if row.mentions:
            news = Content.assemble((f"@{_count(row.mentions)} ", mention))
        elif row.unread:
            news = Content.assemble((f"{_count(row.unread)} ", unread))
        else:
            news = Content("")
        if row.has_draft:
            news = Content.assemble(("✎ ", number), news)
        if row.is_stuck:
            news = Content.assemble(("✗ ", self.get_visual_style("room-list--stuck", partial=True)), news)
        # Where a count may stand, a name does not touch the scroll bar either.
        room = left_width(width, news) - 1 - (not news)
        digit = "" if not row.number and self._is_dense(width) else f"{row.number or ' '} "
        name = cut_middle(row.name, room - len(digit))
        style = unread if row.unread or row.is_current else ""
        return Content.assemble(bar, (digit, number), (name, style)), news

    @property
    def is_cut(self) -> bool:
        """Whether a name is not drawn whole."""
        return any(self.more_of(row) is not None for row in self.rows)

    def _is_dense(self, width: int) -> bool:
        # By their names only: what is unread moves no name.
        return self._longest + len("▌1 ") + _NEWS > width

    def more_of(self, row: RoomRow) -> Content | None:
        """The whole name where it is cut."""
        left, _ = self.draw(row, self.scrollable_content_region.width)
        return None if row.name in left.plain else Content(row.name)


class RoomsTitle(Widget, can_focus=False):
    """`Rooms   @2 ↑  5 ↓`: what is unread in the rooms that one has to scroll for, mentions first."""

    ALLOW_SELECT = False

    def __init__(self, rooms: RoomList) -> None:
        super().__init__(classes="side-title")
        self._rooms = rooms

    def render(self) -> Content:
        """The word gives way to the news."""
        mention = self._rooms.get_visual_style("room-list--mention", partial=True)
        news = []
        for rows, arrow in ((self._rooms.above, "↑"), (self._rooms.below, "↓")):
            mentions, unread = sum(row.mentions for row in rows), sum(row.unread for row in rows)
            if mentions:
                news.append(Content.assemble((f"@{_count(mentions)} {arrow}", mention)))
            elif unread:
                news.append(Content(f"{_count(unread)} {arrow}"))
        if not news:
            return Content("Rooms")
        right = Content(" ").join(news)
        width = self.content_size.width
        left = "Rooms" if right.cell_length + 6 <= width else ""
        return Content.assemble(left, " " * max(0, width - len(left) - right.cell_length), right)


def cut_middle(name: str, width: int) -> str:
    """A name in at most `width` cells, with "…" for what is too much, before its end if there is room for that."""
    if cell_len(name) <= width:
        return name
    spans = split_graphemes(name)[0]
    tail, kept = len(name), 0
    for start, _, size in reversed(spans):
        if kept + size > min(_TAIL, max(0, width - 1) // 3):
            break
        tail, kept = start, kept + size
    head, left = 0, width - 1 - kept
    for _, end, size in spans:
        left -= size
        if left < 0:
            break
        head = end
    return f"{name[:head]}…{name[tail:]}" if width > 0 else ""


def _count(number: int) -> str:
    # The server counts no further, so its 999 may be more.
    return str(number) if number < 999 else "999+"
