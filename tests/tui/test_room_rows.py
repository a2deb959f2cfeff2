"""The order of a room's rows, whatever is put into it."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_tui.model import Change, Message, MessageReplaced, MessagesAdded, MessagesRemoved
from chat_tui.model.room import RoomState


def entry(id: int) -> Message:
    return Message(f"e{id}", id, "msg", "bob", f"entry {id}", id)


def notice(number: int) -> Message:
    return Message(f"n{number}", 0, "notice", "", f"notice {number}")


def waiting(number: int) -> Message:
    return Message(f"p{number}", 0, "msg", "ann", f"own {number}", is_own=True)


class Copy:
    """The rows of a room as somebody has them who only follows the changes."""

    def __init__(self) -> None:
        self.rows: list[Message] = []

    def follow(self, changes: Sequence[Change]) -> None:
        for change in changes:
            keys = [row.key for row in self.rows]
            match change:
                case MessagesAdded(_, messages, before):
                    place = len(keys) if before is None else keys.index(before)
                    self.rows[place:place] = messages
                case MessageReplaced(_, old_key, message):
                    self.rows[keys.index(old_key)] = message
                case MessagesRemoved(_, gone):
                    self.rows = [row for row in self.rows if row.key not in gone]


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("merge"), st.lists(st.integers(1, 40), min_size=1, max_size=8)),
        st.tuples(st.just("settle"), st.none()),
        st.tuples(st.just("wait"), st.none()),
        st.tuples(st.just("land"), st.integers(1, 40)),
        st.tuples(st.just("remove"), st.integers(0, 5)),
    ),
    max_size=25,
)


@given(STEPS)
def test_ids_rise_own_lines_wait_below_and_the_changes_tell_it_all(steps: list[tuple[str, object]]) -> None:
    room, copy, merged = RoomState("#lobby"), Copy(), set()
    for number, (what, argument) in enumerate(steps):
        own = [row for row in room.messages if row.is_waiting]
        match what, argument:
            case "merge", list(ids):
                changes = room.merge(map(entry, ids))
                merged |= set(ids)
            case "settle", _:
                changes = room.settle(notice(number))
            case "wait", _:
                changes = room.wait(waiting(number))
            case "land", int(id) if own:
                changes = room.land(own[id % len(own)].key, entry(id))
                merged.add(id)
            case "remove", int(index) if own:
                changes = room.remove([own[index % len(own)].key])
            case _:
                continue
        copy.follow(changes)
        assert copy.rows == room.messages
        assert [row.id for row in room.messages if row.id] == sorted(merged)
        waits = [row.is_waiting for row in room.messages]
        assert waits == sorted(waits)
        assert all(room.knows(id) for id in merged) and room.last_id == max(merged, default=0)


def test_entries_go_to_several_places_in_one_merge() -> None:
    room, copy = RoomState("#lobby"), Copy()
    copy.follow(room.merge([entry(3), entry(9)]))
    copy.follow(room.settle(notice(1)))
    copy.follow(room.wait(waiting(1)))
    changes = room.merge(entry(id) for id in (1, 2, 3, 5, 6, 9, 10, 11))
    copy.follow(changes)
    assert [row.key for row in room.messages] == [
        "e1",
        "e2",
        "e3",
        "e5",
        "e6",
        "e9",
        "n1",
        "e10",
        "e11",
        "p1",
    ]
    assert copy.rows == room.messages and len(changes) == 3


@pytest.mark.parametrize("id", [1, 2, 3])
def test_a_row_is_found_by_its_id(id: int) -> None:
    room = RoomState("#lobby")
    room.merge([entry(1), entry(3)])
    row = room.entry(id)
    assert row == (None if id == 2 else entry(id))
