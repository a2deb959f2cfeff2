"""Direct conversations read back by name: also with guests who left, or who go by another name now."""

from __future__ import annotations

from collections.abc import Callable

from chat_server.log import Page
from chat_server.replay import joined
from chat_server.wire import Entry
from tests.server.test_claims import claim
from tests.server.test_resume import block
from tests.servers import Person, Server


def entry(id: int, kind: str = "msg", ref: int | None = None) -> Entry:
    text = "" if kind == "delete" else "x"
    return Entry(1_795_366_380, kind, id, "@ann", "hal", text, ref)  # type: ignore[arg-type]


def history(person: Person, line: str) -> list[str]:
    person.send(line)
    return block(person, "history")


def test_what_a_guest_said_who_left_is_read_by_his_name(start_server: Callable[..., Server]) -> None:
    server = start_server("--rate", "0")
    ann = server.connect()
    claim(ann, "ann")
    ann.send("/quit")
    ann.rest()
    hal = server.connect("hal")
    hal.send("/msg @ann one\n/msg @ann two")
    hal.expect("msg 2 ")
    hal.send("/quit")
    hal.rest()
    server.kill()
    server.restart()
    ann = server.connect()
    claim(ann, "ann")
    said = ["msg 1 @ann hal: one", "msg 2 @ann hal: two"]
    assert history(ann, "/history @hal")[1:-1] == said
    # The next one of that name is somebody else, who reads nothing of it.
    other = server.connect("hal")
    assert history(other, "/history @ann")[1:-1] == []
    other.send("/msg @ann three")
    ann.expect("msg 3 ")
    assert history(ann, "/history @hal")[1:-1] == [*said, "msg 3 @ann hal: three"]
    assert history(ann, "/history 2 @hal") == [
        "begin history @hal",
        *said[1:],
        "msg 3 @ann hal: three",
        "end history @hal more",
    ]
    assert history(ann, "/history 2 @hal 2")[1:-1] == said[:1]


def test_what_was_said_to_a_guest_who_never_answered_is_read_by_his_name(server: Server) -> None:
    ann, hal = server.connect("ann"), server.connect("hal")
    ann.send("/msg @hal are you there?")
    hal.expect("msg 1 ")
    hal.send("/nick joe")
    ann.expect("nick hal joe")
    assert history(ann, "/history @joe") == [
        "begin history @joe",
        "msg 1 @hal ann: are you there?",
        "end history @joe",
    ]
    assert history(ann, "/history @hal")[1:-1] == ["msg 1 @hal ann: are you there?"]


def test_whom_one_never_spoke_with_is_no_conversation(server: Server) -> None:
    ann, bob, eve = server.connect("ann"), server.connect("bob"), server.connect("eve")
    ann.send("/msg @bob psst")
    bob.expect("msg 1 ")
    bob.send("/quit")
    ann.expect("part #lobby bob")
    for name in ("bob", "nobody"):
        eve.send(f"/history @{name}")
        eve.expect(f"err no-such-nick - Nobody here is called {name};")


def test_a_nick_and_a_room_need_no_mark_where_they_cannot_be_anything_else(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("/msg BOB psst")
    bob.expect("msg 1 @bob ann: psst$")
    assert history(ann, "/history bob") == ["begin history @bob", "msg 1 @bob ann: psst", "end history @bob"]
    assert history(ann, "/history lobby 3") == ["begin history #lobby", "end history #lobby"]
    ann.send("/who lobby\n/who bob\n/join games")
    ann.expect("begin who #lobby$")
    ann.expect("begin who @bob$")
    ann.expect("join #games ann$")
    ann.send("/here lobby\n/part games")
    ann.expect("note What you type goes to #lobby now$")
    ann.expect("part #games ann$")


def test_what_is_said_is_never_guessed_to_be_for_a_room_nor_for_one_of_two(server: Server) -> None:
    ann, bob, dev = server.connect("ann"), server.connect("bob"), server.connect("dev")
    ann.sync()
    ann.send("/msg lobby the password is 1234")
    ann.expect(r"err bad-args - /msg is used like this: /msg TARGET TEXT \(did you mean #lobby\?\)$")
    bob.send("/join #dev")
    bob.expect("end history #dev")
    for line in ("/msg dev hi", "/id l-1 /msg Dev hi", "/history dev", "/who dev"):
        ann.send(line)
        ann.expect(r"err bad-args \S+ .* \(did you mean @[dD]ev or #[dD]ev\?\)$")
    ann.send("/msg nobody hi\n/history nobody")
    for _ in range(2):
        ann.expect("err no-such-nick - Nobody here is called nobody; /who lists the people$")
    assert not [line for person in (bob, dev) for line in person.sync() if line.startswith("msg ")]


def test_pages_of_several_conversations_are_one_without_holes() -> None:
    one = Page([entry(5), entry(8), entry(9, "edit", 5)], has_more=True, gaps=[])
    two = Page([entry(2), entry(6), entry(7)], has_more=False, gaps=[])
    page = joined([one, two], 10)
    assert [entry.id for entry in page.entries] == [5, 6, 7, 8, 9] and page.has_more
    page = joined([one, two], 2)
    assert [entry.id for entry in page.entries] == [7, 8] and page.has_more
    page = joined([two, Page([entry(3)], has_more=False, gaps=[(1, 1)])], 10)
    assert [entry.id for entry in page.entries] == [2, 3, 6, 7] and not page.has_more
