"""What a person may react with, and which of that is the same."""

from __future__ import annotations

import unicodedata

import pytest

from chat_server.emoji import forms, one_form, read_emoji
from chat_server.text import clean
from tests.wire.test_text import ENGLAND

ZWJ = "\u200d"
ONE = "👍 👍🏽 ☝🏽 🏽 ❤️ ★ ©️ ◽ 🦰 🇩🇪 ‼️ ⁉️ ℹ️ ↔️ ⤴️ 〰️"
JOINED = "🏳️+🌈 🏴+☠️ 👁️+🗨️ 🙂+↔️ 🐦+🔥 👩+👩+👧+👦 👨🏿+❤️+💋+👨🏽"
NONE = "a 1 # * 12 1\ufe0f \u20e3 é 田 lol :) ^ ` ´ → ‼ /me : :: :nosuchthing:"
NOT_ONE = "🇩 🇩🇪🇫 🇩🇪🇫🇷 🇩🏽 👍👍 👍1 1👍 👍\u0301 👍\u0336 👍\ufe0f\u20e3 1\ufe0f\u20e3\u0301"


@pytest.mark.parametrize(
    "emoji",
    [
        *ONE.split(),
        *(f"{digit}\ufe0f\u20e3" for digit in "0123456789#*"),
        *(one.replace("+", ZWJ) for one in JOINED.split()),
        ENGLAND,
        # Of Unicode 15, 16 and 17: newer than the oldest Python that this runs on.
        *"\U0001fae8\U0001fae9\U0001faea",
    ],
)
def test_an_emoji_is_a_reaction(emoji: str) -> None:
    assert read_emoji(emoji) == emoji
    assert clean(emoji) == emoji


@pytest.mark.parametrize(
    "token",
    [
        *NONE.split(),
        *NOT_ONE.split(),
        *(one.replace("+", ZWJ) for one in ("+", "👍+", "+👍", "👩++👧", "👩+" * 6 + "👩")),
        *("", "👍 👍", "\ufe0f", "❤\ufe0f\ufe0f", ENGLAND[:-1], ENGLAND[1:], "🏴\U000e007f"),
        ":regional_indicator_symbol_letter_d:",
    ],
)
def test_what_is_not_one_emoji_is_no_reaction(token: str) -> None:
    assert read_emoji(token) is None


@pytest.mark.parametrize(
    ("token", "emoji"), [(":thumbsup:", "👍"), (":TADA:", "🎉"), ("+1", "👍"), ("-1", "👎"), ("<3", "❤️")]
)
def test_an_emoji_may_be_named(token: str, emoji: str) -> None:
    assert read_emoji(token) == emoji


def test_every_name_of_an_emoji_that_rich_knows_can_be_said_but_those_of_half_a_flag() -> None:
    from rich._emoji_codes import EMOJI

    refused = {name for name in EMOJI if read_emoji(f":{name}:") is None}
    assert all(name.startswith("regional_indicator_") for name in refused), refused


@pytest.mark.parametrize(
    ("plain", "emoji"),
    [
        ("❤", "❤\ufe0f"),
        ("☺\ufe0e", "☺\ufe0f"),
        ("1\u20e3", "1\ufe0f\u20e3"),
        # What is coloured by itself, what has a skin tone, and what is no emoji asks for nothing.
        ("👍\ufe0f", "👍"),
        ("☝\ufe0f🏽", "☝🏽"),
        ("★\ufe0f", "★"),
        ("🏳" + ZWJ + "🌈", "🏳\ufe0f" + ZWJ + "🌈"),
        ("👩" + ZWJ + "❤" + ZWJ + "👨", "👩" + ZWJ + "❤\ufe0f" + ZWJ + "👨"),
    ],
)
def test_an_emoji_with_and_without_its_coloured_form_is_one(plain: str, emoji: str) -> None:
    assert read_emoji(plain) == read_emoji(emoji) == emoji
    assert one_form(one_form(plain)) == emoji
    assert set(forms(emoji)) >= {emoji, plain.replace("\ufe0f", "").replace("\ufe0e", "")}


def test_skin_tones_are_different_reactions() -> None:
    thumbs = ["👍", *(f"👍{tone}" for tone in "🏻🏼🏽🏾🏿")]
    assert [read_emoji(thumb) for thumb in thumbs] == thumbs


def test_every_emoji_that_is_narrow_without_asking_gets_what_asks_for_its_colour() -> None:
    from rich._emoji_codes import EMOJI

    named = {char for emoji in EMOJI.values() for char in emoji if unicodedata.category(char) in ("So", "Sm")}
    narrow = {char for char in named if unicodedata.east_asian_width(char) not in "WF"}
    # The helm that stands for Kubernetes is none of Unicode's, and of a flag two letters are one.
    narrow -= {"⎈", *map(chr, range(0x1F1E6, 0x1F200))}
    # Four are wide, as all of their script.
    assert {char for char in named if one_form(char) != char} | {*"〰〽"} == narrow | {*"〰〽㊗㊙"}
