"""Apps and a person in nc on a real server: they talk, it is killed, they come back."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from time import monotonic

import pytest
from textual import events

from chat_tui.app import ChatApp
from chat_tui.settings import Settings
from tests.servers import Server
from tests.tui.screens import text_of

SECONDS = 20.0


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data")
    yield server
    server.close()


class Seat:
    """One app in front of a server, with its own terminal."""

    def __init__(self, port, nick, **options):
        self._nick = nick
        self.app = ChatApp("127.0.0.1", port, nick, settings=Settings(), **options)
        self._context = self.app.run_test(size=(100, 24))

    async def __aenter__(self):
        """The app, when the server has answered what it asked for first: on a slow machine a key comes before."""
        self._pilot = await self._context.__aenter__()
        await self.shows("● talkline")
        await self.until(self._is_named)
        return self

    async def __aexit__(self, *exception):
        return await self._context.__aexit__(*exception)

    def _is_named(self):
        """Whether the nick is taken or refused."""
        model = self.app.model
        rows = (row for room in model.rooms.values() for row in room.messages)
        return model.nick == self._nick or any(row.kind == "error" for row in rows)

    @property
    def text(self):
        return text_of(self.app)

    async def until(self, is_so):
        ends_at = monotonic() + SECONDS
        while monotonic() < ends_at:
            if is_so():
                return
            await asyncio.sleep(0.01)
        raise AssertionError(f"it never came about on\n{self.text}")

    async def shows(self, *texts):
        await self.until(lambda: all(text in self.text for text in texts))

    async def type(self, text, *keys):
        for key in (*text, *keys):
            self.app.post_message(events.Key("space" if key == " " else key, key if len(key) == 1 else None))
        await self._pilot.pause()


async def test_two_apps_and_a_person_in_nc_talk(server):
    async with Seat(server.port, "ann") as ann, Seat(server.port, "bob") as bob:
        carol = await asyncio.to_thread(server.connect, "carol")
        await ann.shows("carol", "bob", "People 3")
        await ann.type("hello all", "enter")
        await bob.shows("ann │ hello all")
        await asyncio.to_thread(carol.expect, r"msg \d+ #lobby ann: hello all$")
        await bob.type("two", "ctrl+j")
        await bob.type("lines", "enter")
        await ann.shows("bob │ two", "│ lines")
        await asyncio.to_thread(carol.expect, r"msg \d+ #lobby bob: two␤lines$")
        carol.send("typed by hand")
        await ann.shows("carol │ typed by hand")
        await bob.shows("carol │ typed by hand")
        # What is acknowledged is not pending any more.
        await ann.until(lambda: ann.app.model.unsent == 0)
        assert "…" not in ann.text.split("Rooms")[1].split("Ctrl-K")[0]


async def test_commands_behave_as_in_nc(server):
    async with Seat(server.port, "ann") as ann, Seat(server.port, "bob") as bob:
        await ann.type("/nick anna", "enter")
        await bob.shows("anna")
        await ann.shows("anna ›")
        await bob.until(lambda: "anna" in bob.app.model.current.people)
        await ann.type("/who", "enter")
        await ann.shows("anna", "bob", "│ ")
        await ann.type("/time", "enter")
        await ann.until(lambda: any(row.kind == "notice" for row in ann.app.model.current.messages))
        await ann.type("/nick bob", "enter")
        await ann.shows("error │ bob is taken")
        await ann.type("/me waves", "enter")
        await bob.shows("anna waves")
        await ann.type("//shrug", "enter")
        await bob.shows("anna │ /shrug")
        await bob.type("/msg @anna only you", "enter")
        await ann.shows("@bob")
        await ann.type("", "alt+a")
        await ann.shows("bob │ only you")


async def test_rooms_are_made_joined_and_left(server):
    async with Seat(server.port, "ann") as ann, Seat(server.port, "bob") as bob:
        await ann.type("/join #games", "enter")
        await ann.shows("▌2 #games")
        await bob.type("/join #games", "enter")
        await bob.shows("▌2 #games")
        await bob.type("in games", "enter")
        await ann.shows("bob │ in games", "People 2")
        await ann.type("/part", "enter")
        await ann.until(lambda: "#games" not in ann.app.model.rooms)
        await ann.until(lambda: "▌1 #lobby" in ann.text and "in games" not in ann.text)


async def test_who_comes_later_sees_what_was_said(server):
    async with Seat(server.port, "ann") as ann:
        for number in range(5):
            await ann.type(f"line {number}", "enter")
        await ann.until(lambda: ann.app.model.unsent == 0)
    async with Seat(server.port, "bob") as bob:
        await bob.shows(*(f"ann │ line {number}" for number in range(5)))


async def test_a_killed_server_costs_nothing_drafts_and_pending_lines_included(server):
    async with AsyncExitStack() as stack:
        ann = await stack.enter_async_context(Seat(server.port, "ann"))
        bob = await stack.enter_async_context(Seat(server.port, "bob"))
        await ann.type("before", "enter")
        await bob.shows("ann │ before")
        server.kill()
        await ann.shows("○ offline since", "F5 now")
        await ann.type("said meanwhile", "enter")
        await ann.type("half a thought")
        await ann.shows("said meanwhile", "half a thought")
        assert ann.app.model.unsent == 1
        server.restart()
        await ann.type("", "f5")
        await bob.type("", "f5")
        await ann.shows("● talkline")
        await bob.shows("● talkline", "ann │ said meanwhile")
        await ann.until(lambda: ann.app.model.unsent == 0)
        assert ann.app.screen_stack[0].composer.text == "half a thought"
        for seat in (ann, bob):
            assert seat.text.count("│ before") == 1
            assert seat.text.count("│ said meanwhile") == 1
        await ann.type("", "enter")
        await bob.shows("ann │ half a thought")


async def test_an_app_comes_back_by_itself(server):
    async with Seat(server.port, "ann") as ann:
        server.kill()
        await ann.shows("○ offline")
        server.restart()
        await ann.shows("● talkline")
        await ann.until(lambda: ann.app.model.nick == "ann")


async def test_an_app_that_comes_before_its_server_waits_for_it(tmp_path):
    server = Server(tmp_path / "data")
    port = server.port
    server.close()
    seat = Seat(port, "ann")
    async with seat._context as pilot:
        seat._pilot = pilot
        await seat.shows("○ offline", "retry in")
        server = Server(tmp_path / "data", port=port)
        try:
            await seat.shows("● talkline")
        finally:
            server.close()
