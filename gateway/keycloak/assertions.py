"""Proof by signature instead of a secret: `private_key_jwt` (RFC 7523, OpenID Connect Core section 9)."""

import json
import secrets
from collections.abc import Callable, Mapping

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_LIFETIME = 60


class Assertions:
    """Signs one assertion for each request; Keycloak takes none twice."""

    def __init__(self, private_key: str, key_id: str | None, issuer: str, clock: Callable[[], float]) -> None:
        """Take what signs.

        Args:
            private_key: PEM or JWK, EC P-256 or RSA.
            key_id: `kid` under which Keycloak knows the key.
            issuer: the realm's issuer, the assertions' one audience.
            clock: seconds since the epoch.
        """
        self._key = _imported(private_key.strip())
        self._algorithm = self._key.alg or ("ES256" if isinstance(self._key, ECKey) else "RS256")
        named = key_id or self._key.kid
        self._header = {"alg": self._algorithm, **({"kid": named} if named else {})}
        self._issuer = issuer
        self._clock = clock

    def prove(self, client_id: str) -> Mapping[str, str]:
        """Return the form fields that prove a client, once."""
        now = int(self._clock())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": self._issuer,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + _LIFETIME,
        }
        assertion = jwt.encode(self._header, claims, self._key, algorithms=[self._algorithm])
        return {"client_assertion_type": _TYPE, "client_assertion": assertion}


def _imported(text: str) -> ECKey | RSAKey:
    material = json.loads(text) if text.startswith("{") else text
    try:
        return ECKey.import_key(material)
    except JoseError:
        return RSAKey.import_key(material)
