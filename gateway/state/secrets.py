"""Keys derived from `secret_keys`: what hashes and what seals the things kept in Redis (security S26, S45)."""

import base64
import hmac

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from pydantic import SecretStr

from gateway.settings import decode_key

_KEY_BYTES = 32


class Secrets:
    """Digests and seals, with a key of its own for every purpose: what fits one purpose is worthless for another."""

    def __init__(self, secret_keys: list[SecretStr]) -> None:
        """Take the keys.

        Args:
            secret_keys: base64url of 32 bytes or more each; the first seals and hashes, all of them open.
        """
        self._roots = [decode_key(key) for key in secret_keys]
        self._digest_keys: dict[str, bytes] = {}
        self._seals: dict[str, MultiFernet] = {}

    def digest(self, purpose: str, value: str) -> str:
        """Return the HMAC-SHA-256 of a value in hex, under the first key.

        When the first key changes, so do the digests: what is kept under one is then as good as gone.
        """
        key = self._digest_keys.get(purpose)
        if key is None:
            key = self._digest_keys[purpose] = _derived(self._roots[0], f"digest {purpose}")
        return hmac.digest(key, value.encode("utf-8", "surrogatepass"), "sha256").hex()

    def keys(self, purpose: str) -> list[bytes]:
        """Return a key of 32 bytes for this purpose from each of `secret_keys`: sign with the first, believe all."""
        return [_derived(root, f"key {purpose}") for root in self._roots]

    def seal(self, purpose: str, data: bytes, *, beside: str = "") -> bytes:
        """Encrypt and authenticate, with the first key.

        Args:
            purpose: what it is for.
            data: what nobody else may read.
            beside: a secret of somebody else's without which it cannot be opened, and which is not kept.
        """
        return self._seal(purpose, beside).encrypt(data)

    def unseal(self, purpose: str, sealed: bytes, *, beside: str = "") -> bytes | None:
        """Return what was sealed for this purpose, or None when none of our keys did it, or not beside this secret."""
        try:
            return self._seal(purpose, beside).decrypt(sealed)
        except InvalidToken:
            return None

    def _seal(self, purpose: str, beside: str) -> MultiFernet:
        if beside:
            return self._seal_of(purpose, beside.encode("utf-8", "surrogatepass"))
        seal = self._seals.get(purpose)
        if seal is None:
            seal = self._seals[purpose] = self._seal_of(purpose, b"")
        return seal

    def _seal_of(self, purpose: str, beside: bytes) -> MultiFernet:
        keys = [_derived(root + beside, f"seal {purpose}") for root in self._roots]
        return MultiFernet([Fernet(base64.urlsafe_b64encode(key)) for key in keys])


def _derived(root: bytes, label: str) -> bytes:
    """Derive a key for one label (HKDF-SHA256, RFC 5869)."""
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=f"gateway {label}".encode()).derive(root)
