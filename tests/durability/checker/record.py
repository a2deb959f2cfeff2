"""The log as it lies in the database: what the people of the checker are held against."""

from __future__ import annotations

import re
import sqlite3
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from chat_server.log.folder import DATABASE
from chat_server.wire import Entry
from tests.durability.checker.kept import Kept


@dataclass(frozen=True, slots=True)
class Row:
    """An entry with the identities behind it. `conversation` is a room, or two identities with a space between."""

    entry: Entry
    conversation: str
    author: str
    peer: str | None

    @property
    def is_gone(self) -> bool:
        """Whether a delete took its text."""
        return not self.entry.text and self.entry.kind not in ("topic", "delete")

    @property
    def is_direct(self) -> bool:
        """Whether two people have it for themselves."""
        return self.peer is not None


class Record:
    """What is in the log after an id, all its claimed names, and what is kept of those people."""

    def __init__(self, folder: Path, after: int = 0) -> None:
        with closing(sqlite3.connect(f"file:{folder / DATABASE}?mode=ro", uri=True)) as database:
            self.rows = [
                Row(Entry(*row[:7]), *row[7:])
                for row in database.execute(
                    "SELECT at, kind, id, COALESCE(target, conversation), nick, text, ref, conversation, author, peer"
                    " FROM entry WHERE id > ? ORDER BY id",
                    (after,),
                )
            ]
            self.labels: list[tuple[int, str, str]] = database.execute(
                "SELECT id, author, label FROM label WHERE id > ? ORDER BY id", (after,)
            ).fetchall()
            self.identities: dict[str, str] = {}
            self.kept: dict[str, Kept] = {}
            for id, nick, current in database.execute("SELECT id, nick, room FROM person").fetchall():
                self.identities[nick] = f"p{id}"
                rooms = database.execute("SELECT room FROM person_room WHERE person = ?", (id,))
                marks = database.execute("SELECT conversation, mark FROM person_mark WHERE person = ?", (id,))
                self.kept[nick] = Kept({room for (room,) in rooms}, current, dict(marks.fetchall()))
        self.after = after

    @property
    def last(self) -> int:
        """The highest id."""
        return self.rows[-1].entry.id if self.rows else self.after

    def row(self, id: int) -> Row | None:
        """The entry with that id, if it is in this part of the log."""
        place = id - self.after - 1
        return self.rows[place] if 0 <= place < len(self.rows) else None

    @cached_property
    def rooms(self) -> dict[str, list[Entry]]:
        """The entries of each room."""
        found: dict[str, list[Entry]] = {}
        for row in self.rows:
            if not row.is_direct:
                found.setdefault(row.conversation, []).append(row.entry)
        return found

    def direct(self, identity: str) -> list[Entry]:
        """The entries that somebody has with one other."""
        return [row.entry for row in self.rows if row.is_direct and identity in (row.author, row.peer)]

    def between(self, one: str, other: str) -> list[Entry]:
        """The entries of a direct conversation."""
        conversation = " ".join(sorted((one, other)))
        return [row.entry for row in self.rows if row.conversation == conversation]

    def kinds(self) -> Counter[str]:
        """How many there are of each kind."""
        counts: Counter[str] = Counter()
        for row in self.rows:
            kind = row.entry.kind
            counts["reply" if kind == "msg" and row.entry.ref else kind] += 1
            counts["direct"] += row.is_direct
        return counts


def texts_in_files(folder: Path) -> set[str]:
    """The texts of the checker's people that lie anywhere in the files of a log."""
    found: set[str] = set()
    for file in folder.glob(f"{DATABASE}*"):
        found.update(
            text.decode() for text in re.findall(rb"(?:talker|visitor)-[a-h] says \d+;", file.read_bytes())
        )
    return found
