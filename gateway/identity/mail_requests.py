"""Requests for mail that are answered before anybody is looked up, alike for every name (kestra contract 1.2, 1.4)."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from gateway.domain.accounts import normalise_name
from gateway.domain.callers import Caller
from gateway.domain.errors import Unavailable
from gateway.identity.mailer import Mailer
from gateway.state.limits import Limits
from gateway.state.outbox import Parcel
from gateway.state.store import State

_NAME = "name"


@dataclass(frozen=True, slots=True)
class RequestTerms:
    """What is promised of requests of one kind.

    Attributes:
        kind: of their parcels in the outbox, and of their limit.
        most: requests of one client address within the window; none depends on the name that is asked for.
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
        shown = self._state.secrets.digest("unknown-name", normalised)[:12] if normalised else "none"
        return RequestedName(normalised, shown)

    async def admit(self, caller: Caller) -> None:
        """Count a request, or refuse it.

        Raises:
            TooManyAttempts: too many of this caller.
            Unavailable: Redis cannot be asked.
        """
        limits, terms = self._state.limits, self._terms
        await limits.admit_mail_request(caller.address)
        await limits.admit(terms.kind, caller.address, most=terms.most, window=terms.window)

    async def take(
        self, name: RequestedName, caller: Caller, lifetime: timedelta
    ) -> Literal["", "malformed", "no_mail_server"]:
        """Put a request that was admitted into the outbox, whether there is such a person or not.

        Args:
            name: whom it is for.
            caller: who is asking.
            lifetime: after which the mail would come too late.

        Returns:
            Why it was not, or an empty text.

        Raises:
            Unavailable: Redis cannot be asked, or the outbox is full; nothing is counted then.
        """
        if not self._mailer.is_on:
            return "no_mail_server"
        if name.normalised is None:
            return "malformed"
        with given_back_in_outages(self._state.limits, self._terms.kind, caller.address, caller):
            await self._state.outbox.add(self._terms.kind, {_NAME: name.normalised}, lifetime)
        return ""


def asked_for(parcel: Parcel) -> str:
    """Return the normalised name that a request was for."""
    return parcel.content[_NAME]


@contextmanager
def given_back_in_outages(limits: Limits, name: str, subject: str, caller: Caller) -> Iterator[None]:
    """Count a request that was admitted against no limit after all, when nothing comes of it inside in an outage.

    Args:
        limits: it was admitted by, for the caller's address and by a name.
        name: the limit's.
        subject: whose the limit is.
        caller: who is asking.
    """
    try:
        yield
    except (Unavailable, asyncio.CancelledError):
        limits.take_back(name, subject)
        limits.take_back_mail_request(caller.address)
        raise
