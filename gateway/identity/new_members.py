"""Accounts for people who come with an external identity and have none (pipeshub contract sections 10 and 12)."""

from collections.abc import Mapping, Sequence

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotFound
from gateway.domain.identity_providers import ExternalIdentity
from gateway.identity.foretold import foretell, postpone
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.identity_links import IdentityLink
from gateway.keycloak.realm import Realm
from gateway.state.outbox import Parcel
from gateway.state.store import State

JOINING = "joining_of_a_new_account"


class NewMembers:
    """Makes accounts and has them join their organization; whatever is lost in between, nobody stays half made."""

    def __init__(self, realm: Realm, state: State, events: SecurityEvents) -> None:
        self._realm = realm
        self._state = state
        self._events = events

    async def create(self, identity: ExternalIdentity, organization_id: str | None, caller: Caller) -> Account:
        """Make an account with the identity's address, to which the identity is linked.

        Args:
            identity: who comes.
            organization_id: what the account belongs to, or None.
            caller: who is asking.

        Returns:
            The account; the one that another request has made for the same identity, when it was quicker.

        Raises:
            AccountNotFound: the address, or the user name like it, is somebody else's by now.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        noted = await self._noted(identity, organization_id)
        account = await self._made(identity, caller)
        if account is not None and organization_id is not None:
            await self._realm.memberships.join(organization_id, account.id)
        if noted is not None:
            await self._state.outbox.take_out(noted)
        if account is None:
            raise AccountNotFound
        return account

    async def join(self, account_id: str, organization_id: str | None) -> None:
        """Have an account that Keycloak has made itself join its organization; what is cut off is done later.

        Args:
            account_id: whose it is.
            organization_id: what it is to belong to, or None; a member stays one.

        Raises:
            Unavailable: Keycloak or Redis cannot be asked.
        """
        if organization_id is None:
            return
        content = {"account": account_id, "organization": organization_id}
        noted = await foretell(self._state.outbox, JOINING, content)
        await self._realm.memberships.join(organization_id, account_id)
        await self._state.outbox.take_out(noted)

    async def resume(self, parcel: Parcel) -> None:
        """Look whether an account was made as the parcel foretold or tells, and have it join its organization.

        Raises:
            Unavailable: Keycloak cannot be asked; or there is none yet, but may still be.
        """
        accounts = await self._accounts_of(parcel.content)
        for account_id in accounts:
            await self._realm.memberships.join(parcel.content["organization"], account_id)
        if not accounts:
            postpone(parcel)

    async def _accounts_of(self, content: Mapping[str, str]) -> Sequence[str]:
        if "account" in content:
            return [content["account"]]
        return await self._realm.identity_links.holders(IdentityLink(content["alias"], content["subject"]))

    async def _noted(self, identity: ExternalIdentity, organization_id: str | None) -> str | None:
        """Note what is about to be done: an account without its organization could not even sign in again."""
        if organization_id is None:
            return None
        content = {"alias": identity.alias, "subject": identity.subject, "organization": organization_id}
        return await foretell(self._state.outbox, JOINING, content)

    async def _made(self, identity: ExternalIdentity, caller: Caller) -> Account | None:
        account_id = await self._realm.new_accounts.make_for(identity)
        if account_id is not None:
            self._events.tell("account_created", "done", caller, account=account_id, reason="external_identity")
            return await self._realm.users.get(account_id)
        holders = await self._realm.identity_links.holders(IdentityLink(identity.alias, identity.subject))
        account = await self._realm.users.get(holders[0]) if len(holders) == 1 else None
        return account if account is not None and account.enabled else None
