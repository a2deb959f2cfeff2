"""The app on a scripted connection: losing it, and leaving."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from chat_server import wire
from chat_tui.app import ChatApp
from chat_tui.client import Connecting, Lag, Lost, Received
from chat_tui.reaching import advice_on
from chat_tui.screens.ask import Ask
from chat_tui.settings import Settings
from tests.tui.screens import NOW, Running, Script, text_of, until


async def test_a_lost_connection_says_so_counts_down_and_comes_back():
    now = SimpleNamespace(seconds=float(NOW))
    async with Running(clock=lambda: now.seconds) as on:
        await on.write("kept")
        on.script.is_connected = False
        on.script.on_event(Lost("The server went away", 8.0))
        await until(
            on.pilot, lambda: "offline since 17:01, retry in 8 s · F5 now  The server went away" in on.text
        )
        now.seconds += 5
        await until(on.pilot, lambda: "retry in 3 s" in on.text)
        await on.press("f5")
        assert on.script.retries == 1
        on.script.on_event(Connecting(2))
        await until(on.pilot, lambda: "connecting" in on.text)
        on.script.connect()
        await until(on.pilot, lambda: "● den" in on.text)
        assert on.composer.text == "kept"


async def test_where_nothing_listens_is_told_in_a_row_of_80_cells():
    async with Running(is_connected=False, size=(80, 24)) as on:
        on.script.on_event(Lost("Nothing listens there", 12.0))
        told = "○ offline, retry in 12 s · F5 now  Nothing listens there  localhost:5000"
        await until(on.pilot, lambda: told in on.text)
    async with Running(size=(80, 24)) as on:
        on.script.on_event(Lost("Nothing listens there", 12.0))
        told = "○ offline since 17:01, retry in 12 s · F5 now  Nothing listens there"
        await until(on.pilot, lambda: told in on.text and "localhost" not in on.text)


@pytest.mark.parametrize("size", [(120, 35), (50, 20)])
async def test_who_never_got_there_reads_why_and_what_to_check_in_one_row_of_the_log(size):
    advice = advice_on(ConnectionRefusedError(), "localhost", 5000)
    async with Running(is_connected=False, size=size) as on:
        for seconds in (0.5, 1.0):
            on.script.on_event(Lost("Nothing listens there", seconds, advice=advice))
        await until(on.pilot, lambda: "chat-tui --host" in on.text and "chat-tui HOST" in on.text)
        assert on.text.count("error │") == 1 and "It tries again by" in on.text
        assert "No server listens at" in on.text
        on.script.on_event(Lost("This server is banned", None))
        await until(on.pilot, lambda: "F5 tries again." in on.text and "chat-tui --host" not in on.text)
        on.script.connect()
        await until(on.pilot, lambda: "● den" in on.text and "error │" not in on.text)
        on.script.on_event(Lost("Nothing listens there", 8.0, advice=advice))
        await until(on.pilot, lambda: "○ offline" in on.text)
        assert "chat-tui --host" not in on.text, "there is a log to read"


async def test_a_connection_that_does_not_come_back_by_itself_says_how():
    async with Running() as on:
        on.script.on_event(Lost("You were kicked: bye", None))
        await until(on.pilot, lambda: "○ offline  You were kicked: bye  F5 connects again" in on.text)


async def test_a_slow_line_shows_its_lag():
    async with Running() as on:
        on.script.on_event(Lag(0.4))
        await on.pilot.pause()
        assert "lag" not in on.text
        on.script.on_event(Lag(2.34))
        await until(on.pilot, lambda: "lag 2.3 s" in on.text)


async def test_leaving_with_nothing_to_lose_does_not_ask():
    async with Running() as on:
        await on.press("ctrl+q")
        await until(on.pilot, lambda: not on.app.is_running or on.app._exit)
        assert on.script.sent[-1] == "/quit"
    assert on.script.is_closed


@pytest.mark.parametrize("key", ["escape", "s", "enter"])
async def test_leaving_asks_while_something_is_unsent_and_staying_is_the_first_answer(key):
    async with Running() as on:
        await on.write("unfinished")
        await on.press("ctrl+q")
        await until(on.pilot, lambda: isinstance(on.app.screen, Ask))
        assert "Something is written and not sent in #lobby." in on.text
        await on.press(key)
        await until(on.pilot, lambda: on.app.screen is on.chat)
        assert on.composer.text == "unfinished"
        assert on.composer.has_focus


async def test_leaving_tells_of_messages_that_are_pending_and_can_be_insisted_on():
    async with Running() as on:
        await on.write("pending")
        await on.press("enter", "ctrl+q")
        await until(on.pilot, lambda: isinstance(on.app.screen, Ask))
        assert "1 line of yours is not sent yet and would be lost." in on.text
        await on.press("l")
        await until(on.pilot, lambda: on.app._exit)


async def test_leaving_counts_edits_and_reactions_as_lines_that_would_be_lost():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby ann: tea")
        on.script.is_connected = False
        on.script.on_event(Lost("gone", 5.0))
        for typed in ("pending", "/edit 1041 cake", "/react 1041 :tada:"):
            await on.write(typed)
            await on.press("enter")
        await on.press("ctrl+q")
        await until(on.pilot, lambda: isinstance(on.app.screen, Ask))
        assert "3 lines of yours are not sent yet and would be lost." in on.text


async def test_quit_with_a_last_word_takes_it_along():
    async with Running() as on:
        await on.write("/quit see you")
        await on.press("enter")
        await until(on.pilot, lambda: on.app._exit)
        assert on.script.sent[-1] == "/quit see you"


async def test_what_comes_before_the_first_frame_is_shown_with_it_and_what_comes_after_the_last_nowhere():
    welcome = "2026-11-22T16:50:00Z welcome chat/1 den epoch=8Kd2 last=0 nick=guest-7 room=#den tls=no"

    class AtOnce(Script):
        def start(self) -> None:
            super().start()
            self.connect(welcome)

    app = ChatApp(client=AtOnce, settings=Settings(), last_room="#late")
    async with app.run_test() as pilot:
        await until(pilot, lambda: app.model.current_room == "#den" and "#den" in text_of(app), "the room")
        app.exit()
        app._arrive(Received(wire.parse_server("2026-11-22T16:50:01Z join #late guest-7")))
        await until(pilot, lambda: not app.is_running, "the end")
    assert app.return_code == 0
