"""Where the user is: what the server says of it decides the first room, and what he looks at is told to the server."""

from __future__ import annotations

import pytest

from tests.tui.driven_model import DrivenModel, history


def begin(last_room: str = "", secret: str = "xyzzy") -> DrivenModel:
    """A device that has just connected; nothing is answered yet."""
    app = DrivenModel("ann", secrets={"ann": secret}, last_room=last_room)
    app.welcome("guest-1", last=7)
    app.feed(*history(), "note You are guest-1")
    return app


def come_back(app: DrivenModel, *rooms: str, here: str, guest: str = "guest-1") -> None:
    """The login takes ann into her rooms, and the server says in which one she was last."""
    app.feed(f"nick {guest} ann")
    for room in rooms:
        app.feed(f"join {room} ann", *history(f"msg 7 {room} bob: hi", room=room))
    app.feed(f"here {here}")
    app.ok("/nick ann xyzzy")


def settle(app: DrivenModel, *unread: str) -> None:
    """Everything else of the login is answered."""
    for bare in [bare for bare in app.sent if bare.startswith("/who ")]:
        app.ok(bare)
    app.feed("begin unread", *unread, "end unread")
    app.ok("/unread")
    app.take_sent()


@pytest.fixture
def app() -> DrivenModel:
    """Ann, logged in, in the lobby, where she was last, and in #dev and #games."""
    app = begin()
    come_back(app, "#dev", "#games", here="#lobby")
    settle(app)
    return app


def told(app: DrivenModel, seconds: int = 5) -> list[str]:
    """What the server is told in so many seconds of where the user is."""
    for _ in range(seconds):
        app.tick()
    return [bare for bare in app.take_sent() if bare.startswith("/here")]


# -- which room is shown first


def test_a_new_device_opens_in_the_room_where_the_user_was_last() -> None:
    app = begin()
    come_back(app, "#dev", "#games", here="#dev")
    assert app.model.current_room == "#dev" and app.rows() == ["bob: hi"]
    settle(app, "unread #lobby 3 0 4", "unread #dev 1 0 7")
    assert not app.model.is_arriving
    assert app.model.rooms["#lobby"].unread == 3, "he has not read what was shown before"


def test_what_the_device_itself_showed_last_comes_before_that() -> None:
    for last in ("#games", "#Lobby"):
        app = begin(last)
        come_back(app, "#games", "#dev", here="#dev")
        settle(app)
        assert app.model.current_room == last.lower()


def test_it_does_not_if_the_user_is_not_in_that_room_any_more() -> None:
    app = begin("#gone")
    come_back(app, "#dev", "#games", here="#games")
    assert app.model.current_room == "#games"
    app = begin("#lobby")
    app.feed("nick guest-1 ann", "join #dev ann", *history(room="#dev"), "join #games ann", "part #lobby ann")
    app.feed("here #games")
    app.ok("/nick ann xyzzy")
    assert app.model.current_room == "#games" and list(app.model.rooms) == ["#dev", "#games"]


def test_who_writes_or_goes_somewhere_before_the_login_is_left_there() -> None:
    app = begin()
    app.model.stay()
    come_back(app, "#dev", here="#dev")
    assert app.model.current_room == "#lobby"
    app = begin()
    app.do(app.model.open_direct("bob"))
    come_back(app, "#dev", here="#dev")
    assert app.model.current_room == "@bob"
    app = DrivenModel("ann", secrets={"ann": "xyzzy"})
    app.model.stay()
    app.welcome("guest-1")
    come_back(app, "#dev", here="#dev")
    assert app.model.current_room == "#lobby", "he wrote before there was a connection"


def test_a_login_by_hand_takes_the_user_to_his_room_as_one_at_the_start_does() -> None:
    app = DrivenModel("ann", secrets={"ann": "made-here"})
    app.welcome("guest-1", last=7)
    app.feed(*history(), "note You are guest-1")
    app.err("/nick ann made-here", "bad-secret", "ann belongs to somebody")
    app.ok("/who #lobby")
    assert not app.model.is_arriving
    app.enter("/nick ann xyzzy")
    come_back(app, "#dev", here="#dev")
    assert app.model.current_room == "#dev" and not app.model.is_arriving
    assert app.rows() == ["bob: hi", "- You are ann now"]
    app.feed("here #lobby")
    assert app.model.current_room == "#dev", "that answers no login"


def test_a_login_by_hand_may_come_before_everything_of_the_first_one_is_answered() -> None:
    app = begin(secret="made-here")
    app.err("/nick ann made-here", "bad-secret", "ann belongs to somebody")
    app.enter("/nick ann xyzzy")
    app.ok("/who #lobby")
    come_back(app, "#dev", here="#dev")
    assert app.model.current_room == "#dev"


def test_who_goes_elsewhere_while_his_login_by_hand_is_answered_is_left_there() -> None:
    app = DrivenModel("ann")
    app.online("ann")
    app.feed("join #games ann")
    app.enter("/nick ann xyzzy")
    app.do(app.model.switch_to("#games"))
    come_back(app, "#dev", here="#dev", guest="ann")
    assert app.model.current_room == "#games"


def test_a_refused_login_by_hand_leaves_the_user_where_he_is() -> None:
    app = DrivenModel("ann")
    app.online("ann")
    app.enter("/nick ann xyzzy")
    assert app.model.is_arriving
    app.err("/nick ann xyzzy", "bad-secret", "ann belongs to somebody")
    assert not app.model.is_arriving
    app.enter("/nick ann xyzzy")
    app.lose()
    assert not app.model.is_arriving


def test_a_reconnection_moves_nobody_and_tells_nothing_again(app: DrivenModel) -> None:
    app.do(app.model.switch_to("#games"))
    assert told(app) == ["/here #games"]
    app.ok("/here #games")
    app.lose()
    app.welcome("guest-2", last=7)
    # On the phone he has looked at #dev since.
    app.feed(*history(), "note You are guest-2")
    come_back(app, "#dev", "#games", here="#dev", guest="guest-2")
    settle(app)
    assert app.model.current_room == "#games" and told(app) == []


# -- what the server is told


def test_a_room_that_is_looked_at_for_some_seconds_is_told_once(app: DrivenModel) -> None:
    assert told(app) == [], "the server has said so itself"
    app.do(app.model.switch_to("#games"))
    assert told(app, 2) == []
    app.do(app.model.switch_to("#dev"))
    assert told(app, 3) == [], "he went through #games only"
    assert told(app) == ["/here #dev"]
    app.feed("here #dev")
    app.ok("/here #dev")
    assert app.model.current_room == "#dev" and told(app, 100) == []


def test_what_is_left_at_once_is_told_with_the_last_word(app: DrivenModel) -> None:
    app.do(app.model.switch_to("#games"))
    app.do(app.model.tell_last())
    assert app.take_sent() == ["/here #games"]
    app.do(app.model.tell_last())
    assert app.take_sent() == []


def test_a_conversation_with_one_person_and_a_room_that_one_is_not_in_are_not_told(app: DrivenModel) -> None:
    app.do(app.model.open_direct("bob"))
    assert told(app) == []
    app.do(app.model.switch_to("#games"))
    app.feed("part #games ann", "part #dev ann", "part #lobby ann")
    assert told(app) == []
    app.do(app.model.tell_last())
    assert app.take_sent() == []


def test_a_guest_tells_nothing() -> None:
    app = DrivenModel("ann")
    app.online("ann")
    app.feed("join #games ann")
    app.do(app.model.switch_to("#games"))
    app.take_sent()
    assert told(app) == []


def test_who_looks_elsewhere_tells_it_when_he_looks_here_again(app: DrivenModel) -> None:
    app.do(app.model.switch_to("#games"))
    assert told(app) == ["/here #games"]
    app.ok("/here #games")
    app.do(app.model.look(False))
    assert told(app) == []
    app.do(app.model.look(True))
    assert told(app) == ["/here #games"], "on the phone he may have been in another one"


def test_who_writes_tells_it_again_after_a_minute(app: DrivenModel) -> None:
    app.do(app.model.switch_to("#games"))
    assert told(app) == ["/here #games"]
    app.ok("/here #games")
    app.model.stay()
    assert told(app, 70) == []
    app.model.stay()
    assert told(app) == ["/here #games"]


def test_what_was_not_answered_is_told_on_the_next_connection(app: DrivenModel) -> None:
    app.do(app.model.switch_to("#games"))
    assert told(app) == ["/here #games"]
    app.lose()
    app.welcome("guest-2", last=7)
    app.feed(*history(), "note You are guest-2")
    come_back(app, "#dev", "#games", here="#lobby", guest="guest-2")
    settle(app)
    assert told(app) == ["/here #games"]


def test_a_server_that_does_not_know_the_word_is_not_told_again_on_that_connection(app: DrivenModel) -> None:
    app.do(app.model.switch_to("#games"))
    told(app)
    app.err("/here #games", "unknown-command", "/here is not a command")
    assert app.rows() == ["bob: hi"], "nobody asked for it"
    app.do(app.model.switch_to("#dev"))
    assert told(app, 30) == []


def test_a_server_that_is_not_up_to_it_is_told_later(app: DrivenModel) -> None:
    app.do(app.model.switch_to("#games"))
    told(app)
    app.err("/here #games", "slow-down", "Too many lines")
    assert told(app, 8) == [] and told(app, 5) == ["/here #games"]


def test_what_is_about_the_servers_room_goes_there_whatever_becomes_of_it(app: DrivenModel) -> None:
    app.enter("/me waves")
    assert app.take_sent() == ["/me waves"], "the server has said that this is its room"
    app.do(app.model.switch_to("#games"))
    assert told(app) == ["/here #games"]
    app.enter("/me nods")
    assert app.take_sent() == ["/join #games", "/me nods"], "not answered yet"
    app.do(app.model.switch_to("#dev"))
    assert told(app) == ["/here #dev"]
    app.feed("here #dev")
    app.ok("/here #dev")
    app.enter("/me nods")
    assert app.take_sent() == ["/me nods"]


def test_the_command_shows_a_room_and_says_which_one_is_shown(app: DrivenModel) -> None:
    app.enter("/here #DEV")
    assert app.model.current_room == "#dev"
    app.enter("/here")
    assert app.rows()[-1] == "- What you type goes to #dev"
    assert not app.enter("/here #elsewhere").is_taken
    assert app.rows()[-1].startswith("! You are not in #elsewhere")
    assert app.take_sent() == []
