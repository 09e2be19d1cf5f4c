"""Calls on kept-alive connections: bounded in size, redirected nowhere, and repeated only where that does no harm."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

import aiohttp
from yarl import URL

from gateway.outgoing.names import Names

CHANCE = secrets.SystemRandom().random

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
# A kept-alive connection that had died shows so when it is written to, or read from.
_DEAD = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)
_LONGEST_PAUSE = 0.05
"""Seconds before a call is sent once more, by chance less: what lost its connections at one time, comes back spread."""


class AnswerTooLarge(ValueError):
    """More is said than anybody has to say."""


@dataclass(frozen=True, slots=True)
class Call:
    """One call as it is sent; its address, its headers and its body may hold secrets.

    Attributes:
        is_repeatable: asking twice does no harm.
        largest: bytes of the largest answer read.
    """

    method: str
    url: URL = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)
    is_repeatable: bool
    largest: int


@dataclass(frozen=True, slots=True)
class Received:
    """What came back.

    Attributes:
        location: of a redirect, or of what was made; empty where none is told.
    """

    status: int
    body: bytes = field(repr=False)
    location: str = field(repr=False)

    def json(self) -> object:
        """Read the body of a success; None when it is none, or no JSON."""
        if self.status // 100 != 2:  # noqa: PLR2004 - HTTP's own number
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


class Calls:
    """Sends calls; who uses it says how long one may take, and what a failure means."""

    def __init__(self, session: aiohttp.ClientSession, connect_time: float, randomness: Callable[[], float]) -> None:
        self._session = session
        # A call as a whole is timed outside; only the library can see how long connecting takes.
        self._timeout = aiohttp.ClientTimeout(total=None, connect=connect_time)
        self._randomness = randomness

    @classmethod
    @asynccontextmanager
    async def open(
        cls, connect_time: float, randomness: Callable[[], float] = CHANCE, *, per_host: int = 0
    ) -> AsyncIterator[Self]:
        """Open the connections; nothing is sent yet, so nobody need be up (security R14).

        Args:
            connect_time: longest time to get a connection, seconds.
            randomness: from 0 to 1, how much of the longest pause there is before a call is sent once more.
            per_host: most connections to one host at a time; 0 for any number.
        """
        names = Names()
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=per_host, resolver=names),
            # What one person's call is given must never travel with another's.
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept": _JSON, "Accept-Encoding": "identity", "User-Agent": "identity-gateway"},
            # What comes compressed all the same is not unpacked: a small answer would become a large one.
            auto_decompress=False,
            trust_env=False,
        )
        # Left alone the library repeats a PUT on a dead connection: with a password history in the realm's policy, the
        # second one is refused although the first has set the password.
        session._retry_connection = False  # noqa: SLF001 - there is no other way to say it
        try:
            async with session:
                yield cls(session, connect_time, randomness)
        finally:
            await names.close()

    async def send(self, call: Call) -> Received:
        """Send a call, and once more, a little later, when a kept-alive connection was dead and that does no harm.

        Raises:
            AnswerTooLarge: more is answered than is read.
            ClientError, OSError, TimeoutError, ValueError: there is no answer, or no readable one.
        """
        try:
            return await self._sent(call)
        except _DEAD as error:
            if isinstance(error, aiohttp.ClientConnectorError) or not call.is_repeatable:
                raise
        await asyncio.sleep(_LONGEST_PAUSE * self._randomness())
        return await self._sent(call)

    async def _sent(self, call: Call) -> Received:
        async with self._session.request(
            call.method, call.url, data=call.body, headers=call.headers, timeout=self._timeout, allow_redirects=False
        ) as response:
            body = await _bounded(response.content, call.largest)
            return Received(response.status, body, response.headers.get("Location", ""))


def content(
    form: Mapping[str, str] | None, json_body: object, bearer: str | None
) -> tuple[dict[str, str], bytes | None]:
    """Return the headers and the body that say what is to be said.

    Args:
        form: sent as a form.
        json_body: sent as JSON when there is no form.
        bearer: token sent along.
    """
    headers = {} if bearer is None else {"Authorization": f"Bearer {bearer}"}
    if form is not None:
        # A lone surrogate is no text, but may be typed as a password: Keycloak takes it for a wrong one.
        return {"Content-Type": _FORM, **headers}, urlencode(form, errors="surrogatepass").encode()
    if json_body is not None:
        return {"Content-Type": _JSON, **headers}, json.dumps(json_body).encode()
    return headers, None


async def _bounded(stream: aiohttp.StreamReader, largest: int) -> bytes:
    body = bytearray()
    async for part in stream.iter_any():
        body += part
        if len(body) > largest:
            raise AnswerTooLarge
    return bytes(body)
