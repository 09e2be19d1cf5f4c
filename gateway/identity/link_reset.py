"""A new password by a mailed link (pipeshub contract section 10, kestra contract 1.3)."""

from collections.abc import Iterator
from contextlib import AbstractAsyncContextManager, contextmanager, suppress

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotFound, CredentialsRefused, GatewayError, NotSignedIn, PasswordRefused
from gateway.domain.password_rules import UNLIKE_THE_CURRENT, PasswordRule
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.tokens import Tokens
from gateway.identity.new_passwords import Effects, NewPasswords, require_settable
from gateway.identity.organization_steps import OrganizationSteps
from gateway.identity.reset_links import ResetLinks, was_mailed_to
from gateway.identity.scoped_tokens import RESET, ScopedToken, ScopedTokens
from gateway.identity.security_events import SecurityEvents, shown
from gateway.keycloak.realm import Realm
from gateway.state.links import Claim
from gateway.unfinished import Unfinished

_ENOUGH_ALONE = frozenset({SignInMethod.PASSWORD, SignInMethod.ONE_TIME_CODE})
"""What proves no more than a person has proved who reads the account's mail and knows its new password."""


class LinkReset:
    """Sets passwords by links, and signs people in where nothing more is asked of them."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        links: ResetLinks,
        scoped_tokens: ScopedTokens,
        new_passwords: NewPasswords,
        steps: OrganizationSteps,
        *,
        events: SecurityEvents,
        unfinished: Unfinished,
    ) -> None:
        self._realm = realm
        self._links = links
        self._scoped_tokens = scoped_tokens
        self._new_passwords = new_passwords
        self._steps = steps
        self._events = events
        self._unfinished = unfinished

    async def recognise(self, caller: Caller) -> ScopedToken:
        """Look at the token of a link, before anything is changed; using it up, and the last word on it, is `reset`'s.

        Raises:
            NotSignedIn: there is none, it is no reset token, or the link was used, replaced or is not ours.
            Unavailable: Redis cannot be asked.
        """
        if not caller.bearer:
            raise NotSignedIn
        with self._refusals(None, caller):
            token = self._scoped_tokens.verify(caller.bearer, RESET)
        with self._refusals(token.account_id, caller):
            if not await self._links.is_good(token.token_id or ""):
                raise NotSignedIn
        return token

    async def reset(self, token: ScopedToken, new: str, rule: PasswordRule, caller: Caller) -> Tokens | None:
        """Set a new password; all sessions end and a lock is lifted (design section 3).

        The link is used up by success only: a password that is refused may be corrected.

        Args:
            token: as `recognise` judged it.
            new: the password.
            rule: what the document demands of it.
            caller: who is asking.

        Returns:
            Tokens of a new session; None when the person has to prove more than this to sign in.

        Raises:
            NotSignedIn: the link was used, replaced or is not ours, or another request is using it.
            PasswordRefused: the new password breaks a rule, or is the old one.
            AccountNotFound: the account has gone or is disabled.
            TooManyAttempts: others have been setting its password for too long.
            Unavailable: Keycloak or Redis cannot be asked.
        """
        # A link is good for the account that its token names, or for nobody.
        claimed = self._links.claimed(token.token_id, token.account_id or "")
        with self._refusals(token.account_id, caller):
            account = await self._set_by(claimed, new, rule, caller)
        return await self._signed_in(account)

    async def reset_by_secret(self, secret: str, new: str, caller: Caller, *, is_mailed: bool = False) -> None:
        """Do the same by the secret of a link alone, by no rule but the realm's, and sign nobody in.

        Args:
            secret: as the request has it, of any shape.
            new: the password.
            caller: who is asking.
            is_mailed: whether the owner is to read it in a mail.

        Raises:
            As `reset`.
        """
        with self._refusals(None, caller):
            await self._set_by(self._links.claimed(secret), new, None, caller, is_mailed=is_mailed)

    @contextmanager
    def _refusals(self, account_id: str | None, caller: Caller) -> Iterator[None]:
        """Tell of links that are no good: where the link's token says whose, of that account."""
        reasons = {NotSignedIn: "link", AccountNotFound: "link"}
        with self._events.refusals_by(reasons, "password_set", caller, account=shown(account_id)):
            yield

    async def _set_by(
        self,
        claimed: AbstractAsyncContextManager[Claim],
        new: str,
        rule: PasswordRule | None,
        caller: Caller,
        *,
        is_mailed: bool = False,
    ) -> Account:
        async with claimed as claim:
            account = await self._realm.users.get(claim.subject.key)
            if account is None or not account.enabled or not was_mailed_to(claim, account):
                raise AccountNotFound
            with self._events.refusals(PasswordRefused, "password_set", caller, account=account.id, reason="policy"):
                await self._require(rule, account, new)
                # Whoever has the link receives mail at the address.
                proven = "" if account.email_verified else account.email or ""
                effects = Effects(account.id, unlocks=True, proven=proven, mailed=new if is_mailed else "")
                await self._unfinished.to_the_end(self._set(new, effects, claim, caller))
        return account

    async def _require(self, rule: PasswordRule | None, account: Account, new: str) -> None:
        if rule is not None:
            rule.require(new)
        require_settable(new)
        if rule is not None and await self._is_current(account, new):
            raise PasswordRefused(UNLIKE_THE_CURRENT)

    async def _is_current(self, account: Account, password: str) -> bool:
        # Whoever has the link may set a password, so he learns nothing of worth: it is no guess, and is not counted.
        name = await self._realm.users.login_name(account)
        if name is None or not await self._realm.credentials.has_password(account.id):
            return False
        try:
            await self._realm.factors.check_password(name, password)
        except CredentialsRefused:
            return False
        return True

    async def _set(self, new: str, effects: Effects, claim: Claim, caller: Caller) -> None:
        await self._new_passwords.set(new, effects, caller)
        await claim.consume()
        self._events.tell("password_set", "done", caller, account=effects.account_id, reason="link")

    async def _signed_in(self, account: Account) -> Tokens | None:
        with suppress(GatewayError):
            if await self._is_enough(account):
                return await self._realm.tokens.sign_in_verified(account)
        return None

    async def _is_enough(self, account: Account) -> bool:
        steps = (await self._steps.of(account.email or "", account)).steps
        if len(steps) > 1 or _ENOUGH_ALONE.isdisjoint(steps[0]):
            return False
        profile = await self._realm.profiles.of(account.id)
        if profile is None or profile.second_factor:
            return False
        return not await self._realm.credentials.second_factors(account.id)
