"""What became of the messages of a room: edits, deletes, reactions, answers, whatever came first."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace

from chat_server.emoji import one_form
from chat_server.text import fold, names
from chat_server.wire import REFERRING, Entry
from chat_tui.model.message import DELETED, GONE, Delivery, Message, Quoted, Reaction
from chat_tui.model.own_changes import show_changes, take_off_changes
from chat_tui.model.own_line import OwnLine


@dataclass(slots=True)
class Me:
    """The user as rows show him: the nicks he goes by, the ids of what he is known to have said, and what he did to
    messages, by their ids, that the server has not done yet."""

    nicks: tuple[str, ...] = ()
    ids: set[int] = field(default_factory=set)
    changes: dict[int, list[OwnLine]] = field(default_factory=dict)

    def is_author(self, row: Message) -> bool:
        """Whether the user said it."""
        return row.is_own or row.id in self.ids


@dataclass(slots=True)
class _Facts:
    """What is known of one message besides itself. `reactions`: by folded nick and emoji the newest entry."""

    edit_id: int = 0
    edit: str = ""
    is_deleted: bool = False
    reactions: dict[tuple[str, str], Entry] = field(default_factory=dict)


@dataclass(slots=True)
class Conversation:
    """Facts by the id that they are about, whether that message is loaded or not.

    Of edits the one with the highest id holds, and of what one nick did with one emoji: so neither the order
    in which they come nor a repetition makes a difference.
    """

    me: Me
    _facts: dict[int, _Facts] = field(default_factory=dict)
    _answers: dict[int, set[str]] = field(default_factory=dict)
    _texts: dict[int, tuple[str, bool]] = field(default_factory=dict)
    """The text that a row has beneath one that the user gives it, and whether that was edited."""
    _gone: set[range] = field(default_factory=set, repr=False)
    """Ids that the server has no more."""

    def take(self, entry: Entry) -> None:
        """Notes an entry that is about another one; a delete is for good."""
        if entry.kind not in REFERRING or entry.ref is None:
            return
        facts = self._facts.setdefault(entry.ref, _Facts())
        match entry.kind:
            case "edit" if entry.id > facts.edit_id:
                facts.edit_id, facts.edit = entry.id, entry.text
            case "delete":
                facts.is_deleted = True
            case "react" | "unreact":
                person = fold(entry.nick), one_form(entry.text)
                known = facts.reactions.get(person)
                if known is None or known.id < entry.id:
                    facts.reactions[person] = entry
        if facts.is_deleted:
            facts.edit = ""
            facts.reactions.clear()

    def forget_reactions(self, ids: Iterable[int]) -> None:
        """A page of history follows, which has all reactions to these messages that are in force."""
        for id in ids:
            if (facts := self._facts.get(id)) is not None:
                facts.reactions.clear()

    def is_deleted(self, id: int) -> bool:
        """Whether its author took a message back."""
        facts = self._facts.get(id)
        return facts is not None and facts.is_deleted

    def lose(self, ids: range) -> list[int]:
        """The server has these ids no more; gives those among them that are answered here."""
        self._gone.add(ids)
        return [id for id in self._answers if id in ids]

    def answers_to(self, id: int) -> Collection[str]:
        """The keys of the rows that answer a message."""
        return tuple(self._answers.get(id, ()))

    def dress(self, row: Message, quoted: Message | None) -> Message:
        """The row as it is now. `quoted` is the row of what it answers, None if that is not loaded."""
        if row.kind not in ("msg", "act"):
            return row
        me = self.me
        if row.ref is not None:
            self._answers.setdefault(row.ref, set()).add(row.key)
            row = replace(row, reply=self._quote(row.ref, quoted))
            is_to_me = row.ref in me.ids or (quoted is not None and me.is_author(quoted))
            if is_to_me and not row.is_own:
                row = replace(row, mentions_me=True)
        id = row.id
        if id is None:
            return row
        changes = me.changes.get(id, ())
        if id in self._texts:
            text, is_edited = self._texts.pop(id)
            row = replace(row, text=text, is_edited=is_edited)
        if row.is_leaving or row.reason or row.delivery is not Delivery.SENT:
            row = take_off_changes(row)
        facts = self._facts.get(id)
        if facts is not None and facts.edit_id and (facts.edit, True) != (row.text, row.is_edited):
            is_to_me = row.mentions_me and row.ref is not None and not _names(row.text, me)
            is_named = not row.is_own and (is_to_me or _names(facts.edit, me))
            row = replace(row, text=facts.edit, is_edited=True, mentions_me=is_named)
        reactions = () if facts is None else _count(facts.reactions.values(), me)
        if reactions != row.reactions:
            row = replace(row, reactions=reactions)
        if not changes:
            return row
        if any(line.kind == "edit" for line in changes):
            self._texts[id] = row.text, row.is_edited
        return show_changes(row, changes, me.nicks)

    def _quote(self, id: int, quoted: Message | None) -> Quoted:
        if self.is_deleted(id):
            return Quoted(id, "", DELETED)
        if quoted is not None:
            return Quoted(id, quoted.nick, quoted.text)
        return Quoted(id, "", GONE if any(id in ids for ids in self._gone) else "")


def _names(text: str, me: Me) -> bool:
    return any(names(text, nick) for nick in me.nicks)


def _count(entries: Iterable[Entry], me: Me) -> tuple[Reaction, ...]:
    by_emoji: dict[str, list[str]] = {}
    for entry in sorted(entries, key=lambda entry: entry.id):
        if entry.kind == "react":
            by_emoji.setdefault(one_form(entry.text), []).append(entry.nick)
    mine = {fold(nick) for nick in me.nicks}
    return tuple(
        Reaction(emoji, tuple(nicks), any(fold(nick) in mine for nick in nicks))
        for emoji, nicks in by_emoji.items()
    )
