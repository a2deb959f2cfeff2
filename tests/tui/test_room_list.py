"""The list of rooms where there are more than fit, and the list one chooses a room from."""

from __future__ import annotations

import pytest
from rich.cells import cell_len
from textual.widgets import OptionList

from chat_tui.screens.pick import Choice, Pick
from chat_tui.settings import Settings
from chat_tui.widgets.room_list import cut_middle
from tests.tui.screens import Running, until


async def join(on, *rooms):
    for room in rooms:
        await on.receive(f"""
            2026-11-22T16:51:00Z join {room} ann
            2026-11-22T16:51:00Z begin who {room}
            2026-11-22T16:51:00Z who {room} ann dave
            2026-11-22T16:51:00Z end who {room}
        """)


def numbered(count):
    return [f"#room-{number}" for number in range(1, count + 1)]


def title(on):
    return on.text.splitlines()[0][: on.chat.rooms.size.width].strip()


async def test_the_title_tells_what_is_unread_above_and_below_the_rooms_in_sight():
    async with Running(size=(80, 24)) as on:
        await join(on, *numbered(40))
        await on.press("alt+1")
        assert title(on) == "Rooms"
        await on.receive("""
            2026-11-22T16:58:00Z msg 1041 #room-38 dave: one
            2026-11-22T16:58:01Z msg 1042 #room-39 dave: two
        """)
        assert title(on) == "Rooms    2 ↓"
        await on.receive("2026-11-22T16:58:02Z msg 1043 #room-40 dave: ann: three")
        assert title(on) == "Rooms   @1 ↓", "a mention counts for more"
        on.chat.rooms.scroll_end(animate=False)
        await until(on.pilot, lambda: title(on) == "Rooms")
        await on.receive("2026-11-22T16:58:03Z msg 1044 #room-2 dave: four")
        on.chat.rooms.scroll_to(y=10, animate=False)
        await until(on.pilot, lambda: title(on) == "1 ↑ @1 ↓")


def rooms_drawn(on):
    return [line[: on.chat.rooms.size.width].rstrip() for line in on.text.splitlines()]


async def test_names_beyond_the_numbered_rooms_use_the_columns_of_the_number_if_one_is_long():
    async with Running(size=(80, 24)) as on:
        await join(on, *numbered(9), "#talk")
        await on.press("alt+1")
        assert "   #talk" in rooms_drawn(on), "below the others, as long as all are short"
        await join(on, "#projects-17", "#projects-talk-b")
        await on.press("alt+1")
        assert rooms_drawn(on)[11:14] == [" #talk", " #projects-17", " #projects…lk-b"]
        await on.receive("2026-11-22T16:58:00Z msg 1041 #projects-talk-b dave: one")
        assert rooms_drawn(on)[11:14] == [" #talk", " #projects-17", " #project…k-b 1"]


@pytest.mark.parametrize(
    "name", ["#a-very-long-name-17", "@田中田中田中田中田中", "#e\u0301e\u0301e\u0301e\u0301e\u0301e\u0301"]
)
@pytest.mark.parametrize("width", range(12))
def test_a_name_is_never_wider_than_its_place_and_ends_as_it_does(name, width):
    shown = cut_middle(name, width)
    assert cell_len(shown) <= width
    if shown != name and width >= 8:
        assert shown.endswith(name[-1]) and shown.startswith(name[0]) and "…" in shown


async def test_the_most_recent_first_has_those_above_in_which_somebody_waits():
    async with Running(settings=Settings(room_order="recent")) as on:
        await join(on, "#games", "#ops")
        await on.press("alt+1")
        on.chat.going.to("#lobby")
        await on.receive("""
            2026-11-22T16:58:00Z msg 1041 #games dave: ann: are you there?
            2026-11-22T16:58:01Z msg 1042 #ops dave: anybody?
        """)
        assert [row.name for row in on.chat.rooms.rows] == ["#games", "#ops", "#lobby"]


async def test_the_list_to_choose_from_begins_with_who_waits_and_what_is_unread():
    async with Running() as on:
        await join(on, *numbered(4))
        await on.press("alt+1")
        await on.receive("""
            2026-11-22T16:58:00Z msg 1041 #room-2 dave: anybody?
            2026-11-22T16:58:01Z msg 1042 #room-4 dave: ann: are you there?
        """)
        await on.press("ctrl+k")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        names = [option.id for option in on.app.screen.query_one(OptionList).options]
        assert names[:5] == ["#room-4", "#room-2", "#lobby", "#room-1", "#room-3"]
        await on.write("room")
        names = [option.id for option in on.app.screen.query_one(OptionList).options]
        assert names[:4] == ["#room-4", "#room-2", "#room-1", "#room-3"]


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("r 17", "#room-17"),
        ("17 r", "#room-17"),
        ("rm17", "#room-17"),
        ("room 1", "#room-1"),
        ("ROOM 1", "#room-1"),
    ],
)
async def test_a_room_is_found_by_parts_of_its_name(typed, first):
    async with Running() as on:
        names = ["#old", *reversed(numbered(20))]
        on.app.push_screen(Pick("Go to", "room", [Choice(name, name) for name in names]))
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write(typed)
        assert on.app.screen.query_one(OptionList).options[0].id == first
        await on.write(" x")
        assert not on.app.screen.query_one(OptionList).options


async def test_f7_widens_a_list_in_which_names_are_cut_before_it_folds_it():
    async with Running(size=(80, 24)) as on:
        name = "#the-project-of-the-other-team"
        await join(on, name)
        await on.press("alt+1")
        assert name not in on.text
        await on.press("f7")
        await until(on.pilot, lambda: f" 2 {name}" in on.text)
        await on.press("f7")
        await until(on.pilot, lambda: "Rooms" not in on.text)
        await on.press("f7")
        await until(on.pilot, lambda: "Rooms" in on.text and name not in on.text)


async def test_f7_folds_a_list_in_which_all_names_are_whole():
    async with Running(size=(80, 24)) as on:
        await join(on, "#games")
        await on.press("f7")
        await until(on.pilot, lambda: "Rooms" not in on.text)
