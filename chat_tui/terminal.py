"""What the app says to the terminal itself: its title, a bell, a desktop note; and what it must know of it.

Textual has no door for these, so everything that touches its private parts is in this file.
"""

from __future__ import annotations

import os
import re
import signal
import sys
from collections.abc import Callable, Mapping
from enum import Enum
from threading import Thread
from time import monotonic
from typing import Any, Final

from textual.app import App

from chat_server.text import clean
from chat_tui.settings import Attention

TITLE_CELLS: Final = 80
NOTE_CELLS: Final = 120
BETWEEN_NOTES: Final = 3.0
"""Seconds without another note after one: a lively room rings once, not with every line."""

LAST_SECONDS: Final = 9.0
"""What ending may take once the terminal is gone; a hosted server is given 8 s to flush."""

_SAVE_TITLE: Final = "\x1b[22;2t"
_RESTORE_TITLE: Final = "\x1b[23;2t"


class Terminal:
    """The terminal that an app runs in. Everything here is for the UI thread, and silent without a driver."""

    def __init__(
        self,
        app: App[Any],
        attention: Attention = "auto",
        *,
        clock: Callable[[], float] = monotonic,
        environ: Mapping[str, str] = os.environ,
    ) -> None:
        self._app = app
        self.attention: Attention = attention
        self._clock = clock
        self._environ = environ
        self._last_note = float("-inf")
        self._title = ""

    def set_title(self, title: str) -> None:
        """Names the window; the first call puts the old name on the terminal's own stack."""
        title = _plain(title, TITLE_CELLS)
        if title == self._title:
            return
        self._write(f"{'' if self._title else _SAVE_TITLE}\x1b]2;{title}\x07")
        self._title = title

    def restore_title(self) -> None:
        """Gives the window the name back that it had before."""
        if self._title:
            self._write(_RESTORE_TITLE)
            self._title = ""

    def wipe(self) -> None:
        """Clears the screen, for what is drawn next: a cell that no row reaches is not drawn over (see `is_disputed`)."""
        # Shown together with what follows, where the terminal can: else it would flicker.
        self._write("\x1b[?2026h\x1b[2J")

    def attract(self, who: str, text: str) -> bool:
        """A bell or a desktop note, at most one in BETWEEN_NOTES seconds; whether there was one."""
        now = self._clock()
        if self.attention == "off" or now - self._last_note < BETWEEN_NOTES:
            return False
        self._last_note = now
        self._write(self._note(_plain(who, 40), _plain(text, NOTE_CELLS)))
        return True

    def copy(self, text: str, told: Callable[[str], None]) -> None:
        """Gives a text to the clipboards around the terminal, and says so to `told`, perhaps in another thread."""
        from chat_tui import clipboard

        if self._app.is_headless:
            told(clipboard.report(text, []))
        else:
            clipboard.copy(text, told)

    def _note(self, who: str, text: str) -> str:
        if self.attention == "auto" and "TMUX" not in self._environ:
            program, term = self._environ.get("TERM_PROGRAM", ""), self._environ.get("TERM", "")
            if program in ("iTerm.app", "ghostty", "WezTerm") or "KITTY_WINDOW_ID" in self._environ:
                return f"\x1b]9;{who}: {text}\x07"
            if term.startswith(("foot", "rxvt")):
                # The parts of this one are divided by semicolons.
                return f"\x1b]777;notify;{who.replace(';', ',')};{text}\x07"
        return "\x07"

    def _write(self, sequence: str) -> None:
        driver = self._app._driver
        if driver is not None and not self._app.is_headless:
            driver.write(sequence)
            driver.flush()


def is_disputed(text: str) -> bool:
    """Whether terminals disagree on how wide a text is: a row with it may end a cell before its edge, and what stood
    there stays. tmux 3.3 takes a heart with U+FE0F for one cell, others for two."""
    return "\ufe0f" in text or "\u200d" in text


def _plain(text: str, length: int) -> str:
    text = clean(text)
    return text if len(text) <= length else text[: length - 1] + "…"


class _Legacy(Enum):
    """Keys that a terminal without the kitty protocol sends as ESC and a character."""

    ENTER = "alt+enter"
    ONE = "alt+1"
    TWO = "alt+2"
    THREE = "alt+3"
    FOUR = "alt+4"
    FIVE = "alt+5"
    SIX = "alt+6"
    SEVEN = "alt+7"
    EIGHT = "alt+8"
    NINE = "alt+9"


def learn_alt_keys() -> None:
    """Makes Alt-Enter and Alt-1 … Alt-9 arrive as such.

    Textual 8.2.8 reads ESC CR as plain Enter (which would send the half-written message) and ESC 1 as the "¡"
    that a Mac's Option key makes.
    """
    from textual._ansi_sequences import ANSI_SEQUENCES_KEYS

    table: dict[str, Any] = ANSI_SEQUENCES_KEYS  # type: ignore[assignment]
    table["\x1b\r"] = (_Legacy.ENTER,)
    for digit, key in enumerate(list(_Legacy)[1:], 1):
        table[f"\x1b{digit}"] = (key,)


def has_light_background(environ: Mapping[str, str] = os.environ, *, wait: float = 0.7) -> bool:
    """Whether the terminal is light: by COLORFGBG if that is set, else by asking the terminal itself.

    `wait` bounds the asking, in seconds; a local terminal answers within a few milliseconds. Call it before
    Textual reads from the terminal. Dark where nothing is known.
    """
    background = environ.get("COLORFGBG", "").rpartition(";")[2]
    if background.isdecimal():
        return int(background) in (7, 15)
    if not (sys.stdin.isatty() and sys.stdout.isatty()) or environ.get("TERM") in (None, "dumb", "linux"):
        return False
    return is_light_reply(_ask_terminal("\x1b]11;?\x07\x1b[c", wait))


_COLOR: Final = re.compile(r"\x1b\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)")


def is_light_reply(reply: str) -> bool:
    """Whether an answer to OSC 11 ("rgb:ffff/ffff/ffff") is a light colour; False if it is no answer."""
    found = _COLOR.search(reply)
    if found is None:
        return False
    red, green, blue = (int(part, 16) / float(16 ** len(part) - 1) for part in found.groups())
    return 0.299 * red + 0.587 * green + 0.114 * blue > 0.5


def _ask_terminal(question: str, wait: float) -> str:
    """What the terminal answers, up to its device attributes, which every terminal sends: an answer that
    came after we stopped to listen would end in the input bar."""
    try:
        import select
        import termios
        import tty
    except ImportError:
        return ""
    stdin = sys.stdin.fileno()
    try:
        before = termios.tcgetattr(stdin)
    except termios.error:
        return ""
    reply = ""
    try:
        tty.setcbreak(stdin, termios.TCSANOW)
        os.write(sys.stdout.fileno(), question.encode())
        until = monotonic() + wait
        while not re.search(r"\x1b\[\?[0-9;]*c", reply):
            if not select.select([stdin], [], [], max(0.0, until - monotonic()))[0]:
                break
            reply += os.read(stdin, 1024).decode("latin-1")
    except OSError:
        return ""
    finally:
        termios.tcsetattr(stdin, termios.TCSANOW, before)
    return reply


def end_with_terminal(last_words: Callable[[], None]) -> None:
    """Ends the process (exit code 129) when its terminal is gone: a window closed, a connection lost.

    Textual 8.2.8 cannot: its writer thread dies with the terminal, whoever writes then waits for ever, and the
    reader takes a whole core for reading nothing. `last_words` gets LAST_SECONDS.
    """

    def end(number: int, frame: object) -> None:
        # In a thread of its own: this one may be holding what it needs.
        words = Thread(target=last_words, daemon=True)
        words.start()
        words.join(LAST_SECONDS)
        os._exit(128 + number)

    if hasattr(signal, "SIGHUP"):
        signal.signal(signal.SIGHUP, end)
        Thread(target=_wait_for_hangup, name="watch the terminal", daemon=True).start()


def _wait_for_hangup() -> None:
    """Raises SIGHUP when the terminal is gone: it comes by itself only to the terminal's own session."""
    import select

    if not hasattr(select, "poll") or not sys.stdin.isatty():
        return
    poll = select.poll()
    # Asks for nothing, and is told of a hangup all the same. (macOS answers at once that it cannot.)
    poll.register(sys.stdin.fileno(), 0)
    if any(happened & select.POLLHUP for _, happened in poll.poll()):
        os.kill(os.getpid(), signal.SIGHUP)
