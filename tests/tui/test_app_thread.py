"""A thread as the server tells it and as the app draws it: answers, reactions, an edit, signs in the text."""

from __future__ import annotations

from chat_tui.screens.pick import Pick
from tests.tui.screens import Running, until

THREAD = """
    2026-11-22T16:50:05Z msg 1041 #lobby bob: who is in for *games night*?
    2026-11-22T16:53:00Z msg 1042 #lobby Zoë ^1041: me, if we start after _eight_ @bob
    2026-11-22T16:53:10Z react 1043 #lobby carol ^1041: 👍
    2026-11-22T16:53:11Z react 1044 #lobby ann ^1041: 👍
    2026-11-22T16:53:12Z edit 1045 #lobby bob ^1041: who is in for *games* at eight?
    2026-11-22T16:54:12Z msg 1046 #lobby bob ^12: well ||so||
"""


async def test_a_thread_shows_what_is_answered_what_was_changed_and_who_likes_it() -> None:
    async with Running(size=(80, 16)) as on:
        await on.receive(THREAD)
        said = [row.partition("│ ")[2] for row in on.text.splitlines() if "│ " in row]
        assert said == [
            "who is in for games at eight? (edited)",
            " 👍 2",
            "↳ bob: who is in for games at eight?",
            "me, if we start after eight @bob",
            "↳ a message that is not loaded",
            "well ▒▒",
        ]


async def test_the_names_of_the_people_in_the_room_are_lit_up_as_they_come_and_go() -> None:
    async with Running(size=(80, 16)) as on:
        await on.receive(THREAD)
        log = on.chat.logs.current
        before = log._named
        await on.receive("2026-11-22T16:55:00Z join #lobby dave")
        assert set(log._named.people.values()) == {*before.people.values(), "dave"}
        assert before.own == "ann"


async def test_after_a_reaction_what_is_typed_is_for_the_room_again() -> None:
    async with Running(size=(80, 16)) as on:
        await on.receive(THREAD)
        await on.press("alt+up", "plus")
        await until(on.pilot, lambda: isinstance(on.app.screen, Pick))
        await on.write("tada")
        await until(on.pilot, lambda: "🎉 tada" in on.text)
        await on.press("enter")
        await until(on.pilot, lambda: on.app.screen is on.chat and "react 1046 🎉" in on.script.sent[-1])
        await on.write("really")
        assert on.composer.text == "really" and on.composer.purpose is None
