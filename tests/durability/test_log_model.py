"""The log held against a dict by hypothesis: whatever is done to both, they answer the same."""

import shutil
import tempfile
from dataclasses import replace
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chat_server.log import Draft, Page, Reader, RoomSummary, Stored
from chat_server.log.sqlite import SqliteLog
from chat_server.wire import Entry

# Whether the bytes reach a disk is the matter of other tests; in memory this one is ten times as fast.
MEMORY = Path("/dev/shm")

ROOMS = ["#one", "#two", "#three"]
PEOPLE = ["p1", "p2", "p10", "g7"]
LABELS = ["l1", "l2", "l3", None, None]

drafts = st.builds(
    lambda kind, target, text, author, ref, peer, label: Draft(
        at=0,
        kind=kind,
        target="@somebody" if peer else target,
        nick="ann",
        text=text,
        author=author,
        ref=ref,
        peer=peer,
        label=label,
    ),
    kind=st.sampled_from(["msg", "act", "topic", "edit"]),
    target=st.sampled_from(ROOMS),
    text=st.text(st.characters(exclude_categories=["Cs"]), max_size=5),
    author=st.sampled_from(PEOPLE),
    ref=st.none() | st.integers(1, 50),
    peer=st.none() | st.none() | st.sampled_from(PEOPLE),
    label=st.sampled_from(LABELS),
).map(lambda draft: replace(draft, kind="msg") if draft.peer and draft.kind == "topic" else draft)
readers = st.builds(Reader, st.sampled_from(PEOPLE), st.frozensets(st.sampled_from(ROOMS)))
limits = st.integers(1, 12)


class LogAgainstDict(RuleBasedStateMachine):
    """`kept` is the whole model: id -> what was stored; the rest follows from it."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(
            tempfile.mkdtemp(prefix="talkline-model-", dir=MEMORY if MEMORY.is_dir() else None)
        )
        self.log = SqliteLog(self.folder)
        self.epoch = self.log.position().epoch
        self.kept: dict[int, Stored] = {}
        self.labels: dict[tuple[str, str], Stored] = {}
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
        assert self.log.append(batch) == wanted

    def _store(self, draft: Draft) -> Stored:
        key = (draft.author, draft.label or "")
        if draft.label and key in self.labels:
            old = self.labels[key]
            if old.entry.id in self.kept:
                return replace(old, is_new=False)
            # Retention removed it: the text is what the resend says, the id and the time are the old ones.
            entry = Entry(
                old.entry.at, draft.kind, old.entry.id, draft.target, draft.nick, draft.text, draft.ref
            )
            return Stored(entry, draft.author, draft.peer, is_new=False)
        self.last += 1
        entry = Entry(draft.at, draft.kind, self.last, draft.target, draft.nick, draft.text, draft.ref)
        stored = Stored(entry, draft.author, draft.peer)
        self.kept[self.last] = stored
        if draft.label:
            self.labels[key] = stored
        if draft.peer is None:
            room = self.rooms.get(draft.target)
            topic = draft.text if draft.kind == "topic" else room.topic if room else ""
            self.rooms[draft.target] = RoomSummary(draft.target, draft.at, topic)
        return stored

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

    @rule(reader=readers, start=st.floats(-0.1, 1.1), limit=limits)
    def after(self, reader: Reader, start: float, limit: int) -> None:
        id = int(start * self.last)
        seen = [
            one.entry
            for one in self.kept.values()
            if one.entry.id > id
            and (
                one.entry.target in reader.rooms
                if one.peer is None
                else reader.identity in (one.author, one.peer)
            )
        ]
        gaps = [(max(id, 0) + 1, self.forgotten)] if id < self.forgotten else []
        assert self.log.after(id, reader, limit) == Page(seen[:limit], len(seen) > limit, gaps)

    @rule(
        reader=readers,
        place=st.sampled_from([*ROOMS, *[f"@{identity}" for identity in PEOPLE]]),
        end=st.none() | st.floats(0, 1.2),
        limit=limits,
    )
    def before(self, reader: Reader, place: str, end: float | None, limit: int) -> None:
        id = None if end is None else int(end * self.last) + 1
        seen = [
            one.entry
            for one in self.kept.values()
            if (id is None or one.entry.id < id)
            and (
                one.peer is None and one.entry.target == place and place in reader.rooms
                if place[0] == "#"
                else sorted((one.author, one.peer or "")) == sorted((reader.identity, place[1:]))
            )
        ]
        has_more = len(seen) > limit
        gone = self.forgotten if id is None else min(self.forgotten, id - 1)
        is_open = place[0] == "@" or place in reader.rooms
        gaps = [(1, gone)] if gone and not has_more and is_open else []
        assert self.log.before(id, place, reader, limit) == Page(seen[-limit:], has_more, gaps)

    @rule()
    def reopen(self) -> None:
        self.log.close()
        self.log = SqliteLog(self.folder)
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
    def every_new_entry_was_delivered_once(self) -> None:
        assert self.delivered == list(range(1, self.last + 1))

    def teardown(self) -> None:
        self.log.close()
        shutil.rmtree(self.folder)


TestLogAgainstDict = LogAgainstDict.TestCase
TestLogAgainstDict.settings = settings(
    max_examples=100, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
