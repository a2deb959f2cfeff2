"""Addresses in a text: http and https, without the full stop or the bracket after them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

# An address ends where no address goes on: at blanks, quotes, brackets, East Asian punctuation, invisible signs.
_LINK: Final = re.compile(
    r"(?<!\w)https?://(?=[^\s/?#.,:;!]) [^\s<>\"`{}|\\^\u00ad\u200b-\u200d\u2060\u2424\u3000-\u3002\u300c-\u300f"
    r"\uff08\uff09\uff0c\uff1a\uff1b\ufe00-\ufe0f]{1,2000}",
    re.IGNORECASE | re.VERBOSE,
)

_CLOSING: Final = {")": "(", "]": "["}


def links_in(text: str, start: int = 0) -> Iterator[tuple[int, int]]:
    """Where the http and https addresses are in a cleaned text: without the full stop or bracket after them."""
    for found in _LINK.finditer(text, start):
        span = _trimmed(text, *found.span())
        if span is not None:
            yield span


def link_at(text: str, begin: int, end: int) -> tuple[int, int] | None:
    """The address that begins there and ends before `end`, if one does."""
    found = _LINK.match(text, begin, end)
    return None if found is None else _trimmed(text, *found.span())


def _trimmed(text: str, begin: int, end: int) -> tuple[int, int] | None:
    while end > begin:
        last = text[end - 1]
        opening = _CLOSING.get(last)
        is_unmatched = opening is not None and text.count(last, begin, end) > text.count(opening, begin, end)
        if not is_unmatched and last not in ".,;:!?'*_~":
            break
        end -= 1
    return (begin, end) if end - begin > len("https://") else None
