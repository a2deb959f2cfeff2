"""The colours of the message log: all from the theme, by component classes that any .tcss can set anew."""

from __future__ import annotations

from typing import Final

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from chat_tui.widgets.message_paint import Palette

PARTS: Final = (
    "time",
    "separator",
    "own",
    "notice",
    "event",
    "error",
    "pending",
    "failed",
    "mention",
    "bar",
    "link",
    "day",
    "unread",
    "cursor",
    "empty",
)
"""What has a colour of its own: message-log--PART. Of mention and cursor it is the row, of the others the text only."""

CSS: Final = """
    MessageLog {
        background: $background;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;

        & > .message-log--time { color: $text-muted; }
        & > .message-log--separator { color: $foreground 25%; }
        & > .message-log--own { color: $text-primary; text-style: bold; }
        & > .message-log--notice { color: $text-muted; }
        & > .message-log--event { color: $text-muted; }
        & > .message-log--error { color: $text-error; }
        & > .message-log--pending { color: $text-muted; }
        & > .message-log--failed { color: $text-error; }
        & > .message-log--mention { color: $text; background: $accent 14%; }
        & > .message-log--bar { color: $text-accent; text-style: bold; }
        & > .message-log--link { text-style: underline; }
        & > .message-log--day { color: $text-muted; }
        & > .message-log--unread { color: $text-accent; text-style: bold; }
        & > .message-log--cursor { color: $text; background: $primary 22%; }
        & > .message-log--empty { color: $text-muted; }

        &:ansi {
            & > .message-log--time { color: ansi_default; text-style: dim; }
            & > .message-log--separator { color: ansi_default; text-style: dim; }
            & > .message-log--notice { color: ansi_default; text-style: dim; }
            & > .message-log--event { color: ansi_default; text-style: dim; }
            & > .message-log--pending { color: ansi_default; text-style: dim; }
            & > .message-log--day { color: ansi_default; text-style: dim; }
            & > .message-log--empty { color: ansi_default; text-style: dim; }
            & > .message-log--mention { color: ansi_default; background: ansi_default; }
            & > .message-log--cursor { color: ansi_default; background: ansi_default; }
        }
    }
"""


def palette_of(log: Widget) -> Palette:
    """The colours that a log has now."""
    looks = {part: log.get_component_rich_style(f"message-log--{part}") for part in PARTS}
    return Palette(
        base=log.rich_style,
        parts={part: _without_background(look) for part, look in looks.items()},
        rows={
            part: Style.from_color(looks[part].color, looks[part].bgcolor) for part in ("mention", "cursor")
        },
        selection=_selection_of(log),
        is_dark=log.app.current_theme.dark,
    )


def _selection_of(log: Widget) -> Style:
    look = log.screen.get_component_rich_style("screen--selection")
    color = log.screen.get_component_styles("screen--selection").color
    if color.a or color.ansi is not None or look.bgcolor is None:
        return Style.from_color(look.color, look.bgcolor)
    # Most themes give selected text no colour: blended it would be that of the background. A nick's own may not
    # be readable here.
    return Style.from_color(
        Color.from_rich_color(look.bgcolor).get_contrast_text(1.0).rich_color, look.bgcolor
    )


def _without_background(style: Style) -> Style:
    return Style(
        color=style.color,
        bold=style.bold,
        dim=style.dim,
        italic=style.italic,
        underline=style.underline,
        strike=style.strike,
        reverse=style.reverse,
    )
