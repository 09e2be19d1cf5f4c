"""What identity providers say of people: by ID tokens, and by userinfo (pipeshub contract section 10)."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import structlog

from gateway.domain.errors import IdentityRefused, TokenRefused, Unavailable
from gateway.domain.identity_providers import ANY_DOMAIN, IdentityProvider
from gateway.jose.compact import seconds_of, text_of
from gateway.jose.key_sets import KeySet, KeySetTerms
from gateway.jose.signatures import Signatures
from gateway.settings import is_loopback
from gateway.third_parties.connection import Connection

Claims = Mapping[str, Any]

_PARTY = "identity_provider"
_ALGORITHMS = ("RS256", "PS256", "ES256")
_ID_TOKEN_TYPES = ("JWT", None)
_LEEWAY = 60
# A provider that is down or unknown to its own keys is asked once in so long, whoever else waits.
_KEYS = KeySetTerms(_PARTY, lifetime=300, first_pause=5)
_LONGEST_SUBJECT = 255
# RFC 6750 section 2.1; anything else could end the header it travels in.
_BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")


_log = structlog.get_logger()


class IdentityProviders:
    """Judges what providers have signed, and asks them about access tokens."""

    def __init__(
        self,
        connection: Connection,
        clock: Callable[[], float],
        ticks: Callable[[], float],
        *,
        insecure_http: bool = False,
    ) -> None:
        """Take what is needed to judge.

        Args:
            connection: to providers.
            clock: seconds since the epoch.
            ticks: seconds that only go up.
            insecure_http: allow `http://` to hosts that are not on loopback.
        """
        self._connection = connection
        self._clock = clock
        self._ticks = ticks
        self._insecure_http = insecure_http
        self._signatures = Signatures(_ALGORITHMS)
        self._keys: dict[str, tuple[str, KeySet]] = {}

    async def id_token(self, provider: IdentityProvider, token: str) -> Claims:
        """Return what an ID token says, once it is certain that the provider says it, to our client and now.

        Raises:
            IdentityRefused: it is not, or the provider's tokens cannot be judged.
            Unavailable: the provider's keys are not known yet and it cannot be asked.
        """
        if not provider.signs_identities:
            raise IdentityRefused("issuer")
        with _refused("signature"):
            claims = await self._signatures.claims_of(token, self._key_set(provider).named, _ID_TOKEN_TYPES)
        _require(_has(claims, "iss", provider.issuers), "issuer")
        # One audience only: a token that others may show as well proves nothing to us.
        _require(claims.get("aud") in (provider.client_id, [provider.client_id]), "audience")
        # Keycloak signs its other tokens with the same key; what they are stands in the same claim.
        _require(claims.get("typ") in (None, "ID"), "kind")
        _require(_is_hosted(claims, provider.hosted_domains), "domain")
        self._require_current(claims)
        return _of_somebody(claims)

    async def userinfo(self, provider: IdentityProvider, access_token: str) -> Claims:
        """Ask whose an access token is.

        Raises:
            IdentityRefused: the provider does not say.
            Unavailable: it cannot be asked.
        """
        _require(_BEARER.fullmatch(access_token) is not None, "access_token")
        told = await self._answer_of(provider.userinfo_url, access_token)
        if not isinstance(told, dict):
            raise IdentityRefused("userinfo")
        return _of_somebody(told)

    def _require_current(self, claims: Claims) -> None:
        now = self._clock()
        with _refused("time"):
            _require(seconds_of(claims, "exp") > now - _LEEWAY, "time")
            _require(seconds_of(claims, "iat") <= now + _LEEWAY, "time")
            _require("nbf" not in claims or seconds_of(claims, "nbf") <= now + _LEEWAY, "time")

    def _key_set(self, provider: IdentityProvider) -> KeySet:
        url, keys = self._keys.get(provider.alias, ("", None))
        if keys is None or url != provider.keys_url:
            keys = self._opened(provider.keys_url)
            self._keys[provider.alias] = provider.keys_url, keys
        return keys

    def _opened(self, url: str) -> KeySet:
        async def listed() -> list[Mapping[str, object]]:
            told = await self._answer_of(url)
            keys = told.get("keys") if isinstance(told, dict) else None
            if not isinstance(keys, list):
                raise Unavailable(_PARTY)
            return [each for each in keys if isinstance(each, dict)]

        return KeySet(listed, _KEYS, self._ticks)

    async def _answer_of(self, url: str, bearer: str | None = None) -> object:
        """Ask a provider; None when it says no, or nothing that can be read.

        Raises:
            Unavailable: it cannot be asked, or only without TLS.
        """
        address = urlsplit(url)
        if address.scheme != "https" and not (self._insecure_http or is_loopback(address.hostname or "")):
            _log.error("identity_provider_without_tls", remedy="give it an https address in Keycloak")
            raise Unavailable(_PARTY)
        return (await self._connection.request(_PARTY, "GET", url, bearer=bearer, repeatable=True)).json()


def _has(claims: Claims, name: str, allowed: frozenset[str]) -> bool:
    value = claims.get(name)
    return isinstance(value, str) and value in allowed


def _is_hosted(claims: Claims, domains: frozenset[str]) -> bool:
    if ANY_DOMAIN in domains:
        return bool(claims.get("hd"))
    return not domains or _has(claims, "hd", domains)


def _of_somebody(claims: Claims) -> Claims:
    with _refused("subject"):
        _require(len(text_of(claims, "sub")) <= _LONGEST_SUBJECT, "subject")
    return claims


def _require(condition: bool, trouble: str) -> None:  # noqa: FBT001 - reads as a sentence
    if not condition:
        raise IdentityRefused(trouble)


@contextmanager
def _refused(trouble: str) -> Iterator[None]:
    try:
        yield
    except TokenRefused:
        raise IdentityRefused(trouble) from None
