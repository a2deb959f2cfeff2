"""TLS and plain lines on one port."""

from __future__ import annotations

import hashlib
import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path
from time import monotonic

import pytest

from chat_server.certificate import CERTIFICATE, KEY, fingerprint, load_context
from chat_server.transport import TlsPipe
from tests.servers import Person, Server, wait_until


@pytest.fixture
def tls() -> ssl.SSLContext:
    """A client that takes any certificate, as one does that sees a server for the first time."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


@pytest.fixture
def server(start_server: Callable[..., Server]) -> Server:
    return start_server("--rate", "0", "--tls")


def test_tls_and_plain_talk_on_the_same_port(server: Server, tls: ssl.SSLContext) -> None:
    ann, bob = server.connect("ann", tls), server.connect("bob")
    assert "tls=yes" in ann.seen[0]
    assert "tls=no" in bob.seen[0]
    ann.send("hello over TLS ✓")
    bob.expect(r"msg 1 #lobby ann: hello over TLS ✓$")
    bob.send("hello plain")
    ann.expect(r"msg 2 #lobby bob: hello plain$")


def test_the_certificate_is_made_once_kept_private_and_stays(server: Server, tls: ssl.SSLContext) -> None:
    seen = []
    for _ in range(2):
        ann = server.connect("ann", tls)
        assert isinstance(ann.sock, ssl.SSLSocket)
        seen.append(hashlib.sha256(ann.sock.getpeercert(binary_form=True) or b"").hexdigest())
        server.stop()
        server.restart()
    assert seen == [fingerprint(server.data)] * 2
    assert (server.data / KEY).stat().st_mode & 0o777 == 0o600
    assert (server.data / CERTIFICATE).exists()


@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_old_tls_is_refused(server: Server) -> None:
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname = False
    old.verify_mode = ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, ConnectionError)):
        Person(server.port, server.host, old)
    server.connect("ann")


def test_a_handshake_that_never_ends_keeps_nobody_waiting(server: Server, tls: ssl.SSLContext) -> None:
    with socket.create_connection((server.host, server.port)) as silent:
        silent.sendall(b"\x16\x03\x01")
        started = monotonic()
        server.connect("ann", tls).send("hi")
        assert monotonic() - started < 5.0


def test_garbage_after_a_handshake_ends_only_that_connection(server: Server, tls: ssl.SSLContext) -> None:
    ann, bob = server.connect("ann", tls), server.connect("bob", tls)
    raw = socket.socket(fileno=bob.sock.detach())
    raw.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)
    ann.expect(r"part #lobby bob")
    raw.close()


def test_much_in_both_directions_at_once_arrives_whole(server: Server, tls: ssl.SSLContext) -> None:
    people = [server.connect(f"p{name}", tls) for name in "abcdef"]
    text = "ü" * 500

    def talk(person: Person, name: str) -> None:
        for number in range(100):
            person.send(f"{name} {number} {text}")
            person.expect(rf"msg \d+ #lobby p{name}: {name} {number} {text}$")

    threads = [threading.Thread(target=talk, args=(p, n)) for p, n in zip(people, "abcdef", strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for person in people:
        person.sync()
        said = [line.split()[2] for line in person.seen if line.split()[1] == "msg"]
        assert said == [str(number) for number in range(1, 601)]


def test_who_reads_nothing_over_tls_is_dropped_too(server: Server, tls: ssl.SSLContext) -> None:
    server.connect("lazy", tls)
    ann = server.connect("ann")
    text = "x" * 3000
    for number in range(400):
        ann.send(f"/id n-{number} {text}")
        ann.expect(f"ok n-{number} ")
    wait_until(lambda: any("slow reader" in line for line in server.errors), "a line in the log")
    ann.send("/who")
    assert "lazy" not in ann.expect(r"who #lobby (.*)$")[1]
    *lines, bye = server.people[0].rest()
    assert bye.startswith("bye slow-reader ")
    assert all(len(line) > 3000 for line in lines if line.startswith("msg ")), "no line is cut in two"


def test_bye_reaches_a_tls_client_when_the_server_stops(server: Server, tls: ssl.SSLContext) -> None:
    ann = server.connect("ann", tls)
    assert server.stop() == 0
    assert ann.rest()[-1].startswith("bye shutdown ")


def test_who_has_tls_itself_answer_without_end_is_cut_off(tls: ssl.SSLContext, tmp_path: Path) -> None:
    """Each change of keys is answered into a buffer that only the next line to him empties: it grew by a megabyte a
    second. No client of Python can change its keys, so the answers are put there by hand."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        pipe = TlsPipe(ours, load_context(tmp_path, "den"))
        shaking = threading.Thread(target=pipe.shake_hands, args=(10.0,))
        shaking.start()
        client = tls.wrap_socket(theirs)
        shaking.join()
        client.sendall(b"hello")
        assert pipe.recv(100) == b"hello"
        pipe._outgoing.write(b"x" * 60_000)
        client.sendall(b"still here")
        assert pipe.recv(100) == b"still here"
        pipe._outgoing.write(b"x" * 60_000)
        client.sendall(b"and again")
        assert pipe.recv(100) == b""
        client.close()
