"""Finding out whether a password or code is right, without leaving a session behind (design section 2)."""

from collections.abc import Mapping
from http import HTTPStatus

from gateway.domain.errors import AccountNotReady
from gateway.keycloak.calls import ClientCalls, granted
from gateway.keycloak.clients import Client, Clients
from gateway.keycloak.connection import PASSWORD_CHECK
from gateway.keycloak.errors import unexpected
from gateway.unfinished import Unfinished

_TIME = 8.0
"""Seconds that a check takes at most by default: two calls, each with its place in the queue."""


class Factors:
    """Asks Keycloak by clients whose flows look at one factor each.

    A check goes on to its end when the caller is cancelled: Keycloak makes a session for what is right, and only its
    answer tells which one to end.
    """

    def __init__(self, calls: ClientCalls, clients: Clients) -> None:
        self._calls = calls
        self._clients = clients
        self._unfinished = Unfinished(_TIME)

    async def check_password(self, username: str, password: str) -> None:
        """Find out whether a password is right, without a second factor.

        Raises:
            CredentialsRefused: wrong, or disabled, locked, no password.
            Unavailable: Keycloak cannot be asked.
        """
        try:
            await self.prove_password(username, password)
        except AccountNotReady:
            # Keycloak says so only to a right password.
            return

    async def prove_password(self, username: str, password: str) -> None:
        """Do as `check_password`, for a person who is not signed in yet.

        Raises:
            CredentialsRefused: as there.
            AccountNotReady: right, but Keycloak wants an action first.
            Unavailable: as there.
        """
        await self._unfinished.to_the_end(self._checked(self._clients.check, username, {"password": password}))

    @property
    def checks_codes(self) -> bool:
        """Say whether there is a client that checks one-time codes."""
        return self._clients.check_otp is not None

    async def prove_code(self, username: str, code: str) -> None:
        """Find out whether a one-time code of a person's generator is right.

        Args:
            username: as Keycloak has it, of somebody who has a generator: of others Keycloak makes an error of its own.
            code: as typed; a right one is used up.

        Raises:
            CredentialsRefused: wrong or used; or disabled, locked.
            AccountNotReady: right, but Keycloak wants an action first.
            Unavailable: Keycloak cannot be asked, or there is no client for it.
        """
        if self._clients.check_otp is None:
            raise unexpected("client that checks codes", HTTPStatus.OK)
        await self._unfinished.to_the_end(self._checked(self._clients.check_otp, username, {"otp": code}))

    async def finish(self) -> None:
        """Wait for the checks whose callers have gone."""
        await self._unfinished.end()

    async def _checked(self, client: Client, username: str, proof: Mapping[str, str]) -> None:
        answer = await self._calls.grant(client, username, "openid", proof, PASSWORD_CHECK)
        await self._calls.log_out(client, granted(answer).refresh_token)
