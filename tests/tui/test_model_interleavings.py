"""Whatever comes in whatever order: each entry is shown once, and each own line is in exactly one state.

A pretended server keeps a log and speaks to the model over two queues. Hypothesis chooses who speaks, how far each
queue gets, when the connection is lost (and with it all that was on its way), and when the server refuses.
"""

from __future__ import annotations

from collections import Counter, deque

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chat_server import wire
from chat_tui.events import Connected, Connecting
from chat_tui.model import Delivery, beginning
from tests.tui.driven_model import DrivenModel

HOME = "#lobby"
ROOMS = st.sampled_from([HOME, "#games"])
# Few texts, so that equal lines meet all the time.
TEXTS = st.sampled_from(["hi", "ho"])
STEPS = st.sampled_from([1, 2, 3, 10])


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that answers late is not one that never answers: only for that one lines may be said twice."""
    monkeypatch.setattr(beginning, "PATIENCE", 1e9)


class Server:
    """As much of the real one as own lines and entries need. `keeps_labels`: also across connections, as for a
    claimed name; a guest's labels end with his connection."""

    def __init__(self, keeps_labels: bool) -> None:
        self.keeps_labels = keeps_labels
        self.log: list[wire.Entry] = []
        self.refusals: deque[str] = deque()
        self.is_nick_taken = False
        self.says_ok_first = False
        self.to_client: deque[str] = deque()
        self.to_server: deque[str] = deque()
        self._labels: dict[str, int] = {}
        self._guests = 0
        self.is_connected = False

    def connect(self) -> None:
        self._guests += 1
        self.is_connected = True
        self.nick = f"guest-{self._guests}"
        self.rooms = {HOME}
        self.current = HOME
        if not self.keeps_labels:
            self._labels.clear()
        self.to_client.append(
            f"welcome chat/1 den epoch=8Kd2 last={len(self.log)} nick={self.nick} room={HOME}"
        )
        self._history(HOME)
        self.to_client.append(f"note You are {self.nick}")

    def disconnect(self) -> None:
        self.is_connected = False
        self.to_client.clear()
        self.to_server.clear()

    def say(self, kind: str, target: str, nick: str, text: str) -> wire.Entry:
        entry = wire.Entry(0, kind, len(self.log) + 1, target, nick, text)  # type: ignore[arg-type]
        self.log.append(entry)
        return entry

    def hear_another(self, entry: wire.Entry) -> None:
        if self.is_connected and entry.target in self.rooms:
            self.to_client.append(_line(entry))

    def read(self) -> None:
        """Does the next line of the client."""
        line = wire.parse_client(self.to_server.popleft())
        assert isinstance(line, wire.Command) and line.label is not None
        first = line.arguments[0] if line.arguments else None
        tell = self.to_client.append
        match line.name:
            case "nick":
                if self.is_nick_taken:
                    tell(f"err nick-taken {line.label} {first} is taken")
                    return
                tell(f"nick {self.nick} {first}")
                self.nick = str(first)
            case "join":
                self.rooms.add(str(first))
                self.current = str(first)
                tell(f"join {first} {self.nick}")
                self._history(str(first))
            case "part":
                self.rooms.discard(str(first))
                tell(f"part {first} {self.nick}")
            case "who":
                tell(f"begin who {first}")
                tell(f"who {first} {self.nick} bob")
                tell(f"end who {first}")
            case "since":
                tell(f"begin since {first}")
                for entry in self.log[int(str(first)) :]:
                    if entry.target in self.rooms:
                        tell(_line(entry))
                tell(f"end since {len(self.log)}")
            case "msg" | "me":
                self._take(line)
                return
        tell(f"ok {line.label}")

    def _take(self, line: wire.Command) -> None:
        tell = self.to_client.append
        label = str(line.label)
        if label in self._labels:
            tell(f"ok {label} {self._labels[label]}")
            return
        if self.refusals:
            tell(f"err {self.refusals.popleft()} {label} No")
            return
        kind, target = ("msg", str(line.arguments[0])) if line.name == "msg" else ("act", self.current)
        assert target in self.rooms, "said in a room that was not entered"
        entry = self.say(kind, target, self.nick, str(line.arguments[-1]))
        self._labels[label] = entry.id
        told = [_line(entry), f"ok {label} {entry.id}"]
        for each in reversed(told) if self.says_ok_first else told:
            tell(each)

    def _history(self, room: str) -> None:
        self.to_client.append(f"begin history {room}")
        self.to_client.extend(_line(entry) for entry in self.log if entry.target == room)
        self.to_client.append(f"end history {room}")


def _line(entry: wire.Entry) -> str:
    return f"{entry.kind} {entry.id} {entry.target} {entry.nick}: {entry.text}"


class Interleavings(RuleBasedStateMachine):
    keeps_labels = False

    @initialize(is_nick_taken=st.booleans(), is_used=st.booleans())
    def begin(self, is_nick_taken: bool, is_used: bool) -> None:
        self.server = Server(self.keeps_labels)
        self.server.is_nick_taken = is_nick_taken
        self.app = DrivenModel("ann")
        self.said: Counter[tuple[str, str]] = Counter()
        # What was said in an earlier life, under the same nick.
        self.before: Counter[tuple[str, str]] = Counter()
        if is_used:
            self.server.say("msg", HOME, "ann", "hi")
            self.server.say("msg", HOME, "bob", "hi")
            self.before[HOME, "hi"] += 1
        self.connect()
        self.deliver_all()
        self.app.enter("/join #games")
        self._send()
        self.deliver_all()

    # -- what may happen

    @rule(text=TEXTS, is_act=st.booleans())
    def type(self, text: str, is_act: bool) -> None:
        outcome = self.app.enter(f"/me {text}" if is_act else text)
        assert outcome.is_taken
        self.said[self.app.model.current_room, text] += 1
        self._send()

    @rule(room=ROOMS, text=TEXTS)
    def others_speak(self, room: str, text: str) -> None:
        self.server.hear_another(self.server.say("msg", room, "bob", text))

    @rule(room=ROOMS)
    def switch(self, room: str) -> None:
        self.app.do(self.app.model.switch_to(room))

    @rule()
    @precondition(lambda self: self.server.is_connected)
    def take_another_nick(self) -> None:
        self.app.enter("/nick dee" if self.app.model.nick != "dee" else "/nick ann")
        self._send()

    @rule(steps=STEPS, says_ok_first=st.booleans())
    def server_reads(self, steps: int, says_ok_first: bool) -> None:
        self.server.says_ok_first = says_ok_first
        for _ in range(min(steps, len(self.server.to_server))):
            self.server.read()

    @rule(steps=STEPS)
    def client_reads(self, steps: int) -> None:
        for _ in range(min(steps, len(self.server.to_client))):
            self.app.feed(self.server.to_client.popleft())
            self._send()

    @rule(comes_back=st.booleans(), is_nick_taken=st.booleans())
    @precondition(lambda self: self.server.is_connected)
    def lose(self, comes_back: bool, is_nick_taken: bool) -> None:
        self.server.disconnect()
        self.app.lose()
        # A server may not have noticed yet that the old connection, which has the nick, is dead.
        self.server.is_nick_taken = is_nick_taken
        if comes_back:
            self.connect()

    @rule()
    @precondition(lambda self: not self.server.is_connected)
    def connect(self) -> None:
        self.server.connect()
        self.app.event(Connecting(1), Connected())

    @rule()
    def deliver_all(self) -> None:
        while self.server.to_server or self.server.to_client:
            while self.server.to_server:
                self.server.read()
            self.client_reads(1000)

    @rule(seconds=st.sampled_from([1.0, 6.0]))
    def wait(self, seconds: float) -> None:
        self.app.tick(seconds)
        self._send()

    @rule(code=st.sampled_from(["muted", "slow-down"]))
    @precondition(lambda self: not self.keeps_labels)
    def refuse_a_line(self, code: str) -> None:
        self.server.refusals.append(code)

    @rule()
    def retry_all(self) -> None:
        for room, message in self._failed():
            self.app.do(self.app.model.retry(message.key))
            assert self.app.model.rooms[room].find(message.key) is not None
        self._send()

    @rule()
    def drop_all(self) -> None:
        for room, message in self._failed():
            self.app.do(self.app.model.drop(message.key))
            self.said[room, message.text] -= 1

    # -- what always holds

    @invariant()
    def each_entry_is_shown_once_and_in_order(self) -> None:
        for room, state in self.app.model.rooms.items():
            ids = [message.id for message in state.messages if message.id is not None]
            assert ids == sorted(set(ids)), room
            for message in state.messages:
                if message.id is not None:
                    entry = self.server.log[message.id - 1]
                    assert (entry.target, entry.nick, entry.text) == (room, message.nick, message.text)

    @invariant()
    def each_own_line_is_in_exactly_one_state(self) -> None:
        for room, state in self.app.model.rooms.items():
            own = Counter(m.text for m in state.messages if m.kind in ("msg", "act") and m.nick != "bob")
            for text in ("hi", "ho"):
                earlier = self.before[room, text] if any(m.id == 1 for m in state.messages) else 0
                assert own[text] == self.said[room, text] + earlier, (room, text)

    @invariant()
    def own_lines_that_wait_stand_below_all_others(self) -> None:
        for state in self.app.model.rooms.values():
            waits = [message.is_waiting for message in state.messages]
            assert waits == sorted(waits)

    def teardown(self) -> None:
        if not hasattr(self, "app"):
            return
        self.server.refusals.clear()
        if not self.server.is_connected:
            self.connect()
        for _ in range(20):
            self.deliver_all()
            self.retry_all()
            self.wait(6.0)
        assert self.app.model.unsent == 0
        for room, state in self.app.model.rooms.items():
            shown = [message.id for message in state.messages if message.id is not None]
            assert shown == [entry.id for entry in self.server.log if entry.target == room]
        in_log = Counter((entry.target, entry.text) for entry in self.server.log if entry.nick != "bob")
        assert in_log == self.said + self.before, "said once each"

    def _send(self) -> None:
        for bare in self.app.take_sent_with_labels():
            if self.server.is_connected:
                self.server.to_server.append(bare)

    def _failed(self):  # type: ignore[no-untyped-def]
        return [
            (name, message)
            for name, state in self.app.model.rooms.items()
            for message in list(state.messages)
            if message.delivery is Delivery.FAILED
        ]


class InterleavingsOfAClaimedName(Interleavings):
    keeps_labels = True


class InterleavingsWithoutSince(Interleavings):
    pass


_SETTINGS = settings(
    max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
TestAsAGuest = Interleavings.TestCase
TestAsAGuest.settings = _SETTINGS
TestWithAClaimedName = InterleavingsOfAClaimedName.TestCase
TestWithAClaimedName.settings = _SETTINGS


class TestWithoutSince(InterleavingsWithoutSince.TestCase):  # type: ignore[name-defined,misc]
    settings = _SETTINGS

    @pytest.fixture(autouse=True)
    def _no_since(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(
            wire, "COMMANDS", {name: spec for name, spec in wire.COMMANDS.items() if name != "since"}
        )
