"""The real app with a scripted connection, and what is on its screen as text."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC
from textwrap import dedent
from time import monotonic

from textual import events
from textual.pilot import Pilot

from chat_server import wire
from chat_tui.app import ChatApp
from chat_tui.client import Connected, Event, Received
from chat_tui.settings import Settings
from tests.servers import SECONDS

NOW = 1795366860
"""2026-11-22 17:01:00 UTC, the time at which every scripted app is."""

WELCOME = """
    2026-11-22T16:50:00Z welcome chat/1 den epoch=8Kd2 last=1040 line=4096 text=3500 nick=guest-7 room=#lobby tls=no
    2026-11-22T16:50:00Z nick guest-7 ann
    2026-11-22T16:50:00Z begin who #lobby
    2026-11-22T16:50:00Z who #lobby +ann @+bob ~carol Zoë 田中
    2026-11-22T16:50:00Z end who #lobby
"""


class Script:
    """A connection that does what the test says. `sent` is what the app sent, as it would be typed."""

    def __init__(self, host: str, port: int, on_event: Callable[[Event], None]) -> None:
        self.on_event = on_event
        self.sent: list[str] = []
        self.is_started = False
        self.is_closed = False
        self.retries = 0
        self.is_connected = False

    def start(self) -> None:
        self.is_started = True

    def send(self, line: wire.ClientLine) -> bool:
        if self.is_connected:
            self.sent.append(wire.format_client(line))
        return self.is_connected

    def retry_now(self) -> None:
        self.retries += 1

    def close(self) -> None:
        self.is_closed = True

    def connect(self, lines: str = WELCOME) -> None:
        self.is_connected = True
        self.on_event(Connected(is_private=True))
        self.receive(lines)

    def receive(self, lines: str) -> None:
        """Lines of the server, as they stand on the wire."""
        for line in dedent(lines).strip().splitlines():
            self.on_event(Received(wire.parse_server(line.strip())))


def scripted_app(**options: object) -> tuple[ChatApp, Script]:
    """The app, and the connection it will use."""
    scripts: list[Script] = []

    def client(host: str, port: int, on_event: Callable[[Event], None]) -> Script:
        scripts.append(Script(host, port, on_event))
        return scripts[-1]

    options = {
        "nick": "ann",
        "settings": Settings(),
        "clock": lambda: float(NOW),
        "zone": UTC,
    } | options
    app = ChatApp(client=client, **options)  # type: ignore[arg-type]
    return app, scripts[0]


def text_of(app: ChatApp) -> str:
    """The screen, a line for each row, without trailing blanks. (Textual's private door; the only place.)"""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: Pilot[None], is_so: Callable[[], object], what: str = "") -> None:
    """Lets the app work until something is so; fails with the screen if it never is."""
    ends_at = monotonic() + SECONDS
    while monotonic() < ends_at:
        await pilot.pause()
        if is_so():
            return
        await pilot.pause(0.01)
    raise AssertionError(f"{what or 'it'} never came about on\n{text_of(pilot.app)}")  # type: ignore[arg-type]


SIZE = (100, 24)

GAMES = """
    2026-11-22T16:51:00Z join #games ann
    2026-11-22T16:51:00Z begin history #games
    2026-11-22T16:51:00Z end history #games
    2026-11-22T16:51:00Z begin who #games
    2026-11-22T16:51:00Z who #games ann dave
    2026-11-22T16:51:00Z end who #games
"""


class Running:
    """An app in a test, connected unless told otherwise."""

    def __init__(self, *, is_connected=True, size=SIZE, **options):
        self.app, self.script = scripted_app(**options)
        self._is_connected, self._context = is_connected, self.app.run_test(size=size)

    async def __aenter__(self):
        self.pilot = await self._context.__aenter__()
        await self.pilot.pause()
        if self._is_connected:
            await self.receive(None)
        return self

    async def __aexit__(self, *exception):
        return await self._context.__aexit__(*exception)

    @property
    def chat(self):
        return self.app.screen_stack[0]

    @property
    def composer(self):
        return self.chat.composer

    @property
    def text(self):
        return text_of(self.app)

    @property
    def said(self):
        """What was sent to be said, without its label."""
        return [line.split(" ", 2)[-1] for line in self.script.sent if " /msg " in line or " /me " in line]

    async def receive(self, lines):
        if lines is None:
            self.script.connect()
        else:
            self.script.receive(lines)
        await self.pilot.pause()

    async def press(self, *keys):
        """Keys all at once, as a terminal would send them."""
        for key in keys:
            self.app.post_message(events.Key("space" if key == " " else key, key if len(key) == 1 else None))
        await self.pilot.pause()
        await self.pilot.pause()

    async def write(self, text):
        await self.press(*text)


async def join_games(on: Running) -> None:
    """A second room, and shown."""
    await on.write("/join #games")
    await on.press("enter")
    await on.receive(GAMES)
