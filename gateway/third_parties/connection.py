"""The one connection to third parties: bounded in time, in number and in size; it keeps nothing and follows nobody."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Self
from urllib.parse import urlencode

import aiohttp
import structlog

from gateway.domain.errors import NotAnswered, Unavailable

_CALL_TIME = 4.0
"""Seconds for a call as a whole, the look-up of the name included: less than a request has (security R1)."""
_CONNECT_TIME = 1.0
"""Of these, seconds to get a connection: the look-up of the name, TLS, or the wait for a free one."""
_AT_ONCE = 40
"""Connections to one host; a third party that hangs holds up no other."""
_LARGEST = 1 << 20

_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"
# A kept-alive connection that had died shows so when it is written to, or read from.
_DEAD = (aiohttp.ServerDisconnectedError, aiohttp.ClientOSError)
_CHANCE = secrets.SystemRandom().random
_LONGEST_PAUSE = 0.05
"""Seconds before a call is sent once more, by chance less: what lost its connections at one time, comes back spread."""


class AnswerTooLarge(ValueError):
    """More is said than anybody has to say."""


_TROUBLE: tuple[type[Exception], ...] = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
"""What there can be instead of a readable answer. `OSError`: also certificates. `ValueError`: unusable input."""

_log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer.

    Attributes:
        status: HTTP status.
        body: as it came.
    """

    status: int
    body: bytes = field(repr=False)

    def json(self) -> object:
        """Read the body of a success; None when it is none, or no JSON."""
        if self.status // 100 != 2:  # noqa: PLR2004 - HTTP's own number
            return None
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None


@dataclass(frozen=True, slots=True)
class _Call:
    """One call as it is sent; its address and its body may hold secrets."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes | None = field(repr=False)


class Connection:
    """Calls to whoever is named in the settings, never to an address out of a request or an answer."""

    def __init__(self, session: aiohttp.ClientSession, randomness: Callable[[], float]) -> None:
        self._session = session
        self._randomness = randomness

    @classmethod
    @asynccontextmanager
    async def open(cls, randomness: Callable[[], float] = _CHANCE) -> AsyncIterator[Self]:
        """Open the connection; nothing is sent yet, so nobody need be up (security R14).

        Args:
            randomness: from 0 to 1, how much of the longest pause there is before a call is sent once more.
        """
        session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, limit_per_host=_AT_ONCE),
            # What one person's call is given must never travel with another's.
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "identity-gateway"},
            # What comes compressed all the same is not unpacked: a small answer would become a large one.
            auto_decompress=False,
            trust_env=False,
        )
        # Whether a call may be repeated is for its caller to say; left alone the library repeats some by itself.
        session._retry_connection = False  # noqa: SLF001 - there is no other way to say it
        async with session:
            yield cls(session, randomness)

    async def request(  # noqa: PLR0913 - the parts of an HTTP request
        self,
        party: str,
        method: str,
        url: str,
        *,
        form: Mapping[str, str] | None = None,
        json_body: object = None,
        bearer: str | None = None,
        repeatable: bool = False,
    ) -> Answer:
        """Ask a third party.

        Args:
            party: what it is to the gateway, such as `captcha`; for the log.
            method: HTTP method.
            url: the whole address, out of the settings.
            form: sent as a form.
            json_body: sent as JSON when there is no form.
            bearer: token sent along.
            repeatable: asking twice does no harm; then it is asked once more, a little later, when a kept-alive
                connection was dead.

        Returns:
            What it answers, whatever the status; a redirect is an answer, and not followed.

        Raises:
            NotAnswered: there is a connection, and no answer in time.
            Unavailable: no connection, or too large an answer.
        """
        headers, body = _content(form, json_body)
        if bearer is not None:
            headers["Authorization"] = f"Bearer {bearer}"
        with _trouble_as_unavailable(party):
            async with asyncio.timeout(_CALL_TIME):
                return await self._exchange(_Call(method, url, headers, body), repeatable=repeatable)

    async def _exchange(self, call: _Call, *, repeatable: bool) -> Answer:
        try:
            return await self._sent(call)
        except _DEAD as error:
            if isinstance(error, aiohttp.ClientConnectorError) or not repeatable:
                raise
        await asyncio.sleep(_LONGEST_PAUSE * self._randomness())
        return await self._sent(call)

    async def _sent(self, call: _Call) -> Answer:
        # The call as a whole is timed outside; only the library can see how long connecting takes.
        timeout = aiohttp.ClientTimeout(total=None, connect=_CONNECT_TIME)
        async with self._session.request(
            call.method, call.url, data=call.body, headers=call.headers, timeout=timeout, allow_redirects=False
        ) as response:
            return Answer(response.status, await _bounded(response.content))


def _content(form: Mapping[str, str] | None, json_body: object) -> tuple[dict[str, str], bytes | None]:
    if form is not None:
        return {"Content-Type": _FORM}, urlencode(form).encode()
    if json_body is not None:
        return {"Content-Type": _JSON}, json.dumps(json_body).encode()
    return {}, None


async def _bounded(content: aiohttp.StreamReader) -> bytes:
    body = bytearray()
    async for part in content.iter_any():
        body += part
        if len(body) > _LARGEST:
            raise AnswerTooLarge
    return bytes(body)


@contextmanager
def _trouble_as_unavailable(party: str) -> Iterator[None]:
    """Turn everything that is no answer into `Unavailable`; what the library says may repeat the address."""
    try:
        yield
    except _TROUBLE as error:
        _log.warning("third_party_unreachable", party=party, trouble=type(error).__name__)
        is_late = isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError)
        raise (NotAnswered if is_late else Unavailable)(party) from None
