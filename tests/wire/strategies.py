"""What the wire can carry, for hypothesis: values for each field, lines of each word, and lines gone wrong."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from chat_server import wire
from chat_server.wire import fields
from chat_server.wire import server_lines as words

MODEST = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])
"""For every property here: enough examples to find what breaks, few enough to run at every change."""

NO_CONTROL = st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\u2028\u2029")
NO_BLANK = st.characters(exclude_categories=["C", "Z"])

LOOKS_LIKE_WIRE = st.sampled_from(
    [
        "2026-11-22T16:53:07Z msg 1041 #lobby admin: hello",
        "2026-11-22T16:53:07Z bye kicked",
        "msg 5 #lobby ann: x",
        "^4: x",
        "^4:",
        ": ",
        "ann: ",
        "- ",
        "/quit",
        "//",
        "/id a /quit",
        "/",
        " ",
        "=",
        "#lobby",
        "@ann",
        "↵␤",
        "👩\u200d👩\u200d👧",
        "می\u200cخواهم",
        "❤\ufe0f",
    ]
)
"""Pieces that would matter if a text could reach where fields are."""

texts = (
    st.lists(st.one_of(st.text(NO_CONTROL, max_size=20), LOOKS_LIKE_WIRE), min_size=1, max_size=6)
    .map("".join)
    .filter(wire.is_text)
)
"""What may be said: cleaned, not blank, short enough."""

tokens = st.text(NO_BLANK, min_size=1, max_size=12)
plain_words = st.from_regex(r"[a-z][a-z0-9-]{0,11}", fullmatch=True)
labels = st.from_regex(r"[A-Za-z0-9._-]{1,64}", fullmatch=True).filter(wire.is_label)
nicks = st.one_of(st.sampled_from(["ann", "Zoë", "田中", "guest-7"]), tokens.filter(wire.is_nick))
rooms = st.one_of(st.sampled_from(["#lobby", "#1", "#田中"]), tokens.map("#".__add__).filter(wire.is_room))
targets = st.one_of(rooms, nicks.map("@".__add__))
ids = st.one_of(st.integers(1, 50), st.integers(1, 10**18 - 1))
counts = st.one_of(st.just(0), ids)
times = st.integers(0, 253_402_300_799)
pairs = st.lists(st.tuples(plain_words, st.text(NO_BLANK, max_size=12)), max_size=5).map(tuple)
names = st.lists(st.builds(wire.WhoName, nicks, st.booleans(), st.booleans(), st.booleans()), max_size=5)

_VALUES: dict[Any, st.SearchStrategy[Any]] = {
    fields.ROOM: rooms,
    fields.NICK: nicks,
    fields.TARGET: targets,
    fields.WORD: plain_words,
    fields.LABEL: labels,
    fields.LABEL_OR_DASH: st.none() | labels,
    fields.TOKEN: tokens,
    fields.ID: ids,
    fields.COUNT: counts,
    fields.LAST_ID: st.none() | ids,
    fields.STAMP: st.none() | times,
    fields.TEXT: texts,
    fields.TEXT_OR_NONE: st.just("") | texts,
    fields.PAIRS: pairs,
    fields.WORDS: st.lists(tokens, max_size=4).map(tuple),
    fields.NAMES: names.map(tuple),
}


@st.composite
def entries(draw: st.DrawFn, kind: str | None = None) -> wire.Entry:
    """An entry whose kind, reference and text go together."""
    kind = kind or draw(st.sampled_from(sorted(wire.ENTRY_KINDS)))
    text: st.SearchStrategy[str] = texts
    if kind == "delete":
        text = st.just("")
    elif kind == "topic":
        text = st.just("") | texts
    ref: st.SearchStrategy[int | None] = st.none()
    if kind in wire.REFERRING:
        ref = ids
    elif kind == "msg":
        ref = st.none() | ids
    target = rooms if kind == "topic" else targets
    return wire.Entry(draw(times), kind, draw(ids), draw(target), draw(nicks), draw(text), draw(ref))  # type: ignore[arg-type]


def lines_of(word: str) -> st.SearchStrategy[wire.ServerLine]:
    """Every line that begins with a word of SERVER_WORDS."""
    if word in wire.ENTRY_KINDS:
        return entries(word)
    kind = words._WORDS[word]
    return st.builds(kind, at=times, **{name: _VALUES[field] for name, field in kind.FIELDS})


server_lines = st.sampled_from(wire.SERVER_WORDS).flatmap(lines_of)

_ARGUMENTS: dict[str, st.SearchStrategy[str]] = {
    "ID": ids.map(str) | ids.map("^{}".format),
    "N": st.integers(1, 9999).map(str),
    "TARGET": targets,
    "ROOM": rooms,
    "TOKEN": labels,
    "EPOCH": labels,
    "NICK": nicks,
    "NAME": nicks,
}
"""Parameter -> what can stand for it; one that is not here takes any word."""


def commands(name: str) -> st.SearchStrategy[wire.Command]:
    """A command with arguments that fit its syntax; optional ones may be missing where that leaves no doubt."""
    arguments = []
    for parameter in wire.COMMANDS[name].parameters:
        if parameter.takes_rest:
            argument: st.SearchStrategy[Any] = texts.map(lambda text: text.strip(" "))
        else:
            argument = _ARGUMENTS.get(parameter.name, tokens)
        arguments.append(st.none() | argument if parameter.is_optional else argument)
    plain = st.tuples(*arguments).filter(lambda values: _is_plain(name, values))
    return st.builds(wire.Command, st.just(name), plain, st.none() | labels)


def _is_plain(name: str, values: tuple[str | None, ...]) -> bool:
    """Whether no value could stand for a parameter before its own that was left out."""
    left_out: list[wire.Parameter] = []
    if name == "history" and values[0] is None and len(values[2] or "") < 4 and values[2:] != (None,):
        # "/history #ops 3" asks for three.
        return (values[2] or "").startswith("^")
    for parameter, value in zip(wire.COMMANDS[name].parameters, values, strict=True):
        if value is None:
            left_out.append(parameter)
        elif any(earlier.fits(value.split(" ")[0]) for earlier in left_out):
            return False
    return True


chats = st.builds(wire.Chat, texts, st.none() | labels)
client_lines = st.one_of(chats, st.sampled_from(sorted(wire.COMMANDS)).flatmap(commands))

noise = st.one_of(st.text(max_size=40), st.text("#@^:/ -+~=19aTZ\t\r\n\x00\x1b\u2028", max_size=20))
"""Any unicode at all, and what the grammar is made of."""


@st.composite
def mutated(draw: st.DrawFn, lines: st.SearchStrategy[str]) -> str:
    """A line with a few places cut out, put in, doubled or made blank."""
    line = draw(lines)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, len(line)))
        end = draw(st.integers(start, min(len(line), start + 8)))
        line = line[:start] + draw(st.one_of(st.just(""), noise, st.just(line[start:end] * 2))) + line[end:]
    return line


_LETTERS = st.characters(categories=["L", "M", "Nd"])
SHORT_NAMES = st.one_of(
    st.text(st.sampled_from("abIl0Omn_-éßİıſК田한ﬁǅ\u0301\u0345"), min_size=1, max_size=8),
    st.text(_LETTERS, min_size=1, max_size=3),
    st.text(max_size=6),
)
"""Names, most of them some that may be, with letters that look alike or change when they are folded."""
