"""A realm of its own on the same Keycloak as the SAML identity provider of ours."""

import json
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from keycloak import KeycloakAdmin

from devstack.stack import Stack
from tests.servers.people import Organization, Person
from tests.surfaces.witness import Witness

PASSWORD = "Pr0vider!word"

_ATTRIBUTES = ("email", "firstName", "lastName")
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
        self.know(person.username, person.email)
        self.witness.admin.add_user_social_login(person.id, self.alias, person.username, person.username)

    def know(self, username: str, email: str) -> None:
        """Give somebody an account at the provider, and nothing else."""
        self.admin.create_user(
            {
                "username": username,
                "email": email,
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
        with self._changed(enabled=False):
            yield

    @contextmanager
    def distrusted(self) -> Iterator[None]:
        """Have our realm not take its addresses for verified for a while."""
        with self._changed(trustEmail=False):
            yield

    @contextmanager
    def lent_to(self, organization: Organization) -> Iterator[str]:
        """Make it an organization's own for a while, by another alias, which is returned."""
        alias = f"{self.alias}-{organization.alias}"
        known = self.witness.admin.get_idp(self.alias)
        copied = {name: known[name] for name in ("providerId", "enabled", "trustEmail", "config")}
        _trust(self.witness.admin, {**copied, "alias": alias})
        path = f"admin/realms/{self.witness.realm}/organizations/{organization.id}/identity-providers"
        answer = self.witness.admin.connection.raw_post(path, data=json.dumps(alias))
        assert answer.status_code == httpx.codes.NO_CONTENT, answer.text
        try:
            yield alias
        finally:
            self.witness.admin.delete_idp(alias)

    @contextmanager
    def _changed(self, **settings: object) -> Iterator[None]:
        known = self.witness.admin.get_idp(self.alias)
        self.witness.admin.update_idp(self.alias, {**known, **settings})
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
        _trust(witness.admin, _provider(alias, ours, theirs, _certificate(theirs)))
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
    found = _CERTIFICATE.search(httpx.get(f"{theirs}/protocol/saml/descriptor", timeout=15).raise_for_status().text)
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
    return {"alias": alias, "providerId": "saml", "enabled": True, "trustEmail": True, "config": config}


def _trust(admin: KeycloakAdmin, provider: dict[str, Any]) -> None:
    admin.create_idp(provider)
    for attribute in _ATTRIBUTES:
        admin.add_mapper_to_idp(provider["alias"], _imported(provider["alias"], attribute))


def _imported(alias: str, attribute: str) -> dict[str, Any]:
    return {
        "name": attribute,
        "identityProviderAlias": alias,
        "identityProviderMapper": "saml-user-attribute-idp-mapper",
        "config": {"attribute.name": attribute, "user.attribute": attribute, "syncMode": "INHERIT"},
    }


def _told(attribute: str) -> dict[str, Any]:
    return {
        "name": attribute,
        "protocol": "saml",
        "protocolMapper": "saml-user-property-mapper",
        "config": {"attribute.name": attribute, "user.attribute": attribute},
    }


def _representation(name: str, entity: str) -> dict[str, Any]:
    client = {
        "clientId": entity,
        "protocol": "saml",
        "enabled": True,
        # Our realm gives the address by which the test's browser reaches it; some go by a wire.
        "redirectUris": ["*"],
        "protocolMappers": [_told(each) for each in _ATTRIBUTES],
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
