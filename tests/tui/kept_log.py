"""A pretended server that keeps a log of one room with edits, deletes and reactions, and answers as the real one."""

from __future__ import annotations

from chat_server import wire
from tests.tui.driven_model import DrivenModel

ROOM = "#lobby"
BACKLOG = 3


class KeptLog:
    """Everything said in ROOM, and what holds of it. `me` is told all of it live while he is connected."""

    def __init__(self, app: DrivenModel) -> None:
        self.app = app
        self.epoch = 1
        self.log: list[wire.Entry] = []
        self.gone: set[int] = set()
        self.is_connected = self.is_inside = False

    # -- what people do

    def do(self, kind: str, nick: str, text: str = "", ref: int | None = None) -> None:
        """Somebody says or does something; what nobody may do is left out."""
        about = None if ref is None else self.find(ref)
        if ref is not None and about is None:
            return
        if about is not None and kind in ("edit", "delete") and about.nick != nick:
            return
        if kind == "react" and text in self.reactions(ref or 0) and nick in self.reactions(ref or 0)[text]:
            kind = "unreact"
        at = int(self.app.now)
        self.log.append(wire.Entry(at, kind, len(self.log) + 1, ROOM, nick, text, ref))  # type: ignore[arg-type]
        if kind == "delete":
            self.gone |= {
                entry.id
                for entry in self.log
                if entry.id == ref
                or (entry.ref == ref and entry.kind in wire.REFERRING and entry.kind != "delete")
            }
        if self.is_connected and self.is_inside:
            self.app.feed(bare(self.log[-1]))
            self.answer()

    def find(self, id: int) -> wire.Entry | None:
        """A message that is not deleted."""
        said = [entry for entry in self.log if entry.id == id and entry.kind == "msg" and id not in self.gone]
        return said[0] if said else None

    def text(self, id: int) -> tuple[str, bool]:
        """The newest text of a message, and whether it was edited."""
        [first, *edits] = [
            entry.text for entry in self.log if entry.id == id or (entry.ref == id and entry.kind == "edit")
        ]
        return (edits[-1], True) if edits else (first, False)

    def reactions(self, id: int) -> dict[str, list[str]]:
        """Emoji and who put it there, in the order in which they did."""
        newest = {
            (entry.nick, entry.text): entry
            for entry in self.log
            if entry.ref == id and entry.kind in ("react", "unreact") and entry.id not in self.gone
        }
        found: dict[str, list[str]] = {}
        for entry in sorted(newest.values(), key=lambda entry: entry.id):
            if entry.kind == "react":
                found.setdefault(entry.text, []).append(entry.nick)
        return found

    # -- what the app asks

    def connect(self) -> None:
        """A connection comes about, with all that the app says first on it."""
        self.is_connected = self.is_inside = True
        self.app.welcome("guest-1", ROOM, epoch=f"epoch{self.epoch}", last=len(self.log))
        self.history(None, BACKLOG, is_join=True)
        self.app.feed("note You are guest-1")
        self.answer()

    def lose(self) -> None:
        """It ends; what was asked gets no answer."""
        self.is_connected = False
        self.app.take_sent_with_labels()
        self.app.lose()

    def answer(self) -> None:
        """Answers what was sent."""
        while lines := self.app.take_sent_with_labels():
            for line in lines:
                self._answer(line)

    def _answer(self, line: str) -> None:
        command = wire.parse_client(line)
        assert isinstance(command, wire.Command)
        match command.name, command.arguments:
            case "nick", (nick, _):
                self.app.feed(f"nick {self.app.model.nick} {nick}")
            case "who", _:
                self.app.feed(f"begin who {ROOM}", f"who {ROOM} {self.app.model.nick} bob", f"end who {ROOM}")
            case "join", _:
                self.is_inside = True
                self.app.feed(f"join {ROOM} {self.app.model.nick}")
                self.history(None, BACKLOG, is_join=True)
            case "part", _:
                self.is_inside = False
                self.app.feed(f"part {ROOM} {self.app.model.nick}")
            case "since", (str(id), _):
                self.since(int(id), 4)
            case "history", _ if not self.is_inside:
                self.app.feed(f"err not-in-room {command.label} You are not in {ROOM}")
                return
            case "history", (str(count), _, before):
                # Small pages, so that there are many.
                self.history(int(before) if before else None, min(int(count), 4))
        self.app.feed(f"ok {command.label}")

    def since(self, id: int, limit: int) -> None:
        """A page of what was said after an id."""
        after = [entry for entry in self.log[id:] if entry.id not in self.gone]
        has_more = len(after) > limit
        last = after[limit - 1].id if has_more else len(self.log)
        lines = [bare(entry) for entry in after[:limit]]
        self.app.feed(f"begin since {id}", *lines, f"end since {last}{' more' * has_more}")

    def history(self, before: int | None, count: int, *, is_join: bool = False) -> None:
        """A page of the room as the real log makes it: the messages and what holds of them."""
        end = len(self.log) + 1 if before is None else before
        said = [
            entry
            for entry in self.log
            if entry.id < end and entry.kind == "msg" and entry.id not in self.gone
        ]
        has_more, said = len(said) > count, said[-count:]
        first = said[0].id if has_more else 0
        ids = {entry.id for entry in said}
        about = [
            entry
            for entry in self.log
            if (entry.ref in ids and entry.kind == "edit" and entry.text == self.text(entry.ref)[0])
            or (entry.ref in ids and entry.kind == "react" and self._holds(entry))
            or (entry.kind == "delete" and first <= (entry.ref or 0) < end)
        ]
        lines = [bare(entry) for entry in sorted([*said, *about], key=lambda entry: entry.id)]
        more = " more" * (has_more and not is_join)
        self.app.feed(f"begin history {ROOM}", *lines, f"end history {ROOM}{more}")

    def _holds(self, entry: wire.Entry) -> bool:
        later = (
            one
            for one in self.log[entry.id :]
            if (one.ref, one.nick, one.text) == (entry.ref, entry.nick, entry.text) and one.kind == "unreact"
        )
        return next(later, None) is None

    def load_all(self) -> None:
        """The user scrolls up to the beginning and fills every gap."""
        for _ in range(200):
            gaps = [row.key for row in self.app.messages(ROOM) if row.kind == "gap"]
            model = self.app.model
            if gaps:
                self.app.do(model.load_gap(gaps[-1]))
            elif model.rooms[ROOM].has_older:
                self.app.do(model.load_older(ROOM))
            else:
                return
            self.answer()
        raise AssertionError("there is no end of older messages")


def bare(entry: wire.Entry) -> str:
    """The line without its TIME."""
    return wire.format_server(entry).partition(" ")[2]
