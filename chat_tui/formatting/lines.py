"""Signs within a line: where they begin something, where they end it, and where they are only text."""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import Final

from chat_tui.formatting.formatted import LINE_BREAK, Found, Look, Part
from chat_tui.formatting.links import link_at

_PARTS: Final[dict[str, Part]] = {
    "*": "bold",
    "**": "bold",
    "_": "italic",
    "~": "struck",
    "~~": "struck",
    "||": "spoiler",
}

_TOKEN: Final = re.compile(
    r"(?P<code>`+)|(?P<link>https?://)|(?P<emoji>(?<![\w/]):(?P<name>\+1|-1|[a-z][a-z0-9_+-]*|100):(?!\w))"
    r"|(?P<sign>\*+|_+|~+|\|{2,})",
    re.IGNORECASE,
)

_BEFORE: Final = frozenset(" \t\u00a0\u3000" + LINE_BREAK + "([{\"'“„‘‚«‹¿¡—–…,;:!?.。、，：；！？（「『【")
"""After these a word begins. No slash, no backslash, no digit sign: what they stand in are paths and formulas."""

_AFTER: Final = frozenset(" \t\u00a0\u3000" + LINE_BREAK + ")]}\"'”“’‘»›.,;:!?…—–。、，：；！？）」』】")
"""Before these a word ends."""

_NOT_FIRST: Final = frozenset(" \t\u00a0\u3000)]}.,;:!?/\\<>=%&+-")
"""What is not the first character of anything: a sign before it is one of a pattern, a formula or a path."""

_NOT_LAST: Final = frozenset(" \t\u00a0\u3000([{/\\<=")
_TICKS: Final = re.compile("`+")
_SAYS_SOMETHING: Final = re.compile(r"[^\W_]|[^\x00-\x7f]")


def read_lines(text: str, start: int, end: int, found: Found) -> None:
    """Finds what is written in the lines between two positions of a text."""
    while start < end:
        line_end = text.find(LINE_BREAK, start, end)
        line_end = end if line_end < 0 else line_end
        _read_line(text, start, line_end, found)
        start = line_end + 1


def _read_line(text: str, start: int, end: int, found: Found) -> None:
    signs = _Signs(text, start, end, found)
    ticks: dict[int, list[int]] | None = None
    position = start
    last_emoji = -1
    while (token := _TOKEN.search(text, position, end)) is not None:
        begin, position = token.span()
        if token["sign"]:
            signs.read(token["sign"], begin)
        elif token["link"]:
            span = link_at(text, begin, end)
            if span is not None:
                position = span[1]
                found.looks.append(Look(*span, "link", text[begin:position]))
        elif token["emoji"]:
            emoji = _emoji_names().get(token["name"].lower())
            if emoji and (text[begin - 1 : begin] != ":" or begin == last_emoji):
                found.hidden.append((begin, position, emoji))
                found.pairs.append((begin, begin, position, position))
                last_emoji = position
            else:
                position = begin + 1
        else:
            if ticks is None:
                ticks = {}
                for run in _TICKS.finditer(text, start, end):
                    ticks.setdefault(len(run[0]), []).append(run.start())
            size = position - begin
            same = ticks[size]
            after = bisect_left(same, position)
            is_within_word = begin > start and (text[begin - 1].isalnum() or text[begin - 1] == "_")
            if after < len(same) and not is_within_word and text[position : same[after]].strip():
                found.pair(begin, position, same[after], same[after] + size, "code")
                position = same[after] + size


@cache
def _emoji_names() -> dict[str, str]:
    # Imported where it is used: a table of 3,600 names, 50 ms.
    from rich._emoji_codes import EMOJI

    return EMOJI


class _Signs:
    """The signs of one line that have begun something and not ended it yet."""

    def __init__(self, text: str, start: int, end: int, found: Found) -> None:
        self._text, self._start, self._end, self._found = text, start, end, found
        self._open: list[tuple[str, int]] = []
        self._count = dict.fromkeys(_PARTS, 0)

    def read(self, sign: str, begin: int) -> None:
        """The next sign of the line: ends something, begins something, or is only text."""
        part = _PARTS.get(sign)
        if part is None:
            return
        text, stop = self._text, begin + len(sign)
        before = text[begin - 1] if begin > self._start else " "
        after = text[stop] if stop < self._end else " "
        if self._count[sign] and before not in _NOT_LAST and self._ends_before(after):
            inner = self._close(sign) + len(sign)
            if _SAYS_SOMETHING.search(text, inner, begin):
                self._found.pair(inner - len(sign), inner, begin, stop, part)
                return
        if after not in _NOT_FIRST and self._begins_after(before, begin):
            self._open.append((sign, begin))
            self._count[sign] += 1

    def _close(self, sign: str) -> int:
        # What was begun within and not ended stays text: signs never cross.
        while True:
            other, begin = self._open.pop()
            self._count[other] -= 1
            if other == sign:
                return begin

    def _begins_after(self, before: str, begin: int) -> bool:
        if before in _BEFORE:
            return True
        return bool(self._open) and self._open[-1][1] + len(self._open[-1][0]) == begin

    def _ends_before(self, after: str) -> bool:
        return after in _AFTER or any(count and sign[0] == after for sign, count in self._count.items())
