"""Benchmarks of the server against ngIRCd, in one run: `python -m tests.bench`. It reports; it never fails.

ngIRCd comes from Debian's packages (`apt-get install ngircd`); without it only Talkline's numbers are printed.
Everything stays on 127.0.0.1, is bounded, and ends by itself in about two minutes.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.table import Table

from tests.bench.load import (
    IRC,
    TALKLINE,
    Crowd,
    Result,
    Speech,
    allow_descriptors,
    cpu_seconds,
    resident_kib,
)
from tests.servers import Server, wait_until

NGIRCD_CONFIG = """
[Global]
Name = irc.test
Info = bench
Listen = 127.0.0.1
Ports = {port}
ServerUID = root
ServerGID = root
[Limits]
MaxConnections = 0
MaxConnectionsIP = 0
MaxJoins = 0
MaxPenaltyTime = 0
PingTimeout = 3600
PongTimeout = 3600
[Options]
DNS = no
Ident = no
PAM = no
ScrubCTCP = no
"""


@dataclass(frozen=True)
class Load:
    """What is done to a server: up to 20 of the clients talk, all listen."""

    clients: int
    in_flight: int
    has_tls: bool = False


@contextmanager
def talkline() -> Iterator[tuple[int, int]]:
    """A server with the durable log on; its port and pid."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), "--rate", "0", "--max-clients", "0", "--log-level", "error", "--tls")
        try:
            yield server.port, server.process.pid
        finally:
            server.stop()
            server.close()


@contextmanager
def ngircd() -> Iterator[tuple[int, int]]:
    """ngIRCd without flood limits; its port and pid."""
    with tempfile.TemporaryDirectory() as folder:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        config = Path(folder) / "ngircd.conf"
        config.write_text(NGIRCD_CONFIG.format(port=port))
        process = subprocess.Popen(
            [str(shutil.which("ngircd")), "-n", "-f", str(config)],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

        def listens() -> bool:
            with socket.socket() as probe:
                return probe.connect_ex(("127.0.0.1", port)) == 0

        try:
            wait_until(listens, "ngIRCd")
            yield port, process.pid
        finally:
            process.terminate()
            process.wait(10)


Start = Callable[[], AbstractContextManager[tuple[int, int]]]


def fan_out(start: Start, speech: Speech, load: Load, seconds: float, *, has_tls: bool = False) -> Result:
    """One workload on a fresh server."""
    with start() as (port, pid):
        crowd = Crowd(port, speech, load.clients, has_tls=has_tls)
        try:
            return crowd.run(min(20, load.clients - 1), load.in_flight, seconds, pid)
        finally:
            crowd.close()


def compare(table: Table, load: Load, seconds: float, rounds: int, has_irc: bool) -> None:
    """Both servers in turn, the median of the rounds. In TLS ours alone."""
    ours: list[Result] = []
    theirs: list[Result] = []
    for _ in range(rounds):
        ours.append(fan_out(talkline, TALKLINE, load, seconds, has_tls=load.has_tls))
        if has_irc and not load.has_tls:
            theirs.append(fan_out(ngircd, IRC, load, seconds))

    def middle(results: list[Result], what: str) -> float:
        return statistics.median(getattr(result, what) for result in results)

    row = [
        f"{load.clients} clients, {load.in_flight} in flight{', TLS' * load.has_tls}",
        f"{middle(ours, 'rate') / 1e6:.2f} M/s",
        f"{middle(ours, 'cpu_per_delivery'):.2f} µs",
    ]
    if theirs:
        rates = [a.rate / b.rate for a, b in zip(ours, theirs, strict=True)]
        costs = [a.cpu_per_delivery / b.cpu_per_delivery for a, b in zip(ours, theirs, strict=True)]
        row += [
            f"{middle(theirs, 'rate') / 1e6:.2f} M/s",
            f"{middle(theirs, 'cpu_per_delivery'):.2f} µs",
            f"{statistics.median(rates):.2f}×",
            f"{statistics.median(costs):.2f}×",
        ]
    else:
        row += ["–"] * 4
    table.add_row(*row)


def acknowledgement(count: int) -> tuple[float, float]:
    """p50 and p99 of a durable message's `ok` on an idle server, in milliseconds."""
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder), "--rate", "0", "--tls")
        try:
            person = server.connect("ann")
            times = []
            for number in range(count):
                started = perf_counter()
                person.send(f"/id b-{number} " + "x" * 64)
                person.expect(f"ok b-{number} ")
                times.append((perf_counter() - started) * 1000)
        finally:
            server.close()
    times.sort()
    return times[len(times) // 2], times[int(len(times) * 0.99)]


def crowd_of(clients: int, console: Console) -> None:
    """Many connected clients: memory of each, idle CPU, and how long until all have a message."""
    with talkline() as (port, pid):
        wait_until(lambda: resident_kib(pid) > 0)
        before = resident_kib(pid)
        crowd = Crowd(port, TALKLINE, clients)
        try:
            crowd.settle(6.0)
            each = (resident_kib(pid) - before) / clients
            cpu, started = cpu_seconds(pid), perf_counter()
            crowd.settle(5.5)
            idle = (cpu_seconds(pid) - cpu) / (perf_counter() - started)
            times = []
            for number in range(5):
                received = 0
                started = perf_counter()
                crowd.socks[1].send(b"|" + str(number).encode() * 63 + b"\n")
                while received < clients and perf_counter() < started + 20:
                    for key, _ in crowd.selector.select(1):
                        received += key.fileobj.recv(1 << 16).count(b"|")  # type: ignore[union-attr]
                times.append(perf_counter() - started)
            console.print(
                f"{clients} connected in {crowd.connect_seconds:.1f} s: {each:.1f} KiB each, idle CPU {idle * 100:.2f} %"
                f" of a core, all have a message after {statistics.median(times):.2f} s"
            )
        finally:
            crowd.close()
        started = perf_counter()
        wait_until(lambda: _threads(pid) < 20, "all to be gone", 120)
        console.print(
            f"all hung up at once: the server has let them go after {perf_counter() - started:.1f} s"
        )


def _threads(pid: int) -> int:
    return int(Path(f"/proc/{pid}/status").read_text().split("Threads:")[1].split()[0])


def main() -> None:
    """Prints the table of the README."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=3.0, help="length of each measurement")
    parser.add_argument(
        "--rounds", type=int, default=3, help="rounds of each workload; the median is printed"
    )
    parser.add_argument(
        "--only", choices=["fanout", "ack", "crowd", "growth"], help="one part instead of all"
    )
    parser.add_argument("--crowd", type=int, default=10_000, help="clients of the crowd")
    options = parser.parse_args()
    allow_descriptors(options.crowd + 1_000)
    has_irc = shutil.which("ngircd") is not None
    console = Console(width=130)
    if options.only in (None, "fanout", "growth"):
        table = Table("workload", "Talkline", "CPU/delivery", "ngIRCd", "CPU/delivery", "speed", "cost")
        if options.only in (None, "fanout"):
            for load in (Load(500, 100), Load(500, 1), Load(500, 100, has_tls=True)):
                compare(table, load, options.seconds, options.rounds, has_irc)
        if options.only in (None, "growth"):
            for clients in (10, 100, 1_000, 10_000):
                # In IRC everybody who joins is sent all the names: the 10,000th alone some 100 KB.
                compare(table, Load(clients, 100), options.seconds, 1, has_irc and clients < 10_000)
        console.print(table)
    if options.only in (None, "ack"):
        p50, p99 = acknowledgement(1_000)
        console.print(
            f"acknowledgement of a durable message, idle server: p50 {p50:.2f} ms, p99 {p99:.2f} ms"
        )
    if options.only in (None, "crowd"):
        crowd_of(options.crowd, console)


if __name__ == "__main__":
    main()
