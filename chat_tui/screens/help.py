"""The help page: keys and commands, both from the tables that they work by."""

from __future__ import annotations

from itertools import groupby

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from chat_tui.actions import command_rows, key_rows

KEY_CELLS = 22
"""Width of the left column: the widest are "Alt-Enter, Ctrl-J, …"."""


class Help(ModalScreen[None]):
    """Reads like a page; Esc, F1 or q closes it, the arrows and PgUp/PgDn scroll."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,f1,q", "dismiss(None)", "Back", show=False, priority=True),
    ]

    def __init__(self) -> None:
        super().__init__(classes="page")

    def compose(self) -> ComposeResult:
        """One row for each key, then one for each command."""
        with Vertical(id="help"):
            yield Static(Content("Talkline"), classes="page-title")
            with VerticalScroll(id="help-rows"):
                yield Static(
                    Content("Type and press Enter. What you write goes to the room you see."),
                    classes="help-text",
                )
                for group, rows in groupby(key_rows(), key=lambda row: row[0]):
                    yield from _section(group, [(keys, text) for _, keys, text in rows])
                yield from _section("Commands", command_rows())
                yield Static(
                    Content("A line that begins with // says one slash: //shrug says /shrug."),
                    classes="help-text",
                )
            yield Static(Content("Esc closes"), classes="page-foot")


def _section(title: str, rows: list[tuple[str, str]]) -> ComposeResult:
    yield Static(Content(title), classes="help-group")
    for left, right in rows:
        yield HelpRow(left, right)


class HelpRow(Static):
    """A key or command and what it does, wrapped under its own column."""

    def __init__(self, left: str, right: str) -> None:
        super().__init__(classes="help-row")
        self._left, self._right = left, right

    def render(self) -> Content:
        """The left column stays as wide as it is; only the right one wraps."""
        width = self.content_size.width
        column = min(KEY_CELLS, max(8, width // 2 - 2))
        key = self.app.theme_variables.get("primary", "")
        left = Content.assemble((self._left, f"{key}")).wrap(column)
        right = Content(self._right).wrap(max(10, width - column - 2))
        lines = []
        for index in range(max(len(left), len(right))):
            start = left[index].rstrip() if index < len(left) else Content("")
            end = right[index].rstrip() if index < len(right) else Content("")
            lines.append(Content.assemble(start, " " * (column + 2 - start.cell_length), end))
        return Content("\n").join(lines)
