"""The help page: keys and commands, both from the tables that they work by."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from rich.color import Color as RichColor
from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.color import Color
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from chat_tui.actions import command_rows, key_rows
from chat_tui.screens.page import Page

KEY_CELLS: Final = 19
"""Width of the left column: "Alt-Enter, Ctrl-J," and "/msg TARGET TEXT" fit."""

_FIRST: Final = "Type and press Enter: what you write goes to the room that you see."
_LAST: Final = "A text that begins with a slash is written with two: //shrug says /shrug."


class Help(Page[None]):
    """Reads like a page; Esc, F1 or q closes it, the arrows and PgUp/PgDn scroll."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,f1,q", "dismiss(None)", "Back", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()

    def compose(self) -> ComposeResult:
        """A section for each group of keys, then the commands."""
        color = Color.parse(self.app.theme_variables["primary"]).rich_color
        with Vertical(id="help") as box:
            box.border_title, box.border_subtitle = "Talkline", "↑ ↓ scroll · Esc closes"
            with VerticalScroll(id="help-rows"):
                yield Static(Content(_FIRST))
                for group, rows in groupby(key_rows(), key=lambda row: row[0]):
                    yield Static(Content(group), classes="help-group")
                    yield Static(_table(((keys, text) for _, keys, text in rows), color))
                yield Static(Content("Commands"), classes="help-group")
                yield Static(_table(command_rows(), color))
                yield Static(Content(_LAST), classes="help-last")


def _table(rows: Iterable[tuple[str, str]], color: RichColor) -> Table:
    """Two columns; both wrap, each under itself."""
    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(width=KEY_CELLS, style=Style(color=color))
    table.add_column()
    for left, right in rows:
        table.add_row(Text(left), Text(right))
    return table
