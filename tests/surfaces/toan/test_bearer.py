"""Whose bearer tokens the protected operations take (contract section 3.5)."""

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tests.surfaces.foreign_realm import ForeignRealm
from tests.surfaces.toan.answers import problems, refusal, require_done
from tests.surfaces.toan.client import CHANGE, NOBODY, Toan, admin_path
from tests.surfaces.toan.forging import FORGERIES
from tests.surfaces.toan.people import Member, Members, require_unchanged
from tests.surfaces.witness import Witness, claims

_NEW = "N3w!password"

Call = Callable[[Toan, Member], httpx.Response]

# Both would be allowed with the genuine token, so that only the bearer can be what is refused.
CALLS: dict[str, Call] = {
    "change": lambda toan, member: toan.change(member.person.password, _NEW, org=member.org.alias),
    "admin": lambda toan, member: toan.change_of_user(member.colleague.id, _NEW, org=member.org.alias),
}


@pytest.fixture(params=CALLS)
def call(request: pytest.FixtureRequest) -> Call:
    """Make one of the two protected calls."""
    return CALLS[request.param]


@pytest.fixture
def tokens(administrator: Member, witness: Witness) -> dict[str, Any]:
    """The tokens the administrator holds, with an ID token."""
    return _tokens_of(administrator, witness)


@pytest.fixture(scope="module")
def steady_tokens(steady: Member, witness: Witness) -> dict[str, Any]:
    """Tokens that stay good, for tests in which something else is not."""
    return _tokens_of(steady, witness)


def _tokens_of(member: Member, witness: Witness) -> dict[str, Any]:
    credentials = {"username": member.person.username, "password": member.person.password}
    return witness.tokens("gateway", grant_type="password", scope="openid", **credentials)


def _require_refused(answer: httpx.Response) -> None:
    assert refusal(answer, 401) == "Not authenticated"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "bEaReR"])
def test_scheme_is_taken_in_any_case(
    toan: Toan, administrator: Member, tokens: dict[str, Any], call: Call, scheme: str
) -> None:
    require_done(call(toan.bearing(f"{scheme} {tokens['access_token']}"), administrator))


def test_token_of_a_refresh_is_taken(toan: Toan, administrator: Member, tokens: dict[str, Any], call: Call) -> None:
    renewed = toan.refresh(tokens["refresh_token"]).json()["access_token"]
    require_done(call(toan.bearing(renewed), administrator))


def test_token_from_before_a_refresh_is_taken(
    toan: Toan, administrator: Member, tokens: dict[str, Any], call: Call
) -> None:
    toan.refresh(tokens["refresh_token"])
    require_done(call(toan.bearing(tokens["access_token"]), administrator))


def test_token_of_an_offline_session_is_taken(toan: Toan, administrator: Member, call: Call) -> None:
    person = administrator.person
    remembered = toan.sign_in(person.username, person.password, remember_me=True)
    require_done(call(toan.bearing(remembered.access_token), administrator))


def test_token_of_a_person_the_gateway_verified_itself_is_taken(
    toan: Toan, administrator: Member, witness: Witness, call: Call
) -> None:
    token = witness.verified(administrator.person.username)["access_token"]
    require_done(call(toan.bearing(token), administrator))


@pytest.mark.parametrize("forgery", FORGERIES)
def test_forged_token_is_refused(
    toan: Toan, steady: Member, steady_tokens: dict[str, Any], call: Call, forgery: str, witness: Witness
) -> None:
    _require_refused(call(toan.bearing(FORGERIES[forgery](steady_tokens)), steady))
    require_unchanged(witness, steady.person, steady.colleague)


@pytest.mark.parametrize("sent", [None, "", "Bearer", "Basic dTpw", "Token x", "Bearer\tx", "DPoP x"])
def test_header_without_a_bearer_is_refused(toan: Toan, steady: Member, call: Call, sent: str | None) -> None:
    _require_refused(call(toan if sent is None else toan.sending(authorization=sent), steady))


def test_good_token_under_another_scheme_is_refused(
    toan: Toan, steady: Member, steady_tokens: dict[str, Any], call: Call
) -> None:
    for scheme in ("Basic", "DPoP", "Token"):
        _require_refused(call(toan.sending(authorization=f"{scheme} {steady_tokens['access_token']}"), steady))


def test_good_token_without_a_scheme_is_refused(
    toan: Toan, steady: Member, steady_tokens: dict[str, Any], call: Call
) -> None:
    _require_refused(call(toan.sending(authorization=steady_tokens["access_token"]), steady))


def test_good_token_sent_twice_is_refused(toan: Toan, steady: Member, steady_tokens: dict[str, Any]) -> None:
    authorization = ("authorization", f"Bearer {steady_tokens['access_token']}")
    headers = [("content-type", "application/json"), ("x-org", steady.org.alias), authorization]
    body = b'{"current_password":"a","new_password":"b"}'
    _require_refused(toan.http.post(CHANGE, content=body, headers=[*headers, authorization]))


def test_good_token_in_query_or_body_is_refused(toan: Toan, steady: Member, steady_tokens: dict[str, Any]) -> None:
    token = steady_tokens["access_token"]
    body = {"current_password": steady.person.password, "new_password": _NEW, "access_token": token}
    _require_refused(toan.post(f"{CHANGE}?access_token={token}", body, {"x-org": steady.org.alias}))


def test_token_of_another_realm_is_refused(toan: Toan, steady: Member, foreign_realm: ForeignRealm, call: Call) -> None:
    _require_refused(call(toan.bearing(foreign_realm.tokens()["access_token"]), steady))


@pytest.mark.parametrize("audience", [True, False])
def test_token_of_another_client_is_refused(
    toan: Toan, steady: Member, witness: Witness, call: Call, *, audience: bool
) -> None:
    person = steady.person
    with witness.other_client(audience=audience) as client:
        form = {"grant_type": "password", "username": person.username, "password": person.password}
        token = client.tokens("other", **form)["access_token"]
        assert ("gateway" in claims(token)["aud"]) == audience
        _require_refused(call(toan.bearing(token), steady))


def test_token_of_a_service_account_is_refused(toan: Toan, steady: Member, witness: Witness, call: Call) -> None:
    token = witness.tokens("gateway-admin", grant_type="client_credentials")["access_token"]
    _require_refused(call(toan.bearing(token), steady))


def test_expired_token_is_refused(toan: Toan, steady: Member, witness: Witness) -> None:
    with witness.client_with("gateway", access__token__lifespan="1"):
        token = toan.sign_in(steady.person.username, steady.person.password).access_token
    # Both count in whole seconds, and a token is good in the very second of its end.
    time.sleep(claims(token)["exp"] - claims(token)["iat"] + 1.1)
    for call in CALLS.values():
        _require_refused(call(toan.bearing(token), steady))


def test_token_of_a_session_signed_out_is_refused(
    toan: Toan, administrator: Member, tokens: dict[str, Any], call: Call
) -> None:
    require_done(toan.logout(tokens["refresh_token"]))
    _require_refused(call(toan.bearing(tokens["access_token"]), administrator))


def test_token_of_a_session_ended_in_keycloak_is_refused(
    toan: Toan, administrator: Member, tokens: dict[str, Any], witness: Witness, call: Call
) -> None:
    witness.end_session(tokens["session_state"])
    _require_refused(call(toan.bearing(tokens["access_token"]), administrator))


def test_token_of_a_person_disabled_meanwhile_is_refused(
    toan: Toan, administrator: Member, tokens: dict[str, Any], witness: Witness, call: Call
) -> None:
    witness.admin.disable_user(administrator.person.id)
    _require_refused(call(toan.bearing(tokens["access_token"]), administrator))


def test_token_of_a_person_deleted_meanwhile_is_refused(
    toan: Toan, administrator: Member, tokens: dict[str, Any], witness: Witness, call: Call
) -> None:
    witness.admin.delete_user(administrator.person.id)
    _require_refused(call(toan.bearing(tokens["access_token"]), administrator))


@pytest.mark.parametrize("path", [CHANGE, admin_path(NOBODY)])
def test_bearer_comes_before_parameters(toan: Toan, path: str) -> None:
    _require_refused(toan.bearing("garbage").post(path, {}))


@pytest.mark.parametrize("path", [CHANGE, admin_path(NOBODY)])
def test_size_comes_before_the_bearer(toan: Toan, path: str) -> None:
    refusal(toan.bearing("garbage").post(path, {"new_password": "x" * 70000}), 413)


def test_parameters_come_before_rights(members: Members) -> None:
    member, stranger = members.plain(), members.plain()
    assert problems(member.toan.change_of_user(stranger.person.id, _NEW, org=None))


def test_rights_come_before_the_target(members: Members) -> None:
    member = members.plain()
    refusal(member.toan.change_of_user(NOBODY, _NEW, org=member.org.alias), 403)


def test_target_comes_before_password_rules(administrator: Member) -> None:
    refusal(administrator.toan.change_of_user(NOBODY, "weak", org=administrator.org.alias), 404)
