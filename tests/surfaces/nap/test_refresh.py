"""Exchange a refresh token, which works once (contract section 4.5, security S23)."""

import time
from collections.abc import Iterator

import pytest

from tests.servers.gateway import ServedGateway, served_gateway
from tests.servers.people import Person, PersonMaker
from tests.surfaces.conftest import Apart
from tests.surfaces.foreign_realm import ForeignRealm
from tests.surfaces.logged import awaited
from tests.surfaces.nap.client import Nap, flow_id, refusal, tokens, unwrapped, wrapped
from tests.surfaces.nap.people import Members
from tests.surfaces.parallel import at_once
from tests.surfaces.toan.tampering import tampered
from tests.surfaces.witness import Witness, claims

_GRACE = 2.0


@pytest.fixture(scope="module")
def brief_gateway(nap_apart: Apart) -> Iterator[ServedGateway]:
    """A gateway that answers the same again for a short time only."""
    with served_gateway(nap_apart(NAP__REFRESH_GRACE=str(_GRACE))) as served:
        yield served


@pytest.fixture(scope="module")
def brief(brief_gateway: ServedGateway) -> Iterator[Nap]:
    """The document's own client there."""
    with brief_gateway.client() as client:
        yield Nap(client)


def test_both_tokens_are_new_and_the_session_is_the_same(nap: Nap, person: Person, witness: Witness) -> None:
    before = nap.signed_in(person.email, person.password)
    answer = nap.refresh(before["refresh_token"])
    after = tokens(answer)
    assert answer.json().keys() == {"tokens"}
    assert after["session_id"] == before["session_id"]
    assert {before["session_token"], before["refresh_token"]}.isdisjoint(after.values())
    assert witness.sessions(person.id) == {before["session_id"]}
    assert claims(unwrapped(after["session_token"]))["sub"] == person.id


def test_the_organization_stays_the_same(tenants: Nap, members: Members) -> None:
    member = members(2)
    chosen = member.organizations[1]
    told = tokens(tenants.complete(flow_id(tenants.login(*member.credentials)), orgId=chosen.id))
    for _ in range(2):
        told = tokens(tenants.refresh(told["refresh_token"]))
        assert claims(unwrapped(told["session_token"]))["organization"] == [chosen.alias]


def test_who_has_left_the_organization_is_refused(tenants: Nap, members: Members, witness: Witness) -> None:
    member = members(1)
    told = tokens(tenants.login(*member.credentials))
    witness.leave(member.person.id, member.organizations[0].id)
    refusal(tenants.refresh(told["refresh_token"]), 401)


def test_an_organization_that_was_switched_off_is_refused(tenants: Nap, members: Members, witness: Witness) -> None:
    member = members(1)
    told = tokens(tenants.login(*member.credentials))
    witness.disable_organization(member.organizations[0].id)
    refusal(tenants.refresh(told["refresh_token"]), 401)


def test_a_long_chain_goes_on(nap: Nap, person: Person) -> None:
    told = nap.signed_in(person.email, person.password)
    for _ in range(10):
        told = tokens(nap.refresh(told["refresh_token"]))


def test_a_repetition_within_a_moment_gets_the_same_answer(nap: Nap, person: Person) -> None:
    before = nap.signed_in(person.email, person.password)["refresh_token"]
    answers = [nap.refresh(before) for _ in range(4)]
    assert len({each.content for each in answers}) == 1
    tokens(nap.refresh(tokens(answers[0])["refresh_token"]))


def test_thirty_refreshes_at_once_get_one_new_token_and_the_session_lives(
    nap: Nap, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    before = nap.signed_in(person.email, person.password)
    answers = at_once([lambda: nap.refresh(before["refresh_token"])] * 30)
    assert {each.status_code for each in answers} == {200}
    assert len({each.content for each in answers}) == 1
    after = tokens(nap.refresh(tokens(answers[0])["refresh_token"]))
    assert witness.sessions(person.id) == {before["session_id"]} == {after["session_id"]}


def test_a_reuse_later_ends_the_session(
    brief: Nap, brief_gateway: ServedGateway, make_person: PersonMaker, witness: Witness
) -> None:
    person = make_person()
    before = brief.signed_in(person.email, person.password)
    other = brief.signed_in(person.email, person.password)
    newest = tokens(brief.refresh(before["refresh_token"]))
    time.sleep(_GRACE + 0.5)
    refusal(brief.refresh(before["refresh_token"]), 401)
    refusal(brief.refresh(newest["refresh_token"]), 401)
    assert witness.sessions(person.id) == {other["session_id"]}
    assert not witness.refreshes(unwrapped(newest["refresh_token"]))
    tokens(brief.refresh(other["refresh_token"]))
    (told,) = [each for each in awaited(brief_gateway, "refresh", person.id) if each["reason"] == "reused"]
    assert told["outcome"] == "refused"


def test_an_access_token_is_refused_after_a_reuse(brief: Nap, make_person: PersonMaker) -> None:
    person = make_person()
    before = brief.signed_in(person.email, person.password)
    newest = tokens(brief.refresh(before["refresh_token"]))
    time.sleep(_GRACE + 0.5)
    refusal(brief.refresh(before["refresh_token"]), 401)
    bearer = {"authorization": f"Bearer {unwrapped(newest['session_token'])}"}
    assert brief.http.post("/userAccount/logout/manual", headers=bearer).status_code == 401


def test_reuses_at_once_end_the_session_without_a_fault(brief: Nap, make_person: PersonMaker) -> None:
    person = make_person()
    before = brief.signed_in(person.email, person.password)["refresh_token"]
    tokens(brief.refresh(before))
    time.sleep(_GRACE + 0.5)
    answers = at_once([lambda: brief.refresh(before)] * 8)
    assert {each.status_code for each in answers} == {401}


def test_after_a_logout_a_repetition_is_refused_too(nap: Nap, person: Person) -> None:
    before = nap.signed_in(person.email, person.password)
    after = tokens(nap.refresh(before["refresh_token"]))
    assert nap.logout(after["session_token"]).status_code == 200
    for token in (before, after):
        refusal(nap.refresh(token["refresh_token"]), 401)


def test_a_used_token_is_refused_by_the_other_surfaces(nap: Nap, person: Person, witness: Witness) -> None:
    before = nap.signed_in(person.email, person.password)
    tokens(nap.refresh(before["refresh_token"]))
    assert _refreshed_elsewhere(nap, before["refresh_token"]) == [401, 401]
    assert witness.sessions(person.id) == {before["session_id"]}


def test_a_token_of_nap_s_is_refused_by_the_other_surfaces_before_its_use_too(
    nap: Nap, tenants: Nap, members: Members, witness: Witness
) -> None:
    member = members(2)
    signed_in = nap.signed_in(*member.credentials)
    completed = tokens(tenants.complete(flow_id(tenants.login(*member.credentials)), orgId=member.organizations[0].id))
    refreshed = tokens(nap.refresh(nap.signed_in(*member.credentials)["refresh_token"]))
    for client, held in ((nap, signed_in), (tenants, completed), (nap, refreshed)):
        assert _refreshed_elsewhere(client, held["refresh_token"]) == [401, 401]
        tokens(client.refresh(held["refresh_token"]))
    assert witness.sessions(member.person.id) == {each["session_id"] for each in (signed_in, completed, refreshed)}


def test_a_new_token_of_another_surface_s_session_is_refused_there_too(nap: Nap, person: Person) -> None:
    login = {"user": person.username, "password": person.password}
    told = nap.http.post("/api/iam/login", json=login).json()
    sent = {"refresh_token": told["refresh_token"]}
    held = [wrapped(nap.http.post("/api/iam/refresh", json=sent).json()["refresh_token"]) for _ in range(2)]
    after = tokens(nap.refresh(held[0]))["refresh_token"]
    assert _refreshed_elsewhere(nap, after) == _refreshed_elsewhere(nap, held[0]) == [401, 401]
    assert _refreshed_elsewhere(nap, held[1]) == [200, 200]


def test_tokens_of_the_other_surfaces_are_taken(nap: Nap, person: Person) -> None:
    login = {"user": person.username, "password": person.password}
    told = nap.http.post("/api/iam/login", json=login).json()
    after = tokens(nap.refresh(wrapped(told["refresh_token"])))
    assert after["session_id"] == told["session_state"]


@pytest.mark.parametrize("blank", [None, ""])
def test_no_token_at_all_is_a_bad_request(nap: Nap, blank: str | None) -> None:
    refusal(nap.refresh(blank), 400)


@pytest.mark.parametrize("garbage", ["garbage", ".", "a.b.c", "é", "x" * 16000, wrapped("a.b.c"), wrapped("x" * 9000)])
def test_garbage_is_refused(nap: Nap, garbage: str) -> None:
    refusal(nap.refresh(garbage), 401)


def test_a_token_that_is_not_wrapped_is_refused_and_goes_on(nap: Nap, person: Person) -> None:
    told = nap.signed_in(person.email, person.password)
    refusal(nap.refresh(unwrapped(told["refresh_token"])), 401)
    refusal(nap.refresh(f"{told['refresh_token']}="), 401)
    tokens(nap.refresh(told["refresh_token"]))


def test_a_session_token_is_refused(nap: Nap, person: Person) -> None:
    refusal(nap.refresh(nap.signed_in(person.email, person.password)["session_token"]), 401)


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_tampered_token_is_refused_and_the_genuine_one_goes_on(nap: Nap, person: Person, part: int) -> None:
    genuine = nap.signed_in(person.email, person.password)["refresh_token"]
    refusal(nap.refresh(wrapped(tampered(unwrapped(genuine), part))), 401)
    tokens(nap.refresh(genuine))


def test_a_token_of_another_client_or_realm_is_refused(
    nap: Nap, person: Person, witness: Witness, foreign_realm: ForeignRealm
) -> None:
    check = witness.tokens("gateway-check", grant_type="password", username=person.username, password=person.password)
    for token in (check["refresh_token"], foreign_realm.tokens()["refresh_token"]):
        refusal(nap.refresh(wrapped(token)), 401)


def test_an_expired_token_is_refused(nap: Nap, person: Person, witness: Witness) -> None:
    with witness.client_with("gateway", client__session__idle__timeout="1", client__session__max__lifespan="1"):
        told = nap.signed_in(person.email, person.password)["refresh_token"]
    life = claims(unwrapped(told))
    time.sleep(life["exp"] - life["iat"] + 1)
    refusal(nap.refresh(told), 401)


def test_a_token_whose_session_or_person_is_gone_is_refused(
    nap: Nap, make_person: PersonMaker, witness: Witness
) -> None:
    ended, disabled, deleted = (make_person() for _ in range(3))
    held = {each.id: nap.signed_in(each.email, each.password) for each in (ended, disabled, deleted)}
    witness.end_session(held[ended.id]["session_id"])
    witness.admin.disable_user(disabled.id)
    witness.admin.delete_user(deleted.id)
    for told in held.values():
        refusal(nap.refresh(told["refresh_token"]), 401)


def _refreshed_elsewhere(nap: Nap, refresh_token: str) -> list[int]:
    """Try a token at the two other surfaces that refresh."""
    held = unwrapped(refresh_token)
    bearer = {"authorization": f"Bearer {held}"}
    answers = [
        nap.http.post("/api/iam/refresh", json={"refresh_token": held}),
        nap.http.post("/userAccount/refresh/token", headers=bearer),
    ]
    return [each.status_code for each in answers]
