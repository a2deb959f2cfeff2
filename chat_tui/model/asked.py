"""What was asked of the server and not answered yet: by the user, or by the model itself."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from chat_server.text import fold
from chat_server.wire import COMMANDS, Command


@dataclass(slots=True)
class Question:
    """A labelled command on its way. `room`: the one it is about, or the one where it was typed."""

    label: str
    name: str
    room: str
    is_typed: bool
    argument: str = field(default="", repr=False)
    arguments: tuple[str | None, ...] = field(default=(), repr=False)
    """All of them, None for one that was left out; a secret may be among them, or be the first."""
    is_answered: bool = False
    """Its lines were here; only the `ok` is missing."""


@dataclass(slots=True)
class Asked:
    """The questions of this connection, in the order in which the server will answer them."""

    label: Callable[[], str]
    _open: dict[str, Question] = field(default_factory=dict)

    def ask(self, name: str, room: str, *arguments: str | None, is_typed: bool = False) -> Command:
        """The labelled command to send; optional arguments at its end may be left out."""
        label = self.label()
        known = len(COMMANDS[name].parameters)
        arguments = (*arguments, *[None] * known)[:known]
        self._open[label] = Question(
            label, name, room, is_typed, arguments[0] or "" if arguments else "", arguments
        )
        return Command(name, arguments, label)

    def answer(self, label: str) -> Question | None:
        """The question that an `ok` or `err` is for; it is over."""
        return self._open.pop(label, None)

    def find(
        self, name: str, argument: str | None = None, *, is_typed: bool | None = None
    ) -> Question | None:
        """The oldest question of that kind that is still without an answer."""
        for question in self._open.values():
            if (
                question.name == name
                and not question.is_answered
                and (argument is None or fold(question.argument) == fold(argument))
                and is_typed in (None, question.is_typed)
            ):
                return question
        return None

    def page_of(self, room: str) -> Question | None:
        """The question that a history of this room answers; None if a join brought it along."""
        for question in self._open.values():
            if question.name == "join" and fold(question.argument) == fold(room):
                return None
            if question.name == "history" and not question.is_answered:
                return question if fold(question.arguments[1] or "") == fold(room) else None
        return None

    def arguments(self, name: str) -> list[str]:
        """What is asked for with that command just now."""
        return [question.argument for question in self._open.values() if question.name == name]

    def typed(self) -> list[Question]:
        """What the user asked and got no answer to."""
        return [question for question in self._open.values() if question.is_typed]

    def clear(self) -> None:
        """The connection is gone; nothing will be answered."""
        self._open.clear()
