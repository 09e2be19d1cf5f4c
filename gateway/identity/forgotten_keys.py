"""The forgotten password by a mailed key: asked for, looked at and used (cyclos contract section 10)."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

import structlog

from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountNotFound,
    LinkRefused,
    NotSignedIn,
    PasswordRefused,
    RightsRefused,
    TooManyAttempts,
    Unavailable,
)
from gateway.domain.proofs import Medium
from gateway.identity.generated_passwords import generated_password
from gateway.identity.link_reset import LinkReset
from gateway.identity.mailer import Mailer
from gateway.identity.reset_links import ResetLinks
from gateway.identity.reset_requests import ResetRequests
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.mail.messages import GeneratedPassword
from gateway.state.outbox import Parcel
from gateway.unfinished import Unfinished

KEY_REQUEST = "key_request"
_TRIES = 5
"""Passwords made before it is said that none fits."""

_log = structlog.get_logger()


class ForgottenKeys:
    """A key does not tell whose it is; nothing but the mail it was in does.

    Attributes:
        is_on: whether anybody may ask.
        generates: whether new passwords are made here.
    """

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        requests: ResetRequests,
        links: ResetLinks,
        link_reset: LinkReset,
        mailer: Mailer,
        *,
        events: SecurityEvents,
        unfinished: Unfinished,
        is_on: bool,
        generates: bool,
    ) -> None:
        """Take what it works with.

        Args:
            is_on: whether anybody may ask.
            generates: whether new passwords are made here.
        """
        self._realm = realm
        self._requests = requests
        self._links = links
        self._link_reset = link_reset
        self._mailer = mailer
        self._events = events
        self._unfinished = unfinished
        self.is_on = is_on
        self.generates = generates

    @property
    def media(self) -> tuple[Medium, ...]:
        """What carries keys: nothing while it is switched off, or where there is no mail server."""
        return (Medium.EMAIL,) if self.is_on and self._mailer.is_on else ()

    def require_on(self) -> None:
        """Refuse everybody while it is switched off.

        Raises:
            RightsRefused: it is.
        """
        if not self.is_on:
            raise RightsRefused

    async def ask(self, name: str, caller: Caller) -> None:
        """Have a key mailed to whoever has that name; who asks too often is not told so.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        with suppress(TooManyAttempts):
            await self._requests.ask(name, caller)

    async def deliver(self, parcel: Parcel) -> None:
        """Mail a key, as `ResetRequests.deliver` does.

        Raises:
            Unavailable: Keycloak, Redis or the mail server cannot be asked; to be tried again.
        """
        await self._requests.deliver(parcel)

    async def require_good(self, key: str) -> None:
        """Refuse a key that is no good, without using it.

        Raises:
            LinkRefused: it is unknown, expired, used or replaced.
            Unavailable: Redis cannot be asked.
        """
        if not await self._links.is_good(key):
            raise LinkRefused

    async def change(self, key: str, new: str, caller: Caller) -> None:
        """Set a new password; all sessions end and a lock is lifted.

        Access clients stay, save where the key proves an address that nobody had verified.

        Args:
            key: used up by success only.
            new: the password.
            caller: who is asking.

        Raises:
            LinkRefused: the key is no good, another request is using it, or the account has gone or is disabled.
            PasswordRefused: the realm's policy says no.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        with _link_refusals():
            await self._link_reset.reset_by_secret(key, new, caller)

    async def generate(self, key: str, caller: Caller) -> None:
        """Do the same with a password that is made here and mailed.

        Raises:
            LinkRefused: as `change`.
            Unavailable: as there; or no password that is made here fits the realm's policy.
        """
        with _link_refusals():
            await self._unfinished.to_the_end(self._generated(key, caller))

    async def deliver_password(self, parcel: Parcel) -> None:
        """Mail a password that was set; whoever got the key receives mail there, so it is counted against no limit.

        Raises:
            Unavailable: Keycloak or the mail server cannot be asked; to be tried again.
        """
        profile = await self._mailer.reachable(parcel.content["account"])
        if profile is None:
            return
        message = GeneratedPassword(profile.full_name, parcel.content["password"])
        is_sent = await self._mailer.send(message, profile, f"password-{parcel.id}")
        self._events.tell("password_mail", "done" if is_sent else "refused", account=profile.account.id)

    async def _generated(self, key: str, caller: Caller) -> None:
        policy = await self._realm.password_policy()
        for _ in range(_TRIES):
            password = generated_password(policy)
            with suppress(PasswordRefused):
                await self._link_reset.reset_by_secret(key, password, caller, is_mailed=True)
                return
        _log.error("generated_passwords_refused", remedy="the realm's policy wants what the gateway cannot make")
        raise Unavailable("keycloak")


@contextmanager
def _link_refusals() -> Iterator[None]:
    try:
        yield
    except (NotSignedIn, AccountNotFound):
        raise LinkRefused from None
