"""Answers, edits and deletes as they are told live."""

from __future__ import annotations

import pytest

from tests.tui.driven_model import DrivenModel, history


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def test_an_answer_waits_like_any_line(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: tea?", "join #games ann")
    app.do(app.model.switch_to("#games"))
    app.take_sent()
    app.enter("/reply 7 yes")
    assert app.take_sent() == ["/reply 7 yes"]
    assert app.rows("#lobby") == ["bob: tea?", "ann: yes (pending)"] and app.messages("#lobby")[1].ref == 7
    app.feed("msg 8 #lobby ann: yes")
    assert app.rows("#lobby")[1:] == ["ann: yes", "ann: yes (pending)"], "that one answers nothing"
    app.feed("msg 9 #lobby ann ^7: yes")
    app.ok("/reply 7 yes", 9)
    assert app.rows("#lobby") == ["bob: tea?", "ann: yes", "ann: yes"] and app.messages("#lobby")[2].ref == 7


def test_an_answer_to_something_that_is_not_here_is_sent_all_the_same(app: DrivenModel) -> None:
    app.enter("/reply 7 yes")
    assert app.take_sent() == ["/reply 7 yes"] and app.rows() == []


def test_an_edit_and_a_delete_change_the_row_they_are_about(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: tea at four", "edit 8 #lobby bob ^7: tea at five")
    [row] = app.messages()
    assert (row.key, row.text, row.is_edited) == ("e7", "tea at five", True)
    app.feed("delete 10 #lobby bob ^7:", "edit 11 #lobby bob ^7: back", "edit 12 #lobby bob ^99: what")
    assert app.rows() == []


def test_a_history_with_edits_shows_the_last_text(app: DrivenModel) -> None:
    app.feed(
        *history(
            "msg 7 #lobby bob: tea at four", "edit 9 #lobby bob ^7: tea at five", "edit 8 #lobby bob ^7: x"
        )
    )
    assert app.rows() == ["bob: tea at five"]
