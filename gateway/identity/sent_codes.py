"""One-time codes for further proofs, sent by mail or by text message (cyclos contract section 8)."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from gateway.domain.accounts import Profile
from gateway.domain.callers import Caller
from gateway.domain.errors import EnoughSent, GatewayError, MediumUnusable, NotDelivered, TooManyAttempts, Unavailable
from gateway.domain.proofs import Medium
from gateway.domain.purposes import CodePurpose
from gateway.identity.mailer import Mailer
from gateway.identity.security_events import SecurityEvents
from gateway.identity.taken_back import taken_back
from gateway.identity.texter import Texter
from gateway.mail.messages import ConfirmationCode, SignInCode
from gateway.state.one_time_codes import CheckedCode
from gateway.state.store import State
from gateway.state.subjects import Subject

MOST_SENT = 5
"""Codes sent to one person within ten minutes."""

_SENT = "codes-sent"
_WINDOW = timedelta(minutes=10)
"""Of the codes; begins with the first."""


@dataclass(frozen=True, slots=True)
class Occasion:
    """What a code is good for: the second factor of one sign-in, or to confirm what a signed-in person does.

    Attributes:
        account_id: Keycloak user id of the person.
        session: token of the session that awaits the second factor; None to confirm.
    """

    account_id: str
    session: str | None = None

    @property
    def purpose(self) -> CodePurpose:
        """What a code proves here."""
        return CodePurpose.CONFIRMATION if self.session is None else CodePurpose.SECOND_FACTOR

    @property
    def subject(self) -> Subject:
        """Whose code it is."""
        return Subject.account(self.account_id)


class SentCodes:
    """Makes codes, hands them over before it is said that they are on their way, and judges what people enter."""

    def __init__(
        self, state: State, mailer: Mailer, texter: Texter, events: SecurityEvents, *, lifetime: timedelta
    ) -> None:
        """Take what it works with.

        Args:
            lifetime: how long a code works.
        """
        self._state = state
        self._mailer = mailer
        self._texter = texter
        self._events = events
        self._lifetime = lifetime

    async def media(self, account_id: str) -> tuple[Medium, ...]:
        """Name what reaches a person.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        profile = await self._mailer.known(account_id)
        return tuple(each for each in Medium if profile is not None and self._address(profile, each))

    async def send(self, occasion: Occasion, medium: Medium, caller: Caller) -> tuple[str, ...]:
        """Send a code; an older one is void.

        Args:
            occasion: what it is good for.
            medium: how it is sent.
            caller: who is asking.

        Returns:
            Where it went.

        Raises:
            MediumUnusable: nothing reaches the person this way.
            EnoughSent: too many codes were sent, or asked for, or entered wrongly; the older code is as it was.
            NotDelivered: whoever delivers has not taken it; no code is stored.
            Unavailable: Keycloak or Redis cannot be asked; no code is stored.
        """
        profile = await self._mailer.known(occasion.account_id)
        address = self._address(profile, medium) if profile is not None else None
        if profile is None or address is None:
            raise MediumUnusable
        async with self._told(occasion, medium, caller), self._admitted(profile, medium, caller) as mail_id:
            await self._hand_over(occasion, medium, profile, mail_id)
        return (address,)

    async def is_out(self, occasion: Occasion) -> bool:
        """Say whether a code was sent that is good for this.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        codes = self._state.one_time_codes
        return await codes.is_out(occasion.purpose, occasion.subject, binding=occasion.session)

    async def check(self, occasion: Occasion, typed: str) -> CheckedCode:
        """Judge a code, and use it up when it is right.

        Raises:
            TooManyAttempts: too many wrong ones within an hour; nothing was evaluated.
            Unavailable: Redis cannot be asked.
        """
        codes = self._state.one_time_codes
        return await codes.check(occasion.purpose, occasion.subject, typed, binding=occasion.session)

    def _address(self, profile: Profile, medium: Medium) -> str | None:
        if medium is Medium.SMS:
            return self._texter.number_of(profile)
        return profile.account.email if self._mailer.is_on else None

    @asynccontextmanager
    async def _told(self, occasion: Occasion, medium: Medium, caller: Caller) -> AsyncIterator[None]:
        account = occasion.account_id
        try:
            yield
        except TooManyAttempts as refusal:
            self._events.tell("code_sent", "refused", caller, account=account, reason="limit")
            raise EnoughSent(refusal.retry_after) from None
        except Unavailable:
            self._events.tell("code_sent", "failed", caller, account=account, reason=medium.value)
            raise
        self._events.tell("code_sent", "done", caller, account=account, reason=medium.value)

    @asynccontextmanager
    async def _admitted(self, profile: Profile, medium: Medium, caller: Caller) -> AsyncIterator[str]:
        """Count what is sent, unless nothing comes of it; give an id for the mail."""
        limits, account, mail_id = self._state.limits, profile.account, f"code-{secrets.token_hex(8)}"
        # The request stays counted for the caller: whoever delivers shall not be asked without end either.
        await limits.admit_mail_request(caller.address)
        with taken_back(GatewayError, asyncio.CancelledError) as so_far:
            await limits.admit(_SENT, account.id, most=MOST_SENT, window=_WINDOW)
            so_far.append(partial(limits.take_back, _SENT, account.id))
            if medium is Medium.EMAIL:
                await self._mailer.require_room(account, mail_id)
                so_far.append(partial(self._mailer.make_room, account, mail_id))
            yield mail_id

    async def _hand_over(self, occasion: Occasion, medium: Medium, profile: Profile, mail_id: str) -> None:
        codes, lifetime = self._state.one_time_codes, self._lifetime
        code = await codes.issue(occasion.purpose, occasion.subject, lifetime=lifetime, binding=occasion.session)
        is_sent = False
        try:
            if medium is Medium.SMS:
                await self._texter.send_code(profile, occasion.purpose, code, lifetime)
            else:
                await self._mail(occasion, profile, code, mail_id)
            is_sent = True
        finally:
            if not is_sent:
                await codes.withdraw(occasion.purpose, occasion.subject, code, binding=occasion.session)

    async def _mail(self, occasion: Occasion, profile: Profile, code: str, mail_id: str) -> None:
        kind = SignInCode if occasion.session is not None else ConfirmationCode
        try:
            is_sent = await self._mailer.send(kind(profile.full_name, code, self._lifetime), profile, mail_id)
        except Unavailable:
            is_sent = False
        if not is_sent:
            raise NotDelivered("mail", trouble="unexpected")
