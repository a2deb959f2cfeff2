"""Emoji as reactions: what is one, and which are the same."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from rich.cells import cell_len


def read_emoji(token: str) -> str | None:
    """What a person means by the EMOJI of /react: "👍", ":thumbsup:" or "+1"; None if that is not one emoji.

    Two that differ only in whether they ask for the coloured form are one, and it is that: see `one_form`.
    """
    if token.startswith(":") and token.endswith(":") and len(token) > 2:
        # Imported where it is used: a table of 3,600 names.
        from rich._emoji_codes import EMOJI

        token = one_form(EMOJI.get(token[1:-1].lower(), ""))
    token = {"+1": "👍", "-1": "👎", "<3": "❤"}.get(token, token)
    # A flag of a region has 7 code points, a family with skin tones up to 10.
    if len(token) > 12 or _EMOJI.match(_shape(token)) is None:
        return None
    emoji = one_form(token)
    return emoji if cell_len(emoji) <= 4 else None


def one_form(emoji: str) -> str:
    """An emoji as a keyboard of today sends it ("fully-qualified" in emoji-test.txt of UTS 51): "❤" and "❤" with
    U+FE0F behind it are one heart. Skin tones stay what they are."""
    return _PLAIN.sub("\\g<0>\ufe0f", _VARIATION.sub("", emoji))


def forms(emoji: str) -> list[str]:
    """How an emoji may have been stored, by servers that took its forms for different ones: as it is now first."""
    return list(dict.fromkeys((emoji, _VARIATION.sub("", emoji))))


_PLAIN: Final = re.compile(
    # A skin tone asks for the coloured form by itself; a digit is an emoji only under a keycap.
    "(?:["
    "©®‼⁉™ℹ↔↕↖↗↘↙↩↪⌨⏏⏭⏮⏯⏱⏲⏸⏹⏺Ⓜ▪▫▶◀◻◼☀☁☂☃☄☎☑☘☝☠☢☣☦☪☮☯☸☹☺"
    "♀♂♟♠♣♥♦♨♻♾⚒⚔⚕⚖⚗⚙⚛⚜⚠⚧⚰⚱⛈⛏⛑⛓⛩⛰⛱⛴⛷⛸⛹✂✈✉✌✍✏✒✔✖✝✡✳✴❄❇❣❤"
    "➡⤴⤵⬅⬆⬇🅰🅱🅾🅿🌡🌤🌥🌦🌧🌨🌩🌪🌫🌬🌶🍽🎖🎗🎙🎚🎛🎞🎟🏋🏌🏍🏎🏔🏕🏖🏗🏘🏙🏚🏛🏜🏝🏞🏟🏳🏵🏷🐿👁"
    "📽🕉🕊🕯🕰🕳🕴🕵🕶🕷🕸🕹🖇🖊🖋🖌🖍🖐🖥🖨🖱🖲🖼🗂🗃🗄🗑🗒🗓🗜🗝🗞🗡🗣🗨🗯🗳🗺🛋🛍🛎🛏🛠🛡🛢🛣🛤🛥🛩🛰"
    "🛳〰〽㊗㊙"
    "](?![\U0001f3fb-\U0001f3ff])|[0-9#*](?=\u20e3))"
)
"""What is an emoji only if U+FE0F asks for it (UTS 51, emoji-variation-sequences.txt, those without colour of their own).
None was added since 2020: all newer ones are coloured by themselves."""

_VARIATION: Final = re.compile("[\ufe0e\ufe0f]")


_ONE: Final = "(?:st+e|sv?m?|m|rr|ov?)"
_EMOJI: Final = re.compile(rf"(?:dv?k|rr|m|st+e|sv?m?|ov|{_ONE}(?:z{_ONE})+)\Z")
"""One emoji as UTS 51 (1.4.9) says what may be one, with a letter for each character; but what is not a symbol, such as
"‼", must ask for its coloured form (v). Not a list of emoji: there are new ones every year."""


def _shape(token: str) -> str:
    return "".join(map(_part_of_emoji, token))


def _part_of_emoji(char: str) -> str:
    """d digit (for a keycap), k keycap, v variation, m skin tone, r letter of a flag, t tag, e end of tags, z ZWJ,
    s symbol, o what may become one; x anything else."""
    if char in "0123456789#*":
        return "d"
    if part := {"\u20e3": "k", "\ufe0e": "v", "\ufe0f": "v", "\u200d": "z", "\U000e007f": "e"}.get(char):
        return part
    for part, first, last in (
        ("m", "\U0001f3fb", "\U0001f3ff"),
        ("r", "\U0001f1e6", "\U0001f1ff"),
        ("t", "\U000e0020", "\U000e007e"),
    ):
        if first <= char <= last:
            return part
    category = unicodedata.category(char)
    # This Python may be older than an emoji: the places from 1F000 on are kept for more of them.
    if category == "So" or char in "◽◾" or (category == "Cn" and "\U0001f000" <= char <= "\U0001faff"):
        return "s"
    return "o" if char in "ℹ‼⁉〰〽" or (category == "Sm" and not char.isascii()) else "x"
