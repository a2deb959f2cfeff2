"""/secret SECRET: another secret for a name that is one's own."""

from __future__ import annotations

import threading
from collections.abc import Callable

from chat_server.answers import Answerer
from chat_server.courier import Courier
from chat_server.hashing import verify_secret
from chat_server.proof import Proof
from chat_server.reader import read_line
from chat_server.transport import PlainPipe
from chat_server.unread import Marks
from chat_server.wire import Command
from tests.server.letters import Chat, Guest
from tests.servers import Person, Server

OLD, NEW = "the-old-secret", "the-new-secret"


def owner(server: Server, secret: str = OLD) -> Person:
    """Ann, by her secret."""
    ann = server.connect()
    ann.send(f"/id n-1 /nick ann {secret}")
    ann.expect("ok n-1$")
    return ann


def test_the_new_secret_proves_the_name_and_the_old_one_no_more_also_after_a_kill(server: Server) -> None:
    ann = owner(server)
    ann.send(f"/id s-1 /secret {NEW}")
    ann.expect("ok s-1$")
    server.kill()
    server.restart()
    for _ in range(2):
        eve = server.connect()
        eve.send(f"/nick ann {OLD}")
        eve.expect("err bad-secret - ")
        owner(server, NEW).sync()
        server.kill()
        server.restart()


def test_other_devices_stay_and_are_told_and_nobody_reads_the_secret_anywhere(server: Server) -> None:
    laptop, phone, bob = owner(server), owner(server), server.connect("bob")
    laptop.send(f"/secret {NEW}")
    assert (
        laptop.expect("note (ann has .*)$")[1] == "ann has that secret now; other devices log in with it, too"
    )
    told = "The secret of ann was changed on another device; you need the new one to log in again"
    assert phone.expect("note (The secret.*)$")[1] == told
    phone.send("still here")
    bob.expect(r"msg 1 #lobby ann: still here$")
    for person in (laptop, phone, bob):
        person.sync()
        assert not [line for line in person.seen if NEW in line]
    server.stop()
    assert not [
        path for path in server.data.rglob("*") if path.is_file() and NEW.encode() in path.read_bytes()
    ]
    assert not [line for line in server.errors if NEW in line]


def test_only_who_goes_by_a_name_of_his_own_changes_its_secret(server: Server) -> None:
    ann, bob = owner(server), server.connect("bob")
    bob.send(f"/secret {NEW}")
    assert (
        bob.expect("err not-allowed - (.*)$")[1] == "Only a name of your own has a secret: /nick NAME SECRET"
    )
    ann.send(f"/nick annie\n/secret {NEW}")
    assert ann.expect("err not-allowed - (.*)$")[1] == "Your own name is ann: /nick ann and then again"
    owner(server).sync()


def test_a_short_secret_and_two_words_change_nothing_and_are_not_echoed(server: Server) -> None:
    ann = owner(server)
    for said in ("seven77", "long-enough and-more", ""):
        ann.send(f"/secret {said}")
        refusal = ann.expect("err bad-args - (.*)$")[1]
        assert refusal.startswith("/secret is used like this: /secret SECRET")
        assert not said or said.split()[0] not in refusal
    owner(server).sync()


def changing(ann: Guest, secret: str, proof: Proof) -> str:
    """What the reader of a connection does with the line; its answer."""
    chat = ann.chat
    line = read_line(f"/id s-1 /secret {secret}", chat.hub.limits)
    assert isinstance(line, Command)
    assert ann.session.gate.acquire(blocking=False)
    thread = threading.Thread(target=proof.answer_secret, args=(ann.session, line), daemon=True)
    thread.start()
    while thread.is_alive():
        chat.turn(0.01)
    chat.turn()
    ann.session.gate.release()
    (answer,) = ann.hears()
    return answer


def proof_of(chat: Chat) -> Proof:
    marks = Marks(chat.log, chat.people, chat.hub, Answerer(chat.hub, Courier(chat.hub.limits)))
    return Proof(chat.people, chat.hub, marks, lambda: chat.now)


def test_a_person_changes_his_secret_only_so_often_a_day(open_chat: Callable[..., Chat]) -> None:
    chat = open_chat(secret_changes=2)
    ann, bob = chat.enter(), chat.enter()
    claim = ann.claims("ann")
    bob.claims("bob")
    ann.hears()
    proof = proof_of(chat)
    assert [changing(ann, f"secret-number-{n}", proof) for n in (1, 2)] == ["ok s-1"] * 2
    assert changing(ann, "secret-number-3", proof).startswith("err not-allowed s-1 You have changed")
    assert changing(bob, "secret-number-3", proof) == "ok s-1"
    found = chat.people.find(claim.fold)
    assert found is not None and verify_secret(found.secret_hash, "secret-number-2")


def test_a_secret_that_others_could_read_on_the_way_is_not_taken(chat: Chat) -> None:
    ann = chat.enter()
    claim = ann.claims("ann")
    pipe = ann.session.box.pipe
    assert isinstance(pipe, PlainPipe)
    pipe.is_private = False
    assert changing(ann, NEW, proof_of(chat)).startswith("err need-tls s-1 ")
    assert chat.people.find(claim.fold) == claim
