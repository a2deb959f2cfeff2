"""The user's own lines on their way: nothing typed is lost, nothing is said twice."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, Literal

from chat_server.text import fold
from chat_server.wire import Command, Entry
from chat_tui.model.message import Delivery, Message

IN_FLIGHT: Final = 8
"""Lines that may wait for their answer at once: what a server takes in one go. A long paste then waits here,
where it keeps its order, and not in the server's socket, where it would end in slow-down."""

SLOW_DOWN: Final = (2.0, 4.0, 8.0, 15.0)
"""Seconds of silence after the first, second, … slow-down in a row."""


@dataclass(slots=True)
class OwnLine:
    """Something said. `sent_as` are the (folded) nicks that the server may have had for us when it was sent, none
    before that; `after` the highest id known when it was first sent: its entry has a higher one."""

    label: str
    target: str
    kind: Literal["msg", "act"]
    text: str
    at: int
    ref: int | None = None
    sent_as: frozenset[str] = frozenset()
    after: int = 0
    is_in_flight: bool = False
    reason: str = ""
    is_failed: bool = False
    is_taken: bool = False
    """Acknowledged without an id; its echo is still to come."""
    is_ours: bool = True
    """Whether wherever it was sent it was sent by somebody proved to be the user: only then does the server know its
    label on another connection."""

    @property
    def key(self) -> str:
        """The key of its row until it has an id."""
        return f"p{self.label}"

    @property
    def command(self) -> Command:
        """What is sent. A text names its room, so that a change of rooms in between cannot misdirect it."""
        if self.kind == "act":
            return Command("me", (self.text,), self.label)
        if self.ref is not None:
            return Command("reply", (str(self.ref), self.text), self.label)
        return Command("msg", (self.target, self.text), self.label)

    def row(self, nick: str) -> Message:
        """The row that stands for it until it has an id."""
        delivery = Delivery.FAILED if self.is_failed else Delivery.SENT if self.is_taken else Delivery.PENDING
        return Message(
            self.key,
            self.at,
            self.kind,
            nick,
            self.text,
            ref=self.ref,
            delivery=delivery,
            is_own=True,
            reason=self.reason,
        )


@dataclass(slots=True)
class Outgoing:
    """Every line without an id yet, in the order in which they were said.

    Waiting -> in flight -> gone, when an `ok` or the server's echo gives it an id; or failed, by an `err`.
    A lost connection makes every line in flight wait again, with its old label.

    An echo is known by its text, and may be that of the same words from the user's other device: only an `ok` proves
    that a line was said. One that has an echo and no `ok` when the connection is lost is sent again all the same, if
    the server will know its label.
    """

    label: Callable[[], str]
    is_open: bool = False
    """Whether lines may be sent: there is a connection, and what is sent first on it was answered."""
    _lines: dict[str, OwnLine] = field(default_factory=dict)
    _matched: dict[str, OwnLine] = field(default_factory=dict)
    """Those that have an echo; they have no row of their own any more."""
    _is_proved: bool = False
    _not_before: float = 0.0
    _slowed: int = 0

    def __len__(self) -> int:
        return len(self._lines)

    def add(
        self, target: str, kind: Literal["msg", "act"], text: str, at: int, ref: int | None = None
    ) -> OwnLine:
        """Takes a line that was just said; with `ref` it answers that entry of its target."""
        line = OwnLine(self.label(), target, kind, text, at, ref)
        self._lines[line.label] = line
        return line

    def get(self, label: str) -> OwnLine | None:
        """The line with this label, if it is still without an answer."""
        return self._lines.get(label)

    def of(self, target: str) -> list[OwnLine]:
        """The lines said in one room or conversation."""
        return [line for line in self._lines.values() if line.target == target]

    def were_sent(self) -> bool:
        """Whether some line may be in the log of the server although nobody told us."""
        return any(line.sent_as and not line.is_failed for line in self._lines.values())

    def due(self, now: float, nicks: Collection[str], last_id: int) -> list[OwnLine]:
        """The lines to send now, in order; they are in flight from here on.

        `nicks`: the one we have, and those that we have asked for; `last_id`: the highest one seen.
        """
        if not self.is_open or now < self._not_before:
            return []
        unproved = (line for line in self._matched.values() if line.is_ours and not line.is_in_flight)
        again = list(unproved) if self._is_proved else []
        window = 1 if self._slowed else IN_FLIGHT
        free = window - sum(line.is_in_flight for line in self._lines.values())
        waiting = (
            line
            for line in self._lines.values()
            if not (line.is_failed or line.is_in_flight or line.is_taken)
        )
        due = [*again, *islice(waiting, max(0, free))]
        for line in due:
            line.is_in_flight = True
            if not line.sent_as:
                line.after = last_id
            line.sent_as |= frozenset(map(fold, nicks))
        return due

    def match(self, entry: Entry, nicks: Collection[str]) -> OwnLine | None:
        """The oldest line that this entry is the echo of, for somebody who has one of the nicks; it counts as
        said."""
        for line in self._lines.values():
            is_it = (
                entry.text == line.text
                and entry.kind == line.kind
                and entry.ref == line.ref
                and bool(line.sent_as)
                and not line.is_failed
                and entry.id > line.after
                and (entry.nick in nicks or fold(entry.nick) in line.sent_as)
                and fold(entry.target) == fold(line.target)
            )
            if is_it:
                del self._lines[line.label]
                self._matched[line.label] = line
                self._slowed = 0
                return line
        return None

    def acknowledge(self, label: str, has_id: bool) -> OwnLine | None:
        """The server took it; the line, unless its echo was here before. Without an id the echo is waited for."""
        self._slowed = 0
        self._matched.pop(label, None)
        line = self._lines.get(label)
        if line is not None:
            line.is_in_flight, line.is_failed = False, False
            line.is_taken = not has_id
            if has_id:
                del self._lines[label]
        return line

    def refuse(self, label: str, reason: str) -> OwnLine | None:
        """The server refused it; the line, failed, or None for a label that is not ours.

        A line that somebody else's like entry was taken for is back.
        """
        line = self._lines.get(label) or self._matched.pop(label, None)
        if line is not None:
            self._lines[label] = line
            line.is_failed, line.is_in_flight, line.reason = True, False, reason
        return line

    def slow_down(self, label: str, now: float) -> OwnLine | None:
        """The server asks for a pause: the line, which is sent again after it, or None for a label that is not ours.

        A line that somebody else's like entry was taken for is back.
        """
        line = self._lines.get(label) or self._matched.pop(label, None)
        if line is None:
            return None
        self._lines[label] = line
        # Nothing was done: an entry with the same text is another line's.
        line.is_in_flight, line.sent_as = False, frozenset()
        if now >= self._not_before:
            # Once for all the lines that were in flight together.
            self._not_before = now + SLOW_DOWN[min(self._slowed, len(SLOW_DOWN) - 1)]
            self._slowed += 1
        return line

    def retry(self, label: str) -> OwnLine | None:
        """A failed line waits again, with its label (nothing was done under it); None for any other."""
        line = self._lines.get(label)
        if line is None or not line.is_failed:
            return None
        line.is_failed, line.reason, line.sent_as = False, "", frozenset()
        return line

    def drop(self, label: str) -> OwnLine | None:
        """Forgets a line that failed or was never sent; None for one that the server may have."""
        line = self._lines.get(label)
        if line is None or (line.sent_as and not line.is_failed):
            return None
        return self._lines.pop(label)

    def prove(self, is_proved: bool, *, was_other: bool) -> None:
        """The user is known by his secret on this connection, or is not. `was_other`: lines in flight may have been
        sent by him as somebody else."""
        if was_other:
            self._disown()
        self._is_proved = is_proved

    def _disown(self) -> None:
        for line in (*self._lines.values(), *self._matched.values()):
            line.is_ours = line.is_ours and not line.is_in_flight

    def lose(self) -> None:
        """The connection is gone."""
        self.is_open = False
        if not self._is_proved:
            self._disown()
        self._is_proved = False
        self._matched = {label: line for label, line in self._matched.items() if line.is_ours}
        for line in self._matched.values():
            line.is_in_flight = False
        self._not_before, self._slowed = 0.0, 0
        self._lines = {label: line for label, line in self._lines.items() if not line.is_taken}
        for line in self._lines.values():
            line.is_in_flight = False

    def forget_ids(self) -> None:
        """The server has another log: only the label can tell whether a line is in it."""
        self._matched.clear()
        for line in self._lines.values():
            line.sent_as = frozenset()

    def rename(self, old: str, new: str) -> Collection[str]:
        """Lines to "@old" go to "@new"; the keys of their rows."""
        moved = self.of(old)
        for line in moved:
            line.target = new
        return [line.key for line in moved]
