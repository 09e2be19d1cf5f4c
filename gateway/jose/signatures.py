"""Who signed a token, as strict for a stranger's as for the realm's own (security S25)."""

from collections.abc import Awaitable, Callable, Collection
from typing import Any

from joserfc import jws
from joserfc.jwk import Key

from gateway.domain.errors import TokenRefused
from gateway.jose.compact import Compact, looked_into
from gateway.jose.errors import malformed_as_refused

KeyOf = Callable[[str], Awaitable[Key | None]]
"""Key id → the signer's key of that id, or None."""

# Whoever writes the token must not choose the key, the format or the rules it is judged by (RFC 8725 section 3.10).
_DICTATING = frozenset({"jwk", "jku", "x5u", "x5c", "crit", "zip", "b64"})


class Signatures:
    """Verifies signatures of some algorithms, all of them asymmetric."""

    def __init__(self, algorithms: Collection[str]) -> None:
        self._algorithms = frozenset(algorithms)
        self._registry = jws.JWSRegistry(algorithms=list(algorithms), strict_check_header=False)

    async def claims_of(self, token: str, key_of: KeyOf, types: Collection[str | None]) -> dict[str, Any]:
        """Return the claims of a token that was signed by a known key; what they say is not looked at here.

        Args:
            token: as it was sent.
            key_of: finds the signer's keys.
            types: what `typ` of its header may be; None for a header without.

        Raises:
            TokenRefused: malformed, of another algorithm, key or type, or not signed by that key.
            Unavailable: as `key_of`.
        """
        compact = looked_into(token)
        algorithm, key_id = self._named_in(compact, types)
        key = await key_of(key_id)
        if key is None or key.alg not in (None, algorithm):
            raise TokenRefused
        with malformed_as_refused():
            jws.deserialize_compact(token, key, registry=self._registry)
        return compact.claims

    def _named_in(self, compact: Compact, types: Collection[str | None]) -> tuple[str, str]:
        header = compact.header
        algorithm, key_id = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in self._algorithms or not isinstance(key_id, str):
            raise TokenRefused
        kind = header.get("typ")
        if not _DICTATING.isdisjoint(header) or not isinstance(kind, str | None) or kind not in types:
            raise TokenRefused
        return algorithm, key_id
