"""What owners are told of their accounts after the fact (security S17): no secrets, no links that act."""

from contextlib import suppress
from datetime import timedelta

from gateway.domain.errors import Unavailable
from gateway.identity.mailer import Mailer
from gateway.identity.security_events import SecurityEvents
from gateway.mail.messages import AccountLockedNotice, PasswordChangedNotice, WaysInChangedNotice
from gateway.state.outbox import Outbox, Parcel

NOTICE = "notice"

_LIFETIME = timedelta(days=1)
_MESSAGES: dict[str, type[AccountLockedNotice | PasswordChangedNotice | WaysInChangedNotice]] = {
    "locked": AccountLockedNotice,
    "password": PasswordChangedNotice,
    "ways_in": WaysInChangedNotice,
}


class Notices:
    """Puts notices into the outbox and mails them; without a mail server there are none."""

    def __init__(self, outbox: Outbox, mailer: Mailer, events: SecurityEvents) -> None:
        self._outbox = outbox
        self._mailer = mailer
        self._events = events

    async def locked(self, account_id: str) -> None:
        """Tell that wrong tries have locked the account; never raises: the lock stands without it."""
        await self._add("locked", account_id)

    async def password_changed(self, account_id: str) -> None:
        """Tell that the password was changed; never raises: it was."""
        await self._add("password", account_id)

    async def ways_in_changed(self, account_id: str) -> None:
        """Tell that there is another way to sign in, or one less; never raises: so it is."""
        await self._add("ways_in", account_id)

    async def deliver(self, parcel: Parcel) -> None:
        """Mail a notice to the address Keycloak has.

        Raises:
            TooManyAttempts: the mailbox has had enough. To be tried again, and so below: who fills it, asking for codes
                and links, shall not keep its owner from being told.
            Unavailable: Keycloak, Redis or the mail server cannot be asked.
        """
        profile = await self._mailer.reachable(parcel.content["account"])
        if profile is None:
            return
        await self._mailer.require_room(profile.account, parcel.id)
        message = _MESSAGES[parcel.content["about"]](profile.full_name)
        is_sent = await self._mailer.send(message, profile, f"notice-{parcel.id}")
        self._events.tell("notice_mail", "done" if is_sent else "refused", account=profile.account.id)

    async def _add(self, about: str, account_id: str) -> None:
        if not self._mailer.is_on:
            return
        with suppress(Unavailable):
            await self._outbox.add(NOTICE, {"about": about, "account": account_id}, _LIFETIME)
