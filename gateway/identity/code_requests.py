"""Mailed codes for whoever has an address, answered alike for every address (kestra contract 1.4)."""

from datetime import timedelta

from gateway.domain.callers import Caller
from gateway.domain.errors import MethodRefused, TooManyAttempts
from gateway.identity.code_mails import CodeMails
from gateway.identity.mail_requests import MailRequests, asked_for
from gateway.identity.mailer import Mailer
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.outbox import Parcel

CODE_REQUEST = "code_request"


class CodeRequests:
    """Mails codes to sign in with; look-up and mail come after the answer."""

    def __init__(
        self,
        realm: Realm,
        requests: MailRequests,
        mailer: Mailer,
        mails: CodeMails,
        events: SecurityEvents,
        *,
        pause: timedelta | None,
    ) -> None:
        """Take what it works with.

        Args:
            pause: least time from one code of a person to the next; None where nobody signs in by a code.
        """
        self._realm = realm
        self._requests = requests
        self._mailer = mailer
        self._mails = mails
        self._events = events
        self._pause = pause

    async def ask(self, email: str, caller: Caller) -> None:
        """Have a code mailed to whoever has that address.

        Raises:
            MethodRefused: nobody signs in by a code.
            TooManyAttempts: too many requests of this caller.
            Unavailable: Redis cannot be asked.
        """
        if self._pause is None:
            raise MethodRefused
        asked = self._requests.named(email)
        refusals = self._events.refusals(TooManyAttempts, "code_asked", caller, account=asked.shown, reason="limit")
        async with self._requests.admitted(caller, refusals):
            trouble = await self._requests.take(asked, self._mails.lifetime)
        self._events.tell("code_asked", "refused" if trouble else "done", caller, account=asked.shown, reason=trouble)

    async def deliver(self, parcel: Parcel) -> None:
        """Mail a code, if the address is that of one person who may sign in.

        Raises:
            Unavailable: Keycloak, Redis or the mail server cannot be asked; to be tried again.
        """
        account = await self._realm.users.find_by_email(asked_for(parcel))
        profile = await self._mailer.reachable(account.id) if account else None
        if profile is None or self._pause is None:
            return
        mail_id = f"code-{parcel.id}"
        try:
            is_limited = not await self._mailer.has_room(profile.account, mail_id, kind="code", pause=self._pause)
            if not is_limited:
                await self._mails.send(profile, mail_id, None)
        except TooManyAttempts:
            is_limited = True
        if is_limited:
            # Nothing that would be mended by trying again.
            self._events.tell("code_mail", "refused", account=profile.account.id, reason="limit")
