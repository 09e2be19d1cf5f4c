"""Tokens that let a service or a mailed link do one thing for one account (pipeshub contract section 11).

They have nothing in common with Keycloak's tokens: a verifier and keys of their own, HMAC only (security S25).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from gateway.domain.errors import NotSignedIn, RightsRefused

RESET = "password:reset"
FETCH = "fetch:config"
INVITE = "invitation:create"

_ALGORITHM = "HS256"
_MOST = 8192
_PARTS = 3
_MALFORMED: tuple[type[Exception], ...] = (JoseError, ValueError, TypeError, RecursionError)


@dataclass(frozen=True, slots=True)
class ScopedToken:
    """A good one.

    Attributes:
        token_id: its `jti`, or None.
        account_id: Keycloak user id it is about, or None.
        scopes: what it allows.
    """

    token_id: str | None
    account_id: str | None
    scopes: frozenset[str] = frozenset()


class ScopedTokens:
    """Signs scoped tokens and judges them."""

    def __init__(self, keys: Sequence[bytes], clock: Callable[[], float]) -> None:
        """Take the keys.

        Args:
            keys: 32 bytes or more each; the first one signs, all of them are believed.
            clock: seconds since the epoch.
        """
        self._keys = [OctKey.import_key(key) for key in keys]
        self._clock = clock
        self._registry = jws.JWSRegistry(algorithms=[_ALGORITHM])

    def issue(self, scope: str, token_id: str, lifetime: timedelta, facts: Mapping[str, str]) -> str:
        """Sign one.

        Args:
            scope: what it allows.
            token_id: its `jti`.
            lifetime: how long it is good.
            facts: `userId`, `orgId`, `userEmail`, as far as they are known.
        """
        now = int(self._clock())
        times = {"iat": now, "exp": now + int(lifetime.total_seconds()), "jti": token_id}
        claims = json.dumps({"scopes": [scope], **facts, **times}, separators=(",", ":"))
        return jws.serialize_compact(
            {"alg": _ALGORITHM, "typ": "JWT"}, claims.encode(), self._keys[0], registry=self._registry
        )

    def verify(self, token: str | None, scope: str) -> ScopedToken:
        """Judge one.

        Args:
            token: as the request has it.
            scope: what it must allow.

        Raises:
            NotSignedIn: missing, malformed, signed otherwise, expired, or for something else.
        """
        good = self.read(token)
        if scope not in good.scopes:
            raise NotSignedIn
        return good

    def admit(self, token: str | None, scope: str) -> ScopedToken:
        """Judge one where it is told apart whether it is no good or for something else.

        Raises:
            NotSignedIn: missing, malformed, signed otherwise or expired.
            RightsRefused: for something else.
        """
        good = self.read(token)
        if scope not in good.scopes:
            raise RightsRefused
        return good

    def read(self, token: str | None) -> ScopedToken:
        """Judge one, whatever it allows.

        Raises:
            NotSignedIn: missing, malformed, signed otherwise or expired.
        """
        if not token or len(token) > _MOST or token.count(".") != _PARTS - 1:
            raise NotSignedIn
        claims = self._claims(token)
        scopes = claims.get("scopes")
        is_current = _time(claims.get("nbf", 0)) <= self._clock() < _time(claims.get("exp"))
        if not is_current or not isinstance(scopes, list):
            raise NotSignedIn
        named = frozenset(each for each in scopes if isinstance(each, str))
        return ScopedToken(_text(claims.get("jti")), _text(claims.get("userId")), named)

    def _claims(self, token: str) -> dict[str, Any]:
        for key in self._keys:
            try:
                claims = json.loads(jws.deserialize_compact(token, key, registry=self._registry).payload)
            except _MALFORMED:
                continue
            if isinstance(claims, dict):
                return claims
        raise NotSignedIn


def _time(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotSignedIn
    return value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) and value else None
