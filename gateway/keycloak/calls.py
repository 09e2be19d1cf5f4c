"""The calls that our clients make for people: grants, ends of sessions, and what else is a form of theirs."""

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus

from gateway.domain.errors import Unavailable
from gateway.domain.tokens import Tokens
from gateway.keycloak.answers import Answer
from gateway.keycloak.clients import Client
from gateway.keycloak.connection import ORDINARY, REPEATABLE, Connection, Terms
from gateway.keycloak.endpoints import Endpoints
from gateway.keycloak.errors import grant_refusal, unexpected
from gateway.keycloak.token_answers import tokens_of

_PAUSES = (0.0, 0.5, 2.0, 5.0)
"""Seconds before each try to end a session that nobody has the tokens of."""


class ClientCalls:
    """Makes them."""

    def __init__(self, connection: Connection, endpoints: Endpoints) -> None:
        self._connection = connection
        self._endpoints = endpoints

    async def post(self, path: str, client: Client, form: Mapping[str, str], terms: Terms = ORDINARY) -> Answer:
        """Send a client's form.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        return await self._connection.request("POST", path, form={**client.credentials(), **form}, terms=terms)

    async def grant(self, client: Client, username: str, scope: str, proof: Mapping[str, str], terms: Terms) -> Answer:
        """Ask for tokens by a person's proof (RFC 6749 section 4.3).

        Args:
            client: who asks.
            username: as Keycloak has it.
            scope: asked for.
            proof: what the client's flow looks at besides.
            terms: of the call.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        form = {"grant_type": "password", "username": username, "scope": scope, **proof}
        return await self.post(self._endpoints.token, client, form, terms)

    async def log_out(self, client: Client, refresh_token: str) -> bool:
        """End the session of a refresh token, and say whether it is a genuine one of the client's.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        answer = await self.post(self._endpoints.logout, client, {"refresh_token": refresh_token}, REPEATABLE)
        if answer.error[0] == "invalid_grant":
            return False
        answer.require("end of a session", HTTPStatus.NO_CONTENT)
        return True

    async def leave_nothing(self, client: Client, refresh_token: str) -> None:
        """End a session whose tokens nobody will get, trying again while Keycloak cannot be asked; never raises."""
        for pause in _PAUSES:
            await asyncio.sleep(pause)
            with suppress(Unavailable):
                await self.log_out(client, refresh_token)
                return


def granted(answer: Answer) -> Tokens:
    """Return the tokens of a grant.

    Raises:
        CredentialsRefused: Keycloak says so; and whatever else `grant_refusal` knows.
        Unavailable: it says something unknown.
    """
    if answer.is_ok:
        return tokens_of(answer)
    code, description = answer.error
    raise grant_refusal(code, description) or unexpected("password grant", answer.status, code)
