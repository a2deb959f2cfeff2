"""A batch of changes with nothing in it that a later one makes needless."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, groupby

from chat_tui.model.changes import (
    Change,
    CurrentRoomChanged,
    MessageReplaced,
    MessagesAdded,
    MessagesRemoved,
    MessagesReset,
    PeopleChanged,
    RoomsChanged,
    StatusChanged,
)


def coalesce(changes: Iterable[Change]) -> list[Change]:
    """The same changes, fewer: neighbours in one MessagesAdded, repeated refreshes once.

    Where a room is shown anew, its rows are read from the model, which has all of them already: what else the
    batch tells of its rows is left out, or a widget would draw them twice.
    """
    changes = list(changes)
    if len(changes) < 2:
        return changes
    anew = {change.room for change in changes if isinstance(change, CurrentRoomChanged | MessagesReset)}
    kept: list[Change] = []
    seen: set[Change] = set()
    # From the end: of equal refreshes the last one counts.
    for change in reversed(changes):
        match change:
            case MessagesAdded(room) | MessageReplaced(room) | MessagesRemoved(room):
                if room in anew:
                    continue
            case RoomsChanged() | PeopleChanged() | StatusChanged() | CurrentRoomChanged() | MessagesReset():
                if change in seen:
                    continue
                seen.add(change)
        kept.append(change)
    kept.reverse()
    return list(_joined(kept))


def _joined(changes: list[Change]) -> Iterator[Change]:
    for place, group in groupby(changes, _place):
        if place is None:
            yield from group
            continue
        rows = chain.from_iterable(change.messages for change in group if isinstance(change, MessagesAdded))
        yield MessagesAdded(place[0], tuple(rows), place[1])


def _place(change: Change) -> tuple[str, str | None] | None:
    return (change.room, change.before) if isinstance(change, MessagesAdded) else None
