"""What was said goes out: each entry is encoded once, and the same bytes go to everybody concerned. Hub thread."""

from __future__ import annotations

from collections.abc import Sequence

from chat_server.log import Stored
from chat_server.presence import Post, Presence
from chat_server.wire import encode


def broadcast(presence: Presence, courier: Post, batch: Sequence[Stored]) -> None:
    """Sends entries in the order of their ids; what follows one another in a room goes out as one piece."""
    pieces: list[bytes] = []
    target = ""

    def flush() -> None:
        if pieces:
            courier.put_all(presence.room(target).boxes, b"".join(pieces))
            pieces.clear()

    for stored in batch:
        entry = stored.entry
        presence.heard = entry.id
        line = encode(entry)
        if stored.peer is not None:
            flush()
            _tell_two(presence, courier, stored, line)
            continue
        if entry.target != target:
            flush()
            target = entry.target
        pieces.append(line)
        presence.room(target).remember(entry, line)
    flush()


def _tell_two(presence: Presence, courier: Post, stored: Stored, line: bytes) -> None:
    """A direct message, on all connections of both."""
    for identity in {stored.author, stored.peer}:
        person = presence.names.by_identity.get(identity or "")
        if person is not None:
            courier.put_all(person.boxes, line)
