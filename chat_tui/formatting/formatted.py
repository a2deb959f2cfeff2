"""A text as it is drawn, and which character of the source each drawn one is."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

LINE_BREAK: Final = "\u2424"
"""SYMBOL FOR NEWLINE: what stands for a line break on the wire."""

HIDDEN: Final = "▒"
"""What stands for every cell of a spoiler until somebody wants to read it."""

Part = Literal["bold", "italic", "struck", "spoiler", "code", "label", "link", "edited"]

Pair = tuple[int, int, int, int]
"""A piece between two hidden signs: the first sign, the first character, after the last one, after the last sign."""


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
    pairs: tuple[Pair, ...] = ()

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


class Found:
    """What was found in a source so far, at positions of the source."""

    def __init__(self) -> None:
        self.hidden: list[tuple[int, int, str]] = []
        """(start, end, what is drawn instead)."""
        self.looks: list[Look] = []
        self.pairs: list[Pair] = []
        """Inner ones before those around them."""

    def pair(self, first: int, begin: int, stop: int, last: int, part: Part) -> None:
        """A piece between two signs, which are hidden, looks like this."""
        self.hidden += ((first, begin, ""), (stop, last, ""))
        self.looks.append(Look(begin, stop, part))
        self.pairs.append((first, begin, stop, last))

    def formatted(self, text: str, blocks: list[Block]) -> Formatted:
        """The text with all that done to it; the looks and blocks are then at positions of what is drawn."""
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
