"""The demo realm as it stands in a real Keycloak: each client does what realm-config/README.md says."""

import base64
import hashlib
import hmac
import json
import struct
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from devstack import first_calls
from devstack.admin import Admin
from devstack.stack import Stack

_SECRETS = {
    "gateway": "CLIENT_SECRET",
    "gateway-verified": "VERIFIED_CLIENT_SECRET",
    "gateway-check": "CHECK_CLIENT_SECRET",
    "gateway-check-otp": "CHECK_OTP_CLIENT_SECRET",
    "gateway-admin": "ADMIN_CLIENT_SECRET",
}
_DAY = 86400


@dataclass(frozen=True, slots=True)
class _Demo:
    stack: Stack
    http: httpx.Client

    def token(self, client: str, **form: str) -> httpx.Response:
        """Ask for tokens, by password unless the form says otherwise."""
        secret = self.stack.gateway[f"GATEWAY_KEYCLOAK__{_SECRETS[client]}"]
        sent = {"grant_type": "password", "client_id": client, "client_secret": secret, **form}
        return self.http.post("/realms/demo/protocol/openid-connect/token", data=sent)

    def refusal(self, client: str, **form: str) -> str:
        """Return why no tokens are given."""
        answer = self.token(client, **form)
        assert answer.status_code == 400
        return str(answer.json()["error_description"])


@pytest.fixture
def demo(stack: Stack) -> Iterator[_Demo]:
    with httpx.Client(base_url=stack.keycloak_url, timeout=30) as http:
        yield _Demo(stack, http)


@pytest.fixture
def admin(stack: Stack) -> Admin:
    return Admin.signed_in(stack.keycloak_url, stack.keycloak_admin, stack.keycloak_admin_password)


def _claims(tokens: httpx.Response) -> dict[str, Any]:
    part = tokens.json()["access_token"].split(".")[1]
    told: dict[str, Any] = json.loads(base64.urlsafe_b64decode(part + "=="))
    return told


def _code(key: bytes) -> str:
    """Compute a one-time code (RFC 6238)."""
    digest = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()  # noqa: TID251 - its clock
    start = digest[-1] & 15
    return f"{(struct.unpack('>I', digest[start : start + 4])[0] & 0x7FFFFFFF) % 10**6:06}"


@pytest.mark.parametrize("client", ["gateway", "gateway-verified"])
def test_tokens_are_for_the_gateway_and_live_as_documented(demo: _Demo, client: str) -> None:
    tokens = demo.token(client, username="alice", password=first_calls.PASSWORD)
    claims, told = _claims(tokens), tokens.json()
    assert "gateway" in claims["aud"]
    assert claims["azp"] == client
    assert told["expires_in"] == pytest.approx(3600, abs=10)
    assert told["refresh_expires_in"] == pytest.approx(7 * _DAY, abs=10)


def test_offline_sessions_end_when_idle_and_in_any_case(admin: Admin) -> None:
    realm = admin.get("/demo")
    assert (realm["offlineSessionIdleTimeout"], realm["offlineSessionMaxLifespanEnabled"]) == (30 * _DAY, True)
    assert realm["offlineSessionMaxLifespan"] == 365 * _DAY


@pytest.mark.parametrize(
    ("username", "reason"),
    [
        ("otto", "Invalid user credentials"),
        ("nopw", "Invalid user credentials"),
        ("disabled", "Account disabled"),
        ("mustchange", "Account is not fully set up"),
    ],
)
def test_people_are_refused_as_documented(demo: _Demo, username: str, reason: str) -> None:
    assert demo.refusal("gateway", username=username, password=first_calls.PASSWORD) == reason


def test_verified_client_asks_for_nothing_but_the_name(demo: _Demo) -> None:
    assert demo.token("gateway-verified", username="otto").status_code == 200
    assert demo.token("gateway-verified", username="nopw").status_code == 200


def test_checking_client_asks_for_the_password_and_no_second_factor(demo: _Demo) -> None:
    tokens = demo.token("gateway-check", username="otto", password=first_calls.PASSWORD)
    assert _claims(tokens).keys().isdisjoint({"aud", "realm_access", "resource_access"})
    assert demo.refusal("gateway-check", username="otto", password="wrong") == "Invalid user credentials"


def test_one_time_code_is_checked_without_a_password(demo: _Demo) -> None:
    assert demo.refusal("gateway-check-otp", username="otto", password=first_calls.PASSWORD)
    assert demo.refusal("gateway-check-otp", username="otto", totp="000000")
    assert demo.token("gateway-check-otp", username="otto", totp=_code(b"demo-otp-secret-20ch")).status_code == 200


@pytest.mark.parametrize("client", ["gateway-check", "gateway-check-otp"])
def test_checking_clients_give_no_offline_tokens(demo: _Demo, client: str) -> None:
    form = {"username": "alice", "password": first_calls.PASSWORD, "scope": "offline_access"}
    assert demo.refusal(client, **form).startswith("Invalid scopes")


def test_service_account_has_the_documented_roles_and_no_others(demo: _Demo) -> None:
    claims = _claims(demo.token("gateway-admin", grant_type="client_credentials"))
    roles = {"manage-users", "manage-organizations", "view-realm", "view-identity-providers", "view-clients"}
    contained = {"query-clients"}
    assert set(claims["resource_access"]["realm-management"]["roles"]) == roles | contained
    assert claims["resource_access"].keys() == {"realm-management"}
    assert "realm_access" not in claims


def test_alice_is_an_administrator_of_acme_and_bob_is_not(admin: Admin) -> None:
    (acme,) = admin.get("/demo/organizations?search=acme&exact=true")
    (group,) = admin.get(f"/demo/organizations/{acme['id']}/groups")
    members = {member["username"] for member in admin.get(f"/demo/organizations/{acme['id']}/members")}
    admins = [
        member["username"] for member in admin.get(f"/demo/organizations/{acme['id']}/groups/{group['id']}/members")
    ]
    assert members == {"alice", "bob", "carol"}
    assert admins == ["alice"]


def test_browsers_come_back_to_the_gateway_only_and_say_who_vouched(admin: Admin, stack: Stack) -> None:
    public_url = stack.gateway.get("GATEWAY_SERVER__PUBLIC_URL", "http://127.0.0.1:8000")
    (found,) = admin.get("/demo/clients?clientId=gateway")
    assert found["redirectUris"] == [f"{public_url}/saml/signIn/callback"]
    told = {each["config"].get("user.session.note"): each["config"] for each in found["protocolMappers"]}
    mapper = told["identity_provider"]
    assert (mapper["claim.name"], mapper["id.token.claim"]) == ("identity_provider", "true")
    assert mapper["access.token.claim"] == "false"


def test_ended_sessions_are_told_to_where_the_gateway_is(admin: Admin, stack: Stack) -> None:
    public_url = stack.gateway.get("GATEWAY_SERVER__PUBLIC_URL", "http://127.0.0.1:8000")
    for client in ("gateway", "gateway-verified"):
        (found,) = admin.get(f"/demo/clients?clientId={client}")
        assert found["attributes"]["backchannel.logout.url"] == f"{public_url}/backchannel-logout"
