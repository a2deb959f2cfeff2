"""The app's own core (client and model) on a network that breaks all the time, against the real server: everybody sees
everything once and in order, each line that was typed is said exactly once, and what was changed is so for everybody."""

from __future__ import annotations

import random
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from chat_server.log.folder import DATABASE
from chat_tui.client import ChatClient, Event, Lost, Pace
from chat_tui.model import Change, Delivery, Model, Send
from tests.durability.checker.record import Record
from tests.durability.checker.standing import standing
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

NAMES = ("app-a", "app-b", "app-c", "app-d")


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
            self.typed.append(self._line())
            outcome = self.model.enter(self.typed[-1])
            assert outcome.is_taken
            self._do(outcome.changes)

    def _line(self) -> str:
        """What is typed next."""
        return f"{self.name} {len(self.typed)}"

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


class ChangingApp(App):
    """One that also answers, edits, takes back, reacts, and says something to one alone.

    Messages with an odd id are touched by their authors only, who take some of them back: so nothing is refused.
    What was perhaps said to one alone, before the name was proved, its user has sent again.
    """

    def __init__(self, port: int, nick: str, others: int, seed: int) -> None:
        super().__init__(port, nick, others)
        self._chance = random.Random(f"{seed} {nick}")

    def _frame(self) -> None:
        super()._frame()
        for room in [room for room in self.model.rooms.values() if room.is_direct]:
            # Lines without an id stand below all others.
            for row in room.messages[-5:]:
                if row.delivery is Delivery.UNSURE:
                    self._do(self.model.retry(row.key))

    def _line(self) -> str:
        text = super()._line()
        rows = [row for row in self.model.rooms["#lobby"].messages[-30:] if row.kind == "msg" and row.id]
        shared = [f"{row.id}" for row in rows if row.id and not row.id % 2]
        own = [f"{row.id}" for row in rows if row.is_own and not row.is_leaving]
        alone = [id for id in own if id not in shared]
        pick = self._chance.choice
        match self._chance.choices(["reply", "edit", "delete", "react", "direct", "msg"], [3, 3, 2, 3, 2, 6])[
            0
        ]:
            case "reply" if shared:
                return f"/reply {pick(shared)} {text}"
            case "edit" if own:
                return f"/edit {pick(own)} {text}"
            case "delete" if alone:
                return f"/delete {pick(alone)}"
            case "react" if shared:
                return f"/react {pick(shared)} {pick('👍🎉')}"
            case "direct":
                return f"/msg @{pick([name for name in NAMES if name != self.name])} {text}"
        return f"/msg #lobby {text}"


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


def check_pictures(folder: Path, apps: list[App]) -> None:
    """Holds what every app shows, after all changes, against the log."""
    record = Record(folder)
    said = [row.entry.text for row in record.rows if row.entry.kind in ("msg", "edit") and row.entry.text]
    assert len(said) == len(set(said)), "something was said twice"
    assert len(record.labels) == len(record.rows)
    for app in apps:
        said_by = [row.entry for row in record.rows if row.entry.nick == app.name and row.entry.kind == "msg"]
        typed = [line for line in app.typed if line.startswith(("/msg", "/reply"))]
        assert len(said_by) == len(typed), f"{app.name} said something twice, or not at all"
        in_room = [line for line in typed if not line.startswith("/msg @")]
        for entry, line in zip([one for one in said_by if one.target == "#lobby"], in_room, strict=True):
            assert line.endswith(entry.text), f"{app.name} said {entry} for {line}"
        truth = {"#lobby": record.rooms["#lobby"]}
        for other in NAMES:
            if other != app.name:
                truth["@" + other] = record.between(record.identities[app.name], record.identities[other])
        for place, log in truth.items():
            stands = {
                id: (one.nick, one.text, one.ref, {(emoji, nick) for nick, emoji, _ in one.reactions})
                for id, one in standing(log).items()
            }
            room = app.model.rooms.get(place)
            rows = [row for row in room.messages if row.kind == "msg"] if room else []
            shown = {
                row.id: (
                    row.nick,
                    row.text,
                    row.ref,
                    {(one.emoji, nick) for one in row.reactions for nick in one.nicks},
                )
                for row in rows
            }
            assert shown == stands, f"{app.name} sees {place} otherwise"
            assert [row.id for row in rows] == sorted(stands)
            assert all(row.delivery is Delivery.SENT and not row.has_failed for row in rows)


@pytest.mark.parametrize("seed", [101, 102])
def test_everybody_sees_everything_once_and_everything_typed_is_said_once(tmp_path: Path, seed: int) -> None:
    with playing(tmp_path, seed, lambda port, name: App(port, name, 3)) as (folder, apps):
        check(folder, apps)


@pytest.mark.parametrize("seed", [201, 202])
def test_everybody_sees_the_same_after_answers_edits_deletes_and_reactions(tmp_path: Path, seed: int) -> None:
    with playing(tmp_path, seed, lambda port, name: ChangingApp(port, name, 3, seed)) as (folder, apps):
        with suppress(TimedOut):  # the last changes may still be on their way
            wait_until(lambda: are_the_same(folder, apps), "that all see the last changes", 20)
        check_pictures(folder, apps)
        kinds = Record(folder).kinds()
        assert all(kinds[kind] > 10 for kind in ("reply", "edit", "delete", "react", "direct")), kinds


@contextmanager
def playing(tmp_path: Path, seed: int, make: Callable[[int, str], App]) -> Iterator[tuple[Path, list[App]]]:
    """The apps when they have said everything, over a bad network and two kills, and have seen all of it."""
    server = Server(tmp_path / "data", "--rate", "0", "--log-level", "error")
    proxy = Proxy(server.port, calm, seed)
    apps = [make(proxy.port, name) for name in NAMES]
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
        last = [entry.id for entry in Record(server.data).rooms["#lobby"] if entry.kind == "msg"][-1]

        def have_seen_all() -> bool:
            return all(app.is_in and last in seen_by(app) for app in apps)

        with suppress(TimedOut):  # the check tells more
            wait_until(have_seen_all, "that all have seen all", 20)
        yield server.data, apps
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


def are_the_same(folder: Path, apps: list[App]) -> bool:
    try:
        check_pictures(folder, apps)
    except AssertionError:
        return False
    return True


def is_done(app: App) -> bool:
    return app.is_done


def seen_by(app: App) -> list[int | None]:
    """The ids of the last rows."""
    return [row.id for row in app.model.rooms["#lobby"].messages[-20:]]
