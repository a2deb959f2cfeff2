"""Lines that nobody would write, 100,000 of them: the server answers or ignores each, and is the same afterwards."""

from __future__ import annotations

import random
import socket
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from chat_server.config import Limits
from chat_server.reader import what_else
from chat_server.wire import COMMANDS, ERRORS, BadLine, Err, LineSplitter, Ok, parse_server
from tests.server.inside import Inside, inside
from tests.server.mutations import WORDS, line
from tests.servers import Server, wait_until

LINES = 100_000
CONNECTIONS = 8


class Mutterer:
    """Sends lines in packets of any size, reads everything, and comes back when it has said /quit."""

    def __init__(self, server: Server, seed: int, count: int) -> None:
        self._server = server
        self._chance = random.Random(seed)
        self._left = count
        self.faults: list[str] = []
        self.codes: Counter[str] = Counter()

    def run(self) -> None:
        while self._left > 0:
            with suppress(OSError), socket.create_connection((self._server.host, self._server.port)) as sock:
                reading = threading.Thread(target=self._read, args=(sock,))
                reading.start()
                self._talk(sock)
                sock.shutdown(socket.SHUT_WR)
                reading.join(30)
                if reading.is_alive():
                    self.faults.append("the server never ended the connection")
                    return

    def _talk(self, sock: socket.socket) -> None:
        for _ in range(40):
            count = self._chance.choice([1, 1, 10, 100])
            self._left -= count
            sock.sendall(b"".join(line(self._chance) + b"\n" for _ in range(count)))
            if self._left <= 0:
                return
        if self._chance.random() < 0.5:
            sock.sendall(b"/quit\n")

    def _read(self, sock: socket.socket) -> None:
        splitter = LineSplitter(8192)
        with suppress(OSError):
            while chunk := sock.recv(1 << 16):
                for raw in splitter.feed(chunk):
                    self._judge(raw)

    def _judge(self, raw: object) -> None:
        if not isinstance(raw, str):
            self.faults.append(f"no line: {raw}")
            return
        try:
            said = parse_server(raw)
        except BadLine as bad:
            self.faults.append(f"{bad}: {raw[:200]}")
            return
        if isinstance(said, Err):
            self.codes[said.code] += 1
            if said.code == "internal" or said.code not in ERRORS:
                self.faults.append(raw[:200])


def mutter(server: Server, lines: int, seed: int) -> Counter[str]:
    """Has several connections send so many lines; how often each error came. AssertionError for a wrong answer."""
    mutterers = [Mutterer(server, seed + number, lines // CONNECTIONS) for number in range(CONNECTIONS)]
    threads = [threading.Thread(target=mutterer.run, daemon=True) for mutterer in mutterers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(100)
    assert not [thread for thread in threads if thread.is_alive()]
    assert [fault for mutterer in mutterers for fault in mutterer.faults][:10] == []
    return sum((mutterer.codes for mutterer in mutterers), Counter())


def sockets_of(server: Server) -> int:
    """How many sockets the server has open. Of files each of its readers of the log opens some when first used."""
    count = 0
    for name in Path(f"/proc/{server.process.pid}/fd").iterdir():
        with suppress(FileNotFoundError):  # closed between the two looks
            count += str(name.readlink()).startswith("socket:")
    return count


def test_100_000_lines_of_any_kind_leave_the_server_as_it_was(start_server: Callable[..., Server]) -> None:
    server = start_server("--rate", "0", "--log-level", "error")
    ann = server.connect("witness")
    ann.send("/part")
    ann.sync()
    threads, sockets = server.status("Threads"), sockets_of(server)
    # What is kept at the first time is not what leaks.
    mutter(server, 4_000, seed=1000)
    memory = server.status("VmRSS")
    codes = mutter(server, LINES, seed=2000)
    assert len(codes) > 15, f"the lines do not go wrong in enough ways: {codes}"
    assert server.process.poll() is None
    wait_until(lambda: server.status("Threads") == threads, "the threads of who left")
    wait_until(lambda: sockets_of(server) == sockets, "the sockets of who left")
    # It was 200 MB: glibc kept what secrets and long answers take, once for each of its arenas.
    assert server.status("VmRSS") - memory < 32 * 1024
    ann.send_bytes(b"/join #after\nall is well\n")
    ann.expect(r"msg \d+ #after witness: all is well$")
    assert not [error for error in server.errors if "Traceback" in error]


# --- the same with hypothesis, which makes a small example of what it finds -----------------------------------


@pytest.fixture(scope="module")
def quick(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Inside]:
    """A server without a pace, in this process."""
    with inside(tmp_path_factory.mktemp("fuzz"), Limits(lines_per_second=0.0)) as server:
        yield server


TYPED = st.one_of(
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=60),
    st.sampled_from([name for name in COMMANDS if name != "quit"]).flatmap(
        lambda name: st.tuples(
            *(
                # No secret: it would cost 40 ms.
                st.sampled_from(["", *WORDS.get(one.name, [])] if one.name != "SECRET" else [""])
                for one in COMMANDS[name].parameters
            )
        ).map(lambda values: f"/{name} {' '.join(values)}".strip())
    ),
).filter(lambda typed: not typed.lower().lstrip().startswith(("/id", "/quit")) and len(typed.encode()) < 4000)


@settings(deadline=None, max_examples=100, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.one_of(TYPED, st.binary(max_size=80).map(lambda data: data.replace(b"\n", b""))), max_size=20
    ),
    st.lists(st.integers(1, 60), min_size=1, max_size=10),
)
def test_each_label_is_named_by_one_answer_and_bytes_of_any_kind_in_any_packets_do_no_harm(
    quick: Inside, lines: list[str | bytes], packets: list[int]
) -> None:
    data, labels = b"", []
    for number, typed in enumerate(lines):
        if isinstance(typed, str):
            labels.append(f"l-{number}")
            data += f"/id l-{number} {typed}\n".encode()
        elif b"quit" not in typed.lower():
            data += typed + b"\n"
    # Another protocol is sent away.
    assume(what_else(data) is None)
    with closing(quick.connect()) as person:
        start = len(person.seen)
        while data:
            for size in packets:
                person.send_bytes(data[:size])
                data = data[size:]
        person.sync()
        heard = [parse_server(line) for line in person.seen[start:]]
        answered = [one.label for one in heard if isinstance(one, Ok | Err) and one.label is not None]
        assert sorted(answered) == sorted(labels)
        assert not [one for one in heard if isinstance(one, Err) and one.code == "internal"]
