"""People who make themselves an account (nap contract section 4.8)."""

import asyncio
import secrets
from collections.abc import Callable
from datetime import timedelta

from gateway.domain.accounts import NewPerson
from gateway.domain.callers import Caller
from gateway.domain.errors import (
    AccountRefused,
    AddressTaken,
    GatewayError,
    InvitationRefused,
    PasswordRefused,
    Unavailable,
)
from gateway.identity.admissions import Admission, Admissions
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.outbox import Parcel
from gateway.state.store import State
from gateway.unfinished import Unfinished

UNMAKING = "unmaking_of_an_account"
_RESUMED_FOR = timedelta(days=1)
_SETTLED_AFTER = timedelta(seconds=10)
"""Longer than a request may take; until then its own process sees to it."""
_LOOKS = 10
"""How often it is looked for an account whose making nobody has heard of: over some four minutes."""
_BLUR = 60_000
"""Milliseconds; of many at once who want one address, no two shall tell their account by the same time."""

_REFUSALS = (InvitationRefused, AccountRefused, PasswordRefused)


class SignUp:
    """Makes accounts that are there as a whole, with all that belongs to them, or not at all.

    What is about to be made is noted first, in the outbox, as something to be unmade. Withdrawing the note is the point
    of no return: whoever fails before, or dies, leaves the note behind.
    """

    def __init__(
        self,
        realm: Realm,
        state: State,
        admissions: Admissions,
        events: SecurityEvents,
        unfinished: Unfinished,
        clock: Callable[[], float],
    ) -> None:
        self._realm = realm
        self._state = state
        self._admissions = admissions
        self._events = events
        self._unfinished = unfinished
        self._clock = clock

    async def register(self, person: NewPerson, invitation: str | None, caller: Caller) -> str:
        """Make an account whose address nobody has proven; no mail is sent and nobody is signed in.

        Args:
            person: who asks for it.
            invitation: secret of an invitation, or None.
            caller: who is asking.

        Returns:
            Keycloak user id.

        Raises:
            InvitationRefused: there is no way in for somebody with this address and invitation.
            AddressTaken: somebody has the address.
            AccountRefused: the realm's user profile says no.
            PasswordRefused: the realm's policy says no.
            Unavailable: Keycloak or Redis cannot be asked; there is no account, or there will soon be none any more.
                The invitation is as good as before.
        """
        try:
            async with self._admissions.admitted(person.email, invitation) as admission:
                account_id = await self._made(person, admission)
                await admission.use_up()
        except _REFUSALS as refusal:
            digest = self._state.secrets.digest("unknown-name", person.email)
            self._events.tell("account_created", "refused", caller, account=digest[:12], reason=_reason(refusal))
            raise
        self._events.tell("account_created", "done", caller, account=account_id, reason="sign_up")
        return account_id

    async def unmake(self, parcel: Parcel) -> None:
        """Look whether an account was made as the parcel foretold, and delete it.

        Raises:
            Unavailable: Keycloak cannot be asked; or there is none yet, but may still be.
        """
        email, made_at = parcel.content["email"], int(parcel.content["made_at"])
        account_id = await self._realm.new_accounts.find(email, made_at)
        if account_id is not None:
            await self._realm.new_accounts.unmake(account_id)
            self._events.tell("account_unmade", "done", account=account_id)
        elif parcel.attempts < _LOOKS:
            raise Unavailable("keycloak")

    async def _made(self, person: NewPerson, admission: Admission) -> str:
        made_at = int(self._clock() * 1000) - secrets.randbelow(_BLUR)
        content = {"email": person.email, "made_at": str(made_at)}
        note = await self._state.outbox.add(UNMAKING, content, _RESUMED_FOR, wait=_SETTLED_AFTER)
        try:
            account_id = await self._realm.new_accounts.make(person, made_at)
        except (AccountRefused, PasswordRefused):
            await self._state.outbox.take_out(note)
            raise
        try:
            await self._join(account_id, admission)
            if not await self._state.outbox.withdraw(note):
                raise Unavailable("redis")
        except (GatewayError, asyncio.CancelledError):
            self._unfinished.begin(self._undo(account_id, note))
            raise
        return account_id

    async def _join(self, account_id: str, admission: Admission) -> None:
        if admission.organization is None:
            return
        if not await self._realm.memberships.join(admission.organization.id, account_id):
            raise Unavailable("keycloak")  # gone since a moment ago
        if admission.role.group is not None:
            await self._realm.memberships.join_group(admission.organization, account_id, admission.role.group)

    async def _undo(self, account_id: str, note: str) -> None:
        await self._realm.new_accounts.unmake(account_id)
        await self._state.outbox.take_out(note)


def _reason(refusal: GatewayError) -> str:
    match refusal:
        case InvitationRefused():
            return "invitation"
        case PasswordRefused():
            return "password"
        case AddressTaken():
            return "address_taken"
    return "person"
