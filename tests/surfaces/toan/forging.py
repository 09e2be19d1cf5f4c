"""Bearer tokens that a thief or a joker might send: each from genuine tokens, none of them good."""

import base64
import json
from collections.abc import Callable, Mapping
from typing import Any

from joserfc import jwk, jws

from tests.surfaces.toan.tampering import tampered
from tests.surfaces.witness import claims, header

_OWN_KEY = jwk.RSAKey.generate_key(2048)
_OWN_SECRET = jwk.OctKey.import_key(b"a secret of our own, 32 bytes long")

Genuine = Mapping[str, Any]


def _compact(head: Mapping[str, Any], payload: Mapping[str, Any], signature: str = "") -> str:
    return ".".join([_encoded(head), _encoded(payload), signature])


def _encoded(value: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def _signed(access_token: str, **changed: object) -> str:
    """Sign the genuine claims with a key of our own."""
    head = {name: value for name, value in {**header(access_token), **changed}.items() if value is not None}
    registry = jws.JWSRegistry(algorithms=["RS256", "HS256"], strict_check_header=False)
    key = _OWN_SECRET if head["alg"] == "HS256" else _OWN_KEY
    return jws.serialize_compact(head, json.dumps(claims(access_token)).encode(), key, registry=registry)


def _unsigned(algorithm: str) -> Callable[[Genuine], str]:
    return lambda held: _compact({**header(held["access_token"]), "alg": algorithm}, claims(held["access_token"]))


def _with_claim(name: str, value: object) -> Callable[[Genuine], str]:
    def forged(held: Genuine) -> str:
        token = held["access_token"]
        return _compact(header(token), {**claims(token), name: value}, token.rpartition(".")[2])

    return forged


FORGERIES: Mapping[str, Callable[[Genuine], str]] = {
    "refresh token": lambda held: str(held["refresh_token"]),
    "ID token": lambda held: str(held["id_token"]),
    "word": lambda _: "garbage",
    "two parts": lambda held: held["access_token"].rpartition(".")[0],
    "four parts": lambda held: held["access_token"] + ".x",
    "two tokens": lambda held: f"{held['access_token']} {held['access_token']}",
    "padded": lambda held: held["access_token"] + "==",
    "overlong": lambda held: held["access_token"] + "A" * 9000,
    "header tampered": lambda held: tampered(held["access_token"], 0),
    "claims tampered": lambda held: tampered(held["access_token"], 1),
    "signature tampered": lambda held: tampered(held["access_token"], 2),
    "signature cut off": lambda held: held["access_token"].rpartition(".")[0] + ".",
    "alg none": _unsigned("none"),
    "alg None": _unsigned("None"),
    "other subject": _with_claim("sub", "00000000-0000-4000-8000-000000000000"),
    "longer life": _with_claim("exp", 4102444800),
    "administrator's role": _with_claim("resource_access", {"realm-management": {"roles": ["realm-admin"]}}),
    "own key under the realm's kid": lambda held: _signed(held["access_token"]),
    "own key in the header": lambda held: _signed(held["access_token"], jwk=_OWN_KEY.as_dict(private=False)),
    "own key by address": lambda held: _signed(held["access_token"], jku="http://127.0.0.1:9/keys", kid="own"),
    "no kid": lambda held: _signed(held["access_token"], kid=None),
    "unknown kid": lambda held: _signed(held["access_token"], kid="unknown"),
    "symmetric": lambda held: _signed(held["access_token"], alg="HS256"),
}
