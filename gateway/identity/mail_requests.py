"""Requests for mail that are answered before anybody is looked up, alike for every name (kestra contract 1.2, 1.4)."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Literal

from gateway.domain.accounts import normalise_name
from gateway.domain.callers import Caller
from gateway.domain.errors import Unavailable
from gateway.identity.mailer import Mailer
from gateway.identity.security_events import NOBODY
from gateway.identity.taken_back import taken_back
from gateway.state.limits import Limits
from gateway.state.outbox import Parcel
from gateway.state.store import State

_NAME = "name"


@dataclass(frozen=True, slots=True)
class RequestTerms:
    """What is promised of requests of one kind.

    Attributes:
        kind: of their limit, one of our own words; and of what is put into the outbox, where that is `take`'s.
        most: requests within the window, of one client address or for one name, as the contract has it.
        window: begins with the first.
    """

    kind: str
    most: int
    window: timedelta


@dataclass(frozen=True, slots=True)
class RequestedName:
    """Whom mail is asked for.

    Attributes:
        normalised: None for a name that nobody can have.
        shown: how it is told.
    """

    normalised: str | None = field(repr=False)
    shown: str


class MailRequests:
    """Takes requests of one kind."""

    def __init__(self, state: State, mailer: Mailer, terms: RequestTerms) -> None:
        self._state = state
        self._mailer = mailer
        self._terms = terms

    def named(self, name: str) -> RequestedName:
        """Read a name as it was sent."""
        normalised = normalise_name(name)
        shown = self._state.unknown(normalised).shown if normalised else NOBODY
        return RequestedName(normalised, shown)

    def admitted(self, caller: Caller, refusals: AbstractContextManager[None]) -> AbstractAsyncContextManager[None]:
        """Count a request of a caller; for the rest as `counted`."""
        return counted(self._state.limits, self._terms, caller.address, caller, refusals)

    async def take(self, name: RequestedName, lifetime: timedelta) -> Literal["", "malformed", "no_mail_server"]:
        """Put a request that was counted into the outbox, whether there is such a person or not.

        Args:
            name: whom it is for.
            lifetime: after which the mail would come too late.

        Returns:
            Why it was not, or an empty text.

        Raises:
            Unavailable: Redis cannot be asked, or the outbox is full.
        """
        if not self._mailer.is_on:
            return "no_mail_server"
        if name.normalised is None:
            return "malformed"
        await self._state.outbox.add(self._terms.kind, {_NAME: name.normalised}, lifetime)
        return ""


def asked_for(parcel: Parcel) -> str:
    """Return the normalised name that a request was for."""
    return parcel.content[_NAME]


@asynccontextmanager
async def counted(
    limits: Limits, terms: RequestTerms, subject: str, caller: Caller, refusals: AbstractContextManager[None]
) -> AsyncIterator[None]:
    """Count an ask for mail, unless nothing comes of it inside in an outage.

    Args:
        limits: of client addresses, and of this kind.
        terms: of what is asked for.
        subject: whose the limit of this kind is.
        caller: who is asking.
        refusals: tells of one.

    Raises:
        TooManyAttempts: there were too many asks, of the caller or for the subject.
        Unavailable: Redis cannot be asked; nothing is counted but what Redis was about to answer.
    """
    with taken_back(Unavailable, asyncio.CancelledError) as so_far:
        with refusals:
            await limits.admit_mail_request(caller.address)
            so_far.append(partial(limits.take_back_mail_request, caller.address))
            await limits.admit(terms.kind, subject, most=terms.most, window=terms.window)
            so_far.append(partial(limits.take_back, terms.kind, subject))
        yield
