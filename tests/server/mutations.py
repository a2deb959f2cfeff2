"""Lines for a server, right ones and wrong ones: the commands of the wire's own table, filled and then spoiled."""

from __future__ import annotations

import random

from chat_server.wire import COMMANDS

WORDS = {
    "NAME": ["ann", "bob", "zoë", "田中", "guest-1", "аdmin", "x" * 21, "1x", "@bob", ""],
    "NICK": ["ann", "bob", "nobody", "ANN", "+ann", "@", ""],
    "SECRET": ["a-secret", "é", "s" * 300],
    "ROOM": ["#lobby", "#LOBBY", "#1", "#田中", "#" + "r" * 29, "#" + "r" * 31, "#", "lobby", "#a:b"],
    "TARGET": ["#lobby", "#nowhere", "@ann", "@nobody", "@guest-2", "@", "#", "ann"],
    "ID": ["0", "1", "^2", "17", "9" * 18, "9" * 19, "-1", "٣", "1e3", "^"],
    "N": ["0", "1", "50", "9999", "99999", "-5"],
    "EPOCH": ["abc123", "-", "!"],
    "TOKEN": ["t-1", "-", "x" * 65],
    "EMOJI": ["👍", ":+1:", "x", "👩\u200d👩\u200d👧", "👍👍"],
    "COMMAND": ["nick", "/nick", "nope", "//"],
    "TEXT": [
        "hello",
        "ünï çödé 😀",
        "x" * 3500,
        "y" * 3501,
        "␤",
        " ",
        "\u200b",
        "a\tb",
        "msg 5 #lobby ann: x",
        "/quit",
    ],
    "WORDS": ["hello", "from:ann in:#lobby", 'be"fore:', "OR NOT (", "*", "x" * 400, "田"],
}
"""Parameter -> what may stand there, wrong values among them."""

NAMES = [name for name in COMMANDS if name != "quit"]
WEIGHTS = [1 if name in {"since", "history", "search", "help", "rooms"} else 8 for name in NAMES]
"""Long answers are rarer: 100,000 lines shall not take minutes."""

BREAKERS = [
    b"\x00",
    b"\xff",
    b"\xc3",
    b"\x1b[2J",
    b"\xe2\x80\xae",
    b"\xed\xa0\x80",
    b"\xef\xbb\xbf",
    b"\r",
    b" ",
    b"/",
    b":",
    b"^",
]


def line(chance: random.Random) -> bytes:
    """One line without its LF. None of them is a /quit, or there would be nobody left to go on."""
    kind = chance.random()
    if kind < 0.1:
        made = chance.randbytes(chance.randrange(60)).replace(b"\n", b"")
    elif kind < 0.2:
        made = chance.choice(WORDS["TEXT"]).lstrip("/").encode()
    else:
        name = chance.choices(NAMES, WEIGHTS)[0]
        values = [
            chance.choice(WORDS.get(one.name, ["x"]))
            for one in COMMANDS[name].parameters
            # A secret costs 40 ms, and a wrong one a second.
            if not one.is_optional or chance.random() < (0.02 if one.name == "SECRET" else 0.7)
        ]
        made = f"/{name} {' '.join(values)}".encode()
    if chance.random() < 0.3:
        made = chance.choice([b"/id l-%d " % chance.randrange(50), b"/id ! ", b"/id "]) + made
    while chance.random() < 0.3:
        made = spoil(chance, made)
    return b"" if b"/quit" in made.lower() else made


def spoil(chance: random.Random, data: bytes) -> bytes:
    """The line with one thing wrong in it."""
    at = chance.randrange(len(data) + 1)
    match chance.randrange(5):
        case 0:
            return data[:at] + chance.choice(BREAKERS) + data[at:]
        case 1:
            return data[:at]
        case 2:
            return data[:at] + data[at + 1 :]
        case 3:
            return data[:at] + data[at : at + 8] * chance.randrange(1, 40) + data[at:]
        case _:
            return data[:at] + bytes([chance.randrange(256)]).replace(b"\n", b"") + data[at + 1 :]
