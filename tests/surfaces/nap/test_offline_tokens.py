"""Offline tokens, which another surface gives, are exchanged once as well (contract section 4.5, security S23)."""

import time
from collections.abc import Iterator, Mapping

import pytest
import redis

from gateway.state.keys import Keys
from tests.servers.gateway import served_gateway
from tests.servers.people import Person
from tests.surfaces.conftest import Apart
from tests.surfaces.nap.client import Nap, refusal, tokens, unwrapped, wrapped
from tests.surfaces.witness import Witness, claims

_GRACE = 2.0
_YEAR = 365 * 24 * 3600


@pytest.fixture(scope="module")
def variables(nap_apart: Apart) -> dict[str, str]:
    """The variables of a gateway that answers the same again for a short time only."""
    return nap_apart(NAP__REFRESH_GRACE=str(_GRACE))


@pytest.fixture(scope="module")
def brief(variables: Mapping[str, str]) -> Iterator[Nap]:
    """The document's own client there."""
    with served_gateway(variables) as served, served.client() as client:
        yield Nap(client)


def _offline(nap: Nap, person: Person) -> str:
    """Sign in for long at another surface; return the refresh token."""
    login = {"user": person.username, "password": person.password, "remember_me": True}
    return str(nap.http.post("/api/iam/login", json=login).json()["refresh_token"])


@pytest.mark.parametrize("has_expiry", [True, False])
def test_an_offline_token_gives_another_and_its_expiry_if_it_has_one(
    brief: Nap, person: Person, witness: Witness, *, has_expiry: bool
) -> None:
    with witness.realm_with(offlineSessionMaxLifespanEnabled=has_expiry):
        after = tokens(brief.refresh(wrapped(_offline(brief, person))))
    says = claims(unwrapped(after["refresh_token"]))
    assert says["typ"] == "Offline"
    assert ("refresh_token_expiry" in after) == ("exp" in says) == has_expiry


@pytest.mark.parametrize("has_expiry", [True, False])
def test_an_offline_token_that_comes_again_later_ends_its_session(
    brief: Nap, variables: Mapping[str, str], person: Person, witness: Witness, store: redis.Redis, *, has_expiry: bool
) -> None:
    with witness.realm_with(offlineSessionMaxLifespanEnabled=has_expiry):
        before = _offline(brief, person)
        newest = unwrapped(tokens(brief.refresh(wrapped(before)))["refresh_token"])
    says, marks = (
        claims(before),
        [Keys(variables["GATEWAY_REDIS__PREFIX"]).spent_token(each)[1] for each in (before, newest)],
    )
    life = says["exp"] - says["iat"] + 60 if has_expiry else _YEAR
    for mark in marks:
        assert int(store.pttl(mark)) / 1000 == pytest.approx(life, abs=30)
    assert witness.offline_sessions(person.id) == {says["sid"]}
    time.sleep(_GRACE + 0.5)
    for token in (before, newest):
        refusal(brief.refresh(wrapped(token)), 401)
    assert witness.offline_sessions(person.id) == set()
    assert not witness.refreshes(newest)
