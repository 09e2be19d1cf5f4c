"""Accounts that are there as a whole, with all that belongs to them, or not at all."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from gateway.domain.accounts import Account, NewPerson
from gateway.domain.errors import AccountRefused, GatewayError, PasswordRefused, Unavailable
from gateway.identity.foretold import foretell, postpone
from gateway.identity.security_events import SecurityEvents
from gateway.keycloak.realm import Realm
from gateway.state.outbox import Parcel
from gateway.state.store import State
from gateway.unfinished import Unfinished

UNMAKING = "unmaking_of_an_account"
_BLUR = 60_000
"""Milliseconds; of many at once who want one address, no two shall tell their account by the same time."""


class WholeAccounts:
    """Makes them.

    What is about to be made is noted first, in the outbox, as something to be unmade. Withdrawing the note is the point
    of no return: whoever fails before, or dies, leaves the note behind.
    """

    def __init__(
        self,
        realm: Realm,
        state: State,
        events: SecurityEvents,
        unfinished: Unfinished,
        clock: Callable[[], float],
    ) -> None:
        self._realm = realm
        self._state = state
        self._events = events
        self._unfinished = unfinished
        self._clock = clock

    @asynccontextmanager
    async def made(self, person: NewPerson) -> AsyncIterator[str]:
        """Make an account, and let be done inside what belongs to it; what fails there unmakes it.

        Args:
            person: whose.

        Yields:
            Keycloak user id.

        Raises:
            AddressTaken: somebody has the address.
            AccountRefused: the realm's user profile says no.
            PasswordRefused: the realm's policy says no.
            Unavailable: Keycloak or Redis cannot be asked; there is no account, or there will soon be none any more.
        """
        made_at = int(self._clock() * 1000) - secrets.randbelow(_BLUR)
        content = {"email": person.email, "made_at": str(made_at)}
        about = self._about(person.email, made_at)
        note = await foretell(self._state.outbox, UNMAKING, content, about=about)
        try:
            account_id = await self._realm.new_accounts.make(person, made_at)
        except (AccountRefused, PasswordRefused):
            await self._state.outbox.take_out(note)
            raise
        try:
            yield account_id
            if not await self._state.outbox.withdraw(note):
                raise Unavailable("redis")
        except (GatewayError, asyncio.CancelledError):
            self._unfinished.begin(self._undo(account_id, note))
            raise

    async def is_unsettled(self, account: Account) -> bool:
        """Say whether an account is only being made, or is to be unmade: nobody should be told that it has anything.

        Raises:
            Unavailable: Keycloak or Redis cannot be asked.
        """
        profile = await self._realm.profiles.of(account.id)
        if profile is None:
            return True
        return await self._state.outbox.has_any(self._about(account.email or "", profile.created_at))

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
        else:
            postpone(parcel)

    def _about(self, email: str, made_at: int) -> str:
        return self._state.secrets.digest("making", f"{made_at} {email.lower()}")

    async def _undo(self, account_id: str, note: str) -> None:
        await self._realm.new_accounts.unmake(account_id)
        await self._state.outbox.take_out(note)
