"""Commands about an earlier entry: /reply, /edit, /delete, /react.

The entry is looked up in the log by the asking client's own reader, so that the hub never waits for a disk; what the
person may do with it is the hub's to say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from chat_server.emoji import forms, read_emoji
from chat_server.log import Log, Stored
from chat_server.wire import COMMANDS, Command, EntryKind, Refused

if TYPE_CHECKING:
    from chat_server.hub import Hub
    from chat_server.roster import Session


@dataclass(frozen=True, slots=True)
class About:
    """A command and the entry it is about, None if that is not there.

    `emoji` is what /react means; `in_force` that reaction of this person if it is there, in the form or the forms in
    which it is stored.
    """

    line: Command
    found: Stored | None
    emoji: str = ""
    in_force: tuple[str, ...] = ()

    @property
    def label(self) -> str | None:
        """The label of the line."""
        return self.line.label


Handler = Callable[["Hub", "Session", About], None]
ABOUT: Final[dict[str, Handler]] = {}
"""Command -> what it does. Every one of them makes an entry."""


def look_up(messages: Log, session: Session, line: Command) -> About | Refused:
    """Finds what a line is about. Reader thread; everything said before it is stored already.

    Raises LogFailed if the log cannot be read.
    """
    id = int((line.arguments[0] or "0").removeprefix("^"))
    found = messages.find(id)
    if found is not None and found.entry.kind == "edit" and found.entry.ref is not None:
        found = messages.find(found.entry.ref)
    if line.name != "react":
        return About(line, found)
    emoji = read_emoji(line.arguments[1] or "")
    if emoji is None:
        return Refused(
            "bad-args", line.label, name="react", syntax=COMMANDS["react"].usage + " (as 👍 or :+1:)"
        )
    if found is None:
        return About(line, None, emoji)
    id, author = found.entry.id, session.person.identity
    return About(
        line, found, emoji, tuple(form for form in forms(emoji) if messages.has_reacted(id, author, form))
    )


def _handles(name: str) -> Callable[[Handler], Handler]:
    def mark(handler: Handler) -> Handler:
        ABOUT[name] = handler
        return handler

    return mark


@_handles("reply")
def reply(hub: Hub, session: Session, about: About) -> None:
    """/reply ID TEXT"""
    found = _seen(hub, session, about)
    if found.peer is not None:
        other = found.author if found.author != session.person.identity else found.peer
        if not hub.names.is_reached(other):
            raise Refused(
                "not-allowed",
                why="That guest has left, or has a name of his own now; /msg @NICK says it to who is here",
            )
    _say(hub, session, about, found, "msg", about.line.arguments[1] or "", about.label)


@_handles("edit")
def edit(hub: Hub, session: Session, about: About) -> None:
    """/edit ID TEXT"""
    found = _own(hub, session, about)
    if found.entry.kind == "topic":
        raise Refused("not-allowed", why="A topic is changed with /topic TEXT")
    _say(hub, session, about, found, "edit", about.line.arguments[1] or "", about.label)


@_handles("delete")
def delete(hub: Hub, session: Session, about: About) -> None:
    """/delete ID"""
    found = _own(hub, session, about)
    entry = found.entry
    if entry.kind == "topic":
        if not entry.text:
            raise Refused("no-such-id", id=entry.id)
        room = hub.presence.rooms.get(entry.target)
        if room is not None and room.topic == entry.text and room.topic_id in (None, entry.id):
            # It still stands over the room.
            hub.say(session, "topic", entry.target, "")
    _say(hub, session, about, found, "delete", "", about.label)


@_handles("react")
def react(hub: Hub, session: Session, about: About) -> None:
    """/react ID EMOJI, and again to take it back"""
    found = _seen(hub, session, about)
    if not about.in_force:
        _say(hub, session, about, found, "react", about.emoji, about.label)
        return
    # The one with the label last.
    for form in reversed(about.in_force):
        _say(hub, session, about, found, "unreact", form, about.label if form == about.in_force[0] else None)


def _seen(hub: Hub, session: Session, about: About) -> Stored:
    """The entry, if this person can see it: else it is as if it were not there."""
    found = about.found
    person = session.person
    if found is not None:
        author, peer = hub.names.owner(found.author), found.peer and hub.names.owner(found.peer)
        found = replace(found, author=author, peer=peer)
    if found is not None and found.entry.kind in ("msg", "act", "topic"):
        is_theirs = person.identity in (found.author, found.peer)
        if is_theirs if found.peer is not None else found.entry.target in person.rooms:
            return found
    raise Refused("no-such-id", id=(about.line.arguments[0] or "").removeprefix("^"))


def _own(hub: Hub, session: Session, about: About) -> Stored:
    """The entry, if this person said it."""
    found = _seen(hub, session, about)
    if found.author != session.person.identity:
        raise Refused("not-yours", id=found.entry.id)
    return found


def _say(
    hub: Hub, session: Session, about: About, found: Stored, kind: EntryKind, body: str, label: str | None
) -> None:
    target, peer = found.entry.target, found.peer
    if peer is not None and found.author != session.person.identity:
        # The answer to a direct message goes to who wrote it.
        peer = found.author
        target = "@" + hub.names.nick_of(peer, found.entry.nick)
    values: dict[str, Any] = {"label": label, "ref": found.entry.id, "peer": peer}
    hub.say(session, kind, target, body, **values)
