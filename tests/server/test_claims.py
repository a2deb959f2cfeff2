"""/nick NAME SECRET: a name that is somebody's."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from chat_server.config import Limits
from tests.server.inside import inside
from tests.servers import Person, Server


def claim(person: Person, nick: str, secret: str = "open sesame".replace(" ", "-")) -> None:
    person.send(f"/nick {nick} {secret}")
    person.expect(f"nick \\S+ {nick}$")


def test_a_claimed_name_is_marked_and_kept_from_others_also_when_its_owner_is_away(server: Server) -> None:
    ann, eve = server.connect(), server.connect()
    claim(ann, "ann")
    eve.send("/who")
    assert "+ann" in eve.expect("who #lobby (.*)$")[1]
    ann.close()
    eve.expect("part #lobby ann")
    eve.send("/nick Ann")
    assert eve.expect("err (nick-claimed) - (.*)$")[2].endswith("else Ann2 is free: /nick Ann2")
    eve.send("/nick ann wrong")
    # His app may have made that secret by itself: the sentence has to make sense to who never said one.
    refusal = eve.expect("err bad-secret - (.*)$")[1]
    assert refusal.startswith(
        "ann belongs to somebody with another secret; if that is you: /nick ann SECRET, "
    )
    assert refusal.endswith("else ann2 is free: /nick ann2")
    claim(eve, "ann")


def test_the_free_nick_that_a_wrong_secret_is_answered_with_can_be_taken(server: Server) -> None:
    claim(server.connect(), "ann")
    claim(server.connect(), "ann2")
    server.connect("ANN3")
    eve = server.connect()
    eve.send("/nick ann wrong")
    free = eve.expect("err bad-secret - .* is free: /nick (.*)$")[1]
    eve.send(f"/nick {free}")
    eve.expect(f"nick guest-\\d+ {free}$")
    assert free == "ann4"


def test_who_claims_a_name_on_two_connections_at_once_owns_it_on_both(server: Server) -> None:
    """The slower one was told that the name belongs to somebody, and talked on as a guest: what he had said on the
    other one he said again."""
    for number in range(6):
        one, two = server.connect(), server.connect()
        for person in (one, two):
            person.send(f"/id n-1 /nick ann-{number} her-secret")
        for person in (one, two):
            person.expect("ok n-1$")
        one.send("/id l-1 hello")
        id = one.expect(r"ok l-1 (\d+)$")[1]
        two.send("/id l-1 hello")
        assert two.expect(r"ok l-1 (\d+)$")[1] == id


def test_of_two_who_claim_a_name_at_once_one_gets_it(server: Server) -> None:
    for number in range(4):
        one, two = server.connect(), server.connect()
        one.send(f"/id n-1 /nick ann-{number} her-secret")
        two.send(f"/id n-1 /nick ann-{number} his-secret")
        answers = sorted(
            person.expect("ok n-1$|err (nick-claimed|nick-taken|bad-secret) n-1 ")[0] for person in (one, two)
        )
        assert answers[0].startswith("err ") and answers[1] == "ok n-1"


def test_a_claim_survives_a_restart(server: Server) -> None:
    claim(server.connect(), "ann")
    server.kill()
    server.restart()
    eve = server.connect()
    eve.send("/nick ann")
    eve.expect("err nick-claimed - ")
    claim(eve, "ann")


def test_a_name_that_only_looks_like_a_claimed_one_is_refused_too(server: Server) -> None:
    claim(server.connect(), "lana")
    eve = server.connect()
    for name in ("Iana", "Iana secret"):
        eve.send(f"/nick {name}")
        eve.expect("err nick-(taken|claimed) - ")


def test_two_devices_are_one_person_and_both_hear_everything(server: Server) -> None:
    laptop, bob = server.connect(), server.connect("bob")
    claim(laptop, "ann")
    laptop.send("/join #games")
    laptop.expect("end history #games")
    phone = server.connect()
    bob.sync()
    claim(phone, "ann")
    assert phone.line() == "join #games ann"
    assert bob.sync() == ["part #lobby guest-1 is ann"]
    bob.send("/who #lobby")
    assert bob.expect("who #lobby (.*)$")[1] == "+ann bob"
    phone.send("/msg #lobby from the phone")
    assert laptop.expect(r"msg \d+ #lobby ann: (.*)$")[1] == "from the phone"
    bob.send("/msg @ann psst")
    laptop.expect(r"msg \d+ @ann bob: psst$")
    phone.expect(r"msg \d+ @ann bob: psst$")
    bob.sync()
    laptop.close()
    phone.send("/msg #lobby still here")
    assert bob.expect(r"(msg|part) .*")[0].endswith("#lobby ann: still here")


def test_rooms_and_the_current_one_come_back_at_the_next_login(server: Server) -> None:
    ann = server.connect()
    claim(ann, "ann")
    ann.send("/join #games\n/join #work\n/part #lobby\n/join #games")
    ann.expect("join #games ann"), ann.expect("end history #work"), ann.expect("end history #games")
    ann.sync()
    server.stop()
    server.restart()
    again = server.connect()
    claim(again, "ann")
    again.send("hello again")
    again.expect(r"msg \d+ #games ann: hello again$")
    seen = [line.partition(" ")[2] for line in again.seen]
    assert "join #work ann" in seen and "part #lobby ann" in seen
    again.send("/rooms")
    lines = [again.expect("room (\\S+) (\\d)")[0] for _ in range(2)]
    assert sorted(lines) == ["room #games 1", "room #work 1"]


def test_another_device_talks_where_the_first_does_and_is_told_so(server: Server) -> None:
    ann = server.connect()
    claim(ann, "ann")
    ann.send("/join #games\n/join #work")
    ann.expect("join #work ann")
    other = server.connect()
    claim(other, "ann")
    other.expect("note What you type goes to #work now$")
    other.send("from the other")
    other.expect(r"msg \d+ #work ann: from the other$")
    for device in (other, ann):
        device.send("/quit")
        device.rest()
    again = server.connect()
    claim(again, "ann")
    again.expect("note What you type goes to #work now$")
    again.send("/part")
    again.expect("note What you type goes to #games now$")
    for room in ("#games", "#lobby"):
        again.send(f"/part {room}")
    again.expect("note You are in no room now; /join ROOM$")


def log_in(person: Person, nick: str, label: str = "n-1") -> list[str]:
    """As an app logs in; what it is told from its new name up to the `ok`."""
    start = len(person.seen)
    person.send(f"/id {label} /nick {nick} open-sesame")
    person.expect(f"ok {label}$")
    lines = [line.partition(" ")[2] for line in person.seen[start:]]
    return lines[next(number for number, line in enumerate(lines) if line.startswith("nick ")) :]


def test_an_app_is_told_in_a_word_where_its_user_was_last(server: Server) -> None:
    ann = server.connect()
    claim(ann, "ann")
    ann.send("/join #games\n/join #work\n/here #games")
    ann.expect("note What you type goes to #games now$")
    for is_alone in (False, True):
        phone = server.connect()
        lines = log_in(phone, "ann")
        assert lines[-2:] == ["here #games", "ok n-1"] and not [line for line in lines if "note" in line]
        phone.send("typed without a room")
        phone.expect(r"msg \d+ #games ann: typed without a room$")
        if not is_alone:
            for device in (ann, phone):
                device.send("/quit")
                device.rest()


def test_he_is_told_also_if_that_is_where_everybody_starts_but_not_by_a_claim_or_a_second_proof(
    server: Server,
) -> None:
    ann = server.connect()
    assert log_in(ann, "ann") == ["nick guest-1 ann", "ok n-1"]
    assert log_in(ann, "ann", "n-2") == ["nick ann ann", "ok n-2"]
    ann.close()
    ann = server.connect()
    assert log_in(ann, "ann") == ["nick guest-1 ann", "here #lobby", "ok n-1"]
    ann.send("/join #alone")
    ann.expect("end history #alone$")
    lines = log_in(ann, "annie", "n-3")
    assert lines[0] == "nick ann guest-1" and not [line for line in lines if line.startswith("here")]


def test_going_back_to_a_room_that_one_is_in_shows_nothing_again_and_nobody_else_hears_of_it(
    server: Server,
) -> None:
    bob, ann, phone = server.connect("bob"), server.connect(), server.connect()
    log_in(ann, "ann"), log_in(phone, "ann")
    ann.send("hello\n/join #games")
    ann.expect("end history #games$")
    bob.sync(), ann.sync(), phone.sync()
    ann.send("/here #lobby")
    assert ann.sync() == ["note What you type goes to #lobby now"]
    ann.send("/id x-1 /here #GAMES")
    assert ann.sync() == ["here #games", "ok x-1"]
    ann.send("/here #elsewhere")
    assert ann.sync() == ["err not-in-room - You are not in #elsewhere; /join #elsewhere takes you there"]
    ann.send("/here")
    assert ann.sync() == ["note What you type goes to #games now"]
    assert bob.sync() == phone.sync() == []
    phone.send("typed on the phone")
    phone.expect(r"msg \d+ #lobby ann: typed on the phone$")


def test_an_app_that_comes_back_into_its_rooms_does_not_move_its_user(server: Server) -> None:
    ann, app = server.connect(), server.connect()
    claim(ann, "ann")
    ann.send("/join #games\n/join #work")
    ann.expect("end history #work$")
    log_in(app, "ann")
    app.send("/id j-1 /join #work\n/id j-2 /join #lobby")
    app.expect("ok j-2$")
    app.send("what names no room goes there all the same")
    app.expect(r"msg \d+ #lobby ann: what")
    again = server.connect()
    assert "here #work" in log_in(again, "ann")
    app.send("/id j-3 /join #new")
    app.expect("ok j-3$")
    assert "here #new" in log_in(server.connect(), "ann")


def test_an_app_that_leaves_its_room_is_told_where_it_is_then(server: Server) -> None:
    ann = server.connect("ann")
    ann.send("/join #games")
    ann.expect("end history #games$")
    ann.send("/id p-1 /part #games")
    assert ann.sync() == ["part #games ann", "here #lobby", "ok p-1"]
    ann.send("/id p-2 /part #lobby")
    assert ann.sync() == ["part #lobby ann", "ok p-2"]


def test_a_label_is_known_on_the_next_connection_and_after_a_restart(server: Server) -> None:
    ann = server.connect()
    claim(ann, "ann")
    ann.send("/id x-1 only once")
    ann.expect("ok x-1 1$")
    ann.close()
    server.kill()
    server.restart()
    again = server.connect()
    bob = server.connect("bob")
    claim(again, "ann")
    again.send("/id x-1 only once")
    again.expect("ok x-1 1$")
    again.send("new")
    assert bob.expect(r"msg .*")[0] == "msg 2 #lobby ann: new"


def test_the_labels_of_two_people_are_their_own(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("/id same hello")
    ann.expect("ok same 1$")
    bob.send("/id same hello")
    bob.expect("ok same 2$")


def test_a_message_to_a_claimed_person_who_is_away_is_kept_for_him_alone(server: Server) -> None:
    ann = server.connect()
    claim(ann, "ann")
    bob, eve = server.connect("bob"), server.connect("eve")
    ann.close()
    eve.expect("part #lobby ann")
    bob.send("/msg @ann call me")
    bob.expect("msg 1 @ann bob: call me$")
    eve.send("/since 0\n/history 10 @ann\n/history 10 @bob")
    assert not [line for line in eve.sync() if "call me" in line]
    again = server.connect()
    claim(again, "ann")
    again.send("/since 0")
    again.expect("msg 1 @ann bob: call me$")


def test_who_takes_a_freed_guest_name_reads_nothing_of_the_one_before(server: Server) -> None:
    bob, eve = server.connect("bob"), server.connect("eve")
    bob.send("/msg @eve secret words")
    eve.expect("msg 1 @eve bob: secret words$")
    eve.close()
    bob.expect("part #lobby eve$")
    other = server.connect("eve")
    other.send("/since 0\n/history 10 @bob")
    assert not [line for line in other.sync() if "secret words" in line]


def test_another_name_with_its_own_secret_is_another_person(server: Server) -> None:
    ann = server.connect()
    claim(ann, "ann", "one-secret")
    claim(ann, "eve", "two-secrets")
    ann.send("/who")
    assert ann.expect("who #lobby (.*)$")[1] == "+eve"


def test_to_say_the_secret_again_changes_nothing(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    ann.send("/join #den")
    ann.expect("end history #den")
    bob.sync(), ann.sync()
    ann.send("/nick ann open-sesame")
    assert ann.sync() == ["nick ann ann"]
    assert bob.sync() == []


def test_logins_leave_no_free_guest_names_behind(tmp_path: Path) -> None:
    with inside(tmp_path, Limits()) as server:
        bob = server.connect("bob")
        for _ in range(5):
            ann = server.connect()
            claim(ann, "ann")
            ann.close()
            bob.expect("part #lobby ann")
        assert len(server._hub.names._free_guests) == 1
        assert "nick=guest-1 " in server.person().line()


def test_ones_other_device_hears_that_one_came_into_a_room_where_comings_are_not_told(tmp_path: Path) -> None:
    with inside(tmp_path, replace(Limits(), told_people=1)) as server:
        bob, laptop, phone = server.connect("bob"), server.connect(), server.connect()
        bob.send("/join #den")
        bob.expect("end history #den")
        claim(laptop, "ann"), claim(phone, "ann")
        phone.sync()
        laptop.send("/join #den")
        laptop.expect("join #den ann")
        assert phone.sync() == ["join #den ann"]
        laptop.send("/part #den")
        laptop.expect("part #den ann")
        assert "part #den ann" in phone.sync()


def test_a_second_word_that_is_too_short_for_a_secret_claims_nothing(server: Server) -> None:
    ann = server.connect()
    ann.send("/nick ann smith")
    ann.expect("err bad-args - .*a name is one word")
    ann.send("/nick ann smithsmith")
    ann.expect("nick guest-1 ann$")
    ann.expect("note ann is yours now; the same line proves it later, and on other devices$")
    ann.send("/nick ann smithsmith")
    assert ann.sync() == ["nick ann ann"]


def test_who_claims_the_name_he_goes_by_is_seen_to_own_it(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    bob.sync()
    claim(ann, "ann")
    assert bob.sync() == ["nick ann ann"]
    claim(ann, "ann")
    assert bob.sync() == []
