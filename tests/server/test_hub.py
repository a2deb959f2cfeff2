"""The rules of the chat, without a socket: lines in, bytes out."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from chat_server.about import ABOUT
from chat_server.answers import ANSWERED, Answerer
from chat_server.commands import HANDLERS
from chat_server.courier import Courier
from chat_server.log import Draft
from chat_server.proof import Proof
from chat_server.reader import read_line
from chat_server.unread import Marks
from chat_server.wire import COMMANDS, BadBytes, Command, Refused
from tests.server.letters import Chat


def test_a_newcomer_is_welcomed_shown_the_history_and_told_what_to_type(chat: Chat) -> None:
    ann = chat.enter("ann")
    ann.types("hello")
    welcome = chat.enter().welcome
    assert welcome[0].startswith("welcome chat/1 talkline epoch=")
    assert welcome[0].endswith("last=1 line=4096 text=3500 nick=guest-1 room=#lobby tls=no")
    assert welcome[1:4] == ["begin history #lobby", "msg 1 #lobby ann: hello", "end history #lobby"]
    assert (
        welcome[4]
        == "note You are guest-1 in #lobby, 1 other here. Just type. /nick NAME  /who  /time  /quit  /help"
    )


def test_what_is_said_comes_back_to_the_sender_and_to_all_with_the_same_bytes(chat: Chat) -> None:
    ann, bob = chat.enter("ann"), chat.enter("bob")
    ann.hears()
    assert ann.types("hello") == ["msg 1 #lobby ann: hello"]
    assert bob.hears() == ["msg 1 #lobby ann: hello"]


def test_nothing_is_heard_before_it_is_stored(chat: Chat) -> None:
    ann, bob = chat.enter("ann"), chat.enter("bob")
    chat.stores = False
    assert ann.types("/id a-1 hello") == ["join #lobby guest-1", "nick guest-1 bob"]
    assert bob.hears() == []
    chat.store()
    assert ann.hears() == ["msg 1 #lobby ann: hello", "ok a-1 1"]
    assert bob.hears() == ["msg 1 #lobby ann: hello"]


def test_lines_take_effect_in_order_a_command_waits_for_what_was_said_before_it(chat: Chat) -> None:
    ann = chat.enter("ann")
    assert ann.types("one", "/nick eve", "two", "/quit bye") == [
        "msg 1 #lobby ann: one",
        "nick ann eve",
        "msg 2 #lobby eve: two",
        "bye quit bye",
    ]


def test_a_label_said_again_gives_the_same_id_and_is_not_heard_twice(chat: Chat) -> None:
    ann, bob = chat.enter("ann"), chat.enter("bob")
    ann.hears()
    assert ann.types("/id a-1 hello") == ["msg 1 #lobby ann: hello", "ok a-1 1"]
    assert ann.types("/id a-1 hello") == ["ok a-1 1"]
    assert bob.hears() == ["msg 1 #lobby ann: hello"]


def test_what_was_said_a_moment_ago_on_another_device_comes_before_its_ok(chat: Chat) -> None:
    ann = chat.enter("ann")
    line = read_line("/id x-1 /msg #lobby hi", chat.hub.limits)
    assert isinstance(line, Command)
    draft = Draft(chat.hub.now(), "msg", "#lobby", "ann", "hi", ann.session.person.identity, label="x-1")
    chat.log.append([draft])
    # It is stored and waits in the hub's inbox, and here it comes again when it can no longer be said.
    chat.hub._refuse_new(ann.session, Refused("not-in-room", room="#lobby"), line)
    chat.turn(), chat.turn()
    assert ann.hears() == ["msg 1 #lobby ann: hi", "ok x-1 1"]


def test_a_labelled_command_is_answered_with_ok_and_a_refused_one_with_its_label(chat: Chat) -> None:
    ann = chat.enter("ann")
    assert ann.types("/id a-2 /ping x") == ["pong x", "ok a-2"]
    assert ann.types("/id a-3 /msg #nowhere hi")[0].startswith("err not-in-room a-3 ")


@pytest.mark.parametrize("taken", ["ann", "ANN", "ａｎｎ"])
def test_a_taken_nick_is_refused_a_free_one_offered_and_the_old_one_kept(chat: Chat, taken: str) -> None:
    chat.enter("ann")
    bob = chat.enter("bob")
    [answer] = bob.types(f"/nick {taken}")
    assert answer.startswith("err nick-taken - ")
    assert "2 is free: /nick " in answer
    assert bob.types("hi") == ["msg 1 #lobby bob: hi"]


def test_a_nick_that_only_looks_like_another_is_refused_and_the_other_named(chat: Chat) -> None:
    chat.enter("ANN")
    greek = chat.enter()
    [answer] = greek.types("/nick ΑΝΝ")
    assert answer.startswith("err nick-taken - ΑΝΝ is taken (it reads like ANN)")


@pytest.mark.parametrize("name", ["Zoë", "Γιώργος", "田中"])
def test_names_of_all_scripts_are_names(chat: Chat, name: str) -> None:
    assert chat.enter().types(f"/nick {name}") == [f"nick guest-1 {name}"]


@pytest.mark.parametrize(
    "name", ["x" * 21, "1up", "a:b", "аnn", "admin", "Server", "guest-9", "\u200bann", "a\u202eb"]
)
def test_a_nick_that_may_not_be_is_refused_with_the_reason(chat: Chat, name: str) -> None:
    answers = chat.enter().types(f"/nick {name}")
    assert answers[0].startswith("err bad-nick - ") or answers == ["nick guest-1 ab"]


def test_who_lists_the_room_in_order(chat: Chat) -> None:
    chat.enter("carl")
    bob = chat.enter("Bob")
    assert bob.types("/who") == ["begin who #lobby", "who #lobby Bob carl", "end who #lobby"]
    assert bob.types("/who #nowhere")[0].startswith("err no-such-room - ")


def test_who_of_a_crowd_takes_several_lines_none_too_long(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat()
    for number in range(400):
        chat.enter(f"somebody-with-a-{number:04d}")
    answer = chat.enter().types("/who")
    lines = [line for line in answer if line.startswith("who ")]
    assert len(lines) == 3
    assert sum(len(line.split()) - 2 for line in lines) == 401
    assert max(len(line.encode()) for line in lines) < 4000


def test_join_part_and_nick_are_told_to_the_room_and_nowhere_else(chat: Chat) -> None:
    ann, bob, carl = chat.enter("ann"), chat.enter("bob"), chat.enter("carl")
    carl.types("/join #games", "/part #lobby")
    ann.hears(), bob.hears(), carl.hears()
    assert bob.types("/join #Games") == ["join #games bob", "begin history #games", "end history #games"]
    assert carl.hears() == ["join #games bob"]
    assert ann.hears() == []
    bob.types("/nick bert")
    assert (ann.hears(), carl.hears()) == (["nick bob bert"], ["nick bob bert"])
    assert bob.types("/part") == ["part #games bert", "note What you type goes to #lobby now"]
    assert bob.types("/join #games", "/id p-1 /part")[-3:] == ["part #games bert", "here #lobby", "ok p-1"]
    assert bob.types("back in the lobby") == ["msg 1 #lobby bert: back in the lobby"]
    bob.leaves()
    assert ann.hears() == ["msg 1 #lobby bert: back in the lobby", "part #lobby bert"]


def test_the_last_word_of_who_quits_is_told(chat: Chat) -> None:
    ann, bob = chat.enter("ann"), chat.enter("bob")
    ann.hears()
    bob.types("/quit off to bed")
    assert ann.hears() == ["part #lobby bob off to bed"]
    assert bob.session.box in chat.letters.finished


def test_who_is_in_no_room_is_told_how_to_get_into_one(chat: Chat) -> None:
    ann = chat.enter("ann")
    ann.types("/part")
    assert ann.types("hello?")[0].startswith("err not-in-room - ")
    ann.types("/join #lobby")
    assert ann.types("hello!") == ["msg 1 #lobby ann: hello!"]


def test_a_direct_message_reaches_the_two_and_nobody_else(chat: Chat) -> None:
    ann, bob, carl = chat.enter("ann"), chat.enter("bob"), chat.enter("carl")
    ann.hears(), bob.hears()
    assert ann.types("/msg @BOB psst") == ["msg 1 @bob ann: psst"]
    assert bob.hears() == ["msg 1 @bob ann: psst"]
    assert carl.hears() == []
    assert ann.types("/msg @nobody hi")[0].startswith("err no-such-nick - ")


def test_rooms_lists_people_last_word_and_forgets_rooms_where_nothing_was_said(chat: Chat) -> None:
    ann = chat.enter("ann")
    ann.types("/join #silent", "/part", "/join #games", "hi")
    assert ann.types("/rooms") == [
        "begin rooms",
        "room #games 1 2026-11-22T16:53:00Z",
        "room #lobby 1 -",
        "end rooms",
    ]


def test_joining_shows_the_last_twenty_also_after_a_restart(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat()
    ann = chat.enter("ann")
    for number in range(25):
        ann.types(f"line {number}")
    expected = [f"msg {number + 1} #lobby ann: line {number}" for number in range(5, 25)]
    assert chat.enter().welcome[2:22] == expected
    chat.log.close()
    again = open_chat()
    assert again.enter().welcome[2:22] == expected
    assert again.enter("bob").types("next") == ["msg 26 #lobby bob: next"]


def test_a_big_room_is_counted_not_told(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat(told_people=3)
    ann = chat.enter("ann")
    chat.enter("bob"), chat.enter("carl")
    ann.hears()
    dora = chat.enter("dora")
    assert ann.hears() == []
    chat.now += 5
    chat.turn()
    assert ann.hears() == ["people #lobby 4"]
    dora.leaves()
    chat.now += 5
    chat.turn()
    assert ann.hears() == ["part #lobby dora", "people #lobby 3"]


def test_a_full_disk_is_said_and_the_chat_goes_on(chat: Chat) -> None:
    ann = chat.enter("ann")
    chat.stores = False
    ann.types("/id a-1 lost?")
    chat.hub.post(chat.hub.unstored, chat.waiting.pop(), "storage-full")
    chat.stores = True
    chat.turn()
    assert ann.hears()[0].startswith("err storage-full a-1 ")
    assert ann.types("/id a-1 lost?") == ["msg 1 #lobby ann: lost?", "ok a-1 1"]


def test_a_fault_in_one_line_is_an_error_of_that_line_only(
    chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(HANDLERS, "time", lambda *_: 1 / 0)
    ann = chat.enter("ann")
    assert ann.types("/id x-1 /time")[0].startswith("err internal x-1 ")
    assert ann.types("fine") == ["msg 1 #lobby ann: fine"]


def test_bytes_that_are_no_line_are_refused(chat: Chat) -> None:
    ann = chat.enter("ann")
    raws: list[str | BadBytes] = [BadBytes("bad-utf8"), BadBytes("line-too-long"), "\x1b"]
    answers = ann.hands_over([line for raw in raws if (line := read_line(raw, chat.hub.limits)) is not None])
    assert [line.split()[1] for line in answers] == ["bad-utf8", "line-too-long", "empty"]


@pytest.mark.parametrize(("is_private", "code"), [(False, "need-tls"), (True, "")])
def test_a_secret_is_taken_over_tls_or_from_this_machine_only(
    chat: Chat, is_private: bool, code: str
) -> None:
    """The reader's part is played here: on a real socket of this machine every connection is private."""
    ann = chat.enter()
    ann.session.box.pipe.is_private = is_private
    marks = Marks(chat.log, chat.people, chat.hub, Answerer(chat.hub, Courier(chat.hub.limits)))
    proof = Proof(chat.people, chat.hub, marks, lambda: chat.now)
    line = read_line("/nick ann a-secret", chat.hub.limits)
    assert isinstance(line, Command)
    assert ann.session.gate.acquire(blocking=False)
    answering = threading.Thread(target=proof.answer, args=(ann.session, line))
    answering.start()
    while answering.is_alive():
        chat.turn(0.01)
    chat.turn()
    answer, *_ = ann.hears()
    assert answer.startswith(f"err {code} - " if code else "nick guest-1 ann")


def test_only_so_many_names_are_claimed_from_one_address(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat(claims_per_address=2)
    marks = Marks(chat.log, chat.people, chat.hub, Answerer(chat.hub, Courier(chat.hub.limits)))
    proof = Proof(chat.people, chat.hub, marks, lambda: chat.now)

    def claims(name: str, address: str) -> bool:
        guest = chat.enter()
        guest.session.address = address
        line = read_line(f"/id c-1 /nick {name} a-long-secret", chat.hub.limits)
        assert isinstance(line, Command)
        assert guest.session.gate.acquire(blocking=False)
        answering = threading.Thread(target=proof.answer, args=(guest.session, line))
        answering.start()
        while answering.is_alive():
            chat.turn(0.01)
        chat.turn()
        return "ok c-1" in guest.hears()

    # The third name is one too many; who owns a name proves it all the same, and elsewhere they know nothing of it.
    assert [claims(name, "192.0.2.9") for name in ("ann", "bob", "carl", "ann")] == [True, True, False, True]
    assert claims("carl", "192.0.2.10")


def test_every_command_of_the_table_is_handled_and_no_other() -> None:
    assert set(HANDLERS) | set(ABOUT) | ANSWERED == set(COMMANDS)
    assert len(HANDLERS) + len(ABOUT) + len(ANSWERED) == len(COMMANDS)


def test_rooms_per_person_and_rooms_in_all_are_limited(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat(rooms_per_person=2, rooms=3)
    ann, bob = chat.enter("ann"), chat.enter("bob")
    ann.types("/join #a")
    assert ann.types("/join #b")[0].startswith("err not-allowed - You are in 2 rooms")
    bob.types("/join #b", "/part")
    assert "join #b bob" in bob.types("/join #b")
    bob.types("/part #lobby")
    assert bob.types("/join #c")[0].startswith("err not-allowed - There are 3 rooms")
