"""The help page: what everybody needs, then all commands and keys, from the tables that they work by."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from rich.style import Style
from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding
from textual.color import Color
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.widgets import Static

from chat_tui.actions import basic_rows, command_rows, key_rows
from chat_tui.screens.page import Page
from chat_tui.screens.side_bars import MIDDLING

KEY_CELLS: Final = 19
"""Width of the left column: "Alt-Enter, Ctrl-J," and "/msg TARGET TEXT" fit."""

NARROW_CELLS: Final = 16
"""The same where the text beside it has hardly more."""

_SLASH: Final = "A text that begins with a slash is written with two: //shrug says /shrug."


class Help(Page[None]):
    """Reads like a page; Esc, F1 or q closes it, the arrows and PgUp/PgDn scroll, C and K go to commands and keys."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,f1,q,Q", "dismiss(None)", "Back", show=False, priority=True),
        Binding("c,C", "go('commands')", "Commands", show=False),
        Binding("k,K", "go('keys')", "Keys", show=False),
    ]

    def compose(self) -> ComposeResult:
        """What everybody needs; then all the commands; then a section for each group of keys."""
        with Vertical(id="help") as box:
            box.border_title = "Help"
            ways = "C commands · K keys · Esc closes"
            box.border_subtitle = ways if self._is_narrow else f"↑ ↓ scroll · {ways}"
            with VerticalScroll(id="help-rows"):
                yield Static(self._table(basic_rows()))
                yield Static(Content("Commands"), id="help-commands", classes="help-group")
                yield Static(self._table(command_rows()))
                yield Static(Content(_SLASH), classes="help-slash")
                for group, rows in groupby(key_rows(), key=lambda row: row[0]):
                    is_first = group == key_rows()[0][0]
                    heading = Content(f"Keys: {group[0].lower()}{group[1:]}")
                    yield Static(heading, id="help-keys" if is_first else None, classes="help-group")
                    yield Static(self._table(((keys, text) for _, keys, text in rows)))

    def action_go(self, section: str) -> None:
        """Puts the commands, or the keys, at the top."""
        self.query_one("#help-rows").scroll_to_widget(
            self.query_one(f"#help-{section}"), top=True, animate=False
        )

    @property
    def _is_narrow(self) -> bool:
        return self.app.size.width < MIDDLING

    def _table(self, rows: Iterable[tuple[str, str]]) -> Table:
        """Two columns; both wrap, each under itself."""
        color = Color.parse(self.app.theme_variables["primary"]).rich_color
        table = Table.grid(padding=(0, 2, 0, 0))
        table.add_column(width=NARROW_CELLS if self._is_narrow else KEY_CELLS, style=Style(color=color))
        table.add_column()
        for left, right in rows:
            table.add_row(Text(left), Text(right))
        return table
