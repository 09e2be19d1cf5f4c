"""Addresses proven by a link in a mail (nap contract sections 4.6 and 4.7)."""

import asyncio
import secrets
from contextlib import AbstractAsyncContextManager, suppress
from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.accounts import Account, Profile
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountNotFound, AddressVerified, LinkRefused, TooManyAttempts, Unavailable
from gateway.domain.purposes import LinkPurpose
from gateway.identity.mail_requests import RequestTerms, counted
from gateway.identity.mailer import Mailer
from gateway.identity.ownership import Ownership
from gateway.identity.security_events import NOBODY, SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.mail.messages import EmailVerificationLink
from gateway.mail.pages import Pages
from gateway.state.links import Claim
from gateway.state.store import State
from gateway.state.subjects import Subject


@dataclass(frozen=True, slots=True)
class VerificationTerms:
    """What is promised of verification mails.

    Attributes:
        most: asked for one address within the window.
        window: begins with the first ask.
        lifetime: how long a link works.
    """

    most: int
    window: timedelta
    lifetime: timedelta


class EmailVerification:
    """Mails links, before it is said that they are on their way, and takes them back."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        mailer: Mailer,
        pages: Pages,
        ownership: Ownership,
        *,
        events: SecurityEvents,
        terms: VerificationTerms,
    ) -> None:
        self._realm = realm
        self._state = state
        self._mailer = mailer
        self._pages = pages
        self._ownership = ownership
        self._events = events
        self._terms = terms

    async def send(self, email: str, caller: Caller) -> None:
        """Mail a link to the account with an address; older links go on working.

        Args:
            email: normalised.
            caller: who is asking.

        Raises:
            TooManyAttempts: too many asks for this address, known or not, or from this caller, and nothing was looked
                up; or its mailbox has had enough.
            AccountNotFound: nobody who may sign in has it.
            AddressVerified: there is nothing to prove.
            Unavailable: Keycloak, Redis or the mail server cannot be asked; the link that was made is worthless, and
                the ask does not count.
        """
        async with self._counted(email, caller):
            account = await self._realm.users.find_by_email(email)
            profile = await self._mailer.reachable(account.id) if account else None
            if profile is None:
                raise AccountNotFound
            if profile.account.email_verified:
                raise AddressVerified
            await self._mail(profile, caller)

    async def verify(self, secret: str, caller: Caller) -> None:
        """Take the address as proven that a link was mailed to; every link of the account is worthless then.

        Args:
            secret: of the link, as the request has it.
            caller: who is asking.

        Raises:
            LinkRefused: it is unknown, expired, used or being used; or the account is gone or disabled, has another
                address by now, or one that is verified.
            Unavailable: Keycloak or Redis cannot be asked; the link works as before.
        """
        with self._events.refusals(LinkRefused, "address_verified", caller, account=NOBODY, reason="link"):
            claim = await self._state.links.claim(LinkPurpose.VERIFY, secret)
            if claim is None:
                raise LinkRefused
            try:
                await self._confirm(claim, caller)
            finally:
                await claim.release()

    async def _confirm(self, claim: Claim, caller: Caller) -> None:
        account = await self._realm.users.get(claim.subject.key)
        if account is None or not _is_still(account, claim.content["email"]):
            raise LinkRefused
        try:
            await self._ownership.confirm(account, caller)
        except AccountNotFound:
            raise LinkRefused from None
        await claim.consume()
        with suppress(Unavailable):  # the others prove nothing that is not proven: they are refused in any case
            await self._state.links.void_all(LinkPurpose.VERIFY, claim.subject)

    def _counted(self, email: str, caller: Caller) -> AbstractAsyncContextManager[None]:
        subject, own = self._state.unknown(email), self._terms
        refusals = self._events.refusals(
            TooManyAttempts, "verification_mail", caller, account=subject.shown, reason="limit"
        )
        terms = RequestTerms("verification", own.most, own.window)
        return counted(self._state.limits, terms, subject.key, caller, refusals)

    async def _mail(self, profile: Profile, caller: Caller) -> None:
        account = profile.account
        mail_id = f"verify-{secrets.token_hex(8)}"
        with self._events.refusals(TooManyAttempts, "verification_mail", caller, account=account.id, reason="limit"):
            await self._mailer.require_room(account, mail_id)
        try:
            await self._mail_link(profile, mail_id)
        except (Unavailable, asyncio.CancelledError):
            self._mailer.make_room(account, mail_id)
            self._events.tell("verification_mail", "failed", caller, account=account.id)
            raise
        self._events.tell("verification_mail", "done", caller, account=account.id)

    async def _mail_link(self, profile: Profile, mail_id: str) -> None:
        subject, content = Subject.account(profile.account.id), {"email": profile.account.email or ""}
        links, lifetime = self._state.links, self._terms.lifetime
        secret = await links.issue(LinkPurpose.VERIFY, subject, lifetime, content=content, limit_one=False)
        try:
            await self._deliver(secret, profile, mail_id)
        except (Unavailable, asyncio.CancelledError):
            await links.void(LinkPurpose.VERIFY, subject, secret)
            raise

    async def _deliver(self, secret: str, profile: Profile, mail_id: str) -> None:
        link = self._pages.email_verification(secret)
        message = EmailVerificationLink(profile.full_name, link, self._terms.lifetime)
        if not await self._mailer.send(message, profile, mail_id):
            raise Unavailable("mail")


def _is_still(account: Account, email: str) -> bool:
    """Say whether an account is one whose address the link was mailed to, and proves."""
    return account.enabled and not account.email_verified and (account.email or "").lower() == email.lower()
