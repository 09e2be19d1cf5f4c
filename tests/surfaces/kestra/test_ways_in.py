"""Which ways to sign in are told (contract section 1.1)."""

import secrets
from collections.abc import Iterator

import pytest

from tests.conftest import Stack
from tests.servers.gateway import served_gateway
from tests.servers.people import OrganizationMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.kestra.client import Kestra
from tests.surfaces.outages import recovered, wired_gateway
from tests.surfaces.witness import Witness


@pytest.fixture
def providers(witness: Witness, make_organization: OrganizationMaker) -> Iterator[list[str]]:
    """Two providers that everybody is shown, out of order, beside one for each reason not to show it."""
    mark = secrets.token_hex(3)
    shown = [f"z-{mark}", f"a-{mark}"]
    hidden: dict[str, dict[str, object]] = {
        f"off-{mark}": {"enabled": False},
        f"hidden-{mark}": {"hideOnLogin": True},
        f"linking-{mark}": {"linkOnly": True},
        f"of-organization-{mark}": {},
    }
    for alias in [*shown, *hidden]:
        made = {"alias": alias, "providerId": "google", "enabled": True, "config": {"clientId": "x"}}
        witness.admin.create_idp({**made, **hidden.get(alias, {})})
    path = f"admin/realms/{witness.realm}/organizations/{make_organization().id}/identity-providers"
    assert witness.admin.connection.raw_post(path, data=f'"of-organization-{mark}"').status_code == 204
    yield sorted(shown)
    for alias in [*shown, *hidden]:
        witness.admin.delete_idp(alias)


def test_exactly_four_members_are_told_with_the_providers_in_order(
    kestra_apart: Apart, providers: list[str], witness: Witness
) -> None:
    with served_gateway(kestra_apart()) as served, served.client() as client:
        answer = Kestra(client).auths()
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    body = answer.json()
    assert body == {"loginPassword": True, "mailsEnabled": True, "passwordless": True, "oauths": body["oauths"]}
    ours = {each["alias"] for each in witness.admin.get_idps()} & set(body["oauths"])
    assert [alias for alias in body["oauths"] if alias[-6:] == providers[0][-6:]] == providers
    assert ours == set(body["oauths"])
    assert body["oauths"] == sorted(body["oauths"])


def test_without_mails_there_are_no_codes(apart: Apart) -> None:
    with served_gateway(apart(KESTRA__PASSWORDLESS="true")) as served, served.client() as client:
        told = Kestra(client).auths().json()
    assert (told["mailsEnabled"], told["passwordless"]) == (False, False)
    assert isinstance(told["oauths"], list)


def test_codes_are_off_unless_they_are_switched_on(kestra_apart: Apart) -> None:
    with served_gateway(kestra_apart(KESTRA__PASSWORDLESS="false")) as served, served.client() as client:
        told = Kestra(client).auths().json()
    assert (told["mailsEnabled"], told["passwordless"]) == (True, False)


@pytest.mark.parametrize(
    ("steps", "is_on"), [('[["otp"]]', False), ('[["otp"],["password"]]', False), ('[["otp","password"]]', True)]
)
def test_passwords_are_a_way_in_if_they_belong_to_the_first_step(
    kestra_apart: Apart, steps: str, *, is_on: bool
) -> None:
    with served_gateway(kestra_apart(SIGN_IN__STEPS=steps)) as served, served.client() as client:
        assert Kestra(client).auths().json()["loginPassword"] is is_on


def test_a_query_and_an_authorization_change_nothing(kestra: Kestra) -> None:
    plain = kestra.auths().json()
    assert kestra.http.get("/api/v1/auths?x=y", headers={"authorization": "Bearer x"}).json() == plain


def test_known_providers_outlive_a_short_outage_and_unknown_ones_are_a_503(kestra_apart: Apart, stack: Stack) -> None:
    with wired_gateway(kestra_apart, stack, Kestra) as wired:
        with wired.keycloak.cut():
            assert wired.client.auths().status_code == 503
        assert recovered(wired.client.auths).status_code == 200
        with wired.keycloak.cut():
            assert wired.client.auths().status_code == 200
        with wired.redis.cut():
            assert wired.client.auths().status_code == 200
