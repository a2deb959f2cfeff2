"""The row that tells somebody who has never reached the server why, and what he may check."""

from __future__ import annotations

from chat_server.wire import LINE_BREAK
from chat_tui.model.changes import Change
from chat_tui.model.message import Message
from chat_tui.model.session import Session


class Unreached:
    """One row, however often it is tried. A connection that breaks later is told by the status line alone: there is a log
    to read then."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._key = ""

    def tell(self, reason: str, advice: str, retry_in: float | None) -> list[Change]:
        """An attempt has failed; `retry_in` seconds there is another one, None for not by itself."""
        goes_on = (
            "F5 tries again." if retry_in is None else "It tries again by itself, F5 at once; Ctrl-Q leaves."
        )
        text = f"{advice or reason}{LINE_BREAK}{goes_on}"
        rooms = self._session.rooms
        state = rooms.states[rooms.current]
        at = int(self._session.clock())
        if state.find(self._key) is not None:
            return state.replace(self._key, Message(self._key, at, "error", "", text))
        self._key = rooms.note_key()
        return state.settle(Message(self._key, at, "error", "", text))

    def clear(self) -> list[Change]:
        """The server is reached."""
        states = self._session.rooms.states.values()
        return [change for state in states for change in state.remove([self._key])]
