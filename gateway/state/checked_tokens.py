"""What Keycloak has lately said yes to, so that it need not be asked at every use (cyclos contract section 9)."""

from datetime import timedelta

from gateway.state.connection import Connection
from gateway.state.keys import Keys
from gateway.state.times import milliseconds


class CheckedTokens:
    """Remembers tokens by their hash, and nothing of what they are."""

    def __init__(self, redis: Connection, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def includes(self, token: str) -> bool:
        """Say whether Keycloak's word about a token still counts.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return await self._redis.read("GET", self._keys.checked_token(token)) is not None

    async def add(self, token: str, lifetime: timedelta) -> None:
        """Note that Keycloak has said yes.

        Args:
            token: what it was asked about.
            lifetime: how long that counts; nothing is noted for none.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        if lifetime > timedelta(0):
            await self._redis.write("SET", self._keys.checked_token(token), 1, "PX", milliseconds(lifetime))

    async def remove(self, token: str) -> None:
        """Have Keycloak asked at the next use.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        await self._redis.write("DEL", self._keys.checked_token(token))
