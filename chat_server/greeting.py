"""What everybody is told first, by a word for programs and by a sentence for people."""

from __future__ import annotations

from chat_server.config import LOBBY, Config
from chat_server.roster import Session
from chat_server.wire import Note, Welcome


def welcome(config: Config, session: Session, epoch: str, last: int, now: int) -> Welcome:
    """The first line of a connection whose guest has a nick. `last`: the id that it has heard up to; `now`: Unix
    seconds."""
    pairs = {
        "epoch": epoch,
        "last": last,
        "line": config.limits.line_bytes,
        "text": config.limits.text_bytes,
        "nick": session.person.nick,
        "room": LOBBY,
        "tls": "yes" if session.box.pipe.is_tls else "no",
    }
    return Welcome(now, config.name, tuple((key, str(value)) for key, value in pairs.items()))


def how_to_begin(nick: str, others: int, now: int) -> Note:
    """Who he is, among how many others, and what he can type."""
    here = "nobody else is here yet" if not others else f"{others} other{'s' * (others > 1)} here"
    return Note(now, f"You are {nick} in {LOBBY}, {here}. Just type. /nick NAME  /who  /time  /quit  /help")
