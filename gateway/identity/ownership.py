"""Whose an account is when its address was never verified: a stranger may have registered it first (security S18)."""

from collections.abc import Collection
from contextlib import suppress

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotFound
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.identity.admissions import Admissions
from gateway.identity.notices import Notices
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sessions import Sessions
from gateway.keycloak.realm import Realm
from gateway.state.store import State


class Ownership:
    """Gives accounts to whoever has shown to be the owner of their address.

    Nothing happens to an account whose address is verified. The address becomes so with the last step of each, so what
    was interrupted is done again.
    """

    def __init__(
        self,
        realm: Realm,
        state: State,
        sessions: Sessions,
        admissions: Admissions,
        notices: Notices,
        events: SecurityEvents,
    ) -> None:
        self._realm = realm
        self._state = state
        self._sessions = sessions
        self._admissions = admissions
        self._notices = notices
        self._events = events

    async def take_over(self, account: Account, caller: Caller, *, proven: Collection[str] = ()) -> None:
        """Take from an account whatever somebody else could sign in with, before its owner does.

        An enrolled second factor stays: it is never dropped (security S29). A sign-in in which the account was proven
        before ends as well, its owner's too; the next one finds the address verified.

        Args:
            account: its address has been proven, and not its password.
            caller: who is asking.
            proven: aliases of providers whose identities the owner has shown to be his.

        Raises:
            AccountNotFound: the account has gone meanwhile.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        if account.email_verified:
            return
        await self._realm.credentials.remove_first_factors(account.id)
        await self._state.sign_in_sessions.end_all(account.id)
        await self._realm.identity_links.remove_all(account.id, but=proven)
        await self._sessions.end_all_but(None, account.id)
        await self.confirm(account, caller)
        await self._notices.ways_in_changed(account.id)

    async def take_over_by(self, sign_in: OpenSignIn, method: SignInMethod, account: Account, caller: Caller) -> None:
        """Do so where a sign-in shows who the owner is, and not that he knows the password.

        Args:
            sign_in: at the step.
            method: by which the step was proven.
            account: whose proof it was.
            caller: who is asking.

        Raises:
            As `take_over`.
        """
        if sign_in.shows_owner_by(method):
            await self.take_over(account, caller, proven=sign_in.providers_proven_by(method))

    async def drop_other_ways(self, account_id: str, address: str) -> None:
        """Take from an account what else somebody could sign in with: passkeys, and identities at other providers.

        Args:
            account_id: whose owner has just set a new password.
            address: that is the owner's; with another one by now, or once it is verified, nothing is taken away.

        Raises:
            Unavailable: Keycloak cannot be asked; asking again is safe.
        """
        if await self._unproven(account_id, address) is not None:
            await self._realm.credentials.remove_passkeys(account_id)
            await self._realm.identity_links.remove_all(account_id)

    async def confirm_address(self, account_id: str, address: str, caller: Caller | None) -> None:
        """Do what `confirm` does, unless the account has gone or has another address by now.

        Raises:
            Unavailable: Keycloak cannot be asked; asking again is safe.
        """
        account = await self._unproven(account_id, address)
        if account is not None:
            with suppress(AccountNotFound):
                await self.confirm(account, caller)

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

    async def _unproven(self, account_id: str, address: str) -> Account | None:
        account = await self._realm.users.get(account_id)
        if account is None or account.email_verified or account.email != address:
            return None
        return account
