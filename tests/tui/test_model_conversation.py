"""Edits, deletes, reactions and answers are shown rightly, whatever order they come in."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chat_tui.model import Message, Quoted, Reaction
from tests.tui.driven_model import DrivenModel
from tests.tui.kept_log import ROOM, KeptLog

NICKS = st.sampled_from(["ann", "bob", "eve"])
IDS = st.integers(1, 25)
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("msg"), NICKS, st.sampled_from(["hi", "hi ann", "ho"]), st.none() | IDS),
        st.tuples(st.just("edit"), NICKS, st.sampled_from(["one", "two", "ann?"]), IDS),
        st.tuples(st.just("delete"), NICKS, st.just(""), IDS),
        st.tuples(st.just("react"), NICKS, st.sampled_from(["👍", "🎉"]), IDS),
        st.tuples(st.just("lose")),
        st.tuples(st.just("older")),
        st.tuples(st.just("jump"), IDS),
        st.tuples(st.just("repeat"), IDS),
        st.tuples(st.just("page"), st.none() | IDS),
        st.tuples(st.just("leave")),
        st.tuples(st.just("another log")),
    ),
    max_size=50,
)


def shown(app: DrivenModel) -> list[tuple[object, ...]]:
    return [
        (
            row.id,
            row.nick,
            row.text,
            row.is_edited,
            row.mentions_me,
            row.reply,
            {reaction.emoji: list(reaction.nicks) for reaction in row.reactions},
            [reaction.is_mine for reaction in row.reactions],
        )
        for row in app.messages(ROOM)
        if row.id is not None
    ]


def expected(server: KeptLog) -> list[tuple[object, ...]]:
    rows: list[tuple[object, ...]] = []
    for entry in server.log:
        if server.find(entry.id) is None:
            continue
        text, is_edited = server.text(entry.id)
        reply, is_to_me = None, False
        if entry.ref is not None:
            about = server.find(entry.ref)
            quoted = ("", "(taken back)") if about is None else (about.nick, server.text(entry.ref)[0])
            reply, is_to_me = Quoted(entry.ref, *quoted), about is not None and about.nick == "ann"
        is_named = entry.nick != "ann" and ("ann" in text or is_to_me)
        reactions = server.reactions(entry.id)
        mine = ["ann" in nicks for nicks in reactions.values()]
        rows.append((entry.id, entry.nick, text, is_edited, is_named, reply, reactions, mine))
    return rows


@given(STEPS)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_rows_are_what_the_whole_log_says_however_they_were_loaded(steps: list[tuple]) -> None:  # type: ignore[type-arg]
    app = DrivenModel()
    server = KeptLog(app)
    server.connect()
    for step in steps:
        match step:
            case ("msg" | "edit" | "delete" | "react") as kind, nick, text, ref:
                server.do(kind, nick, text, ref)
            case ("lose",) if server.is_connected:
                server.lose()
            case ("lose",):
                server.connect()
            case ("another log",) if not server.is_connected:
                server.epoch, server.log, server.gone = server.epoch + 1, [], set()
            case ("older",):
                app.do(app.model.load_older(ROOM))
            case ("jump", id) if server.is_inside:
                app.do(app.model.jump_to(ROOM, id))
            case ("repeat", id) if server.is_connected and server.is_inside:
                server.since(min(id, len(server.log)), 4)
            case ("page", before) if server.is_connected and server.is_inside:
                app.enter(f"/history 2 {ROOM} {before or ''}".strip())
            case ("leave",) if server.is_connected:
                app.enter("/part" if server.is_inside else f"/join {ROOM}")
        if server.is_connected:
            server.answer()
        ids = [row.id for row in app.messages(ROOM) if row.id is not None]
        assert ids == sorted(set(ids))
        assert not app.model.rooms[ROOM].is_loading or not server.is_connected
    if not server.is_connected:
        server.connect()
    if not app.model.rooms[ROOM].is_joined:
        app.enter(f"/join {ROOM}")
        server.answer()
    server.load_all()
    forgiven = [row[:4] + row[5:] for row in shown(app)]
    assert forgiven == [row[:4] + row[5:] for row in expected(server)]


@pytest.fixture
def app() -> DrivenModel:
    driven = DrivenModel()
    driven.online()
    return driven


def only(app: DrivenModel) -> Message:
    [row] = app.messages()
    return row


def test_an_edit_and_a_reaction_are_there_before_their_message_is(app: DrivenModel) -> None:
    app.feed("edit 9 #lobby bob ^7: newer", "react 10 #lobby eve ^7: 👍", "delete 11 #lobby bob ^8:")
    assert app.rows() == []
    app.feed("begin since 0", "msg 7 #lobby bob: old", "msg 8 #lobby bob: gone", "end since 11")
    assert (only(app).text, only(app).is_edited) == ("newer", True)
    assert only(app).reactions == (Reaction("👍", ("eve",), False),)


def test_of_two_edits_the_later_one_holds_whichever_comes_first(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: a", "edit 9 #lobby bob ^7: c", "edit 8 #lobby bob ^7: b")
    assert only(app).text == "c"


def test_reactions_are_counted_and_mine_are_known(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: a", "react 8 #lobby eve ^7: 👍", "react 9 #lobby ann ^7: 👍")
    assert only(app).reactions == (Reaction("👍", ("eve", "ann"), True),)
    app.feed("unreact 10 #lobby ann ^7: 👍", "react 9 #lobby ann ^7: 👍")
    assert only(app).reactions == (Reaction("👍", ("eve",), False),)


def test_an_answer_shows_what_it_answers_as_soon_as_that_is_known(app: DrivenModel) -> None:
    app.feed("msg 9 #lobby bob ^7: yes")
    assert only(app).reply == Quoted(7, "", "")
    app.feed("begin since 0", "msg 7 #lobby eve: tea?", "end since 9")
    assert app.messages()[1].reply == Quoted(7, "eve", "tea?")
    app.feed("edit 10 #lobby eve ^7: cake?")
    assert app.messages()[1].reply == Quoted(7, "eve", "cake?")
    app.feed("delete 11 #lobby eve ^7:")
    assert only(app).reply == Quoted(7, "", "(taken back)")


def test_an_emoji_with_and_without_its_coloured_form_is_counted_as_one(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: a", "react 8 #lobby eve ^7: ❤", "react 9 #lobby bob ^7: ❤\ufe0f")
    assert only(app).reactions == (Reaction("❤\ufe0f", ("eve", "bob"), False),)
    app.feed("unreact 10 #lobby eve ^7: ❤", "react 11 #lobby bob ^7: ❤🏽")
    assert [reaction.emoji for reaction in only(app).reactions] == ["❤\ufe0f", "❤🏽"]


def test_an_answer_to_me_notifies_as_a_mention_does_but_edits_and_reactions_never(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby ann: tea?", "msg 8 #lobby bob ^7: yes")
    assert app.notified() == ["yes"] and app.messages()[1].mentions_me
    app.feed("edit 9 #lobby bob ^8: no, ann", "react 10 #lobby bob ^7: 👍", "delete 11 #lobby bob ^8:")
    assert app.notified() == []


def test_an_own_answer_shows_what_it_answers_while_it_waits(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: tea?")
    app.do(app.model.reply(7, "yes\nplease").changes)
    assert app.take_sent() == ["/reply 7 yes␤please"]
    assert app.messages()[1].reply == Quoted(7, "bob", "tea?") and app.messages()[1].id is None
    app.feed("msg 8 #lobby ann ^7: yes␤please")
    app.ok("/reply 7 yes␤please", 8)
    assert [row.id for row in app.messages()] == [7, 8] and app.messages()[1].reply is not None


def test_what_is_done_to_messages_goes_out_as_the_command_and_a_refusal_is_told(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby ann: tea?")
    for do in (
        lambda: app.model.edit(7, "cake?"),
        lambda: app.model.react(7, "🎉"),
        lambda: app.model.delete(7),
    ):
        outcome = do()
        assert outcome.is_taken
        app.do(outcome.changes)
    assert app.take_sent() == ["/edit 7 cake?", "/react 7 🎉", "/delete 7"]
    app.err("/delete 7", "not-yours", "Only ann can delete that")
    assert app.messages()[0].reason == "the deletion: Only ann can delete that"


def test_what_is_done_to_a_message_that_is_not_here_the_server_answers(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: tea?")
    for typed in ("/edit 5 x", "/edit 7 x", "/react 5 🎉", "/react 7 x"):
        app.enter(typed)
    assert app.take_sent() == ["/edit 5 x", "/edit 7 x", "/react 5 🎉", "/react 7 x"]
    app.err("/edit 5 x", "no-such-id", "There is no message 5 that you can see")
    assert app.rows() == ["bob: tea?", "! There is no message 5 that you can see"]
    app.lose()
    assert not app.enter("/edit 5 x").is_taken


def test_the_last_own_message_is_the_one_to_edit(app: DrivenModel) -> None:
    assert app.model.last_own() is None
    app.feed("msg 7 #lobby ann: one", "msg 8 #lobby bob: two", "msg 9 #lobby ann: three")
    app.enter("not sent yet")
    assert app.model.last_own() == app.messages()[2]
    app.feed("delete 10 #lobby ann ^9:")
    assert app.model.last_own() == app.messages()[0]


def test_a_message_edited_under_another_nick_has_its_new_text(app: DrivenModel) -> None:
    app.feed("msg 7 @ann bob: hi", "nick bob rob", "edit 9 @ann rob ^7: ho")
    assert app.rows("@rob") == ["bob: ho"]
    app.feed("msg 10 @ann dee: a", "delete 11 @ann dot ^10:")
    assert app.rows("@dee") == [] and "@dot" not in app.model.rooms


def test_a_page_of_history_has_all_reactions_that_are_in_force(app: DrivenModel) -> None:
    app.feed("msg 7 #lobby bob: a", "react 8 #lobby eve ^7: 👍", "react 9 #lobby bob ^7: 👍")
    # eve was called otherwise when she took hers back, which only the server can know.
    app.feed("unreact 10 #lobby eva ^7: 👍")
    app.feed("begin history #lobby", "msg 7 #lobby bob: a", "react 9 #lobby bob ^7: 👍", "end history #lobby")
    assert only(app).reactions == (Reaction("👍", ("bob",), False),)


def test_what_was_taken_back_never_shows_when_it_comes_afterwards(app: DrivenModel) -> None:
    app.feed("delete 8 #lobby bob ^7:", "msg 7 #lobby bob: gone")
    assert app.rows() == [] and app.notified() == [] and app.model.rooms["#lobby"].unread == 0
