"""Much of everything: what it costs, and where it ends."""

from __future__ import annotations

import time

import pytest

from chat_server import wire
from chat_tui.events import Received
from chat_tui.model import (
    MessagesAdded,
    Model,
)
from chat_tui.model import room as room_module
from tests.tui.driven_model import DrivenModel, history
from tests.tui.scripted_server import NOW


@pytest.fixture
def app() -> DrivenModel:
    app = DrivenModel()
    app.online()
    return app


def test_a_batch_of_entries_is_one_change(app: DrivenModel) -> None:
    events = [
        Received(wire.Entry(NOW, "msg", number, "#lobby", "bob", f"line {number}"))
        for number in range(1, 2001)
    ]
    [change] = app.event(*events)
    assert isinstance(change, MessagesAdded) and len(change.messages) == 2000


def test_a_very_long_log_loses_its_oldest_rows(app: DrivenModel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(room_module, "ROWS", 100)
    app.enter("pending")
    for number in range(1, 250):
        app.feed(f"msg {number} #lobby bob: line {number}")
        assert len(app.messages()) <= 110
    assert app.keys()[-2] == "e249" and app.rows()[-1] == "ann: pending (pending)"
    app.feed(*history("msg 3 #lobby bob: line 3", "msg 249 #lobby bob: line 249"))
    assert app.keys()[0] != "e3", "what was given up is not shown as news"


def test_a_hundred_thousand_rows_cost_no_more_each_than_a_thousand() -> None:
    model = Model("ann", clock=lambda: NOW)

    def seconds_for(first: int, last: int) -> float:
        began = time.perf_counter()
        for number in range(first, last):
            model.apply(Received(wire.Entry(NOW, "msg", number, "#lobby", "bob", f"line {number}")))
        return (time.perf_counter() - began) / (last - first)

    few = seconds_for(1, 1000)
    seconds_for(1000, 99_000)
    many = seconds_for(99_000, 100_000)
    assert len(model.current.messages) == 99_999
    assert many < few * 10, f"{few * 1e6:.0f} µs, then {many * 1e6:.0f} µs"
