"""Mails to the people behind accounts: to the address Keycloak has, in their language, never too many."""

from dataclasses import dataclass
from datetime import timedelta

from gateway.domain.accounts import Account, Profile
from gateway.domain.errors import TooManyAttempts, Unavailable
from gateway.domain.mails import MailOutcome
from gateway.keycloak.realm import Realm
from gateway.mail.messages import Message, Recipient
from gateway.mail.sender import Sender
from gateway.state.store import State


@dataclass(frozen=True, slots=True)
class Most:
    """How many mails of a kind one person gets.

    Attributes:
        mails: within the window.
        window: begins with the first.
    """

    mails: int
    window: timedelta


class Mailer:
    """Without a mail server it sends nothing."""

    def __init__(self, realm: Realm, state: State, sender: Sender | None) -> None:
        self._realm = realm
        self._state = state
        self._sender = sender

    @property
    def is_on(self) -> bool:
        """Whether there is a mail server."""
        return self._sender is not None

    async def reachable(self, account_id: str) -> Profile | None:
        """Return who can be mailed; None for an account that is gone, disabled or without an address.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        profile = await self.known(account_id)
        return profile if profile is not None and profile.account.email is not None else None

    async def known(self, account_id: str) -> Profile | None:
        """Return who may hear of the account; None for one that is gone or disabled.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        profile = await self._realm.profiles.of(account_id)
        return profile if profile is not None and profile.account.enabled else None

    async def has_room(
        self,
        account: Account,
        mail_id: str,
        *,
        kind: str = "",
        pause: timedelta | None = None,
        most: Most | None = None,
    ) -> bool:
        """Count a mail to the account's mailbox, whoever sends it, and say whether it may still come (security S11).

        Args:
            account: whose mailbox.
            mail_id: the same for every attempt; it counts once.
            kind: of mail, for what follows.
            pause: least time since the last mail of that kind; None where there need be none.
            most: mails of that kind; None for any number.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        limits = self._state.limits
        if pause is not None and not await limits.admit_after_pause(kind, account.id, mail_id, pause):
            return False
        if most is not None and not await limits.admit_mail_of_kind(
            f"{kind}-mails", account.id, mail_id, most=most.mails, window=most.window
        ):
            return False
        return await limits.admit_mail(self._digest(account.email or ""), mail_id)

    async def require_room(self, account: Account, mail_id: str) -> None:
        """Count a mail as `has_room` does, for somebody who is told when the next one may come.

        Raises:
            TooManyAttempts: the mailbox has had enough.
            Unavailable: Redis cannot be asked.
        """
        await self.require_room_at(account.email or "", mail_id)

    async def require_room_at(self, address: str, mail_id: str) -> None:
        """Count a mail to an address whose owner need not have an account; otherwise as `require_room`.

        Raises:
            TooManyAttempts: the mailbox has had enough.
            Unavailable: Redis cannot be asked.
        """
        mailbox = self._digest(address)
        if not await self._state.limits.admit_mail(mailbox, mail_id):
            raise TooManyAttempts(await self._state.limits.mails_resume_in(mailbox))

    def make_room(self, account: Account, mail_id: str) -> None:
        """Forget a mail that `has_room` counted, because it was never handed over; waits for nothing."""
        self.make_room_at(account.email or "", mail_id)

    def make_room_at(self, address: str, mail_id: str) -> None:
        """Forget a mail that `require_room_at` counted; otherwise as `make_room`."""
        self._state.limits.take_back_mail(self._digest(address), mail_id)

    async def send(self, message: Message, profile: Profile, mail_id: str) -> bool:
        """Hand a mail to the mail server.

        Args:
            message: what it says.
            profile: whom it is for.
            mail_id: the same for every attempt.

        Returns:
            False when it can never be delivered.

        Raises:
            Unavailable: there is no mail server, or it will not take the mail now.
        """
        return await self._handed_over(message, Recipient(profile.account.email or "", profile.locale), mail_id)

    async def send_to(self, address: str, message: Message, mail_id: str) -> None:
        """Hand a mail to the mail server for somebody who need not have an account.

        Raises:
            Unavailable: there is no mail server, or it will not take the mail now, or ever.
        """
        if not await self._handed_over(message, Recipient(address), mail_id):
            raise Unavailable("mail")

    async def _handed_over(self, message: Message, recipient: Recipient, mail_id: str) -> bool:
        if self._sender is None:
            raise Unavailable("mail")
        return await self._sender.send(message, recipient, mail_id) is MailOutcome.SENT

    def _digest(self, address: str) -> str:
        return self._state.secrets.digest("mailbox", address.lower())
