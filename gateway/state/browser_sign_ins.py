"""Browsers that have been sent to Keycloak's pages and have not come back yet (security S9, S24, S42)."""

import hmac
import json
import secrets
from dataclasses import dataclass, field
from datetime import timedelta

from gateway.state.connection import Connection
from gateway.state.keys import Keys, sha256
from gateway.state.secrets import Secrets
from gateway.state.times import milliseconds

_PURPOSE = "browser-sign-in"
_VERSION = 1
_TOKEN_BYTES = 32


@dataclass(frozen=True, slots=True)
class BrowserSignIn:
    """What has to be known when the browser comes back.

    Attributes:
        sign_in: token of the sign-in that the browser is to go on with.
        account_id: Keycloak user id of whom it is for, or None for a name nobody has.
        verifier: what the code is exchanged with (RFC 7636).
        nonce: what the ID token has to repeat.
        browser: hash of the secret that the browser keeps in a cookie.
    """

    sign_in: str = field(repr=False)
    account_id: str | None
    verifier: str = field(repr=False)
    nonce: str = field(repr=False)
    browser: str = field(repr=False)

    def is_of(self, browser: str) -> bool:
        """Say whether this is the browser that was sent away, by the secret it brings."""
        return hmac.compare_digest(self.browser, sha256(browser))


class BrowserSignIns:
    """Keeps what was begun, each under a `state` that works once."""

    def __init__(self, redis: Connection, keys: Keys, secrets: Secrets) -> None:
        self._redis = redis
        self._keys = keys
        self._secrets = secrets

    async def begin(self, pending: BrowserSignIn, surface: str, lifetime: timedelta) -> str:
        """Keep what was begun.

        Args:
            pending: what has to be known.
            surface: where it began; it goes on there only.
            lifetime: until it is forgotten.

        Returns:
            The `state`: 256 random bits in URL-safe characters.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        state = secrets.token_urlsafe(_TOKEN_BYTES)
        content = [_VERSION, surface, pending.sign_in, pending.account_id]
        content += [pending.verifier, pending.nonce, pending.browser]
        sealed = self._secrets.seal(_PURPOSE, json.dumps(content).encode())
        await self._redis.write("SET", self._keys.browser_sign_in(state), sealed, "PX", milliseconds(lifetime))
        return state

    async def take(self, state: str, surface: str) -> BrowserSignIn | None:
        """Find what was begun and forget it; of any number of requests with one `state`, one gets it.

        Args:
            state: as the request has it, of any shape.
            surface: where the request came in.

        Returns:
            None when it is unknown, expired, taken, of another surface or of another version.

        Raises:
            Unavailable: Redis cannot be asked; it may be taken all the same.
        """
        sealed = await self._redis.write("GETDEL", self._keys.browser_sign_in(state))
        plain = self._secrets.unseal(_PURPOSE, sealed) if sealed else None
        if plain is None:
            return None
        version, *content = json.loads(plain)
        if version != _VERSION or content[0] != surface:
            return None
        return BrowserSignIn(*content[1:])
