"""Who the user is to the server, and who he would like to be."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from chat_server.text import fold
from chat_server.wire import LINE_BREAK

TRIES: Final = 5
TRY_SECONDS: Final = 5.0
"""A server that has not noticed yet that our last connection is dead still has our nick in use. It is asked
again a few times; after that the nick is somebody else's."""


WHERE_SECRETS_ARE: Final = "Your other device shows the SECRET: menu (F2), “Use my name on another device”"
"""What this app adds to a server's refusal: an app makes its secrets by itself, so nobody knows them."""


def told(code: str, text: str) -> str:
    """A refusal of a nick as the user reads it."""
    return f"{text}{LINE_BREAK}{WHERE_SECRETS_ARE}" if code in ("nick-claimed", "bad-secret") else text


@dataclass(slots=True)
class Identity:
    """`nick` is what the server last said; `wished` what the user asked for, None to stay the guest he is."""

    wished: str | None
    secret_of: Callable[[str], str | None]
    """The secret that proves a nick to be the user's, if he has one for it."""
    nick: str = ""
    _tries: int = 0
    _again_at: float | None = None
    _proved: tuple[str, str] | None = field(default=None, repr=False)
    """The nick, and the secret, that the server took last on a connection; None if it took one without a secret."""
    _secrets: dict[str, str] = field(default_factory=dict, repr=False)
    """Those that proved a folded nick."""
    may_claim: bool = True
    """Whether this server takes new names of one's own on this connection."""
    is_private: bool = False
    """Whether a secret may be said on this connection: the client knows; a server may still want none."""

    @property
    def is_as_wished(self) -> bool:
        """Whether there is nothing to ask for."""
        return self.wished is None or fold(self.nick) == fold(self.wished)

    @property
    def expected(self) -> str:
        """What we are called as soon as the server has answered: until then others' lines name us so already."""
        return self.nick if self.wished is None or self.was_refused else self.wished

    @property
    def was_refused(self) -> bool:
        """Whether the wish was refused on this connection."""
        return self._tries > 0

    def welcome(self, nick: str) -> None:
        """A new connection, and what the server calls us on it."""
        self.nick = nick or self.nick
        self.may_claim = True
        self.settle()

    @property
    def secret(self) -> str | None:
        """What proved that the nick is the user's own; None while it is not, without a connection: as it was last."""
        if self._proved is None or fold(self._proved[0]) != fold(self.nick):
            return None
        return self._proved[1]

    def take(self, nick: str, secret: str | None) -> None:
        """The server took a nick. A secret proves him on the next connections too."""
        self._proved = None if secret is None else (nick, secret)
        if secret is not None:
            self._secrets[fold(nick)] = secret

    def change(self, secret: str) -> str | None:
        """The server gave the name that was proved another secret; that name."""
        if self._proved is None:
            return None
        name = self._proved[0]
        self.take(name, secret)
        return name

    def arguments(self, nick: str) -> tuple[str, str | None]:
        """What /nick is asked with: the nick, and its secret if there is one and it may be said here."""
        if not self.is_private:
            return nick, None
        return nick, self._secrets.get(fold(nick)) or (self.secret_of(nick) if self.may_claim else None)

    def settle(self) -> None:
        """Nothing is asked for any more."""
        self._tries, self._again_at = 0, None

    def refuse(self, code: str, now: float) -> None:
        """The wish was refused with this error code."""
        if code == "need-tls" and self.is_private:
            # Then as somebody without a secret, at once.
            self.is_private, self._again_at = False, now
            return
        if code == "not-allowed" and self.may_claim:
            # Too many names were claimed where we are: by ours without a secret, if it is free.
            self.may_claim, self._again_at = False, now
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
