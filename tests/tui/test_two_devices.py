"""One person on two devices, on a real server: the room that he looked at last is where the next device begins."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.servers import Server
from tests.tui.test_app_server import SECONDS, Seat

SECRET = "a-long-secret"


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data", "--rate", "0")
    yield server
    server.close()


class Device(Seat):
    """Ann's app with nothing kept but her secret. `later` seconds are added to its clock."""

    def __init__(self, port, secret=SECRET, **options):
        self.later = 0.0
        self.kept = []
        super().__init__(
            port,
            "ann",
            secret_of=lambda nick: secret,
            keep_room=self.kept.append,
            clock=lambda: time.time() + self.later,
            **options,
        )

    async def is_settled(self):
        await self.until(lambda: self.app.model.own_secret and not self.app.model.is_arriving)

    async def goes_to(self, room):
        await self.type(f"/join {room}", "enter")
        await self.until(lambda: self.app.model.current_room == room and self.app.model.current.is_joined)

    @property
    def room(self):
        return self.app.model.current_room


def where(server):
    """Where the server says to who logs in as ann that she was last."""
    app = server.connect()
    app.send(f"/id n-1 /nick ann {SECRET}")
    room = app.expect("here (.*)$")[1]
    app.close()
    return room


async def is_told(server, device, room):
    """Waits until the server knows that ann looks at a room."""
    ends_at = time.monotonic() + SECONDS
    while time.monotonic() < ends_at:
        device.later += 2
        if await asyncio.to_thread(where, server) == room:
            return
        await asyncio.sleep(0.1)
    raise AssertionError(f"the server was never told of {room}")


async def test_a_new_device_opens_in_the_room_that_was_shown_when_the_other_one_was_left(server):
    bob = await asyncio.to_thread(server.connect, "bob")
    async with Device(server.port) as one:
        await one.is_settled()
        for room in ("#dev", "#games", "#dev"):
            await one.goes_to(room)
        await one.type("", "ctrl+q")
        await one.until(lambda: not one.app.is_running)
    await asyncio.to_thread(bob.expect, "part #lobby ann")
    async with Device(server.port) as two:
        await two.is_settled()
        assert two.room == "#dev" and two.kept == ["#dev"]
        assert sorted(two.app.model.rooms) == ["#dev", "#games", "#lobby"]
    async with Device(server.port, last_room="#games") as three:
        await three.is_settled()
        assert three.room == "#games", "what that device showed last itself comes first"
    by_hand = await asyncio.to_thread(server.connect)
    by_hand.send(f"/nick ann {SECRET}")
    await asyncio.to_thread(by_hand.expect, "note What you type goes to #(dev|games) now$")


async def test_of_two_devices_the_one_that_was_looked_at_last_counts_and_no_reconnection_moves_anybody(
    server,
):
    bob = await asyncio.to_thread(server.connect, "bob")
    async with Device(server.port) as one, Device(server.port) as two:
        for device in (one, two):
            await device.is_settled()
        await one.goes_to("#dev")
        await is_told(server, one, "#dev")
        await two.until(lambda: "#dev" in two.app.model.rooms)
        assert two.room == "#lobby", "the other device stays where it is"
        await one.goes_to("#lobby")
        await is_told(server, one, "#lobby")
        await two.goes_to("#dev")
        await is_told(server, two, "#dev")
        assert not [line for line in bob.sync() if " #lobby ann" in line and "is ann" not in line]
        server.kill()
        for device in (one, two):
            await device.until(lambda device=device: device.app.model.state != "online")
        server.restart()
        for device in (one, two):
            device.app.action_reconnect()
            await device.until(lambda device=device: device.app.model.state == "online")
            await device.is_settled()
            for _ in range(2):
                device.later += 10
                device.app.take(device.app.model.tick(time.time() + device.later))
            # Whatever was to be told is told before this is answered.
            await device.type("/time", "enter")
            await device.shows("UTC")
        assert (one.room, two.room) == ("#lobby", "#dev")
        assert await asyncio.to_thread(where, server) == "#dev"


async def test_a_login_by_hand_on_a_new_device_goes_to_that_room_too(server):
    async with Device(server.port) as one:
        await one.is_settled()
        await one.goes_to("#dev")
        await is_told(server, one, "#dev")
    async with Device(server.port, secret="made-on-this-one") as two:
        await two.shows("ann belongs to somebody")
        await two.type(f"/nick ann {SECRET}", "enter")
        await two.until(lambda: two.room == "#dev" and two.app.model.own_secret == SECRET)
