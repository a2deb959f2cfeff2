"""The room in which the app opens shows where one left off, and is read when that was seen."""

from __future__ import annotations

import pytest

from tests.tui.driven_model import DrivenModel, history

SAID = [f"msg {id} #lobby bob: {'ann, look' if id == 5 else f'line {id}'}" for id in range(1, 7)]


@pytest.fixture
def app() -> DrivenModel:
    """Somebody with a name of his own, who has read up to 3 of 6 messages and opens the app."""
    app = DrivenModel("ann", secrets={"ann": "xyzzy"})
    app.welcome("guest-1", last=6)
    app.feed("begin history #lobby", *SAID, "end history #lobby", "note You are guest-1")
    app.tick(5)
    app.feed("nick guest-1 ann", "here #lobby")
    app.ok("/nick ann xyzzy")
    app.tick(5)
    app.feed("begin unread", "unread #lobby 3 1 4", "end unread")
    app.ok("/unread")
    app.take_sent()
    return app


def counts(app: DrivenModel) -> tuple[int, int, str | None]:
    here = app.model.current
    return here.unread, here.mentions, here.unread_from


def told(app: DrivenModel) -> list[str]:
    app.tick(5)
    return [line for line in app.take_sent() if line.startswith("/read")]


def test_the_line_stands_where_one_left_off_and_nothing_is_read_before_it_is_in_sight(
    app: DrivenModel,
) -> None:
    app.do(app.model.look(True, True, False))
    assert counts(app) == (3, 1, "e4") and told(app) == []


@pytest.mark.parametrize("first", [(False, True, True), (True, False, False)])
def test_it_is_read_when_the_line_and_the_end_were_seen_by_somebody_who_looks(
    app: DrivenModel, first: tuple[bool, bool, bool]
) -> None:
    app.do(app.model.look(*first))
    assert counts(app) == (3, 1, "e4") and told(app) == []
    app.do(app.model.look(True, False, True))
    app.do(app.model.look(True, True, False))
    assert counts(app) == (0, 0, "e4") and told(app) == ["/read #lobby 6"], "the line stays for now"
    app.feed("unread #lobby 0 0 7")
    assert counts(app) == (0, 0, "e4"), "that was the answer"


def test_what_is_said_meanwhile_is_unread_too(app: DrivenModel) -> None:
    app.do(app.model.look(True, True, False))
    app.feed("msg 7 #lobby bob: and on")
    assert counts(app) == (4, 1, "e4")


def test_it_is_read_when_the_user_says_something_or_that_he_has_caught_up(app: DrivenModel) -> None:
    app.do(app.model.look(True, True, False))
    app.do(app.model.catch_up())
    assert counts(app) == (0, 0, "e4") and told(app) == ["/read #lobby 6"]


def test_who_answers_has_read(app: DrivenModel) -> None:
    app.do(app.model.look(True, True, False))
    app.enter("what is it?")
    assert counts(app) == (0, 0, "e4")


def test_it_stays_unread_when_the_user_goes_elsewhere_before(app: DrivenModel) -> None:
    app.do(app.model.look(True, True, False))
    app.feed("join #games ann")
    app.do(app.model.switch_to("#games"))
    lobby = app.model.rooms["#lobby"]
    assert (lobby.unread, lobby.unread_from) == (3, "e4") and told(app) == []


def test_it_is_read_here_when_it_is_read_on_another_device(app: DrivenModel) -> None:
    app.do(app.model.look(True, True, False))
    app.feed("unread #lobby 0 0 7")
    assert counts(app)[:2] == (0, 0) and not app.model.current.is_unseen


def test_a_later_connection_draws_no_line_through_what_was_in_sight(app: DrivenModel) -> None:
    app.do(app.model.look(True, True, True))
    assert told(app) == ["/read #lobby 6"]
    app.lose()
    app.welcome("guest-2", last=7)
    app.feed("nick guest-2 ann", "begin since 6", "msg 7 #lobby bob: meanwhile", "end since 7")
    app.ok("/nick ann xyzzy")
    app.feed("begin unread", "unread #lobby 1 0 7", "end unread")
    app.ok("/unread")
    assert counts(app)[0] == 0 and not app.model.current.is_unseen


def returning(last_room: str = "#dev") -> DrivenModel:
    """The same one day later, when he was in another room last."""
    app = DrivenModel("ann", secrets={"ann": "xyzzy"}, last_room=last_room)
    app.welcome("guest-1", last=7)
    app.feed("begin history #lobby", *SAID, "end history #lobby", "note You are guest-1")
    return app


def log_in(app: DrivenModel, room: str = "#dev") -> None:
    app.feed("nick guest-1 ann", f"join {room} ann", *history(f"msg 7 {room} bob: hi", room=room))
    app.feed("here #lobby")
    app.ok("/nick ann xyzzy")
    app.feed("begin unread", "unread #lobby 3 1 4", f"unread {room} 1 0 7", "end unread")
    app.ok("/unread")
    app.who("#lobby", "ann bob")


def test_the_app_opens_in_the_room_that_was_shown_last_and_the_first_one_stays_unread() -> None:
    app = returning()
    log_in(app)
    lobby = app.model.rooms["#lobby"]
    assert app.model.current_room == "#dev"
    assert app.rows() == ["bob: hi", "- 3 unread since 16:53, 1 for you: Alt-A"]
    assert (lobby.unread, lobby.unread_from) == (3, "e4") and app.model.current.unread_from == "e7"
    app.tick(5)
    assert not [line for line in app.take_sent() if line.startswith("/read #lobby")]


def test_it_opens_in_the_servers_room_if_one_is_not_in_the_last_one_any_more() -> None:
    app = returning("#gone")
    assert app.model.is_arriving
    log_in(app)
    assert app.model.current_room == "#lobby" and not app.model.is_arriving
    app.feed("join #gone ann")
    assert app.model.current_room == "#lobby", "that was on another device, and later"


def test_who_writes_or_goes_somewhere_himself_is_left_there() -> None:
    app = returning()
    app.model.stay()
    log_in(app)
    assert app.model.current_room == "#lobby"
    app = returning()
    app.do(app.model.open_direct("bob"))
    log_in(app)
    assert app.model.current_room == "@bob"
