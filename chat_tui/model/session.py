"""What the parts of the model share."""

from __future__ import annotations

from collections.abc import Callable
from datetime import tzinfo
from itertools import count
from typing import Literal

from chat_tui.model.asked import Asked
from chat_tui.model.changes import Change, Send
from chat_tui.model.entries import Entries
from chat_tui.model.identity import Identity
from chat_tui.model.outgoing import Outgoing
from chat_tui.model.presence import Presence
from chat_tui.model.resume import Resume
from chat_tui.model.rooms import Rooms


class Session:
    """One user's rooms, lines and questions. `server_room` is where the server takes him to be when it has
    read all that was sent: commands without a room are about that one."""

    def __init__(
        self,
        nick: str | None,
        clock: Callable[[], float],
        head: str,
        room: str,
        secret_of: Callable[[str], str | None],
        zone: tzinfo | None = None,
    ) -> None:
        numbers = count(1)

        def label() -> str:
            return f"{head}-{next(numbers)}"

        self.clock = clock
        self.zone = zone
        """Of the times that stand in a row's text; None is the local one."""
        self.is_online = False
        self.server_room = ""
        self.identity = Identity(nick, secret_of, nick or "")
        self.rooms = Rooms(room, clock)
        self.outgoing = Outgoing(label)
        self.asked = Asked(label)
        self.entries = Entries(self.rooms, self.outgoing)
        self.presence = Presence(self.rooms)
        self.resume = Resume(self.asked)
        self.entries.call(self.identity.nick)

    def note(
        self,
        text: str,
        kind: Literal["notice", "error"] = "notice",
        *,
        room: str = "",
        at: int | None = None,
        passes: bool | None = None,
    ) -> list[Change]:
        """A row in a room (the current one if it is not told, or gone). `at`: Unix seconds, now if not told. `passes`:
        it goes when it was read; errors do unless told otherwise."""
        at = int(self.clock()) if at is None else at
        return self.rooms.note(text, at, kind, room, passes=passes)

    def ask(self, name: str, room: str, *arguments: str | None, is_typed: bool = False) -> Send:
        """A labelled command to send; what it is about is remembered until it is answered."""
        return Send(self.asked.ask(name, room, *arguments, is_typed=is_typed))

    def go(self, room: str) -> list[Change]:
        """Makes a room the server's current one, if it is not."""
        if room == self.server_room or not room.startswith("#"):
            return []
        self.server_room = room
        return [self.ask("join", room, room)]

    def wish(self, now: float) -> list[Change]:
        """Asks for the wished nick again if it is time to."""
        identity = self.identity
        if not identity.is_due(now) or identity.wished is None:
            return []
        return [self.ask("nick", "", *identity.arguments(identity.wished))]

    def pump(self) -> list[Change]:
        """Sends the own lines that may be sent now."""
        changes = self.entries.doubt() if self.outgoing.is_open else []
        nicks = [self.identity.nick, *self.asked.arguments("nick")]
        for line in self.outgoing.due(self.clock(), nicks, self.entries.last_id):
            if line.kind in ("act", "topic"):
                changes += self.go(line.target)
            changes.append(Send(line.command))
        return changes
