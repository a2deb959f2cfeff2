"""The app on a scripted connection: rooms, people, reading, pages, themes."""

from __future__ import annotations

import re

import pytest
from textual.widgets import Input, OptionList

from chat_tui.screens.help import Help
from chat_tui.screens.pick import Pick
from chat_tui.settings import Settings
from tests.tui.screens import Running, join_games, until


def log_rows(text):
    return [line[20:70].rstrip() for line in text.splitlines()[1:22]]


async def test_rooms_are_reached_by_number_in_turn_and_by_name():
    async with Running() as on:
        await join_games(on)
        assert on.app.model.current_room == "#games"
        seen = []
        for keys in (["alt+1"], ["alt+2"], ["ctrl+n"], ["ctrl+n"], ["ctrl+p"], ["alt+9"]):
            await on.press(*keys)
            seen.append(on.app.model.current_room)
        assert seen == ["#lobby", "#games", "#lobby", "#games", "#lobby", "#lobby"]
        await on.press("ctrl+k")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write("gam")
        await on.press("enter")
        await until(on.pilot, lambda: on.app.model.current_room == "#games")
        assert on.composer.has_focus


async def test_what_is_typed_after_the_key_goes_to_the_room_of_the_key():
    async with Running() as on:
        await join_games(on)
        await on.press("alt+1", *"one", "enter", "alt+2", *"two", "enter", "alt+1", *"dra")
        assert on.said == ["/msg #lobby one", "/msg #games two"]
        await on.press("alt+2")
        assert on.composer.is_empty
        await on.press("alt+1")
        assert on.composer.text == "dra"


async def test_a_person_is_reached_by_name_and_a_new_room_is_made():
    async with Running() as on:
        await on.press("ctrl+k")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write("bob")
        await on.press("enter")
        await until(on.pilot, lambda: on.app.model.current_room == "@bob")
        await on.press("ctrl+k")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write("brand-new")
        assert "join, or make it" in on.text
        await on.press("enter")
        await until(on.pilot, lambda: any("/join #brand-new" in line for line in on.script.sent))


def rooms_asked(on):
    return sum(line.endswith(" /rooms") for line in on.script.sent)


def choices(on):
    return [str(option.prompt).split() for option in on.app.screen.query_one(OptionList).options]


async def test_rooms_that_one_is_not_in_are_reached_by_name_and_told_from_a_new_one():
    async with Running() as on:
        await on.press("ctrl+k")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await until(on.pilot, lambda: rooms_asked(on) == 1)
        await on.write("gam")
        assert "join, or make it" in on.text, "nobody knows yet which there are"
        await on.receive("""
            2026-11-22T16:52:00Z begin rooms
            2026-11-22T16:52:00Z room #games 3 - Chess
            2026-11-22T16:52:00Z room #lobby 5 -
            2026-11-22T16:52:00Z room #old-games 0 -
            2026-11-22T16:52:00Z end rooms
        """)
        assert choices(on) == [
            ["#games", "3", "people"],
            ["#old-games", "nobody", "now"],
            ["#gam", "make", "this", "room"],
        ]
        await on.write("es")
        assert [row[0] for row in choices(on)] == ["#games", "#old-games"], "a room that is there is not made"
        await on.press("enter")
        await until(on.pilot, lambda: any(line.endswith("/join #games") for line in on.script.sent))


async def test_what_is_lit_stays_lit_when_the_rooms_come():
    async with Running() as on:
        await on.press("ctrl+k")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.press("down")
        lit = on.app.screen.query_one(OptionList).highlighted_option.id
        assert lit == "@bob"
        await on.receive("""
            2026-11-22T16:52:00Z begin rooms
            2026-11-22T16:52:00Z room #games 3 - Chess
            2026-11-22T16:52:00Z end rooms
        """)
        assert "#games" in on.text and on.app.screen.query_one(OptionList).highlighted_option.id == lit


async def test_people_of_all_ones_rooms_are_reached_by_name():
    async with Running() as on:
        await join_games(on)
        await on.press("alt+1", "ctrl+k")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write("dave")
        await on.press("enter")
        await until(on.pilot, lambda: on.app.model.current_room == "@dave")


async def test_the_topic_is_shown_though_it_was_set_before_what_is_loaded():
    async with Running() as on:
        await until(on.pilot, lambda: rooms_asked(on) == 1)
        await on.receive("""
            2026-11-22T16:52:00Z begin rooms
            2026-11-22T16:52:00Z room #lobby 5 - Games night on Friday
            2026-11-22T16:52:00Z end rooms
        """)
        assert "#lobby  Games night on Friday" in on.text


async def test_unread_rooms_say_how_much_and_alt_a_goes_to_mentions_first():
    async with Running() as on:
        await join_games(on)
        await on.press("alt+1")
        await on.receive("2026-11-22T16:59:00Z msg 1041 #games dave: anybody?")
        assert re.search(r" 2 #games +1 ", on.text)
        await on.receive("2026-11-22T16:59:10Z msg 1042 @ann bob: psst")
        assert "@bob" in on.text
        await on.press("alt+a")
        assert on.app.model.current_room == "@bob"
        await on.press("alt+a")
        assert on.app.model.current_room == "#games"
        await on.press("alt+a")
        assert "Nothing unread" in on.text


async def test_what_is_unread_elsewhere_is_counted_above_the_log_while_no_rooms_are_listed():
    async with Running() as on:
        await join_games(on)
        await on.press("alt+1")
        assert "unread" not in on.text
        await on.receive("""
            2026-11-22T16:59:00Z msg 1041 #games dave: anybody?
            2026-11-22T16:59:10Z msg 1042 @ann bob: psst
            2026-11-22T16:59:20Z msg 1043 #lobby bob: this one is in sight
        """)
        assert "unread" not in on.text, "the list says it"
        await on.pilot.resize_terminal(60, 24)
        await until(on.pilot, lambda: "#lobby  2 unread @1" in on.text)
        await on.pilot.resize_terminal(100, 24)
        await until(on.pilot, lambda: "unread" not in on.text)
        await on.press("f7")
        assert "#lobby  2 unread @1" in on.text
        await on.press("alt+a")
        assert "@bob  1 unread" in on.text and "unread @" not in on.text
        await on.press("alt+a")
        assert "#games" in on.text and "unread" not in on.text


async def test_the_log_scrolls_while_one_types_and_says_what_is_new_below():
    async with Running() as on:
        lines = [
            f"2026-11-22T16:{10 + n // 60:02}:{n % 60:02}Z msg {1041 + n} #lobby bob: number {n}"
            for n in range(99)
        ]
        await on.receive("\n".join(lines))
        await on.write("draft")
        await on.press("pageup", "pageup")
        shown = on.text
        assert "number 98" not in shown
        await on.receive("2026-11-22T16:59:00Z msg 1141 #lobby carol: news")
        assert "↓ 1 new · End" in on.text
        assert log_rows(on.text) == log_rows(shown)
        await on.press("end")
        assert "↓ 1 new" in on.text
        await on.press("escape")
        assert "carol │ news" in on.text
        assert "↓ 1 new" not in on.text
        await on.press("pageup", "pageup", "pagedown", "pagedown", "pagedown", "ctrl+c", "pageup", "end")
        assert "carol │ news" in on.text


async def test_each_room_keeps_the_place_where_it_was_read():
    async with Running() as on:
        lines = [
            f"2026-11-22T16:{10 + n // 60:02}:{n % 60:02}Z msg {1041 + n} #lobby bob: number {n}"
            for n in range(99)
        ]
        await on.receive("\n".join(lines))
        await on.press("pageup", "pageup")
        shown = log_rows(on.text)
        await join_games(on)
        assert "number" not in on.text
        await on.press("alt+1")
        assert log_rows(on.text) == shown


@pytest.mark.parametrize(
    ("width", "rooms", "people"),
    [(140, True, True), (99, True, False), (60, False, False), (40, False, False)],
)
async def test_side_bars_fold_people_first_and_keys_bring_them_back(width, rooms, people):
    async with Running(size=(width, 20)) as on:

        def shown():
            return "Rooms" in on.text.splitlines()[0], "People 5" in on.text.splitlines()[0]

        assert shown() == (rooms, people)
        assert ("5 people" in on.text) == (not people)
        await on.press("f7")
        assert shown() == (not rooms, people)
        await on.press("f8")
        assert shown() == (not rooms, not people)
        await on.press("f7", "f8")
        assert shown() == (rooms, people)
        assert on.composer.has_focus


@pytest.mark.parametrize("how", ["key", "command", "menu"])
async def test_help_opens_and_esc_closes_it(how):
    async with Running() as on:
        if how == "key":
            await on.press("f1")
        elif how == "command":
            await on.write("/help")
            await on.press("enter")
        else:
            await on.press("f2")
            await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
            await on.write("help")
            await on.press("enter")
        await until(on.pilot, lambda: isinstance(on.app.screen, Help))
        assert "Say what you wrote" in on.text
        await on.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.chat)
        assert on.composer.has_focus


async def test_300_people_are_listed_sorted_counted_and_scrolled():
    async with Running(size=(120, 24)) as on:
        names = " ".join(f"{'Pp'[number % 2]}erson-{number:03}" for number in reversed(range(300)))
        await on.receive(f"""
            2026-11-22T16:52:00Z begin who #lobby
            2026-11-22T16:52:00Z who #lobby @zed {names}
            2026-11-22T16:52:00Z end who #lobby
        """)
        assert "People 301" in on.text
        assert [row.name.lower() for row in on.chat.people.rows] == [
            *(f"person-{n:03}" for n in range(300)),
            "zed",
        ]
        assert "Person-000" in on.text
        assert "zed" not in on.text
        people = on.chat.people
        people.scroll_end(animate=False)
        await on.pilot.pause()
        assert "@zed" in on.text
        await on.receive("2026-11-22T16:53:00Z part #lobby zed")
        assert "zed" not in on.text.replace("zed left", "")


async def test_clicking_a_room_goes_there_and_clicking_a_person_addresses_him():
    async with Running() as on:
        await join_games(on)
        await on.pilot.click("#room-list", offset=(4, 0))
        assert on.app.model.current_room == "#lobby"
        row = next(number for number, line in enumerate(on.text.splitlines()) if "@bob" in line[78:])
        await on.pilot.click(offset=(82, row))
        assert on.composer.text == "bob: "


async def test_a_theme_is_chosen_from_the_menu_and_remembered(tmp_path):
    path = tmp_path / "settings.json"
    async with Running(settings=Settings.load(path)) as on:
        await on.press("f2")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write("theme")
        await on.press("enter")
        await until(on.pilot, lambda: "talkline-light" in on.text)
        await on.write("talkline-light")
        await on.press("enter")
        await until(on.pilot, lambda: on.app.theme == "talkline-light")
    assert Settings.load(path).theme == "talkline-light"


async def test_a_started_theme_is_not_remembered(tmp_path):
    path = tmp_path / "settings.json"
    async with Running(settings=Settings.load(path), theme="talkline-light"):
        pass
    assert not path.exists()


async def test_the_bell_is_silenced_from_the_menu_for_good(tmp_path):
    path = tmp_path / "settings.json"
    async with Running(settings=Settings.load(path)) as on:
        await on.press("f2")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write("bell")
        await on.press("enter")
        await until(on.pilot, lambda: "Nothing" in on.text)
        await on.write("noth")
        await on.press("enter")
        await until(on.pilot, lambda: on.app.terminal.attention == "off")
    assert Settings.load(path).attention == "off"


async def test_the_rooms_are_listed_by_number_or_the_most_recent_first(tmp_path):
    path = tmp_path / "settings.json"

    def listed(on):
        return [(row.number, row.name) for row in on.chat.rooms.rows]

    async with Running(settings=Settings.load(path)) as on:
        await join_games(on)
        await on.receive(
            "2026-11-22T16:53:30Z msg 50 @ann bob: psst\n2026-11-22T16:53:30Z msg 51 #games bob: hi"
        )
        assert listed(on) == [(1, "#lobby"), (2, "#games"), (3, "@bob")], "by number at first"
        await on.press("f2")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write("order")
        await on.press("enter")
        await until(on.pilot, lambda: "Most recent first" in on.text)
        await on.write("recent")
        await on.press("enter")
        await until(on.pilot, lambda: listed(on) == [(1, "@bob"), (2, "#games"), (3, "#lobby")])
        await on.receive("2026-11-22T16:53:30Z msg 52 #lobby bob: anybody?")
        assert listed(on) == [(1, "@bob"), (2, "#lobby"), (3, "#games")], (
            "who waits for an answer stays above"
        )
        await on.receive("2026-11-22T16:53:30Z msg 53 #games bob: in the room that is shown")
        assert listed(on) == [(1, "@bob"), (2, "#games"), (3, "#lobby")]
        await on.press("alt+1")
        assert on.app.model.current_room == "@bob"
        assert listed(on) == [(1, "#games"), (2, "#lobby"), (3, "@bob")]
        await on.press("ctrl+p")
        assert on.app.model.current_room == "#lobby", "the one above in the list"
    async with Running(settings=Settings.load(path)) as on:
        await on.receive("2026-11-22T16:53:30Z msg 60 @ann bob: psst")
        assert listed(on) == [(1, "@bob"), (2, "#lobby")], "and the next time, too"


async def test_the_room_that_is_shown_is_kept_for_the_next_start_and_a_conversation_is_not():
    kept = []
    async with Running(keep_room=kept.append) as on:
        await join_games(on)
        await on.write("/msg @bob psst")
        await on.press("enter")
        assert on.app.model.current_room == "@bob" and kept == ["#lobby", "#games"]


@pytest.mark.parametrize(("written", "shown"), [("", "#games"), ("h", "#lobby")])
async def test_the_app_opens_in_the_last_room_unless_something_is_written_before(written, shown):
    kept = []
    async with Running(last_room="#games", keep_room=kept.append) as on:
        await on.write(written)
        await on.receive("2026-11-22T16:51:00Z join #games ann")
        assert on.app.model.current_room == shown
        assert kept == ([] if shown == "#games" else ["#lobby"])


async def test_the_people_say_who_is_away_and_why_and_the_pointer_tells_it_in_full():
    async with Running(size=(120, 24)) as on:
        await on.receive("2026-11-22T17:00:00Z away carol lunch at the very long table")
        assert " carol away: lunch" in on.text and "long table" not in on.text
        carol = next(row for row, one in enumerate(on.chat.people.rows) if one.name == "carol")
        await on.pilot.hover("#people-list", offset=(3, carol))
        assert str(on.chat.people.tooltip) == "carol is away: lunch at the very long table"
        await on.pilot.hover("#people-list", offset=(3, 0))
        assert on.chat.people.tooltip is None


async def test_whoever_is_not_listed_is_reached_by_typing_his_name_or_that_of_his_room():
    async with Running() as on:
        await on.press("ctrl+k")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write("zed")
        assert choices(on) == [["#zed", "join,", "or", "make", "it"], ["@zed", "direct", "message"]]
        for typed, offered in (
            ("@zed", ["@zed"]),
            ("#zed", ["#zed"]),
            ("@carol", ["@carol"]),
            ("@ann", []),
            ("a b", []),
        ):
            on.app.screen.query_one(Input).value = typed
            await until(on.pilot, lambda offered=offered: [row[0] for row in choices(on)] == offered)
        on.app.screen.query_one(Input).value = "zed"
        await until(on.pilot, lambda: len(choices(on)) == 2)
        await on.press("down")
        await on.press("enter")
        await until(on.pilot, lambda: on.app.model.current_room == "@zed")


@pytest.mark.parametrize(("size", "before"), [((120, 24), "ann "), ((50, 20), "")])
async def test_who_is_away_is_reminded_of_it_where_he_types(size, before):
    async with Running(size=size) as on:
        await on.receive("2026-11-22T17:00:00Z away ann lunch")
        assert f" {before}away › Message #lobby" in on.text
        await on.receive("2026-11-22T17:00:01Z away ann")
        assert f" {before}› Message #lobby" in on.text


async def test_a_room_where_something_was_not_sent_is_marked_until_that_is_decided():
    async with Running() as on:
        await join_games(on)
        await on.write("hello")
        await on.press("enter")
        label = next(line for line in on.script.sent if line.endswith("hello")).split(" ")[1]
        await on.press("alt+1")
        assert "#games" in on.text and "✗" not in on.text
        await on.receive(f"2026-11-22T16:59:00Z err muted {label} You are muted here")
        assert re.search(r"2 #games +✗", on.text) and "✗ not sent" not in on.text
        await on.press("f7")
        assert "#lobby  ✗ not sent" in on.text
        await on.press("f7")
        await on.press("alt+2")
        await on.press("alt+up", "d")
        await until(on.pilot, lambda: not on.app.model.stuck_rooms)
        await on.press("alt+1")
        assert "✗" not in on.text


async def test_a_conversation_says_whether_the_other_one_is_there():
    async with Running(size=(120, 24)) as on:
        await on.write("/msg @carol hi")
        await on.press("enter")
        await on.receive("2026-11-22T17:00:00Z msg 1041 @carol ann: hi")
        assert "@carol  away" in on.text and "People 2" in on.text
        await on.receive("2026-11-22T17:00:00Z away carol lunch at the very long table")
        assert "@carol  away: lunch at the very long table" in on.text
        await on.receive("2026-11-22T17:00:01Z part #lobby carol")
        asked = next(line for line in on.script.sent if line.endswith("/who @carol")).split(" ")[1]
        await on.receive(f"2026-11-22T17:00:01Z err no-such-nick {asked} Nobody here is called carol")
        assert "@carol  not here: nobody has that name now" in on.text
        assert "People 1" in on.text and "carol       offline" in on.text
        assert "carol is not here any more, and was a guest" in on.text


async def test_who_owns_his_name_and_is_offline_gets_it_later():
    async with Running(size=(120, 24)) as on:
        await on.write("/msg @dave hi")
        await on.press("enter")
        asked = next(line for line in on.script.sent if line.endswith("/who @dave")).split(" ")[1]
        await on.receive(f"""
            2026-11-22T17:00:00Z begin who @dave
            2026-11-22T17:00:00Z end who @dave
            2026-11-22T17:00:00Z ok {asked}
        """)
        assert "@dave  not here now, and gets it later" in on.text and "+dave        offline" in on.text
