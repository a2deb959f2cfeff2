"""What the hub hands to the log writer at the end of a turn."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chat_server.log import Draft
from chat_server.roster import Session


@dataclass(frozen=True, slots=True)
class Kept:
    """Something was remembered of a person: when that is saved, `then` is called by the hub, with whether it could be."""

    then: Callable[[bool], None]


Batch = list[tuple[Draft | Kept, Session]]
"""In order. Of one connection what is kept comes before what is drafted: a command that keeps something waits until what
was said before it is stored."""
