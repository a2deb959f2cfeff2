"""Exactly one `ok` or `err` for every line with a label, whatever the command and the state it comes in."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import pytest

from chat_server.wire import COMMANDS
from tests.servers import Person, Server

# Command -> lines that are right in some state and wrong in another.
LINES: Final[dict[str, tuple[str, ...]]] = {
    "nick": (
        "/nick ann",
        "/nick bob",
        "/nick other",
        "/nick 7",
        "/nick",
        "/nick own a-secret",
        "/nick own wrong-secret",
        "/nick bob a-secret",
        "/nick 7 a-secret",
        "/nick second a-secret",
        "/nick own a-secret",
    ),
    "secret": (
        "/secret",
        "/secret short",
        "/secret two words",
        "/secret another-secret",
        "/secret a-secret",
        "/nick own a-secret",
    ),
    "who": ("/who", "/who #lobby", "/who #nowhere", "/who nonsense"),
    "time": ("/time", "/time now"),
    "help": ("/help", "/help msg", "/help nonsense"),
    "join": ("/join #den", "/join #den", "/join den", "/join #???", "/join"),
    "here": ("/here", "/here #lobby", "/here #nowhere", "/here lobby"),
    "part": ("/part #den", "/part #den", "/part #nowhere", "/part den"),
    "rooms": ("/rooms", "/rooms #den"),
    "topic": ("/topic", "/topic tea", "/topic", "/topic -", "/topic"),
    "msg": (
        "/msg #lobby hello",
        "/msg #nowhere hello",
        "/msg @bob hello",
        "/msg @nobody hello",
        "/msg bob hello",
        "/msg lobby hello",
        "/msg nobody hello",
    ),
    "me": ("/me waves", "/me", "/me \u200e"),
    "reply": (
        "/reply 1 yes",
        "/reply 99 yes",
        "/reply 1",
        "/reply one yes",
        "/reply 0 yes",
        f"/reply {'9' * 18} yes",
    ),
    "edit": ("/edit 1 other", "/edit 2 other", "/edit 99 other", "/edit 1", f"/edit {'9' * 19} other"),
    "react": ("/react 1 👍", "/react 1 👍", "/react 1 nonsense", "/react 99 👍", "/react 1"),
    "delete": ("/delete 2", "/delete 99", "/delete", "/delete 0"),
    "away": ("/away tea", "/away"),
    "whois": ("/whois bob", "/whois @bob", "/whois nobody", "/whois"),
    "history": (
        "/history",
        "/history 0",
        "/history 5 #lobby",
        "/history 5 #nowhere",
        "/history 5 @bob",
        "/history 5 @nobody",
        f"/history 5 #lobby {'9' * 18}",
        "/history nonsense",
        "/history lobby 5",
        "/history bob",
    ),
    "search": (
        "/search hello",
        "/search from:bob",
        "/search from:nobody",
        "/search in:#nowhere",
        "/search in:@nobody",
        '/search "hello',
        "/search hello before:never",
        "/search hello before:99999-01-01",
        "/search hello after:9999-12-31",
        "/search hello before:0001-01-01",
        f"/search hello before:{'9' * 18}",
        "/search",
    ),
    "unread": ("/unread", "/unread now", "/unread #lobby", "/unread bob", "/unread 1"),
    "read": (
        "/read #lobby 1",
        "/read #nowhere 1",
        "/read @bob 1",
        "/read @nobody 1",
        f"/read #lobby {'9' * 18}",
        "/read 1",
        "/read",
        "/read bob",
        "/read lobby 1",
    ),
    "since": ("/since 0", "/since 0 another-epoch", f"/since {'9' * 18}", "/since", "/since -1"),
    "ping": ("/ping x", "/ping", "/ping two words"),
    "quit": ("/quit good night",),
}

OTHERS: Final = ("hello", "//hello", "", "\u200e", "/nonsense", "x" * 3501, "/id twice hello")


def a_guest(person: Person) -> None:
    pass


def in_no_room(person: Person) -> None:
    person.send("/part")


def an_owner(person: Person) -> None:
    person.send("/nick own a-secret")


def an_owner_in_no_room(person: Person) -> None:
    person.send("/nick own a-secret\n/part")


@pytest.mark.parametrize("state", [a_guest, in_no_room, an_owner, an_owner_in_no_room])
def test_every_line_with_a_label_has_exactly_one_answer(
    server: Server, state: Callable[[Person], None]
) -> None:
    assert LINES.keys() == COMMANDS.keys()
    bob, ann = server.connect("bob"), server.connect("ann")
    bob.send("hello"), ann.send("hello")
    bob.expect("msg 2 "), ann.expect("msg 2 ")
    state(ann)
    ann.sync()
    for name in sorted(LINES, key=lambda name: name == "quit"):
        for line in LINES[name]:
            if name != "quit":
                assert answers(ann, "l-1", line) == 1, line
                # A label that is known already is answered as well. (A wrong secret costs a second each time.)
                assert "wrong" in line or answers(ann, "l-1", line) == 1, line
    for line in OTHERS:
        if not line.startswith("/id"):
            assert answers(ann, "l-2", line) == 1, line
    for line in LINES["quit"]:
        ann.send(f"/id l-3 {line}")
        # The bye is the answer, and nothing comes behind it.
        assert [line.split(" ")[0] for line in ann.rest()] == ["bye"]
    assert not [error for error in server.errors if "broke" in error or "Traceback" in error]


def answers(person: Person, label: str, line: str) -> int:
    """How many `ok` and `err` with the label come, when all is done that was said before."""
    person.send(f"/id {label} {line}")
    heard = [one.split(" ") for one in person.sync()]
    assert not [one for one in heard if one[:2] == ["err", "internal"]], line
    return sum(
        one[1:2] == [label] if one[0] == "ok" else one[2:3] == [label]
        for one in heard
        if one[0] in ("ok", "err")
    )


def test_many_labelled_lines_in_one_go_are_each_answered_once_and_in_order(server: Server) -> None:
    ann = server.connect("ann")
    lines = """hello|/me waves|/reply 1 yes|/who|/search hello|/history|/join #den|there|/topic|/topic tea|/topic|/unread
        |/since 0|/part|/nick own a-secret|/react 1 👍|/time""".replace("\n", "").split("|")
    ann.send("\n".join(f"/id l-{number} {line.strip()}" for number, line in enumerate(lines)))
    heard = ann.sync()
    labels = [re.match(r"(?:ok|err \S+) (\S+)", line) for line in heard]
    assert [label[1] for label in labels if label] == [f"l-{number}" for number in range(len(lines))]
    # Also what only asks waits for what was said before it.
    assert heard[heard.index("ok l-9 5") + 1] == "note The topic of #den is: tea"


def test_a_resent_line_gets_its_id_whatever_has_changed_since(start_server: Callable[..., Server]) -> None:
    server = start_server("--rate", "0")
    ann, ivo = server.connect(), server.connect("ivo")
    lines = [
        "/id m1 to be replied to",
        "/id m2 to be edited",
        "/id r1 /reply 1 a reply",
        "/id e1 /edit 2 edited",
        "/id u1 /react 1 👍",
        "/id d1 /delete 1",
        "/id d2 /delete 2",
        "/id t1 /msg #tmp hello",
        "/id q1 /msg @ivo hello",
    ]

    def said(person: Person) -> list[str]:
        person.send_bytes("".join(f"{line}\n" for line in lines).encode())
        return [line for line in person.sync() if line.startswith(("ok ", "err "))]

    ann.send("/nick ann a-secret-of-hers")
    ann.send("/join #tmp")
    ann.send("/join #lobby")
    ann.sync()
    answers = said(ann)
    labels = ["m1", "m2", "r1", "e1", "u1", "d1", "d2", "t1", "q1"]
    assert answers == [f"ok {label} {number}" for number, label in enumerate(labels, 1)]
    ivo.close()
    ann.send("/part #tmp")
    assert said(ann) == answers
    ann.send("/part #lobby")
    assert said(ann) == answers
    server.kill()
    server.restart()
    again = server.connect()
    again.send("/nick ann a-secret-of-hers")
    assert said(again) == answers
    again.send("/id n1 /delete 1")
    again.expect("err no-such-id n1 ")
    # Somebody else's label is his own.
    other = server.connect()
    assert [line.split()[:3] for line in said(other)[2:4]] == [
        ["err", "no-such-id", label] for label in ("r1", "e1")
    ]
