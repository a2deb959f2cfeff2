"""Plays the conversations of a page against a real server: what the page promises is what the server says.

A transcript is a block of Markdown fenced as ```transcript. In it

    > /time             is typed by the reader of the page, on a connection of his own
    bob> hi ann         is typed by somebody else, who was there before, under that name
    2026-11-22T… …      is the next line that the reader of the page gets, and nothing comes in between

"```transcript ann" means that the reader has taken that nick already. A block that does not begin with a
`welcome` line begins after the greeting. Times, the epoch, the server's name and what /time says are compared by
their shape. Ids, the epoch and guest-N may be other ones than on the page, but the same one wherever the page has the
same, also in a command that is typed. Everything else is compared as it stands.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.servers import Person, TimedOut

_BLOCK = re.compile(r"^```transcript(?: (?P<nick>\S+))?\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
_TYPED = re.compile(r"(?P<who>[^\W\d][\w-]*)?> (?P<line>.*)")
_STAMP = r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z"

# What differs from run to run: a name for it, and where it stands in a line after its TIME.
_SHAPES = [
    ("stamp", re.compile(rf"(?<= )(?P<value>{_STAMP})")),
    ("server", re.compile(r"\Awelcome chat/1 (?P<value>\S+)")),
    ("epoch", re.compile(r" epoch=(?P<value>\S+)")),
    ("epoch", re.compile(r"(?: started anew \(|ask /since 0 )(?P<value>\w+)")),
    ("time", re.compile(r"\Atime (?P<value>.*)")),
    ("id", re.compile(r"\A(?:msg|act|topic|edit|delete|react|unreact) (?P<value>\d+)")),
    ("id", re.compile(r"\A\S+ \S+ \S+ \S+ \^(?P<value>\d+):")),
    ("id", re.compile(r"\Aok \S+ (?P<value>\d+)")),
    ("id", re.compile(r"\A(?:begin|end) since (?P<value>\d+)")),
    ("id", re.compile(r"\Abegin search .*before:(?P<value>\d+)")),
    ("id", re.compile(r"\Aunread \S+ \d+ \d+ (?P<value>\d+)")),
    ("id", re.compile(r"\Aerr \S+ \S+ Message (?P<value>\d+)")),
    ("last", re.compile(r" last=(?P<value>\d+)")),
    ("guest", re.compile(r"(?P<value>guest-\d+)")),
]
_SAME_EVERYWHERE = {"id", "epoch", "guest"}


class Diverged(AssertionError):
    """The server says something else than the page."""


@dataclass(frozen=True, slots=True)
class Transcript:
    """One block: where it stands (page and line), whom its reader is called, and its lines."""

    page: str
    line: int
    nick: str | None
    lines: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.page}:{self.line}"


def transcripts(page: Path) -> list[Transcript]:
    """The transcripts of a page, in order."""
    text = page.read_text("utf-8")
    return [
        Transcript(
            page.name,
            text.count("\n", 0, found.start()) + 1,
            found["nick"],
            tuple(line for line in found["body"].splitlines() if line.strip()),
        )
        for found in _BLOCK.finditer(text)
    ]


def play(transcript: Transcript, host: str, port: int, *, seconds: float = 5.0) -> None:
    """Holds the conversation with a fresh server, waiting for each line at most so many seconds.

    Raises Diverged where it goes another way.
    """
    others: dict[str, Person] = {}
    for line in transcript.lines:
        typed = _TYPED.fullmatch(line)
        if typed and typed["who"] and typed["who"] not in others:
            others[typed["who"]] = _welcomed(host, port, typed["who"])
    reader = Person(port, host)
    try:
        if transcript.nick is not None or " welcome " not in transcript.lines[0]:
            _greeted(reader, transcript.nick)
        _converse(transcript, reader, others, seconds)
    finally:
        for person in (reader, *others.values()):
            person.close()


def _converse(transcript: Transcript, reader: Person, others: dict[str, Person], seconds: float) -> None:
    known: dict[str, str] = {}
    for number, line in enumerate(transcript.lines, transcript.line + 1):
        typed = _TYPED.fullmatch(line)
        if typed is None:
            heard = _next(reader, seconds)
            if not _is_said(line, heard, known):
                raise Diverged(f"{transcript.page}:{number}\n  page:   {line}\n  server: {heard}")
        elif typed["who"]:
            others[typed["who"]].send(_as_known(typed["line"], known))
            # Two connections have no order; a ping behind the line makes one, or the end after a /quit.
            with suppress(EOFError, OSError):
                others[typed["who"]].sync()
        else:
            reader.send(_as_known(typed["line"], known))
    left = reader.rest() if " bye " in transcript.lines[-1] else reader.sync()
    if left:
        raise Diverged(f"{transcript}: the server says more than the page: {left}")


def _as_known(typed: str, known: dict[str, str]) -> str:
    """A command of the page with the ids and the epoch of this run."""
    if not typed.startswith("/"):
        return typed
    return re.sub(r"(?<![^ :])[^ :]+(?![^ ])", lambda word: known.get(word[0], word[0]), typed)


def _is_said(page: str, heard: str, known: dict[str, str]) -> bool:
    """Whether a line of the page and one of the server say the same; remembers which id stands for which."""
    page_stamp, _, page_body = page.partition(" ")
    stamp, _, body = heard.partition(" ")
    if not (re.fullmatch(_STAMP, page_stamp) and re.fullmatch(_STAMP, stamp)):
        return False
    for name, shape in _SHAPES:
        ours, theirs = list(shape.finditer(page_body)), list(shape.finditer(body))
        if len(ours) != len(theirs):
            return False
        for one, other in zip(reversed(ours), reversed(theirs), strict=True):
            if name in _SAME_EVERYWHERE and known.setdefault(one["value"], other["value"]) != other["value"]:
                return False
            page_body = page_body[: one.start("value")] + name + page_body[one.end("value") :]
            body = body[: other.start("value")] + name + body[other.end("value") :]
    return page_body == body


def _next(reader: Person, seconds: float) -> str:
    try:
        reader.line(seconds)
    except EOFError:
        return "(the connection ended)"
    except TimedOut:
        return "(nothing)"
    return reader.seen[-1]


def _welcomed(host: str, port: int, nick: str) -> Person:
    person = Person(port, host)
    _greeted(person, nick)
    return person


def _greeted(person: Person, nick: str | None) -> None:
    person.expect("note You are")
    if nick is not None:
        person.send(f"/nick {nick}")
        person.expect(rf"nick \S+ {re.escape(nick)}\Z")
