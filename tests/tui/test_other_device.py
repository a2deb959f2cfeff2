"""One person on two devices: the app that made the secret shows it, the other one takes it and keeps it."""

from __future__ import annotations

import re

import pytest

from chat_tui.actions import ACTIONS
from chat_tui.kept import KnownServers, Secrets
from chat_tui.model.identity import WHERE_SECRETS_ARE
from chat_tui.screens.other_device import OtherDevice
from tests.servers import Server, wait_until
from tests.tui.screens import Running, until
from tests.tui.terminals import Terminal
from tests.tui.test_app_server import Seat

TITLE = "Use my name on another device"


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data")
    yield server
    server.close()


class Device(Seat):
    """An app with a folder of its own for its secrets, as on another machine."""

    def __init__(self, port, nick, folder):
        self.secrets = Secrets(folder / "secrets", KnownServers(), f"localhost:{port}")
        super().__init__(port, nick, secret_of=self.secrets.of, keep_secret=self.secrets.keep)

    def tells(self, *texts):
        """Whether a row of some room has all these in it."""
        rows = (row.text for room in self.app.model.rooms.values() for row in room.messages)
        return any(all(text in row for text in texts) for row in rows)


async def opened(seat):
    """The page, opened by name from the menu."""
    await seat.type("", "f2")
    await seat.shows("Menu")
    await seat.type("another device", "enter")
    await seat.until(lambda: isinstance(seat.app.screen, OtherDevice))
    return seat.app.screen


async def test_a_name_is_used_on_a_second_device_and_at_each_later_start(server, tmp_path):
    home, away = tmp_path / "home", tmp_path / "away"
    async with Device(server.port, "ann", home) as one:
        await one.until(lambda: one.app.model.own_secret)
        page = await opened(one)
        await one.shows("Use ann on another device", "/nick ann ••••••••")
        secret = one.app.model.own_secret
        assert secret == one.secrets.of("ann") and secret not in one.text
        await one.type("", "enter")
        await one.shows(f"/nick ann {secret}", "Cover the secret")
        await one.type("s")
        await one.until(lambda: secret not in one.text)
        await one.type("c")
        await one.shows("Copied 33 characters to")
        assert one.app.clipboard == page.line == f"/nick ann {secret}"
        assert secret not in one.text
        await one.type("", "escape")
        async with Device(server.port, "ann", away) as two:
            await two.until(lambda: two.tells("ann belongs to somebody", TITLE))
            assert two.app.model.nick.startswith("guest-")
            await two.type(page.line, "enter")
            await two.until(lambda: two.app.model.nick == "ann" and two.app.model.own_secret == secret)
            assert secret not in two.text
            await two.type("", "up")
            assert secret not in two.text and two.app.screen.composer.is_empty
            await two.type("", "ctrl+z")
            assert two.app.screen.composer.is_empty
            assert not two.tells(secret)
    async with Device(server.port, "ann", away) as again:
        await again.until(lambda: again.app.model.own_secret == secret)
        assert not again.tells("belongs to somebody")


async def test_a_secret_that_was_changed_is_kept_for_the_next_start_and_shown_for_the_other_device(
    server, tmp_path
):
    async with Device(server.port, "ann", tmp_path / "home") as one:
        await one.until(lambda: one.app.model.own_secret)
        async with Device(server.port, "ann", tmp_path / "home") as two:
            await two.until(lambda: two.app.model.own_secret)
            await one.type("/secret another-long-one", "enter")
            await one.until(lambda: one.app.model.own_secret == "another-long-one")
            await one.until(lambda: one.tells("ann has that secret now"))
            await two.until(lambda: two.tells("The secret of ann was changed on another device"))
            assert "another-long-one" not in one.text and not one.tells("another-long-one")
            await one.type("", "up")
            assert one.app.screen.composer.is_empty
            assert (await opened(one)).line == "/nick ann another-long-one"
    async with Device(server.port, "ann", tmp_path / "home") as again:
        await again.until(lambda: again.app.model.own_secret == "another-long-one")
        assert not again.tells("belongs to somebody")


async def test_a_wrong_secret_is_not_kept(server, tmp_path):
    async with Device(server.port, "ann", tmp_path / "home") as one:
        await one.until(lambda: one.app.model.own_secret)
        async with Device(server.port, "bob", tmp_path / "away") as two:
            await two.until(lambda: two.app.model.own_secret)
            await two.type("/nick ann wrong-secret", "enter")
            await two.until(lambda: two.tells("ann belongs to somebody with another secret", TITLE))
            assert two.app.model.nick == "bob" and two.secrets.of("ann") != "wrong-secret"
            await opened(two)
            await two.shows("Use bob on another device")


async def test_a_secret_that_cannot_be_kept_is_told(server, tmp_path):
    (tmp_path / "file").write_text("in the way")
    async with Device(server.port, "ann", tmp_path / "file") as one:
        await one.type("/nick ann some-long-secret", "enter")
        await one.shows("The secret of ann could not be kept")


async def test_a_guest_is_told_that_there_is_nothing_to_use_elsewhere():
    async with Running() as on:
        await on.app.run_action("other_device")
        assert "ann is not yours alone: /nick NAME takes a name that is" in on.text
        on.app.model.is_private = False
        await on.app.run_action("other_device")
        await until(on.pilot, lambda: "This connection is not encrypted" in on.text)


async def test_a_line_with_a_secret_and_a_space_before_it_is_said_to_nobody():
    async with Running() as on:
        for _ in range(3):
            await on.write(" /nick ann k7mf2-pgx4t" if on.composer.is_empty else "")
            await on.press("enter")
            assert "would tell the secret to everybody" in on.text
        assert not on.said and not on.composer.is_empty


async def test_the_name_of_the_page_is_that_of_the_menu():
    [action] = [action for action in ACTIONS if action.name == "other_device"]
    assert re.fullmatch(f"{TITLE} …", action.title) and TITLE in WHERE_SECRETS_ARE


def test_a_secret_typed_once_starts_the_app_as_its_owner_from_then_on(server, tmp_path):
    owner = server.connect()
    owner.send("/nick ann k7mf2-pgx4t-hm3vd")
    owner.expect("note ann is yours now")
    secrets = tmp_path / "config" / "talkline" / "secrets"
    for is_first in (True, False):
        terminal = Terminal(tmp_path / "config", f"localhost:{server.port}", "--nick", "ann")
        try:
            if is_first:
                terminal.wait_for("belongs to")
                terminal.write("/nick ann k7mf2-pgx4t-hm3vd\r")
                wait_until(lambda: "k7mf2-pgx4t-hm3vd typed" in secrets.read_text(), "it is kept")
            owner.expect("part #lobby guest-[0-9]+ is ann$")
        finally:
            terminal.close()
    assert secrets.read_text().count("k7mf2-pgx4t-hm3vd") == 1
