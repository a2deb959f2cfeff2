"""Every limit of the server, each with its why, and what a start is told on the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from chat_server.wire import LINE_BYTES, TEXT_BYTES

PORT: Final = 5000
"""The port of the demo this grew from; people type it after `nc HOST`."""

LOBBY: Final = "#lobby"
"""The room everybody starts in."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What the server grants. 0 means no limit for `lines_per_second`, `clients` and `clients_per_address`."""

    line_bytes: int = LINE_BYTES
    """Longest client line. IRC has 512, ssh-chat 1024, Ergo 4096: a pasted paragraph fits, a flood of one
    line does not."""

    text_bytes: int = TEXT_BYTES
    """Longest text: with everything that stands before it, it still fits a line."""

    backlog: int = 20
    """Entries shown on joining a room. ssh-chat and weechat show 20: one screen, not a book."""

    backlog_bytes: int = 32 * 1024
    """Most bytes of that for one room, and four times as much for all the rooms that somebody comes back into: they
    are sent at once, and must fit into the outbox of a slow line many times over."""

    rooms_shown: int = 200
    """Rooms that /rooms lists, the fullest and liveliest first: a room that something was said in stays in the list
    for ever, and 5,000 of them would fill the outbox of who asks."""

    history: int = 50
    """Entries of a /history that names no number: a screen and a bit."""

    found: int = 20
    """Results of one /search; before:ID asks for older ones."""

    page: int = 500
    """Most entries of one answer to /history or /since: some 50 KiB, sent while live lines wait behind it."""

    clients: int = 10_000
    """Connections in all: a thread and about 20 KiB each. The default of the largest ssh-chat is 1,000."""

    clients_per_address: int = 16
    """Connections from one address (IPv6: one /64), loopback exempt. Ergo's number: an office behind one
    address fits, a script that opens thousands does not."""

    new_per_address: int = 32
    """New connections from one address in `new_seconds`, loopback exempt. Ergo's number."""

    new_seconds: float = 600.0

    rooms: int = 1_000
    """Rooms with somebody in them, so that one client cannot fill the memory with names."""

    rooms_per_person: int = 50
    """Rooms one person is in at a time."""

    marks_per_person: int = 500
    """Read marks kept of one person, some 150 bytes each. Far more than anybody follows; without it who joins one
    room after the other would fill the memory: five a second are 65 MB a day."""

    lines_per_second: float = 1.5
    """What one client may say for long. Ergo 2, weechat's own guard 0.5: faster than anybody types sense."""

    burst_lines: int = 8
    """Said at once before the pace applies: a greeting and a few short lines never wait."""

    asks_per_second: float = 5.0
    """Lines that only ask (/who, /join, /history, /ping): their own budget, so catching up never waits for talk."""

    burst_asks: int = 60
    """An app that comes back joins and lists 20 rooms at once."""

    scraps_per_second: float = 50.0
    """Reads that end no line. Who types in a raw terminal sends a byte at a time, 30 a second if he is good. Bytes
    sent singly as fast as can be, or gigabytes without an end of line, kept half a core busy and everybody waiting;
    at this rate they cost nothing, and who sends a long line in earnest still gets 200 KB/s."""

    burst_scraps: int = 200
    """A line that comes in as many packets as it has letters."""

    delay_seconds: float = 10.0
    """So long a client that is too fast is only slowed down; after that its lines are refused."""

    flood_seconds: float = 60.0
    """So long a client may go on being refused before `bye flood`."""

    told_people: int = 200
    """In a larger room comings and goings are counted, not told: n people joining are not n² lines."""

    people_seconds: float = 5.0
    """At most this often such a room is told its count."""

    outbox_bytes: int = 256 * 1024
    """Unsent bytes at which a client that takes nothing is dropped. Ergo 96 KiB, centrifuge 1 MiB."""

    behind_bytes: int = 64 * 1024
    """With this much unsent for `behind_seconds` a client is dropped as well."""

    behind_seconds: float = 10.0
    """Who asked for a replay and takes nothing of it for so long is dropped too: his thread waits for him."""

    replay_bytes: int = 32 * 1024
    """A replay waits while its reader has this much unsent: it goes at the reader's own speed, and alone
    never makes him count as behind."""

    ahead_bytes: int = 32 * 1024 * 1024
    """Bytes handed to the courier and not yet tried, all clients together: past that the hub waits."""

    unsent_bytes: int = 256 * 1024 * 1024
    """Unsent bytes of all stalled clients together; past that the fullest is dropped."""

    keep_piece_entries: int = 200
    """Old entries removed in one transaction. Ergo 50: a few milliseconds between two commits of talk."""

    keep_pause_seconds: float = 0.05
    """Between two such pieces."""

    keep_look_seconds: float = 300.0
    """How often there is a look for old entries."""

    sndbuf_bytes: int = 64 * 1024
    """SO_SNDBUF. Left to itself the kernel hid 3 MiB for each stalled peer."""

    recv_bytes: int = 4096
    """One recv. Small, since ten thousand threads wait in one."""

    batch_drafts: int = 512
    """Entries of one commit: a few milliseconds of work, so the first of them is not kept waiting."""

    listen_backlog: int = 1024
    """socketserver's 5 makes 300 clients that reconnect at once wait for minutes."""

    stack_bytes: int = 256 * 1024
    """Stack of a client's thread: 0.8 MB of address space instead of 8.7."""

    hello_seconds: float = 0.3
    """A TLS client speaks first; who has said nothing for this long is a person in nc, and is welcomed."""

    handshake_seconds: float = 10.0
    """A TLS handshake may take this long; it keeps only its own thread."""

    eof_seconds: float = 2.0
    """After the peer's end of file, or our `bye`, so long the last bytes may still be flushed."""

    stop_seconds: float = 3.0
    """On stopping, so long the last lines may take to reach the clients."""

    keepalive: tuple[int, int, int] = (60, 15, 4)
    """TCP keepalive: idle, interval, count. A person in nc cannot answer a ping; a dead peer is gone
    after two minutes."""

    user_timeout_seconds: float = 75.0
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
