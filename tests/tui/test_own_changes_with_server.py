"""Edits, deletes, reactions and direct messages over a network that breaks, with the real server: done once."""

from __future__ import annotations

import random

import pytest

from chat_tui.model import Delivery, Message, Outcome
from tests.servers import Person, Server
from tests.tui.test_core_with_server import App, Proxy, apps, open_app, server  # noqa: F401

SECRET = "a-long-secret"


def row(app: App, id: int) -> Message | None:
    return app.model.rooms["#lobby"].entry(id)


def cut(app: App, proxy: Proxy) -> None:
    app.wait_for(lambda: app.model.state == "online", "a connection")
    losses = app.losses
    proxy.cut()
    app.wait_for(lambda: app.losses > losses, "the loss")


def do(app: App, outcome: Outcome) -> None:
    assert outcome.is_taken
    app.do(outcome.changes)


def settled(app: App) -> bool:
    return app.model.state == "online" and app.model.unsent == 0


def entries(person: Person, kinds: str) -> list[str]:
    """The entries of these kinds that somebody in nc was shown."""
    person.sync()
    lines = [line.split(" ", 2) for line in person.seen]
    return [line[1] for line in lines if line[1] in kinds.split()]


@pytest.mark.parametrize("secret", [SECRET, None], ids=["a name of his own", "a guest"])
def test_what_is_done_to_messages_while_the_answers_are_lost_is_done_once(
    server: Server,  # noqa: F811
    apps: list[App],  # noqa: F811
    secret: str | None,
) -> None:
    proxy = Proxy(server.port)
    try:
        ann = open_app(apps, proxy.port, "ann", secret)
        bob = server.connect("bob")
        for text in ("tea?", "never mind"):
            ann.enter(text)
        ann.wait_for(lambda: ann.model.unsent == 0, "two messages")
        first, second = ann.ids()
        proxy.swallows_answers = True
        do(ann, ann.model.edit(first, "cake?"))
        do(ann, ann.model.react(first, "👍"))
        do(ann, ann.model.delete(second))
        bob.expect("delete ")
        assert ann.model.unsent == 3, "and their sender does not know"
        cut(ann, proxy)
        ann.wait_for(lambda: settled(ann), "the answers")
        assert ann.texts() == ["cake?"]
        shown = row(ann, first)
        assert shown is not None and shown.delivery is Delivery.SENT and shown.is_edited
        assert [(one.emoji, one.nicks, one.delivery) for one in shown.reactions] == [
            ("👍", ("ann",), Delivery.SENT)
        ]
        assert entries(bob, "edit react unreact delete") == ["edit", "react", "delete"]
    finally:
        proxy.close()


def test_what_is_done_to_messages_without_a_connection_is_done_on_the_next(
    server: Server,  # noqa: F811
    apps: list[App],  # noqa: F811
) -> None:
    proxy = Proxy(server.port)
    try:
        ann = open_app(apps, proxy.port, "ann", SECRET)
        bob = server.connect("bob")
        for text in ("tea?", "never mind"):
            ann.enter(text)
        ann.wait_for(lambda: ann.model.unsent == 0, "two messages")
        first, second = ann.ids()
        proxy.is_down = True
        cut(ann, proxy)
        do(ann, ann.model.edit(first, "cake?"))
        do(ann, ann.model.react(first, "👍"))
        do(ann, ann.model.delete(second))
        do(ann, ann.model.command("/topic sweets"))
        assert ann.texts() == ["cake?", "never mind"] and ann.model.unsent == 4
        proxy.is_down = False
        ann.wait_for(lambda: settled(ann), "all of it")
        bob.expect(f"edit [0-9]+ #lobby ann \\^{first}: cake\\?$")
        bob.expect(f"react [0-9]+ #lobby ann \\^{first}: 👍$")
        bob.expect(f"delete [0-9]+ #lobby ann \\^{second}:$")
        bob.expect("topic [0-9]+ #lobby ann: sweets$")
        ann.wait_for(lambda: ann.texts() == ["cake?"], "only the first is left")
        assert ann.model.current.topic == "sweets"
    finally:
        proxy.close()


def test_a_guest_says_nothing_twice_to_one_person_and_is_told_that_he_cannot_know(
    server: Server,  # noqa: F811
    apps: list[App],  # noqa: F811
) -> None:
    proxy = Proxy(server.port)
    try:
        gil = open_app(apps, proxy.port, "gil")
        ann = server.connect("ann")
        proxy.swallows_answers = True
        gil.enter("/msg @ann once")
        ann.expect("msg 1 @ann gil: once$")
        cut(gil, proxy)
        gil.wait_online()
        gil.enter("/msg @ann twice")
        ann.expect("msg 2 @ann gil: twice$")
        gil.wait_for(lambda: gil.model.unsent == 1, "the second one's answer")
        [once, twice] = sorted(gil.model.rooms["@ann"].messages, key=lambda row: row.text)
        assert (once.delivery, twice.delivery) == (Delivery.UNSURE, Delivery.SENT)
        gil.do(gil.model.retry(once.key))
        ann.expect("msg 3 @ann gil: once$")
        gil.wait_for(lambda: gil.model.unsent == 0, "the first one's answer")
    finally:
        proxy.close()


def test_a_name_of_one_s_own_says_a_direct_message_again_and_it_is_there_once(
    server: Server,  # noqa: F811
    apps: list[App],  # noqa: F811
) -> None:
    proxy = Proxy(server.port)
    try:
        gil = open_app(apps, proxy.port, "gil", SECRET)
        gil.wait_for(lambda: gil.model.own_secret, "the name is his own")
        ann = server.connect("ann")
        proxy.swallows_answers = True
        gil.enter("/msg @ann once")
        ann.expect("msg 1 @ann gil: once$")
        cut(gil, proxy)
        gil.wait_for(lambda: settled(gil), "the answer")
        assert entries(ann, "msg") == ["msg"]
        [once] = gil.model.rooms["@ann"].messages
        assert once.delivery is Delivery.SENT
    finally:
        proxy.close()


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_over_a_network_that_breaks_all_the_time_everything_is_done_once_and_in_order(
    server: Server,  # noqa: F811
    apps: list[App],  # noqa: F811
    seed: int,
) -> None:
    chance = random.Random(seed)
    proxy = Proxy(server.port)
    try:
        ann = open_app(apps, proxy.port, "ann", SECRET)
        witness = open_app(apps, server.port, "witness")
        for number in range(4):
            ann.enter(f"line {number}")
        ann.wait_for(lambda: ann.model.unsent == 0, "four messages")
        wanted: dict[int, tuple[str, set[str]]] = {id: (f"line {id - 1}", set()) for id in ann.ids()}

        def act(number: int) -> None:
            if not wanted:
                return
            id = chance.choice(list(wanted))
            text, emoji = wanted[id]
            match chance.choice(["edit", "react", "react", "delete" if number % 7 == 6 else "edit"]):
                case "edit":
                    wanted[id] = f"text {number}", emoji
                    do(ann, ann.model.edit(id, f"text {number}"))
                case "react":
                    sign = chance.choice("👍🎉")
                    wanted[id] = text, emoji ^ {sign}
                    do(ann, ann.model.react(id, sign))
                case "delete":
                    del wanted[id]
                    do(ann, ann.model.delete(id))

        for number in range(30):
            act(number)
            match chance.choice(["go on", "lost answer", "cut", "drain"]):
                case "lost answer":
                    ann.wait_for(lambda: ann.model.state == "online", "a connection")
                    proxy.swallows_answers = True
                    act(number + 100)
                    cut(ann, proxy)
                case "cut":
                    cut(ann, proxy)
                case "drain":
                    ann.drain()
        ann.wait_for(lambda: ann.tick() or settled(ann), "all is done")

        def is_seen_by(app: App) -> dict[int, tuple[str, set[str]]]:
            return {
                message.id: (message.text, {one.emoji for one in message.reactions})
                for message in app.model.rooms["#lobby"].messages
                if message.id is not None and message.kind == "msg"
            }

        witness.wait_for(lambda: is_seen_by(witness) == wanted, f"{wanted}")
        assert is_seen_by(ann) == wanted
        assert all(not message.has_failed for message in ann.model.current.messages)
    finally:
        proxy.close()
