"""A question with few answers, above everything else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.screens.page import Page


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer. `key` is a letter that gives it at once."""

    value: str
    text: str
    key: str


class Ask(Page[str | None]):
    """Gives the value of the answer, or None for Esc. All text in it is drawn as text."""

    BINDINGS = [Binding("escape", "dismiss(None)", "Back", show=False)]  # noqa: RUF012

    def __init__(
        self,
        question: str,
        more: str,
        answers: Sequence[Answer],
        *,
        other: Callable[[str], None] | None = None,
    ) -> None:
        """`other` is given a letter that is no answer: somebody is typing a sentence, and has not seen the question.
        It is over then, with None."""
        super().__init__()
        self._question, self._more, self._answers, self._other = question, more, answers, other

    def compose(self) -> ComposeResult:
        """The question, what there is to know, the answers."""
        with Vertical(id="ask") as box:
            box.border_title = Content(self._question)
            box.border_subtitle = "Esc goes back"
            if self._more:
                yield Static(Content(self._more), classes="page-more")
            options = [
                Option(Content.assemble((f" {answer.key.upper()} ", "bold"), f" {answer.text}"), answer.value)
                for answer in self._answers
            ]
            yield OptionList(*options, id="ask-answers", markup=False, compact=True)

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click on an answer."""
        self.dismiss(event.option.id)

    def key_chosen(self, key: str) -> str | None:
        """The value of the answer that a letter gives."""
        return next((answer.value for answer in self._answers if answer.key == key.lower()), None)

    def on_key(self, event: events.Key) -> None:
        """A letter gives its answer at once."""
        value = self.key_chosen(event.key)
        if value is not None:
            event.stop()
            self.dismiss(value)
        elif self._other is not None and event.is_printable and event.character:
            event.stop()
            self.dismiss(None)
            self._other(event.character)
