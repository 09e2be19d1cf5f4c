"""What Keycloak itself says about a person: the witness of every effect."""

import base64
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import httpx

from tests.surfaces.administrator import Administrator

_WRONG = "Wr0ng!word"
_PATIENCE = 20.0


@dataclass(frozen=True, slots=True)
class Witness(Administrator):
    """Asks and prepares Keycloak directly, past the gateway."""

    def grant(self, client: str, **form: str) -> httpx.Response:
        """Ask the token endpoint, as one of the gateway's clients."""
        sent = {"client_id": client, "client_secret": self.secrets[client], **form}
        return self.http.post(f"/realms/{self.realm}/protocol/openid-connect/token", data=sent)

    def tokens(self, client: str, **form: str) -> dict[str, Any]:
        """Get tokens by a grant that succeeds."""
        answer = self.grant(client, **form)
        assert answer.status_code == httpx.codes.OK, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def verified(self, username: str) -> dict[str, Any]:
        """Get tokens for somebody without his password, as for a person whom the gateway verified itself."""
        return self.tokens("gateway-verified", grant_type="password", username=username, scope="openid")

    def password_is(self, username: str, password: str) -> bool:
        """Try a password, past the gateway's lock-out and any second factor; no session stays behind."""
        answer = self.grant("gateway-check", grant_type="password", username=username, password=password)
        if answer.status_code != httpx.codes.OK:
            return bool(answer.json()["error_description"] == "Account is not fully set up")
        self.end_session(answer.json()["session_state"])
        return True

    def refreshes(self, refresh_token: str, client: str = "gateway") -> bool:
        """Say whether Keycloak still takes a refresh token."""
        return self.grant(client, grant_type="refresh_token", refresh_token=refresh_token).is_success

    def sessions(self, user_id: str) -> set[str]:
        """Name the ordinary sessions of a person, of whatever client."""
        return {each["id"] for each in self._listed(f"users/{user_id}/sessions")}

    def offline_sessions(self, user_id: str, client: str = "gateway") -> set[str]:
        """Name the offline sessions of a person."""
        path = f"users/{user_id}/offline-sessions/{self.uuid_of(client)}"
        return {each["id"] for each in self._listed(path)}

    def end_session(self, session_id: str, *, offline: bool = False) -> None:
        """End a session as an administrator does in Keycloak's console."""
        path = f"admin/realms/{self.realm}/sessions/{session_id}"
        answer = self.admin.connection.raw_delete(path, isOffline=str(offline).lower())
        assert answer.status_code == httpx.codes.NO_CONTENT, answer.text

    def failed_sign_ins(self, user_id: str) -> int:
        """Count the guesses that Keycloak has evaluated; its events must be on."""
        return len(self._listed(f"events?user={user_id}&type=LOGIN_ERROR&max=200"))

    def lock(self, username: str) -> None:
        """Let Keycloak's own detection lock somebody."""
        user_id = self.admin.get_user_id(username)
        assert user_id
        # Keycloak counts in the background, and may lose count of failures that come at once.
        deadline = time.monotonic() + _PATIENCE
        while not self.is_locked(user_id):
            assert time.monotonic() < deadline, f"{username} was not locked"
            assert not self.password_is(username, _WRONG)
            time.sleep(0.05)

    def unlock(self, user_id: str) -> None:
        """Lift that lock."""
        path = f"admin/realms/{self.realm}/attack-detection/brute-force/users/{user_id}"
        assert self.admin.connection.raw_delete(path).status_code == httpx.codes.NO_CONTENT

    def is_locked(self, user_id: str) -> bool:
        """Say whether Keycloak's own detection has locked somebody."""
        path = f"admin/realms/{self.realm}/attack-detection/brute-force/users/{user_id}"
        return bool(self.admin.connection.raw_get(path).json()["disabled"])

    def accounts(self, email: str) -> list[dict[str, Any]]:
        """List the accounts with an address, in whatever letter case."""
        return self._listed(f"users?email={quote(email, safe='')}&exact=true&briefRepresentation=false")

    def organizations(self, user_id: str) -> set[str]:
        """Name the organizations somebody belongs to, by alias."""
        return {each["alias"] for each in self._listed(f"organizations/members/{user_id}/organizations")}

    def organization_groups(self, user_id: str, organization_id: str) -> set[str]:
        """Name the groups of an organization that a member is in."""
        return {each["name"] for each in self._listed(f"organizations/{organization_id}/members/{user_id}/groups")}

    def groups_of_organization(self, organization_id: str) -> set[str]:
        """Name the groups of an organization, by id."""
        return {each["id"] for each in self._listed(f"organizations/{organization_id}/groups")}

    def make_role(self, *parts: str, name: str = "") -> str:
        """Make a role of the realm, which holds roles of `realm-management`; its name ends as given."""
        name = f"role-{secrets.token_hex(4)}{name}"
        self.admin.create_realm_role({"name": name})
        if parts:
            self.admin.add_composite_realm_roles_to_role(name, [self.management_role(each) for each in parts])
        return name

    def make_group(self, *roles: str, parent: str | None = None) -> str:
        """Make a group of the realm, whose members hold roles of `realm-management`; return its id."""
        group = str(self.admin.create_group({"name": f"group-{secrets.token_hex(4)}"}, parent=parent))
        if roles:
            client = self.uuid_of("realm-management")
            self.admin.assign_group_client_roles(group, client, [self.management_role(each) for each in roles])
        return group

    def make_roles(self, count: int) -> list[str]:
        """Make several roles of the realm; return their names."""
        return [self.make_role() for _ in range(count)]

    def make_groups(self, count: int) -> list[str]:
        """Make several groups of the realm; return their ids."""
        return [self.make_group() for _ in range(count)]

    def give_group_role(self, group_id: str, role: str) -> None:
        """Give the members of a group a role of the realm."""
        self.admin.assign_group_realm_roles(group_id, [self.admin.get_realm_role(role)])

    def realm_roles(self, user_id: str) -> set[str]:
        """Name the roles of the realm that were given to somebody."""
        return {each["name"] for each in self.admin.get_realm_roles_of_user(user_id)}

    def groups(self, user_id: str) -> set[str]:
        """Name the groups of the realm that somebody is in, by id."""
        return {each["id"] for each in self.admin.get_user_groups(user_id)}

    def disable_organization(self, organization_id: str) -> None:
        """Switch an organization off."""
        self._change_organization(organization_id, enabled=False)

    def enable_organization(self, organization_id: str) -> None:
        """Switch it on again."""
        self._change_organization(organization_id, enabled=True)

    def give_domain(self, organization_id: str, domain: str, *, verified: bool = True, auto_join: str = "") -> None:
        """Say which addresses are an organization's, and whether that lets people in."""
        attributes = {"autoJoin": [auto_join]} if auto_join else {}
        domains = [{"name": domain, "verified": verified}]
        self._change_organization(organization_id, domains=domains, attributes=attributes)

    def describe_organization(self, organization_id: str, description: str) -> None:
        """Say something of an organization."""
        self._change_organization(organization_id, description=description)

    def leave(self, user_id: str, organization_id: str) -> None:
        """End somebody's membership of an organization."""
        path = f"admin/realms/{self.realm}/organizations/{organization_id}/members/{user_id}"
        assert self.admin.connection.raw_delete(path).status_code == httpx.codes.NO_CONTENT

    def remove_generators(self, user_id: str) -> None:
        """Take somebody's code generators away."""
        for each in self.admin.get_credentials(user_id):
            if each["type"] == "otp":
                self.admin.delete_credential(user_id, each["id"])

    def rename(self, user_id: str, username: str) -> None:
        """Give somebody another user name, of whatever characters."""
        with self.realm_with(editUsernameAllowed=True), self.any_username():
            self.admin.update_user(user_id, {**self.admin.get_user(user_id), "username": username})

    def give_management_role(self, user_id: str, role: str) -> None:
        """Make somebody a platform administrator, or something near."""
        self.admin.assign_client_role(user_id, self.uuid_of("realm-management"), [self.management_role(role)])

    def take_management_role(self, user_id: str, role: str) -> None:
        """Take it away again."""
        client = self.uuid_of("realm-management")
        self.admin.delete_client_roles_of_user(user_id, client, [self.management_role(role)])

    def give_management_role_by_group(self, user_id: str, role: str) -> None:
        """The same, by way of a group."""
        group = str(self.admin.create_group({"name": f"group-{secrets.token_hex(4)}"}))
        client = self.uuid_of("realm-management")
        self.admin.assign_group_client_roles(group, client, [self.management_role(role)])
        self.admin.group_user_add(user_id, group)

    def take_default_roles(self, user_id: str) -> None:
        """Take the realm's default roles from somebody, the one for offline access among them."""
        self.admin.delete_realm_roles_of_user(user_id, self.admin.get_realm_roles_of_user(user_id))

    def _change_organization(self, organization_id: str, **changed: object) -> None:
        path = f"admin/realms/{self.realm}/organizations/{organization_id}"
        self.put(path, {**self.admin.connection.raw_get(path).json(), **changed})

    def _listed(self, path: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.admin.connection.raw_get(f"admin/realms/{self.realm}/{path}").json()
        return found


def claims(token: str) -> dict[str, Any]:
    """Read what a token says of itself."""
    return _decoded(token.split(".")[1])


def header(token: str) -> dict[str, Any]:
    """Read a token's header."""
    return _decoded(token.split(".", maxsplit=1)[0])


def _decoded(part: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    return told
