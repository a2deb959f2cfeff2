"""The nick: wished for, taken, refused, proved."""

from __future__ import annotations

import pytest

from chat_tui.model import SecretProved, StatusChanged
from tests.tui.driven_model import DrivenModel, history


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def test_the_nick_is_what_the_server_last_said(app: DrivenModel) -> None:
    assert app.model.nick == "ann"
    app.feed("nick ann anna")
    assert app.model.nick == "anna" and app.rows() == ["- You are anna now"]
    assert StatusChanged() in app.changes


def test_a_taken_nick_is_told_once_and_asked_for_again_a_few_times() -> None:
    app = DrivenModel()
    app.welcome()
    app.err("/nick ann", "nick-taken", "ann is taken; ann2 is free: /nick ann2")
    assert app.model.nick == "guest-1"
    app.take_sent()
    asked = 0
    for _ in range(60):
        app.tick(1.0)
        for line in app.take_sent():
            assert line == "/nick ann"
            asked += 1
            app.err(line, "nick-taken", "ann is taken; ann2 is free: /nick ann2")
    assert asked == 4
    assert app.rows() == ["! ann is taken; ann2 is free: /nick ann2"]
    app.lose()
    app.welcome()
    assert "/nick ann" in app.sent, "a new connection, a new try"


def test_a_nick_that_comes_free_is_taken_and_told() -> None:
    app = DrivenModel()
    app.welcome()
    app.err("/nick ann", "nick-taken", "ann is taken")
    app.take_sent()
    app.tick(5.1)
    assert app.take_sent() == ["/nick ann"]
    app.feed("nick guest-1 ann")
    app.ok("/nick ann")
    assert app.model.nick == "ann" and app.rows() == ["! ann is taken", "- You are ann now"]
    app.tick(60.0)
    assert app.take_sent() == []


def test_a_nick_that_can_never_be_is_not_asked_for_again() -> None:
    app = DrivenModel(nick="admin")
    app.welcome()
    app.err("/nick admin", "bad-nick", "admin is reserved")
    app.take_sent()
    app.tick(60.0)
    assert app.take_sent() == []


def test_a_wish_that_no_line_could_carry_is_told() -> None:
    app = DrivenModel(nick="ann smith")
    app.welcome()
    assert app.sent == ["/who #lobby"]
    assert app.rows() == ["! ann smith cannot be a nick; choose another one: /nick NAME"]


def test_a_nick_that_was_typed_is_wished_for_from_then_on(app: DrivenModel) -> None:
    app.enter("/nick Zoë")
    assert app.take_sent() == ["/nick Zoë"]
    app.feed("nick ann Zoë")
    app.ok("/nick Zoë")
    assert (app.model.nick, app.model.wished_nick) == ("Zoë", "Zoë")
    assert app.rows() == ["- You are Zoë now"]
    app.lose()
    app.welcome()
    assert app.sent[0] == "/nick Zoë"


def test_a_nick_with_a_secret_is_proved_on_every_connection() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    assert app.sent[0] == "/nick ann s3cret"
    app.enter("/nick dee")
    assert app.sent[-1] == "/nick dee"
    app.enter("/nick dee hers")
    app.feed("nick guest-1 dee")
    app.ok("/nick dee hers")
    app.lose()
    app.welcome()
    assert app.sent[0] == "/nick dee hers"


def test_a_changed_secret_proves_the_name_once_the_server_has_taken_it_and_is_to_be_kept() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    app.feed("nick guest-1 ann")
    app.ok("/nick ann s3cret")
    app.enter("/secret too")
    app.err("/secret too", "bad-args", "/secret is used like this: /secret SECRET")
    assert app.model.own_secret == "s3cret"
    app.enter("/secret another-one")
    assert app.model.own_secret == "s3cret"
    changes = app.ok("/secret another-one")
    assert SecretProved("ann", "another-one") in changes and app.model.own_secret == "another-one"
    app.lose()
    app.welcome()
    assert app.sent[0] == "/nick ann another-one"
    assert not [row for row in app.rows() if "another-one" in row]
    assert "another-one" not in repr(app.model._session.asked)


def test_a_secret_is_not_changed_where_others_could_read_it(app: DrivenModel) -> None:
    app.model._session.identity.is_private = False
    app.enter("/secret another-one")
    assert "/secret another-one" not in app.sent
    assert app.rows() == ["! This connection is not encrypted, so the secret was not sent"]


OWN = "- You are annie now. The name is yours: this device keeps its secret"


def test_who_takes_another_name_of_his_own_is_told_once_what_he_is_called_then() -> None:
    app = DrivenModel(secrets={"ann": "s3cret", "annie": "s3cret-too"})
    app.welcome()
    app.settle()
    app.enter("/nick annie")
    app.feed("nick ann guest-1", "nick guest-1 annie")
    assert app.rows() == [] and app.model.nick == "annie"
    app.ok("/nick annie s3cret-too")
    assert app.rows() == [OWN]
    app.enter("/nick ann")
    app.feed("nick annie guest-1", "nick guest-1 ann", "here #lobby")
    app.ok("/nick ann s3cret")
    assert app.rows() == [OWN, "- You are ann now"], "that was his before"
    app.enter("/nick ann")
    app.feed("nick ann ann")
    app.ok("/nick ann s3cret")
    assert len(app.rows()) == 2


@pytest.mark.parametrize("guest", ["guest-1", "annie"])
def test_a_name_that_becomes_the_users_own_is_told_once_also_if_the_app_has_asked_for_it(guest: str) -> None:
    app = DrivenModel("annie", secrets={"annie": "s3cret"})
    if guest == "annie":
        app = DrivenModel("annie")
        app.online("annie")
        app.enter("/nick annie s3cret")
    else:
        app.welcome()
    app.feed(f"nick {guest} annie")
    app.ok("/nick annie s3cret")
    assert app.rows() == [OWN]
    for _ in range(2):
        app.lose()
        app.welcome()
        app.settle()
    assert app.rows() == [OWN]


def test_a_name_that_another_device_or_the_server_has_given_is_told_at_once(app: DrivenModel) -> None:
    app.feed("nick ann guest-4")
    assert app.rows() == ["- You are guest-4 now"]


def test_a_name_is_told_when_it_comes_after_it_was_refused() -> None:
    app = DrivenModel()
    app.welcome()
    app.err("/nick ann", "nick-taken", "ann is taken; ann2 is free: /nick ann2")
    app.tick(6.0)
    app.feed("nick guest-1 ann")
    app.ok("/nick ann")
    assert app.rows() == ["! ann is taken; ann2 is free: /nick ann2", "- You are ann now"]


def test_a_secret_that_may_not_be_said_here_is_left_out() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    app.err("/nick ann s3cret", "need-tls", "A secret is taken only over TLS")
    assert app.sent[-1] == "/nick ann" and app.rows() == []
    app.feed("nick guest-1 ann")
    app.ok("/nick ann")
    app.lose()
    app.welcome()
    assert app.sent[0] == "/nick ann s3cret", "the next connection may be a private one"


def test_where_no_more_names_can_be_claimed_a_free_one_is_taken_without_a_secret() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    app.err("/nick ann s3cret", "not-allowed", "Many names were claimed from your address today")
    assert app.sent[-1] == "/nick ann"
    assert app.rows() == ["! ann is not your own yet: Many names were claimed from your address today"]
    app.feed("nick guest-1 ann")
    app.ok("/nick ann")
    assert app.model.nick == "ann" and app.model.own_secret is None and len(app.rows()) == 1
    app.lose()
    app.welcome()
    assert app.sent[0] == "/nick ann s3cret", "another day, perhaps"


def test_a_name_without_a_secret_that_is_not_allowed_is_not_asked_for_on_and_on() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    app.err("/nick ann s3cret", "not-allowed", "Many names were claimed")
    app.err("/nick ann", "not-allowed", "No names today")
    app.take_sent()
    app.tick(60.0)
    assert app.take_sent() == []


def test_who_proves_a_name_is_where_he_was_last() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    app.feed(
        "nick guest-1 ann",
        "join #games ann",
        *history("msg 1 #games bob: hi", room="#games"),
        "part #lobby ann",
    )
    assert list(app.model.rooms) == ["#games"] and app.rows() == ["bob: hi"]
    app.enter("/me waves")
    assert app.sent[-2:] == ["/join #games", "/me waves"]


def test_who_proves_a_name_may_be_in_another_current_room_of_the_server() -> None:
    app = DrivenModel(secrets={"ann": "s3cret"})
    app.welcome()
    app.feed("nick guest-1 ann", "join #games ann", *history(room="#games"))
    app.enter("/me waves")
    assert app.sent[-2:] == ["/join #lobby", "/me waves"]


def test_a_typed_nick_that_is_refused_changes_nothing(app: DrivenModel) -> None:
    app.enter("/nick bob")
    app.err("/nick bob", "nick-taken", "bob is taken; bob2 is free: /nick bob2")
    assert (app.model.nick, app.model.wished_nick) == ("ann", "ann")
    assert app.rows() == ["! bob is taken; bob2 is free: /nick bob2"]
    app.take_sent()
    app.tick(60.0)
    assert app.take_sent() == []


def test_lines_of_the_history_are_ours_once_we_are_who_we_are() -> None:
    app = DrivenModel()
    app.welcome(last=2)
    app.feed(*history("msg 1 #lobby ann: yesterday", "msg 2 #lobby bob: ann, look"))
    for _ in range(2):
        assert [message.is_own for message in app.messages()] == [True, False]
        assert [message.mentions_me for message in app.messages()] == [False, True]
        app.feed("nick guest-1 ann")


def test_lines_of_somebody_who_has_the_wished_nick_are_his() -> None:
    app = DrivenModel()
    app.welcome(last=2)
    app.feed(*history("msg 1 #lobby ann: yesterday"))
    app.err("/nick ann", "nick-taken", "ann is taken")
    assert not app.messages()[0].is_own
    app.enter("hm")
    assert app.rows()[-1] == "guest-1: hm (pending)"


def test_a_line_said_as_a_guest_is_still_ones_own_under_the_nick() -> None:
    app = DrivenModel()
    app.welcome()
    app.err("/nick ann", "nick-taken", "ann is taken")
    app.enter("hm")
    app.feed("msg 7 #lobby guest-1: hm", "nick guest-1 ann")
    assert app.messages()[1].is_own and app.rows()[1] == "guest-1: hm"


def test_a_pending_line_carries_the_nick_of_today(app: DrivenModel) -> None:
    app.enter("hello")
    app.feed("nick ann anna")
    assert app.rows()[-1] == "anna: hello (pending)"
    app.feed("msg 7 #lobby anna: hello")
    assert app.rows() == ["- You are anna now", "anna: hello"]


def test_while_the_nick_is_asked_for_others_lines_are_for_it_already() -> None:
    app = DrivenModel()
    app.welcome()
    assert (app.model.nick, app.model.expected_nick) == ("guest-1", "ann")
    app.err("/nick ann", "nick-taken", "ann is taken")
    assert app.model.expected_nick == "guest-1"
    app.tick(5.1)
    app.feed("nick guest-1 ann")
    app.ok("/nick ann")
    assert app.model.expected_nick == "ann"
