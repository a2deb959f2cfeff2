"""The app: it joins the client's thread, the model and the screens, and speaks to the terminal."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import tzinfo
from threading import Lock
from typing import Any, Protocol

from textual import on
from textual.app import App
from textual.events import AppBlur, AppFocus
from textual.message import Message
from textual.screen import Screen
from textual.widgets import TextArea

from chat_server import wire
from chat_server.text import fold
from chat_tui.actions import bindings
from chat_tui.client import ChatClient, Event
from chat_tui.drafts import KeptDrafts
from chat_tui.hosting import Hosted
from chat_tui.model import (
    Change,
    HelpWanted,
    Model,
    Notify,
    QuitWanted,
    SecretProved,
    Send,
)
from chat_tui.reaching import join_host, own_address
from chat_tui.screens.chat import ChatScreen
from chat_tui.screens.choosing import Choosing
from chat_tui.screens.leaving import leave
from chat_tui.screens.page import Page
from chat_tui.settings import Settings
from chat_tui.terminal import Terminal
from chat_tui.themes import DARK, OURS


class Client(Protocol):
    """What the app needs of a connection; tests give a scripted one."""

    def start(self) -> None:
        """Begins to connect and returns at once."""
        ...

    def send(self, line: wire.ClientLine) -> bool:
        """Queues a line; never blocks."""
        ...

    def retry_now(self) -> None:
        """Ends the wait for the next attempt."""
        ...

    def close(self) -> None:
        """Ends everything; no event comes afterwards."""
        ...


ClientFactory = Callable[[str, int, Callable[[Event], None]], Client]


class ChatApp(App[None]):
    """The real app, also in tests: those give it their own client, clock and settings."""

    CSS_PATH = "chat.tcss"
    TITLE = "Talkline"
    BINDINGS = bindings("app")
    ENABLE_COMMAND_PALETTE = False
    CLOSE_TIMEOUT = 2.0

    class Drain(Message):
        """Something has arrived from the client's thread; one of these stands for all of it."""

    class ServerEnded(Message):
        """The server that this app runs has ended by itself."""

        def __init__(self, why: str) -> None:
            super().__init__()
            self.why = why

    class Copied(Message):
        """A text is in the clipboard, or wherever the sentence says."""

        def __init__(self, sentence: str) -> None:
            super().__init__()
            self.sentence = sentence

    def __init__(
        self,
        host: str = "localhost",
        port: int = 5000,
        nick: str | None = None,
        *,
        settings: Settings | None = None,
        theme: str = DARK.name,
        hosted: Hosted | None = None,
        client: ClientFactory = ChatClient,
        secret_of: Callable[[str], str | None] = lambda nick: None,
        keep_secret: Callable[[str, str], bool] = lambda nick, secret: True,
        keep_nick: Callable[[str], None] = lambda nick: None,
        last_room: str = "",
        keep_room: Callable[[str], None] = lambda room: None,
        drafts: KeptDrafts | None = None,
        clock: Callable[[], float] = time.time,
        zone: tzinfo | None = None,
    ) -> None:
        """`clock` gives Unix seconds; `zone` None is the local one. `hosted` ends with `last_words`.
        `secret_of` gives the secret that proves a nick to be the user's; None to be a guest by it. `keep_secret`
        gets one that he typed, for the next start; False if that cannot be. `keep_nick` gets each nick that he wished
        for and has, for the next start, too; `keep_room` the room that is shown, which is `last_room` then. What is
        written and not sent is in `drafts`; with None it ends with the app.
        """
        super().__init__()
        self.settings = settings or Settings()
        self.model = Model(nick, clock=clock, secret_of=secret_of, last_room=last_room, zone=zone)
        self._host, self._port = host, port
        self._keep_secret = keep_secret
        self._keep_nick = keep_nick
        self._keep_room = keep_room
        self._room_kept = last_room
        self._nick_kept: str | None = None
        self._clock = clock
        self.terminal = Terminal(self, self.settings.attention)
        self.hosted = hosted
        self._client = client(host, port, self._arrive)
        self._arrived: list[Event] = []
        self._lock = Lock()
        self._is_ready = False
        self._has_focus = True
        self.chat = ChatScreen(
            self.model,
            self.take,
            hosted.address if hosted else join_host(host, port),
            clock,
            zone,
            self.action_redraw,
        )
        self._choosing = Choosing(self)
        self.chat.going.order = self.settings.room_order
        self._drafts = drafts
        if drafts is not None:
            self.chat.composer.restore(drafts.load())
        for ours in OURS:
            self.register_theme(ours)
        self.theme = theme

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """What the two ANSI themes of Textual 8.2.8 do not define."""
        return {"foreground-disabled": "ansi_bright_black"}

    # Starting and ending

    def get_default_screen(self) -> Screen[Any]:
        """The chat is there from the first frame on."""
        return self.chat

    def on_mount(self) -> None:
        """Connects."""
        self._show_title()
        self.set_interval(1.0, self._tick)
        if not self.is_headless:
            self._end_on_sigterm()
        self._client.start()
        if self.hosted is not None:
            self._tell_how_to_join(self.hosted)
            self.hosted.watch(self._server_ended)

    def on_unmount(self) -> None:
        """Ends the client's thread and gives the terminal its title back."""
        self._client.close()
        if self._drafts is not None:
            self._drafts.close()
        self.terminal.restore_title()

    def _end_on_sigterm(self) -> None:
        """SIGTERM ends the app as Ctrl-Q does, without a question."""
        import asyncio

        with suppress(NotImplementedError):  # Windows
            asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, self._terminate)

    def _terminate(self) -> None:
        self.keep_drafts()
        self.exit(return_code=143)

    def last_words(self) -> None:
        """Ends what runs beside the screen; any thread may call it, more than once."""
        self._client.close()
        if self.hosted is not None:
            self.hosted.stop()

    def _tick(self) -> None:
        self.take(self.model.tick(self._clock()))
        self.chat.tick()
        self.keep_drafts()

    def keep_drafts(self) -> bool:
        """Puts what is written on the disk, once a second: no key waits for it. Whether it is there now."""
        return self._drafts is not None and self._drafts.keep(self.chat.composer.drafts)

    @on(TextArea.Changed, "#composer")
    def _forget_what_was_sent(self) -> None:
        if self.chat.composer.is_empty:
            # Said once is enough, also if the app is killed in the same second.
            self.keep_drafts()

    # From the client's thread to the screen

    def _arrive(self, event: Event) -> None:
        """Client's thread: keeps the event, and wakes the UI if it does not know yet (0.4 µs an event)."""
        with self._lock:
            is_first = not self._arrived
            self._arrived.append(event)
        if is_first:
            self.post_message(self.Drain())

    @on(ChatScreen.Ready)
    def _begin(self) -> None:
        self._is_ready = True
        self._drain()

    @on(Drain)
    def _drain(self) -> None:
        if not (self._is_ready and self.chat.logs.is_attached):
            # A server on this machine may be faster than the first frame, and it goes on after the last.
            return
        with self._lock:
            events, self._arrived = self._arrived, []
        self.take(self.model.apply_all(events))

    def take(self, changes: Iterable[Change]) -> None:
        """Does what is for the client, the terminal or the app; the rest goes to the screen."""
        for_screen: list[Change] = []
        for change in changes:
            match change:
                case Send(line):
                    self._client.send(line)
                case Notify(room, message):
                    if not self._has_focus:
                        self.terminal.attract(
                            message.nick or room, message.text.replace(wire.LINE_BREAK, " ")
                        )
                case SecretProved(nick, secret):
                    if not self._keep_secret(nick, secret):
                        why = f"The secret of {nick} could not be kept: you have to type it at the next start"
                        for_screen += self.model.note(why, "error")
                case HelpWanted():
                    self.action_help()
                case QuitWanted(text):
                    leave(self, text)
                case _:
                    for_screen.append(change)
        if for_screen:
            self.chat.take(for_screen)
            self._show_title()
        nick, wished = self.model.nick, self.model.wished_nick
        is_online = self.model.state == "online"
        if nick != self._nick_kept and is_online and wished is not None and fold(wished) == fold(nick):
            self._nick_kept = nick
            self._keep_nick(nick)
        here = self.model.current
        is_kept = here.name == self._room_kept or here.is_direct or not here.is_joined
        if is_online and not is_kept and not self.model.is_arriving:
            self._room_kept = here.name
            self._keep_room(here.name)

    # The terminal

    def _show_title(self) -> None:
        unread = self.model.unread
        count = f"({unread}) " if unread else ""
        self.terminal.set_title(f"{count}{self.model.current_room} · Talkline")

    def copy_to_clipboard(self, text: str, why: str = "") -> None:
        """Also where the terminal itself does not reach; the status line says where the text is, and `why` it was copied
        if nobody asked for that."""
        super().copy_to_clipboard(text)

        def tell(sentence: str) -> None:
            told = f"{why}: {sentence[:1].lower()}{sentence[1:]}" if why else sentence
            self.post_message(self.Copied(told))

        self.terminal.copy(text, tell)

    @on(Copied)
    def _tell_what_was_copied(self, event: Copied) -> None:
        self.chat.hint(event.sentence)
        if isinstance(self.screen, Page):
            self.screen.tell(event.sentence)

    @on(AppBlur)
    def _blurred(self) -> None:
        self._has_focus = False
        self.take(self.model.look(False, self.chat.is_at_end, self.chat.is_line_in_sight))

    @on(AppFocus)
    def _focused(self) -> None:
        self._has_focus = True
        self.take(self.model.look(True, self.chat.is_at_end, self.chat.is_line_in_sight))

    # Actions

    def action_menu(self) -> None:
        """F2."""
        if self.screen is self.chat:
            self._choosing.menu()

    def action_theme(self) -> None:
        """Chooses the colours."""
        self._choosing.theme()

    def action_attention(self) -> None:
        """Chooses how the terminal calls for attention."""
        self._choosing.attention()

    def action_room_order(self) -> None:
        """Chooses how the rooms are listed."""
        self._choosing.room_order()

    def action_other_device(self) -> None:
        """Shows what to type on another device to be the same person there."""
        from chat_tui.screens.other_device import offer

        if self.screen is self.chat:
            offer(self.chat)

    def action_others(self) -> None:
        """Shows what others type to come here."""
        from chat_tui.screens.others import Others, ways

        if self.screen is self.chat:
            own = self.hosted.host if self.hosted else own_address()
            self.push_screen(Others(ways(self._host, self._port, own, is_hosted=self.hosted is not None)))

    def action_help(self) -> None:
        """F1: keys and commands."""
        from chat_tui.screens.help import Help

        if self.screen is self.chat:
            self.push_screen(Help())

    def action_reconnect(self) -> None:
        """F5."""
        self._client.retry_now()

    def action_redraw(self) -> None:
        """Ctrl-L: everything again, for a terminal that something else has written on."""
        self.terminal.wipe()
        self.screen.refresh(repaint=True, layout=True)
        self.refresh(repaint=True, layout=True)

    async def action_quit(self) -> None:
        """Ctrl-Q."""
        leave(self, "")

    # A server of one's own

    def _tell_how_to_join(self, hosted: Hosted) -> None:
        lines = (
            "This app runs the server; others join:",
            f"  chat-tui {hosted.address}",
            f"  nc {hosted.host} {hosted.port}   (nothing to install)",
            "F2, “How others join”, shows it again",
        )
        self.take(self.model.note(wire.LINE_BREAK.join(lines)))

    def _server_ended(self, why: str) -> None:
        """From the thread that watches the server."""
        self.post_message(self.ServerEnded(why))

    @on(ServerEnded)
    def _tell_that_server_ended(self, event: ServerEnded) -> None:
        self.take(self.model.note(event.why, kind="error"))
