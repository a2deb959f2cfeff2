"""What is copied: to the terminal's own clipboard, and to every clipboard that the terminal does not reach.

OSC 52, which is all that Textual knows, is swallowed by tmux as it comes (`set-clipboard external`, and
`allow-passthrough off` since 3.3: measured with 3.3a) and by GNOME's terminal; over ssh it is the only way.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Thread
from typing import Final

from chat_tui.kept import has_secret

SECONDS: Final = 2.0
"""A program that has not taken the text by then will not: the X server that DISPLAY names is gone, say."""

_TERMINAL: Final = "the terminal's clipboard"

SHOWN: Final = 30
"""So many characters of a text are told, to see that it is the right one."""


@dataclass(frozen=True, slots=True)
class Keeper:
    """A program that takes the text on its standard input. `where` ends the sentence "Copied 12 characters to"."""

    where: str
    commands: tuple[tuple[str, ...], ...]
    """The first one that succeeds is enough."""

    def keep(self, text: bytes) -> bool:
        """Whether one of the commands took the text. Blocks, for SECONDS each at most."""
        return any(_took(command, text) for command in self.commands)


_TMUX: Final = Keeper(
    "tmux (prefix ] pastes) and its terminal",
    (("tmux", "load-buffer", "-w", "-"),),
)
_OLD_TMUX: Final = Keeper("tmux (prefix ] pastes)", (("tmux", "load-buffer", "-"),))
"""Before 3.2 there was no -w, which gives the text to the terminal around tmux as well."""
_MAC: Final = Keeper("the clipboard", (("pbcopy",),))
_WAYLAND: Final = Keeper("the clipboard", (("wl-copy",),))
_X: Final = Keeper(
    "the clipboard", (("xclip", "-selection", "clipboard"), ("xsel", "--clipboard", "--input"))
)


def keepers(environ: Mapping[str, str], platform: str = sys.platform) -> list[list[Keeper]]:
    """Who should have the text beside the terminal; of each group the first who takes it."""
    groups = []
    if environ.get("TMUX"):
        groups.append([_TMUX, _OLD_TMUX])
    # Over ssh the clipboard of that machine is not the one that the user pastes from, but a forwarded X is.
    is_far = "SSH_CONNECTION" in environ or "SSH_TTY" in environ
    here = []
    if platform == "darwin" and not is_far:
        here.append(_MAC)
    if environ.get("WAYLAND_DISPLAY") and not is_far:
        here.append(_WAYLAND)
    if environ.get("DISPLAY"):
        here.append(_X)
    return [*groups, here] if here else groups


def copied(text: str, environ: Mapping[str, str] = os.environ) -> str:
    """Gives a text to whoever keeps it beside the terminal, and says in whose hands it is. Blocks for seconds."""
    content = text.encode("utf-8", "replace")
    places = []
    for group in keepers(environ):
        keeper = next((keeper for keeper in group if keeper.keep(content)), None)
        if keeper is not None:
            places.append(keeper.where)
    return report(text, places)


def report(text: str, places: list[str]) -> str:
    """`Copied “make test” to the clipboard`; with no place it is the terminal that has to keep it. A text of several
    lines, or with a spoiler or a secret in it, is only counted."""
    begin = text if len(text) <= SHOWN else f"{text[: SHOWN - 1]}…"
    is_counted = "\n" in text or "||" in text or has_secret(text)
    what = f"{len(text):,} characters" if is_counted else f"“{begin}”"
    return f"Copied {what} to {', '.join(places) or _TERMINAL}"


def copy(text: str, told: Callable[[str], None]) -> None:
    """`copied` in a thread of its own, and its sentence to `told` there; at once if there is nobody but the
    terminal."""
    if not keepers(os.environ):
        told(report(text, []))
        return
    Thread(target=lambda: told(copied(text)), name="copy", daemon=True).start()


def _took(command: tuple[str, ...], text: bytes) -> bool:
    if shutil.which(command[0]) is None:
        return False
    try:
        # xclip and wl-copy stay behind to hand the text out: they must not hold a pipe of ours open.
        done = subprocess.run(
            command,
            input=text,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=SECONDS,
            check=False,
            start_new_session=True,
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0
