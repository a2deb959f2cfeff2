"""A column at the side: a title and rows that are drawn when they are seen, however many there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from textual import events
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip


class Row(Protocol):
    """One row: `name` is what a click answers with."""

    @property
    def name(self) -> str:
        """Unique in its list."""
        ...

    @property
    def is_current(self) -> bool:
        """Whether it is the one that is lit."""
        ...


AnyRow = TypeVar("AnyRow", bound=Row)


class SideList(ScrollView, Generic[AnyRow], can_focus=False):
    """Rows on the line API: 300 people cost what the 20 seen cost. Clicks never take the focus from the input bar.

    A subclass says how one row looks (`draw`); it is asked only for rows that are seen.
    """

    ALLOW_SELECT = False

    COMPONENT_CLASSES = {"side-list--row", "side-list--current", "side-list--hover"}  # noqa: RUF012

    @dataclass
    class Chosen(Message):
        """A row was clicked."""

        side_list: SideList[Row]
        name: str

        @property
        def control(self) -> SideList[Row]:
            """The list that it is of, for `@on` with a selector."""
            return self.side_list

    def __init__(self, id: str) -> None:
        super().__init__(id=id)
        self._rows: tuple[AnyRow, ...] = ()
        self._hovered: int | None = None

    @property
    def rows(self) -> Sequence[AnyRow]:
        """What is listed, from top to bottom."""
        return self._rows

    def set_rows(self, rows: Sequence[AnyRow]) -> None:
        """Lists these instead; where the list was scrolled to stays."""
        rows = tuple(rows)
        if rows == self._rows:
            return
        self._rows = rows
        self.virtual_size = Size(0, len(rows))
        self.refresh()
        self.moved()

    @property
    def above(self) -> Sequence[AnyRow]:
        """The rows that one has to scroll up for."""
        return self._rows[: self.scroll_offset.y]

    @property
    def below(self) -> Sequence[AnyRow]:
        """Those that one has to scroll down for."""
        return self._rows[self.scroll_offset.y + self.scrollable_content_region.height :]

    def show_current(self) -> None:
        """Scrolls until the current row is seen."""
        for index, row in enumerate(self._rows):
            if row.is_current:
                top, height = self.scroll_offset.y, self.scrollable_content_region.height
                if not top <= index < top + height:
                    self.scroll_to(y=max(0, index - height // 2), animate=False)

    def render_line(self, y: int) -> Strip:
        """One row, exactly as wide as the list."""
        index = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if not 0 <= index < len(self._rows):
            return Strip.blank(width, self.rich_style)
        row = self._rows[index]
        if row.is_current:
            base = self.get_visual_style("side-list--current")
        elif index == self._hovered:
            base = self.get_visual_style("side-list--hover")
        else:
            base = self.visual_style
        left, right = self.draw(row, width)
        left = left.truncate(left_width(width, right), ellipsis=True)
        gap = " " * max(0, width - left.cell_length - right.cell_length)
        line = Content.assemble(left, gap, right).truncate(width)
        return Strip(line.render_segments(base), width)

    def draw(self, row: AnyRow, width: int) -> tuple[Content, Content]:
        """How a row looks in so many cells: the left part, which is cut where it meets the right one."""
        raise NotImplementedError

    def more_of(self, row: AnyRow) -> Content | None:
        """What is told beside the pointer, of a row that may be cut; None for nothing."""
        return None

    def on_click(self, event: events.Click) -> None:
        """Says which row it was."""
        index = event.y + self.scroll_offset.y
        if 0 <= index < len(self._rows):
            self.post_message(self.Chosen(self, self._rows[index].name))  # type: ignore[arg-type]

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Other rows are in sight."""
        super().watch_scroll_y(old_value, new_value)
        self.moved()

    def on_resize(self) -> None:
        """The same."""
        self.moved()

    def moved(self) -> None:
        """Other rows than before may be out of sight; a subclass may tell what is in them."""

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Lights up the row under the pointer."""
        self._hover(event.y + self.scroll_offset.y)

    def on_leave(self) -> None:
        """Puts the light out."""
        self._hover(None)

    def _hover(self, index: int | None) -> None:
        if index != self._hovered:
            self._hovered = index
            is_row = index is not None and 0 <= index < len(self._rows)
            self.tooltip = self.more_of(self._rows[index]) if is_row and index is not None else None
            self.refresh()


def left_width(width: int, right: Content) -> int:
    """The cells that the left part of a row has beside its right part."""
    return max(0, width - right.cell_length - (1 if right else 0))
