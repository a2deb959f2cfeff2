"""What stands around the log: the header, the people, the status line, the prompt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.content import Content

from chat_server.wire import WhoName
from chat_tui.screens.side_bars import MIDDLING
from chat_tui.widgets.people import partner_text, people_rows
from chat_tui.widgets.status import Connection
from chat_tui.widgets.wrapping import cut

if TYPE_CHECKING:
    from chat_tui.screens.chat import ChatScreen

NICK: Final = 20
"""Cells of the longest nick (chat/1)."""


class Frame:
    """Draws from the model what is true of the room that is shown, and of the connection."""

    def __init__(self, chat: ChatScreen) -> None:
        self._chat = chat
        self._offline_since = 0.0

    def show_people(self) -> None:
        """Who is in the room."""
        chat = self._chat
        room = chat.model.current
        rows = people_rows(room, self._me, chat.model.partner, chat.model.away_reason)
        chat.people.set_rows(rows)
        if chat.logs.shown is not None:
            chat.logs.shown.set_people(chat.model.nick, (person.nick for person in room.people.values()))
        count = max(sum(row.is_here for row in rows), room.people_count)
        chat.people_title.update(Content(f"People {count}" if count else "People"))
        self.show_header()
        self.show_prompt()

    @property
    def _me(self) -> WhoName:
        """The user as the rooms mark him."""
        nick = self._chat.model.nick
        mine = (room.people[nick] for room in self._chat.model.rooms.values() if nick in room.people)
        return next(mine, WhoName(nick))

    def show_header(self) -> None:
        """The room, what it is about, and how many are in it where the people are not listed."""
        chat = self._chat
        room = chat.model.current
        count = max(len(room.people), room.people_count)
        is_told = bool(chat.people.parent and chat.people.parent.display)
        people = "" if is_told or not count else f"{count} {'person' if count == 1 else 'people'}"
        told = "loading older messages …" if room.is_loading else people
        # Beside the list of rooms it would say the same again.
        is_listed = chat.rooms.parent is None or chat.rooms.parent.display
        others = [] if is_listed else chat.model.rooms.values()
        unread = sum(other.unread for other in others if other is not room)
        mentions = sum(other.mentions for other in others if other is not room)
        topic = partner_text(chat.model.partner) if room.is_direct else room.topic
        stuck = {other.name for other in others if other is not room} & chat.model.stuck_rooms
        chat.header.show(room.name, topic, told, unread, mentions, is_stuck=bool(stuck))

    def show_place(self) -> None:
        """Whether the end of the log is in sight, and how much that is unread is below: what was read on another device
        is not new."""
        chat = self._chat
        log, unread = chat.logs.shown, chat.model.current.unread
        if log is None:
            return
        row = log.unread_line_row
        is_all_below = row is not None and row >= log.size.height
        below = 0 if log.following else unread if is_all_below else min(unread, log.new_below)
        chat.status.show(new_below=below, is_scrolled=not log.following)

    def show_status(self) -> None:
        """How the connection stands."""
        chat, model = self._chat, self._chat.model
        if model.state == "online":
            self._offline_since = 0.0
        elif model.state == "offline" and not self._offline_since:
            self._offline_since = chat.now
        connection = Connection(
            state=model.state,
            server=model.server,
            address=chat.address,
            since=self._offline_since,
            retry_at=model.retry_at,
            reason=model.lost_reason,
            lag=model.lag,
            is_private=model.is_private,
        )
        chat.status.show(connection=connection, now=chat.now)
        self.show_prompt()

    def fit(self) -> None:
        """What says different things at different widths."""
        self.show_prompt()
        self.show_header()

    def show_prompt(self) -> None:
        """Who one is, and that one is away."""
        chat = self._chat
        nick = chat.model.nick
        # As much of it as leaves room for what one writes; on a screen of a few columns none.
        width = chat.size.width
        nick = cut(nick, NICK if width >= MIDDLING else width // 5) if width >= 30 else ""
        mine = f"{nick} " if nick else ""
        # Who has forgotten it is asked why he answers.
        away = "away " if self._me.is_away else ""
        chat.prompt.update(Content.assemble((mine, "bold"), (away, "dim"), "›"))
