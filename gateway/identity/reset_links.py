"""The links of reset mails: a secret that is good once (security S14)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.domain.errors import NotSignedIn
from gateway.domain.purposes import LinkPurpose
from gateway.identity.account_tokens import AccountTokens
from gateway.identity.scoped_tokens import RESET
from gateway.mail.pages import Pages
from gateway.state.attempts import Subject
from gateway.state.links import Claim, Links

_EMAIL = "email"


class ResetLinks:
    """Makes and claims their secrets, which Redis knows by their hashes; whatever a mail shows of them."""

    def __init__(self, links: Links) -> None:
        self._links = links

    async def issue(self, account: Account, lifetime: timedelta) -> str:
        """Make a secret; an older one of the account is void.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        subject, content = Subject.account(account.id), {_EMAIL: account.email or ""}
        return await self._links.issue(LinkPurpose.RESET, subject, lifetime, content=content)

    async def is_good(self, secret: str) -> bool:
        """Say whether a link works, without using it.

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
            NotSignedIn: it was used, replaced or is not ours, or another request has it.
            Unavailable: Redis cannot be asked.
        """
        claim = await self._links.claim(LinkPurpose.RESET, secret) if secret else None
        if claim is None:
            raise NotSignedIn
        try:
            # Who shares the key may write tokens of his own, but not about an account that the link is not for.
            if account_id is not None and claim.subject != Subject.account(account_id):
                raise NotSignedIn
            yield claim
        finally:
            await claim.release()


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
            links: makes the secrets.
            pages: where they lead.
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
