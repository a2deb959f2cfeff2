"""Secrets as they are kept and tried: only the right one proves a name, and proving costs the server little."""

import threading

import pytest

from chat_server import hashing
from chat_server.hashing import hash_secret, verify_secret


def test_only_the_right_secret_proves_a_name() -> None:
    hashed = hash_secret("correct horse")
    assert verify_secret(hashed, "correct horse")
    assert not verify_secret(hashed, "correct horsE")
    assert not verify_secret(hashed, "")


def test_the_secret_itself_is_not_kept_and_two_hashes_of_it_differ() -> None:
    one, other = hash_secret("correct horse"), hash_secret("correct horse")
    assert one != other and "correct horse" not in one
    assert one.startswith("$argon2id$")


def test_a_secret_is_the_same_however_the_keyboard_composes_its_letters() -> None:
    assert verify_secret(hash_secret("caf\u00e9"), "cafe\u0301")


def test_who_proved_his_name_before_is_not_kept_waiting_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The work is held, not the time: a busy machine must not fail this."""
    ann, bob = hash_secret("correct horse"), hash_secret("correct horse")
    assert verify_secret(ann, "correct horse")
    real = hashing._HASHER
    compared: list[str] = []

    class Recording:
        def verify(self, hashed: str, secret: str) -> bool:
            compared.append(secret)
            return real.verify(hashed, secret)

    monkeypatch.setattr(hashing, "_HASHER", Recording())
    assert verify_secret(ann, "correct horse")
    assert compared == []
    assert not verify_secret(ann, "battery staple") and not verify_secret(ann, "battery staple")
    assert verify_secret(bob, "correct horse")
    assert compared == ["battery staple", "battery staple", "correct horse"]
    assert verify_secret(hash := real.hash("x"), "x") and not verify_secret(hash, "correct horse")
    assert "correct horse" not in repr(hashing._proven)


@pytest.mark.parametrize("most", [2, 3])
def test_no_more_secrets_are_hashed_at_once_than_are_allowed(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    under_way: list[int] = []
    lock = threading.Lock()
    highest = 0
    real = hashing._HASHER

    class Counting:
        def hash(self, secret: str) -> str:
            nonlocal highest
            with lock:
                under_way.append(1)
                highest = max(highest, len(under_way))
            try:
                return real.hash(secret)
            finally:
                with lock:
                    under_way.pop()

    monkeypatch.setattr(hashing, "_HASHER", Counting())
    monkeypatch.setattr(hashing, "_under_way", hashing._under_way)
    hashing.allow(most)
    threads = [threading.Thread(target=hash_secret, args=("s",)) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert highest == most
