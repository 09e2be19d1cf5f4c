"""A realm of its own on the same Keycloak as the SAML identity provider of ours."""

import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from keycloak import KeycloakAdmin

from devstack.stack import Stack
from tests.servers.people import Person
from tests.surfaces.witness import Witness

PASSWORD = "Pr0vider!word"

_CERTIFICATE = re.compile(r"<ds:X509Certificate>([^<]+)</ds:X509Certificate>")


@dataclass(frozen=True, slots=True)
class SamlProvider:
    """A provider that our realm trusts.

    Attributes:
        alias: our realm's name of it.
        admin: administrator of the provider's realm.
        witness: our realm.
    """

    alias: str
    admin: KeycloakAdmin
    witness: Witness

    def enrol(self, person: Person) -> None:
        """Give somebody an account at the provider, and link it to the one in our realm."""
        self.know(person)
        self.witness.admin.add_user_social_login(person.id, self.alias, person.username, person.username)

    def know(self, person: Person) -> None:
        """Give somebody an account at the provider, and nothing else."""
        self.admin.create_user(
            {
                "username": person.username,
                "email": person.email,
                "emailVerified": True,
                "enabled": True,
                "firstName": "Test",
                "lastName": "Person",
                "credentials": [{"type": "password", "value": PASSWORD}],
            },
            exist_ok=False,
        )

    @contextmanager
    def disabled(self) -> Iterator[None]:
        """Have our realm not use it for a while."""
        known = self.witness.admin.get_idp(self.alias)
        self.witness.admin.update_idp(self.alias, {**known, "enabled": False})
        try:
            yield
        finally:
            self.witness.admin.update_idp(self.alias, known)


@contextmanager
def made(witness: Witness, stack: Stack) -> Iterator[SamlProvider]:
    """Make the provider and have our realm trust it; take both away in the end."""
    name, alias = f"provider-{secrets.token_hex(4)}", f"saml-{secrets.token_hex(4)}"
    ours, theirs = (f"{stack.keycloak_url}/realms/{each}" for each in (witness.realm, name))
    witness.admin.create_realm(_representation(name, ours))
    try:
        witness.admin.create_idp(_provider(alias, ours, theirs, _certificate(theirs)))
        try:
            yield SamlProvider(alias, _admin(stack, name), witness)
        finally:
            witness.admin.delete_idp(alias)
    finally:
        witness.admin.delete_realm(name)


def _admin(stack: Stack, realm: str) -> KeycloakAdmin:
    return KeycloakAdmin(
        server_url=stack.keycloak_url,
        username=stack.keycloak_admin,
        password=stack.keycloak_admin_password,
        realm_name=realm,
        user_realm_name="master",
    )


def _certificate(theirs: str) -> str:
    found = _CERTIFICATE.search(httpx.get(f"{theirs}/protocol/saml/descriptor").raise_for_status().text)
    assert found
    return found[1]


def _provider(alias: str, ours: str, theirs: str, certificate: str) -> dict[str, Any]:
    config = {
        "entityId": ours,
        "idpEntityId": theirs,
        "singleSignOnServiceUrl": f"{theirs}/protocol/saml",
        "nameIDPolicyFormat": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
        "principalType": "SUBJECT",
        "postBindingAuthnRequest": "false",
        "postBindingResponse": "true",
        "validateSignature": "true",
        "wantAssertionsSigned": "true",
        "signingCertificate": certificate,
        "syncMode": "IMPORT",
    }
    return {"alias": alias, "providerId": "saml", "enabled": True, "config": config}


def _representation(name: str, entity: str) -> dict[str, Any]:
    client = {
        "clientId": entity,
        "protocol": "saml",
        "enabled": True,
        # Our realm gives the address by which the test's browser reaches it; some go by a wire.
        "redirectUris": ["*"],
        "attributes": {
            "saml.assertion.signature": "true",
            "saml.server.signature": "true",
            "saml.client.signature": "false",
            "saml.force.post.binding": "true",
            "saml_name_id_format": "username",
            "saml_force_name_id_format": "true",
        },
    }
    return {"realm": name, "enabled": True, "sslRequired": "none", "clients": [client]}
