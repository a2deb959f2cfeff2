"""What texts are found by: pieces of two or three characters, as a search engine for parts of words has them.

A text is folded first (case, accents, width). Its grams are

    every three characters in a row without a space                        "parts" -> par art rts
    words of one or two letters, and signs that stand alone                ok  c  :)  alさん -> al
    of writing without spaces, and of symbols, each one and each two       東京都 -> 東 東京 京 京都 都

A text that holds a word has all grams of the word. The other way round is not certain, so who looks for grams
then looks at the text (`has_all`).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

# Thai, Lao, Burmese and Khmer; arrows and symbols; Chinese, Japanese, Korean and everything above, emoji too.
_DENSE: Final = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2190-\u2bff\u2e80-\U0010ffff"

_ANY_DENSE: Final = re.compile(f"[{_DENSE}]")
_THREES: Final = re.compile(rf"(?=([^\s{_DENSE}]{{3}}))")
_TWOS: Final = re.compile(rf"(?=([{_DENSE}]\S|\S[{_DENSE}]))")
_SHORT: Final = re.compile(r"(?<!\w)\w{1,2}(?!\w)")
_LETTER: Final = rf"[^\W{_DENSE}]"
_SHORT_BESIDE: Final = re.compile(rf"(?<!{_LETTER}){_LETTER}{{1,2}}(?!{_LETTER})")
_ACCENTS: Final = re.compile("[\u0300-\u036f]+")


def fold(text: str) -> str:
    """The form in which texts are compared: "Café␤ＯＫ" -> "cafe ok". Only accents of letters are dropped: the
    marks of Japanese, Thai or Hindi make another letter."""
    if text.isascii():
        return text.lower()
    lower = unicodedata.normalize("NFKD", text.replace("␤", " ")).casefold()
    return unicodedata.normalize("NFC", _ACCENTS.sub("", unicodedata.normalize("NFKD", lower)))


def grams(folded: str) -> set[str]:
    """All grams of a folded text."""
    found = _short_words(folded)
    found.update(_THREES.findall(folded))
    if not folded.isascii():
        found.update(_ANY_DENSE.findall(folded), _TWOS.findall(folded), _SHORT_BESIDE.findall(folded))
    return found


def _short_words(folded: str) -> set[str]:
    found = set(_SHORT.findall(folded))
    found.update(word for word in folded.split() if len(word) < 3)
    return found


@dataclass(frozen=True, slots=True)
class Word:
    """One word that is looked for, folded and without a space."""

    folded: str
    is_whole: bool
    """Whether it is found only as a word of its own: one or two letters occur in every text."""

    def grams(self) -> set[str]:
        """What a text that holds it has; at least one."""
        if self.is_whole or len(self.folded) == 1:
            return {self.folded}
        return {*_THREES.findall(self.folded), *_TWOS.findall(self.folded)}


@dataclass(frozen=True, slots=True)
class Phrase:
    """Several words that are looked for in a row, folded."""

    words: tuple[Word, ...]
    pattern: re.Pattern[str]

    @property
    def folded(self) -> str:
        """Its longest word."""
        return max((word.folded for word in self.words), key=len)

    def grams(self) -> set[str]:
        """What a text that holds it has."""
        return set().union(*(word.grams() for word in self.words))


def has_all(folded: str, words: Sequence[Word | Phrase]) -> bool:
    """Whether a folded text holds all the words and phrases."""
    short: set[str] | None = None
    for word in words:
        if isinstance(word, Phrase):
            if not word.pattern.search(folded):
                return False
            continue
        if not word.is_whole:
            if word.folded not in folded:
                return False
            continue
        if short is None:
            short = _short_words(folded)
        if word.folded not in short:
            return False
    return True


def read_words(words: tuple[str, ...]) -> list[Word]:
    """The words of a query, each once."""
    folded = dict.fromkeys(part for word in words for part in fold(word).split())
    return [_word(part) for part in folded]


def read_phrase(typed: str) -> list[Word | Phrase]:
    """A phrase of a query; one of a single word is that word, one of none is nothing."""
    words = tuple(_word(part) for part in fold(typed).split())
    if len(words) < 2:
        return list(words)
    # A short word at its edge is one of its own, as anywhere: texts have no gram for the end of a longer one.
    begin = _edge(words[0], "(?<!")
    end = _edge(words[-1], "(?!")
    row = r"\s+".join(re.escape(word.folded) for word in words)
    return [Phrase(words, re.compile(begin + row + end))]


def _edge(word: Word, look: str) -> str:
    if not word.is_whole:
        return ""
    return rf"{look}\w)" if re.fullmatch(r"\w+", word.folded) else rf"{look}\S)"


def _word(folded: str) -> Word:
    return Word(folded, is_whole=len(folded) < 3 and not _ANY_DENSE.search(folded))
