"""Every limit of the server, each with its why, and what a start is told on the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Final

from chat_server.wire import LINE_BYTES, TEXT_BYTES

PORT: Final = 5000
"""The port of the demo this grew from; people type it after `nc HOST`."""

LOBBY: Final = "#lobby"
"""The room everybody starts in."""


@dataclass(frozen=True, slots=True)
class Range:
    """What a limit may be set to, both ends included."""

    least: float
    most: float


_MOST: Final = 10**9
"""Of anything that is counted: SQLite and the kernel take it, and nobody means more."""

Count = Annotated[int, Range(1, _MOST)]
CountOrZero = Annotated[int, Range(0, _MOST)]
Bytes = Annotated[int, Range(1024, 2**40)]
Rate = Annotated[float, Range(0, _MOST)]
Seconds = Annotated[float, Range(0.001, 365 * 86_400)]
Few = Annotated[int, Range(1, 64)]


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server grants, each as `chat-server --limit NAME=VALUE` sets it within its range.

    0 means no limit for `clients`, `clients_per_address` and what is `per_second`; with no limit for
    `lines_per_second` the other two have none either. The texts below are what `chat-server limits` shows.
    """

    line_bytes: Annotated[int, Range(LINE_BYTES, LINE_BYTES)] = LINE_BYTES
    """Longest client line, fixed by chat/1. IRC has 512, ssh-chat 1024, Ergo 4096: a pasted paragraph fits, a flood of
    one line does not."""

    text_bytes: Annotated[int, Range(TEXT_BYTES, TEXT_BYTES)] = TEXT_BYTES
    """Longest text, fixed by chat/1: with everything that stands before it, it still fits a line."""

    backlog: Count = 20
    """Entries shown on joining a room. ssh-chat and weechat show 20: one screen, not a book."""

    backlog_bytes: Bytes = 32 * 1024
    """Most bytes of the backlog of one room, and four times as much for all the rooms that somebody comes back into: they
    are sent at once, and must fit into the outbox of a slow line many times over."""

    rooms_shown: Count = 200
    """Rooms that /rooms lists, the fullest and liveliest first: a room that something was said in stays in the list
    for ever, and 5,000 of them would fill the outbox of who asks."""

    history: Count = 50
    """Entries of a /history that names no number: a screen and a bit."""

    found: Count = 20
    """Results of one /search; before:ID asks for older ones."""

    page: Count = 500
    """Most entries of one answer to /history or /since: some 50 KiB, sent while live lines wait behind it."""

    unread_most: Count = 999
    """Most unread messages that are counted of one conversation, and looked through for a mention: the talk of a long
    weekend, so that none is missed. After a year away 0.5 ms for each room. With 99 it would be a tenth of that, but who
    was named in the hundredth message would not know."""

    search_seconds: Seconds = 2.0
    """After so long a search gives what it found. In a million messages the slowest take a thirtieth of that."""

    label_seconds: Annotated[int, Range(60, 3650 * 86_400)] = 90 * 86_400
    """So long the label of a line is known: a laptop that slept through a long holiday resends harmlessly."""

    readers: Few = 4
    """Connections to the store for reading at once. Each keeps 2 MB of cache; more than a few only wait for the same
    disk."""

    searchers: Few = 2
    """Connections to the store for searches, apart from the others: who joins a room never waits for somebody's
    search."""

    counters: Few = 2
    """Connections to the store for counting what is unread. After a restart hundreds come back and are counted for,
    some of them after a year: who joins does not wait behind them, nor does the hub, which reads a room when first
    somebody comes."""

    hashes_at_once: Few = 2
    """Secrets that are hashed at the same time, 19 MiB and a core each: the others wait in their own threads."""

    wrong_secret_seconds: Seconds = 1.0
    """A wrong secret costs its sender this long: 16 connections of one address guess 16 times a second at most."""

    clients: CountOrZero = 10_000
    """Connections in all: a thread and about 20 KiB each. The default of the largest ssh-chat is 1,000."""

    clients_per_address: CountOrZero = 16
    """Connections from one address (IPv6: one /64), loopback exempt. Ergo's number: an office behind one
    address fits, a script that opens thousands does not."""

    new_per_address: Count = 32
    """New connections from one address in `new_seconds`, loopback exempt. Ergo's number."""

    new_seconds: Seconds = 600.0
    """For `new_per_address`. Ten minutes: who was refused may try again before he has forgotten why."""

    networks: Count = 65_536
    """Addresses whose new connections are remembered, some 500 bytes each. Who owns a /32 of IPv6 has four thousand
    million: when he walks through them, the oldest are forgotten and the memory stays as it is."""

    claims_per_address: Count = 10
    """Names claimed from one address in `claims_seconds`, loopback exempt: names are for ever, and at the pace of
    lines one client took five thousand in an hour. A household, an office's first day in two."""

    claims_seconds: Seconds = 86_400.0
    """For `claims_per_address`. A day."""

    secret_changes: Count = 5
    """Times that a person may change his secret in `claims_seconds`: each is hashed slowly, on purpose. Loopback is not
    exempt, since it is the person that counts."""

    secret_chars: Count = 8
    """Least characters of a new secret (NIST SP 800-63B, 5.1.1.1). It also catches who means "/nick ann smith" for a
    name of two words."""

    rooms: Count = 1_000
    """Rooms with somebody in them, so that one client cannot fill the memory with names."""

    rooms_per_person: Count = 50
    """Rooms one person is in at a time."""

    marks_per_person: Count = 500
    """Read marks kept of one person, some 150 bytes each. Far more than anybody follows; without it who joins one
    room after the other would fill the memory: five a second are 65 MB a day."""

    lines_per_second: Rate = 1.5
    """What one client may say for long. Ergo 2, weechat's own guard 0.5: faster than anybody types sense."""

    burst_lines: Count = 8
    """Said at once before the pace applies: a greeting and a few short lines never wait."""

    asks_per_second: Rate = 5.0
    """Lines that only ask (/who, /join, /history, /ping): their own budget, so catching up never waits for talk."""

    burst_asks: Count = 60
    """An app that comes back joins and lists 20 rooms at once."""

    scraps_per_second: Rate = 50.0
    """Reads that end no line. Who types in a raw terminal sends a byte at a time, 30 a second if he is good. Bytes
    sent singly as fast as can be, or gigabytes without an end of line, kept half a core busy and everybody waiting;
    at this rate they cost nothing, and who sends a long line in earnest still gets 200 KB/s."""

    burst_scraps: Count = 200
    """A line that comes in as many packets as it has letters."""

    delay_seconds: Seconds = 10.0
    """So long a client that is too fast is only slowed down; after that its lines are refused."""

    flood_seconds: Seconds = 60.0
    """So long a client may go on being refused before `bye flood`."""

    told_people: Count = 200
    """In a larger room comings and goings are counted, not told: n people joining are not n² lines."""

    people_seconds: Seconds = 5.0
    """At most this often a room of more than `told_people` is told how many are in it."""

    outbox_bytes: Bytes = 256 * 1024
    """Unsent bytes at which a client that takes nothing is dropped. Ergo 96 KiB, centrifuge 1 MiB."""

    behind_bytes: Bytes = 64 * 1024
    """With this much unsent for `behind_seconds` a client is dropped as well."""

    behind_seconds: Seconds = 10.0
    """Who asked for a replay and takes nothing of it for so long is dropped too: his thread waits for him."""

    replay_bytes: Bytes = 32 * 1024
    """A replay waits while its reader has this much unsent: it goes at the reader's own speed, and alone
    never makes him count as behind."""

    ahead_bytes: Bytes = 32 * 1024 * 1024
    """Bytes handed to the courier and not yet tried, all clients together: past that the hub waits."""

    unsent_bytes: Bytes = 256 * 1024 * 1024
    """Unsent bytes of all stalled clients together; past that the fullest is dropped."""

    keep_piece_entries: Count = 200
    """Old entries removed in one transaction. Ergo 50: a few milliseconds between two commits of talk."""

    keep_pause_seconds: Seconds = 0.05
    """Between two pieces of old entries that are removed: time for the talk."""

    keep_look_seconds: Annotated[float, Range(1, 86_400)] = 300.0
    """How often there is a look for old entries."""

    index_look_seconds: Seconds = 2.0
    """How often it is looked whether there is something to index. 4,096 entries make a block, in a busy room in a
    minute."""

    index_pause_seconds: Seconds = 0.001
    """Between two pieces of the index that take as long: half the time the GIL is free, so a million old entries take
    two minutes."""

    index_retry_seconds: Seconds = 60.0
    """On a full disk so long until the index is tried again."""

    sndbuf_bytes: Annotated[int, Range(4096, 2**30)] = 64 * 1024
    """SO_SNDBUF. Left to itself the kernel hid 3 MiB for each stalled peer."""

    recv_bytes: Annotated[int, Range(1, 2**20)] = 4096
    """One recv. Small, since ten thousand threads wait in one."""

    batch_drafts: Count = 512
    """Entries of one commit: a few milliseconds of work, so the first of them is not kept waiting."""

    listen_backlog: Annotated[int, Range(1, 65_535)] = 1024
    """socketserver's 5 makes 300 clients that reconnect at once wait for minutes."""

    stack_bytes: Annotated[int, Range(128 * 1024, 2**26)] = 256 * 1024
    """Stack of a client's thread: 0.8 MB of address space instead of 8.7."""

    hello_seconds: Seconds = 0.3
    """A TLS client speaks first; who has said nothing for this long is a person in nc, and is welcomed."""

    handshake_seconds: Seconds = 10.0
    """A TLS handshake may take this long; it keeps only its own thread."""

    eof_seconds: Seconds = 2.0
    """After the peer's end of file, or our `bye`, so long the last bytes may still be flushed."""

    stop_seconds: Seconds = 3.0
    """On stopping, so long the last lines may take to reach the clients."""

    stop_reading_seconds: Seconds = 1.0
    """After that, so long the clients' threads, which may be reading the log, may take to end before it is closed."""

    keepalive_seconds: Annotated[int, Range(1, 32_767)] = 60
    """Nothing heard for so long, the kernel asks whether the peer is there (TCP keepalive): a person in nc cannot answer
    a ping. With the next two a dead peer is gone after two minutes."""

    keepalive_pause_seconds: Annotated[int, Range(1, 32_767)] = 15
    """Between two questions of TCP keepalive."""

    keepalive_times: Annotated[int, Range(1, 127)] = 4
    """So many questions of TCP keepalive without an answer end the connection."""

    user_timeout_seconds: Annotated[float, Range(1, 2_000_000)] = 75.0
    """TCP_USER_TIMEOUT: unacknowledged bytes end a connection after this."""


@dataclass(frozen=True, slots=True)
class Config:
    """What a server is started with. `host` None means every address, IPv4 and IPv6."""

    data: Path
    host: str | None = None
    port: int = PORT
    name: str = "talkline"
    has_tls: bool = True
    keep_seconds: float | None = None
    """How long messages are kept; None for ever."""
    limits: Limits = field(default_factory=Limits)
