"""What is written and not sent: one draft for each room, kept on the disk so that it outlives the app, however that ends.

Beside the settings, in the folder `drafts` and readable by its owner only: files of JSON lines, one for each app that
runs, so that two of them never write into the same one. Who starts takes over the files of those that run no more. A
draft with a secret in it is not kept. No Textual in here.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal

from chat_tui.kept import Distrusted, KnownServers, has_secret

try:
    import fcntl
except ImportError:  # Windows
    fcntl = None  # type: ignore[assignment]

MOST: Final = 200
"""Drafts that are kept of one server, the last ones: more rooms than anybody writes in at once."""

APPS: Final = 100
"""Files of one server that are looked through: apps that run at the same time, or have ended with something written."""


@dataclass(frozen=True, slots=True)
class Purpose:
    """What the text in the bar is for, if it is no new message: an answer to a message, or its other text."""

    kind: Literal["reply", "edit"]
    id: int
    nick: str
    text: str


@dataclass(slots=True)
class Draft:
    """What stands in the bar of one room, and how far back its writer has walked.

    While there is a `purpose`, `aside` keeps what stood there before, and `begun` is the text it began with.
    """

    text: str = ""
    cursor: tuple[int, int] = (0, 0)
    purpose: Purpose | None = None
    aside: tuple[str, tuple[int, int]] = ("", (0, 0))
    begun: str = ""
    sent: list[str] | None = None
    walked: int = 0
    unsent: str = ""

    @property
    def is_written(self) -> bool:
        """Whether there is something that its writer would miss."""
        return bool(self.aside[0].strip() or (self.text.strip() and self.text != self.begun))

    def kept(self) -> dict[str, Any]:
        """What of it goes on the disk, as JSON has it; empty if there is nothing, or a secret in it."""
        text = self.unsent if self.walked else self.text
        is_change = self.purpose is not None and text.strip() and text != self.begun
        purpose = self.purpose if is_change else None
        kept: dict[str, Any] = {"text": text if purpose or self.purpose is None else self.aside[0]}
        if purpose is not None:
            kept["aside"] = self.aside[0]
            kept["begun"] = self.begun
            kept["purpose"] = [purpose.kind, purpose.id, purpose.nick, purpose.text]
        texts = [kept["text"], kept.get("aside", "")]
        return kept if any(text.strip() for text in texts) and not any(map(_tells_secret, texts)) else {}

    @classmethod
    def restored(cls, kept: Mapping[str, Any]) -> Draft:
        """The draft that was kept so. Raises KeyError, TypeError or ValueError if that is none."""
        draft = cls(text=_text(kept["text"]), begun=_text(kept.get("begun", "")))
        draft.cursor = _end(draft.text)
        aside = _text(kept.get("aside", ""))
        draft.aside = aside, _end(aside)
        if (purpose := kept.get("purpose")) is not None:
            kind, id, nick, text = purpose
            if kind not in ("reply", "edit"):
                raise ValueError(kind)
            draft.purpose = Purpose(kind, int(id), _text(nick), _text(text))
        return draft


class KeptDrafts:
    """The drafts of one app on the server at `place`, which is the same by each of its addresses. For one thread."""

    def __init__(self, folder: Path, known: KnownServers, place: str) -> None:
        """`folder` is made when there is something to keep."""
        self._folder = folder
        self._known = known
        self._place = place
        self._own: Path | None = None
        self._locks: list[int] = []
        self._lines: list[str] | None = None

    def load(self) -> dict[str, Draft]:
        """What was written in the apps that run no more, by room; from now on it is this one's to keep."""
        drafts: dict[str, Draft] = {}
        taken = []
        for name in self._names():
            with suppress(OSError):
                for number in range(1, APPS):
                    path = self._folder / f"{name}-{number}"
                    if not path.exists() or not self._take(path):
                        continue
                    taken.append(path)
                    for room, draft in _read(path):
                        _add(drafts, room, draft)
        if taken and self.keep(drafts):
            for path in taken:
                if path != self._own:
                    with suppress(OSError):
                        path.unlink()
        return drafts

    def keep(self, drafts: Mapping[str, Draft]) -> bool:
        """Puts what is written on the disk, if it is something else than before; whether it is there now."""
        lines = [
            json.dumps({"room": room, **kept}, ensure_ascii=False)
            for room, draft in [*drafts.items()][-MOST:]
            if (kept := draft.kept())
        ]
        if lines == self._lines or not (lines or self._own):
            return True
        try:
            self._write(lines)
        except (OSError, ValueError):
            # Nobody is kept from talking by a full disk; the next change tries again.
            return False
        self._lines = lines
        return True

    def close(self) -> None:
        """Leaves what is kept to the next app."""
        for lock in self._locks:
            with suppress(OSError):
                os.close(lock)
        self._locks.clear()
        self._own = self._lines = None

    def _write(self, lines: list[str]) -> None:
        if self._own is None:
            self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            name = self._names()[0]
            paths = (self._folder / f"{name}-{number}" for number in range(1, APPS))
            self._own = next((path for path in paths if not path.exists() and self._take(path)), None)
            if self._own is None:
                raise FileExistsError(f"{self._folder} is full of drafts")
        if not lines:
            self._own.unlink(missing_ok=True)
            return
        part = self._own.with_name(f"{self._own.name}.part")
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write("".join(f"{line}\n" for line in lines).encode())
        part.replace(self._own)

    def _take(self, path: Path) -> bool:
        """Whether the file is no other app's that runs: its lock is ours from now on, until we end in whatever way."""
        lock = os.open(path.with_name(f"{path.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            if fcntl is not None:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(lock)
            return False
        self._locks.append(lock)
        return True

    def _names(self) -> list[str]:
        """What its files begin with: by its certificate if that is known; else, and before it was, by its place."""
        try:
            server = self._known.find(self._place)
        except Distrusted:
            server = None
        return [hashlib.sha256(each.encode()).hexdigest()[:16] for each in (server, self._place) if each]


def _read(path: Path) -> list[tuple[str, Draft]]:
    """The drafts of a file, but for lines that are none."""
    drafts = []
    for line in path.read_text("utf-8", "replace").splitlines():
        with suppress(ValueError, KeyError, TypeError):
            kept = json.loads(line)
            drafts.append((_text(kept["room"]), Draft.restored(kept)))
    return drafts


def _add(drafts: dict[str, Draft], room: str, draft: Draft) -> None:
    """Nothing that was written is lost: of two drafts for one room the one stands below the other."""
    there = drafts.get(room)
    if there is None:
        drafts[room] = draft
    elif there.text != draft.text:
        there.text = f"{there.text}\n{draft.text}"
        there.cursor = _end(there.text)


def _tells_secret(text: str) -> bool:
    """Also where the command does not begin the text: it may be meant to."""
    return any(has_secret(text[index:]) for index, letter in enumerate(text) if letter == "/")


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError(f"{value!r} is no text")
    return value


def _end(text: str) -> tuple[int, int]:
    """Row and column behind the last character."""
    rows = text.split("\n")
    return len(rows) - 1, len(rows[-1])
