"""Holds what people said, were answered and saw against the log."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tests.durability.checker.record import Record
from tests.durability.checker.sight import DIRECT, Span, place_of
from tests.durability.checker.speech import LOBBY, Line
from tests.durability.checker.standing import differences, standing
from tests.durability.checker.talker import Talker


class Broken(AssertionError):
    """A promise was broken; the text says how, `faults` in all detail."""

    def __init__(self, *faults: str) -> None:
        self.faults = faults
        super().__init__(f"{len(faults)} faults: " + "; ".join(faults[:10]))


def judge(record: Record, talkers: Sequence[Talker], after: int = 0) -> None:
    """Holds everything after an id against the log; `record` may begin before. Raises Broken.

    For who holds the locks of the talkers, when all of them are settled.
    """
    faults = [fault for part in _Case(record, talkers, after).parts() for fault in part]
    if faults:
        raise Broken(*faults)
    for talker in talkers:
        talker.unchecked.clear()


@dataclass
class _Case:
    record: Record
    talkers: Sequence[Talker]
    after: int

    def __post_init__(self) -> None:
        self._new = [row for row in self.record.rows if row.entry.id > self.after]
        self._by_nick = {talker.nick: talker for talker in self.talkers}
        self._stored = {label: (id, author) for id, author, label in self.record.labels}
        self._guests = {talker.nick for talker in self.talkers if talker.is_guest}
        self._identities: dict[tuple[str, int], str] = {}

    def parts(self) -> Iterator[Iterator[str]]:
        yield self._seen_wrong()
        yield self._whole()
        yield self._meant()
        yield self._identified()
        yield self._answered()
        yield self._kept()
        yield self._ordered()
        yield self._unseen()
        yield self._toggled()
        yield self._pictured()

    def _seen_wrong(self) -> Iterator[str]:
        for talker in self.talkers:
            for fault in talker.faults:
                yield f"{talker.nick}: {fault}"

    def _whole(self) -> Iterator[str]:
        """The ids have no hole, and each entry was said once."""
        record = self.record
        ids = [row.entry.id for row in record.rows]
        if ids != list(range(record.after + 1, record.after + len(ids) + 1)) or record.last < self.after:
            yield f"the ids have a hole, or end at {record.last}"
        if [id for id, _, _ in record.labels] != ids:
            yield "not every entry has its label"
        if len(self._stored) != len(record.labels):
            yield "a label is in the log twice"
        texts = [row.entry.text for row in record.rows if row.entry.text.endswith(";")]
        if len(set(texts)) != len(texts):
            yield "a text is in the log twice"

    def _meant(self) -> Iterator[str]:
        """Each entry is what the line with its label said."""
        for label, (id, author) in self._stored.items():
            talker = self._by_nick.get(label.rpartition("-")[0])
            line = talker.lines.get(label) if talker else None
            row = self.record.row(id)
            if id <= self.after or row is None:
                continue
            if talker is None or line is None:
                yield f"nobody said {label}"
                continue
            entry = row.entry
            text = entry.text if row.is_gone else line.body
            is_so = (
                entry.kind in line.entry_kinds
                and (entry.ref, entry.text, entry.nick) == (line.ref, text, talker.nick)
                and row.author == author
                and author == self.record.identities.get(talker.nick, author)
                and author.startswith("g" if talker.is_guest else "p")
                and row.is_direct == (line.place == DIRECT)
                and line.place in (DIRECT, row.conversation)
            )
            if not is_so:
                yield f"{line} was stored as {row}"

    def _identified(self) -> Iterator[str]:
        """A guest's connection is one identity, and no other is the same."""
        owners: dict[str, tuple[str, int]] = {}
        for talker in self.talkers:
            for label, answer in talker.answers.items() if talker.is_guest else ():
                if answer.id is None or label not in self._stored:
                    continue
                _, author = self._stored[label]
                who = talker.nick, answer.connection
                if (
                    self._identities.setdefault(who, author) != author
                    or owners.setdefault(author, who) != who
                ):
                    yield f"{label} was stored as said by {author}, who is somebody else"
            if not talker.is_guest and talker.nick in self.record.identities:
                identity = self.record.identities[talker.nick]
                for number in range(talker.sight.connection + 1):
                    self._identities[talker.nick, number] = identity

    def _answered(self) -> Iterator[str]:
        """What was acknowledged is in the log as that; what was refused is not, and for a reason."""
        for talker in self.talkers:
            labels = talker.unchecked if self.after else talker.answers
            for label in labels:
                answer, line = talker.answers[label], talker.lines[label]
                id, _ = self._stored.get(label, (None, ""))
                if answer.code is None and id != answer.id:
                    yield f"{label} was acknowledged as {answer.id} and is in the log as {id}"
                if answer.code is not None and id is not None and not line.is_to_guest:
                    yield f"{label} is in the log as {id} and was refused: {answer.code} ({line.command})"
                if answer.code is not None and not self._is_fair(talker, line, answer.code):
                    yield f"{label} was refused without reason: {answer.code} ({line})"

    def _is_fair(self, talker: Talker, line: Line, code: str) -> bool:
        """Whether a line may have been refused the first time that it came."""
        if line.is_to_guest and code in ("no-such-nick", "no-such-id", "not-allowed"):
            return True
        if line.kind == "join":
            return False
        # A /part was done before the kill, and only its answer lost; or one came late.
        is_out = line.place not in (DIRECT, LOBBY) and (line.kind == "part" or not talker.is_exact)
        if is_out and code in ("not-in-room", "no-such-id"):
            return True
        row = self.record.row(line.ref or 0)
        # Deleted before, and not by this line: then it would be stored.
        return code == "no-such-id" and line.kind != "delete" and row is not None and row.is_gone

    def _kept(self) -> Iterator[str]:
        """Rooms and read marks are there as far as they were acknowledged."""
        for talker in self.talkers:
            if talker.is_exact:
                for which in talker.kept.differences(self.record.kept[talker.nick]):
                    yield f"{talker.nick} {which}"

    def _ordered(self) -> Iterator[str]:
        """Each one's lines are in the log in the order he said them."""
        last: dict[str, int] = {}
        for _, _, label in self.record.labels:
            nick, _, number = label.rpartition("-")
            talker = self._by_nick.get(nick)
            line = talker.lines.get(label) if talker else None
            if line is None or line.is_to_guest:
                # Refused when the guest was away, and the answer lost, it is said when he is back.
                continue
            if int(number) < last.get(nick, 0):
                yield f"{label} is in the log behind {nick}-{last[nick]}"
            last[nick] = int(number)

    def _unseen(self) -> Iterator[str]:
        """Everybody saw everything in the stretches in which he was there."""
        ids_of: dict[str, list[int]] = {}
        for row in self._new:
            # A text that was deleted is not shown any more.
            if not row.is_gone:
                for place in (row.author, row.peer) if row.is_direct else (row.conversation,):
                    ids_of.setdefault(place or "", []).append(row.entry.id)
        for talker in self.talkers:
            sight = talker.sight
            if sight.seen != sorted(set(sight.seen)):
                yield f"{talker.nick} saw an id twice, or after a later one"
            seen = set(sight.seen[bisect_right(sight.seen, self.after) :])
            now = [Span(place, after, sight.heard, sight.connection) for place, after in sight.open.items()]
            for span in (*sight.spans, *now):
                place = span.place
                if place == DIRECT:
                    place = self._identities.get((talker.nick, span.connection), "")
                ids = ids_of.get(place, [])
                missing = set(ids[bisect_right(ids, span.after) : bisect_right(ids, span.upto)]) - seen
                if missing:
                    yield f"{talker.nick} did not see {sorted(missing)[:9]} of {span}"

    def _toggled(self) -> Iterator[str]:
        """A reaction that is said again takes itself back."""
        last: dict[tuple[str, int | None, str], str] = {}
        for row in self.record.rows:
            entry = row.entry
            if entry.kind in ("react", "unreact") and entry.text and (entry.ref or 0) > self.record.after:
                key = row.author, entry.ref, entry.text
                if last.get(key, "unreact") == entry.kind:
                    yield f"{entry} says again what was so"
                last[key] = entry.kind

    def _pictured(self) -> Iterator[str]:
        """What stands of what somebody saw, live or from a backlog on, is what stands in the log."""
        for talker in self.talkers:
            sight = talker.sight
            for place, after in sight.open.items():
                first = max(after + 1, self.record.after + 1, sight.kept_from)
                truth = self.record.rooms.get(place, [])
                if place == DIRECT:
                    identity = self._identities.get((talker.nick, sight.connection))
                    if identity is None:
                        continue
                    truth = self.record.direct(identity)
                saw = [entry for entry in sight.entries.values() if place_of(entry) == place]
                for which in differences(standing(truth, first), standing(saw, first)):
                    yield f"{talker.nick} sees {place} otherwise than the log: {which}"
            for room, backlogs in sight.backlogs.items():
                for backlog in backlogs:
                    first = max(backlog.first, self.record.after + 1, sight.kept_from)
                    truth = self.record.rooms.get(room, [])
                    # A guest who came back is another one by the same name. The backlog holds what is in force, and
                    # when /since then brings how it came to that, one cannot tell whose reaction was taken back.
                    mute = self._guests
                    shown = standing(backlog.entries.values(), first, mute)
                    for which in differences(standing(truth, first, mute), shown):
                        yield f"{talker.nick} was shown {room} otherwise than the log: {which}"
