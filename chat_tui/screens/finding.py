"""Getting at what is not in sight: search, mentions, the jump to a message, older pages."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from chat_tui.model import Found, FoundMessage, JumpReady
from chat_tui.screens.search import Search

if TYPE_CHECKING:
    from chat_tui.screens.chat import ChatScreen

FILTERS: Final = 'words  "a phrase"  from:nick  in:#room  in:@nick  on:today  before:2026-11-22'
AROUND: Final = 4
"""So many messages are in sight on each side of one that was jumped to, if there is room."""

TRIES: Final = 20
"""Pictures that a log may take until it has a size: one that was hidden has it after the first or second."""


class Finding:
    """Asks the model, and shows what it answers, which may be some time later."""

    def __init__(self, chat: ChatScreen) -> None:
        self._chat = chat
        self._mentions: Search | None = None
        self.is_landing = False
        """Whether a room is shown, and not yet the message in it that was gone to: what is drawn in between nobody
        sees."""

    # Search and mentions

    def search(self, typed: str = "") -> None:
        """Opens the search, for this if something is told."""
        chat = self._chat

        def ask(words: str, before: int | None) -> None:
            chat.act(chat.model.search(words, before))

        self._open(Search("Search", FILTERS, chat.now, chat.zone, ask=ask, typed=typed))

    def mentions(self) -> None:
        """Opens the list of where one was mentioned and of what is unread of what was said to one alone, the newest
        first. What is not loaded is searched for."""
        chat = self._chat
        me = chat.model.expected_nick

        def search(before: int | None) -> None:
            unread = [room.name for room in chat.model.rooms.values() if room.is_direct and room.unread]
            for name in unread if before is None else ():
                if not chat.model.rooms[name].messages:
                    chat.act(chat.model.load_older(name))
            chat.act(chat.model.search(me, before))

        found = chat.model.mentions()[::-1]
        self._mentions = Search(
            "Mentions",
            "type to narrow it down",
            chat.now,
            chat.zone,
            found=found,
            older=search if me else None,
            words=(me,) if me else (),
            is_new=self._is_unread,
        )
        self._open(self._mentions)

    def _is_unread(self, one: FoundMessage) -> bool:
        room = self._chat.model.rooms.get(one.room)
        return room is not None and room.is_unread(one.message)

    def take_loaded(self) -> None:
        """Older messages are loaded: there may be some for the list of mentions among them."""
        if self._mentions is not None and self._chat.app.screen is self._mentions:
            self._mentions.add(self._chat.model.mentions())

    def show(self, found: Found) -> None:
        """Gives an answer to the search that waits for it."""
        screen = self._chat.app.screen
        if isinstance(screen, Search) and screen.is_drawn:
            if found.error:
                screen.fail(found.error)
            else:
                screen.show(found.words, found.messages, found.has_more)

    def _open(self, search: Search) -> None:
        def go(one: FoundMessage | None) -> None:
            if one is not None and one.message.id is not None:
                self._chat.act(self._chat.model.jump_to(one.room, one.message.id))

        if self._chat.app.screen is self._chat:
            self._chat.app.push_screen(search, go)

    # To a message, and to older ones

    def land(self, jump: JumpReady) -> None:
        """Shows a message with what was said around it, lit up."""
        chat = self._chat
        if jump.room != chat.model.current_room:
            self.is_landing = True
            chat.act(chat.model.switch_to(jump.room, "message"))
        # A log that was not shown before, or hidden, has no rows before it has a size.
        chat.call_after_refresh(self._show_around, jump)

    def _show_around(self, jump: JumpReady, tries: int = TRIES) -> None:
        log = self._chat.logs.shown
        if log is not None and not log.size.height and tries:
            self._chat.call_after_refresh(self._show_around, jump, tries - 1)
            return
        self._scroll_to(jump)
        self.is_landing = False
        self._chat.look()

    def _scroll_to(self, jump: JumpReady) -> None:
        log = self._chat.logs.shown
        if log is None or jump.room != self._chat.model.current_room:
            return
        keys = [message.key for message in log.messages]
        if jump.key not in keys:
            return
        index = keys.index(jump.key)
        last = len(keys) - 1
        # What is unread is read downwards: as much as there is room for, from where it begins.
        is_unread = jump.key == self._chat.model.current.unread_from
        for near in (last if is_unread else min(index + AROUND, last), max(0, index - AROUND), index):
            log.show_message(keys[near])
        self._chat.rows.light_up(jump.key)

    def load_older(self) -> None:
        """Asks for the page before the first message of the room that is shown, if there is one."""
        self._chat.act(self._chat.model.load_older(self._chat.model.current_room))

    def load_gap(self, key: str) -> None:
        """A click on the row of what is missing, or Enter."""
        chat = self._chat
        chat.act(chat.model.load_gap(key, from_above=chat.logs.current.is_read_above(key)))

    def fill_gaps(self, keys: list[str]) -> None:
        """What is missing in sight is loaded as one gets there: a page, then the next one if that was not enough."""
        chat = self._chat
        log = chat.logs.shown
        if log is None or self.is_landing:
            return
        for key in keys:
            changes = chat.model.fill_gap(chat.model.current_room, key, from_above=log.is_read_above(key))
            if changes:
                chat.act(changes)
                return
