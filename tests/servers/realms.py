"""A realm of its own for each worker, made from the demo's file."""

import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from keycloak import KeycloakAdmin

from devstack import realm_file
from devstack.admin import Admin
from devstack.environment import REALM_FILE
from devstack.stack import Stack, gateway_variables

# One round of the cheapest hash: four times as many sign-ins in a second.
_QUICK_HASH = "hashAlgorithm(pbkdf2-sha256) and hashIterations(1)"
# Where back-channel logouts go until a test names its own gateway: a port that refuses at once.
_NOBODY = "http://127.0.0.1:9"


@dataclass(frozen=True, slots=True)
class Realm:
    """A realm with the gateway's clients.

    Attributes:
        name: of the realm.
        issuer: what its tokens say.
        secrets: client id → its secret.
        variables: the gateway's settings for it.
        admin: its administrator, to see effects in Keycloak itself.
    """

    name: str
    issuer: str
    secrets: Mapping[str, str]
    variables: Mapping[str, str]
    admin: KeycloakAdmin


@contextmanager
def fresh_realm(stack: Stack, *, demo_people: bool = False) -> Iterator[Realm]:
    """Make a realm, and delete it in the end.

    Args:
        stack: where Keycloak is.
        demo_people: with the people and organizations of the demo; otherwise nobody is in it.
    """
    name = f"test-{secrets.token_hex(4)}"
    known = realm_file.new_secrets(REALM_FILE)
    representation = _representation(stack, name, known, demo_people=demo_people)
    _admin(stack).post("", representation)
    witness = KeycloakAdmin(
        server_url=stack.keycloak_url,
        username=stack.keycloak_admin,
        password=stack.keycloak_admin_password,
        realm_name=name,
        user_realm_name="master",
    )
    by_client = {client["clientId"]: client["secret"] for client in representation["clients"]}
    variables = gateway_variables(stack.keycloak_url, name, known)
    try:
        yield Realm(name, f"{stack.keycloak_url}/realms/{name}", by_client, variables, witness)
    finally:
        _admin(stack).delete(f"/{name}")


def _admin(stack: Stack) -> Admin:
    return Admin.signed_in(stack.keycloak_url, stack.keycloak_admin, stack.keycloak_admin_password)


def _representation(stack: Stack, name: str, known: Mapping[str, str], *, demo_people: bool) -> dict[str, Any]:
    places = {
        "DEMO_SMTP_HOST": stack.smtp_host,
        "DEMO_SMTP_PORT": str(stack.smtp_port),
        "GATEWAY_SERVER__PUBLIC_URL": _NOBODY,
    }
    demo = realm_file.filled(REALM_FILE, {**known, **places})
    realm = realm_file.renamed(demo if demo_people else realm_file.without_people(demo), name)
    return {**realm, "passwordPolicy": f"{_QUICK_HASH} and {realm['passwordPolicy']}"}
