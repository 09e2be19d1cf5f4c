"""Identity providers in the realm."""

import json
import secrets
from dataclasses import dataclass
from typing import Any

from tests.keycloak.people import RealmUnderTest


@dataclass
class ProviderMaker:
    """Makes identity providers, and deletes them in the end."""

    realm: RealmUnderTest
    made: list[str]

    def __call__(self, kind: str = "oidc", *, alias: str = "", **representation: Any) -> str:  # noqa: ANN401 - Keycloak's own
        """Make one; return its alias."""
        name = alias or f"idp-{secrets.token_hex(4)}"
        config = {"clientId": "ours", "clientSecret": "between-us", **representation.pop("config", {})}
        self.realm.admin.create_idp(
            {"alias": name, "providerId": kind, "enabled": True, "config": config, **representation}
        )
        self.made.append(name)
        return name

    def belongs_to(self, alias: str, organization_id: str) -> None:
        """Give a provider to an organization."""
        path = f"admin/realms/{self.realm.name}/organizations/{organization_id}/identity-providers"
        answer = self.realm.admin.connection.raw_post(path, data=json.dumps(alias))
        assert answer.status_code == 204, answer.text
