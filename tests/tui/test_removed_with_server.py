"""What a real server removed as too old is told in the app: to who comes, who looks back and who was away."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from chat_server.log.folder import DATABASE
from chat_tui.model.message import REMOVED, REMOVED_BETWEEN
from tests.servers import Server, wait_until
from tests.tui.test_core_with_server import App, Proxy, apps, open_app, server  # noqa: F401

DAY = 86_400


def remove_upto(server: Server, id: int) -> None:  # noqa: F811
    """Stops the server, and starts it again with these entries two days old and one day kept."""
    server.stop()
    with closing(sqlite3.connect(Path(server.data) / DATABASE)) as conn, conn:
        conn.execute("UPDATE entry SET at = at - ? WHERE id <= ?", (2 * DAY, id))
    server.restart("--rate", "0", "--keep", "1d")
    wait_until(lambda: any("removed" in line for line in server.errors), "the removal")


def shown(app: App, room: str = "#lobby") -> list[str]:
    return [row.text for row in app.model.rooms[room].messages if row.kind in ("msg", "removed")]


def test_what_is_gone_is_told_where_it_was(server: Server, apps: list[App]) -> None:  # noqa: F811
    proxy = Proxy(server.port)
    try:
        ann = open_app(apps, proxy.port, "ann")
        bob = server.connect("bob")
        for text in ("one", "two"):
            bob.send(text)
        ann.wait_for(lambda: shown(ann) == ["one", "two"], "bob's lines")
        losses = ann.losses
        proxy.is_down = True
        proxy.cut()
        ann.wait_for(lambda: ann.losses > losses, "the loss")
        for text in ("three", "four", "five"):
            bob.send(text)
        bob.send("/join #old")
        bob.send("six")
        bob.expect("msg 6 ")
        bob.send("/msg #lobby seven")
        bob.expect("msg 7 ")
        port = server.port
        remove_upto(server, 6)
        assert server.port == port
        proxy.is_down = False
        ann.wait_for(lambda: shown(ann) == ["one", "two", REMOVED_BETWEEN, "seven"], "the row between")
        carl = open_app(apps, server.port, "carl")
        carl.wait_for(lambda: shown(carl) == ["seven"], "what is left")
        carl.do(carl.model.load_older("#lobby"))
        carl.wait_for(lambda: shown(carl) == [REMOVED, "seven"], "the row above")
        assert not carl.model.current.has_older
        carl.enter("/join #old")
        carl.wait_for(
            lambda: "#old" in carl.model.rooms and shown(carl, "#old") == [REMOVED], "an empty room"
        )
    finally:
        proxy.close()
