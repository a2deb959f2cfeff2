"""The app on a scripted connection: bells and the title."""

from __future__ import annotations

from textual import events

from tests.tui.screens import WELCOME, Running, join_games


class Attracted:
    """Counts what the app asks of the terminal."""

    def __init__(self, app):
        self.notes, self.titles = [], []
        app.terminal.attract = lambda who, text: self.notes.append((who, text))
        app.terminal.set_title = self.titles.append


MENTION = "2026-11-22T16:59:00Z msg {id} #lobby bob: ann: look"


async def test_a_mention_rings_only_while_the_terminal_has_no_focus():
    async with Running() as on:
        terminal = Attracted(on.app)
        await on.receive(MENTION.format(id=1041))
        assert terminal.notes == []
        on.app.post_message(events.AppBlur())
        await on.pilot.pause()
        await on.receive(MENTION.format(id=1042))
        await on.receive("2026-11-22T16:59:00Z msg 1043 #lobby bob: just talk")
        await on.receive("2026-11-22T16:59:01Z msg 1044 @ann bob: for you␤alone")
        assert terminal.notes == [("bob", "ann: look"), ("bob", "for you alone")]
        on.app.post_message(events.AppFocus())
        await on.pilot.pause()
        await on.receive(MENTION.format(id=1045))
        assert len(terminal.notes) == 2


async def test_replayed_history_never_rings():
    async with Running(is_connected=False) as on:
        terminal = Attracted(on.app)
        on.app.post_message(events.AppBlur())
        await on.pilot.pause()
        on.script.connect(WELCOME)
        await on.receive(f"""
            2026-11-22T16:51:00Z begin since 1030
            {MENTION.format(id=1039)}
            2026-11-22T16:51:00Z end since 1040
            2026-11-22T16:51:00Z begin history #lobby
            {MENTION.format(id=1040)}
            2026-11-22T16:51:00Z end history #lobby
        """)
        assert "ann: look" in on.text
        assert terminal.notes == []


async def test_the_title_counts_what_is_unread():
    async with Running() as on:
        await join_games(on)
        terminal = Attracted(on.app)
        await on.receive(MENTION.format(id=1041))
        assert terminal.titles[-1] == "(1) #games · Talkline"
        await on.press("alt+1")
        assert terminal.titles[-1] == "#lobby · Talkline"
