"""Limits by client address, mailbox and whatever a contract names (security S10 to S12)."""

from datetime import timedelta


class Limits:
    """Counts in windows that begin with the first hit; when Redis cannot be asked, nothing is admitted."""

    async def address_is_open(self, address: str) -> None:
        """Refuse a client address that is blocked.

        Raises:
            TooManyAttempts: blocked; says until when.
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError

    async def count_failure(self, address: str) -> bool:
        """Count a failed credential of a client address.

        Returns:
            Whether this one blocks the address.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError

    async def admit_mail_request(self, address: str) -> None:
        """Count a request that sends mail, or refuse it.

        Raises:
            TooManyAttempts: too many of this address within an hour.
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError

    async def admit_mail(self, mailbox: str) -> bool:
        """Count a mail to a mailbox.

        Args:
            mailbox: keyed digest of the address.

        Returns:
            False when the mailbox has had enough, and the mail must not be sent.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError

    async def admit(self, name: str, subject: str, *, most: int, window: timedelta) -> None:
        """Count against a limit of one contract, or refuse.

        Args:
            name: the limit's name, one of our own words.
            subject: keyed digest or id of what is limited.
            most: hits admitted within the window.
            window: begins with the first hit.

        Raises:
            TooManyAttempts: says when the window ends.
            Unavailable: Redis cannot be asked.
        """
        raise NotImplementedError
