"""What is written *so* is drawn so: the few signs that people use in chats, found in a text. No widget in here.

The wire stays plain: what is drawn is always a piece of what was said, with some signs hidden and :names: of emoji
replaced, and every drawn character knows which one of the source it is; what is copied is the source.

    *bold* **bold** _italic_ ~struck~ ~~struck~~ ||spoiler|| `code` :tada: https://x.org
    > quote (a line)          ```py (lines of code) ```

The rule for what only looks like that is Slack's, stricter than CommonMark's: a sign begins something at the
border of a word and before a character, ends it after a character and at a border, on the same line. So paths,
snake_case, __init__, 2*3*4, *.txt and ¯\\_(ツ)_/¯ stay as they are. Signs without their other half do, too. Letters of
scripts that have no blanks between words are such a border where that is no formula and no file's name: see lines.py.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from chat_tui.formatting.blocks import read_blocks
from chat_tui.formatting.formatted import HIDDEN, LINE_BREAK, Block, Formatted, Found, Look, Pair
from chat_tui.formatting.lines import read_lines
from chat_tui.formatting.links import links_in

__all__ = [
    "HIDDEN",
    "LINE_BREAK",
    "Block",
    "Formatted",
    "Look",
    "format_text",
    "links_in",
    "links_only",
    "preview",
]

# Nearly everything said has none of these and is done after a look or two at it.
_SIGN: Final = re.compile(r"[`*~|_:>]")
_ANY: Final = re.compile(
    r"[`*~]|\|\||(?<![^\W\u0e00-\U0010ffff])_|:[a-z0-9_+-]+:|(?:^|\u2424)>|://", re.IGNORECASE
)


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


@lru_cache(maxsize=1024)
def _parsed(text: str, start: int) -> Formatted:
    found = Found()
    blocks: list[Block] = []
    pairs: list[Pair] = []
    if start == 0 and ("```" in text or ">" in text):
        blocks = read_blocks(text, found, pairs)
    if not any(block.kind != "text" for block in blocks):
        blocks = [Block(start, len(text), "text")]
    for block in blocks:
        if block.kind != "code":
            read_lines(text, block.start, block.end, found)
    found.pairs += pairs
    return found.formatted(text, blocks if len(blocks) > 1 or blocks[0].kind != "text" else [])
