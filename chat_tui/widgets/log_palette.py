"""The colours of the message log: all from the theme, by component classes that any .tcss can set anew."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from rich.style import Style
from textual.color import Color
from textual.widget import Widget

from chat_server.text import clean
from chat_tui.model import Message
from chat_tui.nick_colors import nick_color

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
    "gap",
    "reply",
    "reaction",
    "reacted",
    "named",
    "bold",
    "italic",
    "struck",
    "spoiler",
    "edited",
    "quote",
    "quote-bar",
    "label",
    "code",
    "code-block",
    "code-keyword",
    "code-string",
    "code-comment",
    "code-number",
    "code-name",
)
_WITH_BACKGROUND: Final = frozenset({"code", "code-block", "reaction", "reacted"})
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
        & > .message-log--gap { color: $text-muted; text-style: italic; }
        & > .message-log--reply { color: $text-muted; }
        & > .message-log--reaction { color: $text-muted; background: $foreground 8%; }
        & > .message-log--reacted { color: $text-primary; background: $primary 22%; text-style: bold; }
        & > .message-log--named { color: $text-accent; text-style: bold; }
        & > .message-log--bold { text-style: bold; }
        & > .message-log--italic { text-style: italic; }
        & > .message-log--struck { text-style: strike; }
        & > .message-log--spoiler { color: $text-muted; }
        & > .message-log--edited { color: $text-muted; }
        & > .message-log--quote { color: $text-muted; }
        & > .message-log--quote-bar { color: $foreground 45%; }
        & > .message-log--label { color: $text-muted; text-style: italic; }
        & > .message-log--code { color: $foreground; background: $foreground 8%; }
        & > .message-log--code-block { color: $foreground; background: $foreground 6%; }
        & > .message-log--code-keyword { color: $text-primary; }
        & > .message-log--code-string { color: $text-success; }
        & > .message-log--code-comment { color: $text-muted; text-style: italic; }
        & > .message-log--code-number { color: $text-warning; }
        & > .message-log--code-name { color: $text-secondary; text-style: bold; }

        &:ansi {
            & > .message-log--time { color: ansi_default; text-style: dim; }
            & > .message-log--separator { color: ansi_default; text-style: dim; }
            & > .message-log--notice { color: ansi_default; text-style: dim; }
            & > .message-log--event { color: ansi_default; text-style: dim; }
            & > .message-log--pending { color: ansi_default; text-style: dim; }
            & > .message-log--day { color: ansi_default; text-style: dim; }
            & > .message-log--empty { color: ansi_default; text-style: dim; }
            & > .message-log--gap { color: ansi_default; text-style: dim; }
            & > .message-log--reply { color: ansi_default; text-style: dim; }
            & > .message-log--reaction { color: ansi_default; background: ansi_default; text-style: dim; }
            & > .message-log--reacted { color: ansi_default; background: ansi_default; text-style: bold; }
            & > .message-log--named { color: ansi_default; text-style: bold reverse; }
            & > .message-log--spoiler { color: ansi_default; text-style: dim; }
            & > .message-log--edited { color: ansi_default; text-style: dim; }
            & > .message-log--quote { color: ansi_default; text-style: dim; }
            & > .message-log--quote-bar { color: ansi_default; text-style: dim; }
            & > .message-log--label { color: ansi_default; text-style: dim; }
            & > .message-log--code { color: ansi_cyan; background: ansi_default; }
            & > .message-log--code-block { color: ansi_default; background: ansi_default; }
            & > .message-log--code-keyword { color: ansi_magenta; }
            & > .message-log--code-string { color: ansi_green; }
            & > .message-log--code-comment { color: ansi_default; text-style: dim; }
            & > .message-log--code-number { color: ansi_cyan; }
            & > .message-log--code-name { color: ansi_blue; }
            & > .message-log--mention { color: ansi_default; background: ansi_default; }
            & > .message-log--cursor { color: ansi_default; background: ansi_default; }
        }
    }
"""


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a theme.

    `base` is plain text on the log's background; `parts` say what is different about a part, most of them without
    a background, so that they stand on any row; `rows` are the colours of whole rows ("mention", "cursor").
    """

    base: Style
    parts: dict[str, Style]
    rows: dict[str, Style]
    selection: Style
    is_dark: bool

    def nick(self, message: Message, row: Style) -> Style:
        """The colour of who says a message, readable on the row that it stands on."""
        return self.parts["own"] if message.is_own else self.person(message.nick, row)

    def person(self, nick: str, row: Style) -> Style:
        """The colour of somebody, readable on a row."""
        color = nick_color(clean(nick), Color.from_rich_color(row.bgcolor), is_dark=self.is_dark)
        return Style.from_color(color.rich_color)


def palette_of(log: Widget) -> Palette:
    """The colours that a log has now."""
    looks = {part: log.get_component_rich_style(f"message-log--{part}") for part in PARTS}
    return Palette(
        base=log.rich_style,
        parts={
            part: _own_of(log, part, look if part in _WITH_BACKGROUND else _without_background(look))
            for part, look in looks.items()
        },
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


def _own_of(log: Widget, part: str, look: Style) -> Style:
    # A part that is only bold or the like takes the colour of what it stands in: a quotation, a failed line.
    if log.get_component_rich_style(f"message-log--{part}", partial=True).color is not None:
        return look
    return Style(
        bold=look.bold, italic=look.italic, underline=look.underline, strike=look.strike, reverse=look.reverse
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
