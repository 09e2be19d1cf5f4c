"""Sign-in on Keycloak's own pages: where a browser is sent, and the code it comes back with (RFC 6749 section 4.1)."""

import hashlib
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from urllib.parse import urlencode

from pydantic import BaseModel, TypeAdapter

from gateway.domain.errors import TokenRefused
from gateway.domain.tokens import Tokens
from gateway.keycloak.clients import Client
from gateway.keycloak.connection import Connection
from gateway.keycloak.endpoints import AUTHORIZATION, Endpoints
from gateway.keycloak.errors import unexpected
from gateway.keycloak.token_answers import tokens_of

# The second one when the code is longer than Keycloak reads.
_REFUSED = frozenset({"invalid_grant", "invalid_request"})


class _Identified(BaseModel):
    id_token: str


_IDENTIFIED = TypeAdapter(_Identified)


@dataclass(frozen=True, slots=True)
class Authorization:
    """What a browser is sent to Keycloak with.

    Attributes:
        provider: alias of the identity provider that Keycloak goes on to at once.
        login_hint: who is expected.
        state: comes back with the code.
        nonce: comes back in the ID token.
        verifier: the secret that the code is exchanged with (RFC 7636); only its hash is sent.
        callback: address that the browser comes back to; Keycloak has to know it.
    """

    provider: str
    login_hint: str = field(repr=False)
    state: str = field(repr=False)
    nonce: str = field(repr=False)
    verifier: str = field(repr=False)
    callback: str


@dataclass(frozen=True, slots=True)
class ExchangedCode:
    """What a code was exchanged for; the ID token has not been looked at."""

    tokens: Tokens
    id_token: str = field(repr=False)


class CodeFlow:
    """Sends browsers to Keycloak, and exchanges what they bring back."""

    def __init__(self, connection: Connection, endpoints: Endpoints, client: Client, issuer: str, scope: str) -> None:
        """Take what is asked, and as whom.

        Args:
            connection: to Keycloak.
            endpoints: of the realm.
            client: which of ours.
            issuer: the realm's public address, which browsers reach; the connection's may be an internal one.
            scope: asked for.
        """
        self._connection = connection
        self._endpoints = endpoints
        self._client = client
        self._issuer = issuer
        self._scope = scope

    def address(self, asked: Authorization) -> str:
        """Return the address of Keycloak's pages for one sign-in."""
        query = {
            "response_type": "code",
            "client_id": self._client.id,
            "redirect_uri": asked.callback,
            "scope": self._scope,
            "state": asked.state,
            "nonce": asked.nonce,
            "code_challenge": _challenge(asked.verifier),
            "code_challenge_method": "S256",
            "kc_idp_hint": asked.provider,
            "login_hint": asked.login_hint,
        }
        return f"{self._issuer}{AUTHORIZATION}?{urlencode(query)}"

    async def exchange(self, code: str, *, verifier: str, callback: str) -> ExchangedCode:
        """Exchange a code for the tokens of the session that the browser has begun.

        Args:
            code: as the browser brought it.
            verifier: of the sign-in that the browser was sent away with.
            callback: as then.

        Raises:
            TokenRefused: made up, used, expired, or of another sign-in.
            Unavailable: Keycloak cannot be asked.
        """
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": callback, "code_verifier": verifier}
        answer = await self._connection.request(
            "POST", self._endpoints.token, form={**self._client.credentials(), **form}
        )
        if answer.error[0] in _REFUSED:
            raise TokenRefused
        if not answer.is_ok:
            raise unexpected("exchange of a code", answer.status, answer.error[0])
        return ExchangedCode(tokens_of(answer), answer.read("ID token", _IDENTIFIED).id_token)


def _challenge(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
