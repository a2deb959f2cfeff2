"""Who claims his first name takes along what he said as a guest; nobody else ever does."""

from __future__ import annotations

from pathlib import Path

from chat_server.config import Limits
from chat_server.log import StorageFull
from tests.server.inside import inside
from tests.servers import Person, Server


def claim(person: Person, nick: str, secret: str | None = None) -> None:
    person.send(f"/id n-1 /nick {nick} {secret or f'secret-of-{nick}'}")
    person.expect("ok n-1$")


def answer(person: Person, line: str) -> list[str]:
    """What a line is answered with, times left out."""
    person.sync()
    person.send(line)
    return person.sync()


def entries(person: Person, line: str) -> list[str]:
    return [one for one in answer(person, line) if one.startswith(("msg", "act", "react", "edit", "delete"))]


def guest_with_a_past(server: Server) -> tuple[Person, Person]:
    """A guest who spoke (1), reacted (3), talked with bob alone (4, 5) and to himself (6); and bob, who has read 4."""
    bob, ann = server.connect(), server.connect("ann")
    claim(bob, "bob")
    for line in ("/id a-1 hello", "/msg #lobby two", "/id a-3 /react 2 👍", "/id a-4 /msg @bob psst"):
        answer(ann, line)
    answer(bob, "/msg @ann yes?")
    answer(ann, "/msg @ann a note")
    answer(bob, "/read @ann 5")
    return ann, bob


def test_the_first_name_takes_along_what_one_said_as_a_guest(server: Server) -> None:
    ann, bob = guest_with_a_past(server)
    claim(ann, "ann")
    direct = ["msg 4 @bob ann: psst", "msg 5 @ann bob: yes?"]
    for again in (False, True):
        if again:
            server.kill()
            server.restart()
            ann, bob = server.connect(), server.connect()
            claim(ann, "ann"), claim(bob, "bob")
        assert entries(ann, "/history @bob") == direct and entries(bob, "/history @ann") == direct
        assert entries(ann, "/history @ann") == ["msg 6 @ann ann: a note"]
        assert [line for line in entries(ann, "/since 3") if "@" in line][:3] == [
            *direct,
            "msg 6 @ann ann: a note",
        ]
        assert "msg 5 @ann bob: yes?" in entries(ann, "/search yes")
        # Lines whose answers were lost.
        assert answer(ann, "/id a-1 hello") == ["ok a-1 1"]
        assert answer(ann, "/id a-4 /msg @bob psst") == ["ok a-4 4"]
        # Neither of the two has anything to read there.
        assert [line for line in answer(ann, "/unread") if "@" in line] == []
        assert [line for line in answer(bob, "/unread") if "@" in line] == []
    assert answer(ann, "/edit 1 hello, all") == ["edit 7 #lobby ann ^1: hello, all"]
    assert answer(ann, "/react 2 👍") == ["unreact 8 #lobby ann ^2: 👍"]
    assert answer(ann, "/delete 4") == ["delete 9 @bob ann ^4:"]
    assert answer(ann, "/reply 5 later") == ["msg 10 @bob ann ^5: later"]
    assert answer(bob, "/reply 10 fine") == ["msg 11 @ann bob ^10: fine"]
    assert server.stop() == 0


def test_what_is_said_about_it_in_that_very_moment_arrives(server: Server) -> None:
    for number in range(5):
        ann, bob = server.connect(f"ann-{number}"), server.connect(f"bob-{number}")
        bob.send(f"/id b-1 /msg @ann-{number} one")
        id = bob.expect(r"ok b-1 (\d+)$")[1]
        ann.sync()
        ann.send(f"/id n-1 /nick ann-{number} a-long-secret")
        bob.send(f"/msg @ann-{number} two\n/edit {id} ONE\n/msg @ann-{number} three")
        ann.expect("ok n-1$"), bob.sync()
        shown = " ".join(entries(ann, f"/history @bob-{number}"))
        assert all(word in shown for word in ("two", "ONE", "three")), shown


def test_who_proves_a_name_that_was_somebodys_before_takes_nothing_along(server: Server) -> None:
    olga = server.connect()
    claim(olga, "olga")
    ann, bob = guest_with_a_past(server)
    answer(olga, "/id o-1 /msg @bob hers")
    claim(ann, "olga")
    assert answer(ann, "/edit 1 mine")[0].startswith("err not-yours ")
    assert answer(ann, "/delete 4")[0].startswith("err no-such-id ")
    assert [line for line in entries(ann, "/since 0") if "@" in line] == ["msg 7 @bob olga: hers"]
    # Nor does the next name of the same connection.
    claim(ann, "anna")
    assert answer(ann, "/edit 1 mine")[0].startswith("err not-yours ")
    assert answer(ann, "/delete 7")[0].startswith("err no-such-id ")
    assert entries(olga, "/history @bob") == ["msg 7 @bob olga: hers"]
    assert answer(olga, "/id o-1 /msg @bob hers") == ["ok o-1 7"]
    assert entries(bob, "/history @ann") == ["msg 4 @bob ann: psst", "msg 5 @ann bob: yes?"]


def test_others_get_nothing_by_the_claim_of_a_guest(server: Server) -> None:
    ann, bob = guest_with_a_past(server)
    eve = server.connect("eve")
    claim(ann, "ann")
    claim(eve, "eve")
    ann.close()
    bob.expect("part #lobby ann")
    for line in ("/since 0", "/history @bob", "/history @ann", "/search psst", "/unread", "/history @eve"):
        assert not [
            one for one in answer(eve, line) if "@" in one and not one.startswith(("begin", "end", "err"))
        ]
    assert answer(eve, "/edit 1 mine")[0].startswith("err not-yours ")
    for line in ("/delete 4", "/react 5 👍", "/reply 5 hm"):
        assert answer(eve, line)[0].startswith("err no-such-id ")
    assert answer(eve, "/id a-4 /msg @bob mine")[-1] != "ok a-4 4"


def test_where_the_disk_has_no_room_to_give_it_a_delete_still_takes_the_text(tmp_path: Path) -> None:
    with inside(tmp_path, Limits(lines_per_second=0.0)) as server:
        ann, bob = server.connect("ann"), server.connect("bob")
        answer(bob, "/msg @ann hush-hush")

        def adopt(*_: object) -> None:
            raise StorageFull("No room")

        server.people.adopt = adopt  # type: ignore[method-assign]
        claim(ann, "ann")
        assert answer(ann, "/reply 1 yes?")[0].startswith("err no-such-id ")
        # To whom it was said is not here any more, but it is bob's.
        assert answer(bob, "/reply 1 no?")[0].startswith("err not-allowed ")
        assert answer(bob, "/delete 1") == ["delete 2 @ann bob ^1:"]
        assert entries(bob, "/search hush") == []
        assert entries(bob, "/history @ann") == ["delete 2 @ann bob ^1:"]
