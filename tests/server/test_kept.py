"""What is kept of a person (rooms, the current one, how far he has read) is saved before it is acknowledged."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chat_server.answers import Answerer
from chat_server.courier import Courier
from chat_server.people import People
from chat_server.reader import read_line
from chat_server.unread import Marks
from chat_server.wire import Command
from tests.server.letters import Chat, Guest


def saved(chat: Chat) -> People:
    """What a server that starts now would know."""
    return People(chat.log)


def test_a_join_of_who_owns_his_name_is_acknowledged_when_it_is_saved_and_not_before(chat: Chat) -> None:
    ann = chat.enter()
    claim = ann.claims("ann")
    chat.stores = False
    assert ann.types("/id j-1 /join #games")[-1] == "end history #games"
    assert saved(chat).rooms_of(claim.id) == (["#lobby"], "#lobby")
    chat.store()
    assert ann.hears() == ["ok j-1"]
    assert saved(chat).rooms_of(claim.id) == (["#lobby", "#games"], "#games")


def test_a_part_of_who_owns_his_name_is_acknowledged_when_it_is_saved_and_not_before(chat: Chat) -> None:
    ann = chat.enter()
    claim = ann.claims("ann")
    ann.types("/join #games")
    chat.stores = False
    heard = ann.types("/id p-1 /part #games")
    assert heard[0] == "part #games ann" and "ok p-1" not in heard
    assert saved(chat).rooms_of(claim.id) == (["#lobby", "#games"], "#games")
    chat.store()
    assert ann.hears() == ["ok p-1"]
    assert saved(chat).rooms_of(claim.id) == (["#lobby"], "#lobby")


def test_the_room_that_one_talks_in_is_saved_before_it_is_acknowledged(chat: Chat) -> None:
    ann = chat.enter()
    claim = ann.claims("ann")
    ann.types("/join #games")
    chat.stores = False
    assert ann.types("/id h-1 /here #lobby") == ["here #lobby"]
    assert saved(chat).rooms_of(claim.id)[1] == "#games"
    chat.store()
    assert ann.hears() == ["ok h-1"]
    assert saved(chat).rooms_of(claim.id)[1] == "#lobby"


def test_of_a_guest_nothing_is_kept_and_nothing_waited_for(chat: Chat) -> None:
    ann = chat.enter("ann")
    chat.stores = False
    heard = ann.types("/id j-1 /join #games", "/id p-1 /part #games")
    assert "ok j-1" in heard and heard[-1] == "ok p-1"


def test_what_one_asks_after_a_join_is_answered_after_its_ok(chat: Chat) -> None:
    ann = chat.enter()
    ann.claims("ann")
    ann.types("/join #games")
    heard = ann.types(
        "/id j-1 /join #lobby", "/id m-1 hello", "/id p-1 /part", "/ping x", "/id m-2 hello again"
    )
    answers = [line for line in heard if line.startswith(("ok", "pong", "err"))]
    assert answers == ["ok j-1", "ok m-1 1", "ok p-1", "pong x", "ok m-2 2"]


def test_a_join_that_could_not_be_saved_is_not_acknowledged(chat: Chat) -> None:
    ann = chat.enter()
    claim = ann.claims("ann")
    chat.stores = False
    ann.types("/id j-1 /join #games")
    chat.store(has_room=False)
    (refusal,) = ann.hears()
    assert refusal.startswith("err storage-full j-1 ")
    chat.stores = True
    assert ann.types("/id j-2 /join #games")[-1] == "ok j-2"
    assert saved(chat).rooms_of(claim.id)[0] == ["#lobby", "#games"]


def marking(ann: Guest, line: str) -> Callable[[], bool]:
    """Says /read or /unread, as the reader of that connection does; whether it still waits."""
    chat = ann.chat
    marks = Marks(chat.log, chat.people, chat.hub, Answerer(chat.hub, Courier(chat.hub.limits)))
    answer = {"read": marks.answer_read, "unread": marks.answer_unread}
    command = read_line(line, chat.hub.limits)
    assert isinstance(command, Command)
    assert ann.session.gate.acquire(blocking=False)
    thread = threading.Thread(target=answer[command.name], args=(ann.session, command), daemon=True)
    thread.start()
    return thread.is_alive


def test_a_mark_is_acknowledged_when_it_is_saved_and_not_before(chat: Chat) -> None:
    bob, ann = chat.enter("bob"), chat.enter()
    claim = ann.claims("ann")
    bob.types("one", "two")
    ann.hears()
    for line, mark, told in (("/read #lobby 2", 2, "0 0 3"), ("/unread #lobby 1", 0, "2 0 1")):
        before = saved(chat).marks_of(claim.id)
        chat.stores = False
        is_waiting = marking(ann, f"/id r-1 {line}")
        while not chat.waiting:
            chat.turn(0.01)
        assert is_waiting() and ann.hears() == [] and saved(chat).marks_of(claim.id) == before
        chat.stores = True
        while is_waiting():
            chat.turn(0.01)
        ann.session.gate.release()
        assert ann.hears() == [f"unread #lobby {told}", "ok r-1"]
        assert saved(chat).marks_of(claim.id)["#lobby"] == mark


def test_a_mark_that_could_not_be_saved_is_told_to_the_devices_and_not_acknowledged(chat: Chat) -> None:
    bob, ann = chat.enter("bob"), chat.enter()
    ann.claims("ann")
    bob.types("one")
    ann.hears()
    chat.stores = False
    is_waiting = marking(ann, "/id r-1 /read #lobby 1")
    while is_waiting():
        chat.turn(0.01)
        chat.store(has_room=False)
    count, refusal = ann.hears()
    assert count == "unread #lobby 0 0 2" and refusal.startswith("err storage-full r-1 ")
