"""Talkline's two themes. Calm: the text is the brightest thing on the screen, colour is for people and for news."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from textual.theme import BUILTIN_THEMES, Theme

DARK: Final = Theme(
    name="talkline-dark",
    dark=True,
    primary="#7AA7E0",
    secondary="#8F9BB3",
    accent="#E5B567",
    warning="#E5B567",
    error="#E8777F",
    success="#8CC48A",
    foreground="#D7DAE0",
    background="#15181D",
    surface="#1A1E25",
    panel="#191C22",
    variables={
        "border": "#2C323D",
        "border-blurred": "#2C323D",
        "foreground-muted": "#939CAC",
        "foreground-disabled": "#788292",
        "block-cursor-background": "#2D3A4F",
        "block-cursor-foreground": "#F2F4F8",
        "block-cursor-text-style": "none",
        "block-hover-background": "#232832",
        "input-cursor-background": "#D7DAE0",
        "input-cursor-foreground": "#15181D",
        "input-selection-background": "#35507A",
        "screen-selection-background": "#35507A",
        "scrollbar": "#323946",
        "scrollbar-hover": "#465064",
        "scrollbar-active": "#7AA7E0",
        "scrollbar-background": "#15181D",
        "scrollbar-background-hover": "#15181D",
        "scrollbar-background-active": "#15181D",
        "scrollbar-corner-color": "#15181D",
        "footer-key-foreground": "#7AA7E0",
    },
)

LIGHT: Final = Theme(
    name="talkline-light",
    dark=False,
    primary="#2B5FAB",
    secondary="#5B6475",
    accent="#9A5B00",
    warning="#9A5B00",
    error="#B4232F",
    success="#2C7A3D",
    foreground="#23272E",
    background="#FBFBFA",
    surface="#F2F3F5",
    panel="#F4F5F6",
    variables={
        "border": "#D5D9E0",
        "border-blurred": "#D5D9E0",
        "foreground-muted": "#5B6371",
        "foreground-disabled": "#6E7685",
        "block-cursor-background": "#D6E2F5",
        "block-cursor-foreground": "#14181F",
        "block-cursor-text-style": "none",
        "block-hover-background": "#E9ECF1",
        "input-cursor-background": "#23272E",
        "input-cursor-foreground": "#FBFBFA",
        "input-selection-background": "#BCD3F5",
        "screen-selection-background": "#BCD3F5",
        "scrollbar": "#CDD2DB",
        "scrollbar-hover": "#AEB6C3",
        "scrollbar-active": "#2B5FAB",
        "scrollbar-background": "#FBFBFA",
        "scrollbar-background-hover": "#FBFBFA",
        "scrollbar-background-active": "#FBFBFA",
        "scrollbar-corner-color": "#FBFBFA",
        "footer-key-foreground": "#2B5FAB",
    },
)

OURS: Final = (DARK, LIGHT)


def choose(name: str, has_light_background: Callable[[], bool], *, is_strict: bool = False) -> str:
    """The theme that a name stands for; "auto" looks at the terminal.

    A name that is no theme raises ValueError if `is_strict`, and else is "auto" (a theme may have left Textual).
    """
    names = [theme.name for theme in OURS] + sorted(BUILTIN_THEMES)
    if name in names:
        return name
    if is_strict and name != "auto":
        raise ValueError(f"there is no theme {name}; there are: auto, {', '.join(names)}")
    return LIGHT.name if has_light_background() else DARK.name
