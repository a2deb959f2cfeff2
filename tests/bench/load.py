"""A load of many clients in one epoll loop, for Talkline and for an IRC server alike. Bounded in count and time.

Every text is 64 bytes and holds one "|", so deliveries are counted by counting that byte. One client that says
nothing watches: what it has seen gives the senders leave to go on, so that the number in flight is the same for
both servers.
"""

from __future__ import annotations

import os
import resource
import selectors
import socket
import ssl
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

TICKS = os.sysconf("SC_CLK_TCK")
MARK = b"|"


def allow_descriptors(count: int) -> None:
    """Raises this process's limit of open files as far as it may."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = count if hard == resource.RLIM_INFINITY else min(count, hard)
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


@dataclass(frozen=True)
class Speech:
    """How one kind of server is spoken to."""

    name: str
    greeting: str
    """What a client sends first; {n} is its number."""
    ready: bytes
    """What it has received when it is in the room."""
    say: str
    """One message; {text} is the text."""
    echoes: bool
    """Whether the sender gets his own message back."""
    at_once: int
    """Clients that connect at a time: past a short backlog the kernel makes them wait for seconds."""


TALKLINE = Speech("talkline", "/nick user{n}\n", b" nick guest", "{text}\n", True, 200)
IRC = Speech(
    "irc",
    "NICK user{n}\r\nUSER u 0 * :u\r\nJOIN #lobby\r\n",
    b" 366 ",
    "PRIVMSG #lobby :{text}\r\n",
    False,
    8,
)


def cpu_seconds(pid: int) -> float:
    """User and system time of a process so far."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident_kib(pid: int) -> int:
    """Resident memory of a process."""
    return int(Path(f"/proc/{pid}/status").read_text().split("VmRSS:")[1].split()[0])


def read(sock: socket.socket, buffer: bytearray) -> int:
    """Reads what has come, into the buffer; how many bytes. Of TLS all of it, for no selector tells of the rest."""
    if not isinstance(sock, ssl.SSLSocket):
        return sock.recv_into(buffer)
    size = 0
    with memoryview(buffer) as view:
        while size < len(buffer):
            try:
                got = sock.recv_into(view[size:])
            except ssl.SSLWantReadError:
                break
            if not got:
                break
            size += got
    return size


class Crowd:
    """Connected clients, all in one room."""

    def __init__(self, port: int, speech: Speech, count: int, *, has_tls: bool = False) -> None:
        self.speech = speech
        self._tls: ssl.SSLContext | None = None
        if has_tls:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            # The certificate was made a moment ago, for this run.
            self._tls.check_hostname, self._tls.verify_mode = False, ssl.CERT_NONE
        self.selector = selectors.EpollSelector()
        self.socks: list[socket.socket] = []
        started = perf_counter()
        for start in range(0, count, speech.at_once):
            self._connect(port, start, min(count, start + speech.at_once))
        self.connect_seconds = perf_counter() - started
        self.settle()

    def _connect(self, port: int, start: int, end: int) -> None:
        waiting: dict[socket.socket, bytes] = {}
        for number in range(start, end):
            sock = socket.create_connection(("127.0.0.1", port), timeout=30)
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            if self._tls is not None:
                sock = self._tls.wrap_socket(sock)
            sock.sendall(self.speech.greeting.format(n=number).encode())
            sock.setblocking(False)
            self.socks.append(sock)
            self.selector.register(sock, selectors.EVENT_READ)
            waiting[sock] = b""
        ends_at = perf_counter() + 60
        while waiting:
            if perf_counter() > ends_at:
                raise TimeoutError(
                    f"{len(waiting)} clients were never let in; one saw {next(iter(waiting.values()))[-300:]!r}"
                )
            for key, _ in self.selector.select(1):
                sock = key.fileobj  # type: ignore[assignment]
                data = bytearray(1 << 18)
                data = data[: read(sock, data)]
                if sock in waiting:
                    waiting[sock] += data
                    if self.speech.ready in waiting[sock]:
                        del waiting[sock]

    def settle(self, quiet: float = 0.3) -> None:
        """Reads until nothing has come for a while."""
        buffer = bytearray(1 << 20)
        while ready := self.selector.select(quiet):
            for key, _ in ready:
                read(key.fileobj, buffer)  # type: ignore[arg-type]

    def run(self, senders: int, in_flight: int, seconds: float, pid: int) -> Result:
        """Senders 1..n say 64-byte texts, `in_flight` of them under way at a time."""
        texts = [f"|{n:05d}".ljust(64, "x") for n in range(senders)]
        says = [self.speech.say.format(text=text).encode() for text in texts]
        watcher = self.socks[0]
        watched = b""
        received = 0
        sent = 0
        hears = len(self.socks) - (0 if self.speech.echoes else 1)
        # One buffer for all: a fresh 256 KiB for each recv would measure the allocator.
        buffer = bytearray(1 << 18)
        count, select = buffer.count, self.selector.select

        def say(number: int) -> None:
            nonlocal sent
            self.socks[1 + number % senders].send(says[number % senders])
            sent += 1

        cpu = cpu_seconds(pid)
        started = perf_counter()
        for number in range(in_flight):
            say(number)
        one_by_one = in_flight == 1
        while (now := perf_counter()) < started + seconds:
            for key, _ in select(1):
                sock = key.fileobj
                size = read(sock, buffer)  # type: ignore[arg-type]
                received += count(MARK, 0, size)
                if sock is watcher and not one_by_one:
                    *lines, watched = (watched + buffer[:size]).split(b"\n")
                    for line in lines:
                        at = line.find(MARK)
                        if at >= 0:
                            say(int(line[at + 1 : at + 6]))
            if one_by_one and received >= sent * hears:
                say(sent)
        elapsed = now - started
        cpu = cpu_seconds(pid) - cpu
        self.settle()
        return Result(received, elapsed, cpu, sent)

    def close(self) -> None:
        """Hangs all up."""
        self.selector.close()
        for sock in self.socks:
            sock.close()


@dataclass(frozen=True)
class Result:
    """Deliveries in a time, and the server's CPU for them."""

    deliveries: int
    seconds: float
    cpu: float
    sent: int

    @property
    def rate(self) -> float:
        """Deliveries a second."""
        return self.deliveries / self.seconds

    @property
    def cpu_per_delivery(self) -> float:
        """Server CPU in microseconds for one delivery."""
        return self.cpu / max(1, self.deliveries) * 1e6
