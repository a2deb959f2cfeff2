"""What a search found, or where one was mentioned: a list that goes to the message."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from datetime import datetime, tzinfo
from typing import Final

from textual.app import ComposeResult
from textual.binding import Binding
from textual.color import Color
from textual.containers import Vertical
from textual.content import Content
from textual.style import Style
from textual.timer import Timer
from textual.widgets import Input, OptionList, Static
from textual.widgets.option_list import Option

from chat_server.wire import SEARCH_FILTERS, read_question
from chat_tui.formatting import preview
from chat_tui.model import FoundMessage
from chat_tui.nick_colors import nick_color
from chat_tui.screens.page import Page
from chat_tui.widgets.wrapping import cut, drawable

PAUSE: Final = 0.4
"""Seconds without a key after which is searched for what is typed; Enter does not wait."""

ONE_ROW: Final = 76
"""From so many cells on a result is one row; below, when and where stand above the text."""

PAGES: Final = 10
"""So many pages of mentions without one are passed over by themselves; then the end of the list has to be gone to."""

_DAY: Final = r"\d{4}-\d\d-\d\d|today|yesterday"
_COMPLETE: Final = {
    "from": r"@?\w.*",
    "in": r"[#@]?\w.*",
    "on": _DAY,
    "after": _DAY,
    "before": rf"{_DAY}|\d+",
}
_EXAMPLES: Final = {
    "from": "from:ann",
    "in": "in:#games or in:@ann",
    "on": "on:2026-11-22 or on:today",
    "after": "after:2026-11-22 (that day, too) or after:today",
    "before": "before:2026-11-22 (that day not) or before:today",
}
_OPEN: Final = re.compile(r'(?<!\S)["“„«][^"“”„«»]*\Z')
"""A phrase that has no end yet."""

HINT: Final = "Each of them also alone; a day is today, yesterday or 2026-11-22"
_MATCHED: Final = Style(bold=True, underline=True)


class Search(Page[FoundMessage | None]):
    """Gives the message to go to, or None for Esc. All text in it is drawn as text.

    `ask` is called with words (and the id that results lie before, for more of them), and answers some time
    later by `show`. Without it `found` is the list, and typing makes it shorter; `older` is asked for what is not in
    it, at first and whenever the end is near, until there is no more.
    """

    BINDINGS = [  # noqa: RUF012
        Binding("escape,ctrl+f,alt+m", "dismiss(None)", "Back", show=False, priority=True),
        Binding("down,ctrl+n,tab", "step(1)", "Next", show=False, priority=True),
        Binding("up,ctrl+p,shift+tab", "step(-1)", "Previous", show=False, priority=True),
        Binding("pagedown", "page(1)", "Next page", show=False, priority=True),
        Binding("pageup", "page(-1)", "Previous page", show=False, priority=True),
    ]

    def __init__(
        self,
        title: str,
        prompt: str,
        now: float,
        zone: tzinfo | None,
        *,
        ask: Callable[[str, int | None], None] | None = None,
        found: Sequence[FoundMessage] = (),
        older: Callable[[int | None], None] | None = None,
        words: Sequence[str] = (),
        typed: str = "",
        is_new: Callable[[FoundMessage], bool] = lambda one: False,
    ) -> None:
        """`now` in Unix seconds: today's results need no date. `words` are lit in results that nobody typed for; `typed`
        is what stands in the line, and is searched for at once. What `is_new` says so of is marked and counted."""
        super().__init__()
        self._title, self._prompt, self._begun = title, prompt, typed
        self._now, self._zone = now, zone
        self._ask = ask
        self._older = older
        self._pages = 0
        self._why = ""
        self._found: list[FoundMessage] = list(found)
        self._shown: list[FoundMessage] = []
        self._words = tuple(words)
        self._is_new = is_new
        self._asked = ""
        self._has_more = self._is_waiting = False
        self._timer: Timer | None = None

    def compose(self) -> ComposeResult:
        """A line to type in, what was found, and how to narrow it."""
        with Vertical(id="search") as box:
            box.border_title, box.border_subtitle = self._title, "Enter goes there · Esc closes"
            typed = Input(self._begun, self._prompt, compact=True, select_on_focus=False)
            typed.cursor_blink = False
            yield typed
            yield OptionList(markup=False, compact=True)
            yield Static(id="search-state")

    def on_mount(self) -> None:
        """Lists what there is, the line ready to be typed in; looks for more when its end is near."""
        self.query_one(Input).focus()
        self.watch(self.query_one(OptionList), "scroll_y", self._near_end, init=False)
        self._is_waiting = self._older is not None
        self._list()
        if self._older is not None:
            self._older(None)
        if self._begun:
            self._search()

    def on_resize(self) -> None:
        """As wide as it fits."""
        if self.is_drawn:
            self._list()

    # What is typed

    def on_input_changed(self, event: Input.Changed) -> None:
        """Searches after a pause; a list that is there gets shorter at once."""
        if self._timer is not None:
            self._timer.stop()
        if self._ask is None:
            self._list()
        else:
            self._timer = self.set_timer(PAUSE, self._search_what_is_whole)

    def on_input_submitted(self) -> None:
        """Enter goes to the result that is lit; what is typed anew is searched for first."""
        typed = " ".join(self._typed.split())
        if self._ask is not None and typed != self._asked:
            self._search()
        else:
            self._choose(self.query_one(OptionList).highlighted)

    @property
    def _typed(self) -> str:
        return self.query_one(Input).value

    def _search_what_is_whole(self) -> None:
        self._why = missing(self._typed)
        if self._why:
            self._say_count()
        else:
            self._search()

    def _search(self) -> None:
        typed = " ".join(self._typed.split())
        if self._ask is None or typed == self._asked:
            return
        self._asked, self._found, self._has_more, self._why = typed, [], False, ""
        self._words = words_of(typed)
        self._is_waiting = bool(typed)
        self._list()
        if typed:
            self._ask(typed, None)

    # What was found

    def show(self, words: str, found: Sequence[FoundMessage], has_more: bool) -> None:
        """Takes an answer; one to other words came too late and is not shown."""
        if self._ask is None:
            found = [one for one in found if words in self._words and one.message.mentions_me]
        elif " ".join(words.split()) != self._asked:
            return
        before, self._is_waiting, self._why = len(self._found), False, ""
        self.add(found)
        is_longer = len(self._found) > before
        self._pages = 0 if is_longer else self._pages + 1
        # A page of mentions may be all of others whose names have this one in them.
        self._has_more = has_more and (is_longer or self._ask is None)
        if self._has_more and not is_longer and self._pages < PAGES:
            self._more()
        self._say_count()
        # Where all of it is in sight, nobody can scroll to its end.
        self.call_after_refresh(self._fill)

    def add(self, found: Sequence[FoundMessage]) -> None:
        """Puts more messages into the list."""
        known = {(one.room, one.message.id) for one in self._found}
        new = [one for one in found if (one.room, one.message.id) not in known]
        if new or not self._found:
            # The newest first: it is what one looks for most.
            self._found = sorted([*self._found, *new], key=lambda one: -(one.message.id or 0))
            if self.is_drawn:
                self._list()

    def fail(self, why: str) -> None:
        """Says why there is no answer."""
        self._is_waiting, self._has_more, self._why = False, False, why
        self._say_count()

    def _more(self) -> None:
        if not self._has_more or self._is_waiting:
            return
        last = self._found[-1].message.id if self._found else None
        if self._older is not None or (self._ask is not None and last is not None):
            self._is_waiting = True
            self._say_count()
        if self._older is not None:
            self._older(last or 0)
        elif self._ask is not None and last is not None:
            self._ask(self._asked, last)

    def _fill(self) -> None:
        if self.is_drawn and self._pages < PAGES and not self.query_one(OptionList).max_scroll_y:
            self._more()

    def _near_end(self) -> None:
        if not self.is_drawn:
            return
        options = self.query_one(OptionList)
        if options.max_scroll_y and options.scroll_y >= options.max_scroll_y - 3:
            self._more()

    def action_step(self, step: int) -> None:
        """Lights the next or the previous one, while the line keeps the focus."""
        options = self.query_one(OptionList)
        at, last = options.highlighted, options.option_count - 1
        if at is None or last < 0:
            return
        if at + step > last - 3:
            self._more()
        options.highlighted = min(max(0, at + step), last)

    def action_page(self, step: int) -> None:
        """The same by pages."""
        self.action_step(step * max(1, self.query_one(OptionList).size.height - 1))

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """A click goes there."""
        self._choose(event.option_index)

    def _choose(self, index: int | None) -> None:
        if index is not None and index < len(self._shown):
            self.dismiss(self._shown[index])

    # How it looks

    def _list(self) -> None:
        options = self.query_one(OptionList)
        at = options.highlighted or 0
        top = options.scroll_y
        before = self._shown
        wanted = [] if self._ask is not None else self._typed.casefold().split()
        self._shown = [
            one
            for one in self._found
            if all(word in f"{one.room} {one.message.nick} {one.message.text}".casefold() for word in wanted)
        ]
        options.clear_options()
        options.add_options([self._option(one) for one in self._shown])
        if self._shown:
            is_longer = bool(before) and self._shown[: len(before)] == before
            options.highlighted = at if is_longer and at < len(self._shown) else 0
            if is_longer:
                options.scroll_to(y=top, animate=False)
        self._say_count()

    def _say_count(self) -> None:
        count = len(self._shown)
        new = sum(map(self._is_new, self._shown))
        of_these = f", {new:,} new" if new else ""
        if self._is_waiting:
            text = f"{count:,} results{of_these}, looking for more …" if count else "searching …"
        elif count:
            more = ", more below" if self._has_more else ""
            text = f"{count:,} {'message' if count == 1 else 'messages'}{of_these}{more}"
        elif self._ask is None:
            text = "Nobody has mentioned you here yet" if not self._found else "Nothing fits"
        else:
            text = "Nothing was found" if self._asked else "" if self._typed.strip() else HINT
        self._say(f"{text}; {self._why}" if count and self._why else self._why or text)

    def _say(self, text: str) -> None:
        self.query_one("#search-state", Static).update(Content(text))

    def _option(self, one: FoundMessage) -> Option:
        width = max(20, self.query_one(OptionList).scrollable_content_region.width - 2)
        message = one.message
        text = drawable(preview(message.text))
        where, nick = drawable(one.room), drawable(message.nick)
        mark = ("●", "bold $primary") if self._is_new(one) else " "
        who = self._who(message.nick)
        if width >= ONE_ROW:
            head = Content.assemble(
                (f"{self._when(message.at):<13}", "dim"),
                (f"{_cell(where, 14)}  ", "dim"),
                (_cell(nick, 12), who),
                "  ",
            )
            row = Content.assemble(mark, head, self._lit(text, width - head.cell_length))
            return Option(row)
        meta = Content.assemble(
            mark, (cut(nick, 14), who), (f"  {cut(where, 16)}  {self._when(message.at)}", "dim")
        )
        return Option(Content.assemble(meta.truncate(width), "\n ", self._lit(text, width)))

    def _who(self, nick: str) -> Style:
        """The colour that somebody has in the log, too."""
        background = self.query_one("#search").styles.background
        if self.app.native_ansi_color:
            background = Color.parse("ansi_default")
        return Style(foreground=nick_color(nick, background, is_dark=self.app.current_theme.dark))

    def _when(self, at: int) -> str:
        when, now = datetime.fromtimestamp(at, self._zone), datetime.fromtimestamp(self._now, self._zone)
        if when.date() == now.date():
            return f"{when:%H:%M}"
        return f"{when:%d %b %H:%M}" if when.year == now.year else f"{when:%Y-%m-%d}"

    def _lit(self, text: str, width: int) -> Content:
        """So much of a text as fits, with the words in it lit, and in sight."""
        spans = places(text, self._words)
        if spans and spans[0][1] > width - 2:
            # The first word found would be cut off: begin shortly before it.
            begin = max(0, text.rfind(" ", 0, max(1, spans[0][0] - width // 3)) + 1)
            text = f"…{text[begin:]}"
            spans = places(text, self._words)
        content = Content(text)
        for start, end in spans:
            content = content.stylize(_MATCHED, start, end)
        return content.truncate(width, ellipsis=True)


def missing(typed: str) -> str:
    """What to add before it can be searched for: something is half written, as in "cake before:2026-"; "" if nothing."""
    if _OPEN.search(typed):
        return "A phrase ends with a quotation mark; Enter looks for the words"
    for key, value in read_question(typed):
        filter, colon, _ = value.partition(":")
        if key == "" and colon and filter.lower() in _EXAMPLES:
            key, value = filter.lower(), ""
        if key in _COMPLETE and not re.fullmatch(_COMPLETE[key], value, re.IGNORECASE):
            return f"{key}: as in {_EXAMPLES[key]}"
    return ""


def words_of(typed: str) -> tuple[str, ...]:
    """The words and phrases of a search, without its filters."""
    return tuple(value for key, value in read_question(typed) if key not in SEARCH_FILTERS)


def places(text: str, words: Sequence[str]) -> list[tuple[int, int]]:
    """Where the words, or words that have them in them, are in a text; in their order."""
    found: set[tuple[int, int]] = set()
    for word in words:
        # re, not find: casefold changes lengths ("ß"), and with them every place after it.
        row = r"\s+".join(map(re.escape, word.split()))
        found.update(match.span() for match in re.finditer(row, text, re.IGNORECASE))
    return sorted(found)


def _cell(text: str, width: int) -> str:
    text = cut(text, width)
    return text + " " * max(0, width - Content(text).cell_length)
