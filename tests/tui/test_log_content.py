"""The rows of a log, against a plain model of them; and the place that is being read."""

from __future__ import annotations

from datetime import UTC

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat_tui.model import Message, MessageKind, Quoted, Reaction
from chat_tui.widgets.log_content import LogContent, Place
from chat_tui.widgets.log_index import LogIndex
from chat_tui.widgets.message_rows import Columns, height_of, layout

NARROW, WIDE = Columns.fit(40, 8), Columns.fit(120, 8)


def said(number: int, *, at: int | None = None) -> Message:
    """Some of these have code or a quotation, some an answer, an edit or reactions to show; some are a gap."""
    text = ("", "", "> ", "```py␤x␤```␤")[number % 4] + f"number {number} " + "*and* so on " * (number % 13)
    kind: MessageKind = "gap" if number % 11 == 5 else "msg"
    at = 1_790_000_000 + number * 1_000 if at is None else at
    return Message(
        f"e{number}",
        at,
        kind,
        "ann",
        text,
        reply=Quoted(1, "bob", "who?") if number % 3 == 1 else None,
        reactions=(Reaction("👍", ("bob",), is_mine=False),) if number % 5 == 2 else (),
        is_edited=number % 7 == 3,
    )


def plain_heights(messages: list[Message], width: int, unread_from: str | None) -> list[int]:
    heights, day = [], None
    for message in messages:
        height = height_of(message, width) + (message.key == unread_from)
        if message.kind != "gap":
            height += message.at // 86_400 != day
            day = message.at // 86_400
        heights.append(height)
    return heights


def check(content: LogContent, expected: list[Message]) -> None:
    assert [*content.messages] == expected
    heights = plain_heights(expected, content.columns.text, content.unread_from)
    assert content.rows == sum(heights)
    row = 0
    for index, height in enumerate(heights):
        assert content.row_of(index) == row
        for within in range(height):
            assert content.at_row(row + within) == (index, within)
        row += height


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_after_any_changes_every_row_holds_what_a_plain_list_says(data: st.DataObject) -> None:
    content, plain, fresh = LogContent(UTC, WIDE), [], iter(range(10_000))
    numbers = st.integers(0, 3)
    for _ in range(data.draw(st.integers(1, 12))):
        match data.draw(
            st.sampled_from(["append", "insert", "prepend", "replace", "remove", "trim", "unread", "fit"])
        ):
            case "append":
                new = [said(next(fresh)) for _ in range(data.draw(numbers))]
                content.insert(len(content), new)
                plain += new
            case "prepend":
                new = [said(next(fresh), at=1_789_000_000 + n * 50_000) for n in range(data.draw(numbers))]
                content.insert(0, new)
                plain[0:0] = new
            case "insert":
                at = data.draw(st.integers(0, len(plain)))
                new = [said(next(fresh)) for _ in range(data.draw(numbers))]
                content.insert(at, new)
                plain[at:at] = new
            case "replace" if plain:
                at = data.draw(st.integers(0, len(plain) - 1))
                plain[at] = said(next(fresh))
                content.replace(at, plain[at])
            case "remove" if plain:
                keys = data.draw(st.sets(st.sampled_from([message.key for message in plain]), max_size=3))
                content.remove({*keys, "unknown"})
                plain = [message for message in plain if message.key not in keys]
            case "trim":
                count = data.draw(st.integers(0, len(plain)))
                content.trim(count)
                del plain[:count]
            case "unread":
                content.set_unread_from(
                    data.draw(st.sampled_from([None, *(message.key for message in plain)]))
                )
            case "fit":
                content.fit(data.draw(st.sampled_from([NARROW, WIDE])), 0)
        check(content, plain)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.integers(0, 400), min_size=1, max_size=40, unique=True), st.data())
def test_a_place_stays_with_its_text_whatever_happens_around_it(
    numbers: list[int], data: st.DataObject
) -> None:
    content = LogContent(UTC, WIDE)
    content.reset([said(number) for number in numbers])
    row = data.draw(st.integers(0, content.rows - 1))
    place = content.place_at(row)
    assert content.row_at(place) == row
    message = content.messages[place.serial - content.first_serial]
    others = [key for key in (f"e{number}" for number in numbers) if key != message.key]

    moved = content.insert(data.draw(st.integers(0, len(content))), [said(500), said(501)])
    place = place._replace(serial=moved(place.serial))
    moved = content.remove(data.draw(st.sets(st.sampled_from(others), max_size=3)) if others else ())
    place = place._replace(serial=moved(place.serial))
    content.insert(0, [said(502)])
    content.fit(NARROW, place.serial)
    content.trim(1)

    index, within = content.at_row(content.row_at(place))
    assert content.messages[index] is message
    if place.position >= 0:
        drawn = layout(message, NARROW.text)
        line = within - content.lead(index).rows - drawn.above
        if place.position >= 1 << 24:
            assert line - len(drawn.rows) == place.position - (1 << 24)
        else:
            text_row = drawn.rows[line]
            assert text_row.start <= place.position
            assert place.position < text_row.end or place.position == text_row.start


def test_a_place_whose_message_is_gone_is_the_nearest_one() -> None:
    content = LogContent(UTC, WIDE)
    content.reset([said(number) for number in range(10)])
    place = content.place_at(content.row_of(2) + 1)
    content.trim(5)
    assert content.row_at(place) == 0
    content.reset([])
    assert content.row_at(place) == 0
    content.reset([said(1)])
    assert content.row_at(Place(40, 0)) == content.rows


def test_a_long_log_is_measured_near_the_reader_first_and_everywhere_in_the_end() -> None:
    messages = [said(number) for number in range(6_000)]
    content, plain = LogContent(UTC, WIDE), LogContent(UTC, NARROW)
    content.reset(messages)
    content.measure_all()
    for message in messages:
        plain.insert(len(plain), [message])
    content.fit(NARROW, 3_000)

    assert content.is_unmeasured
    near = content.row_of(3_000)
    assert content.is_measured(near - 100, 200)
    assert not content.is_measured(0, 10)
    assert [content.row_of(index) - near for index in range(2_800, 3_200)] == [
        plain.row_of(index) - plain.row_of(3_000) for index in range(2_800, 3_200)
    ]

    while content.measure_some(700):
        assert content.row_of(3_100) - content.row_of(3_000) == plain.row_of(3_100) - plain.row_of(3_000)
    assert [content.row_of(index) for index in range(6_001)] == [
        plain.row_of(index) for index in range(6_001)
    ]


@pytest.mark.parametrize("change", ["insert", "prepend", "append", "remove", "trim", "replace", "reset"])
def test_a_long_log_that_changes_before_all_is_measured_comes_out_right(change: str) -> None:
    messages = [said(number) for number in range(4_000)]
    content, plain = LogContent(UTC, WIDE), LogContent(UTC, NARROW)
    content.reset(messages)
    content.fit(NARROW, 2_000)
    new = [said(9_000), said(9_013)]
    match change:
        case "insert":
            content.insert(100, new)
            messages[100:100] = new
        case "prepend":
            content.insert(0, new)
            messages[0:0] = new
        case "append":
            content.insert(4_000, new)
            messages += new
        case "remove":
            content.remove(["e50", "e3990"])
            messages = [message for message in messages if message.key not in ("e50", "e3990")]
        case "trim":
            content.trim(700)
            del messages[:700]
        case "replace":
            content.replace(10, new[0])
            messages[10] = new[0]
        case "reset":
            content.reset(messages := messages[:700])
    content.measure_all()
    plain.insert(0, messages)
    assert [content.row_of(index) for index in range(len(messages) + 1)] == [
        plain.row_of(index) for index in range(len(messages) + 1)
    ]


def test_an_index_counts_from_where_it_was_changed() -> None:
    index = LogIndex()
    index.append([2, 3])
    index.prepend([1, 1])
    assert ([index.height(number) for number in range(len(index))], index.rows) == ([1, 1, 2, 3], 7)
    index.insert(1, [10])
    index.set_heights(2, [4, 4])
    index.remove(0)
    assert [index.height(number) for number in range(len(index))] == [10, 4, 4, 3]
    index.trim(1)
    assert (index.rows, index.find(4), index.find(-5), index.find(99)) == (11, (1, 0), (0, 0), (2, 2))
