"""A signer's public keys, kept for a while and fetched again when a token names an unknown one."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass

from joserfc.jwk import ECKey, JWKRegistry, Key, RSAKey

from gateway.domain.errors import Unavailable
from gateway.jose.errors import MALFORMED

_MIN_REFETCH = 5.0
# An unknown curve is a KeyError to joserfc (1.8).
_UNREADABLE: tuple[type[Exception], ...] = (*MALFORMED, KeyError)

Fetch = Callable[[], Awaitable[Iterable[Mapping[str, object]]]]
"""Gets the members of the JWKS (RFC 7517), or raises `Unavailable`."""


@dataclass(frozen=True, slots=True)
class KeySetTerms:
    """How keys are kept.

    Attributes:
        signer: whose they are, as `Unavailable` names a dependency.
        lifetime: seconds after which they are fetched again.
        first_pause: least seconds between two fetches before the first success.
    """

    signer: str
    lifetime: float
    first_pause: float = 0.0


class KeySet:
    """The keys that sign: those with another `use` are left out.

    Keys live for their lifetime; while the signer is down, older ones go on (security R7). Unknown key ids make at most
    one fetch every 5 s, however many tokens name one (security S25); no other fetch counts towards that, so that the
    first token of a rotated key is accepted at once.
    """

    def __init__(self, fetch: Fetch, terms: KeySetTerms, clock: Callable[[], float]) -> None:
        """Take where the keys are.

        Args:
            fetch: gets them.
            terms: how they are kept.
            clock: seconds that only go up.
        """
        self._fetch_listed = fetch
        self._terms = terms
        self._clock = clock
        self._keys: Mapping[str, Key] = {}
        self._fetched_at: float | None = None
        self._tried_at: float | None = None
        self._searched_at: float | None = None
        self._lock = asyncio.Lock()

    async def named(self, key_id: str) -> Key | None:
        """Return the key of that id, or None when the signer has none.

        Raises:
            Unavailable: there are no keys at all yet and the signer cannot be asked.
        """
        # While somebody fetches, others need not wait with him: a frozen signer would hold everybody up.
        if key_id in self._keys and (self._is_fresh() or self._lock.locked()):
            return self._keys[key_id]
        async with self._lock:
            if key_id in self._keys:
                await self._renew()
            else:
                await self._search()
        if self._fetched_at is None:
            raise Unavailable(self._terms.signer)
        return self._keys.get(key_id)

    def _is_fresh(self) -> bool:
        return self._fetched_at is not None and self._clock() - self._fetched_at < self._terms.lifetime

    async def _renew(self) -> None:
        if not self._is_fresh() and self._has_rested(self._tried_at, _MIN_REFETCH):
            await self._fetch()

    async def _search(self) -> None:
        """Look for a key that is not among those known; before the first success that is an ordinary fetch."""
        if self._fetched_at is None:
            if self._has_rested(self._tried_at, self._terms.first_pause):
                await self._fetch()
        elif self._has_rested(self._searched_at, _MIN_REFETCH):
            self._searched_at = self._clock()
            await self._fetch()

    def _has_rested(self, since: float | None, pause: float) -> bool:
        return since is None or self._clock() - since >= pause

    async def _fetch(self) -> None:
        self._tried_at = self._clock()
        try:
            listed = await self._fetch_listed()
        except Unavailable:
            if self._fetched_at is None:
                raise
            return
        self._keys = {str(key["kid"]): read for key in listed if (read := _read(key)) is not None}
        self._fetched_at = self._clock()


def _read(key: Mapping[str, object]) -> Key | None:
    if key.get("use", "sig") != "sig" or not isinstance(key.get("kid"), str):
        return None
    try:
        read = JWKRegistry.import_key({name: value for name, value in key.items() if isinstance(value, str)})
    except _UNREADABLE:
        # A kind of key that the library does not know verifies nothing here.
        return None
    return read if isinstance(read, RSAKey | ECKey) else None
