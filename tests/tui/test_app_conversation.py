"""Apps on a real server: what one does with a message, and where one finds it again."""

from __future__ import annotations

import asyncio

import pytest
from textual.widgets import OptionList

from chat_server import wire
from chat_tui.client import Received
from chat_tui.screens.ask import Ask
from chat_tui.screens.pick import Pick
from chat_tui.screens.search import Search
from tests.servers import Server
from tests.tui.screens import Running, join_games, until
from tests.tui.test_app_server import Seat


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data", "--rate", "0")
    yield server
    server.close()


async def said(seat, text, by):
    """Waits for a message to be shown, and gives its row in the model."""
    await seat.shows(f"{by} │ {text}")
    return next(row for row in seat.app.model.current.messages if row.text == text)


async def stored(seat):
    """Waits until everything that the seat said has its id."""
    await seat.until(lambda: seat.app.model.unsent == 0)


async def test_r_on_a_message_answers_it_and_both_see_what_is_answered(server):
    async with Seat(server.port, "ann") as ann, Seat(server.port, "bob") as bob:
        await bob.type("who is in for games night?", "enter")
        asked = await said(ann, "who is in for games night?", "bob")
        await ann.type("", "alt+up")
        await ann.shows(f"message {asked.id}", "r reply")
        await ann.type("", "r")
        await ann.shows("↳ replying to bob: who is in for games night?", "Esc cancels")
        await ann.type("me", "enter")
        answer = await said(bob, "me", "ann")
        assert answer.ref == asked.id
        await ann.until(lambda: "replying" not in ann.text)


async def test_plus_reacts_by_name_and_the_same_again_takes_it_back(server):
    async with Seat(server.port, "ann") as ann:
        bob = await asyncio.to_thread(server.connect, "bob")
        bob.send("cake!")
        cake = await said(ann, "cake!", "bob")
        for kind in ("react", "unreact"):
            await ann.type("", "alt+up", "plus")
            await ann.until(lambda: isinstance(ann.app.screen, Pick))
            await ann.type("tada")
            await ann.shows("🎉 tada")
            await ann.type("", "enter")
            await asyncio.to_thread(bob.expect, rf"{kind} \d+ #lobby ann \^{cake.id}: 🎉$")
            await ann.until(lambda: not isinstance(ann.app.screen, Pick))
            await ann.type("", "escape")


async def test_e_edits_and_d_deletes_after_a_question_and_the_other_sees_it(server):
    async with Seat(server.port, "ann") as ann, Seat(server.port, "bob") as bob:
        await ann.type("cake at fuor", "enter")
        await stored(ann)
        await ann.type("", "alt+up", "e")
        await ann.shows("✎ editing: cake at fuor")
        await ann.type("", *["backspace"] * 4)
        await ann.type("four", "enter")
        await bob.shows("ann │ cake at four")
        assert "fuor" not in bob.text
        await ann.until(lambda: "editing" not in ann.text)
        await ann.type("", "alt+up", "d")
        await ann.until(lambda: isinstance(ann.app.screen, Ask))
        await ann.shows("Delete this message?", "cake at four")
        await ann.type("d")
        await bob.until(lambda: "cake at four" not in bob.text)
        await ann.until(lambda: "cake at four" not in ann.text)


async def test_only_what_one_said_oneself_is_edited_or_deleted(server):
    async with Seat(server.port, "ann") as ann:
        bob = await asyncio.to_thread(server.connect, "bob")
        bob.send("mine")
        await said(ann, "mine", "bob")
        await ann.type("", "alt+up")
        await ann.shows("r reply")
        assert "e edit" not in ann.text
        await ann.type("", "e")
        await ann.shows("You can edit only what you said yourself")
        await ann.type("", "d")
        await ann.shows("You can delete only what you said yourself")


async def test_up_edits_the_last_own_message_and_up_again_walks_back(server):
    async with Seat(server.port, "ann") as ann:
        for text in ("first", "second"):
            await ann.type(text, "enter")
        await stored(ann)
        composer = ann.app.screen_stack[0].composer
        await ann.type("", "up")
        await ann.shows("✎ editing: second")
        await ann.type("", "up")
        await ann.until(lambda: "editing" not in ann.text)
        assert composer.text == "second"
        await ann.type("", "up")
        assert composer.text == "first"
        await ann.type("", "down", "down")
        assert composer.is_empty


async def test_a_draft_comes_back_after_an_answer_and_after_esc():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: hello")
        await on.write("half a thought")
        for end in ("escape", "enter"):
            await on.press("alt+up", "r")
            assert on.composer.is_empty
            assert on.composer.purpose.id == 1041
            await on.press(*"hi", end)
            assert on.composer.text == "half a thought"
            assert on.composer.purpose is None
        assert any(line.endswith("/reply 1041 hi") for line in on.script.sent)


async def test_capital_letters_are_the_same_keys_as_help_prints_them():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: hello")
        await on.press("alt+up", "Y")
        await until(on.pilot, lambda: on.app.clipboard == "hello")
        await on.press("alt+up", "R", *"Rye")
        assert on.composer.purpose.id == 1041
        assert on.composer.text == "Rye"


async def test_an_answer_belongs_to_its_room():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: hello")
        await on.press("alt+up", "r", *"yes")
        await on.receive("2026-11-22T16:59:10Z msg 1042 @ann bob: psst")
        await on.press("alt+2")
        assert on.composer.is_empty
        assert "replying" not in on.text
        await on.press("alt+1")
        assert on.composer.text == "yes"
        assert "replying to bob: hello" in on.text


async def test_what_is_typed_takes_the_cursor_away_and_is_typed():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: hello")
        await on.press("alt+up")
        assert "message 1041" in on.text
        await on.write("hey")
        assert "message 1041" not in on.text
        assert on.composer.text == "hey"
        assert on.composer.purpose is None


async def test_y_copies_the_plain_text_and_esc_takes_the_cursor_away():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: *two*␤lines")
        await on.press("alt+up", "escape")
        assert on.chat.logs.current.cursor_key is None
        await on.press("alt+up", "y")
        await until(on.pilot, lambda: on.app.clipboard == "*two*\nlines")
        await until(on.pilot, lambda: "Copied 11 characters" in on.text)


async def test_enter_on_a_link_without_a_browser_copies_it(monkeypatch):
    for name in ("DISPLAY", "WAYLAND_DISPLAY"):
        monkeypatch.delenv(name, raising=False)
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: see https://example.org/a?b=1.")
        await on.press("alt+up", "enter")
        assert on.app.clipboard == "https://example.org/a?b=1"
        assert "No browser here: copied “https://example.org/a?b=1”" in on.text


async def test_a_click_puts_the_cursor_there_and_again_takes_it_away():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: hello")
        row = next(number for number, line in enumerate(on.text.splitlines()) if "hello" in line)
        await on.pilot.click(offset=(50, row))
        assert "message 1041" in on.text
        await on.pilot.click(offset=(50, row))
        await on.pilot.pause()
        assert on.chat.logs.current.cursor_key is None


async def test_a_click_leaves_the_keys_to_a_line_that_is_being_written():
    async with Running() as on:
        await on.receive("2026-11-22T16:59:00Z msg 1041 #lobby bob: hello")
        await on.write("you")
        row = next(number for number, line in enumerate(on.text.splitlines()) if "hello" in line)
        await on.pilot.click(offset=(50, row))
        await on.write("r")
        assert on.composer.text == "your"


# Finding


def talk(server, count, text="number {}"):
    """Bob in nc says so much; gives him back when the server has it."""
    bob = server.connect("bob")
    for number in range(count):
        bob.send(text.format(number))
    bob.sync()
    return bob


async def test_ctrl_f_finds_what_is_not_loaded_and_enter_shows_it_with_what_was_around(server):
    bob = await asyncio.to_thread(talk, server, 150)
    bob.send("a needle")
    await asyncio.to_thread(bob.sync)
    await asyncio.to_thread(talk_on, bob, 450)
    async with Seat(server.port, "ann") as ann:
        await ann.shows("later 449")
        await ann.type("", "ctrl+f")
        await ann.until(lambda: isinstance(ann.app.screen, Search))
        await ann.type("needle from:bob", "enter")
        await ann.shows("#lobby", "a needle", "1 message")
        await ann.type("", "enter")
        await ann.until(lambda: not isinstance(ann.app.screen, Search))
        await ann.shows("│ number 149", "│ a needle", "│ later 0")
        assert "later 449" not in ann.text
        await ann.shows("Alt-Up acts on it")
        # What lies between is a gap that can be seen and loaded.
        await ann.until(lambda: any(row.kind == "gap" for row in ann.app.model.current.messages))
        await ann.type("", "escape", "escape")
        await ann.shows("later 449")


def talk_on(bob, count):
    for number in range(count):
        bob.send(f"later {number}")
    bob.sync()


async def test_more_is_found_on_the_way_down(server):
    await asyncio.to_thread(talk, server, 70, "cake {}")
    async with Seat(server.port, "ann") as ann:
        await ann.type("", "ctrl+f")
        await ann.until(lambda: isinstance(ann.app.screen, Search))
        await ann.type("cake")
        await ann.shows("cake 69", "20 messages, more below")
        for _ in range(12):
            await ann.type("", "pagedown")
            await ann.until(lambda: "looking for more" not in ann.text)
        await ann.shows("cake 0 ", "70 messages")


async def test_a_search_that_finds_nothing_says_so_and_a_wrong_one_why(server):
    async with Seat(server.port, "ann") as ann:
        await ann.type("", "ctrl+f")
        await ann.until(lambda: isinstance(ann.app.screen, Search))
        await ann.type("nowhere", "enter")
        await ann.shows("Nothing was found")
        await ann.type(" before:never", "enter")
        await ann.shows("days as 2026-11-22")
        await ann.type("", "escape")
        await ann.until(lambda: not isinstance(ann.app.screen, Search))


async def test_scrolling_to_the_top_loads_older_pages_and_does_not_move_the_text(server):
    await asyncio.to_thread(talk, server, 300)
    async with Seat(server.port, "ann") as ann:
        await ann.shows("number 299")
        log = ann.app.screen_stack[0].logs
        before = len(ann.app.model.current.messages)
        await ann.type("", "pageup", "pageup")
        await ann.until(lambda: len(ann.app.model.current.messages) > before)
        top = next(line for line in ann.text.splitlines()[1:] if "number" in line)
        await ann.until(lambda: not ann.app.model.current.is_loading)
        assert top in ann.text
        for _ in range(60):
            await ann.type("", "pageup")
            await ann.until(lambda: not ann.app.model.current.is_loading)
            if "│ number 0" in ann.text and not ann.app.model.current.has_older:
                break
        await ann.shows("│ number 0", "│ number 1")
        numbers = [row.text for row in ann.app.model.current.messages if row.kind == "msg"]
        assert numbers == [f"number {number}" for number in range(300)]
        assert not log.current.following


async def test_alt_m_lists_where_one_was_mentioned_and_goes_there(server):
    bob = await asyncio.to_thread(talk, server, 3)
    async with Seat(server.port, "ann") as ann:
        await ann.shows("number 2")
        bob.send("ann: are you there?")
        bob.send("nobody else")
        await ann.shows("nobody else")
        await ann.type("", "alt+m")
        await ann.until(lambda: isinstance(ann.app.screen, Search))
        await ann.shows("Mentions", "ann: are you there?", "1 message")
        await ann.type("", "enter")
        await ann.until(lambda: not isinstance(ann.app.screen, Search))
        message = next(row for row in ann.app.model.current.messages if row.mentions_me)
        await ann.shows(f"message {message.id}")


async def test_u_on_ones_own_last_message_says_that_nobody_has_said_anything_since():
    async with Running() as on:
        await on.receive("2026-11-22T17:00:00Z msg 1041 #lobby bob: one")
        await on.receive("2026-11-22T17:00:01Z msg 1042 #lobby ann: two")
        await on.press("alt+up", "u")
        await until(on.pilot, lambda: "Nobody else has said anything from there on" in on.text)
        assert "─ new ─" not in on.text and on.app.model.current.unread_from is None


async def test_u_marks_unread_from_there_on():
    async with Running() as on:
        await on.receive("""
            2026-11-22T16:59:00Z msg 1041 #lobby bob: one
            2026-11-22T16:59:10Z msg 1042 #lobby bob: two
            2026-11-22T16:59:20Z msg 1043 #lobby bob: three
        """)
        await on.press("alt+up", "alt+up", "u")
        await until(on.pilot, lambda: on.app.model.current.unread == 2)
        assert on.app.model.current.unread_from == "e1042"
        assert "Unread from there on, on this device only: the server keeps no marks for guests" in on.text


async def test_what_the_owner_of_a_name_marks_is_marked_on_all_his_devices():
    async with Running(secret_of=lambda nick: "a-long-secret") as on:
        [label] = [line.split()[1] for line in on.script.sent if "/nick ann" in line]
        await on.receive(f"""
            2026-11-22T16:50:00Z ok {label}
            2026-11-22T16:59:00Z msg 1041 #lobby bob: one
        """)
        await on.press("alt+up", "u")
        await until(on.pilot, lambda: "Unread from there on" in on.text)
        assert "on this device only" not in on.text


async def test_two_devices_of_one_person_agree_on_what_is_unread(server):
    async with Seat(server.port, "ann") as one, Seat(server.port, "guest-x") as two:
        for seat in (one, two):
            await seat.type("/nick anna a-long-random-secret", "enter")
            await seat.until(lambda seat=seat: seat.app.model.nick == "anna")
        for seat in (one, two):
            await seat.type("/join #games", "enter")
            await seat.until(lambda seat=seat: "#games" in seat.app.model.rooms)
        await one.type("", "alt+1")
        await two.type("", "alt+1")
        await asyncio.to_thread(_say_in_games, server)
        for seat in (one, two):
            await seat.until(lambda seat=seat: seat.app.model.rooms["#games"].unread == 1)
        await one.type("", "alt+2")
        await one.shows("bob │ hello games")
        await two.until(lambda: two.app.model.rooms["#games"].unread == 0)


def _say_in_games(server):
    bob = server.connect("bob")
    bob.send("/join #games")
    bob.send("hello games")
    bob.sync()


async def test_a_click_on_a_reaction_toggles_it(server):
    async with Seat(server.port, "ann") as ann:
        bob = await asyncio.to_thread(server.connect, "bob")
        bob.send("cake!")
        cake = await said(ann, "cake!", "bob")
        bob.send(f"/react {cake.id} 🎉")
        await ann.shows("🎉 1")
        lines = ann.text.splitlines()
        y = next(number for number, line in enumerate(lines) if "🎉 1" in line)
        await ann._pilot.click(offset=(lines[y].index("🎉") + 1, y))
        await ann.shows("🎉 2")
        await asyncio.to_thread(bob.expect, rf"react \d+ #lobby ann \^{cake.id}: 🎉$")


async def test_the_mentions_hold_what_is_unread_of_what_was_said_to_one_alone(server):
    bob = await asyncio.to_thread(talk, server, 1)
    async with Seat(server.port, "ann") as ann:
        await ann.shows("number 0")
        bob.send("/msg @ann psst\n/msg @ann come here\nann: in the room")
        await ann.shows("ann: in the room")
        await ann.type("", "alt+m")
        await ann.shows("psst", "come here", "ann: in the room", "3 messages")
        await ann.type("psst", "enter")
        await ann.until(lambda: ann.app.model.current_room == "@bob")
        await ann.type("", "escape", "alt+m")
        await ann.shows("ann: in the room", "1 message")
        assert "come here" not in ann.text.split("Mentions")[1].split("1 message")[0], "it was read"


async def test_the_mentions_hold_what_was_said_to_one_alone_before_one_came(server):
    def say_before():
        ann, bob = server.connect(), server.connect("bob")
        ann.send("/nick ann a-long-random-secret")
        ann.expect("nick guest-1 ann")
        ann.close()
        bob.expect("part #lobby ann")
        bob.send("/msg @ann psst")
        bob.expect("msg 1 ")
        return bob

    bob = await asyncio.to_thread(say_before)
    async with Seat(server.port, "ann", secret_of=lambda nick: "a-long-random-secret") as ann:
        await ann.shows("@bob", "@1")
        await ann.type("", "alt+m")
        await ann.shows("Mentions", "psst", "1 message")
    bob.close()


@pytest.mark.parametrize("width", [100, 60])
async def test_the_mentions_tell_what_is_new_from_what_was_read(width):
    async with Running(size=(width, 24)) as on:
        await join_games(on)
        await on.receive("""
            2026-11-22T17:00:00Z msg 1041 #games bob: ann, the first
            2026-11-22T17:00:01Z msg 1042 #lobby bob: ann, the second
            2026-11-22T17:00:02Z msg 1043 #lobby bob: ann, the third
        """)
        await on.press("alt+m")
        await until(
            on.pilot, lambda: "3 results, 2 new" in on.text or "3 messages, 2 new" in on.text, "the count"
        )
        rows = on.text.splitlines()
        step = 0 if width == 100 else -1
        marked = {
            word: "●" in rows[next(y for y, row in enumerate(rows) if f"the {word}" in row) + step]
            for word in ("first", "second", "third")
        }
        assert marked == {"first": False, "second": True, "third": True}
        await on.press("escape", "alt+1", "alt+m")
        await until(on.pilot, lambda: "Mentions" in on.text and "ann, the third" in on.text, "the list")
        listed = on.text.split("Mentions")[1].split("3 ")[0]
        assert "●" not in listed and "new" not in on.text.split("Mentions")[1]


async def test_all_mentions_are_found_also_behind_pages_of_longer_names(server):
    def talk_much():
        # A hundred lines at once are a flood to a server with its limits on.
        server.stop()
        server.restart("--rate", "0")
        bob = server.connect("bob")
        bob.send("\n".join([*[f"ann {number}" for number in range(30)], *["anna"] * 70]))
        bob.sync()

    await asyncio.to_thread(talk_much)
    async with Seat(server.port, "ann") as ann:
        await ann.shows("anna")
        await ann.type("", "alt+m")
        await ann.shows("ann 29", "30 messages")
        await ann.type("", *["pagedown"] * 3)
        await ann.shows("ann 0 ")


async def test_what_is_loaded_before_the_list_of_mentions_is_drawn_is_in_it():
    async with Running() as on:
        on.chat.finding.mentions()
        line = "2026-11-22T16:59:00Z msg 1041 #lobby bob: ann: are you there?"
        on.app.take(on.app.model.apply_all([Received(wire.parse_server(line))]))
        on.chat.finding.take_loaded()
        await until(on.pilot, lambda: "Mentions" in on.text and "are you there?" in on.text)


async def test_mentions_without_a_connection_are_those_that_are_loaded_and_say_so(server):
    bob = await asyncio.to_thread(talk, server, 1)
    async with Seat(server.port, "ann") as ann:
        bob.send("ann: are you there?")
        await ann.shows("ann: are you there?")
        await asyncio.to_thread(server.stop)
        await ann.until(lambda: ann.app.model.state != "online")
        await ann.type("", "alt+m")
        await ann.shows("1 message; There is no connection")
        await ann.type("", "escape", "ctrl+f")
        await ann.type("there", "enter")
        await ann.shows("There is no connection")


async def test_a_search_that_is_refused_says_why(server):
    async with Seat(server.port, "ann") as ann:
        await ann.type("", "ctrl+f")
        await ann.shows("Each of them also alone; a day is today")
        await ann.type("cake in:@bob")
        await ann.shows("Nobody here is called bob")
        await ann.type("", *["backspace"] * 4)
        await ann.shows("in: as in in:#games or in:@ann")
        await ann.type("#den")
        await ann.shows("You are not in #den")
        await ann.type("", *["backspace"] * 8)
        await ann.shows("Nothing was found")
        await ann.type(' "half a', "enter")
        await ann.shows("Nothing was found")


async def test_a_filter_alone_or_a_phrase_is_searched_for_after_a_pause(server):
    bob = await asyncio.to_thread(talk, server, 3)
    async with Seat(server.port, "ann") as ann:
        bob.send("/msg @ann just for you")
        await ann.until(lambda: "@bob" in ann.app.model.rooms)
        await ann.type("", "ctrl+f")
        await ann.until(lambda: isinstance(ann.app.screen, Search))
        await ann.type("from:bob")
        await ann.shows("number 2", "just for you", "4 messages")
        await ann.type(" in:@bo")
        await ann.shows("Nobody here is called bo;")
        await ann.type("b")
        await ann.shows("just for you", "1 message")
        assert ann.app.screen.query_one(OptionList).option_count == 1
        await ann.type(" before:2026-")
        await ann.shows("1 message; before: as in before:2026-11-22 (that day not)")
        await ann.type("", *["backspace"] * len("from:bob in:@bob before:2026-"))
        await ann.shows("Each of them also alone")
        await ann.type('"just for')
        await ann.shows("A phrase ends with a quotation mark")
        await ann.type('"')
        await ann.shows("just for you", "1 message")


async def test_what_is_told_together_with_a_room_that_was_shown_before_is_drawn_in_it():
    async with Running() as on:
        await on.write("/msg @bob psst")
        await on.press("enter")
        await on.press("alt+1")
        await on.write("/msg @bob again")
        await on.press("enter")
        assert on.app.model.current_room == "@bob" and "psst" in on.text and "again" in on.text


async def test_a_line_on_its_way_is_said_to_be_just_that():
    async with Running() as on:
        await on.write("wait")
        await on.press("enter")
        await on.press("alt+up", "d")
        await until(on.pilot, lambda: "This is not sent yet; you can delete it when it is" in on.text)


async def test_an_emoji_is_found_by_its_name_with_colons():
    async with Running() as on:
        await on.receive("2026-11-22T16:53:30Z msg 1041 #lobby bob: done")
        await on.press("alt+up", "plus")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write(":tada:")
        await on.press("enter")
        await until(on.pilot, lambda: on.app.screen is on.chat)
        assert any(line.endswith("/react 1041 🎉") for line in on.script.sent)
