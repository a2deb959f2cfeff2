"""What is kept of a secret, and whether somebody says it: argon2id on the disk, and for who comes back a fast digest
in memory.

Until 200 people with a name are back who come all at once, in eight rooms each, on an idle machine with two cores:

    after a restart, 24 MiB and three passes    7.1 s, 13.0 s of CPU
    after a restart, 19 MiB and two passes      5.0 s,  8.9 s of CPU
    on a server that knows them already         0.5 s,  0.6 s of CPU

Nothing that is kept may say more of a secret than a slow hash does, so after a restart each has to be hashed again.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import threading
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from chat_server.config import Limits

_HASHER: Final = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16)
"""argon2id over 19 MiB, two passes: 20 ms here. It is the least that OWASP asks for (Password Storage Cheat Sheet),
for what people type themselves. The secrets that apps make have 128 random bits and would need none of it."""

_under_way = threading.BoundedSemaphore(Limits().hashes_at_once)


def allow(at_once: int) -> None:
    """So many secrets are hashed at the same time from now on."""
    global _under_way
    _under_way = threading.BoundedSemaphore(at_once)


_KEY: Final = os.urandom(32)
"""Never leaves this process, so what is proven here is of no use anywhere else."""

_proven: dict[str, bytes] = {}
"""Hash -> keyed digest of the secret that it was found to be of: at most one for each claim, 250 bytes."""


def hash_secret(secret: str) -> str:
    """What is kept of a secret. Takes about 20 ms without the GIL, longer if others are at it."""
    with _under_way:
        return _HASHER.hash(_normal(secret))


def verify_secret(secret_hash: str, secret: str) -> bool:
    """Whether this is the secret. Takes as long as hash_secret, but for the right one only the first time."""
    digest = _digest(secret_hash, secret)
    known = _proven.get(secret_hash)
    if known is not None and hmac.compare_digest(known, digest):
        return True
    with _under_way:
        try:
            _HASHER.verify(secret_hash, _normal(secret))
        except VerifyMismatchError:
            return False
    _proven[secret_hash] = digest
    return True


def forget(secret_hash: str) -> None:
    """Nobody proves anything by this hash any more."""
    _proven.pop(secret_hash, None)


def _digest(secret_hash: str, secret: str) -> bytes:
    # With the hash, and so its salt, in it: who has the same secret as another has another digest.
    said = f"{secret_hash} {_normal(secret)}".encode()
    return hashlib.blake2b(said, key=_KEY, digest_size=32).digest()


def _normal(secret: str) -> str:
    # "é" is one character on some keyboards and two on others (RFC 8265, 4.2.2).
    return unicodedata.normalize("NFC", secret)
