"""The server's certificate: made by itself at the first start, kept beside the messages.

Nobody signs it. A client that comes again compares it with the one it saw first, as ssh does with host keys; so it
lasts for decades and is never renewed behind people's backs. To use another one, put it in its place.
"""

from __future__ import annotations

import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

CERTIFICATE: Final = "tls-certificate.pem"
KEY: Final = "tls-key.pem"
_DAYS: Final = 365 * 30


def load_context(folder: Path, name: str) -> ssl.SSLContext:
    """TLS 1.2 and newer, with the certificate of this folder, which is made if there is none.

    Raises OSError or ssl.SSLError if the files cannot be written or read.
    """
    certificate, key = folder / CERTIFICATE, folder / KEY
    if not certificate.exists() or not key.exists():
        _make(certificate, key, name)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate, key)
    return context


def fingerprint(folder: Path) -> str:
    """SHA-256 of the certificate in hex, as clients show it."""
    from hashlib import sha256

    return sha256(ssl.PEM_cert_to_DER_cert((folder / CERTIFICATE).read_text("ascii"))).hexdigest()


def _make(certificate: Path, key: Path, name: str) -> None:
    # Imported here: it takes 0.1 s and is needed once in the life of a server.
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import NameOID

    private = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name[:64])])
    now = datetime.now(UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(private.public_key())
        .serial_number(x509.random_serial_number())
        # A client whose clock is behind must be able to come in too.
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=_DAYS))
        .sign(private, hashes.SHA256())
    )
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    _write_new(key, pem, 0o600)
    _write_new(certificate, signed.public_bytes(serialization.Encoding.PEM), 0o644)


def _write_new(path: Path, data: bytes, mode: int) -> None:
    """Writes a file whole or not at all, never readable by more than `mode` allows."""
    part = path.with_suffix(".part")
    part.unlink(missing_ok=True)
    with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    part.replace(path)
