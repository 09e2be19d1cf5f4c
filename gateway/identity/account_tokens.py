"""Scoped tokens that say of an account whatever their readers may look for (pipeshub contract section 11)."""

from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.identity.organization_steps import OrganizationSteps
from gateway.identity.scoped_tokens import ScopedTokens
from gateway.keycloak.realm import Realm


class AccountTokens:
    """Looks the facts up and signs them."""

    def __init__(self, realm: Realm, tokens: ScopedTokens, steps: OrganizationSteps) -> None:
        self._realm = realm
        self._tokens = tokens
        self._steps = steps

    async def issue(self, scope: str, token_id: str, lifetime: timedelta, account: Account) -> str:
        """Sign one.

        Args:
            scope: what it allows.
            token_id: its `jti`.
            lifetime: how long it is good.
            account: whom it is about; the token names the organization they sign in with, or the realm.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        email = account.email or ""
        organization = await self._steps.organization_of(email, account)
        facts = {
            "userId": account.id,
            "userEmail": email,
            "orgId": organization.id if organization else self._realm.name,
        }
        return self._tokens.issue(scope, token_id, lifetime, facts)

    async def issue_for(self, scope: str, token_id: str, lifetime: timedelta, name: str) -> str:
        """Do the same by name.

        Args:
            scope: as above.
            token_id: as above.
            lifetime: as above.
            name: Keycloak user id; or whatever a service is called, which the token then says and nothing else.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        account = await self._realm.users.get(name)
        if account is None:
            return self._tokens.issue(scope, token_id, lifetime, {"userId": name})
        return await self.issue(scope, token_id, lifetime, account)
