"""The realm's public signing keys, kept for a while and fetched again when a token names an unknown one."""

import asyncio
from collections.abc import Callable, Mapping

from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey
from pydantic import BaseModel, TypeAdapter

from gateway.domain.errors import Unavailable
from gateway.keycloak.connection import Connection
from gateway.keycloak.errors import MALFORMED

_MIN_REFETCH = 5.0


class _Keys(BaseModel):
    keys: list[dict[str, object]]


_KEYS = TypeAdapter(_Keys)


class SigningKeys:
    """The JWKS (RFC 7517) with `use` `sig` only: Keycloak lists an encryption key beside them.

    Keys live for their lifetime; while Keycloak is down, older ones go on (security R7). Unknown key ids make at most
    one fetch every 5 s, however many tokens name one (security S25); no other fetch counts towards that, so that the
    first token of a rotated key is accepted at once.
    """

    def __init__(self, connection: Connection, path: str, lifetime: float, clock: Callable[[], float]) -> None:
        """Take where the keys are.

        Args:
            connection: to Keycloak.
            path: of the JWKS.
            lifetime: seconds after which keys are fetched again.
            clock: seconds that only go up.
        """
        self._connection = connection
        self._path = path
        self._lifetime = lifetime
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._searched_at: float | None = None
        self._lock = asyncio.Lock()

    async def named(self, key_id: str) -> Key | None:
        """Return the key of that id, or None when the realm has none.

        Raises:
            Unavailable: there are no keys at all yet and Keycloak cannot be asked.
        """
        # While somebody fetches, others need not wait with him: a frozen Keycloak would hold everybody up.
        if key_id in self._keys and (self._is_fresh() or self._lock.locked()):
            return self._keys[key_id]
        async with self._lock:
            if key_id in self._keys:
                await self._renew()
            else:
                await self._search()
        if self._fetched_at is None:
            raise Unavailable("keycloak")
        return self._keys.get(key_id)

    def _is_fresh(self) -> bool:
        return self._fetched_at is not None and self._clock() - self._fetched_at < self._lifetime

    async def _renew(self) -> None:
        if not self._is_fresh() and self._has_rested(self._tried_at):
            await self._fetch()

    async def _search(self) -> None:
        """Look for a key that is not among those known; before the first success that is an ordinary fetch."""
        if self._fetched_at is None:
            # Every caller may try: the breaker spares Keycloak then.
            await self._fetch()
        elif self._has_rested(self._searched_at):
            self._searched_at = self._clock()
            await self._fetch()

    def _has_rested(self, since: float | None) -> bool:
        return since is None or self._clock() - since >= _MIN_REFETCH

    async def _fetch(self) -> None:
        self._tried_at = self._clock()
        try:
            answer = await self._connection.request("GET", self._path)
            listed = answer.read("signing keys", _KEYS).keys
        except Unavailable:
            if self._fetched_at is None:
                raise
            return
        self._keys = {str(key["kid"]): read for key in listed if (read := _read(key)) is not None}
        self._fetched_at = self._clock()


def _read(key: Mapping[str, object]) -> Key | None:
    if key.get("use") != "sig" or not isinstance(key.get("kid"), str):
        return None
    try:
        read = JWKRegistry.import_key({name: value for name, value in key.items() if isinstance(value, str)})
    except MALFORMED:
        # A kind of key that the library does not know verifies nothing here.
        return None
    return read if isinstance(read, RSAKey | ECKey) else None
