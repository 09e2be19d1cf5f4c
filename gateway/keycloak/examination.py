"""Looks at a realm that the gateway works with, for what could be set better (`gateway doctor`)."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from gateway.domain.findings import Finding
from gateway.keycloak.admin import Admin
from gateway.keycloak.administrators import REALM_MANAGEMENT
from gateway.keycloak.clients import Clients
from gateway.keycloak.connection import Terms
from gateway.keycloak.examined_clients import CLIENT_SCOPES, CLIENTS, FLOWS, Surroundings, client_findings
from gateway.keycloak.examined_realm import REALM, ExaminedRealm, realm_findings
from gateway.keycloak.setup import Setup

_VIEW = "view-realm"
_NEEDED = {"manage-users", "manage-organizations", "view-clients", "view-identity-providers", _VIEW}
# What Keycloak puts into those.
_INCLUDED = {
    "query-clients",
    "query-groups",
    "query-organizations",
    "query-users",
    "view-users",
    "view-organizations",
}
# A client takes some thousand bytes, and a realm may have thousands.
_LARGE = Terms(largest=1 << 24)


class Examination:
    """Reads the realm, its clients and flows."""

    def __init__(self, setup: Setup, admin: Admin, clients: Clients, remembered_for: timedelta) -> None:
        """Take where to look.

        Args:
            setup: finds what keeps the gateway from working at all.
            admin: the admin API.
            clients: the gateway's own.
            remembered_for: how long the gateway remembers ended sessions.
        """
        self._setup = setup
        self._admin = admin
        self._clients = clients
        self._remembered_for = int(remembered_for.total_seconds())

    async def findings(self, *, needs_organizations: bool) -> list[Finding]:
        """List what should be mended; what keeps the gateway from working at all comes alone.

        Args:
            needs_organizations: somebody is let in only as a member of one.

        Raises:
            Unavailable: Keycloak cannot be asked.
        """
        faults = [Finding("keycloak", "fault", text) for text in await self._setup.faults()]
        if faults:
            return faults
        roles = _roles(await self._admin.claims())
        found = list(self._role_findings(roles))
        if _VIEW not in roles:
            return found
        realm = (await self._admin.get()).read("realm", REALM)
        found += realm_findings(realm, needs_organizations=needs_organizations)
        return found + await self._client_findings(realm)

    async def _client_findings(self, realm: ExaminedRealm) -> list[Finding]:
        clients = (await self._admin.get("clients", terms=_LARGE)).read("clients", CLIENTS)
        surroundings = Surroundings(
            (await self._admin.get("client-scopes")).read("client scopes", CLIENT_SCOPES),
            (await self._admin.get("authentication", "flows")).read("flows", FLOWS),
            realm.direct_grant_flow,
            realm.access_token_lifespan,
            self._remembered_for,
        )
        return list(client_findings(clients, self._clients, surroundings))

    def _role_findings(self, held: set[str]) -> Iterator[Finding]:
        for role in sorted(held - _NEEDED - _INCLUDED):
            yield self._warning(f"has the role `{role}` of `{REALM_MANAGEMENT}`, which it does not need: take it away")
        if _VIEW not in held:
            yield self._warning(
                f"lacks the role `{_VIEW}` of `{REALM_MANAGEMENT}`, so the rest of the realm cannot be examined: "
                "assign it"
            )

    def _warning(self, text: str) -> Finding:
        return Finding("keycloak", "warning", f"The service account of `{self._clients.admin.id}` {text} in Keycloak")


def _roles(claims: dict[str, Any]) -> set[str]:
    return set(claims.get("resource_access", {}).get(REALM_MANAGEMENT, {}).get("roles", ()))
