"""What the app keeps on its own machine: secrets, the last nick and room, and by what name it knows a server."""

from __future__ import annotations

import re
import threading
from pathlib import Path

import pytest

from chat_server.certificate import fingerprint
from chat_tui.hosting import start_server
from chat_tui.kept import (
    KnownServers,
    LastNick,
    LastRoom,
    Secrets,
    has_secret,
    is_loopback,
    make_secret,
    place_of,
)


def test_a_secret_is_made_once_kept_private_and_differs_by_server_and_nick(tmp_path: Path) -> None:
    path, known = tmp_path / "secrets", KnownServers()
    path.touch(0o644)
    of_den, of_hut = (Secrets(path, known, place).of for place in ("den:5000", "hut:5000"))
    secret = of_den("Ann")
    assert secret is not None and len(secret) == 23
    assert Secrets(path, known, "den:5000").of("ann") == secret
    assert len({secret, of_den("bob"), of_hut("ann")}) == 3
    assert path.stat().st_mode & 0o777 == 0o600


def test_a_server_is_the_same_by_each_address_when_its_certificate_is_known(tmp_path: Path) -> None:
    known = KnownServers(tmp_path / "known_servers")
    known.check("den:5000", "a" * 64)
    known.replace("localhost:5000", "b" * 64)
    known.replace("localhost:5000", "a" * 64)
    one, other = (Secrets(tmp_path / "secrets", known, place) for place in ("den:5000", "localhost:5000"))
    assert one.of("ann") == other.of("ann")
    assert (tmp_path / "known_servers").read_text().count("localhost") == 1


def test_two_apps_that_make_a_secret_at_once_have_the_same(tmp_path: Path) -> None:
    made: list[str | None] = []
    gate = threading.Barrier(8)

    def make() -> None:
        kept = Secrets(tmp_path / "secrets", KnownServers(), "den:5000")
        gate.wait()
        made.append(kept.of("ann"))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == 1 and made[0]


def test_a_secret_that_cannot_be_kept_is_not_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    kept = Secrets(tmp_path / "file" / "secrets", KnownServers(), "den:5000")
    assert kept.of("ann") is None and not kept.keep("ann", "typed-by-hand")


def test_the_last_nick_on_a_server_is_kept_and_one_that_cannot_be_is_not_given(tmp_path: Path) -> None:
    path, known = tmp_path / "nicks", KnownServers()
    den, hut = (LastNick(path, known, place) for place in ("den:5000", "hut:5000"))
    assert den.find() is None
    for nick in ("ann", "Zoë", "Zoë"):
        den.keep(nick)
    hut.keep("bob")
    assert (den.find(), hut.find()) == ("Zoë", "bob")
    assert path.read_text() == "den:5000 ann\nden:5000 Zoë\nhut:5000 bob\n"
    path.write_text("den:5000 guest-7\nhut:5000\n")
    assert den.find() is None and hut.find() is None
    (tmp_path / "file").write_text("in the way")
    LastNick(tmp_path / "file" / "nicks", known, "den:5000").keep("ann")


def test_the_room_that_was_shown_last_on_a_server_is_kept(tmp_path: Path) -> None:
    path, known = tmp_path / "rooms", KnownServers()
    den, hut = (LastRoom(path, known, place) for place in ("den:5000", "hut:5000"))
    assert den.find() == ""
    for room in ("#lobby", "#dev"):
        den.keep(room)
    hut.keep("#games")
    assert (den.find(), hut.find()) == ("#dev", "#games")
    assert path.read_text() == "den:5000 #dev\nhut:5000 #games\n"
    (tmp_path / "file").write_text("in the way")
    LastRoom(tmp_path / "file" / "rooms", known, "den:5000").keep("#dev")


def test_a_secret_that_was_typed_comes_before_the_one_that_was_made_here(tmp_path: Path) -> None:
    path = tmp_path / "secrets"
    kept, hut = (Secrets(path, KnownServers(), place) for place in ("den:5000", "hut:5000"))
    made = kept.of("ann")
    assert kept.keep("Ann", "typed-by-hand") and kept.of("ann") == "typed-by-hand" != made
    assert kept.keep("ann", "typed-again") and kept.keep("ann", "typed-again")
    assert Secrets(path, KnownServers(), "den:5000").of("ANN") == "typed-again"
    assert hut.of("ann") != "typed-again" != kept.of("bob")
    assert path.read_text().count("typed-again") == 1 and path.stat().st_mode & 0o777 == 0o600


def test_a_secret_can_be_read_off_one_screen_and_typed_on_another() -> None:
    secret = make_secret()
    assert re.fullmatch("([a-z2-9]{5}-){3}[a-z2-9]{5}", secret) and not set(secret) & set("ilo01xw")
    assert len({make_secret() for _ in range(100)}) == 100


@pytest.mark.parametrize(
    ("typed", "is_secret"),
    [
        ("/nick ann k7mf2-pgx4t", True),
        ("  /NICK ann x", True),
        ("/id 1 /nick ann x", True),
        ("/enter key", True),
        ("/secret k7mf2-pgx4t", True),
        (" /id 1 /Secret x", True),
        ("/secret", False),
        ("/secret ", False),
        ("//secret x", False),
        ("/nick ann", False),
        ("/nick ann ", False),
        ("//nick ann x", False),
        ("nick ann x", False),
    ],
)
def test_a_line_with_a_secret_is_known(typed: str, is_secret: bool) -> None:
    assert has_secret(typed) is is_secret


@pytest.mark.parametrize(
    ("address", "is_here"),
    [
        ("127.0.0.1", True),
        ("127.9.9.9", True),
        ("::1", True),
        ("::ffff:127.0.0.1", True),
        ("192.0.2.2", False),
        ("::ffff:192.0.2.2", False),
        ("fe80::1%eth0", False),
        ("den", False),
    ],
)
def test_only_this_machine_is_this_machine(address: str, is_here: bool) -> None:
    assert is_loopback(address) is is_here


def test_a_place_has_one_name() -> None:
    assert {place_of(host, 5000) for host in ("localhost", "127.0.0.1", "::1", "LocalHost")} == {
        "localhost:5000"
    }
    assert place_of("Den", 5000) == "den:5000" and place_of("2001:db8::1", 1) == "[2001:db8::1]:1"


def test_a_hosted_server_is_known_by_its_certificate(tmp_path: Path) -> None:
    hosted = start_server(0, tmp_path)
    try:
        assert hosted.fingerprint == fingerprint(tmp_path)
    finally:
        hosted.stop()
