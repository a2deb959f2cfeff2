"""Who the user is to the server, and who he would like to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from chat_server.text import fold

TRIES: Final = 5
TRY_SECONDS: Final = 5.0
"""A server that has not noticed yet that our last connection is dead still has our nick in use. It is asked
again a few times; after that the nick is somebody else's."""


@dataclass(slots=True)
class Identity:
    """`nick` is what the server last said; `wished` what the user asked for, None to stay the guest he is."""

    wished: str | None
    secret_of: Callable[[str], str | None]
    """The secret that proves a nick to be the user's, if he has one for it."""
    nick: str = ""
    _tries: int = 0
    _again_at: float | None = None
    _typed: dict[str, str] = field(default_factory=dict, repr=False)
    is_private: bool = False
    """Whether a secret may be said on this connection: the client knows; a server may still want none."""

    @property
    def is_as_wished(self) -> bool:
        """Whether there is nothing to ask for."""
        return self.wished is None or fold(self.nick) == fold(self.wished)

    @property
    def was_refused(self) -> bool:
        """Whether the wish was refused on this connection."""
        return self._tries > 0

    def welcome(self, nick: str) -> None:
        """A new connection, and what the server calls us on it."""
        self.nick = nick or self.nick
        self.settle()

    def learn(self, nick: str, secret: str) -> None:
        """The user typed the secret of a nick: it proves him on the next connections too."""
        self._typed[fold(nick)] = secret

    def arguments(self, nick: str) -> tuple[str, str | None]:
        """What /nick is asked with: the nick, and its secret if there is one and it may be said here."""
        secret = (self._typed.get(fold(nick)) or self.secret_of(nick)) if self.is_private else None
        return nick, secret

    def settle(self) -> None:
        """Nothing is asked for any more."""
        self._tries, self._again_at = 0, None

    def refuse(self, code: str, now: float) -> None:
        """The wish was refused with this error code."""
        if code == "need-tls" and self.is_private:
            # Then as somebody without a secret, at once.
            self.is_private, self._again_at = False, now
            return
        self._tries += 1
        may_pass = code in ("nick-taken", "slow-down") and self._tries < TRIES
        self._again_at = now + TRY_SECONDS if may_pass else None

    def is_due(self, now: float) -> bool:
        """Whether it is time to ask again; it is asked then."""
        if self._again_at is None or now < self._again_at or self.is_as_wished:
            return False
        self._again_at = None
        return True
