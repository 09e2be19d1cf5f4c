"""The mails of invitations, to people who need not have an account (security S10, S11)."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial

from gateway.domain.callers import Caller
from gateway.domain.errors import InvitationPending, Unavailable
from gateway.domain.invitations import Invitation, KnownInvitation
from gateway.domain.organizations import Organization
from gateway.identity.mailer import Mailer
from gateway.identity.taken_back import taken_back
from gateway.mail.messages import InvitationLink
from gateway.state.limits import Limits


class InvitationMails:
    """Counts and sends them."""

    def __init__(self, limits: Limits, mailer: Mailer) -> None:
        self._limits = limits
        self._mailer = mailer

    @asynccontextmanager
    async def counted(self, invitation: Invitation, caller: Caller | None) -> AsyncIterator[str]:
        """Count the mail of an invitation that is made inside; against no limit after all when that fails.

        Args:
            invitation: one that is not to be mailed counts for nothing.
            caller: whose request for a mail it is; None for an operator, who has no limit.

        Yields:
            The mail's id.

        Raises:
            TooManyAttempts: enough was mailed to the address, or asked for by the caller, lately.
            Unavailable: Redis cannot be asked.
        """
        mail_id = f"invite-{secrets.token_hex(8)}"
        if not invitation.is_mailed:
            yield mail_id
            return
        with taken_back(InvitationPending, Unavailable, asyncio.CancelledError) as so_far:
            if caller is not None:
                await self._limits.admit_mail_request(caller.address)
                so_far.append(partial(self._limits.take_back_mail_request, caller.address))
            await self._mailer.require_room_at(invitation.email, mail_id)
            so_far.append(partial(self._mailer.make_room_at, invitation.email, mail_id))
            yield mail_id

    async def send(self, known: KnownInvitation, link: str, organization: Organization | None, mail_id: str) -> None:
        """Hand one over to the mail server.

        Args:
            known: the invitation.
            link: to where it is used.
            organization: the one it is to, or None.
            mail_id: as it was counted.

        Raises:
            Unavailable: there is no mail server, or it will not take the mail now, or ever.
        """
        until = datetime.fromtimestamp(known.expires_at // 1000, UTC).date().isoformat()
        message = InvitationLink("", link, organization.name if organization else "", until)
        await self._mailer.send_to(known.invitation.email, message, mail_id)
