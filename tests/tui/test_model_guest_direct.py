"""What a guest said to one person when the connection broke: nobody can know whether it was, so it is not said twice."""

from __future__ import annotations

import pytest

from chat_tui.model import Delivery
from tests.tui.driven_model import DrivenModel

DOUBT = "ann: psst (perhaps sent)"


@pytest.fixture
def guest() -> DrivenModel:
    app = DrivenModel()
    app.online()
    app.enter("/msg @bob psst")
    return app


def come_back(app: DrivenModel) -> None:
    app.welcome("guest-2", last=20)
    app.settle()


def test_it_is_shown_as_perhaps_sent_and_waits_for_the_user(guest: DrivenModel) -> None:
    guest.lose()
    assert guest.rows("@bob") == [DOUBT]
    come_back(guest)
    assert "/msg @bob psst" not in guest.sent and guest.rows("@bob") == [DOUBT]
    [row] = guest.messages("@bob")
    assert row.has_failed and row.reason == "no answer came, and a guest cannot find out"
    assert guest.model.unsent == 1


def test_it_is_said_again_when_the_user_wants_it(guest: DrivenModel) -> None:
    guest.lose()
    come_back(guest)
    [row] = guest.messages("@bob")
    guest.do(guest.model.retry(row.key))
    assert guest.sent[-1] == "/msg @bob psst" and guest.rows("@bob") == ["ann: psst (pending)"]
    guest.ok("/msg @bob psst", 21)
    assert guest.rows("@bob") == ["ann: psst"]


def test_it_can_be_dropped(guest: DrivenModel) -> None:
    guest.lose()
    come_back(guest)
    [row] = guest.messages("@bob")
    guest.do(guest.model.drop(row.key))
    assert guest.rows("@bob") == [] and guest.model.unsent == 0


def test_what_was_never_sent_is_sent(guest: DrivenModel) -> None:
    guest.ok("/msg @bob psst", 9)
    guest.lose()
    guest.enter("/msg @bob later")
    come_back(guest)
    assert guest.sent[-1] == "/msg @bob later"


def test_what_was_said_in_a_room_is_looked_for_there_and_sent_if_it_is_not(guest: DrivenModel) -> None:
    guest.ok("/msg @bob psst", 9)
    guest.enter("/msg #lobby hello")
    guest.lose()
    come_back(guest)
    assert guest.sent[-1] == "/msg #lobby hello"
    assert all(row.delivery is Delivery.PENDING for row in guest.messages("#lobby"))


def claimed() -> DrivenModel:
    app = DrivenModel("ann", secrets={"ann": "xyzzy"})
    app.welcome("guest-1")
    app.feed("begin history #lobby", "end history #lobby", "note You are guest-1", "nick guest-1 ann")
    app.ok("/nick ann xyzzy")
    app.enter("/msg @bob psst")
    app.lose()
    assert app.rows("@bob") == ["ann: psst (pending)"]
    return app


def test_who_has_a_name_of_his_own_says_it_again_since_the_server_knows_his_labels() -> None:
    app = claimed()
    app.welcome("guest-2", last=20)
    app.feed("nick guest-2 ann")
    for bare in [line for line in app.sent if not line.startswith("/msg")]:
        app.ok(bare)
    assert "/msg @bob psst" in app.sent


def test_who_cannot_prove_his_name_any_more_is_a_guest() -> None:
    app = claimed()
    app.welcome("guest-2", last=20)
    app.err("/nick ann xyzzy", "bad-secret", "That is not the secret of ann")
    for bare in [line for line in app.sent if line.split()[0] not in ("/msg", "/nick")]:
        app.ok(bare)
    assert "/msg @bob psst" not in app.sent and app.rows("@bob")[-1] == DOUBT.replace("ann", "guest-2")
