"""Who is in the room, at the right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from textual.color import Color
from textual.content import Content
from textual.style import Style

from chat_server.text import fold
from chat_server.wire import WhoName
from chat_tui.model import Partner, RoomState
from chat_tui.nick_colors import nick_color
from chat_tui.widgets.side_list import SideList
from chat_tui.widgets.wrapping import cut, drawable

_ANSI: Final = Color.parse("ansi_default")


@dataclass(frozen=True, slots=True)
class PersonRow:
    """A person as listed. `mark`: "@" operator, "+" claimed name, " " neither. `is_current` is always False.

    `reason`: why he `is_away`. `is_here` False for who is listed though he is not there: the other one of a
    conversation.
    """

    name: str
    mark: str
    is_away: bool
    is_me: bool
    is_current: bool = False
    reason: str = ""
    is_here: bool = True

    @property
    def state(self) -> str:
        """What stands at the right: "you", "away: lunch", "offline", "" for who is simply here."""
        if not self.is_here:
            return "offline"
        if self.is_away:
            return f"away: {self.reason}" if self.reason else "away"
        return "you" if self.is_me else ""


class PeopleList(SideList[PersonRow]):
    """One row for each person, mark first, the nick in its own colour."""

    COMPONENT_CLASSES = {"people--mark", "people--away", "people--me"}  # noqa: RUF012

    def __init__(self) -> None:
        super().__init__("people-list")

    def draw(self, row: PersonRow, width: int) -> tuple[Content, Content]:
        """`@bob`; one who is away is dim and says so without colour too."""
        mark = self.get_visual_style("people--mark", partial=True)
        away = self.get_visual_style("people--away", partial=True)
        if row.is_away or not row.is_here:
            left = Content.assemble((f" {row.mark}", mark), (row.name, away))
            # The name whole, then as much of why as there is room for.
            room = max(8, width - left.cell_length - 2)
            return left, Content.assemble((f"{cut(drawable(row.state), room)} ", away))
        if row.is_me:
            own = self.get_visual_style("people--me", partial=True)
            return Content.assemble((f" {row.mark}", mark), (row.name, own)), Content.assemble(("you ", away))
        background = _ANSI if self.app.native_ansi_color else self.styles.background
        color = nick_color(row.name, background, is_dark=self.app.current_theme.dark)
        return Content.assemble((f" {row.mark}", mark), (row.name, Style(foreground=color))), Content("")

    def more_of(self, row: PersonRow) -> Content | None:
        """Why he is away, in full."""
        return Content(drawable(f"{row.name} is {row.state}")) if row.is_away or not row.is_here else None


def people_rows(
    room: RoomState, me: WhoName, partner: Partner | None, reason_of: Callable[[str], str]
) -> list[PersonRow]:
    """Who is in a room, by name; in a direct conversation the two who talk. `reason_of` gives why somebody is away."""
    people = list(room.people.values())
    if partner is not None:
        people = [partner.person, *([me] if me.nick and fold(me.nick) != fold(partner.person.nick) else [])]
    return [
        PersonRow(
            person.nick,
            "@" if person.is_operator else "+" if person.is_claimed else " ",
            person.is_away,
            person.nick == me.nick,
            reason=reason_of(person.nick) if person.is_away else "",
            is_here=partner is None or person is not partner.person or partner.is_here is not False,
        )
        for person in sorted(people, key=lambda person: fold(person.nick))
    ]


def partner_text(partner: Partner | None) -> str:
    """What the header says of the other one of a conversation; "" as long as nobody has told."""
    match partner:
        case Partner(is_here=False, is_owned=True):
            return "not here now, and gets it later"
        case Partner(is_here=False):
            return "not here: nobody has that name now"
        case Partner(person, is_here=True) if person.is_away:
            return f"away: {partner.reason}" if partner.reason else "away"
        case Partner(is_here=True):
            return "here"
    return ""
