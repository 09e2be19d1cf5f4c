"""Whose account an external identity opens (security S18, pipeshub contract section 10)."""

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import AnothersIdentity, IdentityRefused
from gateway.domain.identity_providers import ExternalIdentity
from gateway.domain.sign_ins import OpenSignIn
from gateway.identity.new_members import NewMembers
from gateway.identity.notices import Notices
from gateway.identity.ownership import Ownership
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.identity_links import IdentityLink
from gateway.keycloak.realm import Realm


class Federation:
    """Matches identities with accounts: by link first, else by verified address, and links what was matched so."""

    def __init__(
        self, realm: Realm, ownership: Ownership, new_members: NewMembers, notices: Notices, events: SecurityEvents
    ) -> None:
        self._realm = realm
        self._ownership = ownership
        self._new_members = new_members
        self._notices = notices
        self._events = events

    async def holder_of(
        self, identity: ExternalIdentity, sign_in: OpenSignIn, account: Account | None
    ) -> Account | None:
        """Say which account a proven identity is linked to; nothing of the account is looked at but whose it is.

        Args:
            identity: who was proven.
            sign_in: what it was proven for.
            account: whom the sign-in is for; None when that is nobody.

        Returns:
            Also an account that is disabled; None when it is linked to none, and has the address of whom the sign-in
            is for.

        Raises:
            AnothersIdentity: it is linked to another account, or has another address.
            IdentityRefused: several accounts have it.
            Unavailable: Keycloak cannot be asked.
        """
        holder_id = await self._holder_id(identity)
        if holder_id is not None:
            return await self._holding(holder_id, sign_in, account)
        # The account's, which a proven step binds the sign-in to: its old address may be somebody else's by now (S27).
        if identity.email != (sign_in.name if account is None else (account.email or "").lower()):
            raise AnothersIdentity
        return None

    async def link(
        self, identity: ExternalIdentity, sign_in: OpenSignIn, account: Account | None, caller: Caller
    ) -> Account:
        """Link an identity that nobody holds and that has the address of the sign-in; say which account it opens.

        Args:
            identity: who was proven.
            sign_in: what it was proven for.
            account: whom the sign-in is for; None when nobody has its address, and an account is to be made.
            caller: who is asking.

        Raises:
            AnothersIdentity: the account has another identity of the same provider.
            Unavailable: Keycloak or Redis cannot be asked; asking again is safe.
        """
        if account is None:
            return await self._new_members.create(identity, sign_in.organization_id, caller)
        await self._link(identity, sign_in, account, caller)
        return account

    async def _holder_id(self, identity: ExternalIdentity) -> str | None:
        holders = await self._realm.identity_links.holders(_link_of(identity))
        if len(holders) > 1:
            # Nothing in Keycloak keeps that from happening, and nobody but an administrator can say whose it is.
            raise IdentityRefused("ambiguous")
        return holders[0] if holders else None

    async def _holding(self, holder_id: str, sign_in: OpenSignIn, account: Account | None) -> Account:
        if account is not None:
            if holder_id != account.id:
                raise AnothersIdentity
            return account
        # Nobody had the address a moment ago: another request may have made the account meanwhile.
        holder = await self._realm.users.get(holder_id)
        if holder is None or (holder.email or "").lower() != sign_in.name:
            raise AnothersIdentity
        return holder

    async def _link(self, identity: ExternalIdentity, sign_in: OpenSignIn, account: Account, caller: Caller) -> None:
        if not account.email_verified:
            if sign_in.has_proven_password:
                # The password would be taken from who has just proven it. So the address is proven once, as by a
                # mailed code, and nothing is linked.
                return
            # From a later step on, this ends the sign-in as well; the next one finds the address verified.
            await self._ownership.take_over(account, caller)
        link = _link_of(identity)
        if await self._realm.identity_links.add(account.id, link, identity.email):
            self._events.tell("identity_linked", "done", caller, account=account.id)
            if account.email_verified:  # else that is told already, with what was taken away
                await self._notices.ways_in_changed(account.id)
        elif link not in await self._realm.identity_links.of(account.id):
            # The address may have passed on to somebody else at the provider.
            raise AnothersIdentity


def _link_of(identity: ExternalIdentity) -> IdentityLink:
    return IdentityLink(identity.alias, identity.subject)
