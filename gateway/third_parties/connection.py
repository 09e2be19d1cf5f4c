"""The one connection to third parties: bounded in time, in number and in size; it keeps nothing and follows nobody."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from typing import Self

import aiohttp
import structlog
from yarl import URL

from gateway.domain.errors import NotAnswered, Unavailable
from gateway.outgoing.calls import CHANCE, Call, Calls, Received, content

_CALL_TIME = 4.0
"""Seconds for a call as a whole, the look-up of the name included: less than a request has (security R1)."""
_CONNECT_TIME = 1.0
"""Of these, seconds to get a connection: the look-up of the name, TLS, or the wait for a free one."""
_AT_ONCE = 40
"""Connections to one host; a third party that hangs holds up no other."""
_LARGEST = 1 << 20

_TROUBLE: tuple[type[Exception], ...] = (aiohttp.ClientError, OSError, TimeoutError, ValueError)
"""What there can be instead of a readable answer. `OSError`: also certificates. `ValueError`: unusable input."""

_log = structlog.get_logger()


class Connection:
    """Calls to whoever is named in the settings, never to an address out of a request or an answer."""

    def __init__(self, calls: Calls) -> None:
        self._calls = calls

    @classmethod
    @asynccontextmanager
    async def open(cls, randomness: Callable[[], float] = CHANCE) -> AsyncIterator[Self]:
        """Open the connection; nothing is sent yet, so nobody need be up (security R14).

        Args:
            randomness: from 0 to 1, how much of the longest pause there is before a call is sent once more.
        """
        async with Calls.open(_CONNECT_TIME, randomness, per_host=_AT_ONCE) as calls:
            yield cls(calls)

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
    ) -> Received:
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
        headers, body = content(form, json_body, bearer)
        with _trouble_as_unavailable(party):
            async with asyncio.timeout(_CALL_TIME):
                return await self._calls.send(Call(method, URL(url), headers, body, repeatable, _LARGEST))


@contextmanager
def _trouble_as_unavailable(party: str) -> Iterator[None]:
    """Turn everything that is no answer into `Unavailable`; what the library says may repeat the address."""
    try:
        yield
    except _TROUBLE as error:
        _log.warning("third_party_unreachable", party=party, trouble=type(error).__name__)
        is_late = isinstance(error, TimeoutError) and not isinstance(error, aiohttp.ConnectionTimeoutError)
        raise (NotAnswered if is_late else Unavailable)(party) from None
