"""Scoped tokens that say of an account whatever their readers may look for (pipeshub contract section 11)."""

from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.identity.scoped_tokens import ScopedTokens
from gateway.keycloak.realm import Realm


class AccountTokens:
    """Looks the facts up and signs them."""

    def __init__(self, realm: Realm, tokens: ScopedTokens) -> None:
        self._realm = realm
        self._tokens = tokens

    async def issue(self, scope: str, token_id: str, lifetime: timedelta, account: Account) -> str:
        """Sign one.

        Args:
            scope: what it allows.
            token_id: its `jti`.
            lifetime: how long it is good.
            account: whom it is about; of several organizations the token names the first.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        facts = {"userId": account.id, "userEmail": account.email or ""}
        organizations = await self._realm.organizations.of_member(account.id)
        if organizations:
            facts["orgId"] = organizations[0].id
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
