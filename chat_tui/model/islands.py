"""Which part of a room's history is loaded."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Final, NamedTuple

TOP: Final = "g0"
"""The key of the row above everything that is loaded, where there is one: no gap begins before the first id."""

END: Final = 10**18
"""Above every id: what reaches it goes on with what is said live."""


class Island(NamedTuple):
    """Everything of a room from the id `first` on and before the id `end` is loaded."""

    first: int
    end: int


@dataclass(slots=True)
class Islands:
    """Islands in rising order, none of which touches the next; between two of them lies a gap."""

    all: list[Island] = field(default_factory=list)

    @property
    def has_older(self) -> bool:
        """Whether something may lie before the first one."""
        return bool(self.all) and self.all[0].first > 0

    @property
    def is_live(self) -> bool:
        """Whether nothing is missing at the end."""
        return bool(self.all) and self.all[-1].end == END

    def has_all_from(self, id: int) -> bool:
        """Whether nothing is missing from this id on."""
        return self.is_live and self.all[-1].first <= id

    def missing(self, first: int, last: int) -> list[int]:
        """Where in this part something is missing: the first id of each piece that is not loaded."""
        found: list[int] = []
        for island in self.all:
            if first < island.first and first <= last:
                found.append(first)
            first = max(first, island.end)
        return [*found, first] if first <= last else found

    def cover(self, first: int, end: int) -> None:
        """This part is loaded too."""
        apart: list[Island] = []
        for island in self.all:
            if island.end < first or end < island.first:
                apart.append(island)
            else:
                first, end = min(first, island.first), max(end, island.end)
        self.all = sorted([*apart, Island(first, end)])

    def end_at(self, end: int) -> None:
        """From this id on nothing is heard of the room for a while."""
        if self.is_live:
            last = self.all.pop()
            self.all.append(Island(last.first, max(end, last.first)))

    def cut(self, first: int) -> None:
        """What is before this id was given up."""
        self.all = [Island(max(first, island.first), island.end) for island in self.all if island.end > first]

    def gaps(self) -> dict[str, int]:
        """The key of each gap's row, and the first id behind it. A gap keeps its key while it is filled from
        behind."""
        return {f"g{one.end}": other.first for one, other in zip(self.all, self.all[1:], strict=False)}

    def ids_of(self, count: int, held: Collection[int]) -> float:
        """How many ids hold so many messages of this room, if it is everywhere as where it is loaded (`held`: the ids of
        all that are): others are of other rooms, or of edits and reactions. At least one for each."""
        if not held:
            return count
        lowest, highest = min(held), max(held)
        loaded = sum(max(0, min(island.end, highest + 1) - max(island.first, lowest)) for island in self.all)
        return count * max(1.0, loaded / len(held))

    def gap_of(self, id: int) -> str | None:
        """The key of the row that stands where this id would be; None if it lies on an island, or after the last."""
        if not self.all or id < self.all[0].first:
            return TOP
        between = zip(self.all, self.all[1:], strict=False)
        return next((f"g{one.end}" for one, other in between if one.end <= id < other.first), None)
