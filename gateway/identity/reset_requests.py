"""The forgotten password of whoever has a name, answered alike for every name (kestra contract 1.2)."""

from collections.abc import Awaitable, Callable

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import TooManyAttempts
from gateway.identity.mail_requests import MailRequests, asked_for
from gateway.identity.mailer import Mailer
from gateway.identity.reset_mails import ResetMails
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.outbox import Parcel

RESET_REQUEST = "reset_request"

Find = Callable[[str], Awaitable[Account | None]]


class ResetRequests:
    """Mails links for a new password to who may have one; look-up and mail come after the answer."""

    def __init__(
        self,
        realm: Realm,
        requests: MailRequests,
        mailer: Mailer,
        mails: ResetMails,
        events: SecurityEvents,
        find: Find | None = None,
    ) -> None:
        """Take what it works with.

        Args:
            find: finds who has a normalised name; None for the one person whose user name or address it is.
        """
        self._realm = realm
        self._find = find or realm.users.find_only
        self._requests = requests
        self._mailer = mailer
        self._mails = mails
        self._events = events

    async def ask(self, name: str, caller: Caller) -> None:
        """Have a link mailed to whoever has that user name or address.

        Raises:
            TooManyAttempts: too many requests of this caller.
            Unavailable: Redis cannot be asked.
        """
        asked = self._requests.named(name)
        refusals = self._events.refusals(TooManyAttempts, "reset_asked", caller, account=asked.shown, reason="limit")
        async with self._requests.admitted(caller, refusals):
            trouble = await self._requests.take(asked, self._mails.lifetime)
        self._events.tell("reset_asked", "refused" if trouble else "done", caller, account=asked.shown, reason=trouble)

    async def deliver(self, parcel: Parcel) -> None:
        """Mail a link, if the name is that of one person who may sign in by a password.

        Raises:
            Unavailable: Keycloak, Redis or the mail server cannot be asked; to be tried again.
        """
        account = await self._find(asked_for(parcel))
        profile = await self._mailer.reachable(account.id) if account else None
        if profile is not None and await self._may_have_password(profile.account):
            await self._mails.send(profile, parcel)

    async def _may_have_password(self, account: Account) -> bool:
        """Tell who has a password, or nothing at all yet, from who comes by other ways: those stay the only ones."""
        if await self._realm.credentials.has_password(account.id):
            return True
        if await self._realm.credentials.has_any(account.id):
            return False
        return not await self._realm.identity_links.of(account.id)
