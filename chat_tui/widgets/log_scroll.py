"""A log that scrolls: the place that is being read stays, whatever comes, goes or gets another size."""

from __future__ import annotations

from textual.geometry import Size
from textual.reactive import var
from textual.scroll_view import ScrollView

from chat_tui.widgets.log_content import LogContent, Moved
from chat_tui.widgets.log_reader import LogReader
from chat_tui.widgets.message_rows import Columns


class LogScroll(ScrollView, can_focus=False):
    """Shows a part of some content, and holds on to it. Whoever changes the content says so to `_settle`.

    1. The text being read never moves: not by what comes below or above it, not by trimming, not by a resize.
    2. Only at the end does it follow what comes.
    3. What is far from the reader is measured behind his back, and before he gets there.
    """

    following: var[bool] = var(True, init=False)
    """Whether the end is in sight, and stays so. Read only; `scroll_to_end` sets it."""

    new_below: var[int] = var(0, init=False)
    """How many messages of others came below what is in sight since the reader scrolled up. Read only."""

    nick_width: var[int] = var(10, init=False)
    """Cells for the nicks: 6 to 14 count, on a narrow screen at most 8. Longer nicks end in "…"."""

    def __init__(self, content: LogContent, id: str | None = None) -> None:
        """Shows this content, which may be filled already."""
        super().__init__(id=id)
        self._content = content
        self._reader = LogReader(content)
        self._is_settling = False
        self._is_stale = True
        self._is_measuring = False
        self._is_going_up = False
        self._laid_out = Size(0, 0)

    # Where it is

    def scroll_to_end(self) -> None:
        """Goes to the newest message, and follows."""
        self.following = True
        self._settle()

    def show_message(self, key: str) -> bool:
        """Scrolls as little as is needed to see a message whole; False if it is not in the log."""
        index = self._content.find(key)
        if index is None:
            return False
        if self._content.is_unmeasured:
            self._content.measure_all()
            self._settle()
        top, bottom = self._content.row_of(index), self._content.row_of(index + 1)
        height = self.scrollable_content_region.height
        row = self.scroll_offset.y
        if top < row or bottom - top > height:
            self._scroll_by_hand(top)
        elif bottom > row + height:
            self._scroll_by_hand(bottom - height)
        return True

    def action_page_up(self) -> None:
        """A page back, less one row: what was on top is then at the bottom."""
        self._scroll_by_hand(self.scroll_offset.y - self._page)

    def action_page_down(self) -> None:
        """A page on, less one row."""
        self._scroll_by_hand(self.scroll_offset.y + self._page)

    @property
    def _page(self) -> int:
        return max(1, self.scrollable_content_region.height - 1)

    def action_scroll_home(self) -> None:
        """To the oldest message."""
        self._scroll_by_hand(0)

    def action_scroll_end(self) -> None:
        """To the newest."""
        self.scroll_to_end()

    def _scroll_by_hand(self, row: int) -> None:
        # Without animation: ten pictures of a whole page for one key are slow over ssh, and follow the finger.
        self.scroll_to(y=row, animate=False, force=True)

    # How it stays there

    @property
    def _is_laid_out(self) -> bool:
        # Between a new size and the Resize event that tells of it rows mean nothing: neither where one is nor the end.
        return bool(self._laid_out.width) and self.scrollable_content_region.size == self._laid_out

    def _settle(self, moved: Moved | None = None) -> None:
        """After a change: the row that was on top is on top again, or the end is in sight."""
        if moved is not None:
            self._reader.moved(moved)
        self._is_stale = not self._is_laid_out
        if self._is_stale:
            return
        self._is_settling = True
        try:
            self.virtual_size = Size(self._laid_out.width, self._content.rows)
            row = self.max_scroll_y if self.following else self._reader.row
            if row != round(self.scroll_y):
                self.scroll_to(y=row, animate=False, force=True)
        finally:
            self._is_settling = False
        self._look()
        self.refresh()
        if self._content.is_unmeasured and not self._is_measuring:
            self._is_measuring = True
            self.set_timer(0.02, self._measure_more)

    def _look(self) -> None:
        """Notes what is in sight."""
        row = self.scroll_offset.y
        self.following = row >= self.max_scroll_y
        self._reader.look(row, self._laid_out.height, is_end=self.following, held=self._held)
        self.new_below = self._reader.news

    def _held(self) -> int:
        """The row in sight whose text stays where it is."""
        return self.scroll_offset.y

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The reader scrolls."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_settling or not self._is_laid_out:
            return
        self._is_going_up = new_value < old_value
        content = self._content
        if len(content) and not content.is_measured(self.scroll_offset.y, self._laid_out.height):
            step = self.scroll_offset.y - self._reader.row
            content.measure_all()
            self._reader.go_to(self._reader.row + step)
            self.following = False
            self._settle()
        else:
            self._look()

    def watch_nick_width(self) -> None:
        """Another width for the nicks is another one for the texts."""
        self._fit()

    def on_resize(self) -> None:
        """Breaks the rows anew."""
        if self._is_stale or not self._is_laid_out:
            self._fit()

    def _size_updated(
        self, size: Size, virtual_size: Size, container_size: Size, layout: bool = True
    ) -> bool:
        # The Resize event comes after the first picture in the new size, which would show another place, broken
        # for another width; so would one of a log that went on while it was hidden. (Private to Textual, as in
        # ScrollView; if it goes, that one picture comes back.)
        is_changed = super()._size_updated(size, virtual_size, container_size, layout)
        if self._is_stale or not self._is_laid_out:
            self._fit()
        return is_changed

    def _fit(self) -> None:
        size = self.scrollable_content_region.size
        if not size.width:
            return
        self._laid_out = size
        columns = Columns.fit(size.width, self.nick_width)
        if columns != self._content.columns:
            self._content.fit(columns, self._content.last_serial if self.following else self._reader.serial)
        self._settle()

    def _measure_more(self) -> None:
        self._is_measuring = False
        self._content.measure_some()
        self._settle()
