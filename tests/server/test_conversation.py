"""Replies, edits, deletes, reactions, topics, who is away: all of it typed by hand."""

from __future__ import annotations

from tests.server.test_claims import claim
from tests.server.test_resume import block
from tests.servers import Server


def test_a_reply_names_what_it_answers(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("who is in?")
    bob.expect("msg 1 ")
    bob.send("/reply 1 me")
    ann.expect(r"msg 2 #lobby bob \^1: me$")
    bob.send("/id r-1 /reply ^1 me too")
    bob.expect("ok r-1 3$")


def test_a_reply_goes_to_the_room_of_what_it_answers_not_to_the_current_one(server: Server) -> None:
    ann = server.connect("ann")
    ann.send("in the lobby")
    ann.expect("msg 1 ")
    ann.send("/join #games\n/reply 1 still in the lobby")
    ann.expect(r"msg 2 #lobby ann \^1: still in the lobby$")


def test_a_reply_to_a_direct_message_goes_back_to_its_author_alone(server: Server) -> None:
    ann, bob, eve = server.connect("ann"), server.connect("bob"), server.connect("eve")
    ann.send("/msg @bob psst")
    bob.expect("msg 1 @bob ann: psst$")
    ann.send("/nick anna")
    bob.expect("nick ann anna$")
    bob.send("/reply 1 what?")
    ann.expect(r"msg 2 @anna bob \^1: what\?$")
    ann.send("/reply 1 and another thing")
    bob.expect(r"msg 3 @bob anna \^1: and another thing$")
    for line in ("/reply 1 me too", "/react 1 👍", "/edit 1 x", "/delete 1"):
        eve.send(line)
        eve.expect("err no-such-id - There is no message 1 that you can see$")
    assert not [line for line in eve.sync() if "psst" in line or "what" in line]


def test_only_the_author_edits_and_deletes(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("helo")
    bob.expect("msg 1 ")
    bob.send("/edit 1 goodbye\n/delete 1")
    bob.expect("err not-yours - ")
    bob.expect("err not-yours - ")
    ann.send("/edit 1 hello")
    bob.expect(r"edit 2 #lobby ann \^1: hello$")
    ann.send("/edit 2 hello!")
    bob.expect(r"edit 3 #lobby ann \^1: hello!$")
    ann.send("/delete 1")
    bob.expect(r"delete 4 #lobby ann \^1:$")
    ann.send("/edit 1 back")
    ann.expect("err no-such-id - ")


def test_what_was_deleted_is_nowhere_any_more(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("my pasword is hunter2\n/edit 1 my password is hunter2\n/react 1 👍")
    bob.expect("react 3 ")
    ann.send("/delete 1")
    bob.expect("delete 4 ")
    bob.send("/history\n/since 0\n/search hunter2")
    for what in ("history", "since", "search"):
        assert not [line for line in block(bob, what)[1:-1] if "hunter2" in line]
    newcomer = server.connect()
    assert not [line for line in newcomer.seen if "hunter2" in line]
    server.stop()
    server.restart()
    newcomer = server.connect()
    assert not [line for line in newcomer.seen if "hunter2" in line]
    for file in server.data.iterdir():
        assert b"hunter2" not in file.read_bytes(), file.name


def test_a_reaction_is_taken_back_by_saying_it_again(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("cake?")
    bob.expect("msg 1 ")
    bob.send("/react 1 :thumbs_up:\n/react 1 👍\n/react 1 +1")
    ann.expect(r"react 2 #lobby bob \^1: 👍$")
    ann.expect(r"unreact 3 #lobby bob \^1: 👍$")
    ann.expect(r"react 4 #lobby bob \^1: 👍$")
    bob.send("/react 1 nice")
    bob.expect("err bad-args - /react is used like this: /react ID EMOJI")


def test_history_shows_messages_with_what_became_of_them(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("one\ntwo\nthree\n/edit 1 ONE\n/react 2 👍\n/delete 3")
    bob.expect("delete 6 ")
    bob.send("/history 10")
    assert block(bob, "history")[1:-1] == [
        "msg 1 #lobby ann: one",
        "msg 2 #lobby ann: two",
        "edit 4 #lobby ann ^1: ONE",
        "react 5 #lobby ann ^2: 👍",
        "delete 6 #lobby ann ^3:",
    ]
    newcomer = server.connect()
    seen = [line.partition(" ")[2] for line in newcomer.seen]
    begin, end = seen.index("begin history #lobby"), seen.index("end history #lobby")
    assert seen[begin + 1 : end] == [
        "msg 1 #lobby ann: one",
        "msg 2 #lobby ann: two",
        "edit 4 #lobby ann ^1: ONE",
        "react 5 #lobby ann ^2: 👍",
        "delete 6 #lobby ann ^3:",
    ]


def test_edits_and_deletes_while_one_was_away_come_with_since(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("one\ntwo")
    bob.expect("msg 2 ")
    bob.close()
    ann.send("/edit 1 uno\n/delete 2\nthree")
    ann.expect("msg 5 ")
    again = server.connect("bobby")
    again.send("/since 2")
    assert block(again, "since")[1:-1] == [
        "edit 3 #lobby ann ^1: uno",
        "delete 4 #lobby ann ^2:",
        "msg 5 #lobby ann: three",
    ]


def test_a_topic_is_set_shown_kept_and_taken_away(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("/topic")
    ann.expect("note #lobby has no topic; /topic TEXT sets one$")
    ann.send("/topic Games night on Friday")
    bob.expect(r"topic 1 #lobby ann: Games night on Friday$")
    server.stop()
    server.restart()
    bob = server.connect("bob")
    bob.send("/topic")
    bob.expect("note The topic of #lobby is: Games night on Friday$")
    bob.send("/rooms")
    assert bob.expect(r"room #lobby 1 \S+ (.*)$")[1] == "Games night on Friday"
    bob.send("/topic -")
    bob.expect(r"topic 2 #lobby bob:$")
    bob.send("/topic")
    bob.expect("note #lobby has no topic")


def test_a_topic_is_taken_out_of_the_store_by_who_set_it(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("/topic my-password-123\n/topic tea")
    bob.expect("topic 2 ")
    bob.send("/delete 1")
    bob.expect("err not-yours - ")
    ann.send("/edit 1 x\n/delete 1")
    ann.expect("err not-allowed - A topic is changed with /topic TEXT$")
    bob.expect(r"delete 3 #lobby ann \^1:$")
    ann.send("/topic")
    ann.expect("note The topic of #lobby is: tea$")
    ann.send("/delete 2")
    bob.expect("topic 4 #lobby ann:$"), bob.expect(r"delete 5 #lobby ann \^2:$")
    ann.send("/delete 2\n/topic")
    ann.expect("err no-such-id - "), ann.expect("note #lobby has no topic")
    server.stop()
    server.restart()
    again = server.connect()
    for line, end in (
        ("/since 0", "end since"),
        ("/search password", "end search"),
        ("/search tea", "end search"),
        ("/topic", "note #lobby has no topic"),
    ):
        again.send(line)
        again.expect(end)
    assert not [line for line in again.seen if "my-password" in line or line.endswith(": tea")]
    # Nor that at their times a topic was taken away: that was later, and once.
    assert {line.partition(" ")[2] for line in again.seen if "Z topic " in line} == {"topic 4 #lobby ann:"}


def test_to_delete_an_old_topic_leaves_a_newer_one_of_the_same_words(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("/topic tea\n/topic coffee")
    bob.expect("topic 2 ")
    bob.send("/topic tea")
    ann.expect("topic 3 ")
    ann.send("/delete 1\n/topic")
    ann.expect(r"delete 4 #lobby ann \^1:$")
    ann.expect("note The topic of #lobby is: tea$")


def test_who_is_away_is_told_and_marked(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    ann.send("/away lunch")
    bob.expect("away ann lunch$")
    bob.send("/who")
    assert bob.expect("who #lobby (.*)$")[1] == "~ann bob"
    bob.expect("away ann lunch$")
    bob.send("/whois ann")
    bob.expect("note ann is a guest by that name, is in #lobby with you, and is away: lunch$")
    ann.send("/away")
    bob.expect("away ann$")


def test_who_asks_for_one_person_is_told_whether_he_is_here_and_why_he_is_away(server: Server) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    owner = server.connect()
    owner.send("/nick carol a-long-random-secret")
    owner.expect(r"nick guest-\d+ carol$")
    ann.send("/away lunch")
    bob.expect("away ann lunch$")
    bob.send("/who @Ann\n/who @carol")
    bob.expect("begin who @ann$")
    bob.expect("who @ann ~ann$")
    bob.expect("away ann lunch$")
    bob.expect("end who @ann$")
    assert bob.expect("who @carol (.*)$")[1] == "+carol"
    owner.send("/quit")
    bob.expect("part #lobby carol$")
    bob.send("/who @carol\n/who @dave")
    bob.expect("begin who @carol$")
    assert bob.line() == "end who @carol"
    bob.expect("err no-such-nick - Nobody here is called dave")


def test_whois_tells_nothing_of_rooms_that_one_is_not_in(server: Server) -> None:
    ann, bob = server.connect(), server.connect("bob")
    claim(ann, "ann")
    ann.send("/join #secret-plans\n/part #lobby")
    bob.expect("part #lobby ann$")
    bob.send("/whois ann")
    bob.expect("note ann owns that name$")
    ann.close()
    bob.sync()
    bob.send("/whois nobody")
    bob.expect("err no-such-nick - ")


def test_a_reply_to_a_guest_who_is_not_that_guest_any_more_is_refused_not_lost(server: Server) -> None:
    ann, bob, carl = server.connect("ann"), server.connect("bob"), server.connect("carl")
    for person in (bob, carl):
        person.send("/msg @ann hi")
        person.expect(r"msg \d @ann ")
    ann.send("/msg @bob hello")
    ann.expect("msg 3 ")
    bob.close()
    ann.expect("part #lobby bob")
    server.connect("bob")
    # Of a name that was somebody's before nobody knows that he was carl.
    owner = server.connect()
    owner.send("/nick olga a-secret")
    owner.expect(r"nick guest-\d+ olga")
    carl.send("/nick olga a-secret")
    carl.expect("nick carl olga")
    for id in (1, 2, 3):
        ann.send(f"/id r-{id} /reply {id} are you there?")
        ann.expect(f"err not-allowed r-{id} That guest has left")


def test_a_reply_to_a_guest_who_has_claimed_his_first_name_reaches_him(server: Server) -> None:
    ann, carl = server.connect("ann"), server.connect("carl")
    carl.send("/msg @ann hi")
    ann.expect("msg 1 @ann ")
    carl.send("/id n-1 /nick carla a-long-secret")
    carl.expect("ok n-1$")
    ann.send("/reply 1 hello")
    assert carl.expect(r"(msg 2 .*)$")[1] == "msg 2 @carla ann ^1: hello"
