"""What is missing in the middle loads itself as one gets there, with a real server: nothing jumps, nothing is skipped."""

from __future__ import annotations

import re

import pytest

from chat_tui.screens.search import Search
from tests.servers import Server
from tests.tui.test_app_server import Seat

COUNT = 2_600
FOUND = 777


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """A room of 2,600 messages; every sixth id is of another room."""
    server = Server(tmp_path_factory.mktemp("gaps") / "data", "--rate", "0")
    bob, carl = server.connect("bob"), server.connect("carl")
    carl.send("/join #other")
    carl.sync()
    for first in range(0, COUNT, 100):
        carl.send("\n".join(f"/msg #other elsewhere {number}" for number in range(20)))
        # Of two connections neither waits for the other, and the tests count ids.
        carl.sync()
        lines = [f"number {number}{' zebra' * (number == FOUND)}" for number in range(first, first + 100)]
        bob.send("\n".join(lines))
        bob.sync()
    bob.close()
    carl.close()
    yield server
    server.close()


def numbers(seat):
    """The messages on the screen, from top to bottom."""
    return [int(found) for found in re.findall(r"bob │ number (\d+)", seat.text)]


def loaded(seat):
    return [int(row.text.split()[1]) for row in seat.app.model.current.messages if row.kind == "msg"]


def gaps(seat):
    return [row for row in seat.app.model.current.messages if row.kind == "gap"]


async def settled(seat):
    """Waits until nothing is on its way, nothing is missing nearby, and all is drawn."""
    logs = seat.app.screen_stack[0].logs
    for _ in range(3):
        await seat.until(lambda: not seat.app.model.current.is_loading and not logs.current.gaps_near())
        await seat._pilot.pause()


async def found(seat):
    """Goes to the old message by a search, as somebody would."""
    await seat.shows(f"number {COUNT - 1}")
    await seat.type("", "ctrl+f")
    await seat.until(lambda: isinstance(seat.app.screen, Search))
    await seat.type("zebra", "enter")
    await seat.shows("1 message")
    await seat.type("", "enter")
    await seat.until(lambda: not isinstance(seat.app.screen, Search))
    await seat.shows(f"number {FOUND} zebra", f"message {FOUND + 1 + 160}")
    await settled(seat)


def is_gapless(shown):
    return shown == list(range(shown[0], shown[0] + len(shown)))


async def test_going_up_from_the_newest_every_page_follows_the_one_before(server):
    async with Seat(server.port, "ann") as ann:
        await found(ann)
        await ann.type("", "escape", "escape")
        await ann.shows(f"number {COUNT - 1}")
        last = COUNT
        while last > 2_100:
            await settled(ann)
            shown = numbers(ann)
            assert is_gapless(shown), shown
            assert shown[0] < last <= shown[-1] + 2, "a page back, less one row"
            last = shown[0]
            await ann.type("", "pageup")
            await ann.until(lambda last=last: min(numbers(ann), default=COUNT) < last)
        assert gaps(ann), "what is far from the reader is not loaded"


async def test_keys_that_come_faster_than_the_pages_skip_nothing_either(server):
    async with Seat(server.port, "ann") as ann:
        await found(ann)
        await ann.type("", "escape", "escape")
        await ann.shows(f"number {COUNT - 1}")
        await ann.type("", *["pageup"] * 40)
        await settled(ann)
        shown = numbers(ann)
        assert is_gapless(shown) and shown[0] > 2_000
        old = [number for number in loaded(ann) if number > FOUND + 300]
        assert is_gapless(old), "what was loaded goes on to the newest"


async def test_going_down_from_an_old_message_every_page_follows_the_one_before(server):
    async with Seat(server.port, "ann") as ann:
        await found(ann)
        first = FOUND - 10
        while first < 1_300:
            await settled(ann)
            shown = numbers(ann)
            assert is_gapless(shown), shown
            assert first - 12 <= shown[0] <= first < shown[-1]
            first = shown[-1]
            await ann.type("", "pagedown")
            await ann.until(lambda first=first: max(numbers(ann), default=0) > first)
        assert gaps(ann)


async def test_a_gap_in_sight_is_filled_a_page_at_a_time_and_the_text_one_comes_from_stays(server):
    async with Seat(server.port, "ann") as ann:
        await found(ann)
        log = ann.app.screen_stack[0].logs.current
        count = len(ann.app.model.current.messages)
        index = next(i for i, row in enumerate(log.messages) if row.kind == "gap")
        # By the wheel, until the gap is the last row.
        while log.scroll_offset.y + log.size.height <= log._content.row_of(index):
            log.scroll_relative(y=1, animate=False)
        before = numbers(ann)
        await ann.until(lambda: len(ann.app.model.current.messages) > count)
        await settled(ann)
        assert numbers(ann)[: len(before)] == before, "what one has read does not move"
        assert len(ann.app.model.current.messages) <= count + 110, "one page"


async def test_the_row_of_what_is_missing_says_how_much_and_a_click_loads_it_without_scrolling(server):
    async with Seat(server.port, "ann") as ann:
        await found(ann)
        [gap] = gaps(ann)
        before = gap.missing.count
        assert 1_600 < before < 1_900 and gap.missing.since <= gap.missing.until
        ann.app.chat.act(ann.app.model.load_gap(gap.key))
        await settled(ann)
        [gap] = gaps(ann)
        assert before - 180 < gap.missing.count < before - 60
