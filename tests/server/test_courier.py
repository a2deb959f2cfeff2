"""The courier alone, with sockets whose other side does what the test says, at the moment that hurts."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from time import monotonic

import pytest

from chat_server.config import Limits
from chat_server.courier import Courier
from chat_server.outbox import Outbox
from chat_server.transport import PlainPipe
from tests.servers import wait_until


class Pipe(PlainPipe):
    """A pipe that tells of each send before it happens: what others do just then is what races are made of."""

    __slots__ = ("at_send", "is_closed", "sends", "takes")

    def __init__(self, sock: socket.socket) -> None:
        super().__init__(sock, is_loopback=True)
        self.sends = 0
        self.at_send: Callable[[int], object] = lambda number: None
        self.takes: dict[int, int] = {}
        """Number of a send -> how many bytes it takes, for those that shall not take all."""
        self.is_closed = False

    def send(self, data: bytes) -> int:
        self.sends += 1
        self.at_send(self.sends)
        return super().send(data[: self.takes.get(self.sends, len(data))])

    def close(self) -> None:
        self.is_closed = True
        super().close()


class Client:
    """An outbox of a running courier, and the peer's end of its socket."""

    def __init__(self, courier: Courier, limits: Limits) -> None:
        ours, self.sock = socket.socketpair()
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, limits.sndbuf_bytes)
        self.sock.settimeout(10)
        self.pipe = Pipe(ours)
        self.box = Outbox(self.pipe)
        self._courier = courier

    def put(self, text: str) -> None:
        self._courier.put(self.box, text.encode())

    def reads(self, size: int) -> str:
        """So many bytes, or all up to the end if it comes first."""
        data = b""
        while len(data) < size and (chunk := self.sock.recv(size - len(data))):
            data += chunk
        return data.decode()

    def reads_all(self) -> str:
        """Everything up to the end of the connection."""
        return self.reads(1 << 30)


@pytest.fixture
def open_courier() -> Iterator[Callable[..., Callable[[], Client]]]:
    """Starts couriers with the given limits; gives what connects clients to each."""
    started: list[tuple[Courier, threading.Thread]] = []
    clients: list[Client] = []

    def start(**values: int | float) -> Callable[[], Client]:
        limits = Limits(**values)  # type: ignore[arg-type]
        courier = Courier(limits)
        thread = threading.Thread(target=courier.run)
        thread.start()
        started.append((courier, thread))

        def connect() -> Client:
            clients.append(Client(courier, limits))
            return clients[-1]

        connect.courier = courier  # type: ignore[attr-defined]
        return connect

    yield start
    for courier, thread in started:
        courier.stop()
        thread.join(10)
        assert not thread.is_alive()
    for client in clients:
        client.sock.close()
        client.pipe.close()


def courier_of(connect: Callable[[], Client]) -> Courier:
    return connect.courier  # type: ignore[attr-defined,no-any-return]


def test_what_is_put_while_a_socket_is_full_and_free_again_is_sent_once(
    open_courier: Callable[..., Callable[[], Client]],
) -> None:
    """A line came during the send that found the socket full, the next during the one that found it free:
    the outbox was queued twice, and the next line was sent twice."""
    client = open_courier()()
    client.pipe.takes = {1: 2}
    client.pipe.at_send = lambda number: client.put(f"line {number + 1}\n") if number <= 3 else None
    client.put("line 1\n")
    assert client.reads(28) == "line 1\nline 2\nline 3\nline 4\n"
    client.put("end\n")
    assert client.reads(4) == "end\n"


def test_last_words_wait_behind_a_replay_that_is_under_way(
    open_courier: Callable[..., Callable[[], Client]],
) -> None:
    connect = open_courier()
    client, courier = connect(), courier_of(connect)
    courier.hold(client.box)
    assert courier.replay(client.box, b"old\n")
    client.put("bye\n")
    courier.finish(client.box, 5.0)
    assert client.reads(4) == "old\n"
    assert courier.replay(client.box, b"older\n")
    courier.release(client.box)
    assert client.reads_all() == "older\nbye\n"


def test_a_replay_goes_on_as_fast_as_it_is_read_however_much_waits_behind_it(
    open_courier: Callable[..., Callable[[], Client]],
) -> None:
    connect = open_courier(sndbuf_bytes=4096, replay_bytes=4096, behind_bytes=8192)
    client, courier = connect(), courier_of(connect)
    courier.hold(client.box)
    client.put("live " * 10_000)
    piece = b"r" * 4096
    pieces = 400

    def replay() -> None:
        for _ in range(pieces):
            courier.replay(client.box, piece)
        courier.release(client.box)

    reader = threading.Thread(target=replay)
    reader.start()
    # The reader looks again each second even if nobody wakes it; it took 94 seconds.
    started = monotonic()
    assert client.reads(len(piece) * pieces) == "r" * (len(piece) * pieces)
    assert client.reads(50_000) == "live " * 10_000
    reader.join(10)
    assert monotonic() - started < 20


def test_who_takes_nothing_finds_whole_lines_and_a_bye_when_he_reads_again(
    open_courier: Callable[..., Callable[[], Client]],
) -> None:
    connect = open_courier(outbox_bytes=100_000)
    client, courier = connect(), courier_of(connect)
    lines = [f"{number} {'x' * 997}\n" for number in range(1000)]
    for line in lines:
        client.put(line)
    wait_until(lambda: client.box.is_dead, "that he is given up")
    assert client.box.fate == "slow-reader" and client.box.unsent == 0
    courier.forget(client.box)
    *read, bye = client.reads_all().splitlines(keepends=True)
    assert read == lines[: len(read)] and read
    assert bye.split(" ", 1)[1].startswith("bye slow-reader ")
    wait_until(lambda: client.pipe.is_closed, "the end")


def test_a_client_that_was_given_up_is_closed_as_soon_as_its_reader_is_through(
    open_courier: Callable[..., Callable[[], Client]],
) -> None:
    connect = open_courier(outbox_bytes=1000, eof_seconds=60.0)
    client, courier = connect(), courier_of(connect)
    client.put("x" * 1_000_000 + "\n")
    wait_until(lambda: client.box.is_dead, "that he is given up")
    courier.forget(client.box)
    wait_until(lambda: client.pipe.is_closed, "the end", 10.0)


def test_a_client_that_goes_away_is_closed_once_and_nothing_is_kept(
    open_courier: Callable[..., Callable[[], Client]],
) -> None:
    connect = open_courier()
    client, courier = connect(), courier_of(connect)
    client.sock.close()
    while not client.box.is_dead:
        client.put("hello\n")
    client.put("nobody hears this\n")
    assert client.box.pieces == [] and client.box.unsent == 0
    courier.forget(client.box)
    wait_until(lambda: client.pipe.is_closed and not courier.open_boxes, "the end")


def test_of_many_who_are_behind_the_fullest_goes_first(
    open_courier: Callable[..., Callable[[], Client]],
) -> None:
    connect = open_courier(outbox_bytes=10_000_000, unsent_bytes=1_000_000)
    small, big, middle = connect(), connect(), connect()
    small.put("x" * 500_000)
    middle.put("x" * 600_000)
    big.put("x" * 700_000)
    wait_until(lambda: big.box.is_dead, "that the fullest is given up")
    assert big.box.fate == "slow-reader"
    wait_until(lambda: small.box.unsent + middle.box.unsent <= 1_000_000, "the cap")
    assert not small.box.is_dead


def test_the_hub_waits_while_the_courier_is_far_behind(
    open_courier: Callable[..., Callable[[], Client]],
) -> None:
    connect = open_courier(ahead_bytes=1000)
    client, courier = connect(), courier_of(connect)
    may_send, is_sending = threading.Event(), threading.Event()

    def stop_there(number: int) -> None:
        is_sending.set()
        may_send.wait(10)

    client.pipe.at_send = stop_there
    client.put("first\n")
    assert is_sending.wait(10)
    client.put("x" * 2000)
    waiting = threading.Thread(target=courier.wait_for_room)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    may_send.set()
    waiting.join(10)
    assert not waiting.is_alive()
