"""Admin calls in the name of the service account (design section 2)."""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import Any

from pydantic import BaseModel, TypeAdapter

from gateway.domain.errors import TokenRefused
from gateway.jose.compact import looked_into, seconds_of
from gateway.keycloak.answers import Answer
from gateway.keycloak.clients import Client
from gateway.keycloak.connection import ORDINARY, Connection, Terms
from gateway.keycloak.endpoints import Endpoints, joined
from gateway.keycloak.errors import unexpected

_RENEWED_AT = 0.8


class _ServiceAccountToken(BaseModel):
    access_token: str
    expires_in: int


_TOKEN = TypeAdapter(_ServiceAccountToken)


class ServiceAccount:
    """The service account's access token: one fetch at a time, renewed when 80 % of its life is over (R7)."""

    def __init__(
        self, connection: Connection, endpoints: Endpoints, client: Client, clock: Callable[[], float]
    ) -> None:
        """Take who it is.

        Args:
            connection: to Keycloak.
            endpoints: of the realm.
            client: the admin client.
            clock: seconds that only go up.
        """
        self._connection = connection
        self._path = endpoints.token
        self._client = client
        self._clock = clock
        self._token = ""
        self._renew_at = 0.0
        self._lock = asyncio.Lock()

    async def token(self, *, unlike: str = "") -> str:
        """Return a good access token.

        Args:
            unlike: a token that Keycloak refused, so not this one again.

        Raises:
            Unavailable: Keycloak cannot be asked, or refuses the client.
        """
        if self._is_good(unlike):
            return self._token
        async with self._lock:
            if not self._is_good(unlike):
                await self._fetch()
        return self._token

    async def fresh_token(self) -> str:
        """Return an access token that Keycloak has issued just now; raises as `token`."""
        async with self._lock:
            await self._fetch()
        return self._token

    def _is_good(self, unlike: str) -> bool:
        return bool(self._token) and self._token != unlike and self._clock() < self._renew_at

    async def _fetch(self) -> None:
        asked_at = self._clock()
        form = {**self._client.credentials(), "grant_type": "client_credentials"}
        answer = await self._connection.request("POST", self._path, form=form)
        told = answer.read("service account", _TOKEN)
        self._token = told.access_token
        self._renew_at = asked_at + told.expires_in * _RENEWED_AT


class Admin:
    """Keycloak's admin API, below the realm; every path part is percent-encoded."""

    def __init__(self, connection: Connection, endpoints: Endpoints, account: ServiceAccount) -> None:
        self._connection = connection
        self._base = endpoints.admin
        self._account = account

    async def claims(self) -> dict[str, Any]:
        """Return what the service account's token tells of it.

        Raises:
            Unavailable: Keycloak cannot be asked, refuses the client, or gives a token that nobody can look into.
        """
        token = await self._account.token()
        with _unreadable_as_unavailable():
            return looked_into(token).claims

    async def clock(self) -> int:
        """Return the second of Keycloak's clock, which is that of a fresh token; raises as `claims`."""
        token = await self._account.fresh_token()
        with _unreadable_as_unavailable():
            return seconds_of(looked_into(token).claims, "iat")

    async def get(self, *parts: str, params: Mapping[str, str] | None = None, terms: Terms = ORDINARY) -> Answer:
        """Read; raises as `Connection.request`."""
        return await self._ask("GET", parts, params=params, terms=terms)

    async def put(
        self,
        *parts: str,
        json: object,
        params: Mapping[str, str] | None = None,
        terms: Terms = ORDINARY,
    ) -> Answer:
        """Replace; raises as `Connection.request`."""
        return await self._ask("PUT", parts, json=json, params=params, terms=terms)

    async def post(self, *parts: str, json: object = None, terms: Terms = ORDINARY) -> Answer:
        """Make or do; raises as `Connection.request`."""
        return await self._ask("POST", parts, json=json, terms=terms)

    async def delete(self, *parts: str, params: Mapping[str, str] | None = None) -> Answer:
        """Take away; raises as `Connection.request`."""
        return await self._ask("DELETE", parts, params=params)

    async def _ask(
        self,
        method: str,
        parts: tuple[str, ...],
        *,
        json: object = None,
        params: Mapping[str, str] | None = None,
        terms: Terms = ORDINARY,
    ) -> Answer:
        path = self._base + joined(parts)
        token = await self._account.token()
        answer = await self._connection.request(method, path, json=json, params=params, bearer=token, terms=terms)
        if answer.status != HTTPStatus.UNAUTHORIZED:
            return answer
        # Ended by hand, or by a restart with new keys.
        token = await self._account.token(unlike=token)
        return await self._connection.request(method, path, json=json, params=params, bearer=token, terms=terms)


@contextmanager
def _unreadable_as_unavailable() -> Iterator[None]:
    """Blame the realm for its own token: nobody has sent one."""
    try:
        yield
    except TokenRefused:
        raise unexpected("service account", HTTPStatus.OK, "unreadable") from None
