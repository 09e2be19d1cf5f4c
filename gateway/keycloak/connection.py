"""The one connection to Keycloak: bounded in time, in number and in size, and broken off while Keycloak is down."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from typing import Self
from urllib.parse import urlencode

from yarl import URL

from gateway.keycloak.answers import Answer
from gateway.keycloak.breaker import Breaker
from gateway.keycloak.errors import unexpected, unreachable_as_unavailable
from gateway.keycloak.places import Places
from gateway.outgoing.calls import CHANCE, Call, Calls, content
from gateway.settings import KeycloakSettings

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


class Connection:
    """Calls to one Keycloak on shared, kept-alive connections.

    A call is sent once more when a kept-alive connection turns out to be dead, within its own time: GET and DELETE, and
    others only when their terms say so, after a short pause. A password is never tried, nor set, twice (security R2).
    """

    def __init__(self, calls: Calls, settings: KeycloakSettings, breaker: Breaker) -> None:
        self._calls = calls
        self._base = settings.url.rstrip("/")
        self._timeout = settings.timeout.total_seconds()
        self._places = Places(
            settings.max_in_flight, settings.max_password_checks, settings.queue_timeout.total_seconds()
        )
        self._breaker = breaker

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: KeycloakSettings, randomness: Callable[[], float] = CHANCE) -> AsyncIterator[Self]:
        """Open the connection; nothing is sent yet, so Keycloak need not be up (security R14).

        Args:
            settings: where Keycloak is, and what calls may take.
            randomness: from 0 to 1, how much of the longest pause there is before a call is sent once more.
        """
        # The places are the limit; a second one on the connections would be a second queue.
        async with Calls.open(settings.connect_timeout.total_seconds(), randomness) as calls:
            yield cls(calls, settings, Breaker(asyncio.get_running_loop().time))

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
        headers, body = content(form, json, bearer)
        is_repeatable = terms.repeatable or method in _REPEATABLE_METHODS
        call = Call(method, url, headers, body, is_repeatable, terms.largest)
        async with self._places.taken(password_check=terms.password_check):
            answer = await self._guarded(call, terms)
        if answer.status not in terms.answers and _is_no_answer(answer.status):
            raise unexpected(f"any answer to {method}", answer.status)
        return answer

    async def _guarded(self, call: Call, terms: Terms) -> Answer:
        if not terms.tells_health:
            return await self._exchange(call, terms)
        with self._breaker.guarded():
            answer = await self._exchange(call, terms)
            if answer.status in _OUTAGE:
                raise unexpected(f"any answer to {call.method}", answer.status)
            return answer

    async def _exchange(self, call: Call, terms: Terms) -> Answer:
        with unreachable_as_unavailable():
            async with asyncio.timeout(terms.timeout or self._timeout):
                received = await self._calls.send(call)
        return Answer(received.status, received.body, received.location)


def _is_no_answer(status: int) -> bool:
    # A redirect would have to be followed with the same secrets in it; Keycloak's API has none.
    return status // 100 in (3, 5)
