"""The small tokens of chat/1: times, nicks, rooms, labels, ids.

A token here is checked for its *shape* only: what a parser needs to split a line without
doubt. Which nicks and rooms may exist is the server's business (`chat_server.text`).
"""

from __future__ import annotations

import re
from calendar import timegm
from functools import lru_cache
from time import gmtime, strftime, strptime

PROTOCOL = "chat/1"

LINE_BREAK = "\N{SYMBOL FOR NEWLINE}"
"""Stands for a line break inside a text: one visible character, nothing to escape."""

LINE_BYTES = 4096
"""Longest client line before its LF. IRC has 512, ssh-chat 1024, Ergo 4096: a pasted paragraph
fits, a flood of one line does not."""

TEXT_BYTES = 3500
"""Longest text: with time, word, id, target, nick and reference in front it still fits a line."""

SERVER_LINE_BYTES = 8192
"""What a client must be ready to take in one line of the server."""

# Everything that could act on a terminal or end a line: C0, DEL, C1, line and paragraph separators,
# lone surrogates. A formatted line never holds one of these.
CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")

# A character that can be seen: no space, line break or filler, nothing that only changes its neighbour.
_SEEN = re.compile(
    "[^\\s\x00-\x1f\x7f-\xa0\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202f"
    f"\u205f-\u206f{LINE_BREAK}\u2800\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\U000e0000-\U000e0fff]"
)
# No space (it ends a token), no ":" (it ends the nick in front of a text), no leading mark.
_NICK = re.compile(r"[^\s:,@+~#^/!\-][^\s:,@+~#^/!]*\Z")
_ROOM = re.compile(r"#[^\s:,@+~#^/!]+\Z")
# Not "-" alone: in an err line that stands for "no label".
_LABEL = re.compile(r"(?!-\Z)[A-Za-z0-9._-]{1,64}\Z")
_ID = re.compile(r"[1-9][0-9]{0,17}\Z")
_TIME = re.compile(r"[0-9]{4}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-5][0-9]:[0-5][0-9]Z\Z")
_KEY = re.compile(r"[a-z][a-z0-9-]*\Z")
_YEAR_10000 = 253_402_300_800


def is_nick(token: str) -> bool:
    """Whether the token can stand where a nick stands."""
    return _NICK.match(token) is not None


def is_room(token: str) -> bool:
    """Whether the token can stand where a room stands."""
    return _ROOM.match(token) is not None


def is_target(token: str) -> bool:
    """Whether the token names a room, or a person as "@NICK"."""
    return is_room(token) or (token.startswith("@") and is_nick(token[1:]))


def is_label(token: str) -> bool:
    """Whether the token is a client's label: 1 to 64 of A-Z a-z 0-9 . _ - but not "-" alone."""
    return _LABEL.match(token) is not None


def is_id(token: str) -> bool:
    """Whether the token is an entry's id: a decimal of at most 18 digits, from 1."""
    return _ID.match(token) is not None


def is_key(token: str) -> bool:
    """Whether the token can be the key of a key=value pair or a server's word."""
    return _KEY.match(token) is not None


def is_blank(text: str) -> bool:
    """Whether a text has nothing in it that can be seen."""
    # Nearly every text begins with a letter that needs no closer look.
    return not "!" <= text[:1] <= "~" and _SEEN.search(text) is None


def is_text(text: str) -> bool:
    """Whether the text can be sent as it is: not blank, no control character, at most TEXT_BYTES."""
    return not is_blank(text) and not CONTROL.search(text) and len(text.encode()) <= TEXT_BYTES


@lru_cache(maxsize=256)
def format_time(at: int) -> str:
    """Unix seconds -> "2026-11-22T16:53:07Z". Cached: a busy second is formatted once.

    ValueError for a time before 1970 or after 9999.
    """
    if not 0 <= at < _YEAR_10000:
        raise ValueError(at)
    return strftime("%Y-%m-%dT%H:%M:%SZ", gmtime(at))


@lru_cache(maxsize=4096)
def parse_time(token: str) -> int | None:
    """ "2026-11-22T16:53:07Z" -> Unix seconds, or None if that is no time."""
    if not _TIME.match(token):
        return None
    try:
        at = timegm(strptime(token, "%Y-%m-%dT%H:%M:%SZ"))
    except ValueError:
        return None
    return at if at >= 0 else None
