"""The app's own core (client and model) on a network that breaks all the time, against the real server: everybody sees
everything once and in order, and each line that was typed is said exactly once."""

from __future__ import annotations

import sqlite3
import threading
import time
from contextlib import closing, suppress
from pathlib import Path

import pytest

from chat_server.log.folder import DATABASE
from chat_tui.client import ChatClient, Event, Lost, Pace
from chat_tui.model import Change, Delivery, Model, Send
from tests.durability.proxy import Proxy, calm, rough
from tests.servers import Server, TimedOut, wait_until
from tests.tui.driven_model import DrivenModel

PACE = Pace(
    first_retry=0.02,
    longest_retry=0.1,
    stable_after=0.0,
    connect_within=2.0,
    # A black hole is found by a ping that is not answered.
    first_ping=0.3,
    ping_every=0.3,
    pong_within=1.0,
    glance=0.05,
    welcome_within=1.0,
)
LINES = 80
"""Each app says so many."""


class App(threading.Thread):
    """One running app without a screen: its thread is the UI's, and does what that does about every frame."""

    def __init__(self, port: int, nick: str, others: int) -> None:
        super().__init__(name=nick, daemon=True)
        self.model = Model(nick, secret_of=lambda name: f"secret-of-{name}")
        self.losses = 0
        self.fault = ""
        self.typed: list[str] = []
        self.may_type = threading.Event()
        self.is_over = threading.Event()
        self._arrived: list[Event] = []
        self._lock = threading.Lock()
        self._client = ChatClient("127.0.0.1", port, self._arrive, pace=PACE)

    def _arrive(self, event: Event) -> None:
        with self._lock:
            self._arrived.append(event)

    def run(self) -> None:
        self._client.start()
        try:
            while not self.is_over.wait(0.005):
                self._frame()
        except Exception as error:
            self.fault = repr(error)
            raise
        finally:
            self._client.close()

    def _frame(self) -> None:
        with self._lock:
            events, self._arrived = self._arrived, []
        self.losses += sum(isinstance(event, Lost) for event in events)
        self._do(self.model.apply_all(events))
        self._do(self.model.tick(time.time()))
        # One after the other, but never waiting for the network: that is what people do.
        if self.may_type.is_set() and len(self.typed) < LINES and self.model.unsent < 5:
            self.typed.append(f"{self.name} {len(self.typed)}")
            outcome = self.model.enter(self.typed[-1])
            assert outcome.is_taken
            self._do(outcome.changes)

    def _do(self, changes: list[Change]) -> None:
        for change in changes:
            if isinstance(change, Send):
                self._client.send(change.line)

    @property
    def is_in(self) -> bool:
        """Whether it is connected under its name."""
        return self.model.state == "online" and self.model.nick == self.name

    @property
    def is_done(self) -> bool:
        """Whether it has typed everything and knows all of it to be said."""
        return self.is_in and len(self.typed) == LINES and self.model.unsent == 0


def entries(folder: Path) -> list[tuple[int, str, str]]:
    """Id, nick and text of what is in the log."""
    with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as conn:
        return conn.execute("SELECT id, nick, text FROM entry ORDER BY id").fetchall()


def check(folder: Path, apps: list[App]) -> None:
    """Holds what every app shows against the log."""
    log = entries(folder)
    said = [text for _, _, text in log]
    assert len(said) == len(set(said)), "something was said twice"
    for app in apps:
        own = [text for _, nick, text in log if nick == app.name]
        assert own == app.typed, f"{app.name} said something else than he typed, or in another order"
        rows = [row for row in app.model.rooms["#lobby"].messages if row.kind == "msg"]
        assert [(row.id, row.nick, row.text) for row in rows] == log, f"{app.name} sees something else"
        assert all(row.delivery is Delivery.SENT for row in rows)


@pytest.mark.parametrize("seed", [101, 102])
def test_everybody_sees_everything_once_and_everything_typed_is_said_once(tmp_path: Path, seed: int) -> None:
    server = Server(tmp_path / "data", "--rate", "0", "--log-level", "error")
    proxy = Proxy(server.port, calm, seed)
    apps = [App(proxy.port, f"app-{name}", 3) for name in "abcd"]
    try:
        for app in apps:
            app.start()
        wait_until(lambda: all(app.is_in for app in apps), "that all are in")
        proxy.fate = rough
        # The calm connections of the start end now.
        server.kill()
        server.restart()
        for app in apps:
            app.may_type.set()
        wait_until(lambda: sum(len(app.typed) for app in apps) > LINES, "talk", 60)
        server.kill()
        server.restart()
        wait_until(lambda: any(app.fault for app in apps) or all(map(is_done, apps)), "that all is said", 60)
        assert not [app.fault for app in apps if app.fault]
        proxy.fate = calm
        last = entries(server.data)[-1][0]

        def have_seen_all() -> bool:
            return all(app.is_in and last in seen_by(app) for app in apps)

        with suppress(TimedOut):  # the check tells more
            wait_until(have_seen_all, "that all have seen all", 20)
        check(server.data, apps)
        fates = proxy.fates
        assert all(fates[ending] for ending in ("cut", "reset", "half-close", "black hole")), fates
        assert sum(app.losses for app in apps) > 20
    finally:
        for app in apps:
            app.is_over.set()
        for app in apps:
            app.join(5)
        proxy.close()
        server.close()


def test_a_line_that_came_before_the_answer_to_since_hides_nothing_when_that_never_comes() -> None:
    """It moved the cursor past what was missed, and what was missed stayed away for good."""
    chat = DrivenModel("ann")
    chat.online(last=5)
    chat.feed("msg 6 #lobby bob: heard")
    for last in (20, 30):
        chat.lose()
        chat.welcome(last=last)
        assert "/since 6 8Kd2" in chat.sent
        chat.feed(f"msg {last + 1} #lobby bob: live")
    chat.settle(*(f"msg {id} #lobby bob: missed {id}" for id in range(7, 31)))
    chat.feed("msg 1001 #lobby bob: caught up")
    assert [row.id for row in chat.messages()] == [6, *range(7, 31), 31, 1001]
    chat.lose()
    chat.welcome(last=1001)
    assert "/since 1001 8Kd2" in chat.sent


def is_done(app: App) -> bool:
    return app.is_done


def seen_by(app: App) -> list[int | None]:
    """The ids of the last rows."""
    return [row.id for row in app.model.rooms["#lobby"].messages[-20:]]
