"""Names of emoji, as people type them between colons."""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_ALIASES: Final = {
    "bowing": "bow",
    "champagne": "bottle_with_popping_cork",
    "check": "heavy_check_mark",
    "check_mark": "heavy_check_mark",
    "checkmark": "heavy_check_mark",
    "cross": "x",
    "cursing": "face_with_symbols_on_mouth",
    "eyeroll": "face_with_rolling_eyes",
    "fingers_crossed": "crossed_fingers",
    "hug": "hugging_face",
    "hugs": "hugging_face",
    "i_love_you_hand_sign": "love-you_gesture",
    "ladybug": "lady_beetle",
    "large_green_circle": "green_circle",
    "large_yellow_circle": "yellow_circle",
    "metal": "sign_of_the_horns",
    "mind_blown": "exploding_head",
    "money_mouth_face": "money-mouth_face",
    "nerd": "nerd_face",
    "party": "partying_face",
    "plus1": "+1",
    "raised_eyebrow": "face_with_raised_eyebrow",
    "rofl": "rolling_on_the_floor_laughing",
    "roll_eyes": "face_with_rolling_eyes",
    "rolling_eyes": "face_with_rolling_eyes",
    "simple_smile": "slightly_smiling_face",
    "slight_smile": "slightly_smiling_face",
    "star_struck": "star-struck",
    "the_horns": "sign_of_the_horns",
    "thinking": "thinking_face",
    "tick": "white_check_mark",
    "unicorn": "unicorn_face",
    "upside_down_face": "upside-down_face",
    "zipper_mouth_face": "zipper-mouth_face",
}
"""What people know from Slack, Discord and GitHub, and the name that Unicode has for it."""

_NEWER: Final = {
    "face_palm": "🤦",
    "facepalm": "🤦",
    "facepalming": "🤦",
    "shrug": "🤷",
    "shrugging": "🤷",
    "dotted_line_face": "🫥",
    "face_holding_back_tears": "🥹",
    "heart_hands": "🫶",
    "heart_on_fire": "❤️\u200d🔥",
    "melting_face": "🫠",
    "people_hugging": "🫂",
    "pinched_fingers": "🤌",
    "salute": "🫡",
    "saluting_face": "🫡",
    "smiling_face_with_tear": "🥲",
}
"""Those that the table has not, or only for men and for women."""

_FLAG: Final = re.compile("flag[-_]([a-z]{2})")


@cache
def emoji_by_name() -> dict[str, str]:
    """Every name, without colons and in lower case, and the emoji that it stands for."""
    # Rich's table of 3,600 names, kept up by a library we use anyway: it is private, hence the one place. Imported
    # where it is used: 50 ms.
    from rich._emoji_codes import EMOJI

    known = {alias: EMOJI[name] for alias, name in _ALIASES.items() if name in EMOJI}
    return {**_NEWER, **known, **EMOJI}


def emoji_of(name: str) -> str | None:
    """The emoji of a name in whatever case, also with "-" where the table has "_", and of `flag-de`; None if there is
    none."""
    name, table = name.lower(), emoji_by_name()
    emoji = table.get(name) or table.get(name.replace("-", "_"))
    if emoji is None and (flag := _FLAG.fullmatch(name)):
        return "".join(chr(ord(letter) + 0x1F1E6 - ord("a")) for letter in flag[1])
    return emoji
