"""The one table of what a key does. Bindings, menu, hints, help page and README all come from it.

Each action is a method `action_NAME` of the widget, screen or app that it is `of`; a test holds them together.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from textual.binding import Binding, BindingType

from chat_server.wire import COMMANDS

Owner = Literal["composer", "row", "chat", "app"]
"""Who carries the action out: the input bar, the message under the cursor (whose keys come first while there is
one), the chat screen, or the app (also while a page is open)."""


@dataclass(frozen=True, slots=True)
class Action:
    """One thing that a person can do with a key.

    `keys` as Textual writes them, comma between alternatives. `help` is a line of the help page and of the
    README. `title` stands in the menu, none keeps it out; `hint` in the status line, where there is room.
    """

    name: str
    keys: str
    of: Owner
    group: str
    help: str
    title: str = ""
    hint: str = ""
    shown: str = ""

    @property
    def key_list(self) -> list[str]:
        """The keys one by one; none for what only the menu has."""
        return [key for key in self.keys.split(",") if key]

    @property
    def key_names(self) -> str:
        """The keys as people write them: "Alt-Enter, Ctrl-J"."""
        return self.shown or ", ".join(map(key_name, self.key_list))

    @property
    def first_key(self) -> str:
        """The first of the keys: what a hint names."""
        return key_name(self.key_list[0])


_KEY_NAMES: Final = {
    "escape": "Esc",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "plus": "+",
    "backslash": "\\",
}


def key_name(key: str) -> str:
    """A key as people write it: "alt+enter" is "Alt-Enter", "pageup" is "PgUp"."""
    return "-".join(_KEY_NAMES.get(part, part.capitalize()) for part in key.split("+"))


WRITING, READING, ROOMS, APP = "Writing", "Reading", "Rooms and people", "The app"
MESSAGE = "The message under the cursor"

ACTIONS: Final[tuple[Action, ...]] = (
    Action("send", "enter", "composer", WRITING, "Send what you wrote"),
    Action("newline", "alt+enter,ctrl+j,shift+enter", "composer", WRITING, "Start a new line in the message"),
    Action(
        "complete",
        "tab",
        "composer",
        WRITING,
        "Complete a nick, a /command, a #room or an :emoji:; again for the next one",
    ),
    Action("complete_back", "shift+tab", "composer", WRITING, "Back to the completion before"),
    Action("older_sent", "up", "composer", WRITING,
           "In an empty line: edit your last message; again, or else: what you sent before"),
    Action("newer_sent", "down", "composer", WRITING, "Back towards what you were writing"),
    Action(
        "copy_or_clear",
        "ctrl+c,super+c",
        "chat",
        WRITING,
        "Copy what is selected; with nothing selected, clear the line",
        shown="Ctrl-C",
    ),
    Action("page_up", "pageup", "chat", READING, "Scroll back, while you go on typing"),
    Action("page_down", "pagedown", "chat", READING, "Scroll forward"),
    Action("newest", "escape", "chat", READING,
           "Go to the newest message and stay there; again: take away answers to commands",
           title="Go to the newest message"),
    Action("newest_if_empty", "end", "chat", READING, "The same, while the line is empty"),
    Action("search", "ctrl+f", "chat", READING, "Search what was said; Enter goes to the message",
           title="Search …", hint="search"),
    Action("mentions", "alt+m", "chat", READING, "Where you were mentioned, and unread direct messages",
           title="Mentions …"),
    Action("cursor_up", "alt+up", "chat", MESSAGE, "Put the cursor on a message; then on the one above",
           title="Put the cursor on a message"),
    Action("cursor_down", "alt+down", "chat", MESSAGE, "The message below"),
    Action("above", "up", "row", MESSAGE, "The message above, while there is a cursor"),
    Action("below", "down", "row", MESSAGE, "The message below, while there is a cursor"),
    Action("reply", "r", "row", MESSAGE, "Reply to it", hint="reply"),
    Action("edit", "e", "row", MESSAGE, "Edit it, if it is yours", hint="edit"),
    Action("react", "plus", "row", MESSAGE, "React with an emoji; the same again takes it back", hint="react"),
    Action("delete", "d", "row", MESSAGE, "Delete it, if it is yours; asks first. Forgets what could not be sent",
           hint="delete"),
    Action("copy", "y", "row", MESSAGE, "Copy its text", hint="copy"),
    Action("open", "enter", "row", MESSAGE,
           "Reveal a spoiler, open its link, load what is missing, send again what failed",
           hint="open"),
    Action("mark_unread", "u", "row", MESSAGE, "Mark as unread from here on", hint="unread"),
    Action("leave", "escape", "row", MESSAGE, "Take the cursor away", hint="back"),
    Action("switcher", "ctrl+k", "chat", ROOMS, "Go to a room or a person by typing a part of its name",
           title="Go to a room or person …", hint="go to"),
    Action("next_unread", "alt+a", "chat", ROOMS,
           "Where the unread begins: here, then in the next room with some, mentions first",
           title="Next unread room"),
    Action("next_room", "ctrl+n", "chat", ROOMS, "Next room", title="Next room"),
    Action("previous_room", "ctrl+p", "chat", ROOMS, "Previous room", title="Previous room"),
    *(
        Action(f"room({number})", f"alt+{number}", "chat", ROOMS, f"Room number {number} of the list")
        for number in range(1, 10)
    ),
    Action("toggle_rooms", "f7", "chat", ROOMS, "Show or hide the rooms; while names are cut, widen them first",
           title="Show or hide the rooms"),
    Action("toggle_people", "f8", "chat", ROOMS, "Show or hide the people", title="Show or hide the people"),
    Action("room_order", "", "app", ROOMS, "List the rooms by number, or the most recent first; remembered",
           title="Order of the rooms …"),
    Action("help", "f1", "app", APP, "All keys and commands", title="Help", hint="help"),
    Action("menu", "f2", "app", APP, "Everything the app can do, by name", hint="menu"),
    Action("reconnect", "f5", "app", APP, "Connect again now, without waiting", title="Connect again now"),
    Action("theme", "", "app", APP, "Choose the colours; remembered for the next time", title="Theme …"),
    Action("attention", "", "app", APP, "Choose how you are called while you look elsewhere", title="Bell and notes …"),
    Action("other_device", "", "app", APP, "Use your name on another device: shows what to type there",
           title="Use my name on another device …"),
    Action("others", "", "app", APP, "How others join: the lines to type on their machines", title="How others join …"),
    Action("redraw", "ctrl+l", "app", APP, "Draw the screen again, if something has written over it",
           title="Draw the screen again"),
    Action("quit", "ctrl+q", "app", APP, "Leave; asks first if something would be lost", title="Leave", hint="leave"),
)  # fmt: skip
"""Every action, in the order in which help and README list them."""


def bindings(owner: Owner) -> list[BindingType]:
    """Textual's bindings of one owner's actions."""
    return [
        # None has priority: such a key overtakes the letters typed before it, and Enter would send half a word.
        Binding(action.keys, action.name, action.help, show=False)
        for action in ACTIONS
        if action.of == owner and action.keys
    ]


def taken_keys() -> frozenset[str]:
    """Every key of the table: what TextArea's own bindings must leave alone."""
    return frozenset(key for action in ACTIONS if action.of != "row" for key in action.key_list)


def key_rows() -> list[tuple[str, str, str]]:
    """(group, keys, help) for the help page and the README; the nine room keys are one row. What has no key is in
    the menu."""
    menu = next(action.first_key for action in ACTIONS if action.name == "menu")
    rows = []
    for action in ACTIONS:
        if action.name == "room(1)":
            rows.append((action.group, "Alt-1 … Alt-9", "Room by its number in the list"))
        elif not action.name.startswith("room("):
            rows.append((action.group, action.key_names or f"{menu}, by name", action.help))
    return rows


_BASICS: Final = (
    ("send", "Say what you wrote to the room that you see"),
    ("/nick", "Call yourself NAME"),
    ("/join", "Go to a room; a new one is made by going there"),
    ("/msg", "Say something in #room, or to @nick alone"),
    ("switcher", "Go to a room or a person by a part of its name"),
    ("next_unread", "Go to what you have not read"),
    ("search", "Search what was said"),
    ("cursor_up", "Choose a message: to reply, react, edit, delete, copy"),
    ("complete", "Complete a name, a /command, an :emoji:"),
    ("menu", "Everything the app can do, by name"),
    ("quit", "Leave"),
)
"""What everybody needs, by the name of its action or command."""


def basic_rows() -> list[tuple[str, str]]:
    """(key or usage, what it does) of what everybody needs, for the top of the help page."""
    keys = {action.name: action.first_key for action in ACTIONS if action.keys}
    usages = {f"/{name}": spec.usage.partition(" [")[0] for name, spec in COMMANDS.items()}
    return [((keys | usages)[name], text) for name, text in _BASICS]


def command_rows() -> list[tuple[str, str]]:
    """(usage, help) of every slash command, from the table that the server itself reads."""
    return [(spec.usage, spec.help) for spec in COMMANDS.values()]


def render_keys() -> str:
    """The README's table of keys, in Markdown."""
    return _markdown(("Key", "What it does"), ((f"`{keys}`", text) for _, keys, text in key_rows()))


def render_commands() -> str:
    """The README's table of commands, in Markdown."""
    return _markdown(("Command", "What it does"), ((f"`{usage}`", text) for usage, text in command_rows()))


def _markdown(head: tuple[str, str], rows: Iterable[tuple[str, str]]) -> str:
    lines = [head, ("---", "---"), *rows]
    return "\n".join(f"| {left} | {right} |" for left, right in lines)
