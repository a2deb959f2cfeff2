"""How others join: what they type, shown at any time."""

from __future__ import annotations

import pytest

from chat_tui.screens.others import Others, ways
from tests.tui.screens import Running, until


@pytest.mark.parametrize(
    ("place", "lines"),
    [
        (("den.example", 5000), ["chat-tui den.example", "nc den.example 5000"]),
        (("den.example", 5001), ["chat-tui den.example:5001", "nc den.example 5001"]),
        (("2001:db8::7", 5000), ["chat-tui [2001:db8::7]:5000", "nc 2001:db8::7 5000"]),
        (
            ("localhost", 5000),
            ["chat-tui 192.0.2.7", "nc 192.0.2.7 5000", "chat-tui", "nc localhost 5000"],
        ),
        (
            ("127.0.0.1", 5001),
            ["chat-tui 192.0.2.7:5001", "nc 192.0.2.7 5001", "chat-tui localhost:5001", "nc localhost 5001"],
        ),
    ],
)
def test_the_lines_are_what_one_types(place, lines):
    assert [line for _, some in ways(*place, "192.0.2.7") for line in some] == lines


def test_a_server_of_somebody_else_here_may_keep_to_this_machine():
    assert ", if" in ways("localhost", 5000, "192.0.2.7")[0][0]
    assert ", if" not in ways("localhost", 5000, "192.0.2.7", is_hosted=True)[0][0]


def test_without_a_network_others_are_on_this_machine():
    assert ways("localhost", 5000, "localhost") == [("On this machine", ("chat-tui", "nc localhost 5000"))]


@pytest.mark.parametrize("size", [(120, 35), (80, 24), (50, 20)])
async def test_the_menu_shows_them_and_enter_copies_one(size, monkeypatch):
    monkeypatch.setattr("chat_tui.app.own_address", lambda: "192.0.2.7")
    async with Running(size=size, host="localhost", port=5001) as on:
        await on.press("f2")
        await until(on.pilot, lambda: "Menu" in on.text)
        await on.write("others join")
        await on.press("enter")
        await until(on.pilot, lambda: isinstance(on.app.screen, Others) and "nc localhost 5001" in on.text)
        assert "chat-tui 192.0.2.7:5001" in on.text and "nothing to install" in on.text
        await on.press("down", "enter")
        await until(on.pilot, lambda: on.app.clipboard == "nc 192.0.2.7 5001")
        await until(on.pilot, lambda: "Copied" in on.text)
        await on.press("escape")
        await until(on.pilot, lambda: on.app.screen is on.chat)
