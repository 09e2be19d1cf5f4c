"""One-time codes to sign in with, sent by mail (pipeshub contract section 8)."""

import secrets
from contextlib import suppress
from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountLocked,
    AccountNotFound,
    MethodRefused,
    SignInStepsUnusable,
    TooManyAttempts,
    Unavailable,
)
from gateway.domain.purposes import CodePurpose
from gateway.domain.sign_in_methods import SignInMethod
from gateway.identity.captchas import Captchas
from gateway.identity.code_mails import CodeMails
from gateway.identity.guesses import Guesses
from gateway.identity.mail_requests import RequestTerms, counted
from gateway.identity.mailer import Mailer
from gateway.identity.organization_steps import OrganizationSteps
from gateway.identity.security_events import SecurityEvents
from gateway.identity.sign_in_accounts import SignInAccounts
from gateway.identity.sign_in_events import REASONS_BEFORE
from gateway.keycloak.realm import Realm
from gateway.state.store import State
from gateway.state.subjects import Subject
from gateway.unfinished import Unfinished

_WINDOW = timedelta(minutes=10)


class MailedCodes:
    """Makes codes and hands them to the mail server, before it is said that they are on their way."""

    def __init__(  # noqa: PLR0913 - the rooms it needs
        self,
        realm: Realm,
        state: State,
        guesses: Guesses,
        steps: OrganizationSteps,
        mailer: Mailer,
        events: SecurityEvents,
        *,
        mails: CodeMails,
        accounts: SignInAccounts,
        captchas: Captchas,
        unfinished: Unfinished,
        most: int,
    ) -> None:
        """Take what it works with.

        Args:
            most: codes asked for one address within ten minutes.
        """
        self._realm = realm
        self._state = state
        self._guesses = guesses
        self._steps = steps
        self._mailer = mailer
        self._mails = mails
        self._events = events
        self._accounts = accounts
        self._captchas = captchas
        self._unfinished = unfinished
        self._terms = RequestTerms("codes", most, _WINDOW)

    async def send(self, email: str, caller: Caller, *, captcha: str | None) -> None:
        """Mail a code to the account with an address; an older code is void.

        Args:
            email: normalised.
            caller: who is asking.
            captcha: what solving one has given the caller, or None.

        Raises:
            CaptchaRefused: CAPTCHA is on, and nothing shows that a human is asking; nothing was counted or looked up.
            TooManyAttempts: too many asks for this address or from this caller, or too many wrong codes; the older
                code is as it was. Concealed, what comes after the answer voids it, as it would nobody's.
            AccountNotFound: nobody who may sign in has it, and that is not concealed.
            AccountLocked: too many wrong tries; no mail is sent.
            MethodRefused: no step of the person's organization takes a code, and that is not concealed.
            SignInStepsUnusable: the organization's steps cannot be used.
            Unavailable: Keycloak or Redis cannot be asked; or the mail server, unless unknown accounts are concealed.
                No code is stored then.
        """
        await self._captchas.require(captcha, caller)
        subject = self._state.unknown(email)
        refusals = self._events.refusals(TooManyAttempts, "code_mail", caller, account=subject.shown, reason="limit")
        async with counted(self._state.limits, self._terms, subject.key, caller, refusals):
            await self._send(email, caller)

    async def _send(self, email: str, caller: Caller) -> None:
        found = await self._realm.users.find_by_email(email)
        shown = self._guesses.subject(email, found).shown
        with self._events.refusals_by(REASONS_BEFORE, "code_asked", caller, account=shown):
            account = self._accounts.required(found)
            subject = self._guesses.subject(email, account)
            is_open = await self._is_open(subject)
            is_taken = await self._is_taken(email, account)
        if not is_taken or not is_open:
            return
        if account is None:
            await self._issue_to_nobody(subject)
        elif self._accounts.conceals:
            # After the answer: neither the mail server nor what a mailbox has had may tell that there is one.
            self._unfinished.begin(self._mail_unseen(account, caller))
        else:
            await self._mail(account, caller)

    async def _is_open(self, subject: Subject) -> bool:
        try:
            await self._guesses.require_open(subject)
        except AccountLocked:
            if not self._accounts.conceals:
                raise
            return False
        return True

    async def _is_taken(self, email: str, account: Account | None) -> bool:
        """Say whether any step takes a code; who belongs to an organization must not be told by it, if concealed."""
        try:
            methods = (await self._steps.of(email, account)).methods
        except SignInStepsUnusable:
            if not self._accounts.conceals:
                raise
            return False
        is_taken = SignInMethod.ONE_TIME_CODE in methods
        if not is_taken and not self._accounts.conceals:
            raise MethodRefused
        return is_taken

    async def _issue_to_nobody(self, subject: Subject) -> None:
        # What nobody has gets codes alike: a wrong one must not tell it apart, nor one that comes too late. Where
        # somebody has had too many wrong ones, that is found out after the answer.
        with suppress(TooManyAttempts):
            await self._state.one_time_codes.issue(CodePurpose.SIGN_IN, subject, lifetime=self._mails.lifetime)

    async def _mail_unseen(self, account: Account, caller: Caller) -> None:
        """Mail a code; where none goes out, there is one all the same, as nobody's would be: it must not tell that."""
        try:
            await self._mail(account, caller)
        except (AccountNotFound, TooManyAttempts, Unavailable):
            await self._issue_to_nobody(Subject.account(account.id))
            raise

    async def _mail(self, account: Account, caller: Caller) -> None:
        profile = await self._mailer.reachable(account.id)
        if profile is None:
            raise AccountNotFound
        mail_id = f"code-{secrets.token_hex(8)}"
        with self._events.refusals(TooManyAttempts, "code_mail", caller, account=account.id, reason="limit"):
            await self._mailer.require_room(account, mail_id)
        if not await self._mails.send(profile, mail_id, caller):
            raise Unavailable("mail")
