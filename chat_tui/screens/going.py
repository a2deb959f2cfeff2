"""From room to room: by number, in turn, by name, to what is unread."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chat_server import wire
from chat_server.text import fold
from chat_tui.completion import Known
from chat_tui.model import RoomState
from chat_tui.settings import RoomOrder

if TYPE_CHECKING:
    from chat_tui.screens.chat import ChatScreen
    from chat_tui.screens.pick import Choice, Pick

RECENT = 200
"""So many rows back somebody counts as a recent speaker for Tab."""


class Going:
    """The rooms in the order in which they are listed, and the ways between them."""

    def __init__(self, chat: ChatScreen) -> None:
        self._chat = chat
        self.order: RoomOrder = "number"
        self._pick: Pick | None = None

    def in_order(self) -> list[RoomState]:
        """By number: rooms first, then conversations, each as they were opened. Else the most recent first, above them
        those that wait for an answer."""
        rooms = self._chat.model.rooms.values()
        if self.order == "recent":
            return sorted(rooms, key=lambda room: (is_called(room), _latest(room)), reverse=True)
        return [*(room for room in rooms if not room.is_direct), *(room for room in rooms if room.is_direct)]

    @property
    def has_moved(self) -> bool:
        """Whether the list that is shown is in another order now, or something waits for a decision elsewhere."""
        stuck = self._chat.model.stuck_rooms
        listed = [(row.name, row.is_stuck) for row in self._chat.rooms.rows]
        return listed != [(room.name, room.name in stuck) for room in self.in_order()]

    def known(self) -> Known:
        """What Tab can complete: whoever spoke last comes first."""
        room, me = self._chat.model.current, self._chat.model.nick
        recent = dict.fromkeys(
            message.nick
            for message in reversed(room.messages[-RECENT:])
            if message.nick and not message.is_own
        )
        others = (row.name for row in self._chat.people.rows if row.name != me)
        return Known(tuple(dict.fromkeys((*recent, *others))), tuple(state.name for state in self.in_order()))

    def to(self, name: str) -> None:
        """Shows a room, begins a conversation, or joins a room that is not there yet."""
        model = self._chat.model
        if name in model.rooms:
            changes = model.switch_to(name)
        elif name.startswith("@"):
            changes = model.open_direct(name[1:])
        else:
            changes = model.command(f"/join {name}").changes
        self._chat.act(changes)

    def to_number(self, number: int) -> None:
        """The room with this number in the list, if there are so many."""
        rooms = self.in_order()
        if number <= len(rooms):
            self.to(rooms[number - 1].name)

    def step(self, step: int) -> None:
        """The room so many below, around the end."""
        names = [room.name for room in self.in_order()]
        self.to(names[(names.index(self._chat.model.current_room) + step) % len(names)])

    def to_unread(self) -> bool:
        """Where the unread of this room begins, if that was not seen yet; where it begins in the room that mentions one,
        else in the next with something unread; the end of this one, if there is more unread in it; False if there is
        none."""
        chat = self._chat
        here, log = chat.model.current, chat.logs.current
        row = log.unread_line_row
        is_ahead = row is None or row >= log.size.height
        if here.unread and (here.is_unseen or (is_ahead and not log.following)):
            self._to_unread_of(here)
            return True
        waiting = [room for room in self.in_order() if room.unread and room is not here]
        if waiting:
            self._to_unread_of(max(waiting, key=is_called))
            return True
        if here.unread and not log.following:
            chat.action_newest()
            return True
        return False

    def _to_unread_of(self, room: RoomState) -> None:
        """Shows where the unread of a room begins; its messages there are loaded first if need be."""
        chat = self._chat
        first = (room.unread_from or "")[1:]
        chat.act(chat.model.switch_to(room.name, "unread"))
        if first.isdigit():
            chat.act(chat.model.jump_to(room.name, int(first)))

    def ask(self) -> None:
        """Opens the list that gets shorter while one types."""
        from chat_tui.screens.pick import Pick

        model = self._chat.model

        def go(name: str | None) -> None:
            self._pick = None
            if name is not None:
                self.to(name)

        self._pick = Pick("Go to", "room or person", self._choices(), extra=self._unlisted)
        self._chat.app.push_screen(self._pick, go)
        self._chat.act(model.list_rooms(self._chat.now, is_wanted=True))

    def _unlisted(self, typed: str, is_found: bool) -> list[Choice]:
        """What is not listed and may be there all the same: the room of that name, and the person if nothing else fits
        or one is meant."""
        from chat_tui.screens.pick import Choice

        model = self._chat.model
        there = self._names_there()
        room, person = f"#{fold(typed.lstrip('#'))}", f"@{typed.lstrip('@')}"
        choices = []
        if not typed.startswith("@") and wire.is_room(room) and room not in there:
            choices.append(
                Choice(room, room, "make this room" if model.lists_all_rooms else "join, or make it")
            )
        is_person = typed.startswith("@") or not (is_found or typed.startswith("#"))
        if is_person and wire.is_nick(person[1:]) and fold(person) not in there:
            choices.append(Choice(person, person, "direct message"))
        return choices

    def show_choices(self) -> None:
        """There may be other rooms now than when the list was opened."""
        if self._pick is not None:
            self._pick.offer(self._choices())

    def _names_there(self) -> set[str]:
        """Folded: "#games", "@bob", of all that is listed, and the user himself."""
        return {fold(choice.value) for choice in self._choices()} | {fold(f"@{self._chat.model.nick}")}

    def _choices(self) -> list[Choice]:
        """The user's own rooms, mentions and unread first, the server's others, everybody who is in a room with him."""
        from chat_tui.screens.pick import Choice

        model = self._chat.model
        mine = {fold(name) for name in model.rooms}
        nicks = {nick for room in model.rooms.values() for nick in room.people} | set(self.known().nicks)
        people = sorted((f"@{nick}" for nick in nicks - {model.nick}), key=fold)
        waiting = sorted(self.in_order(), key=lambda room: (is_called(room), room.unread > 0), reverse=True)
        return [
            *(Choice(room.name, room.name, about(room)) for room in waiting),
            *(
                Choice(line.room, line.room, how_many(line.count))
                for line in model.listed_rooms
                if fold(line.room) not in mine
            ),
            *(Choice(name, name) for name in people if fold(name) not in mine),
        ]


def _latest(room: RoomState) -> int:
    """The id of what came last, as far as it is known here: of what is not loaded the first unread one is."""
    unread = (room.unread_from or "").removeprefix("e")
    return max(room.last_id, int(unread) if unread.isdigit() else 0)


def is_called(room: RoomState) -> bool:
    """Whether somebody waits there for the user: named him, or wrote to him alone."""
    return room.unread > 0 and (room.mentions > 0 or room.is_direct)


def about(room: RoomState) -> str:
    """What the switcher tells about a room."""
    if room.mentions:
        return f"{room.unread} unread, {room.mentions} for you"
    return f"{room.unread} unread" if room.unread else ""


def how_many(count: int) -> str:
    """What it tells about a room that the user is not in."""
    return f"{count} {'person' if count == 1 else 'people'}" if count else "nobody now"
