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


def test_pages_of_several_conversations_are_one_without_holes() -> None:
    one = Page([entry(5), entry(8), entry(9, "edit", 5)], has_more=True, gaps=[])
    two = Page([entry(2), entry(6), entry(7)], has_more=False, gaps=[])
    page = joined([one, two], 10)
    assert [entry.id for entry in page.entries] == [5, 6, 7, 8, 9] and page.has_more
    page = joined([one, two], 2)
    assert [entry.id for entry in page.entries] == [7, 8] and page.has_more
    page = joined([two, Page([entry(3)], has_more=False, gaps=[(1, 1)])], 10)
    assert [entry.id for entry in page.entries] == [2, 3, 6, 7] and not page.has_more
