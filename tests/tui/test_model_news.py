"""What counts as unread and what notifies, by the app's own counting."""

from __future__ import annotations

import pytest

from chat_tui.model import (
    RoomsChanged,
)
from tests.tui.driven_model import DrivenModel


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def test_what_is_said_elsewhere_is_unread_until_it_is_shown(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.feed("msg 7 #games bob: hi", "msg 8 #games bob: Ann, look!", "act 9 #games bob: waits")
    games = app.model.rooms["#games"]
    assert (games.unread, games.mentions, games.unread_from) == (3, 1, "e7")
    assert app.model.unread == 3 and RoomsChanged() in app.changes and app.notified() == ["Ann, look!"]
    app.do(app.model.switch_to("#games"))
    assert (games.unread, games.mentions, games.unread_from) == (0, 0, "e7"), (
        "the line stays while one is there"
    )
    app.do(app.model.switch_to("#lobby"))
    assert games.unread_from is None


def test_what_is_said_in_sight_is_not_unread_but_may_notify(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: ann?")
    assert app.model.unread == 0 and app.notified() == ["ann?"]


def test_while_nobody_looks_the_current_room_gathers_unread_too(app: DrivenModel) -> None:
    app.do(app.model.look(False))
    app.feed("msg 7 #lobby bob: hi")
    assert (app.model.unread, app.model.current.unread_from) == (1, "e7")
    app.do(app.model.look(True))
    assert (app.model.unread, app.model.current.unread_from) == (0, "e7")
    app.do(app.model.look(False))
    assert app.model.current.unread_from is None


def test_ones_own_lines_are_never_unread_nor_mentions(app: DrivenModel) -> None:
    app.feed("join #games ann", "msg 7 #games ann: ann says ann")
    assert app.model.unread == 0 and app.notified() == []
    [message] = app.messages("#games")
    assert message.is_own and not message.mentions_me


def test_a_topic_is_shown_and_kept(app: DrivenModel) -> None:
    app.feed("topic 7 #lobby bob: All about ann")
    assert app.model.current.topic == "All about ann" and app.rows() == ["~ bob set the topic: All about ann"]
    assert app.model.unread == 0
    app.feed("topic 8 #lobby bob:")
    assert app.model.current.topic == "" and app.rows()[-1] == "~ bob took the topic away"


def test_the_server_may_know_better_what_is_unread(app: DrivenModel) -> None:
    app.feed("join #games ann", "unread #games 12 2 41", "unread #lobby 5 0 3", "unread #nowhere 1 1 1")
    games = app.model.rooms["#games"]
    assert (games.unread, games.mentions, games.unread_from) == (12, 2, "e41")
    assert app.model.current.unread == 0
    app.feed("unread #games 0 0 50")
    assert (games.unread, games.mentions, games.unread_from) == (0, 0, None)
