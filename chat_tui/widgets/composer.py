"""The input bar: it grows with the text, completes, remembers, and loses nothing that was typed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final

from textual import events
from textual.binding import Binding
from textual.content import Content
from textual.message import Message
from textual.widgets import TextArea

from chat_server.text import clean
from chat_server.wire import LINE_BREAK, TEXT_BYTES
from chat_tui.actions import bindings, taken_keys
from chat_tui.completion import Completion, Known, complete
from chat_tui.drafts import Draft, Purpose
from chat_tui.kept import has_secret

PASTED_LINES: Final = 6
"""A longer paste asks first: more than the bar can show is seldom meant to be said."""

HISTORY: Final = 100
"""So many sent texts are remembered for each room."""


def _editing() -> list[Binding]:
    """TextArea's own keys, but for those that the table of actions takes."""
    kept = []
    for binding in TextArea.BINDINGS:
        assert isinstance(binding, Binding)
        keys = [key for key in binding.key.split(",") if key not in taken_keys()]
        if keys:
            kept.append(replace(binding, key=",".join(keys)))
    return kept


@dataclass(slots=True)
class _Cycle:
    """A completion in progress: `column` is where the word begins, `end` where the cursor was left."""

    completion: Completion
    index: int
    row: int
    column: int
    end: tuple[int, int]
    text: str


class Composer(TextArea, inherit_bindings=False):
    """One text area for all rooms, with a draft and a history for each.

    1. Keys work in the order in which they were pressed, however fast they came (`_on_key`).
    2. What is not taken stays in the bar.
    """

    BINDINGS = [*_editing(), *bindings("composer")]  # noqa: RUF012 - Textual's own declaration

    @dataclass
    class Refused(Message):
        """Something was not taken in, and why, for the person."""

        why: str

    @dataclass
    class Pasted(Message):
        """Many lines were pasted: `take_in` puts them into the bar, if the person wants it."""

        text: str
        lines: int

    class Moved(Message):
        """The completion in progress changed, or ended."""

    class PurposeChanged(Message):
        """`purpose` is another one."""

    def __init__(
        self,
        say: Callable[[str], None],
        known: Callable[[], Known] = Known,
        *,
        first: Callable[[events.Key], bool] = lambda key: False,
        edit_last: Callable[[], bool] = lambda: False,
    ) -> None:
        """`say` gets wire text (U+2424 for a line break), and calls `clear_line` if it takes it; `known` is asked
        for what Tab can complete. `first` may take a key before the bar does; `edit_last` is what Up does in an
        empty bar, False if there is nothing to edit."""
        super().__init__(compact=True, soft_wrap=True, highlight_cursor_line=False, id="composer")
        self.cursor_blink = False
        self.match_cursor_bracket = False
        self._say = say
        self._known = known
        self._first = first
        self._edit_last = edit_last
        self._room = self._shown = ""
        self._drafts: defaultdict[str, Draft] = defaultdict(Draft)
        self._cycle: _Cycle | None = None

    # What stands in it

    @property
    def wire_text(self) -> str:
        """The text as it would be sent: line breaks as U+2424, no blank lines around it."""
        return clean(self.text.strip("\n").replace("\n", LINE_BREAK))

    @property
    def is_empty(self) -> bool:
        """Whether nothing stands in the bar."""
        return not self.text

    @property
    def unsent_rooms(self) -> list[str]:
        """The rooms in which something is written and not sent."""
        return [room for room, draft in self.drafts.items() if draft.is_written]

    @property
    def drafts(self) -> Mapping[str, Draft]:
        """What stands in the bar of each room."""
        self._keep()
        return self._drafts

    def restore(self, drafts: Mapping[str, Draft]) -> None:
        """Puts in what was kept, before the first room is shown."""
        self._drafts.update(drafts)

    @property
    def is_touched(self) -> bool:
        """Whether something was done to the text since the room was shown."""
        return self.text != self._shown

    def show_room(self, room: str) -> None:
        """Puts the draft of a room into the bar and keeps that of the room before."""
        self.placeholder = Content.assemble("Message ", room)
        if room == self._room:
            return
        self._keep()
        self._room = room
        draft = self._drafts[room]
        self._shown = draft.text
        self._put(draft.text, draft.cursor)
        self.post_message(self.PurposeChanged())

    def rename_room(self, old: str, new: str) -> None:
        """Moves draft and history along when a conversation gets another name."""
        self._keep()
        if old in self._drafts:
            self._drafts[new] = self._drafts.pop(old)
        if self._room == old:
            self._room = new

    @property
    def purpose(self) -> Purpose | None:
        """What the text is for; None for a new message."""
        return self._drafts[self._room].purpose

    def begin(self, purpose: Purpose, text: str = "") -> None:
        """Begins an answer or a change with this text; what stood in the bar is put aside."""
        draft = self._drafts[self._room]
        if draft.purpose is None:
            draft.aside = self.text, self.cursor_location
        draft.purpose, draft.begun, draft.walked, draft.unsent = purpose, text, 0, ""
        self._put(text)
        self.focus()
        self.post_message(self.PurposeChanged())

    def cancel(self) -> bool:
        """Ends an answer or a change and puts back what stood in the bar before; False if there was none."""
        draft = self._drafts[self._room]
        if draft.purpose is None:
            return False
        draft.purpose, draft.begun, draft.walked, draft.unsent = None, "", 0, ""
        aside, draft.aside = draft.aside, ("", (0, 0))
        self._put(*aside)
        self.post_message(self.PurposeChanged())
        return True

    def clear_line(self) -> None:
        """Empties the bar, or puts back what stood there before an answer or a change; Up brings the text back."""
        draft = self._drafts[self._room]
        draft.sent = draft.sent or []
        if self.text.strip() and draft.sent[-1:] != [self.text] and not has_secret(self.text):
            draft.sent.append(self.text)
            del draft.sent[:-HISTORY]
        draft.walked, draft.unsent = 0, ""
        if not self.cancel():
            self._put("")

    def say_to(self, nick: str) -> None:
        """Writes somebody's nick where the cursor is, as Tab would."""
        row, column = self.cursor_location
        before = self.get_text_range((0, 0), (row, column))
        space = "" if not before or before[-1].isspace() else " "
        self.insert(f"{space}{nick}{' ' if before else ': '}")
        self.focus()

    def _keep(self) -> None:
        draft = self._drafts[self._room]
        draft.text, draft.cursor = self.text, self.cursor_location

    def _put(self, text: str, cursor: tuple[int, int] | None = None) -> None:
        self._end_cycle()
        self.load_text(text)
        self.move_cursor(self.document.end if cursor is None else cursor)

    # Keys

    async def _on_key(self, event: events.Key) -> None:
        """Does what a key is bound to here and now.

        Textual looks for it only when the key has come up to the app, and what was typed after it is then in
        the bar already: after a moment's delay Alt-2, "hi", Enter would speak in the room before.
        """
        if self._first(event):
            event.stop()
            event.prevent_default()
            return
        for node in (self, self.screen, self.app):
            for binding in node._bindings.key_to_bindings.get(event.key, ()):
                if await self.app.run_action(binding.action, node):
                    event.stop()
                    event.prevent_default()
                    return

    # Sending

    def action_send(self) -> None:
        """Says what is written, once it can be said."""
        text = self.wire_text
        if not text.strip():
            return
        size = len(text.encode())
        if size > TEXT_BYTES:
            self.post_message(
                self.Refused(f"{size:,} bytes, and a message holds {TEXT_BYTES:,}: send it in parts")
            )
            return
        self._say(text)

    def action_newline(self) -> None:
        """Breaks the line."""
        self.insert("\n")
        self.scroll_cursor_visible()

    # Pasting

    async def _on_paste(self, event: events.Paste) -> None:
        """Takes a paste in cleaned; one that cannot be said is refused, one of many lines asks."""
        event.stop()
        event.prevent_default()
        lines = [clean(line) for line in event.text.splitlines()]
        text = "\n".join(lines).strip("\n")
        size = len(self.text.encode()) + len(text.replace("\n", LINE_BREAK).encode())
        if size > TEXT_BYTES:
            self.post_message(
                self.Refused(
                    f"That paste makes {size:,} bytes, and a message holds {TEXT_BYTES:,}: paste it in parts"
                )
            )
        elif (count := text.count("\n") + 1) > PASTED_LINES:
            self.post_message(self.Pasted(text, count))
        else:
            self.take_in(text)

    def take_in(self, text: str) -> None:
        """Puts text where the cursor is, over what is selected."""
        if result := self._replace_via_keyboard(text, *self.selection):
            self.move_cursor(result.end_location)
        self.focus()

    # Walking through what was sent

    def action_older_sent(self) -> None:
        """Up: a row up in the text; in an empty bar the last own message, to be edited; then back through what
        was sent."""
        if not self.navigator.is_first_wrapped_line(self.cursor_location):
            self.action_cursor_up()
            return
        draft = self._drafts[self._room]
        if draft.purpose is not None and draft.purpose.kind == "edit":
            if self.text != draft.begun:
                return
            self.cancel()
            if not self.is_empty:
                return
        elif self.is_empty and draft.purpose is None and not draft.walked and self._edit_last():
            return
        sent = draft.sent or []
        if draft.walked < len(sent):
            if draft.walked == 0:
                draft.unsent = self.text
            draft.walked += 1
            self._put(sent[-draft.walked])

    def action_newer_sent(self) -> None:
        """Down: a row down in the text, and from its last row towards what was being written."""
        if not self.navigator.is_last_wrapped_line(self.cursor_location):
            self.action_cursor_down()
            return
        draft = self._drafts[self._room]
        if draft.walked > 0:
            draft.walked -= 1
            self._put((draft.sent or [])[-draft.walked] if draft.walked else draft.unsent)

    # Completing

    @property
    def offered(self) -> tuple[tuple[str, ...], int] | None:
        """What Tab is walking through, for the eye, and where it stands; None when it is not."""
        return (self._cycle.completion.labels, self._cycle.index) if self._cycle else None

    def action_complete(self, step: int = 1) -> None:
        """Completes the word before the cursor; pressed again, offers the next."""
        cycle = self._cycle
        if cycle is None:
            row, column = self.cursor_location
            before = self.get_text_range((0, 0), (row, column))
            found = complete(before, self._known())
            if found is None:
                return
            begin = found.start - (len(before) - column)
            index = 0 if step > 0 else len(found.texts) - 1
            cycle = _Cycle(found, index, row, begin, (row, column), self.text)
        else:
            cycle.index = (cycle.index + step) % len(cycle.completion.texts)
        text = cycle.completion.texts[cycle.index]
        row, column = cycle.end
        if self.document[row][column : column + 1] == " ":
            text = text.rstrip(" ")
        result = self.replace(text, (cycle.row, cycle.column), cycle.end, maintain_selection_offset=False)
        self.move_cursor(result.end_location)
        cycle.end, cycle.text = result.end_location, self.text
        self._cycle = cycle
        self.post_message(self.Moved())

    def action_complete_back(self) -> None:
        """The completion before this one."""
        self.action_complete(-1)

    def _end_cycle(self) -> None:
        if self._cycle is not None:
            self._cycle = None
            self.post_message(self.Moved())

    def _watch_selection(self, previous: object, selection: object) -> None:
        super()._watch_selection(previous, selection)  # type: ignore[arg-type]
        cycle = getattr(self, "_cycle", None)
        # Whatever moves the cursor or the text ends the walk, but not the walk's own step.
        if cycle is not None and (self.cursor_location != cycle.end or self.text != cycle.text):
            self._end_cycle()
