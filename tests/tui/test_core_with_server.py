"""The app's core (client and model) against the real server, over real sockets that break."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from chat_server import wire
from chat_tui.client import ChatClient, Event, Lost, Pace
from chat_tui.model import Change, Delivery, Found, Model, QuitWanted, Quoted, Send
from tests.servers import Server, wait_until

PACE = Pace(first_retry=0.02, longest_retry=0.2, stable_after=0.0, glance=0.1)


class App:
    """A client and a model, joined as the app does it; the test's thread is the UI's."""

    def __init__(self, port: int, nick: str, secret: str | None = None) -> None:
        self.model = Model(nick, secret_of=lambda _: secret)
        self.changes: list[Change] = []
        self.losses = 0
        self._arrived: list[Event] = []
        self._lock = threading.Lock()
        self.client = ChatClient("127.0.0.1", port, self._arrive, pace=PACE)
        self.client.start()

    def _arrive(self, event: Event) -> None:
        with self._lock:
            self._arrived.append(event)

    def drain(self) -> None:
        """What the UI does about every frame."""
        with self._lock:
            events, self._arrived = self._arrived, []
        self.losses += sum(isinstance(event, Lost) for event in events)
        self.do(self.model.apply_all(events))

    def enter(self, typed: str) -> None:
        outcome = self.model.enter(typed)
        assert outcome.is_taken, outcome
        self.do(outcome.changes)

    def enter_quit(self, word: str) -> str:
        """/quit, and the word that the app is to leave with."""
        [wanted] = self.model.enter(f"/quit {word}").changes
        assert isinstance(wanted, QuitWanted)
        self.client.send(wire.Command("quit", (wanted.text,)))
        return wanted.text

    def tick(self) -> None:
        self.drain()
        self.do(self.model.tick(time.time()))

    def do(self, changes: list[Change]) -> None:
        self.changes = changes
        for change in changes:
            if isinstance(change, Send):
                self.client.send(change.line)

    def wait_for(self, is_so: Callable[[], object], what: str) -> None:
        def holds() -> object:
            self.drain()
            return is_so()

        wait_until(holds, what)

    def wait_online(self) -> None:
        self.wait_for(
            lambda: self.model.state == "online" and self.model.nick == self.model.wished_nick, "online"
        )

    def texts(self, room: str = "#lobby") -> list[str]:
        return [message.text for message in self.model.rooms[room].messages if message.kind == "msg"]

    def ids(self, room: str = "#lobby") -> list[int]:
        return [message.id for message in self.model.rooms[room].messages if message.id is not None]


class Proxy:
    """Between an app and a server; it can swallow what one side says, and cut the connection."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self.swallows_answers = self.swallows_lines = self.is_down = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                if self.is_down:
                    client.close()
                    continue
                server = socket.create_connection(("127.0.0.1", self._to))
                self._pairs.append((client, server))
                threading.Thread(target=self._forward, args=(client, server, False), daemon=True).start()
                threading.Thread(target=self._forward, args=(server, client, True), daemon=True).start()

    def _forward(self, source: socket.socket, sink: socket.socket, are_answers: bool) -> None:
        with suppress(OSError):
            while chunk := source.recv(4096):
                if not (self.swallows_answers if are_answers else self.swallows_lines):
                    sink.sendall(chunk)
        for end in (source, sink):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Ends every connection; the next ones are whole again."""
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for end in pair:
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()
        self.swallows_answers = self.swallows_lines = False

    def close(self) -> None:
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    server = Server(tmp_path, "--rate", "0")
    yield server
    server.close()


@pytest.fixture
def apps() -> Iterator[list[App]]:
    apps: list[App] = []
    yield apps
    for app in apps:
        app.client.close()


def open_app(apps: list[App], port: int, nick: str, secret: str | None = None) -> App:
    app = App(port, nick, secret)
    apps.append(app)
    app.wait_online()
    return app


def test_two_apps_and_somebody_in_nc_talk(server: Server, apps: list[App]) -> None:
    ann, bob = open_app(apps, server.port, "ann"), open_app(apps, server.port, "bob")
    carl = server.connect("carl")
    ann.enter("hello\nyou two")
    bob.enter("/me waves")
    carl.send("hi all")
    for app in (ann, bob):
        app.wait_for(lambda app=app: len(app.ids()) == 3, "all three lines")
        assert sorted(app.model.current.people) == ["ann", "bob", "carl"]
        assert sorted(message.nick for message in app.model.current.messages if message.id) == [
            "ann",
            "bob",
            "carl",
        ]
    ann.enter("/msg @bob psst")
    bob.wait_for(lambda: "@ann" in bob.model.rooms, "a direct message")
    assert bob.texts("@ann") == ["psst"]
    ann.wait_for(lambda: ann.model.unsent == 0, "all is said")


def test_answers_of_the_real_server_stand_where_they_were_asked(server: Server, apps: list[App]) -> None:
    ann = open_app(apps, server.port, "ann")
    for typed in ("/who", "/rooms", "/time", "/help who", "/nick 1x"):
        ann.enter(typed)
    ann.enter("/join #games")
    ann.wait_for(lambda: ann.model.current_room == "#games", "the new room")
    rows = [
        message.text for message in ann.model.rooms["#lobby"].messages if message.kind in ("notice", "error")
    ]
    assert rows[0] == "1 person in #lobby: ann" and rows[1].startswith("#lobby  1 person")
    assert "UTC" in rows[2] and rows[3].startswith("/who [TARGET]") and "begins with a letter" in rows[4]
    ann.enter("/part")
    ann.wait_for(lambda: list(ann.model.rooms) == ["#lobby"], "the old room")


def test_after_a_kill_and_a_restart_all_is_there_once(server: Server, apps: list[App]) -> None:
    ann, bob = open_app(apps, server.port, "ann"), open_app(apps, server.port, "bob")
    ann.enter("/join #games")
    ann.wait_for(lambda: "#games" in ann.model.rooms, "the room")
    ann.enter("in the room")
    bob.enter("in the lobby")
    bob.wait_for(lambda: bob.model.unsent == 0, "bob's line")
    ann.wait_for(lambda: ann.model.unsent == 0, "ann's line")
    server.kill()
    ann.wait_for(lambda: ann.model.state != "online", "the loss")
    ann.enter("said while it was dead")
    server.restart()
    for app in (ann, bob):
        app.wait_online()
    ann.wait_for(lambda: ann.model.unsent == 0, "the line of the dead time")
    assert ann.texts("#games") == ["in the room", "said while it was dead"]
    assert ann.texts() == bob.texts() == ["in the lobby"]
    bob.enter("/join #games")
    bob.wait_for(lambda: "#games" in bob.model.rooms and len(bob.texts("#games")) == 2, "the history")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_network_that_breaks_all_the_time_loses_and_doubles_nothing(
    server: Server, apps: list[App], seed: int
) -> None:
    chance = random.Random(seed)
    proxy = Proxy(server.port)
    try:
        ann = open_app(apps, proxy.port, "ann")
        witness = open_app(apps, server.port, "witness")
        said: list[str] = []

        def say() -> None:
            said.append(f"line {len(said)}")
            ann.enter(said[-1])

        def cut() -> None:
            losses = ann.losses
            proxy.cut()
            ann.wait_for(lambda: ann.losses > losses, "the loss")

        for _ in range(25):
            match chance.choice(["lost answer", "lost line", "talk", "offline"]):
                case "lost answer":
                    say()
                    ann.wait_for(lambda: ann.model.state == "online" and ann.model.unsent == 0, "all is said")
                    proxy.swallows_answers = True
                    say()
                    witness.wait_for(lambda: witness.texts()[-1:] == said[-1:], "the line is stored")
                    assert ann.model.unsent == 1, "and its sender does not know"
                    cut()
                case "lost line":
                    ann.wait_for(lambda: ann.model.state == "online", "online")
                    say()
                    cut()
                case "talk":
                    say()
                    say()
                    ann.drain()
                case "offline":
                    ann.wait_for(lambda: ann.model.state == "online", "online")
                    cut()
                    say()
        ann.wait_for(lambda: ann.model.state == "online" and ann.model.unsent == 0, "all is said")
        witness.wait_for(lambda: len(witness.texts()) >= len(said), "all is heard")
        assert witness.texts() == said, "each once, in the order in which they were typed"
        assert ann.texts() == said and ann.ids() == sorted(set(ann.ids()))
        rows = [message for message in ann.model.current.messages if message.kind == "msg"]
        assert all(message.is_own and message.delivery is Delivery.SENT for message in rows)
    finally:
        proxy.close()


def test_the_last_word_is_said_before_the_app_is_gone(server: Server, apps: list[App]) -> None:
    ann = open_app(apps, server.port, "ann")
    bob = server.connect("bob")
    ann.enter("bye now")
    assert ann.enter_quit("so long") == "so long"
    ann.client.close()
    bob.expect("msg [0-9]+ #lobby ann: bye now$")
    bob.expect("part #lobby ann so long$")


def test_what_became_of_messages_while_one_was_away_is_right_on_coming_back(
    server: Server, apps: list[App]
) -> None:
    proxy = Proxy(server.port)
    try:
        ann, bob = open_app(apps, proxy.port, "ann"), open_app(apps, server.port, "bob")
        for text in ("tea at four?", "never mind", "cake?"):
            bob.enter(text)
        ann.wait_for(lambda: len(ann.ids()) == 3, "bob's lines")
        first, second, third = ann.ids()
        ann.do(ann.model.reply(third, "yes").changes)
        ann.do(ann.model.react(first, "👍").changes)
        bob.wait_for(lambda: bob.model.current.mentions == 0 and len(bob.ids()) == 4, "ann's answer")
        bob.wait_for(lambda: bob.model.current.entry(first).reactions, "ann's reaction")
        losses = ann.losses
        proxy.cut()
        ann.wait_for(lambda: ann.losses > losses, "the loss")
        bob.do(bob.model.edit(first, "tea at five?").changes)
        bob.do(bob.model.delete(second).changes)
        bob.do(bob.model.edit(third, "pie?").changes)
        bob.do(bob.model.react(first, "👍").changes)
        for app in (bob, ann):
            app.wait_for(lambda app=app: app.texts() == ["tea at five?", "pie?", "yes"], "the new texts")
            app.wait_for(
                lambda app=app: (
                    [one.nicks for one in app.model.current.entry(first).reactions] == [("ann", "bob")]
                ),
                "the reactions",
            )
            answer = next(row for row in app.model.current.messages if row.text == "yes")
            assert answer.reply == Quoted(third, "bob", "pie?")
    finally:
        proxy.close()


def test_older_messages_and_what_is_found_come_from_the_real_server(server: Server, apps: list[App]) -> None:
    bob = open_app(apps, server.port, "bob")
    for number in range(130):
        bob.enter(f"line {number}" if number != 5 else "a needle")
    bob.wait_for(lambda: bob.model.unsent == 0, "all is said")
    ann = open_app(apps, server.port, "ann")
    ann.wait_for(lambda: ann.ids(), "the last lines")
    found: list[Change] = []

    def search() -> object:
        ann.drain()
        found.extend(change for change in ann.changes if isinstance(change, Found))
        return found

    ann.do(ann.model.search("needle"))
    wait_until(search, "the answer")
    [hit] = found[0].messages  # type: ignore[union-attr]
    ann.do(ann.model.jump_to(hit.room, hit.message.id or 0))
    ann.wait_for(lambda: "a needle" in ann.texts(), "the surroundings")
    assert any(row.kind == "gap" for row in ann.model.current.messages)
    for _ in range(10):
        gaps = [row.key for row in ann.model.current.messages if row.kind == "gap"]
        if not gaps and not ann.model.current.has_older:
            break
        ann.do(ann.model.load_gap(gaps[0]) if gaps else ann.model.load_older("#lobby"))
        ann.wait_for(lambda: not ann.model.current.is_loading, "a page")
    assert ann.texts() == bob.texts() and len(ann.ids()) == 130


def log_in(app: App) -> None:
    """Waits until an app knows how far its user had read: what is said before is new to him, and not seen by a look."""
    asked = app.model._session.asked
    app.wait_for(lambda: app.model.own_secret and asked.find("unread", "") is None, "the login")


def test_two_devices_of_one_person_agree_about_what_is_read(server: Server, apps: list[App]) -> None:
    one, two = (open_app(apps, server.port, "ann", "a-long-secret") for _ in range(2))
    for app in (one, two):
        log_in(app)
    two.do(two.model.look(False))
    bob = open_app(apps, server.port, "bob")
    one.do(one.model.look(False))
    bob.enter("hello ann")
    bob.enter("and so on")
    for app in (one, two):
        app.wait_for(lambda app=app: app.model.current.unread == 2, "two unread lines")
        assert app.model.current.mentions == 1
    one.do(one.model.look(True))
    two.wait_for(lambda: one.tick() or two.model.current.unread == 0, "read on the other device")


def agree(*devices: App, unread: tuple[int, int, str | None]) -> None:
    """Waits until all devices count so much unread in the lobby: how much, how much names ann, the first of it."""

    def counted(device: App) -> tuple[int, int, str | None]:
        here = device.model.rooms["#lobby"]
        return here.unread, here.mentions, here.unread_from if here.unread else None

    def do_agree() -> bool:
        for device in devices:
            device.tick()
        return all(counted(device) == unread for device in devices)

    wait_until(do_agree, f"{unread} on each device")


def test_what_is_marked_unread_on_one_device_is_so_on_the_other_and_after_both_were_offline(
    server: Server, apps: list[App]
) -> None:
    proxies = [Proxy(server.port) for _ in range(2)]
    try:
        one, two = (open_app(apps, proxy.port, "ann", "a-long-secret") for proxy in proxies)
        bob = server.connect("bob")
        for device in (one, two):
            log_in(device)
            device.do(device.model.look(False))
        bob.send("one\nann, two\nthree")
        agree(one, two, unread=(3, 1, "e1"))
        one.do(one.model.look(True))
        agree(one, two, unread=(0, 0, None))
        one.do(one.model.mark_unread_from("e2"))
        agree(one, two, unread=(2, 1, "e2"))

        # Both are away; the one marks further up, the other has the lobby in sight, and something is said.
        for device, proxy in zip((one, two), proxies, strict=True):
            losses = device.losses
            proxy.is_down = True
            proxy.cut()
            device.wait_for(lambda device=device, losses=losses: device.losses > losses, "the loss")
        one.do(one.model.mark_unread_from("e1"))
        two.do(two.model.look(True))
        bob.send("four")
        bob.expect("msg 4 ")
        for device, proxy, first in ((two, proxies[1], "e2"), (one, proxies[0], "e1")):
            proxy.is_down = False
            device.wait_online()
            agree(device, unread=(4 if first == "e1" else 3, 1, first))
        agree(one, two, unread=(4, 1, "e1"))

        # A third device, and the server's word for it.
        server.stop()
        server.restart()
        three = server.connect()
        three.send("/nick ann a-long-secret\n/unread")
        three.expect("unread #lobby 4 1 1$")
    finally:
        for proxy in proxies:
            proxy.close()


@pytest.mark.parametrize("is_heard", [True, False], ids=["its echo came", "it came later"])
def test_the_same_words_from_two_devices_are_both_said_whatever_breaks(
    server: Server, apps: list[App], is_heard: bool
) -> None:
    """The one device takes the words of the other for the echo of its own, which never reached the server."""
    proxy = Proxy(server.port)
    try:
        one = open_app(apps, proxy.port, "ann", "a-long-secret")
        two, bob = open_app(apps, server.port, "ann", "a-long-secret"), open_app(apps, server.port, "bob")
        losses = one.losses
        proxy.swallows_lines = True
        one.enter("me too")
        if is_heard:
            two.enter("me too")
            one.wait_for(lambda: one.texts() == ["me too"] and one.ids(), "the words of the other device")
            proxy.cut()
        else:
            proxy.is_down = True
            proxy.cut()
            one.wait_for(lambda: one.losses > losses, "the loss")
            two.enter("me too")
            bob.wait_for(lambda: bob.texts() == ["me too"], "the words of the other device")
            proxy.is_down = False
        one.wait_for(lambda: one.losses > losses and one.model.state == "online", "the next connection")
        for app in (one, two, bob):
            app.wait_for(lambda app=app: app.texts() == ["me too", "me too"], "both")
            assert app.ids() == [1, 2]
        one.wait_for(lambda: one.model.unsent == 0, "all is said")
        one.enter("and so on")
        bob.wait_for(lambda: bob.texts() == ["me too", "me too", "and so on"], "what comes after it")
    finally:
        proxy.close()


def test_equal_lines_in_flight_are_each_said_once_whatever_breaks(server: Server, apps: list[App]) -> None:
    proxy = Proxy(server.port)
    try:
        ann = open_app(apps, proxy.port, "ann", "a-long-secret")
        bob = open_app(apps, server.port, "bob")
        for number in range(12):
            # Both, one or none of them reach the server; of what it says to them nothing is heard.
            proxy.swallows_answers = number % 3 == 0
            ann.enter("ok")
            proxy.swallows_lines = number % 2 == 0
            ann.enter("ok")
            losses = ann.losses
            proxy.cut()
            ann.wait_for(lambda losses=losses: ann.losses > losses, "the loss")
            ann.wait_for(lambda: ann.model.state == "online" and not ann.model.unsent, "all is said")
        bob.wait_for(lambda: len(bob.ids()) >= 24, "all is heard")
        ann.wait_for(lambda: ann.ids() == bob.ids(), "both have the same")
        assert bob.ids() == list(range(1, 25)) and set(bob.texts()) == {"ok"}
    finally:
        proxy.close()
