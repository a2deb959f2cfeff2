"""The line above the room's log, and the line above the input bar: where one is, and how things stand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from math import ceil
from typing import Final, Literal

from textual.content import Content
from textual.widget import Widget

from chat_tui.actions import ACTIONS

SLOW: Final = 1.0
"""Lag in seconds that is worth telling; irssi tells from 1 s as well."""

State = Literal["connecting", "online", "offline"]


@dataclass(frozen=True, slots=True)
class Connection:
    """How the connection stands. Times are Unix seconds; `retry_at` None: it will not come back by itself.
    `is_private`: nobody in between can read it."""

    state: State = "connecting"
    server: str = ""
    address: str = ""
    since: float = 0.0
    retry_at: float | None = None
    reason: str = ""
    lag: float | None = None
    is_private: bool = True


@dataclass(frozen=True, slots=True)
class Shown:
    """All that the status line shows. `offered`: what Tab walks through, and where it stands. `row`: the message
    under the cursor, and what its keys do."""

    connection: Connection = Connection()
    new_below: int = 0
    is_scrolled: bool = False
    hint: str = ""
    is_refusal: bool = False
    offered: tuple[Sequence[str], int] | None = None
    row: tuple[str, tuple[tuple[str, str], ...]] | None = None
    now: float = 0.0


_HINTS: Final = tuple(
    (action.first_key, action.hint) for action in ACTIONS if action.hint and action.of != "row"
)
_LAST_KEPT: Final = ("help", "search", "go to", "menu", "leave")
"""Where there is no room for all hints, the last of these goes first."""


class StatusLine(Widget, can_focus=False):
    """One row. What is typed may ask for it (a command's syntax, a refusal, the completions); a lost connection
    and news below stay to be seen even then."""

    COMPONENT_CLASSES = {  # noqa: RUF012
        "status--good",
        "status--bad",
        "status--news",
        "status--key",
        "status--dim",
        "status--chosen",
    }
    ALLOW_SELECT = False

    def __init__(self, zone: tzinfo | None = None) -> None:
        super().__init__(id="status")
        self._zone = zone
        self._shown = Shown()

    @property
    def shown(self) -> Shown:
        """What it shows now."""
        return self._shown

    def show(self, **changes: object) -> None:
        """Changes some of what is shown; draws only if something is different."""
        shown = replace(self._shown, **changes)  # type: ignore[arg-type]
        if shown != self._shown:
            self._shown = shown
            self.refresh()

    def render(self) -> Content:
        """The row, exactly as wide as the line."""
        shown, width = self._shown, self.content_size.width
        if shown.hint or shown.offered:
            left = self._offered() if shown.offered else self._hint()
            right = self._news(is_short=True)
        elif shown.row:
            right = self._news(is_short=True)
            left = self._row(width - right.cell_length - (2 if right else 0))
        else:
            right = self._news(is_short=False)
            left = self._connection(width - right.cell_length - (2 if right else 0))
            # Two cells between left and right, three between the news and the keys.
            spare = width - left.cell_length - right.cell_length - (5 if right else 2)
            for count in range(len(_HINTS), 0, -1):
                keys = self._keys([hint for hint in _HINTS if hint[1] in _LAST_KEPT[:count]])
                if keys.cell_length <= spare:
                    right = Content.assemble(right, "   " if right else "", keys)
                    break
        left = left.truncate(max(0, width - right.cell_length - (2 if right else 0)), ellipsis=True)
        gap = " " * max(0, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right).truncate(width)

    def _style(self, name: str):  # type: ignore[no-untyped-def]
        return self.get_visual_style(f"status--{name}", partial=True)

    def _connection(self, width: int) -> Content:
        """`● den  localhost:5000`, or what is wrong and what happens next; the address there if `width` has room."""
        it, dim, bad = self._shown.connection, self._style("dim"), self._style("bad")
        if it.state == "connecting":
            return Content.assemble(("○ ", dim), (f"connecting to {it.address} …", dim))
        if it.state == "online":
            where = (f"  {it.address}", dim) if it.address and it.address != it.server else ""
            open_ = "" if it.is_private else ("  not encrypted", self._style("news"))
            good = Content.assemble(("● ", self._style("good")), it.server or it.address, where, open_)
            if it.lag is not None and it.lag > SLOW:
                return Content.assemble(good, (f"  lag {it.lag:.1f} s", self._style("news")))
            return good
        reason = (f"  {it.reason}", dim) if it.reason else ""
        if it.retry_at is None:
            return Content.assemble(("○ offline", bad), reason, ("  F5 connects again", dim))
        offline = Content.assemble(("○ offline", bad), self._since(), self._retry(), reason)
        named = Content.assemble(offline, (f"  {it.address}", dim))
        return named if it.address not in it.reason and named.cell_length <= width else offline

    def _since(self) -> str:
        it = self._shown.connection
        # Who was never there has no use for it, and needs the room for where nothing listens.
        is_told = it.since and it.server
        return f" since {datetime.fromtimestamp(it.since, self._zone):%H:%M}" if is_told else ""

    def _retry(self) -> str:
        retry_at = self._shown.connection.retry_at
        if retry_at is None:
            return ""
        seconds = max(0, ceil(retry_at - self._shown.now))
        return f", retry in {seconds} s · F5 now" if seconds else ", connecting …"

    def _hint(self) -> Content:
        return Content.assemble((self._shown.hint, self._style("bad" if self._shown.is_refusal else "dim")))

    def _offered(self) -> Content:
        """`ann  [anna]  annika`, from the chosen one on if they are too many."""
        assert self._shown.offered is not None
        labels, chosen = self._shown.offered
        first = max(0, chosen - 2)
        parts: list[str | Content | tuple[str, object]] = [] if first == 0 else [("… ", self._style("dim"))]
        for index, label in enumerate(labels[first : first + 20], first):
            style = self._style("chosen" if index == chosen else "dim")
            parts.append((f" {label} ", style))
        return Content.assemble(*parts)  # type: ignore[arg-type]

    def _row(self, width: int) -> Content:
        """`message 1042   r reply  + react …  Esc back`: as many keys as there is room for, the last one always."""
        assert self._shown.row is not None
        name, hints = self._shown.row
        left = Content.assemble((name, self._style("news")), "   ")
        for count in range(len(hints), 0, -1):
            row = Content.assemble(left, self._keys((*hints[: count - 1], hints[-1])))
            if row.cell_length <= width:
                return row
        return left

    def _news(self, *, is_short: bool) -> Content:
        parts: list[Content] = []
        if is_short and self._shown.connection.state != "online":
            parts.append(Content.assemble(("○ offline", self._style("bad")), self._retry()))
        if count := self._shown.new_below:
            parts.append(Content.assemble((f"↓ {count} new · End", self._style("news"))))
        elif self._shown.is_scrolled:
            parts.append(
                Content.assemble(("↑ scrolled up · ", self._style("dim")), ("End", self._style("key")))
            )
        return Content("   ").join(parts)

    def _keys(self, hints: Sequence[tuple[str, str]]) -> Content:
        key, dim = self._style("key"), self._style("dim")
        return Content("  ").join(Content.assemble((name, key), (f" {what}", dim)) for name, what in hints)


class RoomHeader(Widget, can_focus=False):
    """One row above the log: the room, what it is about, and how many are in it."""

    COMPONENT_CLASSES = {"header--room", "header--dim", "header--mention", "header--bad"}  # noqa: RUF012
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__(id="room-header")
        self._room, self._topic, self._count = "", "", ""
        self._unread = self._mentions = 0
        self._is_stuck = False

    def show(
        self,
        room: str,
        topic: str,
        count: str,
        unread: int = 0,
        mentions: int = 0,
        *,
        is_stuck: bool = False,
    ) -> None:
        """Names the room; `count` such as "6 people", "" to leave it out. `unread` in other rooms, and how many of these
        are for the user: told if it is not 0. `is_stuck`: something of his was not sent in one of them."""
        shown = (self._room, self._topic, self._count, self._unread, self._mentions, self._is_stuck)
        if (room, topic, count, unread, mentions, is_stuck) != shown:
            self._room, self._topic, self._count = room, topic, count
            self._unread, self._mentions, self._is_stuck = unread, mentions, is_stuck
            self.refresh()

    def render(self) -> Content:
        """The row, exactly as wide as the header."""
        width = self.content_size.width
        dim = self.get_visual_style("header--dim", partial=True)
        mention = self.get_visual_style("header--mention", partial=True)
        bad = self.get_visual_style("header--bad", partial=True)
        right = Content.assemble((self._count, dim))
        left = Content.assemble(
            (self._room, self.get_visual_style("header--room", partial=True)),
            (f"  {self._unread} unread" if self._unread else "", dim),
            (f" @{self._mentions}" if self._mentions else "", mention),
            ("  ✗ not sent" if self._is_stuck else "", bad),
            (f"  {self._topic}" if self._topic else "", dim),
        ).truncate(max(0, width - right.cell_length - 2), ellipsis=True)
        gap = " " * max(0, width - left.cell_length - right.cell_length)
        return Content.assemble(left, gap, right).truncate(width)
