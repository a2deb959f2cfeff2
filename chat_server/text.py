"""Cleaning what people send, and the rules for names. Pure functions, no I/O.

Both sides clean: the server at its door, the app again before it draws, notifies, logs or sets a title.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import cache, lru_cache
from importlib.resources import files
from itertools import islice
from typing import Final

from rich.cells import cell_len

NICK_CELLS: Final = 20
"""Widest nick, in terminal cells. ssh-chat 16, Ergo 32: it stands before every message."""

ROOM_CELLS: Final = 30
"""Widest room, its "#" included."""

_BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f\u061c"
# Deprecated formats and the annotations of Japanese, which are not meant for plain text (Unicode 23.3 and 23.8).
_NOT_TEXT: Final = (*range(0x206A, 0x2070), *range(0xFFF9, 0xFFFC))
_DROPPED: Final = dict.fromkeys(
    [
        *range(0x20),
        *range(0x7F, 0xA0),
        *range(0xD800, 0xE000),
        0x2028,
        0x2029,
        0xFEFF,
        *map(ord, _BIDI),
        *_NOT_TEXT,
    ]
)
_CLEANING: Final[dict[int, str | None]] = {**_DROPPED, 0x09: " "}

# Tags spell the region in a flag, as in England's (UTS 51, ED-14a). Anywhere else they are text that nobody sees.
_TAG: Final = re.compile("[\U000e0000-\U000e007f]")
_TAGS: Final = re.compile(
    f"(\U0001f3f4[\U000e0030-\U000e0039\U000e0061-\U000e007a]{{3,6}}\U000e007f)|{_TAG.pattern}"
)

MARKS_KEPT: Final = 8
"""Most combining marks after one letter of a text: the tallest sign that people write, the Kalachakra of Tibet
(ཧྐྵྨླྺྼྻྂ), has so many. 1,700 of them on one letter cover the lines above and below."""

# Marks are not of \w: where there are too many of them stands something that this finds, at the speed of C.
_MAYBE_MARKS: Final = re.compile(rf"[^\w\s\x00-\x7f]{{{MARKS_KEPT + 1},}}")

MARKS_IN_A_ROW: Final = 4
"""Most combining marks after one letter (UTS 39, 5.4). Marks take no cell: without a cap one nick of a
thousand of them covers the lines above and below it."""

RESERVED: Final = frozenset({"admin", "server", "system", "guest"})
"""Names for the server itself, also with digits, "_", "-" around them and marks on them: no "ádmin", no "server1"."""
_GUEST: Final = "guest-"
_AS_LETTERS: Final = str.maketrans("013457", "oleast")
"""Digits that are read as letters: s3rver."""

# Letters and marks that show nothing (Default_Ignorable_Code_Point): a second "ann" with one of these at
# its end would look the same and be another name. With them the parts of Korean syllables that take no
# cell: no width would end a nick of those.
_UNSEEN: Final = frozenset(
    [chr(point) for point in (0x34F, 0x17B4, 0x17B5, 0x3164, 0xFFA0)]
    + [chr(point) for first, last in (
        (0x115F, 0x11FF), (0xD7B0, 0xD7FB), (0x180B, 0x180F), (0xFE00, 0xFE0F), (0xE0100, 0xE01EF)
    ) for point in range(first, last + 1)]
)  # fmt: skip

# Marks that draw a line under, over or through a letter, or a ring around it: on a terminal they are hardly seen, and
# no alphabet needs them. "ann" with one of these is "ann" to a reader, as "Zoë" is not "Zoe".
_LINES: Final = frozenset(
    "\u0305\u0320\u0331\u0332\u0333\u033f\u0347\u035e\u035f\u0952\ufe24\ufe25\ufe26\ufe2b\ufe2c\ufe2d"
    "\u0334\u0335\u0336\u0337\u0338\u20d2\u20d3\u20d8\u20d9\u20da\u20e5\u20e6\u20ea\u20eb"
    "\u0488\u0489\u1abe\u20dd\u20de\u20df\u20e0\u20e2\u20e3\u20e4\ua670\ua671\ua672"
)
_STROKED: Final = "đĐħĦłŁøØŧŦ"
"""But these are letters of their own, though their skeletons are a letter and a stroke."""

# Scripts that people write together: a nick of one of these groups is of one script (UTS 39, 5.1).
_TOGETHER: Final = (
    frozenset({"HAN", "HIRAGANA", "KATAKANA"}),
    frozenset({"HAN", "HANGUL"}),
    frozenset({"HAN", "BOPOMOFO"}),
)
_ANY_SCRIPT: Final = frozenset({"COMMON", "INHERITED"})


class BadName(ValueError):
    """A nick or room that may not be; str() says why, for a person."""


def clean(text: str) -> str:
    """What is left of a text when everything is dropped that could act on a terminal.

    Drops C0 (a tab becomes a space), DEL, C1, lone surrogates, U+2028/2029, bidi controls, FEFF, deprecated formats
    (206A-206F), annotations (FFF9-FFFB), tags outside of flags, and marks beyond MARKS_KEPT on one letter; keeps ZWJ,
    ZWNJ and variation selectors, which emoji and Persian need. clean(clean(x)) == clean(x).
    """
    if text.isascii():
        return text if text.isprintable() else text.translate(_CLEANING)
    # All that is dropped above, the marks aside, counts as not printable; what else does, such as ZWJ, stays.
    if not text.isprintable():
        text = text.translate(_CLEANING)
        if _TAG.search(text):
            text = _TAGS.sub(r"\1", text)
    return _MAYBE_MARKS.sub(_thin_out, text)


def _thin_out(found: re.Match[str]) -> str:
    kept = []
    marks = 0
    for char in found[0]:
        category = unicodedata.category(char)
        if category[0] == "M":
            marks += 1
            if marks > MARKS_KEPT:
                continue
        elif category != "Cf":
            # What takes no place, such as ZWJ, does not begin another letter.
            marks = 0
        kept.append(char)
    return "".join(kept)


def check_nick(name: str, *, is_guest: bool = False) -> str:
    """The nick as it is kept (NFKC). Raises BadName, whose text says what is wrong and what is allowed.

    `is_guest` lets the server itself give out "guest-7".
    """
    nick = unicodedata.normalize("NFKC", name)
    if not nick:
        raise BadName("A nick has at least one letter: /nick NAME")
    _check_characters(nick, "nick")
    if not nick[0].isalpha():
        raise BadName(f"A nick begins with a letter, not with {nick[0]!r}")
    if cell_len(nick) > NICK_CELLS:
        raise BadName(f"A nick is at most {NICK_CELLS} columns wide, that one has {cell_len(nick)}")
    if _is_reserved(nick) and not (is_guest and nick.startswith(_GUEST)):
        raise BadName(f"{nick} is reserved; choose another nick")
    return nick


def check_room(name: str) -> str:
    """The room as it is kept (NFKC, lower case, with its "#"). Raises BadName as `check_nick` does."""
    room = unicodedata.normalize("NFKC", fold(name))
    bare = room.removeprefix("#")
    if not room.startswith("#") or not bare:
        raise BadName("A room is a # and a name: /join #games")
    _check_characters(bare, "room")
    if not (bare[0].isalpha() or bare[0].isdecimal()):
        raise BadName(f"After the # comes a letter or a digit, not {bare[0]!r}")
    if cell_len(room) > ROOM_CELLS:
        raise BadName(f"A room is at most {ROOM_CELLS} columns wide, that one has {cell_len(room)}")
    return room


def with_suffix(nick: str, suffix: str) -> str:
    """A nick with something behind it, cut so that it is still not too wide."""
    while cell_len(nick) + len(suffix) > NICK_CELLS:
        nick = nick[:-1]
    return nick + suffix


def fold(name: str) -> str:
    """The form under which names are compared: NFKC and case folding."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", name).casefold())


def look(name: str) -> str:
    """What a name looks like (the skeleton of UTS 39, case folded): equal looks are one name to a reader."""
    shape = _skeleton(unicodedata.normalize("NFKC", name))
    # Folding can bring back a letter that has a prototype of its own.
    return _skeleton(shape.casefold())


def _skeleton(text: str) -> str:
    shape = _raw_skeleton(text)
    if _LINES.isdisjoint(shape):
        return shape
    return "".join(
        char
        for before, char in zip(f" {shape}", shape, strict=False)
        if char not in _LINES or before + char in _stroked()
    )


def _raw_skeleton(text: str) -> str:
    return unicodedata.normalize("NFD", unicodedata.normalize("NFD", text).translate(_prototypes()))


@cache
def _stroked() -> frozenset[str]:
    return frozenset(
        _raw_skeleton(form) for letter in _STROKED for form in (letter, _raw_skeleton(letter).casefold())
    )


def _is_reserved(nick: str) -> bool:
    bare = re.sub(r"^[\d_-]+|[\d_-]+$", "", nick)
    forms = (bare, bare.translate(_AS_LETTERS))
    if any(_without_marks(look(form)) in _reserved_looks() for form in forms):
        return True
    return _without_marks(look(nick)).startswith(look(_GUEST))


def _without_marks(text: str) -> str:
    return "".join(
        char for char in unicodedata.normalize("NFD", text) if unicodedata.category(char)[0] != "M"
    )


def _check_characters(name: str, what: str) -> None:
    marks = 0
    for char in name:
        category = unicodedata.category(char)
        is_allowed = char in "_-" or category[0] in "LM" or category == "Nd"
        if not is_allowed or char in _UNSEEN:
            shown = repr(char) if char.isprintable() and char not in _UNSEEN else f"U+{ord(char):04X}"
            raise BadName(f"A {what} is made of letters, digits, _ and -, not of {shown}")
        marks = marks + 1 if category[0] == "M" else 0
        if marks > MARKS_IN_A_ROW:
            raise BadName(f"A {what} has at most {MARKS_IN_A_ROW} marks on one letter")
    scripts = {_script(char) for char in name} - _ANY_SCRIPT
    if len(scripts) > 1 and not any(scripts <= group for group in _TOGETHER):
        mixed = " and ".join(script.title() for script in sorted(scripts))
        raise BadName(f"A {what} keeps to one script; that one mixes {mixed}")


def _script(char: str) -> str:
    # Imported where it is used: it takes 50 ms and the app has no need of it.
    from confusable_homoglyphs import categories

    return str(categories.alias(char)).upper().replace("_", " ")


@cache
def _reserved_looks() -> frozenset[str]:
    # In capitals too: the small L of "ADMlN" looks like the I of "ADMIN", not like the i of "admin".
    return frozenset(look(form) for word in RESERVED for form in (word, word.upper()))


@cache
def _prototypes() -> dict[int, str]:
    """Character -> the character or characters that stand for all that look like it.

    The package's own functions answer "is this like that"; the skeleton needs the mapping behind them. Its
    table lists a prototype with everything like it, and every other character with its one prototype; it
    wraps what is written from right to left into U+200E.
    """
    raw = json.loads(files("confusable_homoglyphs").joinpath("confusables.json").read_text("utf-8"))
    mark = "\u200e"
    likes = {char.strip(mark): [like["c"].strip(mark) for like in listed] for char, listed in raw.items()}
    prototypes: dict[int, str] = {}
    for char, like in likes.items():
        if len(char) != 1 or len(like) != 1:
            continue
        prototype = like[0]
        if len(likes.get(prototype, ())) > 1 or len(prototype) > 1 or prototype < char:
            prototypes[ord(char)] = prototype
    # A line over a letter goes the way of the other lines; it is not taken for the macron of another letter.
    prototypes.pop(0x0305, None)
    return prototypes


_LOOKS: Final = 20
"""Places of one text that are looked at for a name. A text may hold nothing but the name, 3,500 times "x": to look at
each place took 10 ms, and /unread goes through a thousand texts."""


def names(text: str, nick: str) -> bool:
    """Whether the nick stands in the text as a whole word, in whatever case.

    "ann" is named in "Ann, look", "@ann!" and "annさん", not in "anna" or "ann-marie". Where words are
    written without spaces a word ends with its script; after a Hangul name anything may stand (particles).
    """
    if not nick:
        return False
    said, name = fold(text), fold(nick)
    for found in islice(_like_a_word(name).finditer(said), _LOOKS):
        start, end = found.span()
        begins = not _goes_on(name[0], said[max(0, start - 2) : start][::-1])
        ends = _writing(name[-1]) == "hangul" or not _goes_on(name[-1], said[end : end + 2])
        if begins and ends:
            return True
    return False


@lru_cache(maxsize=1024)
def _like_a_word(name: str) -> re.Pattern[str]:
    """Finds a name where it may be a word: left are hyphens and marks, which are looked at more closely."""
    ends = "" if _writing(name[-1]) == "hangul" else f"(?!{_same_word(name[-1])})"
    return re.compile(f"(?<!{_same_word(name[0])}){re.escape(name)}{ends}")


def _same_word(edge: str) -> str:
    """A letter with which a word of this edge goes on."""
    writing = _writing(edge)
    return f"(?=[{_WRITINGS[writing]}])\\w" if writing else f"(?![{''.join(_WRITINGS.values())}])\\w"


def _goes_on(edge: str, beyond: str) -> bool:
    """Whether the word with this edge goes on in the (at most two) characters beyond it."""
    if beyond.startswith("-"):
        beyond = beyond[1:]
    return bool(beyond) and _is_of_word(beyond[0]) and _writing(edge) == _writing(beyond[0])


def _is_of_word(char: str) -> bool:
    return char == "_" or char.isalnum() or unicodedata.category(char).startswith("M")


_WRITINGS: Final = {
    "hiragana": "\u3040-\u309f",
    "katakana": "\u30a0-\u30ff",
    "han": "\u3400-\u9fff\U00020000-\U0003ffff",
    "hangul": "\uac00-\ud7af",
}
"""Writings in which words stand without spaces: name and characters of each."""


def _writing(char: str) -> str:
    if char < "\u3040":
        return ""
    return next((name for name, chars in _WRITINGS.items() if re.match(f"[{chars}]", char)), "")
