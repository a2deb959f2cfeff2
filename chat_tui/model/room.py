"""A room, or a direct conversation, as the app knows it, and the order of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from chat_server.wire import WhoName
from chat_tui.model.changes import Change, MessageReplaced, MessagesAdded, MessagesRemoved, MessagesReset
from chat_tui.model.conversation import Conversation, Me
from chat_tui.model.islands import END, TOP, Islands
from chat_tui.model.message import GAP, LOADING, NOT_LOADED, REMOVED, REMOVED_BETWEEN, Message, Missing

CROWD: Final = 200
"""In a room of more people the server tells only how many there are (chat/1); no joins and parts then."""

ROWS: Final = 100_000
"""Rows kept of one room, about 45 MB: weeks of a busy one. The oldest go in pieces of a tenth, so that a full
room does not move its whole list for every line."""


@dataclass(slots=True)
class RoomState:
    """`name` is "#room" or "@nick". `messages`: entries by rising id with notices between, then own lines
    that have no id yet. Widgets read; only the model writes.

    `people` is empty in a direct conversation; in a crowd it is the last /who and `people_count` is newer.
    `unread_from` is the key of the first row not seen: where the unread line is drawn. It outlives the
    counters until the user leaves the room again.
    """

    name: str
    is_joined: bool = True
    topic: str = ""
    messages: list[Message] = field(default_factory=list)
    people: dict[str, WhoName] = field(default_factory=dict)
    people_count: int = 0
    unread: int = 0
    mentions: int = 0
    unread_from: str | None = None
    last_id: int = 0
    """The highest id seen here, 0 for none."""
    shown_at: int = 0
    """When the user went elsewhere from here, counted in turns, 0 if it was never shown."""
    left_at: int = 0
    """The highest id that there was when the last connection was lost, 0 for a room entered since."""
    is_at_end: bool = True
    """Whether its end is in sight while it is shown: a room that was left scrolled up is opened there again."""
    is_held: bool = False
    """The user marked something here as unread: it stays so until he leaves the room."""
    is_unseen: bool = False
    """It was shown with unread messages, and the user has not seen yet where they begin: nothing is read."""
    seen_upto: int = 0
    """The highest id of what the user had in sight."""
    read_upto: int = 0
    """How far he has read as far as the server knows: what it told, or was told."""
    marked: int = 0
    """The id from which on he wants all to be unread, until the server has taken that; else 0."""
    me: Me = field(default_factory=Me, repr=False)
    islands: Islands = field(default_factory=Islands, repr=False)
    conversation: Conversation = field(init=False, repr=False)
    _gaps: set[str] = field(default_factory=set, repr=False)
    _loading: list[str] = field(default_factory=list, repr=False)
    """The keys of the gaps of which messages were asked for, once for each page."""
    _ids: set[int] = field(default_factory=set, repr=False)
    _trimmed: int = 0
    """The highest id that was given up for want of room."""

    def __post_init__(self) -> None:
        self.conversation = Conversation(self.me)

    @property
    def has_older(self) -> bool:
        """Whether there may be something before the first entry here."""
        return self.islands.has_older if self.islands.all else self.is_direct

    @property
    def is_loading(self) -> bool:
        """Whether a page of older messages was asked for and is not here yet."""
        return bool(self._loading)

    def is_loading_gap(self, gap: str) -> bool:
        """Whether one of those that belong there was."""
        return gap in self._loading

    @property
    def last_said(self) -> int:
        """The id of the last message here, 0 for none."""
        said = (
            row.id for row in reversed(self.messages) if row.id is not None and row.kind in ("msg", "act")
        )
        return next(said, 0)

    def news_from(self, id: int) -> list[Message]:
        """The rows here that others said, from an id on."""
        return [row for row in self.messages if row.is_of_others and (row.id or 0) >= id]

    @property
    def is_direct(self) -> bool:
        """A conversation with one person."""
        return self.name.startswith("@")

    @property
    def is_crowd(self) -> bool:
        """So many people that comings and goings are not told one by one."""
        return self.people_count > CROWD

    def has(self, id: int) -> bool:
        """Whether the entry came here, also if it was taken back."""
        return id in self._ids

    def knows(self, id: int) -> bool:
        """Whether the entry is here, or was."""
        return id in self._ids or id <= self._trimmed

    def entry(self, id: int) -> Message | None:
        """The row of an entry."""
        index = self.find(f"e{id}") if self.knows(id) else None
        return None if index is None else self.messages[index]

    def last_settled(self) -> Message | None:
        """The last row above the own lines that wait."""
        end = self._settled()
        return self.messages[end - 1] if end else None

    def find(self, key: str) -> int | None:
        """Where a row is; the newest are looked at first."""
        for index in range(len(self.messages) - 1, -1, -1):
            if self.messages[index].key == key:
                return index
        return None

    # -- what the model does; each method says what changed

    def settle(self, message: Message) -> list[Change]:
        """A row without an id goes below all others but the own lines that wait."""
        return [self._insert(self._settled(), (message,))]

    def wait(self, message: Message) -> list[Change]:
        """An own line goes to the very end."""
        return [self._insert(len(self.messages), (self.dress(message),))]

    def dress(self, row: Message) -> Message:
        """A row with what became of it: its newest text, its reactions, what it answers."""
        return self.conversation.dress(row, None if row.ref is None else self.entry(row.ref))

    def merge(self, rows: Iterable[Message]) -> list[Change]:
        """Puts entries where their ids belong; those that are known are left out."""
        unknown = {row.id: row for row in rows if row.id is not None and not self.knows(row.id)}
        if not unknown:
            return []
        self._ids.update(unknown)
        self.last_id = max(self.last_id, *unknown)
        new = {id: self.dress(row) for id, row in unknown.items() if not self.conversation.is_deleted(id)}
        if not new:
            return []
        changes: list[Change] = []
        place = scanned = self._settled()
        group: list[Message] = []
        # From the highest id to the lowest, and back through the rows once.
        for id in sorted(new, reverse=True):
            before = place
            while scanned:
                above = self.messages[scanned - 1].id
                if above is not None and above < id:
                    break
                scanned -= 1
                if above is not None:
                    place = scanned
            if place != before and group:
                changes.append(self._insert(before, tuple(reversed(group))))
                group = []
            group.append(new[id])
        if scanned == 0:
            # Above what was noted in the app later than that, not between the note and what it followed.
            top = bool(self.messages) and self.messages[0].key == TOP
            while place > top and self.messages[place - 1].at > group[0].at:
                place -= 1
        changes.append(self._insert(place, tuple(reversed(group))))
        # The latest group was put in first, so no place has moved under another one.
        for id in new:
            changes += self._requote(id)
        return changes

    def replace(self, key: str, message: Message) -> list[Change]:
        """Puts another message into the place of a row; nothing if there is no such row, or no difference."""
        index = self.find(key)
        if index is None or self.messages[index] == message:
            return []
        self.messages[index] = message
        if self.unread_from == key:
            self.unread_from = message.key
        changes: list[Change] = [MessageReplaced(self.name, key, message)]
        return changes if message.id is None else changes + self._requote(message.id)

    def refresh(self, id: int) -> list[Change]:
        """The row of an entry after something became known of it."""
        row = self.entry(id)
        if row is None:
            return self._requote(id)
        if not self.conversation.is_deleted(id):
            return self.replace(row.key, self.dress(row))
        if self.is_unread(row):
            self.unread = max(0, self.unread - 1)
            self.mentions = max(0, self.mentions - (row.mentions_me or self.is_direct))
        return self.remove([row.key]) + self._requote(id)

    def is_unread(self, row: Message) -> bool:
        """Whether a row is among those that are counted."""
        first = self.unread_from or ""
        return (
            self.unread > 0 and row.is_of_others and first[1:].isdigit() and (row.id or 0) >= int(first[1:])
        )

    def _requote(self, id: int) -> list[Change]:
        changes: list[Change] = []
        for key in self.conversation.answers_to(id):
            index = self.find(key)
            if index is not None:
                changes += self.replace(key, self.dress(self.messages[index]))
        return changes

    def cover(self, first: int, end: int = END) -> list[Change]:
        """What is between these ids is loaded; gaps come and go."""
        self.islands.cover(first, end)
        is_all = not self.has_older and TOP not in self._loading
        return (self.remove([TOP]) if is_all else []) + self.show_gaps()

    def reach_back(self, first: int) -> None:
        """What was given up may come again, from this id on."""
        if first <= self._trimmed:
            self._trimmed = max(0, first - 1)

    def show_gaps(self) -> list[Change]:
        """Puts a row before the first entry behind each gap; takes away those of gaps that are filled."""
        wanted = self.islands.gaps()
        filled = [key for key in self._gaps if key not in wanted]
        changes = self.remove(filled) if filled else []
        self._gaps.difference_update(filled)
        for key, first in wanted.items():
            behind = (i for i, row in enumerate(self.messages) if row.id is not None and row.id >= first)
            index = next(behind, self._settled())
            at = self.messages[index].at if index < len(self.messages) else 0
            above = (row.at for row in reversed(self.messages[:index]) if row.id is not None)
            count = (first - int(key[1:])) / self.islands.ids_of(1, self._ids)
            missing = Missing(next(above, at), at, max(1, round(count)))
            if key in self._gaps:
                row = self.messages[self.find(key) or 0]
                changes += self.replace(key, replace(row, missing=missing))
            else:
                self._gaps.add(key)
                row = Message(key, at, "gap", "", GAP, missing=missing)
                changes.append(self._insert(index, (row,)))
        return changes

    def ids_of(self, count: int) -> int:
        """About how many ids hold so many messages of this room."""
        return round(self.islands.ids_of(count, self._ids))

    def tell_removed(self, id: int, at: int) -> list[Change]:
        """From this id on something is gone from the server: a row there says so, once. `at` is in Unix seconds."""
        key = f"r{id}"
        if self.find(key) is not None:
            return []
        behind = (i for i, row in enumerate(self.messages) if row.id is not None and row.id >= id)
        index = next(behind, self._settled())
        is_first = not any(row.id is not None for row in self.messages[:index])
        if is_first:
            # Nothing is before it: above what the app noted, too.
            index = 0
        at = self.messages[index].at if index < len(self.messages) else at
        return [
            self._insert(index, (Message(key, at, "removed", "", REMOVED if is_first else REMOVED_BETWEEN),))
        ]

    def lose(self, first: int, last: int) -> list[Change]:
        """The entries from one id to another are gone from the server: answers to them say so."""
        ids = self.conversation.lose(range(first, last + 1))
        return [change for id in ids for change in self._requote(id)]

    def load(self, gap: str) -> list[Change]:
        """Messages of a gap are asked for, or (TOP) what is before everything that is loaded: its row says so."""
        self._loading.append(gap)
        return self._label(gap, LOADING)

    def finish_loading(self, gap: str, why: str = "", sought: int | None = None) -> list[Change]:
        """They are here; or did not come, for a reason. `sought` is the message that was looked for there."""
        if gap in self._loading:
            self._loading.remove(gap)
        if gap in self._loading:
            return []
        if gap == TOP and not (why and self.has_older):
            return self.remove([TOP])
        return self._label(gap, NOT_LOADED.format(why=why), why, sought) if why else self._label(gap, GAP)

    def _label(self, gap: str, text: str, reason: str = "", ref: int | None = None) -> list[Change]:
        index = self.find(gap)
        if index is not None:
            return self.replace(gap, replace(self.messages[index], text=text, reason=reason, ref=ref))
        if gap != TOP:
            return []
        at = self.messages[0].at if self.messages else 0
        return [self._insert(0, (Message(TOP, at, "gap", "", text, ref=ref, reason=reason),))]

    def land(self, key: str, message: Message) -> list[Change]:
        """An own line that waited has its id: it becomes an entry, at the place of its id."""
        settled = self._settled()
        is_first = settled < len(self.messages) and self.messages[settled].key == key
        id = message.id or 0
        if is_first and id > self.last_id:
            self._ids.add(id)
            self.last_id = id
            if self.conversation.is_deleted(id):
                return self.remove([key])
            return self.replace(key, self.dress(message)) + self.trim()
        return self.remove([key]) + self.merge([message])

    def remove(self, keys: Sequence[str]) -> list[Change]:
        """Takes rows out by their keys; unknown keys are ignored."""
        found = {key: index for key in keys if (index := self.find(key)) is not None}
        for index in sorted(found.values(), reverse=True):
            del self.messages[index]
        if self.unread_from in found:
            # The line stands before the next one that is left.
            rest = self.messages[found[self.unread_from] :]
            self.unread_from = next((row.key for row in rest if row.id is not None), None)
        return [MessagesRemoved(self.name, tuple(found))] if found else []

    def forget_entries(self) -> list[Change]:
        """The server has another log: drops all entries, keeps what has no id."""
        kept = [message for message in self.messages if message.id is None and not message.is_rule]
        self.messages = [replace(row, reply=None) for row in kept]
        self._ids.clear()
        self._gaps.clear()
        self.islands.all.clear()
        self.conversation = Conversation(self.me)
        self.seen_upto = self.read_upto = self.marked = 0
        self._loading.clear()
        self.is_held = self.is_unseen = False
        self._trimmed = self.last_id = self.left_at = self.unread = self.mentions = 0
        self.unread_from = None
        return [MessagesReset(self.name)]

    def _settled(self) -> int:
        """Where the own lines that wait begin."""
        index = len(self.messages)
        while index and self.messages[index - 1].is_waiting:
            index -= 1
        return index

    def _insert(self, index: int, rows: tuple[Message, ...]) -> MessagesAdded:
        before = self.messages[index].key if index < len(self.messages) else None
        self.messages[index:index] = rows
        return MessagesAdded(self.name, rows, before)

    def trim(self) -> list[Change]:
        """Gives up the oldest rows of a very long log."""
        piece = ROWS // 10
        if len(self.messages) < ROWS + piece:
            return []
        old = self.messages[:piece]
        del self.messages[:piece]
        ids = [message.id for message in old if message.id is not None]
        self._trimmed = max(self._trimmed, *ids) if ids else self._trimmed
        self._ids.difference_update(ids)
        keys = tuple(message.key for message in old)
        if self.unread_from in keys:
            self.unread_from = None
        self._gaps.difference_update(keys)
        self.islands.cut(self._trimmed + 1)
        return [MessagesRemoved(self.name, keys), *self.show_gaps()]
