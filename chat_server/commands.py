"""What each command does. Names, syntax and help are in the wire's table; a test holds the two together.

A handler runs in the hub thread, gets the hub, the session, the line and one value for each parameter, and
raises Refused for what cannot be done: then nothing was done.
"""

from __future__ import annotations

from collections.abc import Callable
from time import gmtime, strftime
from typing import TYPE_CHECKING, Any, Final

from chat_server import text
from chat_server.config import LOBBY
from chat_server.meant import target_meant
from chat_server.wire import (
    COMMANDS,
    Away,
    Begin,
    Command,
    End,
    Nick,
    Note,
    Ok,
    Pong,
    Refused,
    RoomLine,
    ServerLine,
    Time,
    Who,
    WhoName,
)

if TYPE_CHECKING:
    from chat_server.hub import Hub
    from chat_server.roster import Room, Session

Handler = Callable[..., None]
HANDLERS: Final[dict[str, Handler]] = {}
ENTRY_COMMANDS: Final[set[str]] = set()
"""Commands that say something: it goes to the log, and `ok` comes with its id."""
KEPT_COMMANDS: Final = frozenset({"join", "part", "here"})
"""Commands that change what is kept of a claimed person: `ok` comes when that is saved."""

_WHO_LINE_BYTES: Final = 3500
"""Names of one `who` line; a crowd takes several."""


def handles(name: str, *, makes_entry: bool = False) -> Callable[[Any], Any]:
    """Marks the handler of a command."""

    def mark(handler: Handler) -> Handler:
        HANDLERS[name] = handler
        if makes_entry:
            ENTRY_COMMANDS.add(name)
        return handler

    return mark


@handles("nick")
def nick(hub: Hub, session: Session, line: Command, name: str, secret: str | None) -> None:
    """/nick NAME; with a SECRET it is answered by `chat_server.proof`."""
    try:
        wanted = text.check_nick(name)
    except text.BadName as error:
        raise Refused("bad-nick", why=str(error)) from None
    person = session.person
    if wanted == person.nick:
        hub.tell(session, Nick(hub.now(), wanted, wanted))
        return
    hub.names.may_be_called(person, wanted)
    hub.presence.rename(person, wanted)


@handles("who")
def who(hub: Hub, session: Session, line: Command, target: str | None) -> None:
    """/who [TARGET]"""
    if target is not None:
        target = target_meant(hub, "who", target)
    if target is not None and target.startswith("@"):
        identity, nick = hub.names.identity_of(target[1:])
        person = hub.names.by_identity.get(identity)
        name, people = f"@{nick}", [] if person is None else [person]
    else:
        room = _known_room(hub, session, target)
        name, people = room.name, sorted(room.people, key=lambda person: text.fold(person.nick))
    lines: list[ServerLine] = [Begin(hub.now(), "who", (name,))]
    some: list[WhoName] = []
    size = 0
    for one in (person.who_name() for person in people):
        size += len(str(one).encode()) + 1
        if size > _WHO_LINE_BYTES:
            lines.append(Who(hub.now(), name, tuple(some)))
            some, size = [], len(str(one).encode()) + 1
        some.append(one)
    if some:
        lines.append(Who(hub.now(), name, tuple(some)))
    if len(people) <= hub.limits.told_people:
        # Whoever came after it was said has not heard why.
        lines += [Away(hub.now(), person.nick, person.away) for person in people if person.away]
    hub.tell_at_leisure(session, [*lines, End(hub.now(), "who", (name,))])


@handles("time")
def time(hub: Hub, session: Session, line: Command) -> None:
    """/time"""
    now = hub.now()
    hub.tell(session, Time(now, strftime("%A, %d %B %Y, %H:%M:%S UTC", gmtime(now))))


@handles("quit")
def quit_(hub: Hub, session: Session, line: Command, word: str | None) -> None:
    """/quit [TEXT]"""
    hub.quit(session, word or "")


@handles("help")
def help_(hub: Hub, session: Session, line: Command, name: str | None) -> None:
    """/help [COMMAND]"""
    if name is not None:
        spec = COMMANDS.get(name.removeprefix("/").lower())
        if spec is None:
            raise Refused("unknown-command", name=name.removeprefix("/")[:32], guess="")
        hub.tell(session, Note(hub.now(), f"{spec.usage}   {spec.help}"))
        return
    width = max(len(spec.usage) for spec in COMMANDS.values())
    lines: list[ServerLine] = [
        Note(hub.now(), f"{spec.usage:<{width}}   {spec.help}") for spec in COMMANDS.values()
    ]
    lines.append(
        Note(hub.now(), "Anything else is said in the room you are in; a text that begins with / is typed //")
    )
    hub.tell(session, Begin(hub.now(), "help"), *lines, End(hub.now(), "help"))


@handles("join")
def join(hub: Hub, session: Session, line: Command, name: str) -> None:
    """/join ROOM"""
    try:
        wanted = text.check_room(name)
    except text.BadName as error:
        raise Refused("bad-room", why=str(error)) from None
    person = session.person
    is_new = wanted not in person.rooms
    if is_new:
        if len(person.rooms) >= hub.limits.rooms_per_person:
            raise Refused("not-allowed", why=f"You are in {len(person.rooms)} rooms already; /part one first")
        if wanted not in hub.presence.rooms and hub.presence.busy_rooms() >= hub.limits.rooms:
            raise Refused(
                "not-allowed", why=f"There are {hub.presence.busy_rooms()} rooms already; /rooms lists them"
            )
    hub.presence.join(session, hub.presence.room(wanted))
    # An app that comes back goes into all its rooms again; in which of them its user is, it says by /here.
    if is_new or line.label is None:
        hub.remember_rooms(session)


@handles("part")
def part(hub: Hub, session: Session, line: Command, name: str | None) -> None:
    """/part [ROOM]"""
    before = session.current
    hub.presence.leave(session, own_room(session, name))
    hub.remember_rooms(session)
    if session.current is not before:
        hub.tell_current(session, line.label)


@handles("here")
def here(hub: Hub, session: Session, line: Command, name: str | None) -> None:
    """/here [ROOM]"""
    room = own_room(session, name)
    if name is not None:
        session.current = room
        hub.remember_rooms(session)
    hub.tell_current(session, line.label)


@handles("rooms")
def rooms(hub: Hub, session: Session, line: Command) -> None:
    """/rooms"""
    found = sorted(
        hub.presence.rooms.values(), key=lambda room: (-len(room.people), -(room.last_at or 0), room.name)
    )
    shown, left = found[: hub.limits.rooms_shown], found[hub.limits.rooms_shown :]
    lines: list[ServerLine] = [
        RoomLine(hub.now(), room.name, len(room.people), room.last_at, room.topic) for room in shown
    ]
    if left:
        lines.append(Note(hub.now(), f"and {len(left)} more; /join takes you into any that you know"))
    hub.tell_at_leisure(session, [Begin(hub.now(), "rooms"), *lines, End(hub.now(), "rooms")])


@handles("msg", makes_entry=True)
def msg(hub: Hub, session: Session, line: Command, target: str, body: str) -> None:
    """/msg TARGET TEXT"""
    target = target_meant(hub, "msg", target)
    if target.startswith("#"):
        hub.say(session, "msg", own_room(session, target).name, body, label=line.label)
        return
    identity, nick = hub.names.identity_of(target[1:])
    hub.say(session, "msg", "@" + nick, body, label=line.label, peer=identity)


@handles("me", makes_entry=True)
def me(hub: Hub, session: Session, line: Command, body: str) -> None:
    """/me TEXT"""
    hub.say(session, "act", own_room(session, None).name, body, label=line.label)


@handles("topic", makes_entry=True)
def topic(hub: Hub, session: Session, line: Command, body: str | None) -> None:
    """/topic [TEXT]"""
    room = own_room(session, None)
    if body is not None:
        hub.say(session, "topic", room.name, "" if body == "-" else body, label=line.label)
        return
    shown = (
        f"The topic of {room.name} is: {room.topic}"
        if room.topic
        else f"{room.name} has no topic; /topic TEXT sets one"
    )
    hub.tell(session, Note(hub.now(), shown))
    if line.label is not None:
        hub.tell(session, Ok(hub.now(), line.label))


@handles("away")
def away(hub: Hub, session: Session, line: Command, reason: str | None) -> None:
    """/away [TEXT]"""
    hub.presence.set_away(session.person, reason)


@handles("whois")
def whois(hub: Hub, session: Session, line: Command, name: str) -> None:
    """/whois NICK"""
    name = name.removeprefix("@")
    person = hub.names.find(name)
    now = hub.now()
    if person is None:
        claim = hub.claims.find(text.fold(name))
        if claim is None:
            raise Refused("no-such-nick", nick=name)
        hub.tell(session, Note(now, f"{claim.nick} is somebody's own name; its owner is not here now"))
        return
    kind = "owns that name" if person.is_claimed else "is a guest by that name"
    # Rooms that the asker is not in are nobody's business but of those in them.
    shared = [room for room in person.rooms if room in session.person.rooms]
    where = f", is in {' '.join(shared)} with you" if shared else ""
    gone = f", and is away: {person.away}" if person.away is not None else ""
    hub.tell(session, Note(now, f"{person.nick} {kind}{where}{gone}"))


@handles("ping")
def ping(hub: Hub, session: Session, line: Command, token: str | None) -> None:
    """/ping [TOKEN]"""
    hub.tell(session, Pong(hub.now(), token or ""))


def own_room(session: Session, name: str | None) -> Room:
    """A room that the person is in: the named one, or the current one."""
    if name is None:
        if session.current is None:
            raise Refused("not-in-room", room=LOBBY)
        return session.current
    room = session.person.rooms.get(text.fold(name))
    if room is None:
        raise Refused("not-in-room", room=name)
    return room


def _known_room(hub: Hub, session: Session, name: str | None) -> Room:
    """Any room that there is: the named one, or the current one."""
    if name is None:
        return own_room(session, None)
    room = hub.presence.rooms.get(text.fold(name))
    if room is None:
        raise Refused("no-such-room", room=name)
    return room
