"""What is said: the lines that are numbered, stored and replayed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, Literal, get_args

from chat_server.wire.fields import ID, NICK, ROOM, TARGET
from chat_server.wire.grammar import is_blank

EntryKind = Literal["msg", "act", "topic", "edit", "delete", "react", "unreact"]
ENTRY_KINDS: Final[frozenset[str]] = frozenset(get_args(EntryKind))
REFERRING: Final = frozenset({"edit", "delete", "react", "unreact"})
"""Kinds that are about an earlier entry; a msg may be (a reply), act and topic never are."""
_TEXTLESS: Final = frozenset({"delete", "topic"})


@dataclass(frozen=True, slots=True)
class Entry:
    """Something said: numbered, stored, replayed. `at` is when it was said, also in a replay.

    `text` is empty for a delete and for a topic that was taken away; `ref` is the id that it is about, or
    None. ValueError on formatting if kind, ref and text do not go together.
    """

    at: int
    kind: EntryKind
    id: int
    target: str
    nick: str
    text: str
    ref: int | None = None

    def check(self) -> None:
        """Raises ValueError unless the parts are what this kind has."""
        if self.kind not in ENTRY_KINDS:
            raise ValueError(f"{self.kind} is no kind of entry")
        if self.ref is None and self.kind in REFERRING:
            raise ValueError(f"{self.kind} needs the id that it is about")
        if self.ref is not None and self.kind in ("act", "topic"):
            raise ValueError(f"{self.kind} is about no other entry")
        if is_blank(self.text) and (self.text or self.kind not in _TEXTLESS):
            raise ValueError(f"{self.kind} needs a text")
        if self.kind == "delete" and self.text:
            raise ValueError("delete has no text")
        (ROOM if self.kind == "topic" else TARGET).format(self.target)

    def format(self) -> str:
        """The line after its TIME."""
        self.check()
        ref = f" ^{ID.format(self.ref)}" if self.ref is not None else ""
        head = f"{self.kind} {ID.format(self.id)} {self.target} {NICK.format(self.nick)}{ref}:"
        return f"{head} {self.text}" if self.text else head

    @classmethod
    def parse(cls, at: int, kind: str, rest: str) -> Entry:
        """Reads what follows the word. ValueError for anything else."""
        id, target, nick, *more = rest.split(" ", 3)
        after = more[0] if more else ""
        ref: int | None = None
        if nick.endswith(":"):
            nick, text = nick[:-1], after
        else:
            pointer, _, text = after.partition(" ")
            if not (pointer.startswith("^") and pointer.endswith(":")):
                raise ValueError(rest)
            ref = ID.parse(pointer[1:-1])
        entry = cls(at, kind, ID.parse(id), target, NICK.parse(nick), text, ref)  # type: ignore[arg-type]
        entry.check()
        return entry
