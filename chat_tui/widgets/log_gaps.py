"""A log in which something is missing: which gaps come in sight, and what stays where it is when they are filled."""

from __future__ import annotations

from chat_tui.widgets.log_scroll import LogScroll


class LogGaps(LogScroll, can_focus=False):
    """Rows of the kind "gap" among the messages stand for those that are not loaded.

    1. Who scrolls gets to them in time: they are told a page before he is there, and no page goes past one.
    2. What comes into a gap moves nothing that he has read on his way there: going up, the text below the gap stays;
       going down, the text above it.
    """

    def gaps_near(self) -> list[str]:
        """The keys of the gaps in sight, or a page before the reader where he scrolls to: the one nearest to what he
        reads first."""
        content, row, height = self._content, self.scroll_offset.y, self._laid_out.height
        if not len(content) or not self._is_laid_out:
            return []
        first = row - height if self._is_going_up else row
        last = row + height * (1 if self._is_going_up or self.following else 2)
        near = [
            index
            for index in range(content.at_row(first)[0], content.at_row(last - 1)[0] + 1)
            if content.messages[index].kind == "gap"
        ]
        near.sort(key=lambda index: abs(index - self._reader.index))
        return [content.messages[index].key for index in near]

    def is_read_above(self, key: str) -> bool:
        """Whether what is read stands above this gap: then what comes next there are its first messages."""
        index = self._content.find(key)
        return index is not None and not self.following and self._reader.index < index

    def action_page_up(self) -> None:
        """A page back, less one row; but not past a gap: what is missing there is on its way."""
        row = self.scroll_offset.y
        gap = max(self._gaps_within(row - self._page, row + self._page + 1, is_below=False), default=None)
        if gap is None:
            super().action_page_up()
        elif gap < row:
            self._scroll_by_hand(gap)

    def action_page_down(self) -> None:
        """A page on, less one row; but not past a gap."""
        row, height = self.scroll_offset.y, self._page + 1
        gap = min(self._gaps_within(row, row + height + self._page, is_below=True), default=None)
        if gap is None:
            super().action_page_down()
        elif gap >= row + height:
            self._scroll_by_hand(gap + 1 - height)

    def _gaps_within(self, first: int, end: int, *, is_below: bool) -> list[int]:
        """The rows of gaps between these rows that are below what is read, or above it; but for those of which nothing
        could be loaded."""
        content = self._content
        if not len(content):
            return []
        indexes = range(content.at_row(first)[0], content.at_row(end - 1)[0] + 1)
        gaps = [index for index in indexes if content.messages[index].kind == "gap"]
        return [
            row
            for index in gaps
            if first <= (row := content.row_of(index)) < end
            and not content.messages[index].reason
            and (self._reader.index < index) == is_below
        ]

    def _held(self) -> int:
        """Where something is missing, the text that one comes from: it is read on from there."""
        content, row = self._content, self.scroll_offset.y
        if not (self._is_going_up and len(content)):
            return row
        last = content.at_row(row + self._laid_out.height - 1)[0]
        for index in range(last, content.at_row(row)[0] - 1, -1):
            if content.messages[index].kind == "gap":
                return min(content.row_of(index + 1), content.rows - 1)
        return row
