"""How far somebody has read: the place on top of the page, what was in sight, how much came since."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from chat_tui.model import Message
from chat_tui.widgets.log_content import LogContent, Moved, Place


class LogReader:
    """The reader of a log, who scrolls, while the log changes around the place that is being read."""

    def __init__(self, content: LogContent) -> None:
        self._content = content
        self._seen = -1
        self._place = Place(0, -1)
        self._above = 0
        self.news = 0
        """How many messages of others came below what was in sight."""

    @property
    def serial(self) -> int:
        """The message that stays where it is: the one on top, below the rows of gaps there, or another one in sight."""
        return self._place.serial

    @property
    def index(self) -> int:
        """The same as an index; negative if it is gone."""
        return self._place.serial - self._content.first_serial

    @property
    def row(self) -> int:
        """Where what stands in the top row is now; the nearest row there is, if it is gone."""
        return max(0, self._content.row_at(self._place) - self._above)

    def go_to(self, row: int, held: int | None = None) -> None:
        """This row is on top, and the text in the row `held` stays where it is then; None: what is on top."""
        content = self._content
        top = row if held is None else held
        index, within = content.at_row(top)
        # The rows of gaps, days and what is unread go when messages come there: what is held on to is the text below.
        while index + 1 < len(content) and content.messages[index].kind == "gap":
            index, within = index + 1, 0
            top = content.row_of(index)
        top += max(0, content.lead(index).rows - within)
        self._place, self._above = content.place_at(top), top - row

    def added(self, index: int, messages: Sequence[Message]) -> None:
        """These came, from `index` on: say it before `moved`, and only if the end is out of sight."""
        if self._content.first_serial + index > self._seen:
            self.news += sum(map(_is_news, messages))

    def moved(self, moved: Moved) -> None:
        """The serials are other ones now."""
        self._place = self._place._replace(serial=moved(self._place.serial))
        self._seen = moved(self._seen)

    def count_again(self) -> None:
        """Some of the news may be gone."""
        self.news = sum(map(_is_news, self._content.messages[self._first_unseen :]))

    def look(self, row: int, height: int, *, is_end: bool, held: Callable[[], int]) -> None:
        """So many rows from this one on are in sight. If one has scrolled, `held` says which of them is read."""
        content = self._content
        # As long as nobody scrolls it is the same character, also if rows broke elsewhere in between.
        is_here = 0 <= self.index < len(content)
        if len(content) and not (is_here and self.row == row):
            self.go_to(row, held())
        if is_end or not len(content):
            self._seen, self.news = content.last_serial, 0
            return
        last, first = content.at_row(row + height - 1)[0], self._first_unseen
        if last >= first:
            self.news -= sum(map(_is_news, content.messages[first : last + 1]))
            self._seen = content.first_serial + last

    @property
    def _first_unseen(self) -> int:
        return max(0, self._seen + 1 - self._content.first_serial)


def _is_news(message: Message) -> bool:
    return message.kind != "event" and not (message.is_rule or message.is_own)
