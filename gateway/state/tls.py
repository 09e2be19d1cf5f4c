"""TLS to Redis with one context for all connections.

The library makes a context for each connection, and with it reads all the system's authorities anew: 50 ms in which
the loop stands still, 50 times when a full pool opens at once (security R8).
"""

from typing import Any

from redis.asyncio.connection import RedisSSLContext, SSLConnection
from redis.asyncio.sentinel import SentinelManagedConnection


class TlsConnection(SSLConnection):
    """A connection that uses the context it is given."""

    def __init__(self, *, context: RedisSSLContext, **options: Any) -> None:  # noqa: ANN401 - the library's options
        super().__init__(**options)
        self.ssl_context = context


class SentinelTlsConnection(SentinelManagedConnection, TlsConnection):
    """The same to the primary that Sentinels name."""


def shared_context(options: dict[str, Any]) -> RedisSSLContext:
    """Make the context that an address's `ssl_…` parameters describe; it reads its files when it is first used."""
    return SSLConnection(**{name: value for name, value in options.items() if name.startswith("ssl_")}).ssl_context
