"""What one connection may read at one moment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from chat_server.log import Reader

if TYPE_CHECKING:
    from chat_server.people import Claim


@dataclass(frozen=True, slots=True)
class View:
    """What was broadcast up to `last` the connection has, what comes later waits.

    `shown` is the target as the person knows it, `where` as the log does (a room, or "@" and an identity).
    """

    reader: Reader
    last: int
    shown: str
    where: str
    nick: str
    claim: Claim | None
