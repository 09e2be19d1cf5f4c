"""The forgotten password, by a link in a mail of the gateway's own (pipeshub contract section 10)."""

from datetime import timedelta

from gateway.domain.callers import Caller
from gateway.domain.errors import TooManyAttempts
from gateway.identity.captchas import Captchas
from gateway.identity.mail_requests import RequestTerms, counted
from gateway.identity.mailer import Mailer
from gateway.identity.reset_mails import ResetMails
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.outbox import Parcel
from gateway.state.store import State

RESET_LINK = "reset_link"

_WINDOW = timedelta(hours=1)


class ForgottenPassword:
    """Asks take the same time and give the same answer for every address; look-up and mail come after the answer."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        mailer: Mailer,
        mails: ResetMails,
        events: SecurityEvents,
        *,
        captchas: Captchas,
        most: int,
    ) -> None:
        """Take what it works with.

        Args:
            most: links asked for one address in an hour.
        """
        self._realm = realm
        self._state = state
        self._mailer = mailer
        self._mails = mails
        self._events = events
        self._captchas = captchas
        self._terms = RequestTerms("reset-link", most, _WINDOW)

    async def ask(self, email: str, caller: Caller, *, captcha: str | None) -> None:
        """Put a reset mail for an address into the outbox, whether anybody has it or not.

        Args:
            email: normalised.
            caller: who is asking.
            captcha: what solving one has given the caller, or None.

        Raises:
            CaptchaRefused: CAPTCHA is on, and nothing shows that a human is asking; nothing was counted or sent.
            TooManyAttempts: too many asks for this address, or from this caller.
            Unavailable: Redis cannot be asked, or the outbox is full; nothing was counted.
        """
        await self._captchas.require(captcha, caller)
        subject = self._state.unknown(email)
        refusals = self._events.refusals(TooManyAttempts, "reset_asked", caller, account=subject.shown, reason="limit")
        async with counted(self._state.limits, self._terms, subject.key, caller, refusals):
            await self._state.outbox.add(RESET_LINK, {"email": email}, self._mails.lifetime)
        self._events.tell("reset_asked", "done", caller, account=subject.shown)

    async def deliver(self, parcel: Parcel) -> None:
        """Mail a link, if the address is that of somebody who may sign in.

        Raises:
            Unavailable: Keycloak, Redis or the mail server cannot be asked; to be tried again.
        """
        account = await self._realm.users.find_by_email(parcel.content["email"])
        profile = await self._mailer.reachable(account.id) if account else None
        if profile is not None:
            await self._mails.send(profile, parcel)
