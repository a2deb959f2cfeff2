"""What is sent first on every connection, so that it goes on where the last one ended.

The only place that knows how: with /since where the wire has it, else by the history that every /join shows.
"""

from __future__ import annotations

from collections.abc import Sequence

from chat_server import wire
from chat_server.text import fold
from chat_tui.model.asked import Asked


def has_since() -> bool:
    """Whether this version of the wire can ask for everything after an id."""
    return "since" in wire.COMMANDS


class Resume:
    """The cursor in the server's log, and the first lines of a connection.

    `cursor` is the id of the last `end since`, then every later live id (chat/1); 0 before the first welcome.
    """

    def __init__(self, asked: Asked) -> None:
        self.epoch = ""
        self.cursor = 0
        self.goes_on = False
        """Whether everything since the last connection is asked for on this one."""
        self._is_caught_up = False
        """Whether everything before the next live line is here."""
        self._asked = asked

    def welcome(self, epoch: str, last: int) -> bool:
        """Notes which log the server has; True if it is another one than before, or an older copy of it."""
        is_first = not self.epoch
        is_other = not is_first and (epoch != self.epoch or last < self.cursor)
        if is_other or is_first:
            # What was said before is shown by the rooms' history; only later ids can be missed.
            self.epoch, self.cursor = epoch, last
        self.goes_on = has_since() and not (is_other or is_first)
        self._is_caught_up = not self.goes_on
        return is_other

    def hear(self, id: int) -> None:
        """A live entry came. What comes before the answer to /since is behind a hole: should the connection be lost
        before that is closed, it must be asked for again."""
        if self._is_caught_up:
            self.cursor = max(self.cursor, id)

    def first_lines(
        self, nick: tuple[str, str | None] | None, home: str, rooms: Sequence[str]
    ) -> list[wire.Command]:
        """Takes the nick (with its secret), goes into the rooms that the user was in, and asks who is there.

        Leaves `home`, where the server puts everybody, if the user is not in it. The last one of `rooms` is the
        server's current one then.
        """
        ask = self._asked.ask
        is_at_home = any(fold(room) == fold(home) for room in rooms)
        joined = [room for room in rooms if fold(room) != fold(home)]
        lines = [ask("nick", "", *nick)] if nick else []
        lines += [ask("join", room, room) for room in joined]
        if not is_at_home:
            lines.append(ask("part", home, home))
        lines += [ask("who", room, room) for room in rooms]
        if self.goes_on:
            lines.append(self.next_page())
        return lines

    def next_page(self) -> wire.Command:
        """Asks for what comes after the cursor."""
        return self._asked.ask("since", "", str(self.cursor), self.epoch or None)

    def turn_page(self, arguments: Sequence[str]) -> wire.Command | None:
        """Reads the arguments of `end since`: the new cursor; the line to send if there is more."""
        if arguments and wire.is_id(arguments[0]):
            self.cursor = max(self.cursor, int(arguments[0]))
        self._is_caught_up = "more" not in arguments[1:]
        return None if self._is_caught_up else self.next_page()
