"""What the app keeps about servers: which certificate each one showed, the secrets that prove the user's names, and
which of those he went by last, and in which room he was last.

Files of lines beside the settings, readable by their owner only (0600): `known_servers` ("HOST:PORT
FINGERPRINT"), as ssh has known_hosts, `secrets` ("SERVER NICK SECRET") and `nicks` ("SERVER NICK"). A line is only ever
added, and the first that fits is the one that holds, so that two apps may do it at once without a lock; but the last
secret that its user typed, and that a server took ("SERVER NICK SECRET typed"), comes before all that were made here,
and of nicks the last one holds. In `rooms` ("SERVER ROOM") each server has one line. No Textual in here.
"""

from __future__ import annotations

import os
import re
import secrets
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from typing import Final

from chat_server.text import BadName, check_nick, fold

HERE: Final = "localhost"

SECRET_LETTERS: Final = "abcdefghjkmnpqrstuvyz23456789"
"""None that looks like another one, and none that programmers' fonts draw otherwise among others (9x2, www)."""

SECRET_GROUPS: Final = 4
SECRET_CHARS: Final = 20
"""97 bits of chance. The server takes a moment for each guess, and keeps only a hash that is slow to make."""

TYPED: Final = "typed"

_WITH_SECRET: Final = re.compile(r"\s*/(id\s+\S+\s+/)?(nick\s+\S+\s+\S|(enter|secret)\s+\S)", re.IGNORECASE)


class Distrusted(Exception):
    """This server must not be spoken to; str() is a sentence for the user."""


def is_loopback(address: str) -> bool:
    """Whether an address, as the resolver gives it, never leaves this machine."""
    try:
        found = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None)
    return (mapped or found).is_loopback


def place_of(host: str, port: int) -> str:
    """HOST:PORT as the files have it: one name for all the names of this machine."""
    host = host.lower()
    if host == HERE or is_loopback(host):
        host = HERE
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


@dataclass(frozen=True, slots=True)
class _Lines:
    """A file of lines of words. A missing file is an empty one; OSError if it cannot be read or written."""

    path: Path

    def find(self, *words: str) -> tuple[int, list[str]] | None:
        """Number (from 1) and words of the first line that begins with these words."""
        return next(self.each(*words), None)

    def each(self, *words: str) -> Iterator[tuple[int, list[str]]]:
        """The same of all of them."""
        try:
            text = self.path.read_text("utf-8", "replace")
        except FileNotFoundError:
            return
        for number, line in enumerate(text.splitlines(), start=1):
            found = line.split()
            if found[: len(words)] == list(words):
                yield number, found

    def add(self, *words: str) -> None:
        """Adds a line, on the disk when this returns."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "r+b", buffering=0) as file:
            os.chmod(self.path, 0o600)
            # An editor may have left the last line without its end.
            is_whole = True
            if size := os.fstat(descriptor).st_size:
                file.seek(size - 1)
                is_whole = file.read(1) == b"\n"
            file.write(("" if is_whole else "\n").encode() + " ".join(words).encode() + b"\n")
            os.fsync(descriptor)

    def replace(self, first: str, *words: str) -> None:
        """One line in place of all that begin with the word `first`."""
        try:
            lines = self.path.read_text("utf-8", "replace").splitlines()
        except FileNotFoundError:
            lines = []
        lines = [line for line in lines if line.split()[:1] != [first]]
        part = self.path.with_name(f"{self.path.name}.{os.getpid()}")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write("".join(f"{line}\n" for line in [*lines, " ".join([first, *words])]).encode())
            part.replace(self.path)
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise


class KnownServers:
    """The certificate that each server showed when it was first met.

    Without a file (`path` None), or where it cannot be written, it is remembered for this run. For one thread at
    a time; `find` for any.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._lines = _Lines(path) if path is not None else None
        self._met: dict[str, str] = {}

    def find(self, place: str) -> str | None:
        """The fingerprint that is known of a place ("den:5000"). Raises Distrusted if that cannot be told."""
        return self._look(place)[1]

    def check(self, place: str, fingerprint: str) -> None:
        """Compares with what is known, or remembers it. Raises Distrusted if it is another one."""
        where, known = self._look(place)
        if known == fingerprint:
            return
        if known is None:
            self._remember(place, fingerprint)
            return
        raise Distrusted(
            f"{place} shows another certificate than before, so nothing was said to it: {fingerprint} instead of "
            f"{known}. If its owner has changed it, remove {where} and press F5"
        )

    def check_plain(self, place: str) -> None:
        """Raises Distrusted if this server has spoken TLS before: who wants to listen would take it away."""
        where, known = self._look(place)
        if known is not None:
            raise Distrusted(
                f"{place} was encrypted before and is not now, so nothing was said to it: somebody may be listening. "
                f"If its owner has turned TLS off, remove {where} and press F5"
            )

    def replace(self, place: str, fingerprint: str) -> None:
        """What we know for certain: the certificate of a server that we started. OSError if it cannot be kept."""
        if self._look(place)[1] == fingerprint:
            return
        if self._lines is None:
            self._met[place] = fingerprint
        else:
            self._lines.replace(place, fingerprint)

    def _look(self, place: str) -> tuple[str, str | None]:
        """Where it is written, and what."""
        if self._lines is not None:
            try:
                found = self._lines.find(place)
            except OSError as error:
                raise Distrusted(
                    f"{self._lines.path} cannot be read ({error.strerror}), so nobody knows whether this is {place}"
                ) from error
            if found is not None:
                number, words = found
                return f"line {number} of {self._lines.path}", words[1] if len(words) > 1 else "nothing"
        return "what this run of the app remembers (start it again)", self._met.get(place)

    def _remember(self, place: str, fingerprint: str) -> None:
        try:
            if self._lines is None:
                raise FileNotFoundError
            self._lines.add(place, fingerprint)
        except OSError:
            # Nobody is kept from talking by a full disk; this run knows it, the next will meet the server anew.
            self._met[place] = fingerprint


class Secrets:
    """The secrets of the user's names on the server at `place`.

    They belong to the server's certificate if that is known, so a server is the same by each of its addresses, and
    no server can learn the secret for another one. For one thread at a time.
    """

    def __init__(self, path: Path, known: KnownServers, place: str) -> None:
        self._lines = _Lines(path)
        self._known = known
        self._place = place

    def of(self, nick: str) -> str | None:
        """That of a nick; it is made if there is none yet. None if it could not be kept: a name that was claimed with
        a forgotten secret is lost."""
        try:
            found = self._find(nick)
            if found is None:
                self._lines.add(self._server, fold(nick), make_secret())
                # Another app may have been faster.
                found = self._find(nick)
        except (OSError, Distrusted):
            return None
        return found

    def keep(self, nick: str, secret: str) -> bool:
        """Remembers one that proved a nick to be the user's; whether it could be kept."""
        try:
            if self._find(nick) != secret:
                self._lines.add(self._server, fold(nick), secret, TYPED)
            return self._find(nick) == secret
        except (OSError, Distrusted):
            return False

    @property
    def _server(self) -> str:
        return _server(self._known, self._place)

    def _find(self, nick: str) -> str | None:
        lines = [words for _, words in self._lines.each(self._server, fold(nick)) if len(words) > 2]
        typed = [words for words in lines if words[3:] == [TYPED]]
        chosen = typed[-1:] or lines[:1]
        return chosen[0][2] if chosen else None


class LastNick:
    """The nick by which the user went last on the server at `place`, which is the same by each of its addresses.
    For one thread at a time."""

    def __init__(self, path: Path, known: KnownServers, place: str) -> None:
        self._lines = _Lines(path)
        self._known = known
        self._place = place

    def find(self) -> str | None:
        """That nick; None if there is none, or it cannot be read or be a nick."""
        try:
            found = [words for _, words in self._lines.each(_server(self._known, self._place))]
            return check_nick(found[-1][1]) if found and len(found[-1]) > 1 else None
        except (OSError, Distrusted, BadName):
            return None

    def keep(self, nick: str) -> None:
        """Remembers it. A folder that cannot be written costs only the memory."""
        if self.find() == nick:
            return
        with suppress(OSError, Distrusted):
            self._lines.add(_server(self._known, self._place), nick)


class LastRoom:
    """The room that was shown last on the server at `place`, in the file `rooms` ("SERVER ROOM", one line for each
    server). For one thread at a time."""

    def __init__(self, path: Path, known: KnownServers, place: str) -> None:
        self._lines = _Lines(path)
        self._known = known
        self._place = place

    def find(self) -> str:
        """That room; "" if there is none, or it cannot be read."""
        try:
            found = self._lines.find(_server(self._known, self._place))
        except (OSError, Distrusted):
            return ""
        return found[1][1] if found is not None and len(found[1]) > 1 else ""

    def keep(self, room: str) -> None:
        """Remembers it. A folder that cannot be written costs only the memory."""
        with suppress(OSError, Distrusted):
            self._lines.replace(_server(self._known, self._place), room)


def _server(known: KnownServers, place: str) -> str:
    """What a server is called in the files: its certificate if that is known, else its place."""
    return known.find(place) or place


def make_secret() -> str:
    """A new secret, such as "k7mf2-pgh4t-hm3vd-u8q6r": somebody will type it on another device."""
    group = SECRET_CHARS // SECRET_GROUPS
    return "-".join(
        "".join(secrets.choice(SECRET_LETTERS) for _ in range(group)) for _ in range(SECRET_GROUPS)
    )


def has_secret(typed: str) -> bool:
    """Whether what was typed is not for other eyes: a name's secret, a server's key."""
    return _WITH_SECRET.match(typed) is not None
