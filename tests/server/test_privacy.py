"""What two people say to each other alone, and what is said in a room, is nobody else's.

The same world is built several times. Only what is said out of the outsiders' sight differs: who says it to whom, where,
and in which words. Then outsiders try every command there is. Whatever they try, they must read the same bytes in each
of these worlds, times and the epoch left out: then nothing that they can type tells one world from the other.

Knowingly visible to everybody:
- ids are one counter for the whole log. Who sees 3 and then 7 knows that four entries lie between, and `last=`, the
  end of /since and the ids of one's own entries tell how many there are in all, but not whose or where.
- rooms are open: /rooms lists each with its people, its topic and when somebody last spoke, /who ROOM names them, and
  /join shows what was said. Until he has joined, a person reads and finds nothing of it.
- a claimed name is somebody's also when he is away: /nick and /whois say so.

A claim never lapses, so nobody comes by the claimed name of another; a guest's nick is free when he has left.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from chat_server.wire import COMMANDS
from tests.servers import Person, Server

UNKNOWN: Final = 777_777
"""An id that nothing has."""

ABOUT_ENTRIES: Final = ("reply", "edit", "delete", "react")

# Command -> what an outsider could try with it. {id} stands for each id that he may not see.
PROBES: Final[dict[str, tuple[str, ...]]] = {
    "nick": ("/nick ann", "/nick bob", "/nick carl", "/nick gus2"),
    "secret": ("/secret another-secret", "/secret ann another-secret", "/secret x"),
    "who": ("/who", "/who #lobby", "/who #den"),
    "time": ("/time",),
    "help": ("/help", "/help msg"),
    "join": ("/join #lobby", "/join #elsewhere"),
    "part": ("/part #den", "/part #elsewhere"),
    "here": ("/here #den", "/here #elsewhere", "/here"),
    "rooms": ("/rooms",),
    "topic": ("/topic",),
    "msg": ("/msg #den hello", "/id secret-1 /msg @bob hello", "/id secret-1 /msg @ann hello"),
    "me": ("/id secret-2 /me waves",),
    "reply": ("/reply {id} hello", "/reply ^{id} hello"),
    "edit": ("/edit {id} hello",),
    "delete": ("/delete {id}",),
    "react": ("/react {id} 👍", "/react {id} 👍", "/react {id} :tada:"),
    "away": ("/away for a moment", "/away"),
    "whois": ("/whois ann", "/whois bob", "/whois @carl", "/whois dora", "/whois nobody"),
    "history": (
        "/history",
        "/history 50 #den",
        "/history 50 #den {id}",
        "/history 50 @ann",
        "/history 50 @bob",
        "/history 50 @bob {id}",
        "/history 50 @carl",
        "/history 50 #lobby {id}",
    ),
    "search": (
        "/search needle",
        "/search needl",
        "/search needle from:ann",
        "/search needle from:@bob",
        "/search needle from:gus",
        "/search needle in:#den",
        "/search needle in:@bob",
        "/search in:@bob",
        "/search in:@ann after:2001-01-01",
        "/search in:@carl",
        "/search in:#den",
        "/search in:den",
        "/search from:ann",
        "/search from:bob before:{id}",
        "/search from:carl after:2001-01-01",
        "/search from:dora",
        "/search on:2001-01-01",
        "/search before:{id}",
        '/search "needle for eve"',
        "/search needle before:{id}",
        "/search haystack",
        "/search eve",
        "/search 👍",
    ),
    "unread": ("/unread",),
    "read": ("/read @bob {id}", "/read @ann {id}", "/read #den {id}", "/unread"),
    "since": ("/since 0", "/since {id}"),
    "ping": ("/ping x",),
    "quit": ("/quit",),
}

Talk = tuple[str, str, str]
"""Who says it, the other one, and where: "@other" or a room."""

WORLDS: Final[dict[str, Talk]] = {
    "two who claimed their names": ("ann", "bob", "@bob"),
    "the same two, the other way round": ("bob", "ann", "@ann"),
    "a guest who leaves, and bob": ("gus", "bob", "@bob"),
    "two others": ("carl", "dora", "@dora"),
    "a room": ("ann", "bob", "#den"),
}


def talk(people: dict[str, Person], talk: Talk, needle: str) -> list[int]:
    """Six entries out of the outsiders' sight; their ids."""
    one, other, target = talk
    first, second = people[one], people[other]
    first.send(f"/id secret-1 /msg {target} {needle} for eve, zoe and gus")
    said = int(first.expect(r"ok secret-1 (\d+)$")[1])
    second.send(f"/id secret-2 /reply {said} {needle} yes")
    second.send(f"/id secret-3 /react {said} 👍")
    assert int(second.expect(r"ok secret-3 (\d+)$")[1]) == said + 2
    first.send(f"/id secret-4 /edit {said} {needle} for eve, zoe and gus, edited")
    first.send(f"/id secret-5 /msg {target} {needle} eve")
    first.send(f"/id secret-6 /delete {said + 4}")
    assert int(first.expect(r"ok secret-6 (\d+)$")[1]) == said + 5
    return [said + number for number in range(6)]


def world(server: Server, said: Talk, needle: str) -> tuple[dict[str, list[str]], list[int], list[str]]:
    """What each outsider reads in one world, the ids that he may not see, and what their owner reads at the end."""
    people = {nick: server.connect() for nick in ("ann", "bob", "carl", "dora")}
    for nick, person in people.items():
        person.send(f"/nick {nick} the-secret-of-{nick}\n/join #den\nhello from {nick}")
        person.expect(f"msg \\d+ #den {nick}: ")
    people["gus"] = server.connect("gus")
    people["gus"].send("/join #den")
    eve, zoe = server.connect("eve"), server.connect()
    zoe.send("/nick zoe the-secret-of-zoe")
    zoe.expect("nick \\S+ zoe$")
    eve.sync()
    ids = talk(people, said, needle)
    people["gus"].close()
    for outsider in (eve, zoe):
        outsider.expect("part #lobby gus$")
    gus = server.connect("gus")
    for nick, outsider in {"eve": eve, "zoe": zoe, "gus": gus}.items():
        try_all(outsider, ids, has_mark=nick == "zoe")
    owner = people["carl" if "carl" in said else "bob"]
    owner.sync()
    owner.send(f"/since {ids[0] - 1}")
    owner.expect("begin since")
    kept = []
    while not (line := owner.line()).startswith("end since"):
        kept.append(line)
    return {nick: shapes(who) for nick, who in {"eve": eve, "zoe": zoe, "gus": gus}.items()}, ids, kept


def try_all(outsider: Person, ids: list[int], has_mark: bool) -> None:
    for name in sorted(PROBES, key=lambda name: name == "quit"):
        for probe in PROBES[name]:
            if name == "quit":
                outsider.send(probe)
                assert outsider.rest()[-1].startswith("bye quit ")
            elif "{id}" not in probe:
                outsider.send(probe)
                outsider.sync()
            else:
                answers = {id: answer(outsider, probe, id) for id in (*ids, UNKNOWN)}
                if name in ABOUT_ENTRIES:
                    assert set(answers.values()) == {
                        "err no-such-id - There is no message {id} that you can see"
                    }
                elif name == "read" and (not has_mark or "#den" in probe):
                    assert len(set(answers.values())) == 1


def answer(outsider: Person, probe: str, id: int) -> str:
    """All that comes back, with {id} for the id that was asked about."""
    outsider.send(probe.replace("{id}", str(id)))
    return "\n".join(re.sub(rf"\b{id}\b", "{id}", line) for line in outsider.sync())


def shapes(person: Person) -> list[str]:
    """All that somebody read, without what differs from run to run: times, the epoch, the tokens of `sync`."""
    stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
    seen = "\n".join(re.sub(stamp, "TIME", line) for line in person.seen)
    seen = re.sub(r"epoch=\S+|anew \(\S+\)|since 0 \S+", "EPOCH", seen)
    return re.sub(r"(?m)^TIME (pong|time) .*", r"TIME \1", seen).split("\n")


def test_the_table_tries_every_command_there_is() -> None:
    assert PROBES.keys() == COMMANDS.keys()


def test_what_others_say_out_of_ones_sight_changes_nothing_that_one_can_read(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    read: dict[str, dict[str, list[str]]] = {}
    for number, (name, said) in enumerate(WORLDS.items()):
        needle = "haystack" if name == "two others" else "needle"
        server = start_server("--rate", "0", data=tmp_path / str(number))
        outsiders, ids, kept = world(server, said, needle)
        for seen in outsiders.values():
            # What they typed themselves is not in it, but for the words that begin a search and end it.
            told = [line for line in seen if not re.match(r"TIME (begin|end) search ", line)]
            assert not [line for line in told if needle in line], name
            foreign = re.compile(rf"TIME (msg|act|edit|delete|react|unreact) ({'|'.join(map(str, ids))}) ")
            assert not [line for line in told if foreign.match(line)], name
        # And what they tried did nothing to it.
        about = [line.split(" ")[:2] for line in kept if int(line.split(" ")[1]) <= ids[-1]]
        assert about == [["msg", str(ids[0])], ["msg", str(ids[1])], ["react", str(ids[2])],
                         ["edit", str(ids[3])], ["delete", str(ids[5])]]  # fmt: skip
        read[name] = outsiders
    first = read.pop("two who claimed their names")
    for name, outsiders in read.items():
        for nick, seen in outsiders.items():
            assert seen == first[nick], name


@pytest.mark.parametrize("where", ["@bob", "#den"])
def test_the_search_of_those_concerned_finds_what_the_outsiders_did_not(server: Server, where: str) -> None:
    ann, bob = server.connect("ann"), server.connect("bob")
    for person in (ann, bob):
        person.send("/join #den")
    ann.sync(), bob.sync()
    ann.send(f"/msg {where} a needle")
    for person in (ann, bob):
        person.expect("msg 1 ")
        person.send("/search needle")
        assert any(line == f"msg 1 {where} ann: a needle" for line in person.sync())
