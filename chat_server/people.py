"""Claimed names: who owns which, the secret that proves it, the rooms to come back to, and how far one has read.

A person who claimed a name is "p" and a number to the log, whatever he is called later.
"""

from __future__ import annotations

import sqlite3
import threading
from dataclasses import dataclass, replace

from chat_server.config import Limits
from chat_server.log.sqlite import SqliteLog


class NickClaimed(Exception):
    """Somebody claimed this name, or one that looks the same, before."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A name and whose it is. `at` is when it was claimed (Unix seconds)."""

    id: int
    nick: str
    fold: str
    look: str
    secret_hash: str
    at: int

    @property
    def identity(self) -> str:
        """What the log knows this person by."""
        return f"p{self.id}"


class People:
    """Everybody who claimed a name, in the database of the log.

    1. find(), claimed(), rooms_of(), marks_of(): any thread; from memory, they never wait.
    2. remember_rooms(), remember_mark(), move_mark(): any thread, the hub too: memory only, save() makes it last.
    3. claim(), change_secret(), adopt(), save(): they wait for a commit, so never the hub's thread.
    """

    def __init__(self, log: SqliteLog, most_marks: int = Limits().marks_per_person) -> None:
        """Reads all claims: some 300 bytes of memory each. Raises StorageFull or LogFailed as claim does."""
        self._log = log
        self._most_marks = most_marks
        self._lock = threading.Lock()
        self._changing = threading.Lock()
        self._unsaved: set[int] = set()
        self._unsaved_marks: set[tuple[int, str]] = set()
        people, rooms, marks = log.write(_read)
        claims = [Claim(*row[:6]) for row in people]
        self._by_fold = {claim.fold: claim for claim in claims}
        self._by_look = {claim.look: claim for claim in claims}
        self._rooms: dict[int, tuple[list[str], str]] = {row[0]: ([], row[6]) for row in people}
        for person, room in rooms:
            self._rooms[person][0].append(room)
        self._marks: dict[int, dict[str, int]] = {row[0]: {} for row in people}
        for person, conversation, mark in marks:
            self._marks[person][conversation] = mark

    def find(self, fold: str) -> Claim | None:
        """The claim of exactly this name, by its folded form."""
        return self._by_fold.get(fold)

    def claimed(self, fold: str, look: str) -> Claim | None:
        """Who claimed this name, or else one that looks the same."""
        return self._by_fold.get(fold) or self._by_look.get(look)

    def claim(self, nick: str, fold: str, look: str, secret_hash: str, at: int) -> Claim:
        """Makes the name somebody's, durable on return.

        Raises NickClaimed if the name or one that looks the same is taken, StorageFull or LogFailed as the
        log does.
        """

        def insert(conn: sqlite3.Connection) -> int:
            # No RETURNING, which older SQLites lack.
            return int(
                conn.execute(
                    "INSERT INTO person (nick, fold, look, secret, claimed_at, room) VALUES (?, ?, ?, ?, ?, '')",
                    (nick, fold, look, secret_hash, at),
                ).lastrowid
                or 0
            )

        try:
            id = self._log.write(insert)
        except sqlite3.IntegrityError as error:
            raise NickClaimed(nick) from error
        claim = Claim(id, nick, fold, look, secret_hash, at)
        self._rooms[id] = ([], "")
        self._marks[id] = {}
        self._by_look[look] = claim
        self._by_fold[fold] = claim
        return claim

    def change_secret(self, fold: str, secret_hash: str) -> Claim:
        """Gives a claimed name another secret, durable on return. Raises StorageFull or LogFailed as the log does."""
        # Of two changes at once the same one is last in memory and on the disk.
        with self._changing:
            old = self._by_fold[fold]
            self._log.write(
                lambda conn: conn.execute("UPDATE person SET secret = ? WHERE id = ?", (secret_hash, old.id))
            )
            claim = replace(old, secret_hash=secret_hash)
            self._by_look[claim.look] = claim
            self._by_fold[claim.fold] = claim
        return claim

    def adopt(self, claim: Claim, guest: str, after: int, upto: int) -> None:
        """Gives who claimed his first name what he said before as a guest, durable on return: see SqliteLog.adopt.

        How far others have read what he said to them alone, and that he himself has read all up to the id `upto`, lasts
        only after save().
        """
        for other in self._log.adopt(guest, claim.identity, after):
            self.remember_mark(claim.id, "@" + other, upto)
            if other.startswith("p") and other != claim.identity:
                with self._lock:
                    mark = self._marks[int(other[1:])].pop("@" + guest, None)
                    self._unsaved_marks.add((int(other[1:]), "@" + guest))
                if mark is not None:
                    # He may have read further by now, under the name.
                    self.remember_mark(int(other[1:]), "@" + claim.identity, mark)

    def rooms_of(self, id: int) -> tuple[list[str], str]:
        """The rooms that a person is in, in his order, and the current one ("" for none)."""
        rooms, current = self._rooms[id]
        return list(rooms), current

    def remember_rooms(self, id: int, rooms: list[str], current: str) -> None:
        """Keeps the rooms of a person for his next login; lasting only after save()."""
        with self._lock:
            if self._rooms[id] != (rooms, current):
                self._rooms[id] = (list(rooms), current)
                self._unsaved.add(id)

    def marks_of(self, id: int) -> dict[str, int]:
        """How far a person has read: the id of the last entry, by room or "@" and the other's identity.

        "@" alone is how far he has read in direct conversations whose marks were forgotten, if any were.
        """
        with self._lock:
            return dict(self._marks[id])

    def remember_mark(self, id: int, conversation: str, mark: int) -> bool:
        """Keeps how far a person has read; lasting only after save(). A mark only rises: whether it did."""
        with self._lock:
            # A first mark of 0 counts: it says that everything in there is new.
            if mark <= self._marks[id].get(conversation, -1):
                return False
            self._mark(id, conversation, mark)
            return True

    def move_mark(self, id: int, conversation: str, mark: int) -> None:
        """The same also backwards: for a person who says so himself."""
        with self._lock:
            self._mark(id, conversation, mark)

    def _mark(self, id: int, conversation: str, mark: int) -> None:
        marks = self._marks[id]
        if marks.get(conversation) == mark:
            return
        marks[conversation] = mark
        self._unsaved_marks.add((id, conversation))
        while len(marks) > self._most_marks and self._forget_mark(id, marks, conversation):
            pass

    def _forget_mark(self, id: int, marks: dict[str, int], kept: str) -> bool:
        """Gives up the mark that is missed least, but not the one just made; False if all are needed.

        First those of rooms that the person left, the oldest first: who comes back has missed nothing there. Then
        those of direct conversations; what is older than they were stays read.
        """
        rooms = self._rooms[id][0]
        left = (place for place in marks if place.startswith("#") and place not in rooms and place != kept)
        direct = (place for place in marks if place.startswith("@") and place not in ("@", kept))
        oldest = min(left, key=marks.__getitem__, default=None) or min(
            direct, key=marks.__getitem__, default=None
        )
        if oldest is None:
            return False
        mark = marks.pop(oldest)
        self._unsaved_marks.add((id, oldest))
        if oldest.startswith("@") and mark > marks.get("@", -1):
            marks["@"] = mark
            self._unsaved_marks.add((id, "@"))
        return True

    def save(self) -> None:
        """Writes what was remembered since the last time, in one commit; nothing to write costs nothing.

        For the log writer's thread after a batch, and at the end. Raises StorageFull (it is tried again the
        next time) or LogFailed.
        """
        with self._lock:
            unsaved, self._unsaved = self._unsaved, set()
            unsaved_marks, self._unsaved_marks = self._unsaved_marks, set()
            rows = [(id, *self._rooms[id]) for id in sorted(unsaved)]
            changed = [(id, place, self._marks[id].get(place)) for id, place in sorted(unsaved_marks)]
        marks = [row for row in changed if row[2] is not None]
        forgotten = [row[:2] for row in changed if row[2] is None]
        if not rows and not changed:
            return

        def write(conn: sqlite3.Connection) -> None:
            for id, rooms, current in rows:
                conn.execute("UPDATE person SET room = ? WHERE id = ?", (current, id))
                conn.execute("DELETE FROM person_room WHERE person = ?", (id,))
                conn.executemany(
                    "INSERT INTO person_room VALUES (?, ?, ?)",
                    [(id, place, room) for place, room in enumerate(rooms)],
                )
            conn.executemany(
                "INSERT INTO person_mark VALUES (?, ?, ?)"
                " ON CONFLICT (person, conversation) DO UPDATE SET mark = excluded.mark",
                marks,
            )
            conn.executemany("DELETE FROM person_mark WHERE person = ? AND conversation = ?", forgotten)

        try:
            self._log.write(write)
        except BaseException:
            with self._lock:
                self._unsaved |= unsaved
                self._unsaved_marks |= unsaved_marks
            raise


def _read(
    conn: sqlite3.Connection,
) -> tuple[list[tuple[int, str, str, str, str, int, str]], list[tuple[int, str]], list[tuple[int, str, int]]]:
    people = conn.execute("SELECT id, nick, fold, look, secret, claimed_at, room FROM person").fetchall()
    rooms = conn.execute("SELECT person, room FROM person_room ORDER BY person, place").fetchall()
    marks = conn.execute("SELECT person, conversation, mark FROM person_mark").fetchall()
    return people, rooms, marks
