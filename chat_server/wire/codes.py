"""The two tables of codes: why a line was refused, and why a connection ends."""

from __future__ import annotations

from typing import Final

ERRORS: Final[dict[str, str]] = {
    "unknown-command": "/{name} is not a command;{guess} /help lists them all",
    "bad-args": "/{name} is used like this: {syntax}",
    "bad-utf8": "Those bytes are not UTF-8: your terminal does not send UTF-8; set its encoding (or LANG) to UTF-8",
    "line-too-long": "That line is longer than {limit} bytes and was not sent; break it into shorter ones",
    "text-too-long": "That text has {size} bytes and {limit} fit into one message; send it in parts",
    "empty": "There is nothing in that line that could be shown; type some text",
    "bad-nick": "{why}",
    "nick-taken": "{nick} is taken{like}; {free} is free: /nick {free}",
    "nick-claimed": "{nick} belongs to somebody; if that is you: /nick {nick} SECRET, else {free} is free: /nick {free}",
    "bad-secret": "{nick} belongs to somebody with another secret; if that is you: /nick {nick} SECRET, "
    "else {free} is free: /nick {free}",
    "need-tls": "A secret is taken only over TLS or from this machine; connect with TLS and say it again",
    "need-key": "This server wants its key first: /enter KEY",
    "bad-room": "{why}",
    "no-such-room": "There is no room {room}; /rooms lists them, /join {room} makes it",
    "no-such-nick": "Nobody here is called {nick}; /who lists the people",
    "no-such-id": "There is no message {id} that you can see",
    "not-in-room": "You are not in {room}; /join {room} takes you there",
    "not-yours": "Message {id} is not yours; only its author can change it",
    "not-allowed": "{why}",
    "muted": "You are muted here{until}; what you say is not sent",
    "bad-label": "A label has 1 to 64 of A-Z a-z 0-9 . _ - : /id LABEL and then the line",
    "slow-down": "Too many lines at once, that one was not sent; wait {seconds} s",
    "history-reset": "This server's history was started anew ({epoch}); drop your copy and ask /since 0 {epoch}",
    "storage-unavailable": "The message store does not answer; that was not sent, try again in a moment",
    "storage-full": "The server's disk is full; that was not sent, tell its owner",
    "internal": "Something broke on the server while it did that; nothing was done, and it was logged",
}
"""Error code -> the sentence for a person, filled with `str.format`. "{why}" marks a code whose
sentence depends on what exactly was wrong; the rule that refused it says it (`chat_server.text`)."""

BYES: Final[dict[str, bool]] = {
    "quit": False,
    "kicked": False,
    "banned": False,
    "bad-client": False,
    "full": False,
    "shutdown": True,
    "idle": True,
    "slow-reader": True,
    "flood": True,
}
"""Bye code -> whether a client should come back by itself (with jitter). "full" means wait."""


def error_text(code: str, **values: object) -> str:
    """The sentence that goes with an error code. KeyError for a code that is not in the table."""
    return ERRORS[code].format(**values)
