"""Which message is drawn in which row: heights of messages, and the rows where they begin.

Only numbers here; the log asks "what is in row 812,345" and "where does message 40 begin" some hundred times
for each picture, and tells of every change.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate


class LogIndex:
    """The heights of a list of messages, in rows.

    1. find() and row_of() take O(log n) and O(1).
    2. append() and prepend() take what the new ones take; trim() moves memory, it does not count again: rows are
       kept as they were first numbered, and the number of the first one goes up (or down) instead.
    3. insert(), remove() and set_heights() count from there to the end: nothing at the newest, 4 ms at the first
       of 100,000.

    8 bytes a message.
    """

    def __init__(self) -> None:
        self._first = 0
        self._ends = array("q")

    def __len__(self) -> int:
        return len(self._ends)

    @property
    def rows(self) -> int:
        """The height of everything."""
        return self._ends[-1] - self._first if self._ends else 0

    def row_of(self, index: int) -> int:
        """The row in which a message begins; row_of(len(index)) is the row after the last."""
        return self._ends[index - 1] - self._first if index else 0

    def height(self, index: int) -> int:
        """How many rows a message takes."""
        return self.row_of(index + 1) - self.row_of(index)

    def find(self, row: int) -> tuple[int, int]:
        """The message in a row, and which of its rows that is.

        A row before the first or after the last gives the nearest one there is; an empty index raises IndexError.
        """
        if not self._ends:
            raise IndexError("nothing is in the log")
        row = max(0, min(row, self.rows - 1))
        index = bisect_right(self._ends, row + self._first)
        return index, row - self.row_of(index)

    def reset(self, heights: Iterable[int]) -> None:
        """Starts again with these heights."""
        self._first = 0
        self._ends = array("q", accumulate(heights))

    def append(self, heights: Iterable[int]) -> None:
        """Adds messages after the last."""
        end = self._ends[-1] if self._ends else self._first
        ends = accumulate(heights, initial=end)
        next(ends)
        self._ends.extend(ends)

    def prepend(self, heights: Sequence[int]) -> None:
        """Adds messages before the first."""
        self._first -= sum(heights)
        ends = array("q", accumulate(heights, initial=self._first))
        self._ends = ends[1:] + self._ends

    def insert(self, index: int, heights: Sequence[int]) -> None:
        """Adds messages before the one at `index`."""
        begin = self.row_of(index) + self._first
        ends = array("q", accumulate(heights, initial=begin))
        self._ends[index:] = ends[1:] + self._tail(index, ends[-1] - begin)

    def remove(self, index: int) -> None:
        """Removes one message."""
        self._ends[index:] = self._tail(index + 1, -self.height(index))

    def trim(self, count: int) -> None:
        """Removes the first `count` messages."""
        if count:
            self._first = self._ends[count - 1]
            del self._ends[:count]

    def set_heights(self, index: int, heights: Sequence[int]) -> None:
        """Gives the messages from `index` on other heights."""
        begin, old_end = self.row_of(index) + self._first, self.row_of(index + len(heights)) + self._first
        ends = array("q", accumulate(heights, initial=begin))
        if ends[-1] == old_end:
            self._ends[index : index + len(heights)] = ends[1:]
        else:
            self._ends[index:] = ends[1:] + self._tail(index + len(heights), ends[-1] - old_end)

    def _tail(self, index: int, difference: int) -> array[int]:
        return array("q", [end + difference for end in self._ends[index:]])
