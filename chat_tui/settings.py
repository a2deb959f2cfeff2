"""What the app remembers between two runs: one small JSON file in the user's configuration folder."""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final, Literal, cast, get_args

Attention = Literal["auto", "bell", "off"]
"""How the app asks for attention while its terminal has no focus: "auto" is a desktop note where the
terminal is known to show one, and the bell elsewhere."""

ATTENTION: Final[dict[Attention, str]] = {
    "auto": "A desktop note if the terminal can, else the bell",
    "bell": "The bell",
    "off": "Nothing",
}
"""Each of them in words."""

RoomOrder = Literal["number", "recent"]
"""How the rooms are listed. By number they stay where they are, so that fingers learn Alt-1 … Alt-9."""

ROOM_ORDERS: Final[dict[RoomOrder, str]] = {
    "number": "By number: rooms, then people, each where it is",
    "recent": "Most recent first, who waits for you above",
}


@dataclass(slots=True)
class Settings:
    """Choices that outlive a run. `path` None (as in tests) reads and writes nothing."""

    theme: str = "auto"
    attention: Attention = "auto"
    room_order: RoomOrder = "number"
    path: Path | None = None

    @classmethod
    def load(cls, path: Path | None = None) -> Settings:
        """What is in the file; whatever cannot be read or is of the wrong kind keeps its default."""
        path = path or _default_path()
        settings = cls(path=path)
        try:
            kept = json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return settings
        if isinstance(kept, dict):
            if isinstance(theme := kept.get("theme"), str):
                settings.theme = theme
            attention = kept.get("attention")
            if attention in get_args(Attention):
                settings.attention = cast("Attention", attention)
            order = kept.get("room_order")
            if order in get_args(RoomOrder):
                settings.room_order = cast("RoomOrder", order)
        return settings

    @property
    def folder(self) -> Path:
        """Where the settings are, and what else the app keeps for its user."""
        return (self.path or _default_path()).parent

    def save(self) -> None:
        """Writes the file whole or not at all. A folder that cannot be written costs only the memory."""
        if self.path is None:
            return
        kept = {field.name: asdict(self)[field.name] for field in fields(self) if field.name != "path"}
        beside = self.path.with_suffix(f".{os.getpid()}")
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            beside.write_text(json.dumps(kept, indent=2) + "\n", "utf-8")
            beside.replace(self.path)
        except OSError:
            with suppress(OSError):
                beside.unlink()


def _default_path() -> Path:
    # Imported where it is used: 10 ms that only a real run pays.
    from platformdirs import user_config_path

    return user_config_path("talkline", appauthor=False) / "settings.json"
