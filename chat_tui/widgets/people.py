"""Who is in the room, at the right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from textual.color import Color
from textual.content import Content
from textual.style import Style

from chat_server.text import fold
from chat_tui.model import RoomState
from chat_tui.nick_colors import nick_color
from chat_tui.widgets.side_list import SideList

_ANSI: Final = Color.parse("ansi_default")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as listed. `mark`: "@" operator, "+" claimed name, " " neither. `is_current` is always False."""

    name: str
    mark: str
    is_away: bool
    is_me: bool
    is_current: bool = False


class PeopleList(SideList[PersonRow]):
    """One row for each person, mark first, the nick in its own colour."""

    COMPONENT_CLASSES = {"people--mark", "people--away", "people--me"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__("people-list")

    def draw(self, row: PersonRow) -> tuple[Content, Content]:
        """`@bob`; one who is away is dim and says so without colour too."""
        mark = self.get_visual_style("people--mark", partial=True)
        away = self.get_visual_style("people--away", partial=True)
        if row.is_away:
            return Content.assemble((f" {row.mark}", mark), (row.name, away)), Content.assemble(
                ("away ", away)
            )
        if row.is_me:
            own = self.get_visual_style("people--me", partial=True)
            return Content.assemble((f" {row.mark}", mark), (row.name, own)), Content.assemble(("you ", away))
        background = _ANSI if self.app.native_ansi_color else self.styles.background
        color = nick_color(row.name, background, is_dark=self.app.current_theme.dark)
        return Content.assemble((f" {row.mark}", mark), (row.name, Style(foreground=color))), Content("")


def people_rows(room: RoomState, me: str) -> list[PersonRow]:
    """Who is in a room, by name; in a direct conversation the two who talk."""
    if room.is_direct:
        return [
            PersonRow(nick, " ", False, nick == me) for nick in sorted({room.name[1:], me} - {""}, key=fold)
        ]
    return [
        PersonRow(
            person.nick,
            "@" if person.is_operator else "+" if person.is_claimed else " ",
            person.is_away,
            person.nick == me,
        )
        for person in sorted(room.people.values(), key=lambda person: fold(person.nick))
    ]
