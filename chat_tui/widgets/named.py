"""Whose names are lit up where they are written: the reader's own, and those of the people of the room."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from chat_server.text import fold, names

_WORD = re.compile(r"(?<![\w@/.:-])(@?)(\w[\w-]*)(?![\w-])")


@dataclass(frozen=True, slots=True)
class Named:
    """`own` is how the reader is called; `people` maps folded nicks to nicks."""

    own: str = ""
    people: dict[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, own: str, people: Iterable[str]) -> Named:
        """The reader and the people of a room, himself included or not."""
        return cls(own, {fold(nick): nick for nick in people if nick != own})

    def within(self, text: str, mentions_me: bool) -> Iterator[tuple[int, int, str | None]]:
        """(start, end, nick) of every name in a text; the nick is None for the reader's own.

        Others are named by @nick, or by a nick that begins a text and has a colon or a comma after it: nicks are
        words, and "will" is not always Will.
        """
        if not mentions_me and "@" not in text and ":" not in text[:40] and "," not in text[:40]:
            return
        for found in _WORD.finditer(text):
            start, end = found.span()
            word = found[2]
            if mentions_me and self.own and names(word, self.own):
                yield start, end, None
            elif found[1] or (start == 0 and text[end : end + 1] in (":", ",")):
                nick = self.people.get(fold(word))
                if nick is not None:
                    yield start, end, nick
