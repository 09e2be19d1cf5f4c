"""The forgotten password, by Keycloak's own mail and page (toan contract section 3.4)."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.accounts import Account, normalise_name
from gateway.domain.callers import Caller
from gateway.domain.errors import TooManyAttempts, Unavailable
from gateway.domain.mails import MailOutcome
from gateway.identity.mail_requests import RequestTerms, counted
from gateway.identity.mailer import Mailer
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.outbox import Parcel
from gateway.state.store import State

RESET_MAIL = "reset_mail"


@dataclass(frozen=True, slots=True)
class ResetMailTerms:
    """What is promised of Keycloak's reset mails.

    Attributes:
        most: asked for one name within the window.
        window: begins with the first ask.
        lifetime: how long the link works, and how long it is tried to mail it.
    """

    most: int
    window: timedelta
    lifetime: timedelta


class PasswordReset:
    """Asks take the same time and give the same answer for every name; the look-up comes after the answer."""

    def __init__(
        self, realm: Realm, state: State, mailer: Mailer, events: SecurityEvents, terms: ResetMailTerms
    ) -> None:
        self._realm = realm
        self._state = state
        self._mailer = mailer
        self._events = events
        self._terms = terms

    async def ask(self, name: str, caller: Caller) -> None:
        """Put a reset mail for a name into the outbox, whether the name is anybody's or not.

        Args:
            name: user name or e-mail address as typed.
            caller: who is asking.

        Raises:
            TooManyAttempts: too many asks for this name, or from this address.
            Unavailable: Redis cannot be asked.
        """
        spelled = normalise_name(name) or ""
        subject = self._state.unknown(spelled or name)
        refusals = self._events.refusals(TooManyAttempts, "reset_asked", caller, account=subject.shown, reason="limit")
        terms = RequestTerms("reset", self._terms.most, self._terms.window)
        async with counted(self._state.limits, terms, subject.key, caller, refusals):
            await self._state.outbox.add(RESET_MAIL, {"name": spelled}, self._terms.lifetime)
        self._events.tell("reset_asked", "done", caller, account=subject.shown)

    async def deliver(self, parcel: Parcel) -> None:
        """Have Keycloak mail the link, if the name is that of somebody who can be mailed.

        Raises:
            Unavailable: Keycloak cannot be asked, or cannot send mail; to be tried again.
        """
        name = parcel.content["name"]
        account = await self._realm.users.find(name) if name else None
        if account is None or not account.enabled or account.email is None:
            return
        if not await self._mailer.has_room(account, parcel.id):
            self._events.tell("reset_mail", "refused", account=account.id, reason="limit")
            return
        await self._send(account)

    async def _send(self, account: Account) -> None:
        outcome = await self._realm.users.send_reset_mail(account.id, self._terms.lifetime)
        if outcome is MailOutcome.FAILED:
            self._events.tell("reset_mail", "failed", account=account.id, reason="smtp")
            raise Unavailable("keycloak's mail server")
        done = outcome is MailOutcome.SENT
        self._events.tell("reset_mail", "done" if done else "refused", account=account.id)
