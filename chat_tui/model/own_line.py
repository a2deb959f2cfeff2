"""Something that the user said or did, on its way to the server."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal

from chat_server.text import fold
from chat_server.wire import Command, Entry
from chat_tui.model.message import Delivery, Message

OwnKind = Literal["msg", "act", "topic", "edit", "delete", "react"]

CHANGES: Final = frozenset({"edit", "delete", "react"})
"""What is done to a message: shown there, and not in a row of its own."""

UNSURE: Final = "no answer came, and a guest cannot find out"


@dataclass(slots=True)
class OwnLine:
    """Something said or done. `sent_as` are the (folded) nicks that the server may have had for us when it was sent,
    none before that; `after` the highest id known when it was first sent: its entry has a higher one.

    `ref` is the message that is answered or changed; `text` the emoji of a reaction, "" for a topic that is taken
    away.
    """

    label: str
    target: str
    kind: OwnKind
    text: str
    at: int
    ref: int | None = None
    sent_as: frozenset[str] = frozenset()
    after: int = 0
    is_in_flight: bool = False
    reason: str = ""
    is_failed: bool = False
    """It is not sent again by itself."""
    is_unsure: bool = False
    """It failed since nobody knows whether it was said."""
    is_taken: bool = False
    """Acknowledged without an id; its echo is still to come."""
    is_ours: bool = True
    """Whether wherever it was sent it was sent by somebody proved to be the user: only then does the server know its
    label on another connection."""

    @property
    def key(self) -> str:
        """The key of its row until it has an id."""
        return f"p{self.label}"

    @property
    def is_change(self) -> bool:
        """Whether it is shown at the message that it is about."""
        return self.kind in CHANGES

    @property
    def is_waiting(self) -> bool:
        """Whether it is to be sent."""
        return not (self.is_failed or self.is_in_flight or self.is_taken)

    @property
    def may_be_dropped(self) -> bool:
        """Whether the server cannot have it, or has refused it."""
        return self.is_failed or not self.sent_as

    @property
    def delivery(self) -> Delivery:
        """Where it is."""
        if self.is_failed:
            return Delivery.UNSURE if self.is_unsure else Delivery.FAILED
        return Delivery.SENT if self.is_taken else Delivery.PENDING

    @property
    def command(self) -> Command:
        """What is sent. A text names its room, so that a change of rooms in between cannot misdirect it."""
        match self.kind:
            case "act":
                return Command("me", (self.text,), self.label)
            case "topic":
                return Command("topic", (self.text or "-",), self.label)
            case "delete":
                return Command("delete", (str(self.ref),), self.label)
            case "edit" | "react":
                return Command(self.kind, (str(self.ref), self.text), self.label)
        if self.ref is not None:
            return Command("reply", (str(self.ref), self.text), self.label)
        return Command("msg", (self.target, self.text), self.label)

    def is_echo(self, entry: Entry) -> bool:
        """Whether an entry by the user is what this line would become."""
        kind = "react" if entry.kind == "unreact" else entry.kind
        is_there = self.is_change or fold(entry.target) == fold(self.target)
        return is_there and (kind, entry.text, entry.ref) == (self.kind, self.text, self.ref)

    def row(self, nick: str) -> Message:
        """The row that stands for it until it has an id."""
        kind: Literal["msg", "act"] = "msg" if self.kind == "msg" else "act"
        text = self.text
        if self.kind == "topic":
            text = f"sets the topic: {text}" if text else "takes the topic away"
        return Message(
            self.key,
            self.at,
            kind,
            nick,
            text,
            ref=self.ref,
            delivery=self.delivery,
            is_own=True,
            reason=self.reason,
        )
