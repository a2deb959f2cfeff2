"""A list that gets shorter while one types: rooms and people (Ctrl-K), everything the app can do (F2), themes."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.fuzzy import FuzzySearch
from textual.style import Style
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from chat_tui.screens.page import Page

MOST: Final = 100
"""So many are listed: a crowd's names are found by typing, not by scrolling."""


_MATCHED: Final = Style(bold=True, underline=True)


@dataclass(frozen=True, slots=True)
class Choice:
    """`text` is what is searched; `about` stands at the right: a key, or how much is unread."""

    value: str
    text: str
    about: str = ""


class Pick(Page[str | None]):
    """Gives the value of the choice, or None for Esc. All text in it is drawn as text."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape,f2,ctrl+k", "dismiss(None)", "Back", show=False, priority=True),
        Binding("down,ctrl+n,tab", "step(1)", "Next", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "step(-1)", "Previous", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        prompt: str,
        choices: Sequence[Choice],
        *,
        extra: Callable[[str, bool], Sequence[Choice]] = lambda typed, is_found: (),
    ) -> None:
        """`extra` may offer more for what was typed, told whether something fits: a room that is not there yet."""
        super().__init__()
        self._title, self._prompt = title, prompt
        self._choices, self._extra = choices, extra

    def compose(self) -> ComposeResult:
        """A line to type in, and what fits."""
        with Vertical(id="pick") as box:
            box.border_title, box.border_subtitle = self._title, "Enter takes it · Esc closes"
            typed = Input(placeholder=self._prompt, compact=True)
            typed.cursor_blink = False
            yield typed
            yield OptionList(markup=False, compact=True)

    def offer(self, choices: Sequence[Choice]) -> None:
        """Lists these from now on; what the user has moved to stays lit."""
        if list(choices) == list(self._choices):
            return
        self._choices = choices
        if not self.is_drawn:
            return
        options = self.query_one(OptionList)
        lit = options.get_option_at_index(options.highlighted).id if options.highlighted else None
        self._list(self.query_one(Input).value)
        for index, option in enumerate(options.options):
            if lit is not None and option.id == lit:
                options.highlighted = index

    def on_mount(self) -> None:
        """Lists everything, the line ready to be typed in."""
        self._list("")
        self.query_one(Input).focus()

    def on_resize(self) -> None:
        """The right ends stay at the right."""
        if self.is_drawn:
            self._list(self.query_one(Input).value)

    def on_input_changed(self, event: Input.Changed) -> None:
        """Lists what fits."""
        self._list(event.value)

    def on_input_submitted(self) -> None:
        """Enter takes the one that is lit."""
        options = self.query_one(OptionList)
        if options.highlighted is not None:
            self.dismiss(options.get_option_at_index(options.highlighted).id)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click takes it."""
        self.dismiss(event.option.id)

    def action_step(self, step: int) -> None:
        """Lights the next or the previous one, while the line keeps the focus."""
        options = self.query_one(OptionList)
        if step > 0:
            options.action_cursor_down()
        else:
            options.action_cursor_up()

    def _list(self, typed: str) -> None:
        options = self.query_one(OptionList)
        options.clear_options()
        # An emoji's name may be typed as in a message, ":tada:".
        options.add_options(self._fitting(typed.strip().strip(":")))
        options.highlighted = 0 if options.option_count else None

    def _fitting(self, typed: str) -> list[Option | None]:
        if not typed:
            return [self._option(Content(choice.text), choice) for choice in self._choices[:MOST]]
        parts, search = typed.split(), FuzzySearch()
        scored = [(*_match(search, parts, choice.text), choice) for choice in self._choices]
        best = sorted((match for match in scored if match[0] > 0), key=lambda match: -match[0])[:MOST]
        found: list[Option | None] = [
            self._option(_matched(choice.text, places), choice) for _, places, choice in best
        ]
        extra = [self._option(Content(choice.text), choice) for choice in self._extra(typed, bool(found))]
        # A line between: they are none of those that fit.
        return [*found, *([None] if found and extra else []), *extra]

    def _option(self, text: Content, choice: Choice) -> Option:
        width = self.query_one(OptionList).scrollable_content_region.width - 2
        about = Content.assemble((choice.about, "dim"))
        text = text.truncate(max(0, width - about.cell_length - 2), ellipsis=True)
        gap = " " * max(2, width - text.cell_length - about.cell_length)
        return Option(Content.assemble(" ", text, gap, about, " "), choice.value)


def _match(search: FuzzySearch, parts: Sequence[str], text: str) -> tuple[float, Sequence[int]]:
    """How well a text fits, 0 for not at all, and where: every part is somewhere in it, "r 17" in "#room-17"."""
    found = [search.match(part, text) for part in parts]
    if not all(score for score, _ in found):
        return 0.0, ()
    # "room 1" is #room-1 rather than #room-17, whichever of them has something unread.
    words = set(re.findall(r"\w+", text.lower()))
    whole = sum(part.lower() in words for part in parts)
    return whole + sum(score for score, _ in found), sorted(
        {place for _, places in found for place in places}
    )


def _matched(text: str, places: Sequence[int]) -> Content:
    """A text with these characters lit. (Textual's own Matcher.highlight reads the text as markup.)"""
    content = Content(text)
    for place in places:
        content = content.stylize(_MATCHED, place, place + 1)
    return content
