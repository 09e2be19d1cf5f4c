"""Whose an account is when its address was never verified: a stranger may have registered it first (security S18)."""

from contextlib import suppress
from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotFound, Unavailable
from gateway.identity.admissions import Admissions
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.keycloak.realm import Realm
from gateway.state.outbox import Parcel
from gateway.state.store import State

CONFIRMING = "confirming_of_an_address"
_RESUMED_FOR = timedelta(days=1)
_SETTLED_AFTER = timedelta(seconds=10)
"""Longer than a request may take; until then its own process sees to it."""


class Ownership:
    """Gives accounts to whoever has shown to be the owner of their address.

    Nothing happens to an account whose address is verified. The address becomes so with the last step of each, so what
    was interrupted is done again.
    """

    def __init__(
        self, realm: Realm, state: State, sessions: Sessions, admissions: Admissions, events: SecurityEvents
    ) -> None:
        self._realm = realm
        self._state = state
        self._sessions = sessions
        self._admissions = admissions
        self._events = events

    async def take_over(self, account: Account, caller: Caller) -> None:
        """Take from an account whatever somebody else could sign in with, before its owner does.

        An enrolled second factor stays: it is never dropped (security S29).

        Args:
            account: its address, and nothing else, has been proven.
            caller: who is asking.

        Raises:
            AccountNotFound: the account has gone meanwhile.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        if account.email_verified:
            return
        await self._realm.credentials.remove_passwords(account.id)
        await self._state.sign_in_sessions.end_all(account.id)
        await self._sessions.end_all_but(None, account.id)
        await self.drop_links(account)
        await self.confirm(account, caller)

    async def drop_links(self, account: Account) -> None:
        """Take from an account the identities at other providers that its owner has not linked.

        Args:
            account: whose owner is about to set a new password.

        Raises:
            Unavailable: Keycloak cannot be asked; asking again is safe.
        """
        if not account.email_verified:
            await self._realm.identity_links.remove_all(account.id)

    async def confirm_in_any_case(self, account: Account, caller: Caller) -> None:
        """Do what `confirm` does, and go on with it later if it is cut off.

        It has to be run to its end (`Unfinished.to_the_end`).

        Raises:
            AccountNotFound: the account has gone meanwhile.
            Unavailable: Keycloak cannot be asked; if Redis can, it will be done.
        """
        if account.email_verified:
            return
        noted = None
        with suppress(Unavailable):
            content = {"account": account.id, "email": account.email or ""}
            noted = await self._state.outbox.add(CONFIRMING, content, _RESUMED_FOR, wait=_SETTLED_AFTER)
        await self.confirm(account, caller)
        if noted is not None:
            await self._state.outbox.take_out(noted)

    async def resume(self, parcel: Parcel) -> None:
        """Confirm the address that a parcel tells, unless the account has another one by now.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        account = await self._realm.users.get(parcel.content["account"])
        if account is None or account.email != parcel.content["email"]:
            return
        with suppress(AccountNotFound):
            await self.confirm(account, None)

    async def confirm(self, account: Account, caller: Caller | None) -> None:
        """Note that the address is its owner's: from then on nothing is taken away any more, and it lets people in.

        Args:
            account: with nothing left that a stranger could sign in with.
            caller: who is asking; None after the answer.

        Raises:
            AccountNotFound: the account has gone meanwhile.
            Unavailable: Keycloak cannot be asked; asking again is safe.
        """
        if account.email_verified:
            return
        await self._admissions.prove(account)
        await self._realm.users.mark_email_verified(account.id)
        self._events.tell("address_verified", "done", caller, account=account.id)
