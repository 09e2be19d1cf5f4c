"""A provider of identities on loopback, whose key the tests hold: it signs whatever a forger would write."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any, Literal

from cryptography.hazmat.primitives import hashes, hmac
from joserfc import jws
from joserfc.jwk import ECKey, Key, OctKey, RSAKey

from tests.keycloak.tokens_apart import encoded
from tests.servers.listeners import Speaker, listening_as

Mood = Literal["well", "slow", "failing", "garbage", "redirecting", "huge"]

CLIENT = "our-client-there"
_HUGE = (1 << 20) + 1
_LONG = 60.0


@dataclass
class IdentityProvider:
    """One provider; its moods may change while it runs.

    Attributes:
        url: base address; also its issuer.
        key: signs.
        listed: keys it lists, as JWKs.
        mood: how it answers.
        people: access token → what userinfo says.
        requests: paths asked for so far.
    """

    url: str = ""
    key: RSAKey = field(default_factory=lambda: RSAKey.generate_key(2048, {"kid": "first", "use": "sig"}))
    listed: list[dict[str, Any]] = field(default_factory=list)
    mood: Mood = "well"
    people: dict[str, dict[str, Any]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.listed.append({**self.key.as_dict(private=False), "use": "sig"})

    def claims(self, address: str, /, **changed: object) -> dict[str, Any]:
        """Write good claims; a claim given as None is left out."""
        now = int(time.time())  # noqa: TID251 - the gateway reads the machine's clock as well
        good = {
            "iss": self.url,
            "aud": CLIENT,
            "sub": f"sub-of-{address}",
            "iat": now,
            "exp": now + 300,
            "email": address,
            "email_verified": True,
            "given_name": "Erin",
            "family_name": "Extern",
        }
        return {name: value for name, value in {**good, **changed}.items() if value is not None}

    def token(self, address: str, /, **changed: object) -> str:
        """Sign good claims, or changed ones."""
        return self.signed(self.claims(address, **changed))

    def signed(self, claims: Mapping[str, Any], key: Key | None = None, **header: object) -> str:
        """Sign claims; a header given as None is left out."""
        head = {"alg": "RS256", "kid": "first", "typ": "JWT", **header}
        given = {name: value for name, value in head.items() if value is not None}
        registry = jws.JWSRegistry(algorithms=["RS256", "PS256", "ES256", "RS512", "HS256"], strict_check_header=False)
        return jws.serialize_compact(given, json.dumps(claims).encode(), key or self.key, registry=registry)

    def unsigned(self, claims: Mapping[str, Any]) -> str:
        """Write a token of the algorithm `none`."""
        return f"{encoded({'alg': 'none', 'kid': 'first', 'typ': 'JWT'})}.{encoded(dict(claims))}."

    def confused(self, claims: Mapping[str, Any]) -> str:
        """Sign by HMAC with the public key for its secret."""
        signed = f"{encoded({'alg': 'HS256', 'kid': 'first', 'typ': 'JWT'})}.{encoded(dict(claims))}"
        mac = hmac.HMAC(self.key.as_pem(private=False), hashes.SHA256())
        mac.update(signed.encode())
        return f"{signed}.{encoded(mac.finalize())}"

    def knows(self, access_token: str, address: str, /, **changed: object) -> str:
        """Let userinfo know whose an access token is."""
        self.people[access_token] = self.claims(address, **changed)
        return access_token

    def asked(self, path: str) -> int:
        """Count the requests for a path."""
        return self.requests.count(path)

    @contextmanager
    def being(self, mood: Mood) -> Iterator[None]:
        """Answer in another way for a while."""
        self.mood = mood
        try:
            yield
        finally:
            self.mood = "well"

    def answer(self, path: str, bearer: str) -> tuple[int, bytes]:
        """Say what is at a path."""
        if path == "/keys":
            return 200, json.dumps({"keys": self.listed}).encode()
        token = bearer.removeprefix("Bearer ")
        if path != "/userinfo" or token not in self.people:
            return 401, b"{}"
        return 200, json.dumps(self.people[token]).encode()


def other_key(kind: Literal["RSA", "EC", "oct"] = "RSA") -> Key:
    """Draw a key that no provider lists."""
    if kind == "EC":
        return ECKey.generate_key("P-256")
    return RSAKey.generate_key(2048) if kind == "RSA" else OctKey.generate_key(256)


@contextmanager
def listening() -> Iterator[IdentityProvider]:
    """Run a provider."""
    provider = IdentityProvider()

    class Handler(Speaker, BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.requests.append(self.path)
            status, body = provider.answer(self.path, self.headers.get("Authorization", ""))
            if provider.mood == "slow":
                time.sleep(_LONG)
            status, body = _moody(provider.mood, status, body)
            self.send_response(status)
            if provider.mood == "redirecting":
                self.send_header("Location", f"{provider.url}{self.path}")
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

    with listening_as(Handler) as provider.url:
        yield provider


def _moody(mood: Mood, status: int, body: bytes) -> tuple[int, bytes]:
    answers = {
        "failing": (500, b"{}"),
        "garbage": (200, b"<html>"),
        "redirecting": (302, b""),
        "huge": (200, b" " * _HUGE),
    }
    return answers.get(mood, (status, body))
