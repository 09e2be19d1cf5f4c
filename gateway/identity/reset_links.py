"""The links of reset mails: a secret that is good once (security S14)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.domain.errors import NotSignedIn
from gateway.domain.purposes import LinkPurpose
from gateway.identity.account_tokens import AccountTokens
from gateway.identity.scoped_tokens import RESET
from gateway.keycloak.credentials import Credentials
from gateway.mail.pages import Pages
from gateway.state.links import Claim, Links
from gateway.state.subjects import Subject

_EMAIL = "email"
_PASSWORD_SET_AT = "password_set_at"  # noqa: S105 - a name, no password


class ResetLinks:
    """Makes and claims their secrets, which Redis knows by their hashes; whatever a mail shows of them."""

    def __init__(self, links: Links, credentials: Credentials) -> None:
        self._links = links
        self._credentials = credentials

    async def issue(self, account: Account, lifetime: timedelta) -> str:
        """Make a secret; an older one of the account is void.

        Raises:
            Unavailable: Redis or Keycloak cannot be asked.
        """
        set_at = await self._credentials.password_set_at(account.id)
        subject, content = Subject.account(account.id), {_EMAIL: account.email or "", _PASSWORD_SET_AT: str(set_at)}
        return await self._links.issue(LinkPurpose.RESET, subject, lifetime, content=content)

    async def is_good(self, secret: str) -> bool:
        """Say whether a link works, without using it; whether Keycloak has a newer password, `claimed` finds out.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        return await self._links.is_good(LinkPurpose.RESET, secret)

    @asynccontextmanager
    async def claimed(self, secret: str | None, account_id: str | None = None) -> AsyncIterator[Claim]:
        """Have a link to oneself; unless it is consumed, others may claim it afterwards.

        Args:
            secret: the link's.
            account_id: whose it has to be; None where nothing but the secret says so.

        Raises:
            NotSignedIn: it was used, replaced or is not ours, another request has it, or a password was set since it
                was made.
            Unavailable: Redis or Keycloak cannot be asked.
        """
        claim = await self._links.claim(LinkPurpose.RESET, secret) if secret else None
        if claim is None:
            raise NotSignedIn
        try:
            # Who shares the key may write tokens of his own, but not about an account that the link is not for.
            if account_id is not None and claim.subject != Subject.account(account_id):
                raise NotSignedIn
            await self._require_no_newer_password(claim)
            yield claim
        finally:
            await claim.release()

    async def _require_no_newer_password(self, claim: Claim) -> None:
        """Refuse a link that is older than the password; Keycloak tells of none that is set on its own pages."""
        known = claim.content.get(_PASSWORD_SET_AT)
        # One that was taken away, and none set since, voids nothing: 0.
        if known is not None and await self._credentials.password_set_at(claim.subject.key) not in (0, int(known)):
            raise NotSignedIn


def was_mailed_to(claim: Claim, account: Account) -> bool:
    """Say whether the account still has the address that the link was mailed to."""
    return claim.content.get(_EMAIL, account.email or "") == (account.email or "")


class ResetPages:
    """Makes what reset mails lead to: a page of the organization's front end that knows the secret."""

    def __init__(
        self, links: ResetLinks, pages: Pages, lifetime: timedelta, tokens: AccountTokens | None = None
    ) -> None:
        """Take what they are made of.

        Args:
            lifetime: how long each works.
            tokens: makes a signed token around each secret; None to show the secret itself.
        """
        self._links = links
        self._pages = pages
        self._tokens = tokens
        self.lifetime = lifetime

    async def make(self, account: Account) -> str:
        """Make the address for a mail; an older one of the account is void.

        Raises:
            Unavailable: Redis or Keycloak cannot be asked.
        """
        secret = await self._links.issue(account, self.lifetime)
        if self._tokens is None:
            return self._pages.password_reset(secret)
        return self._pages.password_reset(await self._tokens.issue(RESET, secret, self.lifetime, account))
