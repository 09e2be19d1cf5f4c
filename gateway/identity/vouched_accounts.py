"""Whom a provider has vouched for by way of Keycloak (pipeshub contract section 12)."""

import structlog

from gateway.domain.accounts import Account
from gateway.domain.errors import AccountNotFound, AnothersIdentity, IdentityRefused, TokenRefused
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.identity.new_members import NewMembers
from gateway.keycloak.realm import Realm
from gateway.state.browser_sign_ins import BrowserSignIn

_log = structlog.get_logger()


class VouchedAccounts:
    """Finds the person that a sign-in is for in Keycloak's word, and takes newcomers in."""

    def __init__(self, realm: Realm, new_members: NewMembers) -> None:
        self._realm = realm
        self._new_members = new_members

    async def proven(self, id_token: str, pending: BrowserSignIn, sign_in: OpenSignIn, provider: str) -> Account:
        """Say whose sign-in an ID token proves.

        Args:
            id_token: as Keycloak gave it for a code.
            pending: what the browser was sent away with.
            sign_in: what it is to prove.
            provider: alias of the provider that has to have vouched.

        Raises:
            TokenRefused: it is no good, of another sign-in, or somebody else than the provider has vouched.
            AnothersIdentity: the provider vouches for somebody else than the sign-in is for.
            IdentityRefused: a newcomer's address is not verified.
            AccountNotFound: nobody who may sign in has the address, and it is not given to newcomers.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        verified = await self._realm.access_tokens.verify_id_token(id_token, pending.nonce)
        # Keycloak's own page takes a password too: who takes the provider out of the address gets there.
        if verified.provider != provider:
            _log.warning("provider_has_not_vouched", expected=provider, told=verified.provider)
            raise TokenRefused
        if pending.account_id is None:
            return await self._newcomer(verified.account_id, sign_in)
        if verified.account_id != pending.account_id:
            raise AnothersIdentity
        return await self._usable(verified.account_id)

    async def _newcomer(self, account_id: str, sign_in: OpenSignIn) -> Account:
        """Take in who had no account when the browser left, and has been given one by Keycloak on the way."""
        account = await self._usable(account_id)
        # Before anything else: where somebody has the address, another person's identity is told no more (S13).
        if (account.email or "").lower() != sign_in.name:
            raise AnothersIdentity
        if not sign_in.gives_account_by(SignInMethod.SAML):
            raise AccountNotFound
        if not account.email_verified:
            # The provider lets people choose their address, or Keycloak does: it may be anybody's.
            raise IdentityRefused("unverified_address")
        await self._new_members.join(account.id, sign_in.organization_id)
        return account

    async def _usable(self, account_id: str) -> Account:
        account = await self._realm.users.get(account_id)
        if account is None or not account.enabled:
            raise AccountNotFound
        return account
