"""The certificate that an application proves itself with at Microsoft: a PEM file with the RSA key and the certificate."""

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from inbox_agent.domain.errors import SettingsError


@dataclass(frozen=True, slots=True)
class Certificate:
    """`key` and `certificate` in PEM; `ends_at` is when it is valid no longer (aware, UTC)."""

    key: str = field(repr=False)
    certificate: str
    ends_at: datetime


def read_certificate(path: Path, password: str = "") -> Certificate:
    """The pair in `path`; `password` opens an encrypted key. Raises `SettingsError` that says what is wrong with the file."""
    try:
        if path.stat().st_mode & 0o077:
            raise SettingsError(f"The certificate {path} can be read by others than its owner. Run: chmod 600 {path}")
        content = path.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"The certificate {path} cannot be read ({error.strerror}). Correct the option oauth.certificate."
        ) from error
    try:
        # The first certificate is the application's own; a chain may follow (RFC 5246, 7.4.2).
        certificate = x509.load_pem_x509_certificates(content)[0]
        key = load_pem_private_key(content, password.encode("utf-8") or None)
    except (ValueError, TypeError, IndexError) as error:
        # The library's words may quote the file.
        raise SettingsError(
            f"The file {path} does not hold a private key and a certificate that can be read. It needs both, in PEM, and "
            "the option oauth.certificate_password if the key is encrypted."
        ) from error
    if not isinstance(key, RSAPrivateKey) or key.public_key() != certificate.public_key():
        raise SettingsError(
            f"The key in {path} is no RSA key, or belongs to another certificate. Microsoft asks for an RSA key of 2048 bits or more."
        )
    return Certificate(
        key=key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode("ascii"),
        certificate=certificate.public_bytes(Encoding.PEM).decode("ascii"),
        ends_at=certificate.not_valid_after_utc,
    )
