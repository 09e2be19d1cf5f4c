"""Sign-ins that wait for their person, kept as sign-ins under way (nap contract section 4.2)."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from gateway.domain.accounts import Account
from gateway.domain.callers import Caller
from gateway.domain.errors import AccountLocked, CredentialsRefused, SignInNotFound
from gateway.domain.organizations import Organization
from gateway.domain.paused_sign_ins import PausedSignIn
from gateway.domain.sign_in_methods import SignInMethod
from gateway.domain.sign_ins import OpenSignIn
from gateway.state.sign_in_session import SignInSession
from gateway.state.store import State

_STEPS = ((SignInMethod.PASSWORD,), ())
"""The password, which is proven, and what the pause is for, which is no method of an organization's choosing."""
_PAUSED_AT = 1
_MOST_WRONG_CODES = 5


class Pauses:
    """Keeps pauses for a while, and never longer."""

    def __init__(self, state: State, lifetime: timedelta) -> None:
        """Take what it works with.

        Args:
            lifetime: of a pause; nothing prolongs it.
        """
        self._state = state
        self._lifetime = lifetime

    async def begin(
        self,
        account: Account,
        name: str,
        organizations: tuple[Organization, ...],
        caller: Caller,
        *,
        needs_code: bool,
        return_to: str | None,
    ) -> PausedSignIn:
        """Begin a pause.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        written = json.dumps([[_written(each) for each in organizations], needs_code, return_to])
        session = SignInSession(caller.surface, None, _STEPS, name, _PAUSED_AT, account.id, content=written)
        token = await self._state.sign_in_sessions.begin(session, self._lifetime, longest=self._lifetime)
        return PausedSignIn(token, name, account.id, organizations, needs_code, return_to)

    async def find(self, token: str, caller: Caller) -> PausedSignIn:
        """Look a pause up, which neither ends nor prolongs it.

        Raises:
            SignInNotFound: unknown, over, finished or ended, or of another surface.
            Unavailable: Redis cannot be asked.
        """
        session = await self._state.sign_in_sessions.get(token, caller.surface)
        if session is None or session.account_id is None or not session.content:
            raise SignInNotFound
        organizations, needs_code, return_to = json.loads(session.content)
        return PausedSignIn(
            token,
            session.name,
            session.account_id,
            tuple(Organization(**each) for each in organizations),
            needs_code,
            return_to,
            session.begun_at,
            session.ends_at,
        )

    def open_sign_in(self, paused: PausedSignIn) -> OpenSignIn:
        """Return the sign-in that pauses, at its last step."""
        return OpenSignIn(paused.token, paused.name, _STEPS, _PAUSED_AT, paused.account_id)

    @asynccontextmanager
    async def counting_wrong_codes(self, paused: PausedSignIn) -> AsyncIterator[None]:
        """Count a refusal inside as of a wrong code, unless nothing was evaluated; with the fifth the pause is over.

        Raises:
            Unavailable: Redis cannot be asked.
        """
        try:
            yield
        except AccountLocked:
            raise
        except CredentialsRefused:
            await self._state.sign_in_sessions.count_wrong(paused.token, _MOST_WRONG_CODES)
            raise


def _written(organization: Organization) -> dict[str, str]:
    return {
        "id": organization.id,
        "alias": organization.alias,
        "name": organization.name,
        "description": organization.description,
    }
