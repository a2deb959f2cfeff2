"""How others join: the lines to type elsewhere, to be read out, or copied and sent."""

from __future__ import annotations

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.kept import HERE, is_loopback
from chat_tui.reaching import join_host
from chat_tui.screens.page import Page
from chat_tui.widgets.wrapping import drawable

USUAL_PORT = 5000
"""What chat-tui takes if none is told."""


def ways(host: str, port: int, own: str, *, is_hosted: bool = False) -> list[tuple[str, tuple[str, ...]]]:
    """What to type to come to the server host:port that this app is on, each after where and with what.

    `own` is how other machines reach this one, "localhost" if nobody knows. `is_hosted`: the server is this app's, and
    listens for everybody.
    """
    elsewhere = "On another machine"
    if host != HERE and not is_loopback(host):
        return [(elsewhere, _lines(host, port))]
    here = ("On this machine", _lines(HERE, port))
    if own == HERE:
        return [here]
    if not is_hosted:
        elsewhere += ", if the server listens there"
    return [(elsewhere, _lines(own, port)), here]


def _lines(host: str, port: int) -> tuple[str, ...]:
    place = host if port == USUAL_PORT and ":" not in host else join_host(host, port)
    return f"chat-tui {place}".removesuffix(f" {HERE}"), f"nc {host} {port}"


def _shown(line: str) -> Content:
    note = "   nothing to install" if line.startswith("nc ") else ""
    return Content.assemble(f"  {drawable(line)}", (note, "dim"))


class Others(Page[None]):
    """Enter or a click copies a line. All text in it is drawn as text."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Back", show=False)]  # noqa: RUF012

    def __init__(self, ways: Sequence[tuple[str, Sequence[str]]]) -> None:
        super().__init__()
        self._ways = ways

    def compose(self) -> ComposeResult:
        """The lines, those for other machines first."""
        with Vertical(id="others") as box:
            box.border_title = "How others join"
            box.border_subtitle = "Enter copies · Esc closes"
            yield OptionList(markup=False, compact=True)
            yield Static(id="others-said")

    def on_mount(self) -> None:
        """Lists them; the first line is lit."""
        options = self.query_one(OptionList)
        for number, (heading, lines) in enumerate(self._ways):
            if number:
                options.add_option(None)
            options.add_option(Option(Content(f"{heading}:"), disabled=True))
            options.add_options([Option(_shown(line), line) for line in lines])
        options.highlighted = 1
        options.focus()

    def tell(self, sentence: str) -> None:
        """Where the line was copied to."""
        said = self.query_one("#others-said", Static)
        said.update(Content(sentence))
        said.display = True

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        if event.option.id is not None:
            self.app.copy_to_clipboard(event.option.id)
