"""Whom or what a word means that stands where a TARGET is wanted and has neither # nor @."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_server import text
from chat_server.wire import COMMANDS, Refused

if TYPE_CHECKING:
    from chat_server.hub import Hub
    from chat_server.roster import Session


def target_meant(hub: Hub, command: str, word: str) -> str:
    """The target that a command is about. Hub thread. Raises Refused with bad-args where it is not certain.

    A nick is what people coming from elsewhere type (`/msg bob hi`), and what is said to one person alone reaches but the
    one who is called exactly so. What is said in a room is read by everybody there: that is never guessed, and where a
    room has that name, too, nothing is. Only to look into a room, its name is enough.
    """
    if word.startswith(("#", "@")):
        return word
    is_room = f"#{text.fold(word)}" in hub.presence.rooms
    is_person = _is_person(hub, word)
    if is_room and (is_person or command == "msg"):
        meant = f"@{word} or #{word}" if is_person else f"#{word}"
        raise Refused("bad-args", name=command, syntax=f"{COMMANDS[command].usage} (did you mean {meant}?)")
    return f"#{word}" if is_room else f"@{word}"


def ask_target(hub: Hub, session: Session, command: str, word: str) -> str:
    """The same for a reader's thread."""
    if word.startswith(("#", "@")):
        return word
    meant: list[str | Refused] = []

    def find() -> None:
        try:
            meant.append(target_meant(hub, command, word))
        except Refused as refused:
            meant.append(refused)
        session.gate.release()

    hub.post(find)
    session.gate.acquire()
    if isinstance(meant[0], Refused):
        raise meant[0]
    return meant[0]


def is_called(hub: Hub, session: Session, nick: str) -> bool:
    """Whether somebody is called so or owns that name. For a reader's thread."""
    found: list[bool] = []

    def find() -> None:
        found.append(_is_person(hub, nick))
        session.gate.release()

    hub.post(find)
    session.gate.acquire()
    return found[0]


def _is_person(hub: Hub, nick: str) -> bool:
    return hub.names.find(nick) is not None or hub.claims.find(text.fold(nick)) is not None
