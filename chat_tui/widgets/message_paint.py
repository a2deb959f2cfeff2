"""Draws one message: its rows as strips, with colours, links and what the mouse can find out about each cell."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final
from urllib.parse import quote

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from chat_server.text import clean, fold
from chat_tui.code_colors import colored
from chat_tui.formatting import HIDDEN, LINE_BREAK, Formatted, preview
from chat_tui.model import Delivery, Message, Reaction
from chat_tui.widgets.gap_text import rule_text
from chat_tui.widgets.log_palette import Palette
from chat_tui.widgets.message_ink import Action, Ink
from chat_tui.widgets.message_rows import Columns, Lead, LocalTime, inner_width, layout, why_not_sent
from chat_tui.widgets.named import Named
from chat_tui.widgets.wrapping import DrawnRow, cut, drawable, wrap

_Mark = tuple[int, int, Style]

_MARKS: Final = {Delivery.SENT: "", Delivery.PENDING: "…", Delivery.FAILED: "✗", Delivery.UNSURE: "?"}
"""Where something of the user's is, for those who see no colours."""


@dataclass(frozen=True, slots=True)
class Selected:
    """What of a message is selected: characters of its body, and whether its nick is copied with it."""

    start: int
    end: int
    has_nick: bool = False


@dataclass(frozen=True, slots=True)
class Painter:
    """Draws messages in one width and one palette; each strip is exactly `columns.width` cells wide."""

    columns: Columns
    palette: Palette
    time: LocalTime
    named: Named = field(default_factory=Named)
    """Whose names are lit up in a text."""

    def paint(
        self,
        message: Message,
        serial: int,
        lead: Lead,
        *,
        selected: Selected | None = None,
        is_cursor: bool = False,
        is_uncovered: bool = False,
    ) -> list[Strip]:
        """All rows of a message, those before it included.

        Each cell knows its message (`meta["key"]`) and, for the selection, its character (`meta["offset"]`,
        with `serial` as the line), and what a click on it does, if anything (`meta["action"]`, a word and what
        it is about). `is_uncovered` shows its spoilers.
        """
        strips = []
        ink = Ink(message, serial, self.palette.base)
        if lead.is_new_day:
            name = self.time.day_name(message.at, is_short=self.columns.width < 40)
            strips.append(self._rule(name, "day", ink, is_faint=True))
        if lead.is_unread:
            strips.append(self._rule("new", "unread", ink))
        ink = Ink(message, serial, self._row_style(message, is_cursor))
        if message.is_rule:
            part = "failed" if message.reason else "gap"
            label = rule_text(message, self.time, self.columns.width - 6)
            action = ("load", message.key) if message.kind == "gap" else None
            strips.append(self._rule(label, part, ink, action=action))
            return strips
        formatted, rows, above, below = layout(message, self.columns.text)
        if above:
            strips.append(self._reply(message, ink))
        marks = [*self._marks(message, formatted, ink, selected)]
        covered = [
            (look.start, look.end) for look in formatted.looks if look.part == "spoiler" and not is_uncovered
        ]
        base = self._text_style(message)
        for number, row in enumerate(rows):
            # Signs that are hidden at the beginning of a text belong to it.
            start = formatted.source_of(row.start) if number else 0
            end = formatted.source_of(row.end)
            segments = self._before(message, ink, start, number == 0, is_cursor, selected)
            segments += self._row(formatted, row, marks, covered, ink, base)
            strips.append(self._fill(segments, ink, end))
        size = formatted.size
        why = why_not_sent(message) if below else ""
        for start, end in wrap(why, self.columns.text) if why else ():
            segments = self._before(message, ink, size, False, False, None)
            segments.append(ink.aside(why[start:end], self.palette.parts["failed"], size))
            strips.append(self._fill(segments, ink, size))
        if below and message.reactions:
            segments = self._before(message, ink, size, False, False, None)
            segments += self._reactions(message.reactions, ink, size, has_names=is_cursor)
            strips.append(self._fill(segments, ink, size))
        return strips

    def hint(self, text: str) -> Strip:
        """One row of what an empty log says, in the middle."""
        style = self.palette.base + self.palette.parts["empty"]
        line = cut(drawable(text), self.columns.width)
        left = (self.columns.width - cell_len(line)) // 2
        return self._fit([Segment(" " * left, style), Segment(line, style)], style)

    def _before(
        self,
        message: Message,
        ink: Ink,
        start: int,
        is_first: bool,
        is_cursor: bool,
        selected: Selected | None,
    ) -> list[Segment]:
        columns, parts = self.columns, self.palette.parts
        if not columns.nick:
            return []
        sign, sign_style = self._sign(message, is_first)
        if is_cursor and is_first:
            sign += "▸"
        pieces = [(sign.ljust(columns.margin)[-columns.margin :], sign_style)]
        if columns.time:
            pieces.append((f"{self.time.minute(message.at)} " if is_first else " " * 6, parts["time"]))
        name, name_style = self._name(message, ink) if is_first else ("", parts["time"])
        if is_first and selected is not None and selected.has_nick:
            name_style += self.palette.selection
        name = cut(name, columns.nick)
        pieces.append((" " * (columns.nick - cell_len(name)), parts["time"]))
        pieces.append((name, name_style))
        pieces.append((" │ ", parts["separator"]))
        return ink.asides(pieces, start)

    def _sign(self, message: Message, is_first: bool) -> tuple[str, Style]:
        """The first cell: what a row is, for those who see no colours."""
        parts = self.palette.parts
        if message.mentions_me:
            return "▌", parts["bar"]
        if is_first and (mark := _MARKS[message.delivery]):
            return mark, parts["pending" if message.delivery is Delivery.PENDING else "failed"]
        return " ", parts["time"]

    def _name(self, message: Message, ink: Ink) -> tuple[str, Style]:
        """What stands in the nick column."""
        parts = self.palette.parts
        match message.kind:
            case "msg":
                style = self.palette.nick(message, ink.row)
                return drawable(message.nick), style + Style(bold=True) if message.mentions_me else style
            case "act":
                return "*", self.palette.nick(message, ink.row)
            case "error":
                return "error", parts["error"] + Style(bold=True)
            case "notice":
                return "--", parts["notice"]
            case "event" | "gap" | "removed":
                return "·", parts["event"]

    def _reply(self, message: Message, ink: Ink) -> Strip:
        """The row above an answer: what it answers."""
        reply = message.reply
        assert reply is not None
        said = preview(drawable(reply.text)) or "a message that is not loaded"
        text = f"↳ {drawable(reply.nick)}: {said}" if reply.nick else f"↳ {said}"
        segments = self._before(message, ink, 0, False, False, None)
        style = self.palette.parts["reply"]
        segments.append(ink.aside(cut(text, self.columns.text), style, 0, action=("jump", str(reply.id))))
        return self._fill(segments, ink, 0)

    def _reactions(
        self, reactions: Sequence[Reaction], ink: Ink, position: int, *, has_names: bool
    ) -> Iterator[Segment]:
        """As many as there is room for, then "…"; with how many people they are from, or with who these are."""
        parts, room = self.palette.parts, self.columns.text
        shares = self._shares(reactions) if has_names else {}
        for reaction in reactions:
            emoji, mark = cut(drawable(reaction.emoji), 8), _MARKS[reaction.delivery]
            who = self._who(reaction, shares.get(reaction.emoji, 0)) or str(len(reaction.nicks))
            text = f" {emoji} {who}{mark} "
            width = cell_len(text)
            if width + 2 > room:
                yield ink.aside("…"[:room], parts["reaction"], position)
                return
            look = parts["reacted" if reaction.is_mine else "reaction"]
            if reaction.delivery is not Delivery.SENT:
                look += parts["pending" if reaction.delivery is Delivery.PENDING else "failed"]
            yield ink.aside(text, look, position, action=("react", reaction.emoji))
            yield ink.aside(" ", parts["time"], position)
            room -= width + 1

    def _shares(self, reactions: Sequence[Reaction]) -> dict[str, int]:
        """Cells for the people of each: what it needs, if all get as much."""
        room = self.columns.text - sum(cell_len(cut(drawable(one.emoji), 8)) + 5 for one in reactions)
        needs = sorted((cell_len(self._who(one, 10_000)), one.emoji) for one in reactions)
        shares = {}
        for left, (need, emoji) in zip(range(len(needs), 0, -1), needs, strict=True):
            shares[emoji] = min(need, max(0, room) // left)
            room -= shares[emoji]
        return shares

    def _who(self, reaction: Reaction, width: int) -> str:
        """The people of a reaction in so many cells, the reader first, "+2" for those who have no room; "" if nobody
        has."""
        others = [drawable(nick) for nick in reaction.nicks if fold(nick) != fold(self.named.own)]
        is_own_here = len(others) < len(reaction.nicks)
        names = ["you", *others] if is_own_here else others
        for count in range(len(names), 0, -1):
            rest = f" +{len(names) - count}" if count < len(names) else ""
            text = ", ".join(names[:count]) + rest
            if cell_len(text) <= width:
                return text
        return ""

    def _row(
        self,
        formatted: Formatted,
        row: DrawnRow,
        marks: list[_Mark],
        covered: list[tuple[int, int]],
        ink: Ink,
        base: Style,
    ) -> Iterator[Segment]:
        """The text column of a row."""
        width = self.columns.text
        is_inner = inner_width(row.kind, width) < width
        start, end = formatted.source_of(row.start), formatted.source_of(row.end)
        parts = self.palette.parts
        match row.kind:
            case "quote":
                if is_inner:
                    yield ink.aside("▎ ", parts["quote-bar"], start)
                yield from _text(formatted, row, marks, covered, ink, base + parts["quote"])
            case "code":
                look = base + parts["code-block"]
                if is_inner:
                    mark = ("↳", look + parts["label"]) if row.is_rest else (" ", look)
                    yield ink.aside(*mark, start)
                text = [*_text(formatted, row, marks, covered, ink, look)]
                yield from text
                rest = width - is_inner - sum(segment.cell_length for segment in text)
                if rest > 0:
                    yield ink.aside(" " * rest, look, end)
            case "text":
                yield from _text(formatted, row, marks, covered, ink, base)

    def _marks(
        self, message: Message, formatted: Formatted, ink: Ink, selected: Selected | None
    ) -> Iterator[_Mark]:
        """Stretches of the drawn text that look different; later ones over earlier ones."""
        parts, text = self.palette.parts, formatted.text
        if message.kind == "act":
            yield 0, len(clean(message.nick)), self.palette.nick(message, ink.row)
        if message.kind in ("msg", "act"):
            skip = [(look.start, look.end) for look in formatted.looks if look.part in ("code", "link")]
            skip += [(block.start, block.end) for block in formatted.blocks if block.kind == "code"]
            for start, end, nick in self.named.within(text, message.mentions_me):
                if not any(start < last and first < end for first, last in skip):
                    yield start, end, parts["named"] if nick is None else self.palette.person(nick, ink.row)
        for look in formatted.looks:
            style = parts[look.part]
            if look.part == "link":
                style += Style(link=_address(look.value))
            yield look.start, look.end, style
        for block in formatted.blocks:
            if block.kind == "code":
                begin = block.code
                code = text[begin : block.end].replace(LINE_BREAK, "\n")
                for start, end, part in colored(code, block.language):
                    yield begin + start, begin + end, parts[f"code-{part}"]
        if selected is not None:
            start, end = formatted.drawn_of(selected.start), formatted.drawn_of(selected.end)
            yield start, end, self.palette.selection

    def _text_style(self, message: Message) -> Style:
        parts = self.palette.parts
        if message.kind in ("notice", "event", "error"):
            return parts[message.kind]
        if message.delivery is not Delivery.SENT:
            return parts["pending" if message.delivery is Delivery.PENDING else "failed"]
        return Style.null()

    def _row_style(self, message: Message, is_cursor: bool) -> Style:
        """Plain text on the background that the whole row has."""
        if is_cursor or message.mentions_me:
            return self.palette.base + self.palette.rows["cursor" if is_cursor else "mention"]
        return self.palette.base

    def _rule(
        self, label: str, part: str, ink: Ink, *, is_faint: bool = False, action: Action | None = None
    ) -> Strip:
        parts, width = self.palette.parts, self.columns.width
        label = f" {cut(label, width - 6)} " if width > 8 else ""
        sides = max(0, width - 2 - cell_len(label))
        line = parts["separator"] if is_faint else parts[part]
        pieces = (
            (" " + "─" * (sides // 2), line),
            (label, parts[part]),
            ("─" * (sides - sides // 2) + " ", line),
        )
        return self._fit(ink.asides(pieces, 0, action), ink.row)

    def _fill(self, segments: list[Segment], ink: Ink, end: int) -> Strip:
        gap = self.columns.width - sum(segment.cell_length for segment in segments)
        if gap > 0:
            segments.append(ink.aside(" " * gap, ink.row, end))
        return self._fit(segments, ink.row)

    def _fit(self, segments: list[Segment], style: Style) -> Strip:
        # Rows are measured already; this holds where a terminal is narrower than one sign.
        return Strip(segments).crop_extend(0, self.columns.width, style)


def _text(
    formatted: Formatted,
    row: DrawnRow,
    marks: list[_Mark],
    covered: list[tuple[int, int]],
    ink: Ink,
    base: Style,
) -> Iterator[Segment]:
    """The characters of a row, cut wherever a mark begins or ends, or something of the source is not drawn."""
    start, end = row.start, row.end
    places = [*covered, *((begin, stop) for begin, stop, _ in marks)]
    edges = {edge for place in places for edge in place if start < edge < end}
    sources = formatted.sources
    if sources is not None:
        edges.update(at for at in range(start + 1, end) if sources[at] - sources[at - 1] > 1)
    for left, right in pairwise(sorted({start, end, *edges})):
        text, style = formatted.text[left:right], base
        is_covered = any(begin <= left and right <= stop for begin, stop in covered)
        for begin, stop, mark in marks:
            if begin <= left and right <= stop and not (is_covered and mark.link):
                style += mark
        if is_covered:
            text = HIDDEN * cell_len(text)
        yield ink.characters(text, style, formatted.source_of(left), is_covered)


def _address(text: str) -> str:
    # OSC 8 takes bytes 32 to 126 only; what is written in another script is percent-encoded, as browsers do it.
    return quote(text, safe="!#$%&'()*+,/:;=?@[]~")
