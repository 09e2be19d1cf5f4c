"""The one way to find out whether a password lets somebody in, whatever it leads to."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import NoReturn

from gateway.domain.accounts import Account
from gateway.domain.errors import CredentialsRefused
from gateway.domain.organizations import Organization
from gateway.domain.tokens import Tokens
from gateway.identity.proven_steps import ProvenSteps
from gateway.keycloak.realm import Realm

MAX_PASSWORD_BYTES = 4096
"""Longest password that is evaluated (security S32): Keycloak would hash any length."""


class PasswordProofs:
    """Has passwords judged; call it where guesses are counted."""

    def __init__(self, realm: Realm, proven_steps: ProvenSteps) -> None:
        self._realm = realm
        self._proven_steps = proven_steps

    async def named(self, account: Account | None, password: str) -> tuple[Account, str]:
        """Return the account, and the name that means it to Keycloak's sign-in.

        Raises:
            CredentialsRefused: there is nobody, or no such name; or the password is too long for anybody.
            Unavailable: Keycloak cannot be asked.
        """
        require_length(password)
        name = await self._realm.users.login_name(account) if account else None
        if account is None or name is None:
            await self.refuse(password)
        return account, name

    async def refuse(self, password: str) -> NoReturn:
        """Refuse a password that is nobody's, after as much effort as a wrong one takes (security S13).

        Raises:
            CredentialsRefused: always, unless
            Unavailable: Keycloak cannot be asked.
        """
        await self._realm.tokens.spend_equal_effort(password)
        raise CredentialsRefused

    @asynccontextmanager
    async def granted(
        self,
        account: Account,
        name: str,
        password: str,
        *,
        offline: bool = False,
        organization: Organization | None = None,
    ) -> AsyncIterator[Tokens]:
        """Have the tokens for a password that is all it takes; a failure inside ends their session again.

        The realm's own flow gives them, which asks for whatever else it wants.

        Args:
            account: whose password.
            name: means the account to Keycloak's sign-in.
            password: as typed.
            offline: as for `TokenEndpoint.sign_in`, and so the rest.
            organization: the one to sign in to.

        Raises:
            CredentialsRefused: wrong, disabled, without password, or a second factor is enrolled, asked for or not.
            AccountNotFound: no member of the organization.
            AccountNotReady: right password, but Keycloak wants an action first.
            Unavailable: Keycloak cannot be asked.
        """
        tokens = await self._realm.tokens.sign_in(name, password, offline=offline, organization=organization)
        async with self._proven_steps.ended_on_failure(tokens):
            await self._realm.credentials.require_no_second_factor(account.id)
            yield tokens


def require_length(password: str) -> None:
    """Refuse a password that is too long for anybody's.

    Raises:
        CredentialsRefused: it is.
    """
    if len(password.encode()) > MAX_PASSWORD_BYTES:
        raise CredentialsRefused
