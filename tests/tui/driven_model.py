"""A model between a test and a pretended screen that holds every list of changes against the model itself."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC

from chat_server import wire
from chat_tui.events import Connected, Connecting, Event, Lost, Received
from chat_tui.model import (
    Change,
    CurrentRoomChanged,
    Delivery,
    Message,
    MessageReplaced,
    MessagesAdded,
    MessagesRemoved,
    MessagesReset,
    Model,
    Notify,
    Outcome,
    RoomRenamed,
    Send,
)
from tests.tui.scripted_server import NOW, split_label


class DrivenModel:
    """`sent` are the lines for the server; `labels` finds the label under which one was sent last.

    Every change is done to a copy of each room's rows, as a widget would, and the copy must then be the model's
    own list; at no step may a row stand twice.
    """

    def __init__(
        self,
        nick: str | None = "ann",
        room: str = "#lobby",
        secrets: dict[str, str] | None = None,
        last_room: str = "",
    ) -> None:
        self.now = float(NOW)
        self.model = Model(
            nick,
            clock=lambda: self.now,
            token=lambda: "7f3c",
            room=room,
            secret_of=(secrets or {}).get,
            last_room=last_room,
            zone=UTC,
        )
        self.sent: list[str] = []
        self.labels: dict[str, str] = {}
        self._with_labels: list[str] = []
        self.changes: list[Change] = []
        self._shown: dict[str, list[Message]] = {}

    # -- what happens

    def event(self, *events: Event) -> list[Change]:
        """The client tells something."""
        return self.do(self.model.apply_all(events))

    def feed(self, *lines: str, at: int | None = None) -> list[Change]:
        """The server says lines (without their TIME)."""
        stamp = wire.format_time(int(self.now) if at is None else at)
        return self.event(*(Received(wire.parse_server(f"{stamp} {line}")) for line in lines))

    def welcome(
        self,
        nick: str = "guest-1",
        room: str = "#lobby",
        epoch: str = "8Kd2",
        last: int = 0,
        is_private: bool = True,
    ) -> None:
        """A connection comes about; `sent` begins anew."""
        self.sent.clear()
        self.event(Connecting(1), Connected(is_private))
        self.feed(
            f"welcome chat/1 den epoch={epoch} last={last} line=4096 text=3500 nick={nick} room={room} tls=no"
        )

    def online(self, nick: str = "ann", room: str = "#lobby", others: str = "bob", last: int = 0) -> None:
        """A connection whose first lines were all answered; nothing is left in `sent`."""
        self.welcome("guest-1", room, last=last)
        self.feed(f"begin history {room}", f"end history {room}", "note You are guest-1. Just type.")
        self.feed(f"nick guest-1 {nick}", f"ok {self.label(f'/nick {nick}')}")
        self.who(room, f"{nick} {others}".strip())
        self.sent.clear()

    def who(self, room: str, names: str) -> None:
        """The server answers /who of a room."""
        self.feed(
            f"begin who {room}", f"who {room} {names}", f"end who {room}", f"ok {self.label(f'/who {room}')}"
        )

    def settle(self, *missed: str) -> None:
        """The server answers all the first lines of a connection; `missed` are the entries of /since."""
        own = ("/msg", "/edit", "/delete", "/react", "/topic")
        for bare in [line for line in self.sent if not line.startswith(own)]:
            match bare.split(" "):
                case ["/nick", nick, *_]:
                    self.feed(f"nick {self.model.nick} {nick}")
                    if bare.count(" ") > 1:
                        self.feed("here #lobby")
                case ["/join", room]:
                    self.feed(
                        f"join {room} {self.model.nick}", f"begin history {room}", f"end history {room}"
                    )
                case ["/part", room]:
                    self.feed(f"part {room} {self.model.nick}")
                case ["/who", room]:
                    self.feed(f"begin who {room}", f"who {room} {self.model.nick}", f"end who {room}")
                case ["/since", id, _]:
                    last = max([int(id), *(int(line.split(" ")[1]) for line in missed)])
                    self.feed(f"begin since {id}", *missed, f"end since {last}")
            self.feed(f"ok {self.label(bare)}")

    def lose(self, reason: str = "The connection was cut", retry_in: float | None = 1.0) -> None:
        """The connection is lost."""
        self.event(Lost(reason, retry_in))

    def enter(self, typed: str) -> Outcome:
        """The user types something."""
        outcome = self.model.enter(typed)
        self.do(outcome.changes)
        return outcome

    def tick(self, seconds: float = 1.0) -> list[Change]:
        """Time goes by."""
        self.now += seconds
        return self.do(self.model.tick(self.now))

    def do(self, changes: Iterable[Change]) -> list[Change]:
        """Does changes as the app would."""
        changes = list(changes)
        for change in changes:
            match change:
                case Send(line):
                    self._with_labels.append(wire.format_client(line))
                    label, bare = split_label(self._with_labels[-1])
                    self.sent.append(bare)
                    self.labels[bare] = label
                case MessagesAdded(room, messages, before):
                    rows = self._shown.setdefault(room, [])
                    index = len(rows) if before is None else [row.key for row in rows].index(before)
                    rows[index:index] = messages
                case MessageReplaced(room, old_key, message):
                    rows = self._shown[room]
                    rows[[row.key for row in rows].index(old_key)] = message
                case MessagesRemoved(room, keys):
                    assert set(keys) <= {row.key for row in self._shown[room]}
                    self._shown[room] = [row for row in self._shown[room] if row.key not in keys]
                case MessagesReset(room) | CurrentRoomChanged(room):
                    self._shown[room] = list(self.model.rooms[room].messages)
                case RoomRenamed(old, new):
                    self._shown[new] = self._shown.pop(old, [])
            for room, rows in self._shown.items():
                keys = [row.key for row in rows]
                assert len(keys) == len(set(keys)), f"a row twice in {room}: {keys}"
        for name, state in self.model.rooms.items():
            assert self._shown.get(name, []) == state.messages, f"{name} is shown otherwise than it is"
        self.changes = changes
        return changes

    # -- what is there

    def label(self, bare: str) -> str:
        """The label under which a line was sent last."""
        return self.labels[bare]

    def ok(self, bare: str, id: int | None = None) -> list[Change]:
        """The server takes a line."""
        return self.feed(f"ok {self.label(bare)} {id or ''}".rstrip())

    def err(self, bare: str, code: str = "muted", text: str = "You are muted here") -> list[Change]:
        """The server refuses a line."""
        return self.feed(f"err {code} {self.label(bare)} {text}")

    def take_sent(self) -> list[str]:
        """What was sent since the last time."""
        sent, self.sent = self.sent, []
        return sent

    def take_sent_with_labels(self) -> list[str]:
        """What was sent since the last time, as it goes over the wire."""
        self.sent.clear()
        sent, self._with_labels = self._with_labels, []
        return sent

    def messages(self, room: str | None = None) -> list[Message]:
        """The rows of a room, of the current one if none is told."""
        return self.model.rooms[room or self.model.current_room].messages

    def rows(self, room: str | None = None) -> list[str]:
        """The rows as a person reads them: "ann: hi", "ann: hi (pending)", "* ann waves", "! no", "- note"."""
        return [_read(message) for message in self.messages(room)]

    def keys(self, room: str | None = None) -> list[str]:
        """The keys of the rows."""
        return [message.key for message in self.messages(room)]

    def notified(self) -> list[str]:
        """The texts that the last changes notify of."""
        return [change.message.text for change in self.changes if isinstance(change, Notify)]


def history(*entries: str, room: str = "#lobby") -> list[str]:
    """What the server says of a room's history."""
    return [f"begin history {room}", *entries, f"end history {room}"]


def _read(message: Message) -> str:
    state = "" if message.delivery is Delivery.SENT else f" ({message.delivery.value})"
    match message.kind:
        case "msg":
            return f"{message.nick}: {message.text}{state}"
        case "act":
            return f"* {message.nick} {message.text}{state}"
        case "gap" | "removed":
            return message.text
    return f"{ {'error': '!', 'event': '~', 'notice': '-'}[message.kind] } {message.text}"
