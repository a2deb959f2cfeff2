"""How to be the same person on a second device: the line to type there, its secret covered until it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from chat_tui.kept import is_loopback
from chat_tui.screens.page import Page
from chat_tui.widgets.wrapping import drawable

if TYPE_CHECKING:
    from chat_tui.screens.chat import ChatScreen

COVER: Final = "•"


class OtherDevice(Page[None]):
    """Enter or S shows the secret, and covers it again; C copies the line. All text in it is drawn as text."""

    BINDINGS = [  # noqa: RUF012
        Binding("escape", "dismiss(None)", "Back", show=False),
        Binding("s,S", "show", "Show the secret", show=False),
        Binding("c,C", "copy", "Copy the line", show=False),
    ]

    def __init__(self, nick: str, secret: str, place: str) -> None:
        """`place` says which server it is: "den (den.example:5000)"."""
        super().__init__()
        self._nick, self._secret, self._place = nick, secret, place
        self._is_shown = False

    def compose(self) -> ComposeResult:
        """What to do there, what to type, what can be done here."""
        with Vertical(id="other-device") as box:
            box.border_title = Content.assemble("Use ", drawable(self._nick), " on another device")
            box.border_subtitle = "Esc closes"
            yield Static(
                Content(f"Start chat-tui there, on {drawable(self._place)}, and type:"), classes="page-more"
            )
            yield Static(id="other-device-line", classes="page-more")
            yield Static(
                Content(
                    "Once is enough: it is kept there. Whoever has the secret "
                    f"is {drawable(self._nick)} here, so show it to nobody."
                ),
                classes="page-more",
            )
            yield OptionList(id="other-device-keys", markup=False, compact=True)
            yield Static(id="other-device-said")

    def on_mount(self) -> None:
        """The secret is covered."""
        self._show()
        self.query_one(OptionList).focus()

    @property
    def line(self) -> str:
        """What to type on the other device."""
        return f"/nick {self._nick} {self._secret}"

    def tell(self, sentence: str) -> None:
        """Where the line was copied to."""
        said = self.query_one("#other-device-said", Static)
        said.update(Content(sentence))
        said.display = True

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """Enter or a click."""
        if event.option.id == "copy":
            self.action_copy()
        else:
            self.action_show()

    def action_show(self) -> None:
        """Shows the secret, or covers it."""
        self._is_shown = not self._is_shown
        self._show()

    def action_copy(self) -> None:
        """Copies the line; the app says where it is."""
        self.app.copy_to_clipboard(self.line)

    def _show(self) -> None:
        secret = self._secret if self._is_shown else COVER * 8
        line = Content.assemble(f"  /nick {drawable(self._nick)} ", (drawable(secret), "bold"))
        self.query_one("#other-device-line", Static).update(line)
        options = self.query_one(OptionList)
        at = options.highlighted or 0
        options.clear_options()
        for key, text in (
            ("S", f"{'Cover' if self._is_shown else 'Show'} the secret"),
            ("C", "Copy the line"),
        ):
            options.add_option(
                Option(Content.assemble((f" {key} ", "bold"), f" {text}"), "copy" if key == "C" else "show")
            )
        options.highlighted = at


def offer(chat: ChatScreen) -> None:
    """Opens the page, or says why there is nothing to use elsewhere."""
    model = chat.model
    secret = model.own_secret
    if secret is not None:
        host = chat.address.rpartition(":")[0].strip("[]")
        is_here = host == "localhost" or is_loopback(host)
        where = "the server of this machine" if is_here else chat.address
        chat.app.push_screen(OtherDevice(model.nick, secret, f"{model.server or 'talkline'} ({where})"))
    elif model.state != "online":
        chat.hint("There is no connection, so nobody knows yet whether the name is yours", is_refusal=True)
    elif not model.is_private:
        chat.hint("This connection is not encrypted, so no name can be your own on it", is_refusal=True)
    else:
        chat.hint(f"{model.nick} is not yours alone: /nick NAME takes a name that is", is_refusal=True)
