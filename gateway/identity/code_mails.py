"""Mails with a one-time code to sign in with."""

from datetime import timedelta

from gateway.domain.accounts import Profile
from gateway.domain.callers import Caller
from gateway.domain.purposes import CodePurpose
from gateway.identity.mailer import Mailer
from gateway.identity.security_events import SecurityEvents
from gateway.mail.messages import SignInCode
from gateway.state.store import State
from gateway.state.subjects import Subject


class CodeMails:
    """Makes a code for each mail; one that cannot be handed over is none."""

    def __init__(self, state: State, mailer: Mailer, events: SecurityEvents, lifetime: timedelta) -> None:
        """Take what it works with.

        Args:
            lifetime: how long a code works.
        """
        self._state = state
        self._mailer = mailer
        self._events = events
        self.lifetime = lifetime

    async def send(self, profile: Profile, mail_id: str, caller: Caller | None) -> bool:
        """Mail a code; an older one is void.

        Args:
            profile: whom it is for.
            mail_id: the same for every attempt; the room that was made for it is free again unless it goes out.
            caller: who has asked; None when the answer was given before.

        Returns:
            False when it can never be delivered; there is no code then.

        Raises:
            TooManyAttempts: too many wrong codes of this account; the older code is as it was.
            Unavailable: Redis or the mail server cannot be asked; no code is stored.
        """
        is_sent, subject = False, Subject.account(profile.account.id)
        try:
            code = await self._state.one_time_codes.issue(CodePurpose.SIGN_IN, subject, lifetime=self.lifetime)
            is_sent = await self._hand_over(code, profile, mail_id, caller)
        finally:
            if not is_sent:
                self._mailer.make_room(profile.account, mail_id)
        return is_sent

    async def _hand_over(self, code: str, profile: Profile, mail_id: str, caller: Caller | None) -> bool:
        account_id, is_sent = profile.account.id, False
        message = SignInCode(profile.full_name, code, self.lifetime)
        try:
            is_sent = await self._mailer.send(message, profile, mail_id)
        finally:
            if not is_sent:
                await self._state.one_time_codes.withdraw(CodePurpose.SIGN_IN, Subject.account(account_id), code)
            self._events.tell("code_mail", "done" if is_sent else "failed", caller, account=account_id)
        return is_sent
