"""Which names are the same, and which only look like another."""

from __future__ import annotations

import unicodedata
from itertools import combinations
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat_server.text import (
    check_nick,
    fold,
    look,
    names,
)
from tests.wire.first_names import FIRST_NAMES
from tests.wire.strategies import MODEST, SHORT_NAMES


@pytest.mark.parametrize(
    ("one", "other"), [("Ann", "aNN"), ("STRASSE", "straße"), ("Ｚｏë", "zoe\u0308"), ("ΣΟΦΟΣ", "σοφος")]
)
def test_names_that_differ_in_case_or_form_fold_into_one(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_folding_twice_is_folding_once() -> None:
    for point in [*range(0xD800), *range(0xE000, 0x110000)]:
        once = fold(chr(point))
        assert fold(once) == once, hex(point)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("admin", "аdmin"),
        ("Ian", "lan"),
        ("bill", "bi1l"),
        ("bill", "biII"),
        ("BILL", "BlLL"),
        ("bob", "b0b"),
        ("BOB", "ВОВ"),
        ("ann", "ａｎｎ"),
        ("ann", "𝐚𝐧𝐧"),
        ("paypal", "раураl"),
        ("scope", "ѕсоре"),
        ("peter", "реtеr"),
        ("tom", "torn"),
        ("kim", "kirn"),
        ("IVAN", "lVAN"),
        ("ismail", "ısmaıl"),
        ("omikron", "οmikrοn"),
        ("Ανα", "Aνα"),
        ("ο", "o"),
        ("Zoë", "Zoe\u0308"),
        ("ا", "l"),
        ("۱", "١"),
        ("へ", "ヘ"),
        ("工", "エ"),
        ("ann", "ann\u0332"),
        ("ann", "a\u0332n\u0332n\u0332"),
        ("ann", "ann\u0331"),
        ("ann", "an\u0336n"),
        ("ann", "a\u0338nn"),
        ("ann", "ann\u0305"),
        ("ann", "a\u20dd\u0333nn"),
        ("Zoë", "Zoë\u0332"),
        ("łukasz", "l\u0338ukasz"),
        ("lukasz", "l\u0335\u0332ukasz"),
        ("đan", "d\u0335\u0332an"),
        ("ḏan", "dan"),
        ("Łukasz", "łukasz"),
        ("BJØRN", "bjørn"),
    ],
)
def test_names_that_look_alike_have_one_look(one: str, other: str) -> None:
    assert look(one) == look(other)


def test_the_look_follows_the_table_of_unicode() -> None:
    # Lines of https://www.unicode.org/Public/security/latest/confusables.txt, source -> prototype.
    table = {
        "\u0430": "a", "\u0441": "c", "\u0435": "e", "\u03bf": "o", "\u0440": "p", "\u0443": "y", "\u0445": "x",
        "\u0456": "i", "\u0458": "j", "\u0455": "s", "\u0501": "d", "\u0261": "g", "\u0251": "a", "\u0578": "n",
        "\u057d": "u", "\u1d0f": "o", "\u0391": "A", "\u0392": "B", "\u0395": "E", "\u0397": "H",
        "\u039a": "K", "\u039c": "M", "\u039d": "N", "\u03a1": "P", "\u03a4": "T", "\u03a7": "X", "\u03a5": "Y",
        "\u0396": "Z", "\u0049": "l", "\u0031": "l", "\u0030": "O", "\u006d": "rn", "\u0661": "l", "\u0665": "o",
        "\u0647": "o", "\u05d5": "l", "\u05e1": "o", "\u13aa": "A", "\ua4e2": "S", "\u0131": "i", "\u026a": "i",
    }  # fmt: skip
    for source, prototype in table.items():
        assert look(source) == look(prototype), (source, prototype)


@MODEST
@given(st.text(st.sampled_from("amino"), min_size=1, max_size=8), st.data())
def test_a_letter_put_for_one_like_it_changes_no_look(name: str, data: st.DataObject) -> None:
    alike = {"a": "aаａɑ", "m": ["m", "rn", "ｍ"], "i": "iіıｉ", "n": "nոｎ", "o": "oоοｏ"}
    other = "".join(data.draw(st.sampled_from(list(alike[letter]))) for letter in name)
    assert look(other) == look(name)


@MODEST
@given(SHORT_NAMES)
def test_a_look_does_not_depend_on_the_form_a_name_came_in(name: str) -> None:
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert look(unicodedata.normalize(form, name)) == look(name)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("ann", "anna"),
        ("bob", "rob"),
        ("tim", "tom"),
        ("kim", "kin"),
        ("ann", "ánn"),
        ("tom", "ton"),
        ("ann_", "ann"),
        ("ann-1", "ann_1"),
        ("max", "mac"),
        ("田中", "田申"),
        ("Ελένη", "Ελένα"),
        ("Zoë", "Zoe"),
        ("Łukasz", "Lukasz"),
        ("Đặng", "Dặng"),
        ("Bjørn", "Bjorn"),
        ("Ħal", "Hal"),
        ("Jānis", "Janis"),
        ("Ṣọlá", "Solá"),
    ],
)
def test_names_that_differ_plainly_have_two_looks(one: str, other: str) -> None:
    assert look(one) != look(other)
    assert fold(one) != fold(other)


def test_people_with_common_names_do_not_take_each_others() -> None:
    assert len(FIRST_NAMES) == len({fold(name) for name in FIRST_NAMES}) >= 300
    for form in (str, str.lower, str.upper):
        looks: dict[str, str] = {}
        for name in map(form, FIRST_NAMES):
            assert looks.setdefault(look(name), name) == name
            assert check_nick(name) == name


def test_no_two_letters_of_one_alphabet_are_one_but_those_that_unicode_names() -> None:
    defensible = {frozenset(pair) for pair in ("Il", "I1", "l1", "O0", "o0", "oO", "i1")}
    alphabet = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    for one, other in combinations(alphabet, 2):
        if look(one) == look(other) and one.casefold() != other.casefold():
            assert frozenset((one, other)) in defensible | {frozenset("L1"), frozenset("LI")}, (one, other)


@pytest.mark.parametrize("text", ["x" * 3500, "x\u0301" * 1166, "x-y" * 1166, "漢x" * 875], ids=ascii)
def test_a_text_made_of_a_name_takes_no_time(text: str) -> None:
    """/unread looks through a thousand texts: with these it kept the whole server busy for ten seconds."""
    started = process_time()
    for _ in range(300):
        names(text, "x")
    # 0.1 s here; it was 1 to 3 s.
    assert process_time() - started < 0.7
