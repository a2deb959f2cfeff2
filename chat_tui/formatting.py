"""What is written *so* is drawn so: the few signs that people use in chats, found in a text. No widget in here.

The wire stays plain: what is drawn is always a piece of what was said, with some signs hidden and :names: of emoji
replaced, and every drawn character knows which one of the source it is; what is copied is the source.

    *bold* **bold** _italic_ ~struck~ ~~struck~~ ||spoiler|| `code` :tada: https://x.org
    > quote (a line)          ```py (lines of code) ```

The rule for what only looks like that is Slack's, stricter than CommonMark's: a sign begins something at the
border of a word and before a character, ends it after a character and at a border, on the same line. So paths,
snake_case, __init__, 2*3*4, *.txt and ¯\\_(ツ)_/¯ stay as they are. Signs without their other half do, too.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal, NamedTuple

LINE_BREAK: Final = "\u2424"
"""SYMBOL FOR NEWLINE: what stands for a line break on the wire."""

HIDDEN: Final = "▒"
"""What stands for every cell of a spoiler until somebody wants to read it."""

Part = Literal["bold", "italic", "struck", "spoiler", "code", "label", "link", "edited"]

_PARTS: Final[dict[str, Part]] = {
    "*": "bold",
    "**": "bold",
    "_": "italic",
    "~": "struck",
    "~~": "struck",
    "||": "spoiler",
}

# Nearly everything said has none of these and is done after a look or two at it.
_SIGN: Final = re.compile(r"[`*~|_:>]")
_ANY: Final = re.compile(r"[`*~]|\|\||(?<!\w)_|:[a-z0-9_+-]+:|(?:^|\u2424)>|://", re.IGNORECASE)

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
_LANGUAGE: Final = re.compile(r" *[A-Za-z][A-Za-z0-9+#._-]{0,19} *")

# An address ends where no address goes on: at blanks, quotes, brackets, East Asian punctuation, invisible signs.
_LINK: Final = re.compile(
    r"(?<!\w)https?://(?=[^\s/?#.,:;!]) [^\s<>\"`{}|\\^\u00ad\u200b-\u200d\u2060\u2424\u3000-\u3002\u300c-\u300f"
    r"\uff08\uff09\uff0c\uff1a\uff1b\ufe00-\ufe0f]{1,2000}",
    re.IGNORECASE | re.VERBOSE,
)
_CLOSING: Final = {")": "(", "]": "["}


_Pair = tuple[int, int, int, int]


class Look(NamedTuple):
    """Characters of the drawn text that look different; `value` is the address of a link."""

    start: int
    end: int
    part: Part
    value: str = ""


class Block(NamedTuple):
    """Whole lines of the drawn text, without the line break after them. `code` is where code begins: after the
    label with its language, if it has one."""

    start: int
    end: int
    kind: Literal["text", "quote", "code"]
    language: str = ""
    code: int = 0


@dataclass(frozen=True, slots=True)
class Formatted:
    """A text as it is drawn, with U+2424 for a line break as in the source.

    `blocks` are all its lines, or empty if they are all of kind "text". `sources` says for every drawn character,
    and for the end, which one of the source it is; None if nothing was hidden or replaced. `pairs` are what hidden
    signs stand around: (first sign, first character, after the last character, after the last sign) in the source.
    """

    text: str
    size: int
    """Characters of the source."""
    looks: tuple[Look, ...] = ()
    blocks: tuple[Block, ...] = ()
    sources: tuple[int, ...] | None = None
    pairs: tuple[_Pair, ...] = ()

    @property
    def has_spoiler(self) -> bool:
        """Whether there is something to uncover."""
        return any(look.part == "spoiler" for look in self.looks)

    def source_of(self, position: int) -> int:
        """The character of the source that is drawn at a position; its end after the last one."""
        if self.sources is None:
            return min(position, self.size)
        return self.sources[min(position, len(self.sources) - 1)]

    def drawn_of(self, position: int) -> int:
        """Where a character of the source is drawn, or the next one that is."""
        return position if self.sources is None else bisect_left(self.sources, position)

    def widened(self, start: int, end: int) -> tuple[int, int]:
        """A piece of the source, with the hidden signs around what is wholly in it."""
        if start >= end:
            return start, end
        for first, begin, _, last in self.pairs:
            if begin == first:
                # An emoji: all of its name, or nothing.
                start = first if first < start < last else start
                end = last if first < end < last else end
        # The inner pairs come before those around them.
        for first, begin, stop, last in self.pairs:
            if start <= begin and end >= stop:
                start, end = min(start, first), max(end, last)
        return start, end


def format_text(text: str, start: int = 0) -> Formatted:
    """How a cleaned text is drawn. What is before `start` is no text of its author: it stays as it is, and what
    stands behind it begins no quote and no lines of code."""
    if _SIGN.search(text, start) is None or _ANY.search(text, start) is None:
        return Formatted(text, len(text))
    return _parsed(text, start)


def links_only(text: str) -> Formatted:
    """A text of which nothing is hidden, with its addresses: for what no person wrote."""
    if "://" not in text:
        return Formatted(text, len(text))
    looks = tuple(Look(start, end, "link", text[start:end]) for start, end in links_in(text))
    return Formatted(text, len(text), looks)


def preview(text: str) -> str:
    """A text in one line without its signs, for a quotation of it or a list; spoilers stay covered."""
    formatted = format_text(text)
    shown = formatted.text
    for start, end, part, _ in sorted(formatted.looks, reverse=True):
        if part == "spoiler":
            shown = shown[:start] + HIDDEN * (end - start) + shown[end:]
        elif part == "label":
            shown = shown[:start] + shown[end:]
    return " ".join(shown.replace(LINE_BREAK, " ").split())


def links_in(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Where the http and https addresses are in a cleaned text: without the full stop or bracket after them."""
    for found in _LINK.finditer(text, start):
        span = _trimmed(text, *found.span())
        if span is not None:
            yield span


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int] | None:
    while end > begin:
        last = text[end - 1]
        opening = _CLOSING.get(last)
        is_unmatched = opening is not None and text.count(last, begin, end) > text.count(opening, begin, end)
        if not is_unmatched and last not in ".,;:!?'*_~":
            break
        end -= 1
    return (begin, end) if end - begin > len("https://") else None


@cache
def _emoji_names() -> dict[str, str]:
    # Imported where it is used: a table of 3,600 names, 50 ms.
    from rich._emoji_codes import EMOJI

    return EMOJI


@lru_cache(maxsize=1024)
def _parsed(text: str, start: int) -> Formatted:
    found = _Found()
    blocks: list[Block] = []
    pairs: list[_Pair] = []
    if start == 0 and ("```" in text or ">" in text):
        blocks = _read_blocks(text, found, pairs)
    if not any(block.kind != "text" for block in blocks):
        blocks = [Block(start, len(text), "text")]
    for block in blocks:
        if block.kind != "code":
            _read_lines(text, block.start, block.end, found)
    found.pairs += pairs
    return found.formatted(text, blocks if len(blocks) > 1 or blocks[0].kind != "text" else [])


class _Found:
    """What was found in a source, at positions of the source."""

    def __init__(self) -> None:
        self.hidden: list[tuple[int, int, str]] = []
        """(start, end, what is drawn instead)."""
        self.looks: list[Look] = []
        self.pairs: list[_Pair] = []

    def pair(self, first: int, begin: int, stop: int, last: int, part: Part) -> None:
        self.hidden += ((first, begin, ""), (stop, last, ""))
        self.looks.append(Look(begin, stop, part))
        self.pairs.append((first, begin, stop, last))

    def formatted(self, text: str, blocks: list[Block]) -> Formatted:
        if not self.hidden:
            return Formatted(text, len(text), tuple(self.looks), tuple(blocks))
        drawn: list[str] = []
        sources: list[int] = []
        position = 0
        for start, end, instead in sorted(self.hidden):
            drawn += (text[position:start], instead)
            sources += range(position, start)
            sources += [start] * len(instead)
            position = end
        drawn.append(text[position:])
        sources += range(position, len(text) + 1)
        looks = tuple(
            look._replace(start=bisect_left(sources, look.start), end=bisect_left(sources, look.end))
            for look in self.looks
        )
        placed = tuple(
            block._replace(
                start=bisect_left(sources, block.start),
                end=bisect_left(sources, block.end),
                code=bisect_left(sources, block.code),
            )
            for block in blocks
        )
        return Formatted("".join(drawn), len(text), looks, placed, tuple(sources), tuple(self.pairs))


# Lines


def _read_blocks(text: str, found: _Found, pairs: list[_Pair]) -> list[Block]:
    """Code, quotes, and what is between them."""
    lines, position = [], 0
    for line in text.split(LINE_BREAK):
        lines.append((position, position + len(line)))
        position += len(line) + 1
    closing = [number for number, (_, end) in enumerate(lines) if text.endswith("```", 0, end)]
    blocks: list[Block] = []
    number = 0
    while number < len(lines):
        start, end = lines[number]
        after = bisect_left(closing, number + 1)
        if text.startswith("```", start) and after < len(closing):
            last = closing[after]
            code = _code(text, (start, end), lines[last])
            if code is not None:
                blocks.append(code)
                if code.language:
                    found.looks.append(Look(code.start, code.start + len(code.language), "label"))
                found.hidden += ((start, code.start, ""), (code.end, lines[last][1], ""))
                pairs.append((start, code.code, code.end, lines[last][1]))
                number = last + 1
                continue
        is_after_quote = bool(blocks) and blocks[-1].kind == "quote"
        kind: Literal["text", "quote"] = "text"
        begin = start
        if _is_quote(text, start, end, is_after_quote):
            kind, begin = "quote", min(start + 2, end)
            found.hidden.append((start, begin, ""))
            pairs.append((start, begin, begin, begin))
        if blocks and blocks[-1].kind == kind:
            blocks[-1] = blocks[-1]._replace(end=end)
        else:
            blocks.append(Block(begin, end, kind))
        number += 1
    return blocks


def _is_quote(text: str, start: int, end: int, is_after_quote: bool) -> bool:
    if not text.startswith(">", start):
        return False
    is_empty = not text[start + 1 : end].strip()
    return is_after_quote if is_empty else text[start + 1] == " "


def _code(text: str, opening: tuple[int, int], closing: tuple[int, int]) -> Block | None:
    """The code between two lines with three backticks; None if it is none."""
    begin, end = opening[0] + 3, opening[1]
    if "`" in text[begin:end]:
        return None
    stop = closing[1] - 3
    if stop == closing[0]:
        stop -= 1
    language, code = "", begin
    if _LANGUAGE.fullmatch(text, begin, end):
        language = text[begin:end].strip()
        begin = text.index(language, begin)
        code = end + 1
    elif not text[begin:end].strip():
        begin = code = end + 1
    if not text[code:stop].strip(" " + LINE_BREAK):
        return None
    return Block(begin, stop, "code", language, code)


# Within lines


def _read_lines(text: str, start: int, end: int, found: _Found) -> None:
    while start < end:
        line_end = text.find(LINE_BREAK, start, end)
        line_end = end if line_end < 0 else line_end
        _read_line(text, start, line_end, found)
        start = line_end + 1


def _read_line(text: str, start: int, end: int, found: _Found) -> None:
    signs = _Signs(text, start, end, found)
    ticks: dict[int, list[int]] | None = None
    position = start
    last_emoji = -1
    while (token := _TOKEN.search(text, position, end)) is not None:
        begin, position = token.span()
        if token["sign"]:
            signs.read(token["sign"], begin)
        elif token["link"]:
            link = _LINK.match(text, begin, end)
            span = None if link is None else _trimmed(text, *link.span())
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


class _Signs:
    """The signs of one line that have begun something and not ended it yet."""

    def __init__(self, text: str, start: int, end: int, found: _Found) -> None:
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
