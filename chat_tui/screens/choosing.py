"""The lists one chooses from: the menu (F2), themes, how one is called, the order of the rooms."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from textual.theme import BUILTIN_THEMES

from chat_tui.actions import ACTIONS
from chat_tui.model import RoomsChanged
from chat_tui.settings import ATTENTION, ROOM_ORDERS, Attention, RoomOrder
from chat_tui.themes import OURS

if TYPE_CHECKING:
    from chat_tui.app import ChatApp


class Choosing:
    """Opens a list, does what was chosen, and remembers it where that is for longer than now."""

    def __init__(self, app: ChatApp) -> None:
        self._app = app

    def menu(self) -> None:
        """What the table of actions has, by name."""
        from chat_tui.screens.pick import Choice, Pick

        app = self._app

        def run(name: str | None) -> None:
            if name is not None:
                is_of_chat = any(action.of == "chat" and action.name == name for action in ACTIONS)
                app.call_later(app.run_action, f"{'screen' if is_of_chat else 'app'}.{name}")

        choices = [Choice(action.name, action.title, action.key_names) for action in ACTIONS if action.title]
        app.push_screen(Pick("Menu", "what to do", choices), run)

    def theme(self) -> None:
        """The colours."""
        from chat_tui.screens.pick import Choice, Pick

        app = self._app

        def take(name: str | None) -> None:
            if name is not None:
                app.theme = app.settings.theme = name
                app.settings.save()

        names = [theme.name for theme in OURS] + sorted(BUILTIN_THEMES)
        choices = [Choice(name, name, "now" if name == app.theme else "") for name in names]
        app.push_screen(Pick("Theme", "name", choices), take)

    def attention(self) -> None:
        """How the terminal calls for attention."""
        from chat_tui.screens.pick import Choice, Pick

        app = self._app

        def take(kind: str | None) -> None:
            for attention in get_args(Attention):
                if kind == attention:
                    app.settings.attention = app.terminal.attention = attention
                    app.settings.save()

        now = app.settings.attention
        choices = [Choice(kind, text, "now" if kind == now else "") for kind, text in ATTENTION.items()]
        app.push_screen(Pick("Bell and notes", "when you are called and look elsewhere", choices), take)

    def room_order(self) -> None:
        """How the rooms are listed."""
        from chat_tui.screens.pick import Choice, Pick

        app = self._app

        def take(kind: str | None) -> None:
            for order in get_args(RoomOrder):
                if kind == order:
                    app.settings.room_order = app.chat.going.order = order
                    app.settings.save()
                    app.take([RoomsChanged()])

        now = app.settings.room_order
        choices = [Choice(kind, text, "now" if kind == now else "") for kind, text in ROOM_ORDERS.items()]
        app.push_screen(Pick("Order of the rooms", "how they are listed", choices), take)
