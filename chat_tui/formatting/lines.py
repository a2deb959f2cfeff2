"""Signs within a line: where they begin something, where they end it, and where they are only text."""

from __future__ import annotations

import re
from bisect import bisect_left
from typing import Final, Literal

from chat_tui.formatting.emoji_names import emoji_of
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
    r"(?P<code>`+)|(?P<link>https?://)|(?P<emoji>(?<!/)(?<![^\W\u0e00-\U0010ffff]):"
    r"(?P<name>\+1|-1|[a-z][a-z0-9_+-]*|100):(?![^\W\u0e00-\U0010ffff]))"
    r"|(?P<sign>\*+|_+|~+|\|{2,})",
    re.IGNORECASE,
)

_BEFORE: Final = frozenset(" \t\u00a0\u3000" + LINE_BREAK + "([{\"'“„‘‚«‹¿¡—–…,;:!?.。、，：；！？（「『【")
"""After these a word begins. No slash, no backslash, no digit sign: what they stand in are paths and formulas."""

_AFTER: Final = frozenset(" \t\u00a0\u3000" + LINE_BREAK + ")]}\"'”“’‘»›.,;:!?…—–。、，：；！？）」』】")
"""Before these a word ends."""

_NOT_FIRST: Final = frozenset(" \t\u00a0\u3000)]}.,;:!?/\\<>=%&+-。、，：；！？）」』】")
"""What is not the first character of anything: a sign before it is one of a pattern, a formula or a path."""

_NOT_LAST: Final = frozenset(" \t\u00a0\u3000([{/\\<=")

# Japanese, Chinese and Thai have no blanks around words, and Korean hangs its particles on them. But a sign between two
# of their letters is more often a formula or the name of a file (単価*数量*税率, 報告_最終_版.txt) than a beginning, and
# "~" means "from … to" there. Hiragana, and letters of Thai and its neighbours, are what stands beside a word in a
# sentence, and not in a formula.
_SENTENCE: Final = re.compile("[\u3041-\u309f\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff]")
_DENSE: Final = re.compile(
    "[\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\u30a0-\u30ff\u3100-\u312f\uac00-\ud7a3\u3005]"
)
_HANGUL: Final = re.compile("[\uac00-\ud7a3]")
_STOPS: Final = re.compile("[。！？、，；]")

_FACE: Final = re.compile(r"[^\w\s\-'.,!?:;/&\"]")
"""What makes a few signs between two brackets a face: (*´▽`*), _(:з」∠)_."""

_LETTER: Final = re.compile(r"[^\W\u0e00-\U0010ffff]")
"""What has blanks around its words: a backtick within one is an apostrophe."""

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
            emoji = emoji_of(token["name"])
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
            is_within_word = begin > start and _LETTER.match(text, begin - 1) is not None
            if after < len(same) and not is_within_word and text[position : same[after]].strip():
                found.pair(begin, position, same[after], same[after] + size, "code")
                position = same[after] + size


_Side = Literal["border", "sentence", "dense", "word"]
"""What stands at the outer side of a sign: the border of a word; a letter of a script without blanks between words, of
those in sentences or another one; or any other character."""


def _side(sign: str, outer: str, borders: frozenset[str]) -> _Side:
    if outer in borders:
        return "border"
    if outer < "\u0e00" or sign[0] == "~":
        return "word"
    if _SENTENCE.match(outer):
        return "sentence"
    return "dense" if _DENSE.match(outer) else "word"


def _fit(sign: str, left: _Side, right: _Side, text: str, begin: int, stop: int) -> bool:
    """Whether a sign that begins beside the one may end beside the other; `begin` and `stop` are within them."""
    if left == right == "border":
        return True
    if _STOPS.search(text, begin, stop):
        return False
    if sign == "*":
        return not left == right == "dense"
    if sign == "_":
        return "dense" not in (left, right) or (
            left == "border" and _HANGUL.match(text, stop + 1) is not None
        )
    return True


def _says_something(sign: str, text: str, begin: int, stop: int) -> bool:
    """Whether there is a text between two signs, and the whole is no face."""
    if len(sign) == 1 and stop - begin <= 8 and _FACE.search(text, begin, stop):
        around = text[max(0, begin - 2) : begin - 1] + text[stop + 1 : stop + 2]
        if {around, text[begin] + text[stop - 1]} & {"()", "（）"}:
            return False
    return _SAYS_SOMETHING.search(text, begin, stop) is not None


class _Signs:
    """The signs of one line that have begun something and not ended it yet."""

    def __init__(self, text: str, start: int, end: int, found: Found) -> None:
        self._text, self._start, self._end, self._found = text, start, end, found
        self._open: list[tuple[str, int]] = []
        self._sides: dict[str, list[tuple[_Side, int]]] = {sign: [] for sign in _PARTS}
        """Of every sign those that are open: what stands before, and where."""

    def read(self, sign: str, begin: int) -> None:
        """The next sign of the line: ends something, begins something, or is only text."""
        part = _PARTS.get(sign)
        if part is None:
            return
        text, stop = self._text, begin + len(sign)
        before = text[begin - 1] if begin > self._start else " "
        after = text[stop] if stop < self._end else " "
        right = self._right(sign, after)
        if self._sides[sign] and before not in _NOT_LAST and right != "word":
            left, opened = self._sides[sign][-1]
            if _fit(sign, left, right, text, opened + len(sign), begin):
                inner = self._close(sign) + len(sign)
                if _says_something(sign, text, inner, begin):
                    self._found.pair(inner - len(sign), inner, begin, stop, part)
                    return
        left = self._left(sign, before, begin)
        if after not in _NOT_FIRST and left != "word":
            self._open.append((sign, begin))
            self._sides[sign].append((left, begin))

    def _close(self, sign: str) -> int:
        # What was begun within and not ended stays text: signs never cross.
        while True:
            other, begin = self._open.pop()
            self._sides[other].pop()
            if other == sign:
                return begin

    def _left(self, sign: str, before: str, begin: int) -> _Side:
        is_beside_another = bool(self._open) and self._open[-1][1] + len(self._open[-1][0]) == begin
        return "border" if is_beside_another else _side(sign, before, _BEFORE)

    def _right(self, sign: str, after: str) -> _Side:
        if any(opened and other[0] == after for other, opened in self._sides.items()):
            return "border"
        return _side(sign, after, _AFTER)
