"""Keycloak's token endpoint and what stands beside it: sign in, refresh, end a session, is a token live."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from pydantic import BaseModel, TypeAdapter

from gateway.domain.accounts import Account
from gateway.domain.errors import AccountNotFound, CredentialsRefused, RightsRefused, TokenRefused
from gateway.domain.organizations import Organization
from gateway.domain.tokens import MAX_TOKEN, EndedSession, PresentedToken, Tokens
from gateway.jose.compact import looked_into, seconds_of, text_of
from gateway.keycloak.answers import Answer
from gateway.keycloak.calls import ClientCalls, granted
from gateway.keycloak.clients import Client, Clients
from gateway.keycloak.connection import ORDINARY, PASSWORD_CHECK, REPEATABLE
from gateway.keycloak.endpoints import Endpoints
from gateway.keycloak.errors import grant_refusal, unexpected
from gateway.keycloak.token_answers import ORGANIZATION, expiry_of, organizations_in, tokens_of

_OFFLINE = "offline_access"
# The person lacks the role, or the client the scope: remember-me is a wish, not a right (toan contract 3.1).
_OFFLINE_REFUSED = frozenset({"not_allowed", "invalid_scope"})
_PAUSE = 0.1
"""Seconds until Keycloak's own detection has let go of a person's grant before: it refuses the next one until then."""
_REFRESHING = frozenset({"Refresh", "Offline"})


class _Introspected(BaseModel):
    active: bool
    typ: str | None = None


_INTROSPECTED = TypeAdapter(_Introspected)


@dataclass(frozen=True, slots=True)
class _RefreshToken:
    """A token that looks like one of ours; only Keycloak can tell whether it is."""

    token: str
    client: Client
    says: PresentedToken


class TokenEndpoint:
    """Calls that give, renew, judge and end tokens."""

    def __init__(self, calls: ClientCalls, endpoints: Endpoints, clients: Clients, scope: str) -> None:
        """Take what is asked, and as whom.

        Args:
            calls: to Keycloak.
            endpoints: of the realm.
            clients: ours.
            scope: asked for at sign-in.
        """
        self._scope = scope
        self._calls = calls
        self._endpoints = endpoints
        self._clients = clients

    async def sign_in(
        self, username: str, password: str, *, offline: bool, organization: Organization | None = None
    ) -> Tokens:
        """Exchange a person's password for tokens (RFC 6749 section 4.3), through the realm's own flow.

        Args:
            username: as Keycloak has it.
            password: as typed.
            offline: ask for an offline token; an ordinary session when Keycloak does not grant one.
            organization: the one that the tokens are for, and no other; None for what the settings say.

        Raises:
            CredentialsRefused: wrong, unknown, disabled, locked, no password, or a second factor is enrolled.
            AccountNotFound: no member of the organization.
            AccountNotReady: right, but Keycloak wants an action first.
            Unavailable: Keycloak cannot be asked; nothing is known about the password.
        """
        ordinary = self._scope_of(organization)
        scope = f"{ordinary} {_OFFLINE}" if offline else ordinary
        answer = await self._password_grant(self._clients.gateway, username, password, scope)
        if offline and answer.error[0] in _OFFLINE_REFUSED:
            answer = await self._password_grant(self._clients.gateway, username, password, ordinary)
        tokens = granted(answer)
        await self._require_for(organization, tokens, self._clients.gateway)
        return tokens

    async def spend_equal_effort(self, password: str) -> None:
        """Do for a name that nobody has what `sign_in` does for a wrong password, so that both take as long (S13).

        Raises:
            Unavailable: as `sign_in`.
        """
        answer = await self._password_grant(self._clients.gateway, str(uuid4()), password, self._scope)
        if grant_refusal(*answer.error) is None:
            raise unexpected("refusal of a name nobody has", answer.status, answer.error[0])

    async def sign_in_verified(
        self, account: Account, *, organization: Organization | None = None, offline: bool = False
    ) -> Tokens:
        """Get tokens for a person whom the gateway has verified itself (design section 2).

        Args:
            account: whose tokens.
            organization: as in `sign_in`.
            offline: of an offline session, and of no other.

        Raises:
            RightsRefused: the person, or the client, may have no offline session.
            AccountNotFound: gone, disabled, locked by Keycloak's own detection, or no member of the organization.
            AccountNotReady: Keycloak wants an action first.
            Unavailable: Keycloak cannot be asked.
        """
        scope = self._scope_of(organization) + (f" {_OFFLINE}" if offline else "")
        try:
            tokens = await self._verified_grant(account.username, scope)
        except CredentialsRefused:
            raise AccountNotFound from None
        # Keycloak takes a user name that looks like an address for that address. It lets nobody be named like another's
        # address (seen on 26.7.5), but a directory it reads may.
        if looked_into(tokens.access_token).claims.get("sub") != account.id:
            await self._calls.log_out(self._clients.verified, tokens.refresh_token)
            raise AccountNotFound
        await self._require_for(organization, tokens, self._clients.verified)
        return tokens

    async def _verified_grant(self, username: str, scope: str) -> Tokens:
        """Ask once more after a moment: there is nothing in it that could be wrong."""
        with suppress(CredentialsRefused):
            return await self._verified_granted(username, scope)
        await asyncio.sleep(_PAUSE)
        return await self._verified_granted(username, scope)

    async def _verified_granted(self, username: str, scope: str) -> Tokens:
        answer = await self._calls.grant(self._clients.verified, username, scope, {}, ORDINARY)
        # An ordinary sign-in asks for nothing that Keycloak could refuse so.
        if _OFFLINE in scope.split() and answer.error[0] in _OFFLINE_REFUSED:
            raise RightsRefused
        return granted(answer)

    def _scope_of(self, organization: Organization | None) -> str:
        if organization is None:
            return self._scope
        # Keycloak refuses two scopes of organizations in one request.
        others = [each for each in self._scope.split() if each.partition(":")[0] != ORGANIZATION]
        return " ".join((*others, f"{ORGANIZATION}:{organization.alias}"))

    async def _require_for(self, organization: Organization | None, tokens: Tokens, client: Client) -> None:
        """Demand tokens for this organization: of one without the person Keycloak drops the scope silently.

        Raises:
            AccountNotFound: they are for none; their session is ended again.
        """
        if organization is None or organizations_in(tokens) == {organization.alias}:
            return
        await self._calls.log_out(client, tokens.refresh_token)
        raise AccountNotFound

    def presented(self, refresh_token: str) -> PresentedToken:
        """Read what a refresh or offline token says of itself, without asking Keycloak.

        Raises:
            TokenRefused: it cannot be one of ours.
        """
        return self._recognised(refresh_token).says

    async def refresh(self, refresh_token: str) -> Tokens:
        """Exchange a refresh or offline token for new tokens of its session (RFC 6749 section 6).

        Raises:
            TokenRefused: no refresh token of ours, expired, its session ended, or the account disabled.
            Unavailable: Keycloak cannot be asked.
        """
        ours = self._recognised(refresh_token)
        form = {"grant_type": "refresh_token", "refresh_token": ours.token}
        answer = await self._calls.post(self._endpoints.token, ours.client, form)
        if answer.is_ok:
            return tokens_of(answer)
        if answer.error[0] in ("invalid_grant", "invalid_request"):
            raise TokenRefused
        raise unexpected("refresh", answer.status, answer.error[0])

    async def end_session(self, refresh_token: str) -> EndedSession:
        """End the session that a refresh or offline token belongs to; one already gone is fine (toan contract 3.3).

        Raises:
            TokenRefused: no genuine refresh token of ours.
            Unavailable: Keycloak cannot be asked.
        """
        ours = self._recognised(refresh_token)
        if not await self._calls.log_out(ours.client, ours.token):
            raise TokenRefused
        # Keycloak has verified the token by now, so what it says of itself is true.
        return EndedSession(session_id=ours.says.session_id, account_id=ours.says.account_id)

    async def leave_nothing(self, tokens: Tokens) -> None:
        """End a session whose tokens nobody will get, trying again while Keycloak cannot be asked; never raises."""
        ours = self._recognised(tokens.refresh_token)
        await self._calls.leave_nothing(ours.client, ours.token)

    async def is_active(self, access_token: str) -> bool:
        """Ask Keycloak whether an access token is live this moment (RFC 7662); an ID token is none.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        if not access_token or len(access_token) > MAX_TOKEN:
            return False
        answer = await self._calls.post(
            self._endpoints.introspection, self._clients.gateway, {"token": access_token}, REPEATABLE
        )
        introspected = answer.read("introspection", _INTROSPECTED)
        return introspected.active and introspected.typ == "Bearer"

    def _recognised(self, token: str) -> _RefreshToken:
        """Look whether a token can be a refresh token of ours, before Keycloak is bothered with it."""
        claims = looked_into(token).claims
        client = self._clients.client_of(claims.get("azp"))
        if client is None or text_of(claims, "typ") not in _REFRESHING:
            raise TokenRefused
        says = PresentedToken(
            text_of(claims, "sid"), text_of(claims, "sub"), seconds_of(claims, "iat"), expiry_of(claims)
        )
        return _RefreshToken(token, client, says)

    async def _password_grant(self, client: Client, username: str, password: str, scope: str) -> Answer:
        return await self._calls.grant(client, username, scope, {"password": password}, PASSWORD_CHECK)
