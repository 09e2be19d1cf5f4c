"""The links of reset mails: a token of our own, good once (security S14)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.domain.errors import NotSignedIn
from gateway.domain.purposes import LinkPurpose
from gateway.identity.scoped_tokens import RESET, ScopedToken, ScopedTokens
from gateway.mail.links import Links as Pages
from gateway.state.attempts import Subject
from gateway.state.links import Claim, Links


class ResetLinks:
    """Makes and claims them; the `jti` of the token is the secret that Redis knows by its hash."""

    def __init__(self, links: Links, tokens: ScopedTokens, pages: Pages, lifetime: timedelta) -> None:
        """Take what they are made of.

        Args:
            links: which of them are good.
            tokens: signs them.
            pages: where they lead.
            lifetime: how long each works.
        """
        self._links = links
        self._tokens = tokens
        self._pages = pages
        self.lifetime = lifetime

    async def make(self, account: Account) -> str:
        """Make a link; an older one of the account is void.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        secret = await self._links.issue(LinkPurpose.RESET, Subject.account(account.id), self.lifetime)
        facts = {"userId": account.id, "userEmail": account.email or ""}
        return self._pages.password_reset(self._tokens.issue(RESET, secret, self.lifetime, facts))

    def recognise(self, token: str | None) -> ScopedToken:
        """Look at a link's token, without using it up.

        Raises:
            NotSignedIn: it is no good, or no reset token.
        """
        return self._tokens.verify(token, RESET)

    @asynccontextmanager
    async def claimed(self, token: ScopedToken) -> AsyncIterator[Claim]:
        """Have a link to oneself; unless it is consumed, others may claim it afterwards.

        Raises:
            NotSignedIn: it was used, replaced or is not ours, or another request has it.
            Unavailable: Redis cannot be asked.
        """
        claim = await self._links.claim(LinkPurpose.RESET, token.token_id) if token.token_id else None
        if claim is None:
            raise NotSignedIn
        try:
            # Who shares the key may write tokens of his own, but not about an account that the link is not for.
            if claim.subject != Subject.account(token.account_id or ""):
                raise NotSignedIn
            yield claim
        finally:
            await claim.release()
