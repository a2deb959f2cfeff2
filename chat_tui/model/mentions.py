"""Whether a text names somebody."""

from __future__ import annotations

import unicodedata

from chat_server.text import fold


def names(text: str, nick: str) -> bool:
    """Whether the nick stands in the text as a whole word, in whatever case.

    "ann" is named in "Ann, look", "@ann!" and "annさん", not in "anna" or "ann-marie". Where words are
    written without spaces a word ends with its script; after a Hangul name anything may stand (particles).
    """
    if not nick:
        return False
    said, name = fold(text), fold(nick)
    start = said.find(name)
    while start >= 0:
        end = start + len(name)
        begins = not _goes_on(name[0], said[max(0, start - 2) : start][::-1])
        ends = _script(name[-1]) == "hangul" or not _goes_on(name[-1], said[end : end + 2])
        if begins and ends:
            return True
        start = said.find(name, start + 1)
    return False


def _goes_on(edge: str, beyond: str) -> bool:
    """Whether the word with this edge goes on in the (at most two) characters beyond it."""
    if beyond.startswith("-"):
        beyond = beyond[1:]
    return bool(beyond) and _is_of_word(beyond[0]) and _script(edge) == _script(beyond[0])


def _is_of_word(char: str) -> bool:
    return char == "_" or char.isalnum() or unicodedata.category(char).startswith("M")


def _script(char: str) -> str:
    if "\u3040" <= char <= "\u309f":
        return "hiragana"
    if "\u30a0" <= char <= "\u30ff":
        return "katakana"
    if "\u3400" <= char <= "\u9fff" or "\U00020000" <= char <= "\U0003ffff":
        return "han"
    if "\uac00" <= char <= "\ud7af":
        return "hangul"
    return ""
