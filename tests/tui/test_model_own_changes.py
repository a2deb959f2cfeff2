"""What the user does to messages: shown at once where it is done, kept without a connection, done once."""

from __future__ import annotations

import pytest

from chat_tui.model import Delivery, Message
from tests.tui.driven_model import DrivenModel


@pytest.fixture
def app() -> DrivenModel:
    """Messages 7 of the user's own and 8 of bob's."""
    app = DrivenModel()
    app.online()
    app.feed("msg 7 #lobby ann: tea?", "msg 8 #lobby bob: yes")
    return app


def row(app: DrivenModel, id: int = 7) -> Message:
    found = app.model.rooms["#lobby"].entry(id)
    assert found is not None
    return found


def reactions(app: DrivenModel, id: int) -> list[tuple[str, int, bool, str]]:
    return [(one.emoji, len(one.nicks), one.is_mine, one.delivery.value) for one in row(app, id).reactions]


def return_to(app: DrivenModel, *missed: str) -> None:
    """A new connection, and the answers to all that is said first on it."""
    app.welcome("guest-2", last=20)
    app.settle(*missed)


def test_an_edit_shows_at_once_as_pending_and_is_done_when_the_server_says_so(app: DrivenModel) -> None:
    app.enter("/edit 7 cake?")
    assert app.rows()[0] == "ann: cake? (pending)" and app.model.unsent == 1
    app.feed("edit 9 #lobby ann ^7: cake?")
    app.ok("/edit 7 cake?", 9)
    assert app.rows()[0] == "ann: cake?" and row(app).is_edited and app.model.unsent == 0


def test_an_edit_without_a_connection_is_kept_and_goes_out_on_the_next(app: DrivenModel) -> None:
    app.lose()
    assert app.enter("/edit 7 cake?").is_taken
    assert app.rows() == ["ann: cake? (pending)", "bob: yes"]
    return_to(app)
    assert app.sent[-1] == "/edit 7 cake?"
    app.feed("edit 21 #lobby ann ^7: cake?")
    app.ok("/edit 7 cake?", 21)
    assert app.rows()[0] == "ann: cake?" and app.model.unsent == 0


def test_a_change_whose_answer_was_lost_is_sent_again_under_its_label(app: DrivenModel) -> None:
    app.enter("/edit 7 cake?")
    label = app.label("/edit 7 cake?")
    app.lose()
    return_to(app)
    assert app.sent[-1] == "/edit 7 cake?" and app.label("/edit 7 cake?") == label
    # Stored the first time, and its message deleted since: only the id comes.
    app.ok("/edit 7 cake?", 9)
    assert app.rows()[0] == "ann: cake?" and app.model.unsent == 0


@pytest.mark.parametrize(
    ("typed", "echo"),
    [
        ("/edit 7 cake?", "edit 9 #lobby ann ^7: cake?"),
        ("/delete 7", "delete 9 #lobby ann ^7:"),
        ("/react 7 👍", "react 9 #lobby ann ^7: 👍"),
    ],
)
def test_a_change_that_is_in_what_was_missed_is_done_and_not_sent_again_by_a_guest(
    app: DrivenModel, typed: str, echo: str
) -> None:
    app.enter(typed)
    app.lose()
    return_to(app, echo)
    assert typed not in app.sent and app.model.unsent == 0
    assert not any(state.value in row for state in (Delivery.PENDING, Delivery.FAILED) for row in app.rows())


def test_a_delete_says_that_it_is_on_its_way_until_the_message_is_gone(app: DrivenModel) -> None:
    app.lose()
    app.enter("/delete 7")
    assert row(app).is_leaving and app.rows()[0] == "ann: tea? (pending)"
    return_to(app)
    app.feed("delete 21 #lobby ann ^7:")
    app.ok("/delete 7", 21)
    assert app.rows() == ["bob: yes"] and app.model.unsent == 0


def test_a_reaction_is_counted_at_once_and_marked_until_it_is_stored(app: DrivenModel) -> None:
    app.feed("react 9 #lobby carl ^8: 👍")
    app.lose()
    app.enter("/react 8 :thumbsup:")
    assert reactions(app, 8) == [("👍", 2, True, "pending")] and app.rows()[1] == "bob: yes"
    return_to(app)
    assert app.sent[-1] == "/react 8 👍"
    app.feed("react 21 #lobby ann ^8: 👍")
    app.ok("/react 8 👍", 21)
    assert reactions(app, 8) == [("👍", 2, True, "sent")]
    app.enter("/react 8 👍")
    assert reactions(app, 8) == [("👍", 1, False, "pending")]
    app.feed("unreact 22 #lobby ann ^8: 👍")
    app.ok("/react 8 👍", 22)
    assert reactions(app, 8) == [("👍", 1, False, "sent")]


def test_a_reaction_that_was_not_sent_is_taken_back_without_a_word(app: DrivenModel) -> None:
    app.lose()
    app.enter("/react 8 👍")
    app.enter("/react 8 👍")
    assert reactions(app, 8) == [] and app.model.unsent == 0
    return_to(app)
    assert not any(line.startswith("/react") for line in app.sent)


def test_the_last_of_several_edits_is_said(app: DrivenModel) -> None:
    app.lose()
    for text in ("cake?", "pie?"):
        app.enter(f"/edit 7 {text}")
    assert app.rows()[0] == "ann: pie? (pending)" and app.model.unsent == 1
    app.enter("/delete 7")
    return_to(app)
    assert [line for line in app.sent if " 7" in line] == ["/delete 7"]


def test_a_refused_edit_shows_why_and_can_be_sent_again_or_dropped(app: DrivenModel) -> None:
    app.enter("/edit 7 cake?")
    app.err("/edit 7 cake?")
    assert app.rows()[0] == "ann: cake? (failed)" and row(app).reason == "the change: You are muted here"
    app.take_sent()
    app.do(app.model.retry("e7"))
    assert app.take_sent() == ["/edit 7 cake?"] and row(app).reason == ""
    app.err("/edit 7 cake?")
    app.do(app.model.drop("e7"))
    assert app.rows()[0] == "ann: tea?" and not row(app).is_edited and app.model.unsent == 0


def test_a_refused_reaction_marks_itself_and_not_the_message_of_somebody_else(app: DrivenModel) -> None:
    app.enter("/react 8 👍")
    app.err("/react 8 👍")
    assert reactions(app, 8) == [("👍", 1, True, "failed")]
    assert row(app, 8).delivery is Delivery.SENT and row(app, 8).has_failed
    assert row(app, 8).reason == "👍: You are muted here"
    app.do(app.model.drop("e8"))
    assert reactions(app, 8) == [] and row(app, 8).reason == ""


def test_a_refused_delete_leaves_the_message_as_it_was(app: DrivenModel) -> None:
    app.enter("/delete 7")
    app.err("/delete 7")
    assert not row(app).is_leaving and row(app).reason == "the deletion: You are muted here"
    app.do(app.model.drop("e7"))
    assert app.rows()[0] == "ann: tea?"


def test_what_is_refused_of_a_message_that_is_gone_is_told_and_forgotten(app: DrivenModel) -> None:
    app.enter("/react 8 👍")
    app.feed("delete 9 #lobby bob ^8:")
    app.err("/react 8 👍", "no-such-id", "There is no message 8 that you can see")
    assert app.rows() == ["ann: tea?", "! There is no message 8 that you can see"]
    assert app.model.unsent == 0


def test_what_others_do_to_the_message_meanwhile_is_beneath_the_own_change(app: DrivenModel) -> None:
    app.lose()
    app.enter("/edit 7 cake?")
    app.enter("/react 7 👍")
    return_to(app, "edit 18 #lobby ann ^7: coffee?", "react 19 #lobby bob ^7: 👍")
    assert app.rows()[0] == "ann: cake? (pending)" and reactions(app, 7) == [("👍", 2, True, "pending")]
    app.err("/edit 7 cake?")
    app.do(app.model.drop("e7"))
    assert app.rows()[0] == "ann: coffee?" and row(app).is_edited


def test_changes_of_a_log_that_is_gone_are_given_up_with_a_word(app: DrivenModel) -> None:
    app.lose()
    app.enter("/edit 7 cake?")
    app.enter("/react 8 👍")
    app.welcome("guest-2", epoch="another", last=3)
    app.settle()
    assert app.model.unsent == 0 and not any("7" in line for line in app.sent)
    assert "! 2 changes of yours cannot be made: the server's history was started anew" in app.rows()


def test_a_change_goes_out_behind_what_was_said_before_it(app: DrivenModel) -> None:
    app.lose()
    for typed in ("one", "/react 8 👍", "two"):
        app.enter(typed)
    return_to(app)
    assert app.sent[-3:] == ["/msg #lobby one", "/react 8 👍", "/msg #lobby two"]


def test_a_topic_is_a_line_that_waits_and_can_be_sent_again(app: DrivenModel) -> None:
    app.lose()
    app.enter("/topic tea")
    assert app.rows()[-1] == "* ann sets the topic: tea (pending)"
    return_to(app)
    assert app.sent[-1] == "/topic tea"
    app.err("/topic tea")
    key = app.messages()[-1].key
    app.do(app.model.retry(key))
    app.feed("topic 21 #lobby ann: tea")
    app.ok("/topic tea", 21)
    assert app.rows()[-1] == "~ ann set the topic: tea" and app.model.current.topic == "tea"
    app.enter("/topic -")
    app.ok("/topic -", 22)
    assert app.rows()[-1] == "~ ann took the topic away" and app.model.current.topic == ""


def test_a_room_with_a_change_that_waits_is_not_closed(app: DrivenModel) -> None:
    app.feed("join #games ann")
    app.feed("msg 9 #games ann: x")
    app.lose()
    app.enter("/edit 9 y")
    app.do(app.model.leave("#games"))
    assert "#games" in app.model.rooms
