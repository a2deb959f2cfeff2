"""Who has a name of his own is marked so, also when he took it after the names were asked for."""

from __future__ import annotations

import time

import pytest

from chat_tui.model.census import MARKS_SECONDS
from tests.servers import Server
from tests.tui.driven_model import DrivenModel
from tests.tui.test_core_with_server import App, apps, open_app, server  # noqa: F401


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online(others="guest-7 @+carl")
    return app


def marks(app: DrivenModel, room: str = "#lobby") -> dict[str, bool]:
    return {nick: name.is_claimed for nick, name in app.model.rooms[room].people.items()}


def test_after_another_nick_the_names_are_asked_for_again(app: DrivenModel) -> None:
    app.feed("nick guest-7 bob")
    assert marks(app)["bob"] is False
    app.tick()
    assert app.take_sent() == ["/who #lobby"]
    app.who("#lobby", "ann +bob @+carl")
    assert marks(app)["bob"] is True
    app.tick(60)
    assert app.take_sent() == [], "nothing has changed since"


def test_a_nick_that_stays_the_same_is_no_news_but_may_be_claimed_now(app: DrivenModel) -> None:
    app.feed("nick guest-7 guest-7")
    assert app.rows() == [] and "guest-7" in marks(app)
    app.tick()
    assert app.take_sent() == ["/who #lobby"]


def test_they_are_asked_for_at_most_every_ten_seconds(app: DrivenModel) -> None:
    sent = []
    for second in range(21):
        app.feed(f"nick {'guest-7' if second == 0 else f'nick-{second - 1}'} nick-{second}")
        app.tick()
        sent += app.take_sent()
        if sent:
            app.who("#lobby", f"ann nick-{second} @+carl")
    assert sent == ["/who #lobby"] * 3


def test_a_room_that_is_not_shown_is_asked_about_when_it_is(app: DrivenModel) -> None:
    app.feed("join #games ann", "begin who #games", "who #games ann guest-7", "end who #games")
    app.take_sent()
    app.feed("nick guest-7 bob")
    app.tick()
    assert app.take_sent() == ["/who #lobby"]
    app.do(app.model.switch_to("#games"))
    app.tick()
    assert app.take_sent() == ["/who #games"]


def test_a_crowd_is_not_asked_about_for_a_nick(app: DrivenModel) -> None:
    app.who("#lobby", " ".join(["ann", "guest-7", *(f"nick-{number}" for number in range(300))]))
    app.feed("nick guest-7 bob")
    app.tick()
    assert app.take_sent() == []


def test_who_comes_into_a_room_is_marked_as_elsewhere_or_asked_about(app: DrivenModel) -> None:
    app.feed("join #games ann", "begin who #games", "who #games ann", "end who #games")
    app.take_sent()
    app.do(app.model.switch_to("#games"))
    app.feed("join #games carl")
    assert marks(app, "#games")["carl"] is True
    app.tick()
    assert app.take_sent() == []
    app.feed("join #games dee")
    app.tick()
    assert app.take_sent() == ["/who #games"]


def test_who_claims_his_name_under_the_eyes_of_an_app_is_marked_there(
    server: Server,  # noqa: F811
    apps: list[App],  # noqa: F811
) -> None:
    ann = open_app(apps, server.port, "ann")
    bob = server.connect()
    bob.send("/nick bob his-long-secret")
    ann.wait_for(lambda: "bob" in ann.model.current.people, "bob's name")
    # As if the names had not been asked for just before, when he came.
    ann.do(ann.model.tick(time.time() + MARKS_SECONDS))
    ann.wait_for(lambda: ann.model.current.people["bob"].is_claimed, "the mark")
