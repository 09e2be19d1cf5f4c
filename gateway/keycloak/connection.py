"""The one connection to Keycloak: bounded in time, in number and in size, and broken off while Keycloak is down."""

import asyncio
import json as json_format
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Self
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from gateway.keycloak.answers import Answer
from gateway.keycloak.breaker import Breaker
from gateway.keycloak.errors import unexpected, unreachable_as_unavailable
from gateway.keycloak.places import Places
from gateway.settings import KeycloakSettings

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
# A kept-alive connection that had died shows so when it is written to, or read from.
_DEAD = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)
_CHANCE = secrets.SystemRandom().random
_LONGEST_PAUSE = 0.05
"""Seconds before a call is sent once more, by chance less: what lost its connections at one time, comes back spread."""
_REPEATABLE_METHODS = frozenset({"GET", "DELETE"})
# What a gateway or a Keycloak that is going down says. A bare 500 is an answer: counting it would let anyone who
# finds a request that Keycloak stumbles over close the door for everybody.
_OUTAGE = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})


@dataclass(frozen=True, slots=True)
class Terms:
    """What a call may take.

    Attributes:
        password_check: it costs Keycloak a password hash, so fewer run at a time.
        repeatable: asking twice does no harm, though the method is POST or PUT.
        timeout: seconds to the end of the answer; None for the setting.
        largest: bytes of the largest answer read.
        answers: statuses from 500 on that say something here.
        tells_health: whether the breaker listens to it.
    """

    password_check: bool = False
    repeatable: bool = False
    timeout: float | None = None
    largest: int = 1 << 20
    answers: frozenset[int] = frozenset()
    tells_health: bool = True


ORDINARY = Terms()
REPEATABLE = Terms(repeatable=True)
PASSWORD_CHECK = Terms(password_check=True)


@dataclass(frozen=True, slots=True)
class _Call:
    """One call as it is sent; its headers and body hold secrets."""

    method: str
    url: URL
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    terms: Terms

    @property
    def is_repeatable(self) -> bool:
        """Say whether asking twice does no harm."""
        return self.terms.repeatable or self.method in _REPEATABLE_METHODS


class Connection:
    """Calls to one Keycloak on shared, kept-alive connections.

    A call is sent once more when a kept-alive connection turns out to be dead, within its own time: GET and DELETE, and
    others only when their terms say so, after a short pause. A password is never tried, nor set, twice (security R2).
    """

    def __init__(
        self,
        session: aiohttp.ClientSession,
        settings: KeycloakSettings,
        breaker: Breaker,
        randomness: Callable[[], float],
    ) -> None:
        self._session = session
        self._base = settings.url.rstrip("/")
        self._connect_timeout = settings.connect_timeout.total_seconds()
        self._timeout = settings.timeout.total_seconds()
        self._places = Places(
            settings.max_in_flight, settings.max_password_checks, settings.queue_timeout.total_seconds()
        )
        self._breaker = breaker
        self._randomness = randomness

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: KeycloakSettings, randomness: Callable[[], float] = _CHANCE) -> AsyncIterator[Self]:
        """Open the connection; nothing is sent yet, so Keycloak need not be up (security R14).

        Args:
            settings: where Keycloak is, and what calls may take.
            randomness: from 0 to 1, how much of the longest pause there is before a call is sent once more.
        """
        session = aiohttp.ClientSession(
            # The places are the limit; a second one here would be a second queue.
            connector=aiohttp.TCPConnector(limit=0),
            # One person's cookie must never travel with another's call.
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept": _JSON, "Accept-Encoding": "identity", "User-Agent": "identity-gateway"},
            trust_env=False,
        )
        # Left alone the library repeats a PUT on a dead connection: with a password history in the realm's policy, the
        # second one is refused although the first has set the password.
        session._retry_connection = False  # noqa: SLF001 - there is no other way to say it
        async with session:
            yield cls(session, settings, Breaker(asyncio.get_running_loop().time), randomness)

    async def request(  # noqa: PLR0913 - the parts of an HTTP request
        self,
        method: str,
        path: str,
        *,
        form: Mapping[str, str] | None = None,
        json: object = None,
        params: Mapping[str, str] | None = None,
        bearer: str | None = None,
        terms: Terms = ORDINARY,
    ) -> Answer:
        """Ask Keycloak.

        Args:
            method: HTTP method.
            path: below the base address, every part of it percent-encoded already.
            form: sent as a form.
            json: sent as JSON when there is no form.
            params: the query.
            bearer: access token sent along.
            terms: what the call may take.

        Raises:
            Unavailable: no place in the queue, no connection, no answer in time, too large a one, or a 5xx or 3xx.
        """
        url = URL(f"{self._base}{path}?{urlencode(params)}" if params else self._base + path, encoded=True)
        headers, body = _content(form, json)
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        async with self._places.taken(password_check=terms.password_check):
            answer = await self._guarded(_Call(method, url, headers, body, terms))
        if answer.status not in terms.answers and _is_no_answer(answer.status):
            raise unexpected(f"any answer to {method}", answer.status)
        return answer

    async def _guarded(self, call: _Call) -> Answer:
        if not call.terms.tells_health:
            return await self._exchange(call)
        with self._breaker.guarded():
            answer = await self._exchange(call)
            if answer.status in _OUTAGE:
                raise unexpected(f"any answer to {call.method}", answer.status)
            return answer

    async def _exchange(self, call: _Call) -> Answer:
        with unreachable_as_unavailable():
            async with asyncio.timeout(call.terms.timeout or self._timeout):
                return await self._sent_at_most_twice(call)

    async def _sent_at_most_twice(self, call: _Call) -> Answer:
        try:
            return await self._sent(call)
        except _DEAD as error:
            if isinstance(error, aiohttp.ClientConnectorError) or not call.is_repeatable:
                raise
        await asyncio.sleep(_LONGEST_PAUSE * self._randomness())
        return await self._sent(call)

    async def _sent(self, call: _Call) -> Answer:
        # The call as a whole is timed outside; only the library can see how long connecting takes.
        timeout = aiohttp.ClientTimeout(total=None, connect=self._connect_timeout)
        async with self._session.request(
            call.method, call.url, data=call.body, headers=call.headers, timeout=timeout, allow_redirects=False
        ) as response:
            body = await _bounded(response.content, call.terms.largest)
            return Answer(response.status, body, response.headers.get("Location", ""))


def _is_no_answer(status: int) -> bool:
    # A redirect would have to be followed with the same secrets in it; Keycloak's API has none.
    return status // 100 in (3, 5)


def _content(form: Mapping[str, str] | None, json: object) -> tuple[dict[str, str], bytes | None]:
    if form is not None:
        # A lone surrogate is no text, but may be typed as a password: Keycloak takes it for a wrong one.
        return {"Content-Type": _FORM}, urlencode(form, errors="surrogatepass").encode()
    if json is not None:
        return {"Content-Type": _JSON}, json_format.dumps(json).encode()
    return {}, None


async def _bounded(content: aiohttp.StreamReader, largest: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for part in content.iter_any():
        size += len(part)
        if size > largest:
            raise unexpected("an answer of ordinary size", 200)
        parts.append(part)
    return b"".join(parts)
