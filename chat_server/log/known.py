"""What of a batch is in the log already: lines that come again under their label, and what was decided before."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from chat_server.log import Draft, Stored
from chat_server.log.statements import ABOUT, ENTRY, LABELLED, pair
from chat_server.wire import Entry

DECIDING: Final = frozenset({"react", "unreact", "delete"})
"""Kinds of entries that say what is so from then on: to say it again is no second entry."""

Place: TypeAlias = "Stored | int"
"""An entry that was there, or a place among the new drafts."""


@dataclass(slots=True)
class Sorted:
    """A batch, sorted out."""

    fresh: list[Draft] = field(default_factory=list)
    """What is to be stored."""
    places: list[Place] = field(default_factory=list)
    """What stands for each draft of the batch."""
    again: list[tuple[str, str, Place, int]] = field(default_factory=list)
    """Labels of drafts that decide nothing new: author, label, what had decided it, and the time."""

    def add(self, draft: Draft) -> int:
        """Takes a draft for new; its place among the new ones."""
        self.fresh.append(draft)
        return len(self.fresh) - 1

    def rows(self, stored: Sequence[Stored]) -> list[tuple[str, str, int, int]]:
        """`again` as it is stored, once the new drafts are entries."""
        return [
            (author, label, (stored[place] if isinstance(place, int) else place).entry.id, at)
            for author, label, place, at in self.again
        ]

    def answers(self, stored: Sequence[Stored]) -> list[Stored]:
        """The entry of each draft of the batch; one that several stand for is new to the first of them only."""
        answered: set[int] = set()
        found = []
        for place in self.places:
            if isinstance(place, Stored):
                found.append(place)
                continue
            one = stored[place]
            found.append(Stored(one.entry, one.author, one.peer, is_new=place not in answered))
            answered.add(place)
        return found


def sort_out(conn: sqlite3.Connection, drafts: Sequence[Draft], *, resends: bool) -> Sorted:
    """Sorts a batch. Without `resends` labels are looked up only for what decides something: there are few of these,
    and of the others a known label is noticed when it is stored."""
    result = Sorted()
    labelled: dict[tuple[str, str], Place] = {}
    decided: dict[object, tuple[str, Place]] = {}
    for draft in drafts:
        key = None if draft.label is None else (draft.author, draft.label)
        matter = _matter(draft)
        place: Place | None = None
        if key is not None and (resends or matter is not None):
            place = labelled.get(key)
            if place is None and (known := _resent(conn, draft)) is not None:
                # Not kept for the next one: of what retention removed each resend says itself what it was.
                result.places.append(known)
                continue
        if place is None and matter is not None:
            if matter not in decided and (last := _decided(conn, draft.kind, matter)) is not None:
                decided[matter] = last.entry.kind, last
            kind, before = decided.get(matter, (None, None))
            if kind == draft.kind:
                place = before
                if draft.label is not None and place is not None:
                    result.again.append((draft.author, draft.label, place, draft.at))
        if place is None:
            place = result.add(draft)
            if matter is not None:
                decided[matter] = draft.kind, place
        if key is not None:
            labelled[key] = place
        result.places.append(place)
    return result


def _matter(draft: Draft) -> tuple[int | str, ...] | None:
    """What a draft decides: whether a reaction is in force, whether a message is deleted; None if nothing."""
    if draft.ref is None or draft.kind not in DECIDING:
        return None
    if draft.kind == "delete":
        return draft.ref, draft.target if draft.peer is None else pair(draft.author, draft.peer)
    return draft.ref, draft.author, draft.text


def _decided(conn: sqlite3.Connection, kind: str, matter: tuple[int | str, ...]) -> Stored | None:
    """What was said last about a matter."""
    which = "author = ?2 AND text = ?3 AND kind IN ('react', 'unreact')"
    if kind == "delete":
        which = "conversation = ?2 AND kind = 'delete'"
    row = conn.execute(
        f"SELECT {ENTRY}, author, peer FROM {ABOUT} WHERE ref = ?1 AND {which} ORDER BY id DESC LIMIT 1",
        matter,
    ).fetchone()
    return None if row is None else Stored(Entry(*row[:7]), row[7], row[8], is_new=False)


def _resent(conn: sqlite3.Connection, draft: Draft) -> Stored | None:
    """What was stored under the label of a draft, if anything was."""
    found = conn.execute(LABELLED, (draft.author, draft.label)).fetchone()
    if found is None:
        return None
    id, at = found
    row = conn.execute(f"SELECT {ENTRY}, author, peer FROM entry WHERE id = ?", (id,)).fetchone()
    if row is None:
        # Retention removed it; the resend says what it was.
        entry = Entry(at, draft.kind, id, draft.target, draft.nick, draft.text, draft.ref)
        return Stored(entry, draft.author, draft.peer, is_new=False)
    return Stored(Entry(*row[:7]), row[7], row[8], is_new=False)
