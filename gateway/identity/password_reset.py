"""The forgotten password, by Keycloak's own mail and page (toan contract section 3.4)."""

from gateway.domain.accounts import Account, normalise_name
from gateway.domain.callers import Caller
from gateway.domain.errors import TooManyAttempts, Unavailable
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.keycloak.users import MailOutcome
from gateway.settings import ToanSettings
from gateway.state.outbox import Parcel
from gateway.state.store import State

RESET_MAIL = "reset_mail"


class PasswordReset:
    """Asks take the same time and give the same answer for every name; the look-up comes after the answer."""

    def __init__(self, realm: Realm, state: State, events: SecurityEvents, settings: ToanSettings) -> None:
        self._realm = realm
        self._state = state
        self._events = events
        self._most = settings.mail_limit
        self._window = settings.mail_window
        self._link_lifetime = settings.reset_link_lifetime

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
        digest = self._state.secrets.digest("reset-name", spelled or name)
        try:
            await self._state.limits.admit_mail_request(caller.address)
            await self._state.limits.admit("reset", digest, most=self._most, window=self._window)
        except TooManyAttempts:
            self._events.tell("reset_asked", "refused", caller, account=digest[:12], reason="limit")
            raise
        await self._state.outbox.add(RESET_MAIL, {"name": spelled}, self._link_lifetime)
        self._events.tell("reset_asked", "done", caller, account=digest[:12])

    async def deliver(self, parcel: Parcel) -> None:
        """Have Keycloak mail the link, if the name is that of somebody who can be mailed.

        Raises:
            Unavailable: Keycloak cannot be asked, or cannot send mail; to be tried again.
        """
        name = parcel.content["name"]
        account = await self._realm.users.find(name) if name else None
        if account is None or not account.enabled or account.email is None:
            return
        if not await self._may_be_mailed(account, parcel.id):
            self._events.tell("reset_mail", "refused", account=account.id, reason="limit")
            return
        await self._send(account)

    async def _may_be_mailed(self, account: Account, mail_id: str) -> bool:
        mailbox = self._state.secrets.digest("mailbox", (account.email or "").lower())
        return await self._state.limits.admit_mail(mailbox, mail_id)

    async def _send(self, account: Account) -> None:
        outcome = await self._realm.users.send_reset_mail(account.id, self._link_lifetime)
        if outcome is MailOutcome.FAILED:
            self._events.tell("reset_mail", "failed", account=account.id, reason="smtp")
            raise Unavailable("keycloak's mail server")
        done = outcome is MailOutcome.SENT
        self._events.tell("reset_mail", "done" if done else "refused", account=account.id)
