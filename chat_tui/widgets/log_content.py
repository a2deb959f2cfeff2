"""What is in the log and in which row of it: messages, day and unread lines, the place that is being read.

No Textual in here. The log's rows are numbered from 0 at the top; columns may change at any time.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from chat_tui.model import Message
from chat_tui.widgets.log_index import LogIndex
from chat_tui.widgets.message_rows import Columns, Layout, Lead, LocalTime, height_of, layout

Moved = Callable[[int], int]
"""Where a serial is after a change: what was remembered about a message stays with it."""


_NEAR = 500
"""So many messages before and after the one that is read are always measured: more than any screen has rows."""


_BELOW: Final = 1 << 24


class Place(NamedTuple):
    """A row that means the same after every change: which message, and the character that its row begins with.

    The rows before a message's text count backwards: -1 is the one just above it. Those below it count on from a
    position that no text has.
    """

    serial: int
    position: int


def _unmoved(serial: int) -> int:
    return serial


class LogContent:
    """The messages of a log and the rows they take.

    A message has an index (0 is the first there is) and a serial, which stays the same while older messages come
    or go; only what is put or taken between others changes the serials behind it, as the returned Moved says.
    """

    def __init__(self, zone: tzinfo | None, columns: Columns) -> None:
        self.time = LocalTime(zone)
        self.columns = columns
        self.messages: list[Message] = []
        self.first_serial = 0
        self.unread_from: str | None = None
        self._index = LogIndex()
        self._unmeasured: list[tuple[int, int]] = []

    def __len__(self) -> int:
        return len(self.messages)

    @property
    def rows(self) -> int:
        """The height of everything, in rows."""
        return self._index.rows

    @property
    def last_serial(self) -> int:
        """The serial of the newest message; one less than `first_serial` if there is none."""
        return self.first_serial + len(self.messages) - 1

    def find(self, key: str) -> int | None:
        """The index of a message. The newest are found at once: they are asked for most."""
        messages = self.messages
        for index in range(len(messages) - 1, -1, -1):
            if messages[index].key == key:
                return index
        return None

    def at_row(self, row: int) -> tuple[int, int]:
        """The index of the message in a row, and which of its rows that is. IndexError if nothing is there."""
        return self._index.find(row)

    def row_of(self, index: int) -> int:
        """The first row of a message, or of the lines before it."""
        return self._index.row_of(index)

    def lead(self, index: int) -> Lead:
        """The lines before a message."""
        message = self.messages[index]
        is_new_day = not message.is_rule and self._day_before(index) != self.time.day(message.at)
        return Lead(is_new_day, message.key == self.unread_from)

    def _day_before(self, index: int) -> int | None:
        """The day of what stands above; a gap has none."""
        while index > 0:
            index -= 1
            if not self.messages[index].is_rule:
                return self.time.day(self.messages[index].at)
        return None

    @property
    def is_unmeasured(self) -> bool:
        """Whether `measure_some` has something to do."""
        return bool(self._unmeasured)

    def is_measured(self, row: int, height: int) -> bool:
        """Whether the messages in these rows have their real heights (see `measure_some`)."""
        if not self._unmeasured:
            return True
        first, last = self._index.find(row)[0], self._index.find(row + height - 1)[0]
        return not any(low <= last and first < high for low, high in self._unmeasured)

    # Changes

    def fit(self, columns: Columns, near: int) -> None:
        """Breaks the rows anew for these columns: at once those near the message with this serial."""
        is_measured = columns.text == self.columns.text
        self.columns = columns
        if not is_measured:
            self._measure_near(near - self.first_serial)

    def reset(self, messages: Iterable[Message]) -> None:
        """Holds these and nothing else."""
        self.messages = list(messages)
        self.first_serial = 0
        width = self.columns.text
        self._index.reset(1 + len(message.text) // width for message in self.messages)
        self._measure_near(len(self.messages))

    def measure_some(self, count: int = 3_000) -> bool:
        """Counts the rows of some more messages; True if there are more yet.

        Breaking 100,000 messages anew takes 300 ms, too long to wait for at every step of a window being drawn
        wider. So what is far from the reader keeps the height it had, or a guess, until it comes to its turn.
        """
        if self._unmeasured:
            low, high = self._unmeasured.pop()
            middle = max(low, high - count)
            self._measure(middle, high)
            if low < middle:
                self._unmeasured.append((low, middle))
        return bool(self._unmeasured)

    def measure_all(self) -> None:
        """The same for all there are: before anybody sees them, or they change their places."""
        while self.measure_some(len(self.messages)):
            pass

    def insert(self, index: int, messages: Sequence[Message]) -> Moved:
        """Puts messages before the one at `index`, or after the last."""
        count = len(messages)
        if index < len(self.messages):
            self.measure_all()
        heights = self._heights(messages, index)
        moved = _unmoved
        if index == len(self.messages):
            self._index.append(heights)
        elif index == 0:
            self._index.prepend(heights)
            self.first_serial -= count
        else:
            self._index.insert(index, heights)
            border = self.first_serial + index

            def moved(serial: int) -> int:
                return serial + count if serial >= border else serial

        self.messages[index:index] = messages
        self._measure_after(index + count)
        return moved

    def replace(self, index: int, message: Message) -> None:
        """Puts a message in the place of another."""
        self.messages[index] = message
        self._measure(index, index + 1)
        self._measure_after(index + 1)

    def remove(self, keys: Collection[str]) -> Moved:
        """Takes messages out; keys that are not there do not matter."""
        wanted = frozenset(keys)
        gone = [index for index, message in enumerate(self.messages) if message.key in wanted]
        if not gone or gone[-1] == len(gone) - 1:
            self.trim(len(gone))
            return _unmoved
        self.measure_all()
        serials = [self.first_serial + index for index in gone]
        for index in reversed(gone):
            del self.messages[index]
            self._index.remove(index)
            self._measure_after(index)
        return lambda serial: serial - bisect_left(serials, serial)

    def trim(self, count: int) -> None:
        """Takes the first `count` messages out."""
        if count:
            self.measure_all()
            del self.messages[:count]
            self._index.trim(count)
            self.first_serial += count
            self._measure_after(0)

    def set_unread_from(self, key: str | None) -> None:
        """Draws the unread line before this message, or nowhere."""
        old, self.unread_from = self.unread_from, key
        for changed in {old, key} - {None}:
            index = self.find(changed) if changed is not None else None
            if index is not None:
                self._measure(index, index + 1)

    # Places

    def place_at(self, row: int) -> Place:
        """What stands in a row. IndexError if nothing is there."""
        index, within = self._index.find(row)
        drawn = self._layout(index)
        line = within - self.lead(index).rows - drawn.above
        if line < 0:
            return Place(self.first_serial + index, line)
        below = line - len(drawn.rows)
        return Place(self.first_serial + index, drawn.rows[line].start if below < 0 else _BELOW + below)

    def row_at(self, place: Place) -> int:
        """The row in which that stands now; the nearest one there is, if it is gone. 0 in an empty log."""
        index = place.serial - self.first_serial
        if index < 0 or not self.messages:
            return 0
        if index >= len(self.messages):
            return self.rows
        drawn = self._layout(index)
        first = self.row_of(index) + self.lead(index).rows + drawn.above
        if place.position < 0:
            return max(self.row_of(index), first + place.position)
        if place.position >= _BELOW:
            return first + len(drawn.rows) - 1 + min(drawn.below, 1 + place.position - _BELOW)
        return first + max(0, sum(row.start <= place.position for row in drawn.rows) - 1)

    def _layout(self, index: int) -> Layout:
        return layout(self.messages[index], self.columns.text)

    def _measure_near(self, index: int) -> None:
        low, high = max(0, index - _NEAR), min(len(self.messages), max(0, index) + _NEAR)
        self._measure(low, high)
        rest = ((high, len(self.messages)), (0, low))
        self._unmeasured = [(begin, end) for begin, end in rest if begin < end]

    def _measure_after(self, index: int) -> None:
        """Something else stands before the message at `index`: it, or what comes after gaps, may begin a day now."""
        high = index
        while high < len(self.messages) and self.messages[high].is_rule:
            high += 1
        self._measure(index, high + 1)

    def _measure(self, low: int, high: int) -> None:
        messages = self.messages[low:high]
        if messages:
            self._index.set_heights(low, self._heights(messages, low))

    def _heights(self, messages: Iterable[Message], index: int) -> list[int]:
        """The heights of these, if they stand before the one at `index` or are it and those after it."""
        width, day_of, unread_from = self.columns.text, self.time.day, self.unread_from
        day = self._day_before(index)
        heights = []
        for message in messages:
            height = height_of(message, width)
            if not message.is_rule:
                today = day_of(message.at)
                if today != day:
                    height += 1
                    day = today
            if message.key == unread_from:
                height += 1
            heights.append(height)
        return heights
