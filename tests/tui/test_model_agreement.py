"""Two devices of one person, whatever he does on them: when both have told what he has read, the badges of both are
what the server counts, and nothing is read that he has not had in sight on one of them.

A pretended server keeps the messages and the marks; hypothesis chooses who says what where, which room each device
shows and how far it is scrolled, who looks, what is marked, when lines get through, and when a connection is lost.
"""

from __future__ import annotations

from collections import deque

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from tests.tui.driven_model import DrivenModel
from tests.tui.scripted_server import split_label

HOME = "#lobby"
ROOM_NAMES = (HOME, "#games", "#dev")
ROOMS = st.sampled_from(ROOM_NAMES)
DEVICES = st.integers(0, 1)


class Server:
    """As much of the real one as messages and marks need; every line to a device goes through its queue."""

    def __init__(self, count: int) -> None:
        self.log: list[tuple[str, str]] = []
        self.marks = dict.fromkeys(ROOM_NAMES, 0)
        self.queues: list[deque[str] | None] = [None] * count

    def tell(self, *lines: str) -> None:
        for queue in self.queues:
            if queue is not None:
                queue.extend(lines)

    def say(self, room: str, nick: str) -> int:
        self.log.append((room, nick))
        self.tell(self.line(len(self.log)))
        return len(self.log)

    def line(self, id: int) -> str:
        room, nick = self.log[id - 1]
        return f"msg {id} {room} {nick}: line {id}"

    def unread(self, room: str) -> list[int]:
        ids = range(self.marks[room] + 1, len(self.log) + 1)
        return [id for id in ids if self.log[id - 1] == (room, "bob")]

    def count(self, room: str) -> str:
        ids = self.unread(room)
        return f"unread {room} {len(ids)} 0 {ids[0] if ids else len(self.log) + 1}"

    def history(self, room: str) -> list[str]:
        ids = (id for id, (where, _) in enumerate(self.log, 1) if where == room)
        return [f"begin history {room}", *map(self.line, ids), f"end history {room}"]

    def read(self, device: int, bare: str, label: str) -> None:
        """Does what a device has sent."""
        queue = self.queues[device]
        assert queue is not None
        match bare.split(" "):
            case ["/read", room, id]:
                self.marks[room] = max(self.marks[room], int(id))
                self.tell(self.count(room))
            case ["/unread", room, id]:
                self.marks[room] = int(id) - 1
                self.tell(self.count(room))
            case ["/unread"]:
                queue.append("begin unread")
                queue.extend(self.count(room) for room in ROOM_NAMES if self.unread(room))
                queue.append("end unread")
            case ["/nick", *_]:
                queue.extend((f"nick guest-{device} ann", f"here {HOME}"))
            case ["/join", room]:
                queue.extend((f"join {room} ann", *self.history(room)))
            case ["/since", id, *_]:
                lines = map(self.line, range(int(id) + 1, len(self.log) + 1))
                queue.extend((f"begin since {id}", *lines, f"end since {len(self.log)}"))
        queue.append(f"ok {label}")


class Device:
    """A model, and the places where its logs are: one for each room, as the screen keeps them."""

    def __init__(self, number: int, server: Server) -> None:
        self.number, self.server = number, server
        self.app = DrivenModel("ann", secrets={"ann": "xyzzy"})
        self.is_at_end = dict.fromkeys(ROOM_NAMES, True)
        self.has_focus = True
        self.seen = dict.fromkeys(ROOM_NAMES, 0)
        """The highest id of each room that he had before his eyes, or was above what he marked as unread."""

    def see(self) -> None:
        here = self.app.model.current
        if self.has_focus and self.is_at_end[here.name]:
            self.seen[here.name] = max(self.seen[here.name], here.last_id)

    def connect(self) -> None:
        queue = self.server.queues[self.number] = deque()
        self.app.welcome(f"guest-{self.number}", last=len(self.server.log))
        queue.extend(self.server.history(HOME))

    def lose(self) -> None:
        self.server.queues[self.number] = None
        self.app.lose()

    def step(self) -> bool:
        """Takes what was sent to the server, then the next line of it; False if there is nothing."""
        queue = self.server.queues[self.number]
        if queue is None:
            return False
        sent = self.app.take_sent_with_labels()
        for line in sent:
            label, bare = split_label(line)
            self.server.read(self.number, bare, label)
        if queue:
            self.app.feed(queue.popleft())
            self.see()
        return bool(sent or queue)

    def look(self, is_line_in_sight: bool = False) -> None:
        here = self.app.model.current_room
        self.app.do(self.app.model.look(self.has_focus, self.is_at_end[here], is_line_in_sight))
        self.see()


class Agreement(RuleBasedStateMachine):
    @initialize()
    def begin(self) -> None:
        self.server = Server(2)
        self.devices = [Device(number, self.server) for number in range(2)]
        for device in self.devices:
            device.connect()
            for room in ROOM_NAMES[1:]:
                device.app.enter(f"/join {room}")
        self.settle()

    def settle(self) -> None:
        """All are connected, and have told what they know; nothing is on its way."""
        for device in self.devices:
            if self.server.queues[device.number] is None:
                device.connect()
        for _ in range(4):
            while any(device.step() for device in self.devices):
                pass
            for device in self.devices:
                device.app.tick(20)
        while any(device.step() for device in self.devices):
            pass

    @rule(room=ROOMS, nick=st.sampled_from(["bob", "bob", "ann"]))
    def somebody_speaks(self, room: str, nick: str) -> None:
        self.server.say(room, nick)

    @rule(device=DEVICES, room=ROOMS, place=st.sampled_from(["as left", "as left", "unread", "message"]))
    def goes(self, device: int, room: str, place: str) -> None:
        one = self.devices[device]
        if room not in one.app.model.rooms or room == one.app.model.current_room:
            return
        one.app.do(one.app.model.switch_to(room, place))  # type: ignore[arg-type]
        if place == "message":
            one.is_at_end[room] = False
        one.look()

    @rule(device=DEVICES, is_at_end=st.booleans(), is_line_in_sight=st.booleans())
    def scrolls(self, device: int, is_at_end: bool, is_line_in_sight: bool) -> None:
        one = self.devices[device]
        one.is_at_end[one.app.model.current_room] = is_at_end
        one.look(is_line_in_sight)

    @rule(device=DEVICES)
    def presses_escape(self, device: int) -> None:
        one = self.devices[device]
        one.is_at_end[one.app.model.current_room] = True
        one.look()
        one.app.do(one.app.model.catch_up())

    @rule(device=DEVICES)
    def looks_elsewhere_or_back(self, device: int) -> None:
        one = self.devices[device]
        one.has_focus = not one.has_focus
        one.look()

    @rule(device=DEVICES, back=st.integers(0, 3))
    def marks(self, device: int, back: int) -> None:
        one = self.devices[device]
        keys = [row.key for row in one.app.model.current.messages if row.id is not None]
        if len(keys) > back:
            here, key = one.app.model.current_room, keys[-1 - back]
            one.app.do(one.app.model.mark_unread_from(key))
            one.seen[here] = max(one.seen[here], int(key[1:]) - 1)

    @rule(device=DEVICES, steps=st.integers(1, 6))
    def lines_get_through(self, device: int, steps: int) -> None:
        for _ in range(steps):
            self.devices[device].step()

    @rule(device=DEVICES)
    def time_goes_by(self, device: int) -> None:
        self.devices[device].app.tick(3)

    @rule(device=DEVICES)
    def the_connection_is_lost(self, device: int) -> None:
        if self.server.queues[device] is not None:
            self.devices[device].lose()

    @rule(device=DEVICES)
    def and_comes_back(self, device: int) -> None:
        if self.server.queues[device] is None:
            self.devices[device].connect()

    @rule()
    def they_agree(self) -> None:
        self.settle()
        counts = {room: len(self.server.unread(room)) for room in ROOM_NAMES}
        for device in self.devices:
            assert {room: device.app.model.rooms[room].unread for room in ROOM_NAMES} == counts
        for room, mark in self.server.marks.items():
            assert mark <= max(device.seen[room] for device in self.devices), (
                f"nobody has seen that of {room}"
            )

    def teardown(self) -> None:
        if hasattr(self, "devices"):
            self.they_agree()


def test_the_same_mark_twice_and_an_older_one_on_the_other_device_agree() -> None:
    devices = Agreement()
    devices.begin()
    for _ in range(2):
        devices.somebody_speaks(room="#dev", nick="bob")
    devices.they_agree()
    devices.marks(device=0, back=0)
    devices.marks(device=0, back=0)
    devices.marks(device=1, back=1)
    devices.they_agree()


TestAgreement = Agreement.TestCase
TestAgreement.settings = settings(
    max_examples=300, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
