"""Whom a sign-in is for, and what is said when that is nobody."""

from gateway.domain.accounts import Account
from gateway.domain.errors import AccountNotFound
from gateway.domain.sign_ins import OpenSignIn
from gateway.keycloak.realm import Realm


class SignInAccounts:
    """Finds the accounts of sign-ins under way."""

    def __init__(self, realm: Realm, *, conceal_unknown: bool) -> None:
        """Take the rules.

        Args:
            conceal_unknown: whether unknown, disabled and locked accounts are answered like any other.
        """
        self._realm = realm
        self.conceals = conceal_unknown

    async def found(self, sign_in: OpenSignIn) -> Account | None:
        """Find whom the sign-in is for: from the first proven step on, the one person it is bound to.

        Returns:
            Also an account that is disabled.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if sign_in.account_id is not None:
            return await self._realm.users.get(sign_in.account_id)
        return await self._realm.users.find_by_email(sign_in.name)

    def required(self, account: Account | None) -> Account | None:
        """Return an account that may sign in; None for nobody, where that is concealed.

        Raises:
            AccountNotFound: there is none, and that is not concealed.
        """
        if account is not None and account.enabled:
            return account
        if not self.conceals:
            raise AccountNotFound
        return None
