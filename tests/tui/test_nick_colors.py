"""Nick colours: the same person, the same colour; readable on every theme."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import combinations

import pytest
from textual.color import Color
from textual.theme import BUILTIN_THEMES, Theme

from chat_tui.nick_colors import COLORS, CONTRAST, contrast, nick_color
from chat_tui.themes import OURS

THEMES = [*BUILTIN_THEMES.values(), *OURS]
NICKS = [f"{name}{number}" for name in ("ann", "Zoë", "田中", "παῦλος") for number in range(120)]


def background_of(theme: Theme) -> Color:
    return Color.parse(theme.to_color_system().generate()["background"])


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_nick_is_readable_on_every_theme(theme: Theme) -> None:
    background = background_of(theme)
    for nick in NICKS:
        color = nick_color(nick, background, is_dark=theme.dark)
        if background.ansi is None:
            assert contrast(color, background) >= CONTRAST
        else:
            assert color.ansi is not None


@pytest.mark.parametrize(
    "background", ["#767676", "#777777", "#808080", "#ff0000", "#00ff00", "#0000ff", "#ffffff"]
)
def test_every_nick_is_readable_even_on_a_background_that_no_theme_has(background: str) -> None:
    for nick in NICKS:
        assert contrast(nick_color(nick, Color.parse(background)), Color.parse(background)) >= CONTRAST


def test_contrast_is_that_of_wcag() -> None:
    assert contrast(Color(0, 0, 0), Color(255, 255, 255)) == pytest.approx(21)
    assert contrast(Color(119, 119, 119), Color(255, 255, 255)) == pytest.approx(4.48, abs=0.01)


def test_a_nick_has_one_colour_however_it_is_written() -> None:
    dark = Color.parse("#121212")
    assert nick_color("Zoë", dark) == nick_color("ZOË", dark) == nick_color("Zoe\u0308", dark)
    assert nick_color("STRASSE", dark) == nick_color("straße", dark)


def test_a_nick_has_the_same_colour_in_another_process() -> None:
    """Python's own hash() is another one in every run."""
    program = (
        "from textual.color import Color; from chat_tui.nick_colors import nick_color;"
        "print([nick_color(n, Color.parse('#121212')).hex for n in ('ann', 'bob', 'carol', '田中')])"
    )
    runs = {
        subprocess.run([sys.executable, "-c", program], capture_output=True, check=True, text=True).stdout
        for _ in range(2)
    }
    here = [nick_color(nick, Color.parse("#121212")).hex for nick in ("ann", "bob", "carol", "田中")]
    assert runs == {f"{here}\n"}


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_two_colours_of_a_theme_are_equal_or_clearly_different(theme: Theme) -> None:
    background = background_of(theme)
    colors = {nick_color(nick, background, is_dark=theme.dark) for nick in NICKS}
    if background.ansi is not None:
        assert len(colors) >= 4
        return
    assert len(colors) == COLORS
    # In OKLab 0.02 is about what an eye just tells apart.
    assert min(math.dist(oklab(one), oklab(other)) for one, other in combinations(colors, 2)) > 0.03


def test_the_colours_are_spread_evenly_over_people() -> None:
    background = Color.parse("#121212")
    shares = [nick_color(f"person-{number}", background) for number in range(COLORS * 100)]
    assert all(60 < shares.count(color) < 150 for color in set(shares))


def oklab(color: Color) -> tuple[float, float, float]:
    red, green, blue = (
        channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4
        for channel in color.normalized
    )
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )
