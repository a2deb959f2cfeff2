"""The log held against a dict by hypothesis: whatever is done to both, they answer the same.

Blocks of the index have 16 entries here instead of 4,096, and all pieces are small, so that a few dozen entries make
some.
"""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chat_server.config import Limits
from chat_server.log import Draft, Page, Query, Reader, RoomSummary, Stored, UnreadCount, postings, sqlite
from chat_server.log import search as searching
from chat_server.log import unread as counting
from chat_server.log.grams import fold, has_all, read_words
from chat_server.log.index import wrong_blocks
from chat_server.log.sqlite import SqliteLog
from chat_server.text import fold as fold_nick
from chat_server.text import names
from chat_server.wire import Entry, EntryKind

# Whether the bytes reach a disk is the matter of other tests; in memory this one is ten times as fast.
MEMORY = Path("/dev/shm")

ROOMS = ["#one", "#two", "#three"]
PEOPLE = ["p1", "p2", "p10", "g7"]
LABELS = ["l1", "l2", "l3", None, None]

WORDS = ["hello", "help", "Hélp!", "lo", "o", "ok", "c++", ":)", "東京", "京都", "東", "ann", "Ann,", "👍"]
NICKS = ["ann", "bob", "Zoë", "ok", "東京", "lo"]
MOST = 6
"""Unread messages that are counted of a conversation."""
TEXTS = st.builds(
    lambda space, words: space.join(words),
    st.sampled_from([" ", " ", "", "-"]),
    st.lists(st.sampled_from([*WORDS, *NICKS]), min_size=1, max_size=4),
) | st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=5)


def draft_of(
    kind: EntryKind,
    target: str,
    nick: str,
    text: str,
    author: str,
    ref: int | None,
    peer: str | None,
    label: str | None,
) -> Draft:
    if peer is not None and kind == "topic":
        kind = "msg"
    if kind == "delete":
        text = ""
    elif kind in ("react", "unreact"):
        text = text[:1]
    return Draft(0, kind, "@somebody" if peer else target, nick, text, author, ref, peer, label)


drafts = st.builds(
    draft_of,
    kind=st.sampled_from(
        ["msg", "msg", "act", "topic", "edit", "edit", "delete", "react", "react", "unreact"]
    ),
    target=st.sampled_from(ROOMS),
    nick=st.sampled_from(NICKS),
    text=TEXTS,
    author=st.sampled_from(PEOPLE),
    ref=st.none() | st.integers(1, 50),
    peer=st.none() | st.none() | st.sampled_from(PEOPLE),
    label=st.sampled_from(LABELS),
)
readers = st.builds(Reader, st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(ROOMS)))
limits = st.integers(1, 12)


CHANGES = ("edit", "react", "unreact")


def holds(folded: str, phrase: str) -> bool:
    """Whether a text has a phrase in it, looked for at each of its characters."""
    parts = fold(phrase).split()
    if len(parts) < 2:
        return has_all(folded, read_words((phrase,)))
    text, wanted = " ".join(folded.split()), " ".join(parts)
    for start in range(len(text)):
        end = start + len(wanted)
        edges = (parts[0], text[start - 1] if start else " "), (parts[-1], (text + " ")[end : end + 1])
        if text[start:end] == wanted and all(parted(part, beside) for part, beside in edges):
            return True
    return False


def parted(part: str, beside: str) -> bool:
    """Whether the word at the edge of a phrase may have this character beside it."""
    if not read_words((part,))[0].is_whole:
        return True
    is_name = all(letter.isalnum() or letter == "_" for letter in part)
    return not (beside.isalnum() or beside == "_") if is_name else beside == " "


def is_blank(entry: Entry) -> bool:
    return not entry.text and entry.kind not in ("topic", "delete")


def is_gone(one: Stored) -> bool:
    return is_blank(one.entry)


def place_of(one: Stored) -> str:
    return one.entry.target if one.peer is None else " ".join(sorted((one.author, one.peer)))


class LogAgainstDict(RuleBasedStateMachine):
    """`kept` is the whole model: id -> what was stored; the rest follows from it."""

    def __init__(self) -> None:
        super().__init__()
        self.patch = pytest.MonkeyPatch()
        for module, name, size in (
            (postings, "BLOCK", 16),
            (sqlite, "INDEXED_AT_ONCE", 5),
            (sqlite, "STORED_AT_ONCE", 7),
            (searching, "_READ", 5),
            (searching, "_CHECKED", 2),
            (searching, "_FEWEST", 1),
            (searching, "_MOST", 2),
            (searching, "_GRAMS_FIRST", 1),
            (counting, "_READ_MOST", 1),
        ):
            self.patch.setattr(module, name, size)
        self.folder = Path(
            tempfile.mkdtemp(prefix="talkline-model-", dir=MEMORY if MEMORY.is_dir() else None)
        )
        self.log = SqliteLog(self.folder, Limits(unread_most=MOST))
        self.epoch = self.log.position().epoch
        self.kept: dict[int, Stored] = {}
        self.labels: dict[tuple[str, str], tuple[int, int]] = {}
        self.rooms: dict[str, RoomSummary] = {}
        self.last = 0
        self.forgotten = 0
        self.delivered: list[int] = []
        self.log.follow(self._deliver)

    def _deliver(self, batch: list[Stored]) -> None:
        self.delivered += [one.entry.id for one in batch]

    @initialize(at=st.integers(0, 100))
    def begin(self, at: int) -> None:
        self.clock = at

    @rule(batch=st.lists(drafts, max_size=9), pause=st.integers(-5, 30))
    def append(self, batch: list[Draft], pause: int) -> None:
        self.clock = max(0, self.clock + pause)
        batch = [replace(draft, at=self.clock + n) for n, draft in enumerate(batch)]
        wanted = [self._store(draft) for draft in batch]
        new = [one for one in wanted if one.is_new]
        for one in new:
            about = self.kept.get(one.entry.ref or 0)
            if one.entry.kind in CHANGES and about and is_gone(about):
                self._blank(one)
        for one in new:
            if one.entry.kind == "delete" and one.entry.ref:
                for other in list(self.kept.values()):
                    is_meant = other.entry.id == one.entry.ref or (
                        other.entry.kind in CHANGES and other.entry.ref == one.entry.ref
                    )
                    if is_meant and place_of(other) == place_of(one):
                        self._blank(other)
        assert self.log.append(batch) == wanted

    def _blank(self, one: Stored) -> None:
        if one.entry.kind != "delete" and one.entry.text:
            id, kind = one.entry.id, one.entry.kind
            blank = replace(one.entry, text="", kind="msg" if kind == "topic" else kind)
            self.kept[id] = replace(self.kept[id], entry=blank)

    def _store(self, draft: Draft) -> Stored:
        key = (draft.author, draft.label or "")
        if draft.label and key in self.labels:
            id, at = self.labels[key]
            if id in self.kept:
                return replace(self.kept[id], is_new=False)
            # Retention removed it: the text is what the resend says, the id and the time are the old ones.
            entry = Entry(at, draft.kind, id, draft.target, draft.nick, draft.text, draft.ref)
            return Stored(entry, draft.author, draft.peer, is_new=False)
        before = self._decided(draft)
        if before is not None and before.entry.kind == draft.kind:
            if draft.label:
                self.labels[key] = (before.entry.id, draft.at)
            return replace(before, is_new=False)
        self.last += 1
        entry = Entry(draft.at, draft.kind, self.last, draft.target, draft.nick, draft.text, draft.ref)
        stored = Stored(entry, draft.author, draft.peer)
        self.kept[self.last] = stored
        if draft.label:
            self.labels[key] = (self.last, draft.at)
        if draft.peer is None:
            room = self.rooms.get(draft.target)
            topic = draft.text if draft.kind == "topic" else room.topic if room else ""
            self.rooms[draft.target] = RoomSummary(draft.target, draft.at, topic)
        return stored

    def _decided(self, draft: Draft) -> Stored | None:
        """What was said last about whether this reaction is in force, or whether that is deleted."""
        if draft.ref is None or draft.kind not in ("react", "unreact", "delete"):
            return None
        kinds = ("delete",) if draft.kind == "delete" else ("react", "unreact")
        about = [one for one in self.kept.values() if one.entry.ref == draft.ref and one.entry.kind in kinds]
        if draft.kind == "delete":
            where = draft.target if draft.peer is None else " ".join(sorted((draft.author, draft.peer)))
            about = [one for one in about if place_of(one) == where]
        else:
            about = [one for one in about if (one.author, one.entry.text) == (draft.author, draft.text)]
        return about[-1] if about else None

    @precondition(lambda self: any(id in self.kept for id in range(self.forgotten + 1, self.last + 1)))
    @rule(back=st.integers(-10, 60), limit=limits)
    def forget(self, back: int, limit: int) -> None:
        count = 0
        while count < limit and (oldest := self.kept.get(self.forgotten + 1)):
            if oldest.entry.at >= self.clock - back:
                break
            del self.kept[oldest.entry.id]
            self.forgotten += 1
            count += 1
        assert self.log.forget_before(self.clock - back, limit) == count

    @rule(pieces=st.integers(0, 12))
    def index(self, pieces: int) -> None:
        """Also broken off in the middle."""
        left = iter(range(pieces))
        self.log.index_some(lambda: next(left, None) is None)

    def _seen_by(self, reader: Reader) -> list[Stored]:
        return [
            one
            for one in self.kept.values()
            if (
                one.entry.target in reader.rooms
                if one.peer is None
                else reader.identity in (one.author, one.peer)
            )
            and not is_gone(one)
        ]

    @rule(reader=readers, start=st.floats(-0.1, 1.1), limit=limits)
    def after(self, reader: Reader, start: float, limit: int) -> None:
        id = int(start * self.last)
        seen = [one.entry for one in self._seen_by(reader) if one.entry.id > id]
        gaps = [(max(id, 0) + 1, self.forgotten)] if id < self.forgotten else []
        assert self.log.after(id, reader, limit) == Page(seen[:limit], len(seen) > limit, gaps)

    @rule(
        reader=readers,
        place=st.sampled_from([*ROOMS, *[f"@{identity}" for identity in PEOPLE]]),
        end=st.none() | st.floats(0, 1.2),
        limit=limits,
    )
    def before(self, reader: Reader, place: str, end: float | None, limit: int) -> None:
        id = self.last + 9 if end is None else int(end * self.last) + 1
        is_open = place[0] == "@" or place in reader.rooms
        where = " ".join(sorted((reader.identity, place[1:]))) if place[0] == "@" else place
        here = [one.entry for one in self.kept.values() if is_open and place_of(one) == where]
        said = [
            entry
            for entry in here
            if entry.id < id and (entry.kind == "topic" or (entry.kind in ("msg", "act") and entry.text))
        ]
        has_more = len(said) > limit
        said = said[-limit:]
        first = said[0].id if has_more else 0
        ids = {entry.id for entry in said}
        gone = {entry.id for entry in here if first <= entry.id < id and is_blank(entry)}
        # The last word about each thing is what holds.
        latest: dict[object, Entry] = {entry.id: entry for entry in said}
        about = [entry for entry in here if entry.text and entry.ref in ids]
        for entry in about:
            if entry.kind == "edit":
                latest["edit", entry.ref] = entry
        for entry in about:
            if entry.kind in ("react", "unreact"):
                author = self.kept[entry.id].author
                latest["react", entry.ref, author, entry.text] = entry
        for entry in here:
            if entry.kind == "delete" and entry.ref in gone:
                latest["delete", entry.ref] = entry
        wanted = {entry.id: entry for entry in latest.values() if entry.kind != "unreact"}
        forgotten = min(self.forgotten, id - 1)
        gaps = [(1, forgotten)] if forgotten and not has_more and is_open else []
        page = self.log.before(None if end is None else id, place, reader, limit)
        assert page == Page([wanted[id] for id in sorted(wanted)], has_more, gaps)

    @rule(start=st.floats(-0.1, 1.1))
    def find(self, start: float) -> None:
        id = int(start * self.last)
        one = self.kept.get(id)
        assert self.log.find(id) == (None if one is None or is_gone(one) else one)

    @rule(author=st.sampled_from(PEOPLE), emoji=st.sampled_from(["h", "o", "東", "👍", "H"]))
    def has_reacted(self, author: str, emoji: str) -> None:
        for id in range(1, 51):
            kinds = [
                one.entry.kind
                for one in self.kept.values()
                if one.entry.ref == id
                and one.author == author
                and one.entry.text == emoji
                and one.entry.kind in ("react", "unreact")
            ]
            assert self.log.has_reacted(id, author, emoji) == (kinds[-1:] == ["react"])

    @rule(
        reader=readers,
        words=st.lists(st.sampled_from([*WORDS, "ell", "hel", "elp", "京", "HELLO", "x"]), max_size=2),
        phrases=st.lists(
            st.lists(st.sampled_from([*WORDS, *NICKS, "lo", "hel"]), min_size=1, max_size=3).map(" ".join),
            max_size=1,
        ),
        others=st.none() | st.none() | st.frozensets(st.sampled_from(PEOPLE)),
        room=st.none() | st.sampled_from(ROOMS),
        author=st.none() | st.sampled_from(NICKS).map(fold_nick),
        times=st.none() | st.tuples(st.floats(0, 1), st.floats(0, 1)),
        end=st.none() | st.floats(0, 1.2),
        limit=limits,
    )
    def search(
        self,
        reader: Reader,
        words: list[str],
        phrases: list[str],
        others: frozenset[str] | None,
        room: str | None,
        author: str | None,
        times: tuple[float, float] | None,
        end: float | None,
        limit: int,
    ) -> None:
        after, before = (None, None) if times is None else (int(time * self.clock) for time in times)
        newest = {
            (one.entry.ref, place_of(one)): one.entry.id
            for one in self.kept.values()
            if one.entry.kind == "edit" and one.entry.text
        }
        id = None if end is None else int(end * self.last)
        found = [
            one.entry
            for one in self._seen_by(reader)
            if one.entry.kind in ("msg", "act", "topic", "edit")
            and one.entry.text
            and has_all(fold(one.entry.text), read_words(tuple(words)))
            and all(holds(fold(one.entry.text), phrase) for phrase in phrases)
            and (
                others is None
                or (one.peer is not None and not {one.author, one.peer} - {reader.identity} - others)
            )
            and (others is None or one.author != one.peer or reader.identity in others)
            and (room is None or one.entry.target == room)
            and (author is None or fold_nick(one.entry.nick) == author)
            and (after is None or one.entry.at >= after)
            and (before is None or one.entry.at < before)
            and (id is None or one.entry.id < id)
            and newest.get((one.entry.id, place_of(one)), 0) <= one.entry.id
            and (
                one.entry.kind != "edit"
                or newest.get((one.entry.ref or one.entry.id, place_of(one)), 0) <= one.entry.id
            )
        ]
        if not (words or phrases) and author is room is after is others is None:
            found = []
        query = Query(tuple(words), author, room, after, before, tuple(phrases), others)
        page = self.log.search(query, reader, limit, id)
        assert page == Page(found[-limit:], len(found) > limit, [])

    @rule(
        reader=readers,
        marks=st.lists(st.floats(0, 1), min_size=8, max_size=8),
        called=st.lists(st.sampled_from(NICKS), max_size=3),
    )
    def unread(self, reader: Reader, marks: list[float], called: list[str]) -> None:
        places = [*ROOMS, *[f"@{identity}" for identity in PEOPLE]]
        at = {
            place: int(mark * self.last)
            for place, mark in zip([*places, "@"], marks, strict=True)
            if mark < 0.8
        }
        wanted = []
        for place in places:
            conversation = " ".join(sorted((reader.identity, place[1:]))) if place[0] == "@" else place
            new = [
                one
                for one in self._seen_by(reader)
                if place_of(one) == conversation
                and one.entry.id > at.get(place, at.get("@", 0) if place[0] == "@" else 0)
                and one.author != reader.identity
                and one.entry.kind in ("msg", "act")
            ][:MOST]
            if new:
                first = new[0].entry
                mentions = sum(
                    place[0] == "@" or any(names(one.entry.text, name) for name in called) for one in new
                )
                others = [
                    one.entry.nick
                    for one in self.kept.values()
                    if place_of(one) == conversation and one.author != reader.identity
                ]
                nick = others[-1] if place[0] == "@" else ""
                wanted.append(UnreadCount(place, nick, len(new), mentions, first.id, first.at))
        found = self.log.unread(reader, at, reader.identity, called)
        assert sorted(found, key=lambda count: count.target) == sorted(wanted, key=lambda count: count.target)
        for place in places:
            alone = [count for count in wanted if count.target == place]
            assert self.log.unread(reader, at, reader.identity, called, place) == alone

    @rule()
    def reopen(self) -> None:
        self.log.close()
        self.log = SqliteLog(self.folder, Limits(unread_most=MOST))
        self.log.follow(self._deliver)

    @invariant()
    def the_position_is_right(self) -> None:
        position = self.log.position()
        oldest = self.forgotten + 1 if self.kept else 0
        assert (position.epoch, position.oldest, position.last) == (self.epoch, oldest, self.last)

    @invariant()
    def the_rooms_are_right(self) -> None:
        assert {room.room: room for room in self.log.rooms()} == self.rooms

    @invariant()
    def the_index_fits_the_entries(self) -> None:
        with self.log._snapshot() as conn:
            assert wrong_blocks(conn) == []

    @invariant()
    def every_new_entry_was_delivered_once(self) -> None:
        assert self.delivered == list(range(1, self.last + 1))

    def teardown(self) -> None:
        self.log.close()
        shutil.rmtree(self.folder)
        self.patch.undo()


TestLogAgainstDict = LogAgainstDict.TestCase
TestLogAgainstDict.settings = settings(
    max_examples=20, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck)
)
