"""The limits as the person who starts the server sets and sees them: `NAME=VALUE`, and the table of all."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from difflib import get_close_matches
from textwrap import wrap
from typing import Final, get_args, get_type_hints

from chat_server.config import Limits, Range

_AT_LEAST: Final = (
    ("outbox_bytes", 4, "backlog_bytes"),
    ("outbox_bytes", 1, "behind_bytes"),
    ("behind_bytes", 1, "replay_bytes"),
    ("unsent_bytes", 1, "outbox_bytes"),
    ("flood_seconds", 1, "delay_seconds"),
)
"""Limits that are at least so many times another: else who only reads his history is dropped as a slow reader."""


class BadLimit(ValueError):
    """A limit that cannot be set so; str() is one sentence for whoever starts the server."""


@dataclass(frozen=True, slots=True)
class Adjustable:
    """One limit: what it may be, and why it is what it is."""

    name: str
    kind: type[int] | type[float]
    range: Range
    why: str

    def read(self, typed: str) -> float:
        """The value as it was typed: a whole number for an int, `10_000` too. Raises BadLimit."""
        try:
            value = self.kind(typed)
        except ValueError:
            what = "a whole number" if self.kind is int else "a number"
            raise BadLimit(f"{self.name} is {what}, not {typed!r}") from None
        least, most = self.range.least, self.range.most
        if least == most and value != least:
            raise BadLimit(f"{self.name} is {show(most)} in chat/1 and cannot be set")
        # Said so that nan, which is above and below nothing, is refused too.
        if not least <= value <= most:
            raise BadLimit(f"{self.name} is from {show(least)} to {show(most)}, not {typed}")
        return value


def list_adjustables() -> dict[str, Adjustable]:
    """Every limit by its name, in the order of `Limits`; the whys are the texts that stand below the fields there."""
    (tree,) = ast.parse(inspect.getsource(Limits)).body
    assert isinstance(tree, ast.ClassDef)
    whys = {
        field.target.id: " ".join(str(text.value.value).split())
        for field, text in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(field, ast.AnnAssign)
        and isinstance(field.target, ast.Name)
        and isinstance(text, ast.Expr)
        and isinstance(text.value, ast.Constant)
    }
    hints = get_type_hints(Limits, include_extras=True)
    adjustables = {}
    for field in fields(Limits):
        kind, bounds = get_args(hints[field.name])
        adjustables[field.name] = Adjustable(field.name, kind, bounds, whys[field.name])
    return adjustables


def adjust(limits: Limits, settings: Iterable[str]) -> Limits:
    """The limits with each `NAME=VALUE` in place, the last of one name. Raises BadLimit."""
    adjustables = list_adjustables()
    values: dict[str, float] = {}
    for setting in settings:
        typed, equals, value = setting.partition("=")
        name = typed.strip().replace("-", "_").lower()
        if name not in adjustables:
            close = [one for one in adjustables if len(name) > 2 and name in one][:3]
            close = close or get_close_matches(name, adjustables, n=1, cutoff=0.6)
            guess = f"did you mean {' or '.join(close)}?" if close else "chat-server limits lists them all"
            raise BadLimit(f"no limit is called {typed!r}; {guess}")
        if not equals:
            raise BadLimit(f"{name} needs a value: {name}={show(getattr(limits, name))}")
        values[name] = adjustables[name].read(value.strip())
    # Typed by Adjustable.read, as the fields are.
    adjusted: Limits = replace(limits, **values)  # type: ignore[arg-type]
    if values:
        _check_together(adjusted)
    return adjusted


def _check_together(limits: Limits) -> None:
    for larger, times, smaller in _AT_LEAST:
        high, low = getattr(limits, larger), getattr(limits, smaller)
        if high < times * low:
            many = f"{times} times " if times > 1 else ""
            raise BadLimit(f"{larger} ({show(high)}) is at least {many}{smaller} ({show(low)})")


def show(value: float) -> str:
    """A value as it can be typed again."""
    return f"{value:g}" if isinstance(value, float) and not value.is_integer() else str(int(value))


def render_limits(limits: Limits, columns: int | None) -> str:
    """The table of all limits: name, value, why. The whys are wrapped to so many columns; None: a line for each."""
    table = [("limit", "value", "why")]
    for name, one in list_adjustables().items():
        table.append((name, show(getattr(limits, name)), one.why))
    names, values = (max(len(row[place]) for row in table) for place in (0, 1))
    margin = names + values + 4
    lines = []
    for name, value, why in table:
        parts = [why] if columns is None else wrap(why, max(20, columns - margin), break_on_hyphens=False)
        lines.append(f"{name:<{names}}  {value:>{values}}  {parts[0]}")
        lines += [" " * margin + part for part in parts[1:]]
    return "\n".join(lines)
