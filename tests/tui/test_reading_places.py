"""Two devices of one person on a real server: what one of them has not had in sight is unread on both."""

from __future__ import annotations

import asyncio
import time

import pytest

from tests.servers import Server
from tests.tui.test_two_devices import SECRET, Device

OPS, DEV = "#ops", "#dev"


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data", "--rate", "0")
    yield server
    server.close()


class Reader(Device):
    """A device whose marks are told when the test says so."""

    def count(self, room):
        return self.app.model.rooms[room].unread

    def tell(self):
        self.later += 10
        self.app.take(self.app.model.tick(time.time() + self.later))

    def sees(self, text):
        return f"dave │ {text}" in self.text

    @property
    def is_at_end(self):
        return self.app.chat.logs.current.following

    async def is_in(self, room):
        await self.until(lambda: self.room == room and self.app.chat.logs.current.size.height)


class Scene:
    """Ann on two devices, and Dave in nc, who has filled #ops."""

    def __init__(self, server, one, two, dave):
        self.server, self.one, self.two, self.dave = server, one, two, dave

    async def say(self, *texts, room=OPS):
        for text in texts:
            self.dave.send(f"/msg {room} {text}")
        await asyncio.to_thread(self.dave.sync)
        for device in (self.one, self.two):
            rows = device.app.model.rooms[room].messages
            await device.until(lambda rows=rows: rows and rows[-1].text == texts[-1])

    async def count(self, number, room=OPS):
        """Both devices show so many, after they have told what they know, and the server says the same."""
        for device in (self.one, self.two, self.one, self.two):
            device.tell()
            asked = device.app.model._session.asked
            await device.until(lambda asked=asked: not (asked.find("read") or asked.find("unread")))
            await device.until(lambda device=device: device.count(room) == number)
        assert await asyncio.to_thread(self._server_s_count, room) == number

    def _server_s_count(self, room):
        by_hand = self.server.connect()
        by_hand.send(f"/id n-1 /nick ann {SECRET}")
        by_hand.expect("here ")
        by_hand.send(f"/id n-2 /unread {room}")
        by_hand.expect("begin unread")
        found = by_hand.expect(rf"unread {room} (\d+)|end unread")[1]
        by_hand.close()
        return int(found or 0)

    async def leave_scrolled_up(self):
        """The first device is scrolled up in #ops, and shows #dev now."""
        one = self.one
        await one.type(f"/join {OPS}", "enter")
        await one.is_in(OPS)
        await one.until(lambda: one.sees("line 59"))
        await one.type("", "pageup", "pageup")
        await one.until(lambda: not one.is_at_end and not one.sees("line 59"))
        await one.type(f"/join {DEV}", "enter")
        await one.is_in(DEV)


@pytest.fixture
async def scene(server):
    dave = await asyncio.to_thread(server.connect, "dave")
    async with Reader(server.port) as one, Reader(server.port) as two:
        for device in (one, two):
            await device.is_settled()
            for room in (OPS, DEV, "#lobby"):
                await device.goes_to(room)
        dave.send(f"/join {DEV}")
        dave.send(f"/join {OPS}")
        scene = Scene(server, one, two, dave)
        await scene.say(*(f"line {number}" if number != 7 else "line 7 zebra" for number in range(60)))
        yield scene


async def by_command(one):
    await one.type(f"/join {OPS}", "enter")


async def by_number(one):
    number = [room.name for room in one.app.chat.going.in_order()].index(OPS) + 1
    await one.type("", f"alt+{number}")


async def by_name(one):
    await one.type("", "ctrl+k")
    await one.until(lambda: len(one.app.screen_stack) > 1)
    await one.type(OPS, "enter")


async def by_click(one):
    names = [row.name for row in one.app.chat.rooms.rows]
    await one._pilot.click("#room-list", offset=(4, names.index(OPS)))


WAYS = [by_command, by_number, by_name, by_click]


@pytest.mark.parametrize("go", WAYS)
async def test_a_room_that_was_left_scrolled_up_stays_unread_when_it_is_opened_again(scene, go):
    one = scene.one
    await scene.leave_scrolled_up()
    await scene.count(0)
    await scene.say("p1", "p2")
    await scene.count(2)
    await go(one)
    await one.is_in(OPS)
    await scene.count(2)
    assert not one.sees("p1"), "the place where it was being read stays"
    await scene.say("p3")
    await scene.count(3)
    await one.type(f"/join {DEV}", "enter")
    await one.is_in(DEV)
    await scene.count(3)
    await go(one)
    await one.is_in(OPS)
    await one.type("", "end")
    await one.until(lambda: one.sees("p3"))
    await scene.count(0)


async def test_the_key_for_unread_goes_to_where_it_begins_in_a_room_that_was_left_scrolled_up(scene):
    one = scene.one
    await scene.leave_scrolled_up()
    await scene.say("p1", "p2")
    await scene.count(2)
    await one.type("", "alt+a")
    await one.until(lambda: "─ new ─" in one.text and one.sees("p1") and one.sees("p2"))
    await scene.count(0)


async def test_of_more_unread_than_fits_on_a_page_the_rest_stays_unread_until_the_end_is_seen(scene):
    one = scene.one
    await scene.leave_scrolled_up()
    await scene.say(*(f"p{number}" for number in range(40)))
    await one.type("", "alt+a")
    await one.until(lambda: "─ new ─" in one.text and one.sees("p0") and one.sees("p9"))
    assert not one.sees("p39")
    await scene.count(40)
    await one.type("", "alt+a")
    await one.until(lambda: one.sees("p39"))
    await scene.count(0)
    await one.type("", "alt+a")
    await one.shows("Nothing unread")


async def test_the_key_for_unread_goes_to_what_was_said_below_while_one_is_scrolled_up(scene):
    one = scene.one
    await by_command(one)
    await one.until(lambda: one.sees("line 59"))
    await one.type("", "pageup", "pageup")
    await one.until(lambda: not one.is_at_end and not one.sees("line 59"))
    await scene.say("p1")
    await scene.count(1)
    await one.type("", "alt+a")
    await one.until(lambda: "─ new ─" in one.text and one.sees("p1"))
    await scene.count(0)


async def test_a_jump_to_an_old_message_reads_nothing_at_the_end_of_its_room(scene):
    one = scene.one
    await by_command(one)
    await one.until(lambda: one.sees("line 59"))
    await scene.count(0)
    await one.type(f"/join {DEV}", "enter")
    await one.is_in(DEV)
    await scene.say("p1", "p2")
    await one.type("", "ctrl+f")
    await one.until(lambda: len(one.app.screen_stack) > 1)
    await one.type("zebra")
    await one.shows("1 message")
    await one.type("", "enter")
    await one.is_in(OPS)
    await one.until(lambda: one.sees("line 7"))
    assert not one.sees("p1")
    await scene.count(2)


async def test_a_room_that_is_scrolled_up_stays_unread_over_a_restart_of_the_server(scene):
    one = scene.one
    await by_command(one)
    await one.until(lambda: one.sees("line 59"))
    await one.type("", "pageup", "pageup")
    await one.until(lambda: not one.is_at_end and not one.sees("line 59"))
    await scene.say("p1")
    await scene.count(1)
    scene.server.kill()
    for device in (scene.one, scene.two):
        await device.until(lambda device=device: device.app.model.state != "online")
    scene.server.restart()
    scene.dave = await asyncio.to_thread(scene.server.connect, "dave")
    scene.dave.send(f"/join {OPS}")
    for device in (scene.one, scene.two):
        device.app.action_reconnect()
        await device.until(lambda device=device: device.app.model.state == "online")
        await device.is_settled()
    await scene.say("p2", "p3")
    await scene.count(3)
    await one.type("", "end")
    await one.until(lambda: one.sees("p3"))
    await scene.count(0)


async def test_what_is_read_on_another_device_is_not_counted_as_new_below(scene):
    one, two = scene.one, scene.two
    await by_command(one)
    await one.until(lambda: one.sees("line 59"))
    await one.type("", "pageup", "pageup")
    await scene.say("p1", "p2")
    await one.shows("↓ 2 new")
    await by_command(two)
    await two.until(lambda: two.sees("p2"))
    await scene.count(0)
    await one.until(lambda: "new · End" not in one.text and "scrolled up" in one.text)
    await two.type(f"/join {DEV}", "enter")
    await two.is_in(DEV)
    await scene.say("p3")
    await one.shows("↓ 1 new")
