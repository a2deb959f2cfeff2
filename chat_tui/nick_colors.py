"""A colour for each person: the same in every room and on every day, and readable on the theme's background.

The hash of the folded nick picks one of 24 colours (12 hues would be too few for a room, and a free hue gives
people colours that are different and look the same). The hues stand evenly in OKLCH, where equal steps look
equal, and every second one is a tone lighter or darker; the lightness then moves until the contrast holds.
"""

from __future__ import annotations

import math
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from textual.color import Color

from chat_server.text import fold

CONTRAST: Final = 4.5
"""Least contrast of a nick against its background: WCAG 2.2 asks 4.5 of text of this size (criterion 1.4.3)."""

COLORS: Final = 24
"""How many there are. Any two are at least 0.035 apart in OKLab, where an eye just sees 0.02 (a test measures it)."""

_CHROMA: Final = 0.13
_TONE: Final = 0.09
_STEP: Final = 0.01

# The terminal's own colours, of which nobody knows how they look: the ones that are readable in nearly every
# palette of that brightness. Red is left to errors.
_ANSI_ON_DARK: Final = ("cyan", "green", "yellow", "magenta", "bright_blue", "bright_cyan", "bright_magenta")
_ANSI_ON_LIGHT: Final = ("blue", "magenta", "green", "cyan")


@lru_cache(maxsize=4096)
def nick_color(nick: str, background: Color, *, is_dark: bool = True) -> Color:
    """The colour of a nick on an opaque background.

    `is_dark` matters on a background that is the terminal's own (an ANSI theme), whose brightness cannot be
    computed; the answer is then one of the terminal's colours.
    """
    slot = int.from_bytes(blake2b(fold(nick).encode("utf-8", "replace"), digest_size=4).digest())
    if background.ansi is not None:
        names = _ANSI_ON_DARK if is_dark else _ANSI_ON_LIGHT
        return Color.parse(f"ansi_{names[slot % len(names)]}")
    return _ring(background)[slot % COLORS]


def contrast(one: Color, other: Color) -> float:
    """Contrast ratio of two opaque colours as WCAG 2.2 defines it, from 1 (equal) to 21 (black on white)."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=64)
def _ring(background: Color) -> tuple[Color, ...]:
    is_dark = contrast(background, Color(255, 255, 255)) >= contrast(background, Color(0, 0, 0))
    return tuple(_readable(slot, background, is_dark) for slot in range(COLORS))


def _readable(slot: int, background: Color, is_dark: bool) -> Color:
    hue = 2 * math.pi * slot / COLORS
    away = 1 if is_dark else -1
    lightness = 0.74 if is_dark else 0.52
    while contrast(color := _from_oklch(lightness, _CHROMA, hue), background) < CONTRAST:
        # White or black always gets there: against any background one of them has 4.58 or more.
        lightness = min(1.0, max(0.0, lightness + away * _STEP))
    if slot % 2:
        color = _from_oklch(min(1.0, max(0.0, lightness + away * _TONE)), _CHROMA, hue)
    return color


def _from_oklch(lightness: float, chroma: float, hue: float) -> Color:
    """sRGB of an OKLCH colour (Ottosson 2020), as colourful as the screen can show it."""
    while True:
        a, b = chroma * math.cos(hue), chroma * math.sin(hue)
        long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
        medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
        short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
        rgb = (
            4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
            -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
            -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
        )
        if chroma <= 0 or all(-0.001 <= channel <= 1.001 for channel in rgb):
            red, green, blue = (round(255 * _encode(min(1.0, max(0.0, channel)))) for channel in rgb)
            return Color(red, green, blue)
        chroma = max(0.0, chroma - _STEP)


def _encode(linear: float) -> float:
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _luminance(color: Color) -> float:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in color.normalized
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
