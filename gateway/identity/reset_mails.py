"""Mails with a link for a new password, to whoever an account belongs to."""

from datetime import timedelta

from gateway.domain.accounts import Profile
from gateway.identity.mailer import Mailer, Most
from gateway.identity.reset_links import ResetPages
from gateway.identity.security_events import SecurityEvents
from gateway.mail.messages import PasswordResetLink
from gateway.state.outbox import Parcel


class ResetMails:
    """Writes them; each parcel of the outbox is one mail, however often it is tried."""

    def __init__(
        self,
        pages: ResetPages,
        mailer: Mailer,
        events: SecurityEvents,
        *,
        pause: timedelta | None = None,
        most: Most | None = None,
        reminds: bool = False,
    ) -> None:
        """Take what it works with.

        Args:
            pause: least time from one mail of a person to the next, during which the earlier link stays good; None
                where each request is a mail and voids the link before.
            most: mails to one person, after which the link before stays good; None for any number.
            reminds: the mails tell the user name.
        """
        self._pages = pages
        self._mailer = mailer
        self._events = events
        self._pause = pause
        self._most = most
        self._reminds = reminds
        self.lifetime = pages.lifetime

    async def send(self, profile: Profile, parcel: Parcel) -> None:
        """Mail a link, unless there were enough mails.

        Raises:
            Unavailable: Redis or the mail server cannot be asked; to be tried again.
        """
        account = profile.account
        if not await self._mailer.has_room(account, parcel.id, kind="reset", pause=self._pause, most=self._most):
            self._events.tell("reset_mail", "refused", account=account.id, reason="limit")
            return
        link = await self._pages.make(account)
        username = account.username if self._reminds else ""
        message = PasswordResetLink(profile.full_name, link, self.lifetime, username)
        is_sent = await self._mailer.send(message, profile, f"reset-{parcel.id}")
        self._events.tell("reset_mail", "done" if is_sent else "refused", account=account.id)
