"""Lines of code in a message: where they break, and what stands between two pieces of code."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from chat_server.text import clean
from chat_tui.formatting import LINE_BREAK
from chat_tui.model import Message
from chat_tui.widgets.message_rows import height_of, layout
from chat_tui.widgets.wrapping import wrap_code
from tests.tui.shown_log import rows, said, shown


def rows_of(text, width):
    message = Message("e1", 1, "msg", "bob", text, 1)
    drawn = layout(message, width)
    assert drawn.height == height_of(message, width)
    return [(row.kind, drawn.formatted.text[row.start : row.end], row.is_rest) for row in drawn.rows]


def test_a_table_is_broken_at_the_edge_and_keeps_its_columns():
    table = "+--------+--------+␤| name   | rate   |␤| a      |      1 |"
    assert rows_of(f"```␤{table}␤```", 16) == [
        ("code", "+--------+----", False),
        ("code", "----+", True),
        ("code", "| name   | ", False),
        ("code", "rate   |", True),
        ("code", "| a      |    ", False),
        ("code", "  1 |", True),
    ]


def test_two_pieces_of_code_are_told_apart_by_a_blank_row():
    assert rows_of("```␤a␤```␤```␤b␤␤```␤```␤c␤```", 20) == [
        ("code", "a", False),
        ("text", "", False),
        ("code", "b", False),
        ("text", "", False),
        ("code", "c", False),
    ]


async def test_a_row_that_goes_on_with_a_line_of_code_has_a_mark_before_it() -> None:
    async with shown([said(1, "```␤a = 'long'; b = 'longer'␤```")], (36, 6)) as (log, _):
        drawn = [row.split("│", 1)[1].rstrip() for row in rows(log) if "│" in row]
        assert drawn == ["  a = 'long'; b", " ↳= 'longer'"]


@given(st.text(alphabet="ab  |日👍e\u0301" + LINE_BREAK).map(clean), st.integers(1, 12))
def test_rows_of_code_fit_and_miss_nothing_but_blanks_at_the_ends_of_lines(text, width):
    drawn = [*wrap_code(text, 0, len(text), width)]
    lines: list[str] = []
    for row in drawn:
        piece = text[row.start : row.end]
        assert cell_len(piece) <= max(width, 2)
        assert LINE_BREAK not in piece
        if row.is_rest:
            lines[-1] += piece
        else:
            lines.append(piece)
    assert lines == [line.rstrip(" ") for line in text.split(LINE_BREAK)]
