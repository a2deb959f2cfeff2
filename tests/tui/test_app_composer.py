"""The input bar by itself: typing, breaking lines, remembering, completing, pasting."""

from __future__ import annotations

from textual import events, on
from textual.app import App

from chat_server.wire import LINE_BREAK, TEXT_BYTES
from chat_tui.completion import Known
from chat_tui.widgets.composer import HISTORY, PASTED_LINES, Composer


class Bar(App):
    """Takes in everything that is sent, as the chat does."""

    CSS = "Composer { height: auto; max-height: 6; }"

    def __init__(self):
        super().__init__()
        self.composer = Composer(self.say, lambda: Known(("bob", "bobby", "carol"), ("#lobby", "#games")))
        self.sent, self.refused, self.pasted = [], [], []
        self.takes = True

    def compose(self):
        yield self.composer

    def on_mount(self):
        self.composer.show_room("#lobby")
        self.composer.focus()

    def say(self, text):
        self.sent.append(text)
        if self.takes:
            self.composer.clear_line()

    @on(Composer.Refused)
    def _refused(self, event):
        self.refused.append(event.why)

    @on(Composer.Pasted)
    def _pasted(self, event):
        self.pasted.append((event.text, event.lines))

    async def write(self, pilot, text):
        self.composer.insert(text)
        await pilot.pause()


async def test_enter_sends_and_empties():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"hello", "enter")
        assert app.sent == ["hello"]
        assert app.composer.is_empty


async def test_what_is_not_accepted_stays():
    app = Bar()
    app.takes = False
    async with app.run_test() as pilot:
        await pilot.press(*"/nikc", "enter")
        assert app.sent == ["/nikc"]
        assert app.composer.text == "/nikc"


async def test_enter_on_nothing_sends_nothing():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press("enter", "space", "enter", "alt+enter", "enter")
        assert app.sent == []


async def test_three_keys_break_the_line_and_the_break_goes_as_one_character():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press("a", "alt+enter", "b", "ctrl+j", "c", "shift+enter", "d", "enter")
        assert app.sent == [LINE_BREAK.join("abcd")]


async def test_it_grows_with_the_text_up_to_six_rows():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.pause()
        heights = [app.composer.size.height]
        for _ in range(8):
            await pilot.press("x", "ctrl+j")
            heights.append(app.composer.size.height)
        assert heights == [1, 2, 3, 4, 5, 6, 6, 6, 6]


async def test_up_and_down_walk_through_what_was_sent_and_back_to_the_draft():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"one", "enter", *"two", "enter", *"dra")
        seen = []
        for key in ("up", "up", "up", "down", "down", "down"):
            await pilot.press(key)
            seen.append(app.composer.text)
        assert seen == ["two", "one", "one", "two", "dra", "dra"]


async def test_up_moves_within_a_text_of_several_lines_first():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"one", "enter", "a", "ctrl+j", "b", "up")
        assert app.composer.text == "a\nb"
        await pilot.press("up")
        assert app.composer.text == "one"


async def test_a_recalled_text_is_remembered_once_in_a_row_and_only_so_many():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"again", "enter", "up", "enter", "up", "up")
        assert app.sent == ["again", "again"]
        assert app.composer.text == "again"
        app.composer.clear_line()
        for number in range(HISTORY + 5):
            app.composer.load_text(f"n{number}")
            app.composer.clear_line()
        for _ in range(HISTORY + 20):
            app.post_message(events.Key("up", None))
        await pilot.pause()
        assert app.composer.text == "n5"


async def test_a_draft_and_a_history_belong_to_their_room():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"said in lobby", "enter", *"half a th")
        app.composer.show_room("#games")
        assert app.composer.is_empty
        await pilot.press("up")
        assert app.composer.is_empty
        await pilot.press(*"other")
        app.composer.show_room("#lobby")
        await pilot.press(*"ought")
        assert app.composer.text == "half a thought"
        assert app.composer.unsent_rooms == ["#lobby", "#games"]
        await pilot.press("up")
        assert app.composer.text == "said in lobby"


async def test_a_renamed_conversation_keeps_its_draft():
    app = Bar()
    async with app.run_test() as pilot:
        app.composer.show_room("@bob")
        await pilot.press(*"dear")
        app.composer.rename_room("@bob", "@rob")
        app.composer.show_room("#lobby")
        app.composer.show_room("@rob")
        assert app.composer.text == "dear"


async def test_clearing_the_line_is_undone_by_up():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"precious")
        app.composer.clear_line()
        assert app.composer.is_empty
        await pilot.press("up")
        assert app.composer.text == "precious"


async def test_tab_cycles_through_the_nicks_and_shift_tab_goes_back():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"bo")
        seen = []
        for key in ("tab", "tab", "tab", "shift+tab"):
            await pilot.press(key)
            seen.append(app.composer.text)
        assert seen == ["bob: ", "bobby: ", "bob: ", "bobby: "]
        assert app.composer.offered == (("bob", "bobby"), 1)


async def test_typing_on_ends_the_walk():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"bo", "tab", *"hi ca", "tab")
        assert app.composer.text == "bob: hi carol "
        await pilot.press("left")
        assert app.composer.offered is None


async def test_tab_completes_in_the_middle_and_in_a_later_line():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press("x", "ctrl+j", *"bo !", "left", "left", "tab")
        assert app.composer.text == "x\nbob !"


async def test_tab_on_nothing_known_changes_nothing_and_keeps_the_focus():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"xyzzy", "tab", "shift+tab", "!")
        assert app.composer.text == "xyzzy!"


async def paste(app, pilot, text):
    app.post_message(events.Paste(text))
    await pilot.pause()


async def test_a_short_paste_goes_in_where_the_cursor_is_cleaned():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"ab", "left")
        await paste(app, pilot, "1\r\n2\t\x1b[31m\u202e3\n")
        assert app.composer.text == "a1\n2 [31m3b"
        assert app.pasted == app.refused == []


async def test_a_paste_of_many_lines_asks_first():
    app = Bar()
    async with app.run_test() as pilot:
        text = "\n".join("x" * (PASTED_LINES + 1))
        await paste(app, pilot, text)
        assert app.composer.is_empty
        assert app.pasted == [(text, PASTED_LINES + 1)]
        app.composer.take_in(text)
        await pilot.press("enter")
        assert app.sent == [LINE_BREAK.join("x" * (PASTED_LINES + 1))]


async def test_a_paste_that_no_message_holds_is_refused_and_what_was_written_stays():
    app = Bar()
    async with app.run_test() as pilot:
        await pilot.press(*"so far")
        await paste(app, pilot, "ä" * (TEXT_BYTES // 2))
        assert app.composer.text == "so far"
        assert "3,500" in app.refused[0]


async def test_a_text_too_long_is_not_sent_and_stays():
    app = Bar()
    async with app.run_test() as pilot:
        await app.write(pilot, "x" * (TEXT_BYTES + 1))
        await pilot.press("enter")
        assert app.sent == []
        assert len(app.composer.text) == TEXT_BYTES + 1
        assert "3,501" in app.refused[0]


async def test_markup_in_a_rooms_name_is_only_text():
    app = Bar()
    async with app.run_test() as pilot:
        app.composer.show_room("#[/]")
        await pilot.pause()
        assert "Message #[/]" in str(app.composer.placeholder)


async def test_a_nick_that_was_clicked_is_written_like_one_that_was_completed():
    app = Bar()
    async with app.run_test() as pilot:
        app.composer.say_to("bob")
        assert app.composer.text == "bob: "
        await pilot.press(*"and")
        app.composer.say_to("carol")
        assert app.composer.text == "bob: and carol "


async def test_keys_work_in_the_order_in_which_they_were_pressed_however_fast():
    app = Bar()
    async with app.run_test() as pilot:
        # As a fast typist's terminal sends them: all at once.
        for key in (*"hellp", "backspace", "o", "enter", *"bo", "tab", *"ok", "enter", *"more"):
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        assert app.sent == ["hello", "bob: ok"]
        assert app.composer.text == "more"


async def test_a_secret_is_not_brought_back_to_the_screen():
    app = Bar()
    async with app.run_test() as pilot:
        app.composer.insert("/nick ann correct-horse")
        await pilot.press("enter", "up")
        assert app.sent == ["/nick ann correct-horse"]
        assert app.composer.is_empty
        app.composer.insert("/secret another-horse")
        await pilot.press("enter", "up", "ctrl+z")
        assert app.composer.is_empty
        app.composer.insert("/nick ann")
        await pilot.press("enter", "up")
        assert app.composer.text == "/nick ann"
