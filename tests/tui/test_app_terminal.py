"""What the app says to the terminal, and what it finds out about it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from textual._xterm_parser import XTermParser

from chat_tui.screens.help import Help
from chat_tui.settings import Settings
from chat_tui.terminal import BETWEEN_NOTES, Terminal, has_light_background, is_light_reply, learn_alt_keys
from tests.tui.screens import Running, until


class Driver:
    def __init__(self):
        self.written = ""

    def write(self, text):
        self.written += text

    def flush(self):
        pass


def a_terminal(environ=None, attention="auto", *, is_headless=False):
    driver, now = Driver(), SimpleNamespace(seconds=100.0)
    app = SimpleNamespace(_driver=driver, is_headless=is_headless)
    return Terminal(app, attention, clock=lambda: now.seconds, environ=environ or {}), driver, now


def test_the_title_is_set_and_the_old_one_comes_back():
    terminal, driver, _ = a_terminal()
    terminal.set_title("(2) #lobby · Talkline")
    terminal.set_title("(2) #lobby · Talkline")
    terminal.restore_title()
    assert driver.written == "\x1b[22;2t\x1b]2;(2) #lobby · Talkline\x07\x1b[23;2t"


async def test_ctrl_l_wipes_the_screen_first_and_so_does_a_page_closed_over_what_terminals_measure_differently():
    async with Running() as on:
        driver = Driver()
        on.app.terminal._write = driver.write

        async def page():
            await on.press("f1")
            await until(on.pilot, lambda: isinstance(on.app.screen, Help))
            driver.written = ""
            await on.press("escape")
            await until(on.pilot, lambda: on.app.screen is on.chat)
            return "\x1b[2J" in driver.written

        await on.receive("2026-11-22T17:00:00Z msg 1041 #lobby bob: plain")
        assert not await page()
        await on.receive("2026-11-22T17:00:01Z msg 1042 #lobby bob: a heart ❤️ here")
        assert await page()
        await on.press("ctrl+l")
        assert driver.written.count("\x1b[2J") == 2


def test_a_title_holds_nothing_that_acts_on_the_terminal_and_is_short():
    terminal, driver, _ = a_terminal()
    terminal.set_title("#x\x07\x1b]0;owned\x9c" + "y" * 500)
    inside = driver.written.removeprefix("\x1b[22;2t\x1b]2;").removesuffix("\x07")
    assert inside.isprintable()
    assert len(inside) <= 80


@pytest.mark.parametrize(
    ("environ", "note"),
    [
        ({}, "\x07"),
        ({"TERM": "xterm-256color"}, "\x07"),
        ({"TERM_PROGRAM": "iTerm.app"}, "\x1b]9;bob: hi; you\x07"),
        ({"KITTY_WINDOW_ID": "1"}, "\x1b]9;bob: hi; you\x07"),
        ({"TERM": "foot"}, "\x1b]777;notify;bob;hi; you\x07"),
        ({"TERM_PROGRAM": "ghostty", "TMUX": "/tmp/x"}, "\x07"),
    ],
)
def test_a_note_is_what_this_terminal_shows_and_else_the_bell(environ, note):
    terminal, driver, _ = a_terminal(environ)
    assert terminal.attract("bob", "hi; you")
    assert driver.written == note


def test_a_note_holds_nothing_that_acts_on_the_terminal():
    terminal, driver, _ = a_terminal({"TERM_PROGRAM": "WezTerm"})
    terminal.attract("b\x1bob", "\x07\x1b]52;c;AAAA\x07" + "z" * 1000)
    inside = driver.written.removeprefix("\x1b]9;").removesuffix("\x07")
    assert inside.isprintable()
    assert len(inside) < 200


def test_a_lively_room_rings_once():
    terminal, driver, now = a_terminal()
    assert [terminal.attract("bob", "hi") for _ in range(5)] == [True, False, False, False, False]
    now.seconds += BETWEEN_NOTES
    assert terminal.attract("bob", "hi")
    assert driver.written == "\x07\x07"


def test_attention_can_be_a_bell_only_or_nothing():
    terminal, driver, _ = a_terminal({"TERM_PROGRAM": "kitty", "KITTY_WINDOW_ID": "1"}, "bell")
    assert terminal.attract("bob", "hi")
    assert driver.written == "\x07"
    terminal, driver, _ = a_terminal(attention="off")
    assert not terminal.attract("bob", "hi")
    assert driver.written == ""


def test_without_a_real_terminal_nothing_is_written():
    terminal, driver, _ = a_terminal(is_headless=True)
    terminal.set_title("x")
    terminal.attract("bob", "hi")
    assert driver.written == ""


def keys(sent):
    parser = XTermParser()
    return [event.key for event in (*parser.feed(sent), *parser.tick(), *parser.feed(""))]


def test_alt_enter_and_alt_digits_arrive_as_such_from_every_terminal():
    learn_alt_keys()
    assert keys("\x1b\r") == ["alt+enter"]
    assert keys("\r") == ["enter"]
    assert [keys(f"\x1b{digit}")[0] for digit in "123456789"] == [f"alt+{digit}" for digit in "123456789"]
    # The same in the kitty protocol.
    assert keys("\x1b[13;3u") == ["alt+enter"]
    assert keys("\x1b[13;2u") == ["shift+enter"]
    assert keys("\x1b[49;3u") == ["alt+1"]


@pytest.mark.parametrize(
    ("reply", "is_light"),
    [
        ("\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;22c", True),
        ("\x1b]11;rgb:fd/f6/e3\x07\x1b[?1;2c", True),
        ("\x1b]11;rgb:1e1e/1e1e/2e2e\x07\x1b[?1;2c", False),
        ("\x1b]11;rgba:ffff/ffff/ffff/ffff\x07", True),
        ("\x1b[?1;2c", False),
        ("", False),
    ],
)
def test_the_terminals_answer_about_its_background_is_understood(reply, is_light):
    assert is_light_reply(reply) is is_light


@pytest.mark.parametrize(
    ("value", "is_light"), [("0;15", True), ("15;0", False), ("0;7", True), ("12;default;8", False)]
)
def test_colorfgbg_is_believed(value, is_light):
    assert has_light_background({"COLORFGBG": value}) is is_light


def test_nothing_known_is_dark():
    assert not has_light_background({"TERM": "dumb"})


def test_settings_outlive_a_run(tmp_path):
    path = tmp_path / "deep" / "settings.json"
    settings = Settings.load(path)
    settings.theme, settings.attention, settings.room_order = "nord", "off", "recent"
    settings.save()
    assert Settings.load(path) == settings
    assert [entry.name for entry in path.parent.iterdir()] == ["settings.json"]


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"theme": 3, "attention": "loud", "room_order": 1, "more": 1}', "\x00\xff"]
)
def test_a_broken_settings_file_keeps_the_defaults(tmp_path, content):
    path = tmp_path / "settings.json"
    path.write_text(content)
    assert Settings.load(path) == Settings(path=path)


def test_settings_that_cannot_be_written_stop_nothing(tmp_path):
    (tmp_path / "file").write_text("in the way")
    Settings.load(tmp_path / "file" / "settings.json").save()
