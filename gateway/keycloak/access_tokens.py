"""Whether a token that somebody sends was signed by this realm, for us, and is still good (security S25, S22)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain.errors import TokenRefused
from gateway.domain.tokens import EndedSession, SignedIn, TokenHolder, Tokens
from gateway.jose.compact import looked_into, seconds_of, text_of
from gateway.jose.key_sets import KeySet
from gateway.jose.signatures import Signatures
from gateway.keycloak.clients import Clients
from gateway.settings import KeycloakSettings

_ACCESS_TOKEN_TYPES = ("JWT", "at+jwt", None)
_ID_TOKEN_TYPES = ("JWT",)
_LOGOUT_TOKEN_TYPES = ("logout+jwt",)
_LOGOUT_EVENT = "http://schemas.openid.net/event/backchannel-logout"


@dataclass(frozen=True, slots=True)
class LogoutToken:
    """A verified back-channel logout token.

    Attributes:
        ended: what ended.
        token_id: its `jti`; each counts once.
        issued_at: its `iat`, seconds since the epoch by Keycloak's clock.
    """

    ended: EndedSession
    token_id: str
    issued_at: int


@dataclass(frozen=True, slots=True)
class IdToken:
    """A verified ID token.

    Attributes:
        account_id: Keycloak user id of who has signed in.
        provider: alias of the identity provider that vouched, or None; a mapper of the client has to tell it.
    """

    account_id: str
    provider: str | None


class AccessTokens:
    """Verifies tokens locally."""

    def __init__(
        self,
        keys: KeySet,
        issuer: str,
        clients: Clients,
        settings: KeycloakSettings,
        clock: Callable[[], float],
    ) -> None:
        """Take what tokens are judged by.

        Args:
            keys: the realm's.
            issuer: exact `iss`.
            clients: ours.
            settings: algorithms and leeway.
            clock: seconds since the epoch.
        """
        self._keys = keys
        self._issuer = issuer
        self._clients = clients
        self._leeway = settings.leeway.total_seconds()
        self._clock = clock
        self._signatures = Signatures(settings.algorithms)

    async def verify(self, token: str) -> SignedIn:
        """Verify an access token.

        Raises:
            TokenRefused: not one of this realm's access tokens for us, or not good any more.
            Unavailable: there are no signing keys yet and Keycloak cannot be asked.
        """
        claims = await self._signatures.claims_of(token, self._keys.named, _ACCESS_TOKEN_TYPES)
        _require(claims.get("iss") == self._issuer)
        _require(claims.get("typ") == "Bearer")
        _require(self._clients.gateway.id in _audience(claims))
        _require(text_of(claims, "azp") in self._clients.ids)
        self._require_current(claims)
        return _signed_in(claims)

    async def verify_id_token(self, token: str, nonce: str) -> IdToken:
        """Verify an ID token (OpenID Connect Core section 3.1.3.7).

        Args:
            token: as it came with the code's exchange.
            nonce: of the sign-in it has to belong to.

        Raises:
            TokenRefused: not one of this realm's ID tokens for us and this sign-in.
            Unavailable: there are no signing keys yet and Keycloak cannot be asked.
        """
        claims = await self._signatures.claims_of(token, self._keys.named, _ID_TOKEN_TYPES)
        _require(claims.get("iss") == self._issuer)
        _require(claims.get("typ") == "ID")
        _require(self._clients.gateway.id in _audience(claims) and claims.get("azp") == self._clients.gateway.id)
        _require(text_of(claims, "nonce") == nonce)
        self._require_current(claims)
        provider = claims.get("identity_provider")
        return IdToken(text_of(claims, "sub"), provider if isinstance(provider, str) else None)

    async def verify_logout_token(self, token: str) -> LogoutToken:
        """Verify a logout token (OpenID Connect Back-Channel Logout 1.0 section 2.6).

        Raises:
            TokenRefused: not one of this realm's logout tokens for us, or not good any more.
            Unavailable: there are no signing keys yet and Keycloak cannot be asked.
        """
        claims = await self._signatures.claims_of(token, self._keys.named, _LOGOUT_TOKEN_TYPES)
        _require(claims.get("iss") == self._issuer)
        _require(not self._clients.ids.isdisjoint(_audience(claims)))
        self._require_current(claims)
        events = claims.get("events")
        _require(isinstance(events, dict) and isinstance(events.get(_LOGOUT_EVENT), dict))
        # Access and ID tokens carry the same signature; Keycloak's logout tokens say what they are.
        _require("nonce" not in claims and claims.get("typ") in (None, "Logout"))
        return _logout(claims)

    def _require_current(self, claims: Mapping[str, Any]) -> None:
        now = self._clock()
        _require(seconds_of(claims, "exp") > now - self._leeway)
        _require(seconds_of(claims, "iat") <= now + self._leeway)
        _require("nbf" not in claims or seconds_of(claims, "nbf") <= now + self._leeway)


def holder_of(tokens: Tokens) -> TokenHolder:
    """Read whose tokens these are, which Keycloak itself has just given."""
    claims = looked_into(tokens.access_token).claims
    access = claims.get("realm_access")
    roles = access.get("roles") if isinstance(access, dict) else None
    named = [role for role in roles if isinstance(role, str)] if isinstance(roles, list) else []
    name = claims.get("preferred_username")
    return TokenHolder(name if isinstance(name, str) else "", tuple(sorted(named)))


def _require(condition: bool) -> None:  # noqa: FBT001 - reads as a sentence
    if not condition:
        raise TokenRefused


def _audience(claims: Mapping[str, Any]) -> frozenset[str]:
    value = claims.get("aud")
    several = value if isinstance(value, list) else [value]
    return frozenset(each for each in several if isinstance(each, str))


def _signed_in(claims: Mapping[str, Any]) -> SignedIn:
    return SignedIn(
        account_id=text_of(claims, "sub"),
        session_id=text_of(claims, "sid"),
        client_id=text_of(claims, "azp"),
        issued_at=seconds_of(claims, "iat"),
        expires_at=seconds_of(claims, "exp"),
        realm_management_roles=_roles(claims.get("resource_access"), "realm-management"),
    )


def _roles(access: object, client_id: str) -> frozenset[str]:
    of_client = access.get(client_id) if isinstance(access, dict) else None
    roles = of_client.get("roles") if isinstance(of_client, dict) else None
    return frozenset(role for role in roles if isinstance(role, str)) if isinstance(roles, list) else frozenset()


def _logout(claims: Mapping[str, Any]) -> LogoutToken:
    session_id, account_id = claims.get("sid", ""), claims.get("sub", "")
    _require(isinstance(session_id, str) and isinstance(account_id, str) and bool(session_id or account_id))
    ended = EndedSession(session_id, account_id)
    return LogoutToken(ended, text_of(claims, "jti"), seconds_of(claims, "iat"))
