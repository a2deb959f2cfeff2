"""What is unread: kept by the server for whoever has a name of his own, the same on all his devices."""

from __future__ import annotations

from pathlib import Path
from time import gmtime, strftime

import pytest

from chat_server.config import Limits
from chat_server.roster import Session
from chat_server.unread import Marks
from chat_server.wire import Command
from tests.server.inside import inside
from tests.server.test_claims import claim
from tests.server.test_resume import block
from tests.servers import Person, Server, wait_until


def unread(person: Person) -> list[str]:
    person.send("/unread")
    return block(person, "unread")[1:-1]


def test_who_comes_back_is_told_how_much_he_missed_and_lists_it(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    ann.send("/join #games")
    ann.expect("end history #games")
    ann.close()
    bob.expect("part #lobby ann$")
    bob.send("hello\nANN, are you there?\nannabel is not ann's twin\n/msg @ann psst")
    bob.expect("msg 4 ")
    again = server.connect()
    claim(again, "ann")
    again.expect(
        "note 4 unread messages, 3 of them by name or to you alone, since .*; /unread lists them,"
        " /unread #lobby shows those in #lobby, /read #lobby marks them as read$"
    )
    assert unread(again) == ["unread #lobby 3 2 1", "unread @bob 1 1 4"]
    app = server.connect()
    app.send("/id n-1 /nick ann open-sesame")
    app.expect("ok n-1$")
    assert not [line for line in app.sync() if line.startswith("note ")], "a program asks for it"


def test_what_is_unread_says_since_when(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    bob.send("one")
    ann.expect("msg 1 ")
    said = ann.seen[-1].partition(" ")[0]
    wait_until(lambda: strftime("%Y-%m-%dT%H:%M:%SZ", gmtime()) > said)
    assert unread(ann) == ["unread #lobby 1 0 1"]
    (told,) = (line for line in ann.seen if " unread #lobby " in line)
    assert told.startswith(f"{said} ")


def test_reading_on_one_device_is_known_on_the_other_and_after_a_restart(server: Server) -> None:
    laptop, bob = server.connect(), server.connect("bob")
    claim(laptop, "ann")
    phone = server.connect()
    claim(phone, "ann")
    bob.send("one\ntwo\nthree")
    phone.expect("msg 3 ")
    phone.send("/id r-1 /read #lobby 2")
    phone.expect("unread #lobby 1 0 3$")
    phone.expect("ok r-1$")
    laptop.expect("unread #lobby 1 0 3$")
    phone.send("/read #lobby 1")
    laptop.expect("unread #lobby 1 0 3$")
    laptop.send("/read #lobby 3")
    phone.expect("unread #lobby 0 0 4$")
    server.stop()
    server.restart()
    again, bob = server.connect(), server.connect("bob")
    claim(again, "ann")
    assert unread(again) == []
    bob.send("four")
    again.expect("msg 4 ")
    assert unread(again) == ["unread #lobby 1 0 4"]


def test_what_is_marked_unread_is_unread_on_the_other_device_and_after_a_restart(server: Server) -> None:
    laptop, bob = server.connect(), server.connect("bob")
    claim(laptop, "ann")
    phone = server.connect()
    claim(phone, "ann")
    bob.send("one\nann, two\nthree")
    phone.expect("msg 3 ")
    phone.send("/read #lobby 3")
    laptop.expect("unread #lobby 0 0 4$")
    phone.send("/id u-1 /unread #lobby 2")
    phone.expect("unread #lobby 2 1 2$")
    phone.expect("ok u-1$")
    laptop.expect("unread #lobby 2 1 2$")
    phone.close()
    laptop.send("/quit")
    server.stop()
    server.restart()
    again = server.connect()
    claim(again, "ann")
    assert unread(again) == ["unread #lobby 2 1 2"]
    again.send("/unread 1")
    again.expect("unread #lobby 3 1 1$")
    again.send("/unread #lobby 99")
    again.expect("unread #lobby 0 0 4$")


def test_a_device_that_is_behind_takes_nothing_back(server: Server) -> None:
    laptop, bob = server.connect(), server.connect("bob")
    claim(laptop, "ann")
    phone = server.connect()
    claim(phone, "ann")
    bob.send("one\ntwo\nthree")
    phone.expect("msg 3 ")
    phone.send("/read #lobby 3")
    laptop.expect("unread #lobby 0 0 4$")
    laptop.send("/read #lobby 1")
    laptop.expect("unread #lobby 0 0 4$")
    assert unread(phone) == []


def test_what_two_devices_are_told_last_is_the_same_however_they_read(server: Server) -> None:
    laptop, bob = server.connect(), server.connect("bob")
    claim(laptop, "ann")
    phone = server.connect()
    claim(phone, "ann")
    bob.send("\n".join(map(str, range(1, 9))))
    laptop.expect("msg 8 ")
    for back in [*range(1, 9)] * 3:
        laptop.send(f"/read #lobby {back}\n/unread #lobby {back}")
        phone.send("/read #lobby 8")
        told = [[line for line in device.sync() if line.startswith("unread ")] for device in (laptop, phone)]
        # Each may have heard of the other's after its own pong.
        told = [
            lines + [line for line in device.sync() if line.startswith("unread ")]
            for lines, device in zip(told, (laptop, phone), strict=True)
        ]
        assert told[0] == told[1] and len(told[0]) == 3
        last = told[0][-1]
        assert unread(laptop) == unread(phone) == ([] if " 0 0 " in last else [last])


def test_the_unread_of_one_room_or_person_is_counted_for_a_program_and_shown_to_a_person(
    server: Server,
) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    bob.send("one\n/msg @ann psst\ntwo")
    ann.expect("msg 3 ")
    ann.send("/id u-1 /unread #lobby")
    assert block(ann, "unread #lobby") == ["begin unread #lobby", "unread #lobby 2 0 1", "end unread #lobby"]
    ann.expect("ok u-1$")
    ann.send("/unread #lobby")
    assert block(ann, "unread #lobby") == [
        "begin unread #lobby",
        "unread #lobby 2 0 1",
        "msg 1 #lobby bob: one",
        "msg 3 #lobby bob: two",
        "end unread #lobby",
    ]
    ann.send("/unread Bob")
    assert block(ann, "unread @bob")[1:-1] == ["unread @bob 1 1 2", "msg 2 @ann bob: psst"]
    assert unread(ann) == ["unread @bob 1 1 2", "unread #lobby 2 0 1"], "to show it is not to have read it"
    for line in ("/unread @carol", "/unread carol"):
        ann.send(line)
        ann.expect("err no-such-nick - Nobody here is called carol;")
    ann.send("/unread #nowhere")
    ann.expect("err not-in-room - ")


def test_the_unread_is_shown_with_what_became_of_it_and_what_one_said_between(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    bob.send("one\ntwo")
    ann.expect("msg 2 ")
    ann.send("/read 1\n/id m-1 mine\n/react 1 👍")
    bob.expect("react 4 ")
    bob.send("/edit 2 three\n/react 3 👍\nfour\ngone\n/delete 8")
    ann.expect("delete 9 ")
    ann.send("/unread lobby")
    assert block(ann, "unread #lobby")[1:-1] == [
        "unread #lobby 2 0 2",
        "msg 2 #lobby bob: two",
        "msg 3 #lobby ann: mine",
        "edit 5 #lobby bob ^2: three",
        "react 6 #lobby bob ^3: 👍",
        "msg 7 #lobby bob: four",
    ]


def test_of_very_much_that_is_unread_the_newest_page_is_shown_and_that_there_is_more(tmp_path: Path) -> None:
    with inside(tmp_path, Limits(page=3, lines_per_second=0.0)) as server:
        ann, bob = server.connect(), server.connect("bob")
        claim(ann, "ann")
        bob.send("\n".join(map(str, range(1, 5))))
        ann.expect("msg 4 ")
        ann.send("/unread #lobby")
        shown = block(ann, "unread #lobby")
        assert [line.split()[1] for line in shown[2:-1]] == ["2", "3", "4"]
        assert shown[-1] == "end unread #lobby more"
        ann.send("/read 1\n/unread #lobby")
        assert block(ann, "unread #lobby")[-1] == "end unread #lobby"


def test_read_means_all_that_is_there_in_the_room_one_is_in_or_in_another_or_with_somebody(
    server: Server,
) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    for person in (ann, bob):
        person.send("/join #ops")
        person.expect("end history #ops")
    bob.send("one\n/msg #lobby two\n/msg ann three")
    ann.expect("msg 3 ")
    assert len(unread(ann)) == 3
    ann.send("/read")
    ann.expect("unread #ops 0 0 4$")
    ann.send("/read #lobby")
    ann.expect("unread #lobby 0 0 4$")
    assert unread(ann) == ["unread @bob 1 1 3"]
    ann.send("/id r-1 /read bob")
    ann.expect("unread @bob 0 0 4$")
    ann.expect("ok r-1$")
    assert unread(ann) == []
    bob.send("four\nfive")
    ann.expect("msg 5 ")
    ann.send("/read 4")
    ann.expect("unread #ops 1 0 5$")
    ann.send("/read 5 #ops")
    ann.expect("unread #ops 0 0 6$")
    ann.send("/part #ops\n/part #lobby\n/read")
    ann.expect("err not-in-room - ")


def test_what_guests_said_who_left_can_be_read_and_marked_unread(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    bob.send("/msg @ann first")
    ann.expect("msg 1 ")
    bob.close()
    ann.expect("part #lobby bob")
    assert unread(ann) == ["unread @bob 1 1 1"]
    other = server.connect("bob")
    other.send("/msg @ann I am another one\n/msg @ann again")
    ann.expect("msg 3 ")
    assert unread(ann) == ["unread @bob 3 3 1"], "one line for one name"
    ann.send("/read @bob 2")
    ann.expect("unread @bob 1 1 3$")
    other.close()
    ann.expect("part #lobby bob")
    ann.send("/read @bob 3")
    ann.expect("unread @bob 0 0 4$")
    assert unread(ann) == []
    ann.send("/unread @bob 1")
    ann.expect("unread @bob 3 3 1$")
    ann.send("/unread @carol 1")
    ann.expect("err no-such-nick - ")


def test_who_marks_learns_nothing_of_what_others_say_to_each_other(server: Server) -> None:
    ann, bob, eve = server.connect(), server.connect("bob"), server.connect()
    claim(ann, "ann")
    claim(eve, "eve")
    bob.send("/msg @ann psst")
    ann.expect("msg 1 ")
    eve.sync()
    eve.send("/unread @bob 1\n/read @bob 1\n/unread @ann 1\n/unread 1")
    assert eve.sync() == [
        "unread @bob 0 0 1",
        "unread @bob 0 0 2",
        "unread @ann 0 0 1",
        "unread #lobby 0 0 1",
    ]
    assert unread(ann) == ["unread @bob 1 1 1"]


def test_the_marks_of_rooms_that_one_left_are_forgotten_when_there_are_many(tmp_path: Path) -> None:
    with inside(tmp_path, Limits(marks_per_person=4, lines_per_second=0.0)) as server:
        ann, bob = server.connect(), server.connect("bob")
        claim(ann, "ann")
        bob.send("/join #stays\none")
        bob.expect("msg 1 ")
        ann.send("/join #stays")
        ann.expect("end history #stays")
        for number in range(20):
            ann.send(f"/join #r{number}\n/part #r{number}")
            ann.expect(f"part #r{number} ann")
        bob.send("two")
        ann.expect("msg 2 ")
        assert unread(ann) == ["unread #stays 1 0 2"]
        assert set(server.people.marks_of(1)) == {"#lobby", "#stays", "#r18", "#r19"}


def test_what_one_says_oneself_and_what_was_deleted_is_not_unread(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    ann.send("mine")
    bob.expect("msg 1 ")
    bob.send("oops\n/delete 2\n/react 1 👍")
    ann.expect("react 4 ")
    assert unread(ann) == []


def test_a_new_room_is_not_a_heap_of_unread(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    bob.send("/join #games\none\ntwo")
    bob.expect("msg 2 ")
    claim(ann, "ann")
    ann.send("/join #games")
    ann.expect("end history #games")
    assert unread(ann) == []
    bob.send("three")
    ann.expect("msg 3 ")
    assert unread(ann) == ["unread #games 1 0 3"]


def test_a_guest_is_told_that_nothing_is_kept_for_him(server: Server) -> None:
    guest = server.connect("guesty")
    for line in ("/unread", "/unread #lobby", "/read", "/read #lobby 1", "/unread #lobby 1"):
        guest.send(line)
        guest.expect("err not-allowed - Only who has a name of his own is kept track of: /nick NAME SECRET$")


def test_a_mark_cannot_be_ahead_of_what_was_said(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    ann.send("/read #lobby 999")
    ann.expect("unread #lobby 0 0 1$")
    bob.send("hello")
    ann.expect("msg 1 ")
    assert unread(ann) == ["unread #lobby 1 0 1"]
    ann.send("/read #nowhere 1\n/read @nobody\n/read #lobby x")
    ann.expect("err not-in-room - ")
    ann.expect("err no-such-nick - ")
    ann.expect("err bad-args - ")


def test_what_is_said_while_one_is_being_greeted_was_not_missed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    greet = Marks.greet

    def greets_late(self: Marks, session: Session, line: Command, last: int) -> None:
        bob.send("hello ann")
        bob.expect("msg 1 ")
        greet(self, session, line, last)

    with inside(tmp_path, Limits()) as server:
        bob, first = server.connect("bob"), server.connect()
        claim(first, "ann")
        first.close()
        bob.expect("part #lobby ann$")
        monkeypatch.setattr(Marks, "greet", greets_late)
        ann = server.connect()
        ann.send("/nick ann open-sesame")
        ann.expect(r"nick \S+ ann$")
        assert ann.sync() == ["msg 1 #lobby bob: hello ann"]


def test_who_missed_more_than_is_counted_is_told_at_least_how_much(tmp_path: Path) -> None:
    with inside(tmp_path, Limits(unread_most=3)) as server:
        ann, bob = server.connect(), server.connect("bob")
        claim(ann, "ann")
        ann.close()
        bob.expect("part #lobby ann$")
        for text, told in (
            ("one\ntwo", "2 unread"),
            ("three", "at least 3 unread"),
            ("four", "at least 3 unread"),
        ):
            bob.send(text)
            bob.sync()
            again = server.connect()
            claim(again, "ann")
            again.expect(
                f"note {told} messages, since .*; /unread #lobby shows them, /read #lobby marks them as read$"
            )
            again.close()
            bob.expect("part #lobby ann$")


def test_a_program_is_told_of_direct_conversations_that_are_read(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    bob.send("/msg @ann one")
    ann.expect("msg 1 ")
    ann.send("/msg @bob two")
    bob.expect("msg 2 ")
    ann.send("/read @bob 2")
    ann.expect("unread @bob 0 0 ")
    assert unread(ann) == []
    ann.send("/id u-1 /unread")
    assert block(ann, "unread") == ["begin unread", "unread @bob 0 0 3", "end unread"]
    eve = server.connect()
    claim(eve, "eve")
    eve.send("/id u-1 /unread")
    assert block(eve, "unread") == ["begin unread", "end unread"]


def test_who_says_something_by_hand_has_read_what_came_while_he_was_there(server: Server) -> None:
    terminal, bob = server.connect(), server.connect("bob")
    claim(terminal, "ann")
    app = server.connect()
    app.send("/id n-1 /nick ann open-sesame")
    app.expect("ok n-1$")
    for person in (terminal, bob):
        person.send("/join #ops")
        person.expect("end history #ops")
    bob.send("one\n/msg @ann psst\n/msg #lobby elsewhere")
    terminal.expect("msg 3 ")
    assert len(unread(terminal)) == 3, "to be there is not to have read it"
    app.send("/id m-1 /msg #ops from an app, which says itself what it read")
    app.expect("ok m-1 4")
    assert len(unread(terminal)) == 3
    terminal.send("yes?")
    app.expect("unread #ops 0 0 5$")
    assert unread(terminal) == ["unread @bob 1 1 2", "unread #lobby 1 0 3"]
    terminal.send("/reply 2 what is it?")
    app.expect("unread @bob 0 0 6$")
    terminal.expect(r"msg 6 @bob ann \^2: ")
    terminal.send("/join #lobby\n/me waves")
    app.expect("unread #lobby 0 0 7$")
    terminal.expect("act 7 ")
    server.stop()
    server.restart()
    again = server.connect()
    claim(again, "ann")
    assert unread(again) == [], "it is saved with what was said"


def test_what_never_was_on_the_screen_is_not_read_by_saying_something(tmp_path: Path) -> None:
    with inside(tmp_path, Limits(backlog=2, lines_per_second=0.0)) as server:
        ann, bob = server.connect(), server.connect("bob")
        claim(ann, "ann")
        ann.send("/join #ops")
        ann.expect("end history #ops")
        ann.close()
        bob.expect("part #lobby ann")
        bob.send("/join #ops\none\n/msg @ann psst\ntwo\nthree\n/msg #lobby hi")
        bob.expect("msg 5 ")
        ann = server.connect()
        claim(ann, "ann")
        assert unread(ann) == ["unread @bob 1 1 2", "unread #ops 3 0 1", "unread #lobby 1 0 5"]
        bob.send("four\n/msg ann four")
        ann.expect("msg 7 ")
        ann.send("hello\n/msg bob hello\n/msg #lobby hello")
        ann.expect("msg 10 ")
        # Of #ops only the last two were shown at the login; of the lobby there was but one.
        assert unread(ann) == ["unread @bob 2 2 2", "unread #ops 4 0 1"]
        ann.send("/unread #ops")
        ann.expect("end unread #ops")
        assert len(unread(ann)) == 2
        ann.send("/msg #ops I see")
        ann.expect("msg 11 ")
        assert unread(ann) == ["unread @bob 2 2 2"]
        ann.send("/unread bob\n/msg bob I see")
        ann.expect("msg 12 ")
        assert unread(ann) == []


def test_what_was_put_by_for_later_stays_unread_when_one_goes_on_talking(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    bob.send("one\ntwo")
    ann.expect("msg 2 ")
    ann.send("/unread 1\nlater")
    ann.expect("msg 3 ")
    assert unread(ann) == ["unread #lobby 2 0 1"]
    ann.send("/read")
    ann.expect("unread #lobby 0 0 4$")
    bob.send("three")
    ann.expect("msg 4 ")
    ann.send("now")
    ann.expect("msg 5 ")
    assert unread(ann) == []


def test_a_room_that_one_left_and_came_back_to_is_read_only_if_all_of_it_was_shown(tmp_path: Path) -> None:
    with inside(tmp_path, Limits(backlog=2, lines_per_second=0.0)) as server:
        ann, bob = server.connect(), server.connect("bob")
        claim(ann, "ann")
        for person in (ann, bob):
            person.send("/join #ops")
            person.expect("end history #ops")
        for texts in ("one", "one\ntwo\nthree"):
            ann.send("/part #ops")
            bob.expect("part #ops ann")
            bob.send(texts)
            bob.sync()
            ann.send("/join #ops")
            ann.expect("end history #ops")
            ann.send("hello")
            ann.sync()
            assert len(unread(ann)) == (texts != "one")


def test_a_room_that_the_guest_was_in_and_its_owner_is_not_is_not_read_up_to_now(tmp_path: Path) -> None:
    with inside(tmp_path, Limits(backlog=2, lines_per_second=0.0)) as server:
        ann, bob = server.connect(), server.connect("bob")
        claim(ann, "ann")
        ann.send("/join #ops\n/part #lobby")
        bob.expect("part #lobby ann")
        bob.send("one")
        bob.expect("msg 1 ")
        other = server.connect()
        claim(other, "ann")
        other.expect("part #lobby ann")
        bob.send("two\nthree\nfour")
        bob.expect("msg 4 ")
        other.send("/join #lobby")
        other.expect("end history #lobby")
        other.send("hello")
        other.expect("msg 5 ")
        # Nobody was shown the second one.
        assert unread(other) == ["unread #lobby 4 0 1"]


def test_a_connection_that_goes_from_one_name_to_another_has_read_nothing_for_that(tmp_path: Path) -> None:
    with inside(tmp_path, Limits(backlog=2, lines_per_second=0.0)) as server:
        ann, bob = server.connect(), server.connect("bob")
        claim(ann, "ann")
        ann.send("/join #ops\n/part #ops")
        ann.expect("part #ops ann")
        ann.close()
        bob.expect("part #lobby ann")
        eve = server.connect()
        claim(eve, "eve")
        for person in (eve, bob):
            person.send("/join #ops")
            person.expect("end history #ops")
        bob.send("one")
        eve.expect("msg 1 ")
        eve.send("/join #lobby")
        eve.expect("end history #lobby")
        claim(eve, "ann")
        eve.sync()
        bob.send("two\nthree\nfour")
        bob.expect("msg 4 ")
        eve.send("/join #ops")
        eve.expect("end history #ops")
        eve.send("hello")
        eve.expect("msg 5 ")
        assert unread(eve) == ["unread #ops 4 0 1"]
