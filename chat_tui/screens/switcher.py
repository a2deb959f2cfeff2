"""Ctrl-K: go to a room or a person by typing a part of the name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.screen import ModalScreen
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

MOST = 100
"""So many places are listed: a crowd's names are found by typing, not by scrolling."""


@dataclass(frozen=True, slots=True)
class Place:
    """Somewhere to go: "#room" or "@nick", and what there is to know about it ("3 unread")."""

    name: str
    about: str = ""


class Switcher(ModalScreen[str | None]):
    """Gives the name of the place, or None for Esc. A "#name" that is not there yet may be chosen: it is made."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,ctrl+k", "dismiss(None)", "Back", show=False, priority=True),
        Binding("down,ctrl+n,tab", "step(1)", "Next", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "step(-1)", "Previous", show=False, priority=True),
    ]

    def __init__(self, places: Sequence[Place]) -> None:
        super().__init__(classes="page")
        self._places = places

    def compose(self) -> ComposeResult:
        """A line to type in, and what fits."""
        with Vertical(id="switcher"):
            yield Static(Content("Go to"), classes="page-title")
            typed = Input(placeholder="room or person", compact=True, id="switcher-typed")
            typed.cursor_blink = False
            yield typed
            yield OptionList(id="switcher-places", markup=False, compact=True)

    def on_mount(self) -> None:
        """Lists everything, the line ready to be typed in."""
        self._list("")
        self.query_one(Input).focus()

    def on_input_changed(self, event: Input.Changed) -> None:
        """Lists what fits."""
        self._list(event.value.strip())

    def on_input_submitted(self) -> None:
        """Enter goes to the one that is lit."""
        places = self.query_one(OptionList)
        if places.highlighted is not None:
            self.dismiss(places.get_option_at_index(places.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click goes there."""
        self.dismiss(event.option.id)

    def action_step(self, step: int) -> None:
        """Lights the next or the previous one, while the line keeps the focus."""
        places = self.query_one(OptionList)
        if step > 0:
            places.action_cursor_down()
        else:
            places.action_cursor_up()

    def _list(self, wanted: str) -> None:
        places = self.query_one(OptionList)
        places.clear_options()
        places.add_options([Option(content, name) for name, content in self._fitting(wanted)])
        places.highlighted = 0 if places.option_count else None

    def _fitting(self, wanted: str) -> list[tuple[str, Content]]:
        if not wanted:
            return [(place.name, self._draw(Content(place.name), place)) for place in self._places[:MOST]]
        matcher = Matcher(wanted)
        scored = [(matcher.match(place.name), place) for place in self._places]
        best = sorted((pair for pair in scored if pair[0] > 0), key=lambda pair: -pair[0])[:MOST]
        found = [(place.name, self._draw(matcher.highlight(place.name), place)) for _, place in best]
        room = f"#{wanted.lstrip('#').lower()}"
        if " " not in wanted and not wanted.startswith("@") and all(room != name for name, _ in found):
            found.append((room, Content.assemble(room, "   ", ("join or make this room", "dim"))))
        return found

    def _draw(self, name: Content, place: Place) -> Content:
        return Content.assemble(name, f"   {place.about}" if place.about else "")
