"""The other one of a direct conversation: is he there, why is he away, is he still who he was."""

from __future__ import annotations

import pytest

from chat_tui.model import Partner, PeopleChanged
from tests.tui.driven_model import DrivenModel


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def ask(app: DrivenModel, seconds: float = 0.0) -> list[str]:
    """What is asked when the conversation is shown, or some seconds later."""
    app.now += seconds
    app.take_sent()
    app.do(app.model.ask_for_partner(app.now))
    return app.take_sent()


def talk(app: DrivenModel, nick: str) -> None:
    """A conversation that is shown, with something said in it."""
    app.feed(f"msg 7 @ann {nick}: psst")
    app.do(app.model.switch_to(f"@{nick}"))


def partner(app: DrivenModel) -> Partner:
    found = app.model.partner
    assert found is not None
    return found


def test_who_is_in_a_room_with_the_user_is_there_and_nobody_asks(app: DrivenModel) -> None:
    talk(app, "bob")
    assert partner(app).is_here and ask(app) == []
    app.feed("away bob lunch, at the long table")
    assert partner(app).person.is_away and partner(app).reason == "lunch, at the long table"
    app.feed("away bob tea")
    assert partner(app).reason == "tea" and PeopleChanged("#lobby") in app.changes
    app.feed("nick bob rob")
    assert app.model.current_room == "@rob" and partner(app).reason == "tea"
    app.feed("away rob")
    assert not partner(app).person.is_away and partner(app).reason == ""


def test_why_somebody_is_away_is_told_with_the_names_of_a_room(app: DrivenModel) -> None:
    app.feed("begin who #lobby", "who #lobby ann ~bob", "away bob lunch", "end who #lobby")
    assert app.model.away_reason("Bob") == "lunch"
    app.feed("begin who #lobby", "who #lobby ann bob", "end who #lobby")
    assert app.model.away_reason("bob") == ""
    app.feed("away bob tea")
    app.feed("part #lobby bob")
    assert app.model.away_reason("bob") == ""


def test_the_server_is_asked_for_who_is_in_no_room_with_the_user_and_only_now_and_then(
    app: DrivenModel,
) -> None:
    talk(app, "carl")
    assert partner(app).is_here is None, "nobody has told"
    assert ask(app) == ["/who @carl"] and ask(app, 59) == []
    app.feed("begin who @carl", "who @carl +~carl", "away carl gone fishing", "end who @carl")
    app.ok("/who @carl")
    assert partner(app).is_here and partner(app).reason == "gone fishing"
    assert app.changes == [] and app.rows() == ["carl: psst"], "the model asked, not the user"
    assert ask(app, 2) == ["/who @carl"]
    app.feed("begin who @carl", "end who @carl")
    app.ok("/who @carl")
    assert partner(app) == Partner(partner(app).person, False, is_owned=True)
    assert app.rows() == ["carl: psst"], "nobody else can have his name"


def test_nobody_is_asked_for_without_a_connection_or_in_a_room(app: DrivenModel) -> None:
    assert app.model.partner is None and ask(app) == []
    talk(app, "carl")
    app.lose()
    assert ask(app) == [] and partner(app).is_here is None


def test_when_a_guest_has_left_his_conversation_says_that_the_next_one_may_be_another(
    app: DrivenModel,
) -> None:
    talk(app, "bob")
    app.take_sent()
    app.feed("part #lobby bob")
    assert app.take_sent() == ["/who @bob"] and partner(app).is_here is None
    app.now += 30
    app.err("/who @bob", "no-such-nick", "Nobody here is called bob")
    gone = "~ bob is not here any more, and was a guest: the next bob may be somebody else"
    assert app.rows() == ["bob: psst", gone] and partner(app) == Partner(partner(app).person, False)
    assert app.messages()[-1].at == int(app.now) - 30, "that is when he left"
    app.feed("join #lobby bob", "part #lobby bob")
    app.err("/who @bob", "no-such-nick", "Nobody here is called bob")
    assert app.rows() == ["bob: psst", gone], "nothing was said since"
    app.feed("join #lobby bob", "msg 8 @ann bob: hello, I am new", "part #lobby bob")
    app.err("/who @bob", "no-such-nick", "Nobody here is called bob")
    assert app.rows() == ["bob: psst", gone, "bob: hello, I am new", gone]


def test_of_somebody_whom_nobody_knows_nothing_is_missing_and_nothing_is_told_twice(app: DrivenModel) -> None:
    app.do(app.model.open_direct("nobo"))
    app.err("/history 100 @nobo", "no-such-nick", "Nobody here is called nobo")
    assert ask(app) == ["/who @nobo"]
    app.err("/who @nobo", "no-such-nick", "Nobody here is called nobo")
    assert app.rows() == [] and partner(app).is_here is False
    app.do(app.model.load_older("@nobo"))
    assert app.take_sent() == [] and app.rows() == []


def test_who_only_left_the_room_is_still_the_same(app: DrivenModel) -> None:
    talk(app, "bob")
    app.feed("part #lobby bob", "begin who @bob", "who @bob bob", "end who @bob")
    app.ok("/who @bob")
    assert partner(app).is_here and app.rows() == ["bob: psst"]


def test_nobody_asks_for_somebody_who_left_and_has_no_conversation(app: DrivenModel) -> None:
    app.take_sent()
    app.feed("part #lobby bob")
    assert app.take_sent() == []


def test_who_takes_another_name_while_there_is_a_conversation_by_that_one_leaves_his_behind(
    app: DrivenModel,
) -> None:
    app.feed(
        "msg 7 @ann bob: psst", "join #lobby rob", "msg 8 @ann rob: hi", "part #lobby rob", "nick bob rob"
    )
    assert app.rows("@bob") == ["bob: psst", "~ bob is called rob now: the next bob is somebody else"]


def test_who_speaks_is_here(app: DrivenModel) -> None:
    talk(app, "carl")
    ask(app)
    app.err("/who @carl", "no-such-nick", "Nobody here is called carl")
    assert partner(app).is_here is False
    app.feed("msg 8 @ann carl: back again")
    assert partner(app).is_here is None and ask(app) == ["/who @carl"]


def test_a_typed_who_in_a_conversation_is_about_the_other_one(app: DrivenModel) -> None:
    talk(app, "carl")
    app.enter("/who")
    app.feed("begin who @carl", "who @carl ~carl", "away carl lunch", "end who @carl")
    app.ok("/who @carl")
    app.enter("/who @dave")
    app.feed("begin who @dave", "end who @dave")
    assert app.rows()[-2:] == ["- carl is away: lunch", "- dave is not here now"]
