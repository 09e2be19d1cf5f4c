"""Programs that may call a surface: those that send one of its keys, where it has any."""

import hashlib
import hmac
from collections.abc import Iterable

from pydantic import SecretStr
from starlette.datastructures import Headers

from gateway.domain.errors import ApiKeyRefused


class ApiKeys:
    """The keys of one surface; whoever shows none learns nothing else of it."""

    def __init__(self, header: str, keys: Iterable[SecretStr]) -> None:
        """Take the keys.

        Args:
            header: the header a key is sent in.
            keys: any of them opens.
        """
        self._header = header
        self._digests = [_digest(key.get_secret_value().encode()) for key in keys]

    def require(self, headers: Headers) -> None:
        """Demand a key; how long that takes tells nothing of the keys.

        Raises:
            ApiKeyRefused: none was sent, or none of these, or more than one.
        """
        sent = headers.getlist(self._header)
        digest = _digest("".join(sent).encode())
        fitting = [hmac.compare_digest(digest, each) for each in self._digests]
        if len(sent) != 1 or not any(fitting):
            raise ApiKeyRefused


def _digest(key: bytes) -> bytes:
    """Make keys of one length, which is what may be compared in constant time."""
    return hashlib.sha256(key).digest()
