"""Reads the realm file and fills its placeholders."""

import json
import re
import secrets
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from devstack.admin import Admin
from devstack.faults import StackFault

_PLACEHOLDER = re.compile(r"\$\{([A-Z0-9_]+)\}")
_UUID = re.compile(r"\b[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\b")

GATEWAY_CLIENTS = ("gateway", "gateway-verified")
"""The clients whose tokens leave the gateway; they alone know its address."""


def secret_names(realm_file: Path) -> list[str]:
    """Return the names of the secrets that the file leaves open, in its order."""
    names = dict.fromkeys(_PLACEHOLDER.findall(realm_file.read_text(encoding="utf-8")))
    return [name for name in names if name.endswith("_SECRET")]


def new_secrets(realm_file: Path) -> dict[str, str]:
    """Draw a strong secret for each that the file leaves open."""
    return {name: secrets.token_urlsafe(32) for name in secret_names(realm_file)}


def filled(realm_file: Path, values: Mapping[str, str]) -> dict[str, Any]:
    """Return the realm with every placeholder replaced.

    Raises:
        StackFault: a placeholder has no value.
    """

    def value(found: re.Match[str]) -> str:
        if found[1] not in values:
            raise StackFault(f"{realm_file.name} has a placeholder {found[0]} that nobody fills.")
        return json.dumps(values[found[1]])[1:-1]

    realm: dict[str, Any] = json.loads(_PLACEHOLDER.sub(value, realm_file.read_text(encoding="utf-8")))
    return realm


def without_people(realm: Mapping[str, Any]) -> dict[str, Any]:
    """Return the realm with its service accounts only: no demo people, no organizations."""
    accounts = [user for user in realm["users"] if "serviceAccountClientId" in user]
    return {**realm, "users": accounts, "organizations": []}


def renamed(realm: Mapping[str, Any], name: str) -> dict[str, Any]:
    """Return the realm under another name and with ids of its own; Keycloak refuses the same ids twice."""
    text = json.dumps(realm).replace(f"default-roles-{realm['realm']}", f"default-roles-{name}")
    fresh: dict[str, str] = {}
    copy: dict[str, Any] = json.loads(_UUID.sub(lambda found: fresh.setdefault(found[0], str(uuid.uuid4())), text))
    return {**copy, "realm": name}


def point_to(admin: Admin, realm: Mapping[str, Any]) -> None:
    """Let an imported realm use the mail server and the gateway address of this filled one."""
    path = f"/{realm['realm']}"
    admin.put(path, {"smtpServer": realm["smtpServer"]})
    for client in realm["clients"]:
        if client["clientId"] in GATEWAY_CLIENTS:
            found = admin.get(f"{path}/clients?clientId={client['clientId']}")[0]
            attributes = {**found["attributes"], **client["attributes"]}
            changed = {**found, "redirectUris": client["redirectUris"], "attributes": attributes}
            admin.put(f"{path}/clients/{found['id']}", changed)
