"""The user's own lines on their way: nothing typed is lost, nothing is said twice."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from itertools import islice
from typing import Final

from chat_server.text import fold
from chat_server.wire import Entry
from chat_tui.model.own_line import UNSURE, OwnKind, OwnLine

IN_FLIGHT: Final = 8
"""Lines that may wait for their answer at once: what a server takes in one go. A long paste then waits here,
where it keeps its order, and not in the server's socket, where it would end in slow-down."""

SLOW_DOWN: Final = (2.0, 4.0, 8.0, 15.0)
"""Seconds of silence after the first, second, … slow-down in a row."""


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
    changes: dict[int, list[OwnLine]] = field(default_factory=dict)
    """Those that are about a message, by its id."""
    _lines: dict[str, OwnLine] = field(default_factory=dict)
    _matched: dict[str, OwnLine] = field(default_factory=dict)
    """Those that have an echo; they have no row of their own any more."""
    _is_proved: bool = False
    _not_before: float = 0.0
    _slowed: int = 0

    def __len__(self) -> int:
        return len(self._lines)

    def add(self, target: str, kind: OwnKind, text: str, at: int, ref: int | None = None) -> OwnLine:
        """Takes a line that was just said; with `ref` it answers or changes that entry of its target."""
        return self._keep(OwnLine(self.label(), target, kind, text, at, ref))

    def _keep(self, line: OwnLine) -> OwnLine:
        if line.is_change and line.label not in self._lines:
            self.changes.setdefault(line.ref or 0, []).append(line)
        self._lines[line.label] = line
        return line

    def _forget(self, line: OwnLine) -> OwnLine:
        del self._lines[line.label]
        if line.is_change:
            id = line.ref or 0
            self.changes[id].remove(line)
            if not self.changes[id]:
                del self.changes[id]
        return line

    def supersede(self, kind: OwnKind, ref: int, text: str) -> bool:
        """Forgets what the user does over or takes back now, if the server cannot have it: a text that he changes
        again, the same reaction, everything about a message that he deletes. Whether there was something."""
        over = [
            line
            for line in self.changes.get(ref, ())
            if line.may_be_dropped
            and (kind == "delete" or line.kind == kind)
            and (kind != "react" or line.text == text)
        ]
        for line in over:
            self._forget(line)
        return bool(over)

    def get(self, label: str) -> OwnLine | None:
        """The line with this label, if it is still without an answer."""
        return self._lines.get(label)

    def of(self, target: str) -> list[OwnLine]:
        """The lines said in one room or conversation."""
        return [line for line in self._lines.values() if line.target == target]

    @property
    def stuck(self) -> frozenset[str]:
        """The rooms and conversations where a line, or a change, waits for the user's decision."""
        return frozenset(line.target for line in self._lines.values() if line.is_failed)

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
        waiting = (line for line in self._lines.values() if line.is_waiting)
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
                line.is_echo(entry)
                and bool(line.sent_as)
                and (line.is_unsure or not line.is_failed)
                and entry.id > line.after
                and (entry.nick in nicks or fold(entry.nick) in line.sent_as)
            )
            if is_it:
                self._forget(line)
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
                self._forget(line)
        return line

    def refuse(self, label: str, reason: str) -> OwnLine | None:
        """The server refused it; the line, failed, or None for a label that is not ours.

        A line that somebody else's like entry was taken for is back.
        """
        line = self._lines.get(label) or self._matched.pop(label, None)
        if line is not None:
            self._keep(line)
            line.is_failed, line.is_in_flight, line.reason = True, False, reason
        return line

    def slow_down(self, label: str, now: float) -> OwnLine | None:
        """The server asks for a pause: the line, which is sent again after it, or None for a label that is not ours.

        A line that somebody else's like entry was taken for is back.
        """
        line = self._lines.get(label) or self._matched.pop(label, None)
        if line is None:
            return None
        self._keep(line)
        # Nothing was done: an entry with the same text is another line's.
        line.is_in_flight, line.sent_as = False, frozenset()
        if now >= self._not_before:
            # Once for all the lines that were in flight together.
            self._not_before = now + SLOW_DOWN[min(self._slowed, len(SLOW_DOWN) - 1)]
            self._slowed += 1
        return line

    def retry(self, label: str) -> OwnLine | None:
        """A failed line waits again, with its label (nothing was done under it, or it does not count any more);
        None for any other."""
        line = self._lines.get(label)
        if line is None or not line.is_failed:
            return None
        line.is_failed, line.is_unsure, line.reason = False, False, ""
        line.sent_as, line.is_ours = frozenset(), True
        return line

    def drop(self, label: str) -> OwnLine | None:
        """Forgets a line that failed or was never sent; None for one that the server may have."""
        line = self._lines.get(label)
        return self._forget(line) if line is not None and line.may_be_dropped else None

    def doubt(self) -> list[OwnLine]:
        """What was said to one person, and nobody can find out whether it was: it fails instead of being said twice.

        A guest is somebody else on every connection. The server does not know his labels again, and does not show him
        what he said to one person; what he said in a room he sees there.
        """
        doubtful = [
            line
            for line in self._lines.values()
            if line.target.startswith("@")
            and not line.is_change
            and line.is_waiting
            and line.sent_as
            and not (line.is_ours and (self._is_proved or not self.is_open))
        ]
        for line in doubtful:
            line.is_failed = line.is_unsure = True
            line.reason = UNSURE
        return doubtful

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
        for line in [line for line in self._lines.values() if line.is_taken]:
            self._forget(line)
        for line in self._lines.values():
            line.is_in_flight = False

    def forget_ids(self) -> int:
        """The server has another log: only the label can tell whether a line is in it, and what was to be changed is
        not there. How many changes are forgotten."""
        self._matched.clear()
        changes = [line for lines in self.changes.values() for line in lines]
        for line in changes:
            self._forget(line)
        for line in self._lines.values():
            line.sent_as = frozenset()
        return len(changes)

    def rename(self, old: str, new: str) -> Collection[str]:
        """Lines to "@old" go to "@new"; the keys of their rows."""
        moved = self.of(old)
        for line in moved:
            line.target = new
        return [line.key for line in moved]
